import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createStoredToken } from "../../../plugins/crowdhandler/modes/stored-token.ts";
import { cookieDefaults } from "../../../src/cookie-options.ts";
import { cookieStore } from "../../../src/tokens/cookie-store.ts";
import { contextOf } from "../../support/context-of.ts";
import { heapGrowth, onlyOnNode } from "../../support/heap.ts";
import { publicKey } from "./_helpers.ts";

describe("a stored session that is remembered", { skip: onlyOnNode }, () => {
  test("keeps nothing of the header in which it came", async () => {
    const { read, others } = createStoredToken({ publicKey, mode: "hybrid" });
    const tokensOf = cookieStore(cookieDefaults);
    const filler = "a".repeat(30_000);
    const grown = await heapGrowth(4000, async (at) => {
      const said = `{"tokens":[{"token":"tok_${at}"}],"deployment":"${`${at}`.repeat(8)}"}`;
      const older = said.replace("tok_", "tok_old_");
      const header = Buffer.from(`other=${at}${filler}; crowdhandler=${older}; crowdhandler=${said}`)
        .toString("latin1");
      const tokens = tokensOf(contextOf(new Request("https://shop.test/", { headers: { cookie: header } })));
      const session = await read(tokens);
      assert.equal(session?.token, `tok_${at}`);
      assert.deepEqual(others(tokens, session).map(({ token }) => token), [`tok_old_${at}`]);
    });
    // Two thousand headers would be sixty million.
    assert.ok(grown < 10_000_000, `${grown} bytes`);
    // Whoever remembers is still there.
    assert.equal(read({ read: () => undefined, write() {}, remove() {} }), undefined);
  });
});
