/** A page arrives as the application made it: with a gate that sets a cookie, and over raw sockets. */

import assert from "node:assert/strict";
import { comparable, exchange, parse, type Wire } from "./_wire.ts";
import { type Check, unique, type World } from "./_world.ts";

/** What the gate of this name adds. */
const ours = /^(?:set-cookie: stamp=|x-gate: yes$|vary: x-stamp$|cache-control: private$)/;

async function seen(world: World, gate: string, method: string, kind: string): Promise<Wire> {
  return comparable(parse(await exchange(world.port, [{ method, path: `/${gate}/bodies/${kind}` }])));
}

/** The kinds of bodies; `only` are those of some platforms. */
const kinds: readonly (readonly [kind: string, only?: readonly World["runtime"][]])[] = [
  ...[
    "text",
    "empty-text",
    "typed-text",
    "long-text",
    "nothing",
    "shared-404",
    "no-content",
    "not-modified",
    "json",
    "blob",
    "untyped-blob",
    "bytes",
    "typed-bytes",
    "buffer",
    "pairs",
    "form",
    "redirect",
    "static-redirect",
    "own-length",
    "own-cookies",
    "stream",
    "untyped-stream",
    "empty-stream",
    "events",
    "partial",
    "compressed",
    "compressed-by-hand",
    "fetched",
    "fetched-compressed",
    "fetched-brotli",
    "fetched-chunked",
    "fetched-not-modified",
    "fetched-missing",
    "fetched-head",
    "fetched-anew",
  ].map((kind) => [kind] as const),
  ["fetched-data", ["node", "deno", "bun"]],
  ["file", ["node", "deno", "bun"]],
  ["file-slice", ["node", "bun"]],
];

const runtimes: readonly World["runtime"][] = ["node", "deno", "bun", "workerd"];

/** All checks. */
export const bytes: readonly Check[] = [
  ...kinds.flatMap(([kind, only]) =>
    ["GET", "HEAD"].map((method): Check => ({
      name: `gate.wrap() changes nothing of an answer but its own headers: ${method}, ${kind}`,
      not: runtimes.filter((runtime) => only !== undefined && !only.includes(runtime)),
      async run(world) {
        const bare = await seen(world, "bare", method, kind);
        const gated = await seen(world, "stamped", method, kind);
        assert.ok(
          gated.headers.some((line) => line.startsWith("set-cookie: stamp=")),
          "the gate's cookie is there",
        );
        const theirs = gated.headers.filter((line) => !ours.test(line));
        // Bun tells HEAD the type of a blob only once somebody has looked at its headers.
        const isTold = world.runtime === "bun" && method === "HEAD" &&
          !bare.headers.some((line) => line.startsWith("content-type:"));
        const headers = isTold ? theirs.filter((line) => !line.startsWith("content-type:")) : theirs;
        assert.deepEqual({ ...gated, headers }, bare);
      },
    }))
  ),
  {
    name: "gate.wrap() keeps a connection in use behind every kind of body, where the server does",
    async run(world) {
      const answersOf = async (gate: string, method: string, kind: string) => {
        const targets = [{ method, path: `/${gate}/bodies/${kind}` }, { method: "GET", path: "/bare/page" }];
        return (await exchange(world.port, targets)).match(/HTTP\/1\.1 \d{3} /g);
      };
      for (const [kind, only] of kinds) {
        if (only !== undefined && !only.includes(world.runtime)) continue;
        for (const method of ["GET", "HEAD"]) {
          const bare = await answersOf("bare", method, kind);
          assert.deepEqual(await answersOf("stamped", method, kind), bare, `${method} ${kind}`);
        }
      }
    },
  },
  {
    name: "gate.wrap() gives one visitor's cookie to no other, whatever answers an application shares",
    async run(world) {
      for (const kind of ["nothing", "shared-404", "no-content"]) {
        const before = await seen(world, "bare", "GET", kind);
        const word = unique();
        for (let visit = 0; visit < 3; visit++) {
          const gated = await seen(world, "stamped", "GET", `${kind}?${word}-${visit}`);
          const stamps = gated.headers.filter((line) => line.startsWith("set-cookie:"));
          assert.equal(stamps.length, 1, kind);
        }
        assert.deepEqual(await seen(world, "bare", "GET", kind), before, kind);
      }
    },
  },
];
