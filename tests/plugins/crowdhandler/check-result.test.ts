import assert from "node:assert/strict";
import { test } from "node:test";
import { complaintOf, readJson, readResult } from "../../../plugins/crowdhandler/api/check-result.ts";
import { ServiceError } from "../../../src/errors.ts";
import { token } from "./_helpers.ts";

const nothing = {
  token: undefined,
  slug: undefined,
  responseId: undefined,
  position: undefined,
  status: undefined,
  hash: undefined,
  requested: undefined,
  deployment: undefined,
};

function resultOf(result: object) {
  return readResult(JSON.stringify({ result }));
}

test("readResult() lets in by `promoted` alone, in each of its spellings", () => {
  for (const promoted of [1, "1", true]) {
    assert.deepEqual(resultOf({ promoted }), { promoted: true, ...nothing });
  }
  for (const promoted of [0, "0", false]) {
    assert.deepEqual(resultOf({ promoted }), { promoted: false, ...nothing });
  }
  assert.equal(resultOf({ promoted: 1, status: 6 }).promoted, true);
  assert.equal(resultOf({ promoted: 0, status: 1 }).promoted, false);
});

test("readResult() reads every attribute, and leaves out those without their form", () => {
  const whole = {
    token,
    slug: "queen-victoria-hall",
    responseID: "0a1b",
    position: 648,
    status: 2,
    hash: "0a",
    requested: "2030-01-15T12:00:00Z",
    deployment: "eu",
  };
  const { responseID, ...rest } = whole;
  assert.deepEqual(resultOf({ promoted: 0, ...whole }), { promoted: false, responseId: responseID, ...rest });
  const odd: Record<string, readonly unknown[]> = {
    token: [5, "", "nobody", null, [token]],
    slug: [5, "", ".", "..", "x".repeat(513), "\ud800", null],
    responseID: [5, "", ".", "x".repeat(513), null],
    position: ["5", 1.5, 2 ** 53, null, [5]],
    status: ["5", 1.5, 2 ** 53, null],
    hash: [5, "", "x".repeat(513), null, ["a"]],
    requested: [5, "", "x".repeat(513), null],
    deployment: [5, "", "x".repeat(513), null],
  };
  for (const [name, values] of Object.entries(odd)) {
    for (const value of values) {
      const read = resultOf({ promoted: 0, ...whole, [name]: value });
      const key = name === "responseID" ? "responseId" : name;
      assert.deepEqual(read, { promoted: false, responseId: responseID, ...rest, [key]: undefined }, name);
    }
  }
  assert.equal(resultOf({ promoted: 0, hash: "x".repeat(512) }).hash, "x".repeat(512));
  assert.equal(resultOf({ promoted: 0, position: 0 }).position, 0);
});

test("readResult() tells which part of an answer is not usable, and what the service says of it", () => {
  const table: [answer: unknown, said: string][] = [
    [5, "body"],
    ["x", "body"],
    [null, "body"],
    [{}, "result"],
    [[], "result"],
    [{ result: null }, "result"],
    [{ result: "x" }, "result"],
    [{ result: {} }, "result.promoted"],
    [{ result: [] }, "result.promoted"],
    [{ result: { promoted: null } }, "result.promoted"],
    [{ result: { promoted: 2 } }, "result.promoted"],
    [{ result: { promoted: "true" } }, "result.promoted"],
    [{ result: { promoted: [1] } }, "result.promoted"],
    [{ result: { error: "No such room" } }, "result.promoted: No such room"],
    [{ result: { error: "No such room" }, message: "Failed" }, "result.promoted: No such room"],
    [{ result: {}, message: "Failed" }, "result.promoted: Failed"],
    [{ error: "Failed" }, "result: Failed"],
  ];
  for (const [answer, said] of table) {
    assert.throws(() => readResult(JSON.stringify(answer)), {
      name: "ServiceError",
      code: "malformed",
      message: `CrowdHandler answered with an unusable ${said}`,
    });
  }
});

test("readJson() reads JSON with and without a byte-order mark, and nothing else", () => {
  assert.deepEqual(readJson("[1]"), [1]);
  assert.deepEqual(readJson("\ufeff[1]"), [1]);
  for (const body of ["", "\ufeff", "\ufeff\ufeff[1]", "[1", "<html>", "[1]\ufeff"]) {
    assert.throws(
      () => readJson(body),
      (error) =>
        error instanceof ServiceError && error.code === "malformed" &&
        /that is not JSON$/.test(error.message),
    );
  }
});

test("complaintOf() passes plain words of an answer, and nothing that may be a secret", () => {
  const table: [answer: unknown, complaint: string][] = [
    [undefined, ""],
    [null, ""],
    ["error", ""],
    [{}, ""],
    [{ error: "", message: "" }, ""],
    [{ error: 5, message: ["x"] }, ""],
    [{ error: "Not found" }, ": Not found"],
    [{ message: "Not found" }, ": Not found"],
    [{ error: "First", message: "Second" }, ": First"],
    [{ error: "", message: "Second" }, ": Second"],
    [{ error: null, message: "Second" }, ": Second"],
    [{ error: "  a \t b\n" }, ": a b"],
    [
      { error: "The 'url' (of \"HTTP\") is invalid: why, then; so?!" },
      ": The 'url' (of \"HTTP\") is invalid: why, then; so?!",
    ],
    [{ error: "key 9f2c is 12 of ab3 a@b a/b A-B é" }, ": key … is … of … … … … …"],
    [{ error: `the token ${token} or tokabc, and tokens of tok` }, ": the token … or … and tokens of tok"],
    [{ error: "tokenx tokensx toktoken toktokens" }, ": … … … …"],
    [{ error: '(token) "tokens", Token' }, ': (token) "tokens", Token'],
    [{ error: "ABCDE ABCDEF Ab aB Abcdefghijklmnop Abcdefghijklmnopq" }, ": ABCDE … Ab … Abcdefghijklmnop …"],
    [{ error: "a'b a(b 'a" }, ": … … 'a"],
    [{ error: `${"word ".repeat(40)}and more` }, `: ${"word ".repeat(40).trim()}`],
  ];
  for (const [answer, complaint] of table) assert.equal(complaintOf(answer), complaint);
});
