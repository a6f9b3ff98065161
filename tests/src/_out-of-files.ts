/**
 * A gate in a process that may open few files, with a service that is known by its name: `<url of the service> <free>`. It asks
 * once, opens files until so many are free, asks again, closes them, and prints the reasons of the three decisions.
 */

import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { createGate, failOpen, type Provider } from "../../mod.ts";

interface DenoLike {
  readonly permissions: { querySync(what: object): { readonly state: string } };
  listen(where: object): { close(): void };
}

const deno = (globalThis as { readonly Deno?: DenoLike }).Deno;
const [url = "", free = "0"] = process.argv.slice(2);

const provider: Provider = {
  name: "provider",
  final: "decide",
  service: "the service",
  async decide(_ctx, calls) {
    await calls.run({
      what: "GET /door",
      timeoutMs: 5000,
      // A connection of its own each time: one that is kept alive needs no further file.
      make: (signal) =>
        fetch(url, { signal, headers: { connection: "close" } }).then((answer) => answer.text()),
    });
    return { action: "redirect", location: "https://wait.example/", reason: "provider/queued" };
  },
};
const reasons: string[] = [];
const gate = createGate({
  plugins: [
    failOpen(),
    { name: "told", settled: (_ctx, { decision }) => void reasons.push(decision.reason) },
    provider,
  ],
  onError() {},
});

async function visit(): Promise<void> {
  await gate(new Request("https://shop.example/"), () => new Response("page"));
}

await visit();
const files: (() => void)[] = [];
try {
  while (true) files.push(open());
} catch {
  for (let at = 0; at < Number(free); at++) files.pop()?.();
}
await visit();
for (const close of files) close();
await visit();
console.log(JSON.stringify(reasons));
process.exit(0);

/** Opens a file, or a port where Deno may do no more, and gives what closes it. */
function open(): () => void {
  if (deno?.permissions.querySync({ name: "read" }).state === "prompt") {
    const listener = deno.listen({ hostname: "127.0.0.1", port: 0 });
    return () => listener.close();
  }
  const file = openSync("/dev/null", "r");
  return () => closeSync(file);
}
