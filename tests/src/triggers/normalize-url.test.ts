import assert from "node:assert/strict";
import { test } from "node:test";

import { normalizeUrl } from "../../../src/triggers/normalize-url.ts";

test("normalizeUrl() brings a URL into the form of the connectors", () => {
  const table: readonly (readonly [url: string, wanted: string])[] = [
    ["", ""],
    [" \thttps://a.test/b\n", "https://a.test/b"],
    // Slashes.
    ["https:\\\\a.test\\b", "https://a.test/b"],
    ["https://a.test//b///c", "https://a.test/b/c"],
    ["https:////a.test", "https://a.test/"],
    ["//a//b", "/a/b"],
    ["a://b://c", "a://b://c"],
    [":/a", ":/a"],
    // Escapes.
    ["https://a.test/%41%7a%30%2D%2e%5F%7E", "https://a.test/Az0-._~"],
    ["https://a.test/%2f%c3%a9%20", "https://a.test/%2F%C3%A9%20"],
    ["https://a.test/%4/%g0/%", "https://a.test/%4/%g0/%"],
    ['https://a.test/é {}|"<>^`', "https://a.test/%C3%A9%20%7B%7D%7C%22%3C%3E%5E%60"],
    ["https://a.test/-._~:@!$&'()*+,;=[]", "https://a.test/-._~:@!$&'()*+,;=[]"],
    ["https://a.test/b?c=%41&d=%2f#%41", "https://a.test/b?c=A&d=%2F#A"],
    // The query alone has pluses for blanks.
    ["https://a.test/a b?c d%20e", "https://a.test/a%20b?c+d+e"],
    ["a?b", "a?b"],
    ["/a b#c d?e f", "/a%20b#c%20d?e+f"],
    // Dot segments.
    ["https://a.test/./b/../c", "https://a.test/c"],
    ["https://a.test/b/.", "https://a.test/b/"],
    ["https://a.test/b/..", "https://a.test/"],
    ["https://a.test/b/c/..", "https://a.test/b/"],
    ["https://a.test/../../b", "https://a.test/b"],
    ["https://a.test/b/.../c./.d/..e", "https://a.test/b/.../c./.d/..e"],
    ["https://a.test/b/%2E%2e/c", "https://a.test/c"],
    ["https://a.test/b?c/../d", "https://a.test/b?c/../d"],
    ["https://a.test/b#c/../d", "https://a.test/b#c/../d"],
    ["/a/./b/../c/", "/a/c/"],
    ["../a", "a"],
    ["./a", "a"],
    ["../.././a/b", "a/b"],
    ["./../a/b", "a/b"],
    [".", ""],
    ["..", ""],
    ["a", "a"],
    ["a/..", "/"],
    ["a/../b", "/b"],
    ["a/./b", "a/b"],
    ["/..", "/"],
    ["/.", "/"],
    // Where the path begins.
    ["https://a.test", "https://a.test/"],
    ["http://a.test", "http://a.test/"],
    ["https://a.test?b", "https://a.test/?b"],
    ["https://a.test#b", "https://a.test/#b"],
    ["HTTPS://a.test", "HTTPS://a.test"],
    ["ftp://a.test", "ftp://a.test"],
    ["a.test", "a.test/"],
    ["a.test/../b", "a.test/b"],
    ["a.test?b", "a.test/?b"],
    ["a.t", "a.t/"],
    [".test", ".test"],
    ["a.", "a."],
    ["a./../b", "/b"],
    ["ab/c.d", "ab/c.d"],
    ["https://A.Test:443/", "https://A.Test:443/"],
    ["https:/a.test", "https:/a.test"],
    ["/to/https://a.test/../b", "/to/https://b"],
    ["a?b%20c", "a?b+c"],
  ];
  for (const [url, wanted] of table) assert.equal(normalizeUrl(url), wanted, JSON.stringify(url));
});

test("normalizeUrl() leaves what cannot be encoded as it is, and says nothing of what is no text", () => {
  for (const url of ["https://a.test//\ud800", " \udfff ", "https://a.test//\u{1f600}"]) {
    assert.equal(normalizeUrl(url), url);
  }
  assert.equal(normalizeUrl("/\ud7ff/\ue000/"), "/%ED%9F%BF/%EE%80%80/");
  assert.equal(normalizeUrl(null), "");
  assert.equal(normalizeUrl(undefined), undefined);
});
