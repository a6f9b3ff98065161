import assert from "node:assert/strict";
import { test } from "node:test";
import { isAboutAddress, isAboutVisitor, type Told } from "../../../plugins/crowdhandler/api/refusal.ts";
import { ServiceError } from "../../../src/errors.ts";
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

test("isAboutVisitor() takes a refusal for the visitor's when the service took others just before", () => {
  for (const status of [400, 403, 404, 422, undefined]) {
    assert.equal(isAboutVisitor(refused(status), plain, true), true);
    assert.equal(isAboutVisitor(refused(status), plain, false), false);
  }
  for (const status of [401, 402, 407]) {
    assert.equal(
      isAboutVisitor(refused(status), told({ code: "c" }, { token }), true),
      false,
      String(status),
    );
  }
  for (const cause of [new Error("x"), new ServiceError("throttled", "x", { status: 429 }), undefined]) {
    assert.equal(isAboutVisitor(cause, told({ code: "c" }, { token }), true), false);
  }
});

test("isAboutVisitor() takes a refusal for the visitor's when something was told that is out of the ordinary", () => {
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
  for (const [what, isOdd] of table) {
    assert.equal(isAboutVisitor(refused(400), what, false), isOdd, JSON.stringify(what));
  }
  assert.equal(isAboutVisitor(refused(403), told({}, { token }), false), false, "an account that is locked");
  assert.equal(isAboutVisitor(refused(403), told({ code: "vip" }, { token }), false), true);
});
