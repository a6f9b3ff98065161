/** The process of one part on one runtime: `<part> <runtime> <ms> <seed> [only] [path]`. */

import process from "node:process";
import { type Budget, marker, type Message, type Part, type TortureRuntime } from "./_part.ts";

const [name = "", runtime = "node", ms = "0", seed = "0", only = "", path = ""] = process.argv.slice(2);

const budget: Budget = {
  // The harness writes the arguments.
  runtime: runtime as TortureRuntime,
  ms: Number(ms),
  seed: Number(seed),
  only: only === "" ? undefined : only,
  path: path === "" ? undefined : path,
  report: (figure) => tell({ kind: "figure", figure }),
  fail: (what, replay = {}) => tell({ kind: "failure", what, replay }),
};

process.on("unhandledRejection", (cause) => budget.fail(`unhandled rejection: ${inWords(cause)}`));
process.on("uncaughtException", (cause) => budget.fail(`uncaught error: ${inWords(cause)}`));

try {
  // A file of this folder, by the harness's own list.
  const { part } = await import(`./${name}.ts`) as { readonly part: Part };
  await part.run(budget);
  // Rejections are reported one turn after nobody took them.
  await new Promise((resolve) => setTimeout(resolve, 50));
  tell({ kind: "done" });
} catch (cause) {
  budget.fail(`the part threw: ${inWords(cause)}`);
}
// What a part left open shall not keep the process: that is what the parts look at themselves.
process.exit(0);

function tell(message: Message): void {
  console.log(marker + JSON.stringify(message));
}

function inWords(cause: unknown): string {
  return cause instanceof Error ? cause.stack ?? cause.message : String(cause);
}
