import assert from "node:assert/strict";
import { test } from "node:test";
import { shorterPage } from "../../../src/url/shorter-page.ts";

const site = "https://shop.example.com/tickets";
const long = "x".repeat(3000);
const always = () => true;

test("shorterPage() leaves out the longest parameters until the address fits, and keeps the others in their order", () => {
  const table: readonly [url: string, isSame: ((url: string) => boolean) | undefined, shorter: string][] = [
    [`${site}?id=5`, always, `${site}?id=5`],
    [`${site}?id=5&state=${long}&page=2`, always, `${site}?id=5&page=2`],
    [`${site}?a=${long}&id=5&b=${long}y`, always, `${site}?id=5`],
    [`${site}?${long}`, always, site],
    // The room is known by what is long: the other one goes.
    [`${site}?a=${long}&b=${"y".repeat(200)}`, (url) => url.includes("a="), `${site}?a=${long}`],
    // No shorter address is good.
    [`${site}?a=${long}`, (url) => url.includes("a="), `${site}?a=${long}`],
    [`${site}/${long}`, always, `${site}/${long}`],
    [`${site}?${"a&".repeat(3000)}`, always, site],
    // Nobody knows the room, or it does not know the page.
    [`${site}?id=5&state=${long}`, undefined, `${site}?id=5`],
    [`${site}?id=5&state=${long}`, () => false, `${site}?id=5`],
    // A fragment is no parameter.
    [`${site}?id=5&state=${long}#/cart?a=b&c`, always, `${site}?id=5#/cart?a=b&c`],
    [`${site}#/cart?a=b&state=${long}`, always, `${site}#/cart?a=b&state=${long}`],
    [`${site}?id=5&a=\ud800&state=${long}`, always, `${site}?id=5&a=\ud800`],
  ];
  for (const [url, isSame, shorter] of table) assert.equal(shorterPage(url, 2560, isSame), shorter);
});

test("counts what some connectors encode and encodeURIComponent() does not", () => {
  const page = "https://shop.example/?a=1&filter=";
  assert.equal(shorterPage(page + "(".repeat(900), 2560, undefined), "https://shop.example/?a=1");
  assert.equal(shorterPage(page + "(".repeat(800), 2560, undefined), page + "(".repeat(800));
});

test("shorterPage() looks at no address one by one where so many parameters stay that none of them can fit", () => {
  let asked = 0;
  const counting = () => ++asked > 0;
  assert.equal(shorterPage(`${site}?${"&".repeat(12_000)}`, 2560, counting), site);
  assert.ok(asked < 4, `${asked} addresses`);
});
