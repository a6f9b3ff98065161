import assert from "node:assert/strict";
import { test } from "node:test";
import { originOf } from "../../../src/url/origin.ts";

test("originOf() gives what stands before the path", () => {
  const table: [url: string, origin: string][] = [
    ["https://a.example/b/c", "https://a.example"],
    ["https://a.example:8443/", "https://a.example:8443"],
    ["http://[::1]/a", "http://[::1]"],
    ["https://a.example", "https://a.example"],
  ];
  for (const [url, origin] of table) assert.equal(originOf(url), origin);
});
