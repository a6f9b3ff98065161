import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { buildIndex, isEverywhere } from "../../../src/triggers/build-index.ts";
import { constant, type Part, textPart, type Trigger } from "../../../src/triggers/condition.ts";
import type { Subject } from "../../../src/triggers/target.ts";

interface Changed {
  readonly ignoreCase?: boolean;
  readonly negative?: boolean;
  readonly wildcard?: boolean;
  readonly name?: string;
}

function contains(subject: Subject, text: string | readonly string[], changed: Changed = {}): Part {
  return partOf("contains", subject, text, changed);
}

function equals(subject: Subject, text: string | readonly string[], changed: Changed = {}): Part {
  return partOf("equals", subject, text, changed);
}

function partOf(
  mode: "equals" | "contains",
  subject: Subject,
  text: string | readonly string[],
  { ignoreCase = false, negative = false, wildcard = false, name }: Changed,
): Part {
  const target = {
    subject,
    name: name ?? (subject === "cookie" || subject === "header" ? "vip" : ""),
    normalized: false,
  };
  return textPart(target, mode, typeof text === "string" ? [text] : text, { ignoreCase, negative, wildcard });
}

function all(...parts: readonly Part[]): Trigger {
  return { index: 0, any: false, parts };
}

function any(...parts: readonly Part[]): Trigger {
  return { index: 0, any: true, parts };
}

/** By what triggers are found: the subject, the mode and the text of each; `always` for one that is not. */
function foundBy(...triggers: readonly Trigger[]): readonly string[] {
  const { always, probes } = buildIndex([{ name: "", triggers }]);
  const texts = probes.flatMap(({ texts }) => texts).flatMap(({ target, equals, contains, present }) => [
    ...[...equals?.keys() ?? []].map((text) => `${target.subject} = ${text}`),
    ...(contains === undefined
      ? []
      : [`${target.subject} ~ ${contains.literal.filter((at) => at >= 0).length}`]),
    ...(present === -1 ? [] : [`${target.subject} *`]),
  ]);
  return [...texts, ...Array.from(always, (at) => `always ${at}`)];
}

describe("buildIndex()", () => {
  test("finds a trigger whose parts must all hold by the part that says most", () => {
    const table: [what: string, better: Part, worse: Part][] = [
      ["what is equal", equals("path", "/tickets"), contains("path", "/tickets/of/the/hall")],
      ["a long text", contains("path", "/tickets"), contains("host", "shop")],
      ["a text of five", contains("path", "/shop"), contains("host", "shop")],
      ["a text of four", contains("path", "shop"), contains("host", "kic")],
      ["a text of three", contains("path", "kic"), contains("host", "ki")],
      ["a text of two", contains("path", "ki"), contains("host", "k")],
      ["one text", contains("path", "/tickets"), contains("host", ["shop.one", "shop.two"])],
      ["the URL", contains("path", "/tickets"), contains("userAgent", "Mozilla")],
      ["the URL", contains("path", "/tickets"), contains("cookie", "visitors")],
      ["the URL", contains("path", "/tickets"), contains("header", "visitors")],
      ["a cookie of one value", equals("cookie", "yes"), contains("path", "k")],
      ["a few texts", contains("path", ["/one", "/two", "/six"]), contains("cookie", [], { wildcard: true })],
      ["that it is there", contains("cookie", [], { wildcard: true }), contains("path", "k")],
      ["no text of every URL", contains("path", "k"), contains("url", "http")],
      ["no text of every URL", contains("path", "k"), contains("url", "HTTP", { ignoreCase: true })],
      ["a text of most URLs", contains("url", "https://"), contains("url", "http")],
      ["what can be looked up", contains("path", "k"), equals("host", "shop.example", { negative: true })],
      ["what can be looked up", contains("path", "k"), equals("body", "shop")],
      ["what can be looked up", contains("path", "k"), contains("path", "", { wildcard: true })],
    ];
    for (const [what, better, worse] of table) {
      const wanted = foundBy(all(better));
      assert.equal(wanted.length, 1, what);
      assert.deepEqual(foundBy(all(better, worse)), wanted, what);
      assert.deepEqual(foundBy(all(worse, better)), wanted, what);
    }
    assert.deepEqual(foundBy(all(equals("path", "/a"), equals("host", "a"))), ["path = /a"], "the first");
  });

  test("finds a trigger by what few others can be found by", () => {
    const common = equals("host", "shop.example");
    const triggers = ["/a", "/b", "/c"].map((path) => all(common, equals("path", path)));
    assert.deepEqual(foundBy(...triggers), ["path = /a", "path = /b", "path = /c"]);
    // One that has nothing else is counted, too.
    assert.deepEqual(foundBy(all(common, equals("path", "/a"), equals("path", "/b")), all(common)), [
      "path = /a",
      "host = shop.example",
    ]);
    // The same text in another subject, case or mode is another one.
    assert.deepEqual(
      foundBy(
        all(equals("host", "a"), equals("path", "/a")),
        all(equals("cookie", "a")),
        all(contains("host", "a")),
        all(equals("host", "a", { ignoreCase: true })),
      )[0],
      "host = a",
    );
    const present = contains("cookie", [], { wildcard: true });
    assert.deepEqual(
      foundBy(...Array.from({ length: 3 }, () => all(present, contains("path", ["/one", "/two", "/six"]))))
        .at(-1),
      "path ~ 3",
    );
  });

  test("finds a trigger of which any part may hold by all of them, or evaluates it always", () => {
    const [path, host] = [equals("path", "/a"), equals("host", "a")];
    assert.deepEqual(foundBy(any(path, host)), ["path = /a", "host = a"]);
    assert.deepEqual(foundBy(any(path, constant(false))), ["path = /a"]);
    for (const other of [constant(true), equals("path", "/b", { negative: true }), equals("body", "b")]) {
      assert.deepEqual(foundBy(any(path, other)), ["always 0"]);
      assert.deepEqual(foundBy(any(other, path)), ["always 0"]);
    }
    assert.deepEqual(foundBy(all(equals("body", "b"))), ["always 0"]);
  });

  test("looks up whether a cookie or a header is there, but not one that may be empty", () => {
    for (const subject of ["cookie", "header"] as const) {
      assert.deepEqual(foundBy(all(contains(subject, [], { wildcard: true }))), [`${subject} *`]);
      assert.deepEqual(foundBy(all(contains(subject, ["a"], { wildcard: true }))), [
        `${subject} ~ 1`,
        `${subject} *`,
      ]);
      assert.deepEqual(foundBy(all(equals(subject, ["", "a"]))), ["always 0"]);
    }
    assert.deepEqual(foundBy(all(equals("path", ["", "a"]))), ["path = ", "path = a"]);
    assert.deepEqual(foundBy(all(contains("path", [], { wildcard: true }))), ["always 0"]);
  });

  test("leaves out triggers that never hold, and keeps those that may reach damage in their order", () => {
    const [path, damaged] = [equals("path", "/a"), { kind: "damaged" } as const];
    assert.deepEqual(foundBy(all(path, constant(false))), []);
    assert.deepEqual(foundBy(all(path, constant(true))), ["path = /a"]);
    assert.deepEqual(foundBy(any(constant(false))), []);
    assert.deepEqual(foundBy(any()), []);
    assert.deepEqual(foundBy(all()), ["always 0"]);
    assert.deepEqual(foundBy(any(path, damaged)), ["always 0"]);
    assert.deepEqual(foundBy(all(path, damaged)), ["always 0"]);
  });

  test("looks up in the order of the first trigger that each can find, cookies by their names at once", () => {
    const { probes } = buildIndex([{
      name: "",
      triggers: [
        all(equals("header", "h")),
        all(equals("path", "/a")),
        all(equals("cookie", "one", { name: "a" })),
        all(equals("userAgent", "robot")),
        all(equals("cookie", "two", { name: "b" })),
        all(contains("cookie", "three", { name: "a" })),
        all(equals("cookie", "FOUR", { name: "a", ignoreCase: true })),
      ],
    }]);
    assert.deepEqual(
      probes.map((
        { first, by, isOfUrl, texts, names },
      ) => [first, by, isOfUrl, texts.length, [...names.keys()]]),
      [
        [0, "header", false, 1, ["vip"]],
        [1, "text", true, 1, []],
        [2, "cookie", false, 3, ["a", "b"]],
        [3, "text", false, 1, []],
      ],
    );
    assert.equal(probes[2]?.names.get("a")?.length, 2);
  });
});

test("isEverywhere() tells what is in the beginning of every absolute URL", () => {
  const table: [text: string, upper: boolean, everywhere: boolean][] = [
    ["http", false, true],
    ["://", false, true],
    ["/", false, true],
    ["", false, true],
    ["https", false, false],
    ["p:", false, false],
    ["HTTP", false, false],
    ["HTTP", true, true],
    ["http", true, false],
    ["HTTPS", true, false],
    ["P:", true, false],
    ["shop", false, false],
  ];
  for (const [text, upper, everywhere] of table) assert.equal(isEverywhere(text, upper), everywhere, text);
});
