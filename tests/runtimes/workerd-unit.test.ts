/**
 * The unit tests of the library within workerd, Cloudflare's runtime: those files that open no port and read no file.
 * Each test is run by a request of its own.
 */

import assert from "node:assert/strict";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { build } from "esbuild";
import { root } from "./_process.ts";
import { startWorker } from "./_workerd.ts";

/** What workerd does not have, or what this machine would have to be asked for. */
const foreign =
  /^node:(?:fs|net|http|child_process|os|path|url|process|zlib|module)$|^(?:@hono\/node-server|ioredis|unstorage)/;
/** The modules of Node that assertions need, and Node's crypto for comparison; workerd has them. */
const granted = [
  "node:assert",
  "node:assert/strict",
  "node:util",
  "node:buffer",
  "node:crypto",
  "node:events",
  "node:stream",
  "node:async_hooks",
];

/** Tests of something that only another engine or server has, with the reason. */
const elsewhere: readonly (readonly [name: RegExp, why: string])[] = [
  [
    /^src\/http\/cookies\.test\.ts: readCookie\(\) takes time in proportion/,
    "its clock stands still while a program runs",
  ],
  [
    /in time in proportion to its length$|takes its time in proportion to/,
    "its clock stands still while a program runs",
  ],
  [
    /on this platform's loop/,
    "its clock stands still while a program runs",
  ],
  [
    /^plugins\/body-trigger\.test\.ts: bodyTrigger\(\) by method > .* says body-trigger\/unmatched of (?:DELETE|PUT|POST)$/,
    "a body can be read only within the request that made it, and these are made when the file is loaded",
  ],
  [/no header can carry|no response can carry/, "its headers carry any character but line breaks"],
  [
    /^plugins\/verified-crawlers\.test\.ts: .* > verifies an address once for all requests/,
    "no request waits there for what another one began",
  ],
  [
    /^src\/gate-sync\.test\.ts: gate\(\) makes no promise that only the engine sees/,
    "it watches Node's engine",
  ],
  [
    /^plugins\/waiting-room\/(?:newcomers\.test\.ts: .* (?:has their browsers earn a number|takes no challenge)|page\.test\.ts: .* computes in the browser|page-notes\.test\.ts: an open page >|lottery\/page\.test\.ts: the page of a lottery >|lottery\/room\.test\.ts: .* > who is registered looks again)/,
    "it makes no programs of texts, as browsers do of scripts",
  ],
];

/** The test files that can run there, by all that they import. */
async function runnable(): Promise<readonly string[]> {
  const files = globSync(["tests/src/**/*.test.ts", "tests/plugins/**/*.test.ts"], { cwd: root }).sort();
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    outdir: "out",
    packages: "external",
    external: ["node:*"],
    logLevel: "silent",
  });
  const needs = (file: string, seen: Set<string> = new Set()): boolean =>
    metafile.inputs[file]?.imports.some(({ path, external }) => {
      if (external === true) return foreign.test(path);
      if (seen.has(path)) return false;
      seen.add(path);
      return needs(path, seen);
    }) ?? false;
  return files.filter((file) => !needs(file));
}

const files = await runnable();
const folder = mkdtempSync(join(tmpdir(), "stanchion-unit-"));
const entry = join(folder, "worker.ts");
// The files are loaded by the first request: some make requests of their own, which is forbidden in global scope.
const loads = files.map((file) =>
  `mark(${JSON.stringify(file.slice(6))});\n    await import(${JSON.stringify(join(root, file))});`
);
writeFileSync(
  entry,
  `import { all, mark } from "node:test";

export default {
  async fetch(request) {
    const at = new URL(request.url).searchParams.get("test");
    if (at !== null) {
      try {
        await all()[Number(at)].run();
        return new Response("passed");
      } catch (error) {
        return new Response(String(error?.stack ?? error), { status: 500 });
      }
    }
    ${loads.join("\n    ")}
    return Response.json(all().map(({ name, skip }) => ({ name, skip })));
  },
};
`,
);
const { SEED } = process.env;
const worker = await startWorker({
  entry,
  bindings: SEED === undefined ? {} : { SEED },
  compatibilityDate: "2026-10-01",
  alias: { "node:test": "tests/runtimes/_collect.ts" },
  external: granted,
});
rmSync(folder, { recursive: true, force: true });
after(() => worker.stop());

const url = `http://127.0.0.1:${worker.port}/`;
const response = await fetch(url);
if (response.status !== 200) {
  throw new Error(`The tests did not load:\n${await response.text()}\n${worker.complaints()}`);
}
// The worker above writes it.
const tests = await response.json() as readonly { readonly name: string; readonly skip: boolean }[];

test("the unit tests load in workerd", () => {
  assert.ok(files.length > 20 && tests.length > 200, `${files.length} files, ${tests.length} tests`);
});

for (const [at, { name, skip }] of tests.entries()) {
  const why = elsewhere.find(([pattern]) => pattern.test(name))?.[1];
  test(`on workerd, ${name}`, { skip: why ?? skip }, async () => {
    const answer = await fetch(`${url}?test=${at}`);
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(text);
  });
}
