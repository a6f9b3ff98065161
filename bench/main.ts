/**
 * `npm run bench`: each benchmark on each runtime, in a process of its own.
 *
 * `npm run bench -- gate --only bun,deno` chooses.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { files, run, tools } from "../scripts/_tools.ts";

const runtimes = {
  node: [tools.node, []],
  deno: [tools.deno, ["run", "-A", "--no-check"]],
  bun: [tools.bun, ["run"]],
} as const;

const { values, positionals } = parseArgs({ options: { only: { type: "string" } }, allowPositionals: true });
const names = files("bench/*.ts").map((file) => file.replace(/^bench\/|\.ts$/g, "")).filter((name) =>
  name !== "main"
);
const wanted = positionals.length === 0 ? names : positionals;
for (const name of wanted) {
  if (names.includes(name)) continue;
  console.error(`There is no benchmark "${name}". The benchmarks are ${names.join(", ")}.`);
  process.exit(2);
}
for (const name of wanted) {
  for (const [runtime, [command, args]] of Object.entries(runtimes)) {
    if (values.only !== undefined && !values.only.split(",").includes(runtime)) continue;
    console.log(`\n== ${name} on ${runtime}`);
    const { code } = await run(command, [...args, `bench/${name}.ts`], true);
    if (code !== 0) process.exit(code);
  }
}
