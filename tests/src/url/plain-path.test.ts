import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ambiguous,
  decodePath,
  encoded,
  endsAt,
  pathStart,
  scanPath,
  withoutDot,
} from "../../../src/url/plain-path.ts";

test("pathStart() finds where the path of a URL begins", () => {
  const table: [url: string, start: number][] = [
    ["http://a/", 8],
    ["https://a/b/c", 9],
    ["https://shop.example:80/b", 23],
    ["https://shop.example", -1],
    ["https://shop.example?/a", -1],
    ["https://shop.example#/a", -1],
    ["http://a", -1],
    ["", -1],
  ];
  for (const [url, start] of table) assert.equal(pathStart(url), start, url);
});

test("endsAt() tells whether a path ends at a place", () => {
  for (
    const [text, at, ends] of [["/a", 2, true], ["/a", 3, true], ["/a", 1, false], ["/a?b", 2, true], [
      "/a#b",
      2,
      true,
    ], ["/a/b", 2, false]] as const
  ) {
    assert.equal(endsAt(text, at), ends, `${text} ${at}`);
  }
});

test("scanPath() finds the last dot of the last segment, up to the query", () => {
  const table: [path: string, found: number][] = [
    ["/", withoutDot],
    ["/a", withoutDot],
    ["/a.b", 2],
    ["/a.b.c", 4],
    ["/a.b/c", withoutDot],
    ["/a.b/c.d", 6],
    ["/.a", 1],
    ["/a.", 2],
    ["/...", 3],
    ["/.../a.b", 6],
    ["/....", 4],
    ["/..a/..b", 6],
    ["/a..", 3],
    ["/a/", withoutDot],
    ["/a.b?c.d/e;f\\g%", 2],
    ["/a.b#c.d/../e", 2],
    ["/?.", withoutDot],
    ["/ a~!$&'()*+,=:@-_é.b", 19],
    ["/a\u00a0.b", 3],
    ["/%", encoded],
    ["/a%41.b", encoded],
    ["/%/a.b", encoded],
    ["", ambiguous],
    ["a", ambiguous],
    ["//", ambiguous],
    ["/a//b", ambiguous],
    ["/./a", ambiguous],
    ["/../a", ambiguous],
    ["/a/.", ambiguous],
    ["/a/..", ambiguous],
    ["/.", ambiguous],
    ["/..?a", ambiguous],
    ["/.#a", ambiguous],
    ["/a\\b", ambiguous],
    ["/a;b", ambiguous],
    ["/a\0", ambiguous],
    ["/a\x1f", ambiguous],
    ["/a\x7f", ambiguous],
    ["/a\x80", ambiguous],
    ["/a\x9f", ambiguous],
    ["/%;", ambiguous],
  ];
  for (const [path, found] of table) {
    assert.equal(scanPath(path, 0), found, JSON.stringify(path));
    const origin = "https://a.example";
    const place = found > 0 ? found + origin.length : found;
    assert.equal(scanPath(origin + path, origin.length), place, JSON.stringify(path));
  }
});

test("decodePath() decodes what means the same to everybody", () => {
  const table: [path: string, decoded: string | undefined][] = [
    ["/a", "/a"],
    ["/%61%C3%A9%20", "/aé "],
    ["/%25", "/%"],
    ["/100%25.css", "/100%.css"],
    ["/%2541", "/%41"],
    ["/%2520", "/%20"],
    ["/%252a", "/%2a"],
    ["/%2e", "/."],
    ["/%5c%3b%00", "/\\;\0"],
    ["/%2f", undefined],
    ["/%2F", undefined],
    ["/%3f", undefined],
    ["/%23", undefined],
    ["/%", undefined],
    ["/%zz", undefined],
    ["/%ff", undefined],
    ...["25", "2e", "2E", "2f", "3b", "3f", "23", "5c", "5C", "00", "0a", "1F", "7f"].map((
      code,
    ): [string, undefined] => [`/%25${code}`, undefined]),
  ];
  for (const [path, decoded] of table) assert.equal(decodePath(path), decoded, path);
});
