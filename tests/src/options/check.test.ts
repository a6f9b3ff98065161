import assert from "node:assert/strict";
import { test } from "node:test";
import {
  anything,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNumber,
  checkOptions,
  checkRules,
  checkStrings,
  choice,
  group,
  integer,
  secretError,
  shapeError,
  show,
  text,
  textError,
  texts,
  valueError,
} from "../../../src/options/check.ts";

/** The error of a check in words: its kind and its message, without what all begin with; `""` for none. */
function refusal(check: () => void): string {
  try {
    check();
    return "";
  } catch (error) {
    assert.ok(error instanceof Error);
    const start = "Cannot create thing: ";
    assert.ok(error.message.startsWith(start), error.message);
    return `${error.name}: ${error.message.slice(start.length)}`;
  }
}

test("show() shows any value in at most 60 characters", () => {
  const round: Record<string, unknown> = {};
  round["self"] = round;
  const table: [value: unknown, shown: string][] = [
    [undefined, "undefined"],
    [null, "null"],
    [Number.NaN, "NaN"],
    [-1, "-1"],
    [10n, "10"],
    [true, "true"],
    [Symbol("a"), "Symbol(a)"],
    ["a", '"a"'],
    ['"', '"\\""'],
    [[1, "a"], '[1,"a"]'],
    [{ a: 1 }, '{"a":1}'],
    [() => 1, "a function"],
    [round, "[object Object]"],
    [{ toJSON: () => undefined }, "[object Object]"],
    ["x".repeat(58), `"${"x".repeat(58)}"`],
    ["x".repeat(59), `"${"x".repeat(56)}...`],
  ];
  for (const [value, shown] of table) assert.equal(show(value), shown);
});

test("shapeError(), valueError() and secretError() name the option, and the last no value", () => {
  assert.ok(shapeError("thing", "size", "a number", "x") instanceof TypeError);
  assert.ok(valueError("thing", "size", "a number", -1) instanceof RangeError);
  assert.equal(
    valueError("thing", "size", "a number", -1).message,
    'Cannot create thing: "size" must be a number, received -1',
  );
  assert.equal(
    secretError("thing", "secret", "a word", "two words").message,
    'Cannot create thing: "secret" must be a word, received a text of 9 characters with a blank (not shown)',
  );
});

test("textError() asks whether the variable is set where the text is what an unset one leaves", () => {
  for (const received of [undefined, "undefined"]) {
    const error = textError("thing", "host", "a host", received);
    assert.match(error.message, /"host" must be a host, received "?undefined"?: is the variable set\?$/);
    assert.ok(error instanceof (received === undefined ? TypeError : RangeError));
  }
  for (const received of ["", "a b", 5, null]) {
    assert.ok(!textError("thing", "host", "a host", received).message.includes("variable"));
  }
});

test("checkOptions() refuses what is no object, and names that nobody knows", () => {
  const table: [options: unknown, prefix: string | undefined, error: string][] = [
    [{}, undefined, ""],
    [{ a: 1, b: undefined }, undefined, ""],
    [undefined, undefined, "TypeError: options must be an object, received undefined"],
    [null, undefined, "TypeError: options must be an object, received null"],
    [[], undefined, "TypeError: options must be an object, received []"],
    ["a", undefined, 'TypeError: options must be an object, received "a"'],
    [{ a: 1, c: 1 }, undefined, 'TypeError: unknown option "c", the options are a, b'],
    [{ c: 1 }, "group.", 'TypeError: unknown option "group.c", the options are a, b'],
  ];
  for (const [options, prefix, error] of table) {
    assert.equal(refusal(() => checkOptions("thing", options, ["a", "b"], prefix)), error);
  }
});

test("show() shows no password of an address", () => {
  assert.equal(show("redis://:a secret@10.0.0.5:6379"), '"redis://...@10.0.0.5:6379"');
  assert.equal(
    show({ url: "rediss://me:p@ss@cache.example:6380/1" }),
    '{"url":"rediss://...@cache.example:6380/1"}',
  );
  assert.equal(show("https://shop.example.com/a@b"), '"https://...@b"');
  assert.equal(show("me@shop.example.com"), '"me@shop.example.com"');
});

test("show() shows no secret that a member holds, as clients of stores have them", () => {
  class Client {
    readonly options = { username: "", password: "hidden" };
  }
  const table: [value: unknown, shown: string][] = [
    [new Client(), '{"options":{"username":"","password":"..."}}'],
    [[{ user: "ann", passphrase: "hidden" }], '[{"user":"ann","passphrase":"..."}]'],
    [
      { apiKey: "hidden", headers: { Authorization: "hidden" } },
      '{"apiKey":"...","headers":{"Authorization":"..."}}',
    ],
    [{ secrets: ["hidden"], accessToken: "hidden" }, '{"secrets":"...","accessToken":"..."}'],
  ];
  for (const [value, shown] of table) assert.equal(show(value), shown);
});

test("checkRules() asks the rule of each option that is given", () => {
  const rules = {
    size: integer(1, 9),
    open: integer(1),
    mode: choice("on", "off"),
    name: text("a short text", (name) => name.length < 3),
    list: texts("a list of texts"),
    few: texts("a list of short texts", (name) => name.length < 3),
    more: group({ deep: checkBoolean }),
    free: anything,
  };
  const table: [options: Record<string, unknown>, error: string][] = [
    [{}, ""],
    [{ size: undefined, mode: undefined, more: undefined }, ""],
    [
      { size: 1, open: Number.MAX_SAFE_INTEGER, mode: "off", name: "ab", list: ["abc"], few: [], free: {} },
      "",
    ],
    [{ size: 9, more: {} }, ""],
    [{ more: { deep: false } }, ""],
    [{ size: 0 }, 'RangeError: "size" must be an integer from 1 to 9, received 0'],
    [{ size: 10 }, 'RangeError: "size" must be an integer from 1 to 9, received 10'],
    [
      { size: Number.NaN },
      'RangeError: "size" must be an integer from 1 to 9, received NaN',
    ],
    [{ size: 1.5 }, 'RangeError: "size" must be an integer from 1 to 9, received 1.5'],
    [{ size: "1" }, 'TypeError: "size" must be an integer from 1 to 9, received "1"'],
    [
      { open: 2 ** 53 },
      'RangeError: "open" must be an integer from 1 to 9007199254740991, received 9007199254740992',
    ],
    [{ mode: "x" }, 'RangeError: "mode" must be one of "on", "off", received "x"'],
    [{ name: "abc" }, 'RangeError: "name" must be a short text, received "abc"'],
    [{ name: 1 }, 'TypeError: "name" must be a short text, received 1'],
    [{ list: "abc" }, 'TypeError: "list" must be a list of texts, received "abc"'],
    [{ list: ["a", 1] }, 'TypeError: "list" must be a list of texts, received 1'],
    [{ few: ["a", "abc"] }, 'RangeError: "few" must be a list of short texts, received "abc"'],
    [{ more: 1 }, 'TypeError: "more" must be an object, received 1'],
    [
      { more: "a secret" },
      'TypeError: "more" must be an object, received a text (not shown)',
    ],
    [
      { more: ["secret"] },
      'TypeError: "more" must be an object, received a list (not shown)',
    ],
    [{ more: null }, 'TypeError: "more" must be an object, received null'],
    [{ more: { deep: 1 } }, 'TypeError: "more.deep" must be true or false, received 1'],
    [{ more: { deeper: 1 } }, 'TypeError: unknown option "more.deeper", the options are deep'],
    [
      { sizes: 1 },
      'TypeError: unknown option "sizes", the options are size, open, mode, name, list, few, more, free',
    ],
  ];
  for (const [options, error] of table) {
    assert.equal(refusal(() => checkRules("thing", options, rules)), error);
  }
});

test("the checks of single options refuse what they are named for", () => {
  const table: [check: () => void, error: string][] = [
    [() => checkNumber("thing", "n", 0.5, 0, 1, false), ""],
    [() => checkNumber("thing", "n", 0, 0, 1), ""],
    [() => checkNumber("thing", "n", 1, 0, 1), ""],
    [
      () => checkNumber("thing", "n", Number.NaN, 0, 1, false),
      'RangeError: "n" must be a number from 0 to 1, received NaN',
    ],
    [
      () => checkNumber("thing", "n", Number.POSITIVE_INFINITY, 0),
      'RangeError: "n" must be an integer from 0 to 9007199254740991, received Infinity',
    ],
    [() => checkFunction("thing", "f", () => {}), ""],
    [() => checkFunction("thing", "f", {}), 'TypeError: "f" must be a function, received {}'],
    [() => checkChoice("thing", "c", 1, [1, "a"]), ""],
    [() => checkChoice("thing", "c", 2, [1, "a"]), 'RangeError: "c" must be one of 1, "a", received 2'],
    [() => checkBoolean("thing", "b", true), ""],
    [() => checkBoolean("thing", "b", "true"), 'TypeError: "b" must be true or false, received "true"'],
    [() => checkStrings("thing", "s", ["a"], "texts"), ""],
    [() => checkStrings("thing", "s", [], "texts"), ""],
  ];
  for (const [check, error] of table) assert.equal(refusal(check), error);
});
