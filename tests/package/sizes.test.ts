import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const skip = "Deno" in globalThis || "Bun" in globalThis ? "esbuild runs on Node" : false;
const root = fileURLToPath(new URL("../..", import.meta.url));
// The manifest is ours; tests/package/manifests.test.ts checks its form.
const { exports } = JSON.parse(readFileSync(`${root}deno.json`, "utf8")) as {
  exports: Record<string, string>;
};

/** Upper bounds in bytes, minified and gzipped, with all packages that a module brings along. */
const bounds: Readonly<Record<string, number>> = {
  "./crowdhandler": 30_600,
  "./queue-it": 54_300,
  "./triggers": 22_000,
  "./hono": 12_000,
  // With what waits in the line of a room, and the check of routers.
  "./browser": 4000,
  "./decision-log": 8000,
  "./grace": 8_800,
  "./metrics": 4500,
  "./mode-switch": 4200,
  "./open-telemetry": 8000,
  // With what says which request is whose, for four frameworks, headers that are read where they stand, and answers that wait for their turn.
  "./node": 8400,
  "./operations": 12_900,
  "./storage-tokens": 8_000,
  // With the ranges of addresses.
  "./verified-crawlers": 8000,
  // With the rules of triggers, the machine, the tickets, the pages in seventeen languages, lotteries, what changes a room, and the library that
  // draws codes of links, and the room at an address of its own. Of that is loaded at first what is below.
  "./waiting-room": 132_200,
  // With the library of its charts, which it serves itself.
  "./waiting-room/board": 60_000,
  // With two lanes, as the machine has them.
  "./waiting-room/deno-kv": 15_700,
  "./waiting-room/durable-object": 12_900,
  "./waiting-room/redis": 21_500,
  "./waiting-room/testing": 14_100,
  "./waiting-room/webhooks": 9_400,
  // The sandbox is for development, never for an edge.
  "./sandbox": 80_000,
  ".": 46_800,
};

/** The same of what is loaded at first where a bundle is split: without the languages but English, and the pages that few visitors need. */
const firstBounds: Readonly<Record<string, readonly [contents: string, bound: number]>> = {
  "./waiting-room": ['export * from "./plugins/waiting-room/mod.ts";', 88_200],
  "the pipeline of the README": [
    'export { clientIp, createGate, failClosed, staticFiles } from "./mod.ts";' +
    'export { waitingRoom } from "./plugins/waiting-room/mod.ts";',
    115_500,
  ],
};

for (const [what, [contents, bound]] of Object.entries(firstBounds)) {
  test(`${what} takes at most ${bound} bytes at first, bundled and compressed`, { skip }, async () => {
    const { measure, measureFirst } = await import("../../scripts/_sizes.ts");
    const { gzipped } = await measureFirst(contents, root);
    assert.ok(gzipped > 100 && gzipped < bound, `${gzipped} bytes`);
    const whole = await measure(contents, root);
    assert.ok(whole.gzipped - gzipped > 40_000, "what is loaded later is not loaded at first");
  });
}

test("the documentation says how large a bundle of the gate and the room is", { skip }, async () => {
  const { measure, measureFirst } = await import("../../scripts/_sizes.ts");
  const [contents] = firstBounds["the pipeline of the README"] ?? assert.fail();
  const measured = [await measure(contents, root), await measureFirst(contents, root)];
  const text = readFileSync(`${root}docs/waiting-room.md`, "utf8");
  const [, whole, first] = /gate and the room is (\d+) kB[^]*? split, (\d+) kB of that/.exec(text) ?? [];
  for (const [at, said] of [whole, first].entries()) {
    const kB = (measured[at]?.gzipped ?? 0) / 1000;
    assert.ok(Math.abs(kB - Number(said)) < 0.03 * kB, `${said} kB, and it is ${kB}`);
  }
});

for (const [subpath, source] of Object.entries(exports)) {
  const bound = bounds[subpath] ?? 3500;
  test(`${subpath} takes at most ${bound} bytes, bundled and compressed`, { skip }, async () => {
    const { measure } = await import("../../scripts/_sizes.ts");
    const { gzipped } = await measure(`export * from "${source}";`, root);
    assert.ok(gzipped > 100 && gzipped < bound, `${gzipped} bytes`);
  });

  test(`importing ${subpath} for nothing leaves nothing in a bundle`, { skip }, async () => {
    const { measure } = await import("../../scripts/_sizes.ts");
    assert.equal((await measure(`import "${source}";`, root)).bytes, 0);
  });
}

test("a bundle takes from mod.ts only what it uses", { skip }, async () => {
  const { measure } = await import("../../scripts/_sizes.ts");
  const mod = "./mod.ts";
  const sources = {
    staticFiles: "./plugins/static-files.ts",
    clientIp: "./plugins/client-ip.ts",
    cookieTokens: "./plugins/cookie-tokens.ts",
    failOpen: "./plugins/failure-policy/mod.ts",
  };
  for (const [name, file] of Object.entries(sources)) {
    const all = await measure(`export { ${name} } from "${mod}";`, root);
    const one = await measure(`export { ${name} } from "${file}";`, root);
    assert.ok(all.gzipped <= one.gzipped + 50, `${name}: ${all.gzipped} and ${one.gzipped} bytes`);
  }
});
