import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../../support/random-cases.ts";

import { type CookieAttributes, forgetCookie, readCookie, writeCookie } from "../../../src/http/cookies.ts";
import { growth } from "../../support/growth.ts";

test("readCookie() finds a cookie by its exact name", () => {
  const table: [string | null, string, string | undefined][] = [
    [null, "a", undefined],
    ["", "a", undefined],
    ["a=1", "", undefined],
    ["a=1", "a", "1"],
    ["a=1; b=2; c=3", "b", "2"],
    ["a=1;b=2;c=3", "b", "2"],
    [" a = 1 ;\tb\t=\t2\t; c=3 ", "a", "1"],
    [" a = 1 ;\tb\t=\t2\t; c=3 ", "b", "2"],
    [" a = 1 ;\tb\t=\t2\t; c=3 ", "c", "3"],
    ["ab=1; ba=2; a.b=3; xa=4", "a", undefined],
    ["A=1", "a", undefined],
    ["crowdhandlerx=tok_1; xcrowdhandler=tok_2", "crowdhandler", undefined],
    ["crowdhandler_integration=x; crowdhandler=tok_1", "crowdhandler", "tok_1"],
    ["a", "a", undefined],
    ["a; b=1", "a", undefined],
    ["=1; a=2", "a", "2"],
    [";;; ;a=1;; ;", "a", "1"],
    [";a=1", "a", "1"],
    ["; =a=1", "a", undefined],
    ["a b=1", "a", undefined],
    ["b a=1", "a", undefined],
  ];
  for (const [header, name, value] of table) {
    assert.equal(readCookie(header, name), value, `${header} / ${name}`);
  }
});

test("readCookie() lets the last of several cookies of a name win", () => {
  assert.equal(readCookie("a=1; a=2; b=3; a=4; c=5", "a"), "4");
  assert.equal(readCookie("a=1; a=", "a"), "");
  assert.equal(readCookie("a=1; a", "a"), "1");
  assert.equal(readCookie("aa=1; a=2; aa=3; aaa=4", "a"), "2");
  assert.equal(readCookie("aa=1; a=2; aa=3; aaa=4", "aa"), "3");
});

test("readCookie() never takes a part of a value for a cookie", () => {
  const json = '{"a":"b","x=1":", a=2","tokens":[{"token":"tok_1"}]}';
  assert.equal(readCookie(`json=${json}`, "a"), undefined);
  assert.equal(readCookie(`json=${json}`, "x"), undefined);
  assert.equal(readCookie(`a=0; json=${json}`, "a"), "0");
  assert.equal(readCookie(`json=${json}; b=1`, "json"), json);
  assert.equal(readCookie("b=a=1", "a"), undefined);
  assert.equal(readCookie("a=a=a=b", "a"), "a=a=b");
});

test("readCookie() takes quotes off and decodes what can be decoded", () => {
  const table: [string, string][] = [
    ["", ""],
    ['"tok_1"', "tok_1"],
    [' "tok_1" ', "tok_1"],
    ['""', ""],
    ['"', '"'],
    ['"tok_1', '"tok_1'],
    ['tok_1"', 'tok_1"'],
    ['""x""', '"x"'],
    ["%22x%22", '"x"'],
    ["%7B%22a%22%3A1%7D", '{"a":1}'],
    ["%E4%BD%A0", "\u4f60"],
    ["a+b", "a+b"],
    ["%", "%"],
    ["100%", "100%"],
    ["%7B%", "%7B%"],
    ["%E0%A4%A", "%E0%A4%A"],
    ["%ff", "%ff"],
    ["\u00e4", "\u00e4"],
  ];
  for (const [sent, value] of table) assert.equal(readCookie(`x=1; a=${sent}; y=2`, "a"), value, sent);
});

test("readCookie() agrees with a plain parser on any header", () => {
  function plain(header: string, name: string): string | undefined {
    const trim = (text: string) => text.replace(/^[ \t]+|[ \t]+$/g, "");
    const found = header.split(";").filter((pair) => pair.includes("="))
      .map((pair) =>
        [trim(pair.slice(0, pair.indexOf("="))), trim(pair.slice(pair.indexOf("=") + 1))] as const
      )
      .findLast(([key]) => key === name);
    const value = found?.[1].replace(/^"(.*)"$/s, "$1");
    try {
      return value === undefined ? undefined : decodeURIComponent(value);
    } catch {
      return value;
    }
  }
  const piece = fc.oneof(
    fc.constantFrom("a", "b", "aa", "=", ";", "; ", " ", "\t", '"', "%", "%20", ",", "{", "a=", "; a="),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.constantFrom("a", "b", "aa"), (pieces, name) => {
      const header = pieces.join("");
      assert.equal(readCookie(header, name), plain(header, name));
    }),
    { numRuns: 3000 },
  );
});

test("readCookie() takes time in proportion to the header's length at most", () => {
  const makers: [string, (length: number) => string][] = [
    ["near matches", (length) => "a=".repeat(length / 2)],
    ["names in values", (length) => `x=${"a".repeat(length)}`],
    ["blanks before names", (length) => `${"a ".repeat(length / 2)}`],
    ["long blanks", (length) => `x=1${" ".repeat(length / 2)}a${" ".repeat(length / 2)}`],
    ["names without values", (length) => "a;".repeat(length / 2)],
    ["semicolons", (length) => ";".repeat(length)],
    ["one long value", (length) => `a=${"%7B".repeat(length / 3)}`],
    ["a value that cannot be decoded", (length) => `a=${"%41".repeat(length / 3)}%`],
  ];
  for (const [what, make] of makers) {
    const texts = new Map([20_000, 320_000].map((length) => [length, make(length)]));
    const ratio = growth((length) => void readCookie(texts.get(length) ?? "", "a"), 100, 20_000, 16);
    // Sixteen times the length; quadratic work would take 256 times as long.
    assert.ok(ratio < 100, `${what}: ${ratio}`);
  }
});

test("writeCookie() writes what is given and nothing else", () => {
  const table: [CookieAttributes, string][] = [
    [{ path: "/" }, "Path=/"],
    [{ path: "/", secure: true, httpOnly: true, sameSite: "Lax" }, "Path=/; Secure; HttpOnly; SameSite=Lax"],
    [{ path: "/", domain: "", maxAgeSeconds: 0, sameSite: "omit" }, "Path=/"],
    [{ path: "/", maxAgeSeconds: -5, secure: false, httpOnly: false }, "Path=/"],
    [{ path: "/", maxAgeSeconds: 59.5 }, "Path=/; Max-Age=60"],
    [{ path: "/", domain: "example.com" }, "Domain=example.com; Path=/"],
    // Far from the clock of the machine that runs this.
    [{ path: "/", expiresAtMs: Date.UTC(2099, 0, 1) }, "Path=/; Expires=Thu, 01 Jan 2099 00:00:00 GMT"],
  ];
  for (const [attributes, rest] of table) assert.equal(writeCookie("a", "1", attributes), `a=1; ${rest}`);
});

test("writeCookie() refuses what no browser would keep", () => {
  const table: [string, string, CookieAttributes][] = [
    ["a=b", "1", { path: "/" }],
    ["a\r\nb", "1", { path: "/" }],
    ["a", "1", { path: "/\r\nx: y" }],
    ["a", "1", { path: "/", domain: "x;y" }],
    ["a", "1", { path: "/\u00fc" }],
    ["a", "1", { path: "/\u0000" }],
    ["a", "\ud800", { path: "/" }],
    ["a", "1", { path: "/", sameSite: "None" }],
    ["__Host-a", "1", { path: "/x", secure: true }],
    ["__Host-a", "1", { path: "/" }],
    ["__Host-a", "1", { path: "/", secure: true, domain: "example.com" }],
    ["__Secure-a", "1", { path: "/" }],
    ["__HOST-a", "1", { path: "/x", secure: true }],
    ["__secure-a", "1", { path: "/" }],
    ["", "1", { path: "/" }],
  ];
  for (const [name, value, attributes] of table) {
    assert.throws(() => writeCookie(name, value, attributes), Error, `${name} ${JSON.stringify(attributes)}`);
  }
});

test("readCookie() reads any value that writeCookie() wrote", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.string({ unit: "binary-ascii" }),
      (value, other) => {
        const line = writeCookie("a", value, { path: "/", secure: true });
        assert.match(line, /^[ -~]*$/);
        const pair = line.slice(0, line.indexOf(";"));
        assert.equal(readCookie(pair, "a"), value);
        assert.equal(
          readCookie(`x=${other.replaceAll(";", "")}; ${pair}; y=${other.replaceAll(";", "")}`, "a"),
          value,
        );
      },
    ),
  );
});

test("forgetCookie() ends a cookie where it was written", () => {
  assert.equal(
    forgetCookie("a", {
      path: "/p",
      domain: "example.com",
      secure: true,
      maxAgeSeconds: 60,
      expiresAtMs: 9e12,
    }),
    "a=; Domain=example.com; Path=/p; Secure; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0",
  );
});
