import assert from "node:assert/strict";
import { test } from "node:test";
import { isAboutAddress, isAnswer, isOdd, type Told } from "../../../plugins/crowdhandler/api/refusal.ts";
import { type FailureCode, GateError, ServiceError } from "../../../src/errors.ts";
import { site, token } from "./_helpers.ts";

const plain: Told = {
  token: undefined,
  facts: {
    url: `${site}/tickets?a=1`,
    code: undefined,
    ip: "1.2.3.4",
    agent: "Mozilla/5.0 (X11)",
    lang: "it-IT,it;q=0.9",
  },
  further: {},
};

function refused(status?: number): ServiceError {
  return new ServiceError("rejected", "refused", status === undefined ? {} : { status });
}

function told(facts: Partial<Told["facts"]>, changed: Partial<Told> = {}): Told {
  return { ...plain, ...changed, facts: { ...plain.facts, ...facts } };
}

test("isAboutAddress() tells a refusal without an address from others", () => {
  for (const ip of [undefined, ""]) {
    const { facts } = told({ ip });
    for (const status of [400, 403, 422, undefined]) {
      assert.equal(isAboutAddress(refused(status), facts), true);
    }
    for (const status of [401, 402, 404, 407]) assert.equal(isAboutAddress(refused(status), facts), false);
    assert.equal(isAboutAddress(new ServiceError("unreachable", "x", { status: 500 }), facts), false);
    assert.equal(isAboutAddress(new Error("rejected"), facts), false);
  }
  assert.equal(isAboutAddress(refused(400), plain.facts), false);
});

test("isAnswer() tells what the service said of one check from what it says of the account, and from silence", () => {
  const fault = (code: FailureCode, status?: number) => new ServiceError(code, "x", { status });
  const table: [cause: unknown, isIt: boolean][] = [
    ...[400, 403, 404, 422, undefined].map((status) => [refused(status), true] as [unknown, boolean]),
    ...[401, 402, 407].map((status) => [refused(status), false] as [unknown, boolean]),
    [fault("unreachable", 500), true],
    [fault("unreachable", 302), true],
    [fault("unreachable"), false],
    [fault("malformed"), true],
    [fault("throttled", 429), false],
    [fault("timeout"), false],
    [fault("overloaded"), false],
    [fault("internal"), false],
    [new GateError("internal", "x"), false],
    [new Error("other side closed"), true],
    [new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNRESET" }) }), true],
    [new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) }), false],
    [new TypeError("error sending request: dns error: failed to lookup address information"), false],
    [new TypeError("tcp open error: Too many open files (os error 24)"), false],
  ];
  for (const [cause, isIt] of table) assert.equal(isAnswer(cause), isIt, JSON.stringify(cause));
});

test("isOdd() takes a refusal for the visitor's when something was told that is out of the ordinary", () => {
  const table: [told: Told, isOdd: boolean][] = [
    [plain, false],
    [told({ lang: undefined }), false],
    [told({ agent: undefined }), true],
    [told({ code: "" }), true],
    [told({ code: "vip" }), true],
    [told({}, { further: { tier: undefined } }), true],
    [told({}, { token }), true],
    [told({ url: `${site}/a'b` }), true],
    [told({ url: `${site}/a%20b` }), true],
    [told({ url: `${site}/a?b='` }), true],
    [told({ url: `${site}/a?b?c` }), true],
    [told({ url: `${site}/a?` }), false],
    [told({ url: `${site}/a~b.c-d_e` }), false],
    [told({ url: `${site}/a?b=c+d&e=~f.g-h_i` }), false],
    [told({ url: `${site}/`.padEnd(512, "x") }), false],
    [told({ url: `${site}/`.padEnd(513, "x") }), true],
    [told({ url: `${site}/?${"x".repeat(512)}` }), false],
    [told({ url: `${site}/?${"x".repeat(513)}` }), true],
    [told({ agent: "" }), true],
    [told({ agent: "x".repeat(300) }), false],
    [told({ agent: "x".repeat(301) }), true],
    [told({ agent: "a'b" }), true],
    [told({ agent: "é" }), true],
    [told({ lang: "<" }), true],
    [told({ lang: "" }), true],
  ];
  for (const [what, isIt] of table) {
    assert.equal(isOdd(refused(400), what), isIt, JSON.stringify(what));
  }
  assert.equal(isOdd(refused(403), told({}, { token })), false, "an account that is locked");
  assert.equal(isOdd(refused(403), told({ code: "vip" }, { token })), true);
  for (const cause of [refused(401), new ServiceError("unreachable", "x", { status: 500 })]) {
    assert.equal(isOdd(cause, told({ code: "vip" }, { token })), false);
  }
});
