import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { preflight } from "../../mod.ts";
import { answered, gateOf, page, provider, queued, request } from "../src/_gates.ts";

const usual = { origin: "https://app.example", "access-control-request-method": "POST" };

/** Whether a request gets past a gate that lets nobody in. */
function bypasses(method: string, headers: HeadersInit, body?: string): boolean {
  const { gate, faults } = gateOf([preflight(), provider(queued)]);
  const response = answered(gate(request("/api", { method, headers, body: body ?? null }), page));
  assert.deepEqual(faults, []);
  return response.status === 200;
}

describe("preflight()", () => {
  const isOne: readonly [what: string, headers: Record<string, string>][] = [
    ["with an origin and a method", usual],
    ["of a page without an origin of its own", { ...usual, origin: "null" }],
    ["that asks for headers", {
      ...usual,
      "access-control-request-headers": "content-type,x-queueit-ajaxpageurl",
    }],
    ["as browsers mark it", { ...usual, "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }],
    ["for a method of one's own", { ...usual, "access-control-request-method": "PROPFIND" }],
    ["with an empty body", { ...usual, "content-length": "0" }],
    ["that looks like a prefetch", { ...usual, "sec-purpose": "prefetch" }],
  ];
  for (const [what, headers] of isOne) {
    test(`lets a preflight bypass the gate ${what}`, () => assert.equal(bypasses("OPTIONS", headers), true));
  }

  const isNone: readonly [what: string, method: string, headers: Record<string, string>][] = [
    ["a plain OPTIONS", "OPTIONS", {}],
    ["one without an origin", "OPTIONS", { "access-control-request-method": "POST" }],
    ["one with an empty origin", "OPTIONS", { ...usual, origin: "" }],
    ["one without a method", "OPTIONS", { origin: "https://app.example" }],
    ["one with an empty method", "OPTIONS", { ...usual, "access-control-request-method": "" }],
    ["one with a method that is none", "OPTIONS", { ...usual, "access-control-request-method": "PO ST" }],
    ["one with cookies", "OPTIONS", { ...usual, cookie: "session=1" }],
    ["one with an authorisation", "OPTIONS", { ...usual, authorization: "Bearer x" }],
    ["one with a body", "OPTIONS", { ...usual, "content-length": "5" }],
    ["one with a body of unknown length", "OPTIONS", { ...usual, "transfer-encoding": "chunked" }],
    ["one that changes the protocol", "OPTIONS", { ...usual, connection: "Upgrade", upgrade: "websocket" }],
    ["one that a browser opens in a tab", "OPTIONS", { ...usual, "sec-fetch-mode": "navigate" }],
    ["a GET with the headers of one", "GET", usual],
    ["a POST with the headers of one", "POST", usual],
    ["another method in the headers", "POST", { ...usual, "x-http-method-override": "OPTIONS" }],
  ];
  for (const [what, method, headers] of isNone) {
    test(`protects ${what}`, () => assert.equal(bypasses(method, headers), false));
  }

  test("opens the gate for nothing but OPTIONS, whatever a visitor sends", () => {
    const value = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(fc.property(
      fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"),
      fc.dictionary(
        fc.constantFrom(
          "origin",
          "access-control-request-method",
          "access-control-request-headers",
          "sec-fetch-mode",
        ),
        value,
      ),
      (method, headers) => {
        assert.equal(bypasses(method, headers), false);
      },
    ));
  });

  test("says in an explanation why a request is not concerned", async () => {
    const { gate } = gateOf([preflight()]);
    const { decision, steps } = await gate.explain(request("/", { method: "OPTIONS", headers: usual }));
    assert.equal(decision.reason, "preflight/unmatched");
    assert.deepEqual(steps, [{
      hook: "match",
      plugin: "preflight",
      said: "not concerned",
      notes: ["a CORS preflight"],
    }]);
  });
});
