import assert from "node:assert/strict";
import { test } from "node:test";
import { createCurtain } from "../../cli/curtain.ts";

test("the curtain knows a secret as PHP, an error page and an address spell it", () => {
  const curtain = createCurtain();
  curtain.add('key/a&b "c" d/e');
  for (
    const text of ['key\\/a&b \\"c\\" d\\/e', "key/a&amp;b &quot;c&quot; d/e", "key/a&b%20%22c%22%20d/e"]
  ) assert.equal(curtain.hide(`It was ${text}.`), "It was [redacted].", text);
});
