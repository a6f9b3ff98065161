import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isStale,
  readSession,
  readSignature,
  sessionOf,
  withSignature,
} from "../../../plugins/crowdhandler/session/session.ts";
import { token } from "./_helpers.ts";

const gen = "2030-01-15T11:59:30Z";
const sig = "0a".repeat(32);
const entry = { token, touched: 1_800_000_000_000, touchedSig: sig, signatures: [{ gen, sig }] };
const whole = { integration: "JSDK", tokens: [entry], deployment: "eu-1" };

test("readSession() reads a plain token and a whole session", () => {
  assert.deepEqual(readSession(token), sessionOf(token, undefined));
  assert.deepEqual(readSession(JSON.stringify(whole)), { ...entry, deployment: "eu-1" });
});

test("readSession() reads the last token of several", () => {
  const tokens = [{ ...entry, token: "tok_first" }, entry];
  assert.equal(readSession(JSON.stringify({ tokens }))?.token, token);
});

test("readSession() takes what has no token of its form for absent", () => {
  const table = [
    undefined,
    null,
    5,
    { token },
    "",
    "5",
    "{",
    "{}",
    "null",
    "[]",
    `${token} `,
    ` ${token}`,
    "tok",
    "TOK_a",
    '{"tokens":{}}',
    '{"tokens":[]}',
    '{"tokens":[null]}',
    '{"tokens":["tok_a"]}',
    `{"tokens":{"-1":{"token":"${token}"}}}`,
    '{"tokens":[{"token":"nobody"}]}',
    `{"tokens":[{"token":["${token}"]}]}`,
    `{"tokens":[{"token":"${token}"},{}]}`,
    `[{"token":"${token}"}]`,
    // JSON, but not with the brace in front.
    ` ${JSON.stringify(whole)}`,
  ];
  for (const stored of table) assert.equal(readSession(stored), undefined, JSON.stringify(stored));
});

test("readSession() reads texts of 4096 characters, and no longer ones", () => {
  const start = JSON.stringify(whole).slice(0, -1);
  const padded = (length: number) => `${start},"x":"${"x".repeat(length - start.length - 8)}"}`;
  assert.equal(padded(4096).length, 4096);
  assert.equal(readSession(padded(4096))?.token, token);
  assert.equal(readSession(padded(4097)), undefined);
});

test("readSession() leaves out the parts that have not their form, and keeps the others", () => {
  const read = (changed: object, outer: object = {}) =>
    readSession(JSON.stringify({ ...whole, ...outer, tokens: [{ ...entry, ...changed }] }));
  for (const touched of ["1800000000000", 1.5, 2 ** 53, null, true, [], {}]) {
    assert.deepEqual(read({ touched }), { ...entry, touched: undefined, deployment: "eu-1" });
  }
  for (const touched of [0, -5, 2 ** 53 - 1]) assert.equal(read({ touched })?.touched, touched);
  for (const touchedSig of [5, "", "0", sig.toUpperCase(), `${sig}0`, `0${sig}`, sig.slice(1), [sig]]) {
    assert.deepEqual(read({ touchedSig }), { ...entry, touchedSig: undefined, deployment: "eu-1" });
  }
  for (const signatures of [undefined, null, 5, "x", {}, { 0: { gen, sig } }, []]) {
    assert.deepEqual(read({ signatures })?.signatures, []);
  }
  const mixed = [null, "x", { gen }, { gen, sig }, { sig }, { gen: "", sig }, { gen, sig: "" }, [gen, sig]];
  assert.deepEqual(read({ signatures: mixed })?.signatures, [{ gen, sig }]);
  for (const deployment of [5, "", "é", "a\n", "\x7f", "x".repeat(65), ["eu"]]) {
    assert.equal(read({}, { deployment })?.deployment, undefined, JSON.stringify(deployment));
  }
  for (const deployment of [" ", "~", "a b", "x".repeat(64)]) {
    assert.equal(read({}, { deployment })?.deployment, deployment);
  }
});

test("readSignature() takes a time of the service's form that is one, and a hash", () => {
  assert.deepEqual(readSignature(gen, sig), { gen, sig });
  const times = [
    undefined,
    null,
    5,
    "",
    [gen],
    ` ${gen}`,
    `${gen} `,
    `${gen}\n`,
    "2030-01-15T11:59:30",
    "2030-01-15T11:59:30.0Z",
    "2030-01-15T11:59Z",
    "2030-01-15 11:59:30Z",
    "2030-1-15T11:59:30Z",
    "2030-01-15T1:59:30Z",
    "2030-01-15T11:5:30Z",
    "2030-01-15T11:59:3Z",
    "12030-01-15T11:59:30Z",
    "x2030-01-15T11:59:30Z",
    // A time in the long form, which begins before the part that has the service's form.
    "+002030-01-15T11:59:30Z",
    "2030-01-15T11:59:30z",
    "2030-01-15T11:59:30+00:00",
    // Of the form, but no time.
    "2030-13-15T11:59:30Z",
    "2030-01-15T25:59:30Z",
    "2030-01-15T11:60:30Z",
  ];
  for (const time of times) assert.equal(readSignature(time, sig), undefined, JSON.stringify(time));
  for (const hash of [undefined, 5, "", sig.slice(1), `${sig}0`, `${sig}\n`, ` ${sig}`, "g".repeat(64)]) {
    assert.equal(readSignature(gen, hash), undefined, JSON.stringify(hash));
  }
});

test("withSignature() adds what is not there, at the end", () => {
  const first = { gen, sig };
  const otherTime = { gen: "2030-01-15T11:59:31Z", sig };
  const otherHash = { gen, sig: "0b".repeat(32) };
  assert.deepEqual(withSignature([], first), [first]);
  assert.deepEqual(withSignature([first], { ...first }), [first]);
  assert.deepEqual(withSignature([otherTime, first], first), [otherTime, first]);
  assert.deepEqual(withSignature([first], otherTime), [first, otherTime]);
  assert.deepEqual(withSignature([first], otherHash), [first, otherHash]);
});

test("isStale() reads the date of a token in base 60, and takes one that cannot be read for old", () => {
  const alphabet = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijklmnpqrstuvwxyz";
  const tokenOf = (...digits: readonly number[]) =>
    `tok0${digits.map((digit) => alphabet[digit] ?? "-").join("")}abc`;
  const now = Date.UTC(2030, 11, 31, 23, 59, 59);
  const table: [digits: readonly number[], isOld: boolean][] = [
    [[30, 12, 31, 23, 59, 59], false],
    [[30, 12, 31, 11, 59, 59], false],
    [[30, 12, 31, 11, 59, 58], true],
    [[30, 12, 31, 11, 58, 59], true],
    [[30, 12, 31, 10, 59, 59], true],
    [[30, 12, 30, 23, 59, 59], true],
    [[30, 11, 31, 23, 59, 59], true],
    [[29, 12, 31, 23, 59, 59], true],
    // Of a clock that goes ahead.
    [[31, 1, 1, 0, 0, 0], false],
    [[59, 1, 1, 0, 0, 0], false],
    // No dates, later than now if anybody counted on.
    [[59, 0, 1, 0, 0, 0], true],
    [[31, 13, 1, 0, 0, 0], true],
    [[59, 1, 0, 0, 0, 0], true],
    [[31, 1, 1, 24, 0, 0], true],
    [[60, 1, 1, 0, 0, 0], true],
    [[31, 60, 1, 0, 0, 0], true],
    [[31, 1, 60, 0, 0, 0], true],
    [[31, 1, 1, 60, 0, 0], true],
    [[31, 1, 1, 0, 60, 0], true],
    [[31, 1, 1, 0, 0, 60], true],
  ];
  for (const [digits, isOld] of table) {
    assert.equal(isStale(tokenOf(...digits), now), isOld, digits.join(" "));
  }
  assert.ok(isStale("tok0", now), "no date");
  assert.ok(isStale("tok0w1100", now), "a date without its seconds");
  const young = tokenOf(31, 1, 1, 0, 0, 0);
  assert.equal(isStale(young.replace("tok0", "tok_"), now), false, "others carry none");
  assert.equal(isStale(token, Number.MAX_SAFE_INTEGER), false);
  assert.equal(isStale("tok_0", Number.MAX_SAFE_INTEGER), false);
});
