import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalUrl, hidesDots, plainestUrls, readingsOf } from "../../../src/url/readings.ts";

test("a URL that everybody reads alike has one reading", () => {
  const tails = [
    "",
    "/",
    "/tickets",
    "/a/b.c",
    "/a~!$&'()*+,=:@-_",
    "/tickets?buy=1&x=/../;",
    "/..a/.b/c..",
    "/Tickets",
  ];
  for (const tail of tails.filter((text) => text !== "")) {
    const url = `https://shop.example${tail}`;
    assert.deepEqual(readingsOf(url), [url]);
    assert.equal(canonicalUrl(url), url);
  }
});

test("every way to spell a path has the plain one among its readings", () => {
  const spellings = [
    "/%74ickets",
    "/%74%69%63%6b%65%74%73",
    "/x/../tickets",
    "/x/%2E%2E/tickets",
    "/%2E/tickets",
    "/./tickets",
    "/x/.%2e/tickets",
    "//tickets",
    "/tickets/",
    "/tickets//",
    "/tickets;v=1",
    "/x;y/..;z/tickets",
    "/tickets%2F",
    "/%2ftickets",
    "\\tickets",
    "/%5Ctickets",
    "/x%2F..%2Ftickets",
    "/%2574ickets",
    "/%25%37%34ickets",
    "/tickets%00.html",
    "/x/%252e%252e/tickets",
    "/tic%E2%84%AAets",
    "/tickets;/%25",
    "/;%00a/tickets",
    "/%ff2E%2E%252Fx;a=1/%2E.;a=1/tickets",
  ];
  for (const path of spellings) {
    const forms = readingsOf(`http://shop.example${path}?a=1`);
    assert.ok(forms.includes("http://shop.example/tickets?a=1"), `${path}: ${forms.join(" ")}`);
    assert.equal(forms.at(-1), `http://shop.example${path}?a=1`, "what was given is last");
    assert.equal(new Set(forms).size, forms.length);
  }
});

test("a fragment is left out, and read on by who begins or continues a query there", () => {
  const table = [
    ["/a#", ["/a"]],
    ["/a#b", ["/a?b", "/a"]],
    ["/a?b#c", ["/a?b&c", "/a?b"]],
    ["/a#b?c#%64", ["/a?b?c&d", "/a"]],
  ] as const;
  for (const [written, wanted] of table) {
    const forms = readingsOf(`https://a.example${written}`);
    for (const one of wanted) {
      assert.ok(forms.includes(`https://a.example${one}`), `${written}: ${forms.join(" ")}`);
    }
    assert.equal(forms.at(-1), `https://a.example${wanted.at(-1)}`);
  }
});

test("an empty fragment adds nothing", () => {
  assert.deepEqual(readingsOf("https://a.example/a#"), ["https://a.example/a"]);
});

test("dot segments are resolved with what stands beside them decoded or not", () => {
  const forms = readingsOf("https://a.example/a%74/b/%2e%2E/c");
  for (const path of ["/at/c", "/a%74/c"]) {
    assert.ok(forms.includes(`https://a.example${path}`), forms.join(" "));
  }
});

test("escapes are undone three times and no more, and every form has a path", () => {
  assert.ok(readingsOf("https://a.example/%252574ickets").includes("https://a.example/tickets"));
  assert.ok(!readingsOf("https://a.example/%25252574ickets").includes("https://a.example/tickets"));
  for (const path of ["/;a", "/%2f", "//", "/;/", "/%00"]) {
    for (const form of readingsOf(`https://a.example${path}`)) {
      assert.match(form, /^https:\/\/a\.example\//, path);
    }
  }
});

test("hidesDots() tells a path in which only some programs see dot segments", () => {
  const table: [path: string, hides: boolean][] = [
    ["/x%2F..%2Fy", true],
    ["/x%2F.%2Fy", true],
    ["/x/..;/y", true],
    ["/x/.;a", true],
    ["/x\\..\\y", true],
    ["/x/..%5Cy", true],
    ["/x/..%00.html", true],
    ["/x%2F..", true],
    ["/x/%252e%252e/y", true],
    ["/x/%25252e%25252E/y", true],
    // Nobody undoes escapes as often as that.
    ["/x/%2525252e%2525252e/y", false],
    ["/a%20b", false],
    ["/a;b=..", false],
    ["/a..;b", false],
    ["/x/...;/y", false],
    ["/x/..a%2Fb", false],
    ["/a?b=%2F..%2F", false],
    ["/tickets", false],
  ];
  for (const [path, hides] of table) assert.equal(hidesDots(`https://a.example${path}`), hides, path);
});

test("what parsers drop has readings without it", () => {
  assert.ok(readingsOf("https://a.example/tic\r\nk\tets").includes("https://a.example/tickets"));
  assert.ok(readingsOf("https://a.example/tickets \ufeff").includes("https://a.example/tickets"));
});

test("the plainest forms are in lower case where that says nothing, with and without the slash at the end", () => {
  const table = [
    ["/tickets", ["/tickets"]],
    ["/Tickets?A=%41", ["/tickets?A=A"]],
    ["/Tickets//", ["/tickets", "/tickets/", "/tickets//"]],
    ["/A/..;/B", ["/b", "/a/..;/b"]],
    // Escapes keep their form, and blanks of a query have the one that forms give them, too.
    ["/Caf%C3%A9", ["/café", "/caf%C3%A9"]],
    ["/A?q=B+c", ["/a?q=B+c"]],
    ["/A?q=B%20c", ["/a?q=B c", "/a?q=B+c"]],
    ["/A/?q=%42+c%20d", ["/a?q=B+c d", "/a/?q=B+c d", "/a?q=B+c+d"]],
    ["/A%20B/?q=%20", ["/a b?q= ", "/a b/?q= ", "/a%20b/?q=%20", "/a b?q=+"]],
    ["/A;b", ["/a", "/a;b"]],
  ] as const;
  for (const [written, wanted] of table) {
    assert.deepEqual(
      plainestUrls(`https://a.example${written}`, true),
      wanted.map((one) => `https://a.example${one}`),
    );
  }
  assert.deepEqual(plainestUrls("https://a.example/Tickets", false), ["https://a.example/Tickets"]);
});

test("the query and the port have their readings, too", () => {
  assert.ok(readingsOf("http://shop.example:81/a?%62uy=%31").includes("http://shop.example/a?buy=1"));
  assert.ok(readingsOf("http://shop.example/a?q=a+b%20c").includes("http://shop.example/a?q=a b c"));
  assert.ok(readingsOf("http://[::1]:81/a").includes("http://[::1]/a"));
});

test("the canonical form changes nothing that means something else", () => {
  const table = [
    ["/caf%c3%a9", "/caf%C3%A9"],
    ["/a%2fb%3F%23%25", "/a%2Fb%3F%23%25"],
    ["/%7Euser/%2d", "/~user/-"],
    ["/a/%2e%2E/b", "/b"],
    ["/../../a", "/a"],
    ["/a/..", "/"],
    ["/a/b/..", "/a/"],
    ["/..", "/"],
    ["/.", "/"],
    ["/a/.", "/a/"],
    ["", "/"],
    ["//a//b", "//a//b"],
    ["/%zz%7", "/%zz%7"],
    ["/a?x=/../%7e", "/a?x=/../~"],
  ] as const;
  assert.equal(canonicalUrl("https://a.example?b=%62"), "https://a.example/?b=b");
  for (const [written, canonical] of table) {
    assert.equal(canonicalUrl(`https://a.example${written}`), `https://a.example${canonical}`);
    assert.equal(canonicalUrl(`https://a.example${canonical}`), `https://a.example${canonical}`);
  }
});

test("a broken escape hides nothing beside it", () => {
  assert.ok(readingsOf("https://a.example/%ff%74ickets").some((form) => form.endsWith("%fftickets")));
});

test("readings stay few however a URL is spelled", () => {
  const url = `https://a.example:81/${"%2e%2e%2f%25".repeat(700)};x//?${"%41+%zz".repeat(900)}`;
  assert.ok(readingsOf(url).length <= 100);
  assert.ok(readingsOf(`${url}#${"%41+%zz".repeat(900)}`).length <= 200);
});
