import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rememberingUrls } from "../../../src/url/url-memo.ts";

/** Counts how often something is found out. */
function counting() {
  let calls = 0;
  const find = rememberingUrls((url) => {
    calls++;
    return { url };
  });
  return { find, calls: () => calls };
}

describe("what is remembered of URLs", () => {
  test("is found out no more for one that is asked for again and again", () => {
    const { find, calls } = counting();
    for (let at = 0; at < 1000; at++) assert.equal(find("https://shop.test/").url, "https://shop.test/");
    assert.ok(calls() <= 8, `${calls()} calls`);
    assert.equal(find("https://shop.test/"), find("https://shop.test/"));
  });

  test("is always that of the URL, however many there are", () => {
    const { find } = counting();
    for (let at = 0; at < 20_000; at++) {
      const url = `https://shop.test/${at * 7919 % 5000}`;
      assert.equal(find(url).url, url);
    }
  });

  test("is given up for URLs that are asked for once, and not for the others among them", () => {
    const { find, calls } = counting();
    const often = "https://shop.test/often";
    for (let at = 0; at < 100; at++) find(often);
    const before = calls();
    for (let at = 0; at < 8000; at++) {
      find(`https://shop.test/${at}`);
      find(often);
    }
    assert.equal(calls() - before, 8000);
  });

  test("is nothing of a long one", () => {
    const { find, calls } = counting();
    for (let at = 0; at < 100; at++) find(`https://shop.test/${"a".repeat(1024)}`);
    assert.equal(calls(), 100);
  });
});
