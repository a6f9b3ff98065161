import assert from "node:assert/strict";
import process from "node:process";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { readRawCookie } from "../../../src/http/cookies.ts";
import { createStoredToken } from "../../../plugins/crowdhandler/modes/stored-token.ts";
import { publicKey } from "./_helpers.ts";

const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);

/** How much is in use once nothing is left that could be freed, in bytes. */
function used(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  return process.memoryUsage().heapUsed;
}

describe("a stored session that is remembered", { skip: !isNode && "only Node tells what it uses" }, () => {
  test("keeps nothing of the header in which it came", () => {
    const { read } = createStoredToken({ publicKey, mode: "hybrid" });
    const filler = "a".repeat(30_000);
    const before = used();
    for (let at = 0; at < 4000; at++) {
      const said = `{"tokens":[{"token":"tok_${at}"}],"deployment":"${`${at}`.repeat(8)}"}`;
      const header = Buffer.from(`other=${at}${filler}; crowdhandler=${said}`).toString("latin1");
      const store = { read: (name: string) => readRawCookie(header, name), write() {}, remove() {} };
      assert.equal((read(store) as { token: string }).token, `tok_${at}`);
    }
    const grown = used() - before;
    // Two thousand headers would be sixty million.
    assert.ok(grown < 10_000_000, `${grown} bytes`);
    // Whoever remembers is still there.
    assert.equal(read({ read: () => undefined, write() {}, remove() {} }), undefined);
  });
});
