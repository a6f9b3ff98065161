import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { neverReturns } from "../../../src/http/never-returns.ts";

const table: readonly [what: string, method: string, headers: Record<string, string>, never: boolean][] = [
  ["a manifest", "GET", { "sec-fetch-dest": "manifest", "sec-fetch-mode": "cors" }, true],
  ["a report", "POST", { "sec-fetch-dest": "report", "sec-fetch-mode": "cors" }, true],
  ["federated sign-in", "GET", { "sec-fetch-dest": "webidentity", "sec-fetch-mode": "no-cors" }, true],
  ["a report of an old browser", "POST", { "content-type": "application/csp-report" }, true],
  ["reports", "POST", { "content-type": "Application/Reports+JSON; charset=utf-8" }, true],
  ["a report of certificates", "POST", { "content-type": "application/expect-ct-report+json" }, true],
  ["the ping of a link", "POST", { "content-type": "text/ping" }, true],
  ["a beacon", "POST", { "sec-fetch-dest": "empty", "sec-fetch-mode": "no-cors" }, true],
  ["a call", "POST", { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors" }, false],
  [
    "a call of the same origin",
    "POST",
    { "sec-fetch-dest": "empty", "sec-fetch-mode": "same-origin" },
    false,
  ],
  [
    "a call without CORS that only reads",
    "GET",
    { "sec-fetch-dest": "empty", "sec-fetch-mode": "no-cors" },
    false,
  ],
  ["a form", "POST", { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" }, false],
  ["a form of an old browser", "POST", { "content-type": "application/x-www-form-urlencoded" }, false],
  ["an image", "GET", { "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors" }, false],
  ["a film", "GET", { "sec-fetch-dest": "video", "sec-fetch-mode": "no-cors" }, false],
  ["a frame", "GET", { "sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate" }, false],
  ["a page whose type is that of a report", "GET", { "content-type": "application/csp-report" }, false],
  ["a client that says nothing", "GET", {}, false],
  ["a type that only begins like one", "POST", { "content-type": "text/pingpong" }, false],
];

describe("neverReturns()", () => {
  for (const [what, method, headers, never] of table) {
    test(`says of ${what} that it ${never ? "never comes back" : "may come back"}`, () => {
      assert.equal(neverReturns({ method, headers: new Headers(headers) }), never);
    });
  }
});
