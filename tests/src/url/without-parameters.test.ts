import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutParameters } from "../../../src/url/without-parameters.ts";

const site = "https://shop.example.com/tickets";

test("withoutParameters() leaves out parameters by their names, in any case and with escapes, and keeps every other byte", () => {
  const table: readonly [url: string, left: string][] = [
    ["", ""],
    ["?", "?"],
    ["?a=1", "?a=1"],
    ["?ch-id", ""],
    ["?ch-id=", ""],
    ["?ch-id=1&CH-ID=2&c%68%2Did=3", ""],
    ["?a=%2f&ch-id=1&b=+&", "?a=%2f&b=+&"],
    ["?ch-id=1&&a", "?&a"],
    ["?a=ch-id&xch-id=1&ch-id2=1&ch%252Did=1", "?a=ch-id&xch-id=1&ch-id2=1&ch%252Did=1"],
    ["?a?ch-id=1", "?a?ch-id=1"],
    ["?a=1?ch-id=1", "?a=1?ch-id=1"],
    ["?%zz=1&ch-id=%zz", "?%zz=1"],
    ["?ch-id=1#/cart?ch-id=2", "#/cart?ch-id=2"],
    ["#/cart?ch-id=2", "#/cart?ch-id=2"],
  ];
  for (const [url, left] of table) {
    assert.equal(withoutParameters(site + url, ["Ch-Id", "t"]), site + left);
    assert.equal(withoutParameters(site + url, []), site + url);
  }
});
