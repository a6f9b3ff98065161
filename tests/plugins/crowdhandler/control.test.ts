/** A service that fails for one visitor is no service that fails: whether it takes the checks of others tells. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { circuitBreaker } from "../../../plugins/circuit-breaker/mod.ts";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { crowdhandler } from "../../../plugins/crowdhandler/mod.ts";
import { failOpen } from "../../../plugins/failure-policy/failure-policy.ts";
import { createGate } from "../../../src/gate.ts";
import {
  type Answers,
  benchOf,
  type Call,
  fakeFetch,
  hybridBench,
  json,
  promoted,
  publicKey,
  site,
  token,
} from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

const address = "203.0.113.9";
const headers = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)", "accept-language": "it-IT,it;q=0.9" };

const urlOf = ({ query, body }: Call) => query["url"] ?? String(body["url"]);

/** A service that fails for what a test says, and promotes everybody else. */
function failing(isFailed: (call: Call) => boolean, fail: () => Response | Promise<Response>): Answers {
  return { requests: (call) => isFailed(call) ? fail() : json(promoted) };
}

const failures: readonly [what: string, fail: () => Response][] = [
  ["an error of its own", () => new Response("{}", { status: 500 })],
  ["an error of what stands before it", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
  ["a page of a firewall", () => new Response("<h1>Request blocked</h1>")],
  ["nothing", () => new Response("")],
  ["a refusal", () => new Response("{}", { status: 403 })],
  ["a connection that breaks", () => {
    throw new TypeError("fetch failed", { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) });
  }],
  ["a redirect", () => new Response(null, { status: 302, headers: { location: "/blocked" } })],
];

describe("crowdhandler() knows a failure for which the visitor is the reason", () => {
  for (const [what, fail] of failures) {
    test(`who is answered with ${what}, and nobody else, waits, as long as that is so`, async () => {
      for (const make of [benchOf, hybridBench]) {
        const bench = make({ address, answers: failing((call) => /odd/.test(urlOf(call)), fail) });
        const reason = async (path: string) => (await bench.visit(path, { headers })).decision?.reason;
        assert.equal(await reason("/tickets"), "crowdhandler/promoted");
        for (let count = 0; count < 6; count++) {
          assert.equal(await reason("/tickets?odd=1"), "crowdhandler/queued");
          bench.clock.now += 120_000;
        }
        assert.equal(await reason("/tickets"), "crowdhandler/promoted");
        assert.deepEqual(bench.errors, []);
        assert.equal(bench.warnings.length, 1, "the owner is told once");
        assert.match(bench.warnings[0] ?? "", /CrowdHandler (?:refused|failed for) the check of a visitor/);
      }
    });

    test(`a service that answers everybody with ${what} is one that fails, from the first visitor on`, async () => {
      let isDown = false;
      const bench = benchOf({ address, answers: failing(() => isDown, fail) });
      assert.equal((await bench.visit("/tickets", { headers })).served, true);
      isDown = true;
      bench.clock.now += 5000;
      for (const path of ["/tickets", "/tickets?a=1", "/other"]) {
        const visit = await bench.visit(path, { headers });
        assert.match(
          visit.decision?.reason ?? "",
          /^failure-policy\/admitted-(?:unreachable|malformed|rejected)$/,
        );
      }
      isDown = false;
      bench.clock.now += 1000;
      assert.equal((await bench.visit("/tickets", { headers })).decision?.reason, "crowdhandler/promoted");
    });
  }

  test("five of them open no breaker", async () => {
    const answers = failing((call) => /odd/.test(urlOf(call)), () => new Response("{}", { status: 500 }));
    const provider = circuitBreaker(
      crowdhandler({ publicKey, publicHosts: ["shop.example.com"], fetch: fakeFetch(answers), warn() {} }),
    );
    const gate = createGate({ plugins: [cookieTokens(), failOpen(), provider], onError() {} });
    const visit = async (path: string) =>
      (await gate(new Request(site + path, { headers }), () => new Response("page"))).status;
    assert.equal(await visit("/tickets"), 200);
    for (let count = 0; count < 9; count++) assert.equal(await visit(`/tickets?odd=${count}`), 302);
    assert.equal(gate.health().plugins["crowdhandler"]?.["state"], "closed");
  });

  test("the check that tells has nothing of any visitor, a session of its own, and is made once a second", async () => {
    const bench = benchOf({
      address,
      answers: failing((call) => /odd/.test(urlOf(call)), () => new Response("{}", { status: 500 })),
    });
    await bench.visit("/tickets", { headers, cookie: `crowdhandler=${token}` });
    bench.calls.length = 0;
    const visitAll = () =>
      Promise.all([1, 2, 3].map((at) => bench.visit(`/tickets?odd=${at}&ch-code=mine`, { headers })));
    await visitAll();
    await visitAll();
    const controls = () => bench.calls.filter((call) => !/odd/.test(urlOf(call)));
    assert.equal(controls().length, 1);
    const facts = { url: `${site}/`, ip: "192.0.2.1", agent: "Stanchion", lang: "en" };
    assert.deepEqual([controls()[0]?.path, controls()[0]?.body], ["requests", facts]);
    bench.clock.now += 1000;
    await visitAll();
    assert.equal(controls().length, 2);
    assert.deepEqual([controls()[1]?.path, controls()[1]?.query], [`requests/${token}`, facts]);
  });

  test(
    "a service that is silent to that check fails for all, as soon as that is known",
    steadily(async () => {
      let isSilent = false;
      const answers: Answers = {
        requests: (call) =>
          /odd/.test(urlOf(call))
            ? new Response("{}", { status: 500 })
            : isSilent
            ? new Promise<Response>(() => {})
            : json(promoted),
      };
      const bench = benchOf({ address, answers, options: { timeoutMs: 120 } });
      await bench.visit("/tickets", { headers });
      isSilent = true;
      const first = await bench.visit("/tickets?odd=1", { headers });
      assert.equal(first.decision?.reason, "crowdhandler/queued", "there was no time to learn it");
      await new Promise((resolve) => setTimeout(resolve, 300));
      const next = await bench.visit("/tickets?odd=1", { headers });
      assert.equal(next.decision?.reason, "failure-policy/admitted-unreachable");
    }),
  );
});
