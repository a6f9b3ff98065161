import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { forAnyHost, formsOf, namesHost } from "../../../src/triggers/operand-forms.ts";
import type { Subject } from "../../../src/triggers/target.ts";

/** The forms of an operand, in no order but that what was written comes first. */
function forms(subject: Subject, operand: string, mode: "equals" | "contains", wide: boolean): Set<string> {
  const all = formsOf(subject, operand, { mode, wide });
  assert.equal(all[0], operand, "what was written comes first");
  assert.equal(new Set(all).size, all.length, "each form once");
  return new Set(all);
}

/** Every start with every end. */
function each(starts: readonly string[], ends: readonly string[]): readonly string[] {
  return starts.flatMap((start) => ends.map((end) => start + end));
}

describe("formsOf()", () => {
  type Forms = readonly string[];
  /** The forms of what is to be equal, then of what is to be contained, each for what exempts and what protects. */
  type Row = readonly [
    subject: Subject,
    operand: string,
    equals: Forms,
    wideEquals: Forms,
    contains: Forms,
    wideContains: Forms,
  ];
  /** A row whose forms are the same for what exempts and what protects. */
  const alike = (
    subject: Subject,
    operand: string,
    equals: Forms,
    contains: Forms,
  ): Row => [subject, operand, equals, equals, contains, contains];
  const one = (subject: Subject, operand: string): Row => alike(subject, operand, [operand], [operand]);
  const schemes = ["https://", "http://"];
  const hosts = [
    "u@Shop.test.:81",
    "u@Shop.test.",
    "shop.test.:81",
    "shop.test:81",
    "shop.test.",
    "shop.test",
  ];
  const written = ["u@Shop.test.:81", "u@Shop.test."];

  const table: readonly Row[] = [
    ...(["url", "path", "host", "hostname"] as const).map((subject) => one(subject, "")),
    // A page is the same with and without a slash at its end, unless nothing is left of it.
    alike("path", "/tickets", ["/tickets", "/tickets/"], ["/tickets"]),
    alike("path", "/tickets/", ["/tickets/", "/tickets"], ["/tickets/"]),
    alike("path", "/tickets//", ["/tickets//", "/tickets", "/tickets/"], ["/tickets//"]),
    alike("path", "/a//b", ["/a//b", "/a//b/"], ["/a//b"]),
    one("path", "/"),
    one("path", "//"),
    // What does not begin as a path does is a piece of one.
    one("path", "tickets"),
    one("path", "shop.test/tickets"),
    alike("url", "shop.test/tickets", ["shop.test/tickets", "shop.test/tickets/"], ["shop.test/tickets"]),
    one("url", "tickets"),
    one("url", "tickets.html"),
    // A question mark is a letter of a path; in a URL it begins the query, before which a slash may stand.
    alike("path", "/a?b", ["/a?b", "/a?b/"], ["/a?b"]),
    [
      "url",
      "/tickets?a=1",
      ["/tickets?a=1", "/tickets/?a=1"],
      ["/tickets?a=1", "/tickets/?a=1"],
      ["/tickets?a=1"],
      ["/tickets?a=1", "/tickets/?a=1"],
    ],
    one("url", "?a=1"),
    // The origin in another scheme, and without what a visitor may add to the host.
    [
      "url",
      "https://shop.test",
      each(["https://shop.test"], ["", "/"]),
      each(["https://shop.test", "http://shop.test"], ["", "/"]),
      ["https://shop.test"],
      ["https://shop.test", "http://shop.test"],
    ],
    [
      "url",
      "https://u@Shop.test.:81/a",
      each(each(["https://"], written), ["/a", "/a/"]),
      each(each(schemes, hosts), ["/a", "/a/"]),
      each(each(["https://"], written), ["/a"]),
      each(each(schemes, hosts), ["/a"]),
    ],
    [
      "url",
      "HTTP://shop.test?a",
      each(["HTTP://shop.test"], ["?a", "/?a"]),
      ["HTTP://shop.test?a", ...each(schemes, each(["shop.test"], ["?a", "/?a"]))],
      ["HTTP://shop.test?a"],
      ["HTTP://shop.test?a", ...each(schemes, each(["shop.test"], ["?a", "/?a"]))],
    ],
    ["url", "https://", ["https://", "https:///"], each(schemes, ["", "/"]), ["https://"], schemes],
    // Only at its beginning is an origin one.
    alike(
      "url",
      "/to/https://shop.test",
      ["/to/https://shop.test", "/to/https://shop.test/"],
      ["/to/https://shop.test"],
    ),
    ["host", "u@Shop.test.:81", written, hosts, written, hosts],
    ["hostname", "Shop.test", ["Shop.test"], ["Shop.test", "shop.test"], ["Shop.test"], [
      "Shop.test",
      "shop.test",
    ]],
    // A dot, a number or a sign elsewhere is part of the name.
    one("host", "a.test"),
    one("host", ".test"),
    one("host", ":81"),
    alike("host", "a:81.b", ["a:81.b"], ["a:81.b"]),
    // Escapes and letters beyond ASCII, in either case of these.
    alike("path", "/%74", ["/%74", "/%74/", "/t", "/t/"], ["/%74", "/t"]),
    alike("path", "/caf%C3%A9", each(["/caf%C3%A9", "/café"], ["", "/"]), ["/caf%C3%A9", "/café"]),
    alike(
      "path",
      "/CAFÉ",
      each(["/CAFÉ", "/CAF%C3%89", "/café", "/caf%C3%A9"], ["", "/"]),
      ["/CAFÉ", "/CAF%C3%89", "/café", "/caf%C3%A9"],
    ),
    alike("path", "/é", each(["/é", "/%C3%A9"], ["", "/"]), ["/é", "/%C3%A9"]),
    alike("path", "é", ["é", "%C3%A9"], ["é", "%C3%A9"]),
    alike("path", "/A B", each(["/A B", "/A%20B"], ["", "/"]), ["/A B", "/A%20B"]),
    alike("path", "/a{b}|c", each(["/a{b}|c", "/a%7Bb%7D%7Cc"], ["", "/"]), ["/a{b}|c", "/a%7Bb%7D%7Cc"]),
    // A lone surrogate is in no URL, and breaks nothing.
    alike("path", "/\ud800", ["/\ud800", "/\ud800/"], ["/\ud800"]),
    // A plus is a blank in a query alone.
    one("path", "a+b"),
    alike("path", "/a+b%20c", each(["/a+b%20c", "/a+b c"], ["", "/"]), ["/a+b%20c", "/a+b c"]),
    alike("url", "?a+b", ["?a+b", "?a b"], ["?a+b", "?a b"]),
    alike("url", "?a%20b", ["?a%20b", "?a b", "?a+b"], ["?a%20b", "?a b", "?a+b"]),
    alike("url", "a+b", ["a+b", "a b"], ["a+b", "a b"]),
    alike("url", "a%20b", ["a%20b", "a b", "a+b"], ["a%20b", "a b", "a+b"]),
  ];
  for (const [subject, operand, equals, wideEquals, contains, wideContains] of table) {
    test(`formsOf() knows ${JSON.stringify(operand)} of the ${subject} in all its forms`, () => {
      assert.deepEqual(forms(subject, operand, "equals", false), new Set(equals));
      assert.deepEqual(forms(subject, operand, "equals", true), new Set(wideEquals));
      assert.deepEqual(forms(subject, operand, "contains", false), new Set(contains));
      assert.deepEqual(forms(subject, operand, "contains", true), new Set(wideContains));
    });
  }

  test("formsOf() has each form of a path with each of the query for what exempts, and those of one program for what protects", () => {
    const operand = "/a%20b?c%20d";
    const paths = ["/a%20b", "/a b"];
    const queries = ["?c%20d", "?c d", "?c+d"];
    assert.deepEqual(forms("url", operand, "contains", false), new Set(each(paths, queries)));
    assert.deepEqual(
      forms("url", operand, "contains", true),
      new Set(each(["/a%20b", "/a%20b/"], ["?c%20d", "?c+d"]).concat(each(["/a b", "/a b/"], ["?c d"]))),
    );
  });
});

test("forAnyHost() puts the sign for any host in the place of the one that an operand names", () => {
  const table: readonly (readonly [subject: Subject, operand: string, any: string])[] = [
    ["host", "shop", "*"],
    ["hostname", "shop.test:81", "*"],
    ["url", "https://shop.test:81/a?b#c", "https://*/a?b#c"],
    ["url", "HTTP://shop?b", "HTTP://*?b"],
    ["url", "https://shop#c", "https://*#c"],
    ["url", "//shop/a", "//*/a"],
    ["url", "http://[::1]:80/", "http://*/"],
    // A host whose name stands in the scheme as well.
    ["url", "http://http/a", "http://*/a"],
    ["url", "https://s/s", "https://*/s"],
    ["url", "shop.test/a", "*/a"],
    ["url", "SHOP.TEST", "*"],
    ["url", "my-shop_1.a.test:8080?b", "*?b"],
    ["url", "shop.test:#c", "*#c"],
    ["url", ".test/a", "*/a"],
    ["url", "shop.co", "*"],
  ];
  for (const [subject, operand, any] of table) {
    assert.equal(forAnyHost(subject, operand), any, operand);
    assert.equal(namesHost(subject, operand), true, operand);
  }
});

test("forAnyHost() leaves what names no host as it is", () => {
  const table: readonly (readonly [subject: Subject, operand: string])[] = [
    ["host", ""],
    ["hostname", ""],
    ["url", ""],
    ["path", "shop.test/a"],
    ["path", "https://shop.test"],
    ["url", "https://"],
    ["url", "http:///a"],
    ["url", "//"],
    ["url", "ftp://shop.test/"],
    ["url", "a//shop"],
    ["url", "/shop.test"],
    ["url", "shop"],
    ["url", "a/shop.test"],
    ["url", "a shop.test/"],
    ["url", "v1.2"],
    ["url", "shop.t/"],
    ["url", "shop.test1"],
    ["url", "shop.test:x"],
    ["url", "shop.test&a"],
    ["url", "a..test"],
    ...[
      ...["htm", "html", "shtml", "phtm", "php", "asp", "aspx", "jsp", "jspx", "jsf", "do", "action"],
      ...["cgi", "cfm", "json", "xml", "js", "css", "pdf", "txt", "png", "jpg", "jpeg", "gif", "svg"],
      ...["webp", "ico", "ics", "csv", "zip", "HTML"],
    ].map((ending) => ["url", `tickets.${ending}?a`] as const),
  ];
  for (const [subject, operand] of table) {
    assert.equal(forAnyHost(subject, operand), operand, operand);
    assert.equal(namesHost(subject, operand), false, operand);
  }
});

test("forAnyHost() takes no name for that of a file that only resembles one", () => {
  for (const ending of ["jobs", "jpgs", "cssx", "phpx", "zipp", "dot", "info", "xphp", "mycss"]) {
    assert.equal(forAnyHost("url", `tickets.${ending}/a`), "*/a", ending);
  }
});
