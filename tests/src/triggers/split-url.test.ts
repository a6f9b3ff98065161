import assert from "node:assert/strict";
import { test } from "node:test";

import { hostnameOf, splitUrl } from "../../../src/triggers/split-url.ts";

/** The generic pattern of RFC 3986, appendix B. Its dots are meant to take ends of lines, too. */
const generic = /^(([^:/?#]+):)?(\/\/([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?/s;

test("splitUrl() takes any text apart as RFC 3986 does", () => {
  const starts = [
    "",
    "https:",
    "http:",
    "https",
    "HTTPS:",
    "a:",
    ":",
    "a:b:",
    "1.2:",
    "https:/",
    "htt ps:",
    "\n:",
  ];
  const authorities = ["", "/", "//", "///", "//a", "//u@a:8", "//[::1]:8", "//a:", "// ", "/a/", "a//b"];
  const ends = [
    "",
    "/",
    "/b",
    "/b/c:d",
    "?",
    "#",
    "?a#b",
    "#b?a",
    "/b?/c#/d",
    "/b#c?d#e",
    "/b?c?d",
    "b",
    ":8/",
    "\n",
  ];
  for (const start of starts) {
    for (const authority of authorities) {
      for (const end of ends) {
        const url = start + authority + end;
        const [, , , , host = "", path = ""] = generic.exec(url) ?? [];
        assert.deepEqual(splitUrl(url), { host, path }, JSON.stringify(url));
      }
    }
  }
});

test("splitUrl() takes no origin at the end of a text for one at its beginning", () => {
  assert.deepEqual(splitUrl("/to/https://"), { host: "", path: "/to/https://" });
});

test("hostnameOf() takes user info and port off, and leaves brackets", () => {
  const table: readonly (readonly [authority: string, hostname: string])[] = [
    ["", ""],
    ["a", "a"],
    ["a:8", "a"],
    ["a:", "a"],
    [":8", ""],
    ["u@a", "a"],
    ["u:p@a:8", "a"],
    ["u@v@a:8", "a"],
    ["a@", ""],
    ["[::1]", "[::1]"],
    ["[::1]:8", "[::1]"],
    ["u@[::1]:8", "[::1]"],
    ["[::1", "[::1"],
    ["a:b:c", "a"],
    ["a[b]:8", "a[b]"],
  ];
  for (const [authority, hostname] of table) assert.equal(hostnameOf(authority), hostname, authority);
});
