import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../../support/random-cases.ts";
import { circuitBreaker } from "../../../plugins/circuit-breaker/mod.ts";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { crowdhandler } from "../../../plugins/crowdhandler/mod.ts";
import { failOpen } from "../../../plugins/failure-policy/failure-policy.ts";
import { createGate } from "../../../src/gate.ts";
import {
  type Answers,
  benchOf as addresslessBench,
  type BenchOptions,
  fakeFetch,
  hybridBench as addresslessHybrid,
  json,
  other,
  promoted,
  publicKey,
  room,
  site,
  token,
} from "./_helpers.ts";

const wait = "https://wait.crowdhandler.com";
const browser = {
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0",
  "accept-language": "it-IT,it;q=0.9,en;q=0.5",
};
const throttled = { status: 6, promoted: 0, token: other, slug: "annex", position: 9 };

const address = "203.0.113.9";

function benchOf(setup: BenchOptions) {
  return addresslessBench({ address, ...setup });
}

function hybridBench(setup: BenchOptions) {
  return addresslessHybrid({ address, ...setup });
}

function answering(status: number, body = '{"error":"a parameter is wrong"}') {
  return { requests: () => new Response(body, { status }) };
}

/** A service that refuses whom a test says, and promotes everybody else. */
function refusing(isRefused: (url: string) => boolean, status: number): Answers {
  return {
    requests: (call) => {
      const url = call.query["url"] ?? String(call.body["url"]);
      return isRefused(url) ? new Response("{}", { status }) : json(promoted);
    },
  };
}

describe("crowdhandler() takes a crowd for no outage", () => {
  for (const policy of ["open", { throttled: "admit" }, "closed"] as const) {
    test(`status 6 without promotion is a plain refusal, whatever the policy: ${JSON.stringify(policy)}`, async () => {
      for (const make of [benchOf, hybridBench]) {
        for (const cookie of [undefined, `crowdhandler=${token}`]) {
          const bench = make({ policy, answers: { requests: throttled } });
          const visit = await bench.visit("/tickets", cookie === undefined ? {} : { cookie });
          assert.deepEqual([visit.served, visit.decision?.reason], [false, "crowdhandler/queued"]);
          assert.ok(visit.location.startsWith(`${wait}/annex?url=`), visit.location);
          assert.match(visit.cookies["crowdhandler"] ?? "", new RegExp(other), "the token is kept");
          assert.deepEqual(visit.decision?.facts?.place, { position: 9 });
          assert.deepEqual([bench.errors, bench.warnings], [[], []]);
        }
      }
    });
  }

  test("status 6 leads to the matched room, or to the fallback, where the answer names none", async () => {
    const answers = { requests: { status: 6, promoted: 0 } };
    const options = { fallbackSlug: "safety-net" };
    const full = await benchOf({ answers, options }).visit("/tickets");
    assert.ok(full.location.startsWith(`${wait}/safety-net?url=`), full.location);
    assert.deepEqual(full.cookies, {});
    const hybrid = await hybridBench({ answers, options }).visit("/tickets");
    assert.ok(hybrid.location.startsWith(`${wait}/${room.slug}?url=`), hybrid.location);
  });

  test("status 6 with promotion admits", async () => {
    const bench = benchOf({ answers: { requests: { ...throttled, promoted: 1 } } });
    assert.equal((await bench.visit("/tickets")).decision?.reason, "crowdhandler/promoted");
  });

  test("HTTP 429 is a failure that admits nobody unless it is named", async () => {
    for (const make of [benchOf, hybridBench]) {
      const bench = make({ answers: answering(429) });
      const visit = await bench.visit("/tickets", { headers: browser });
      assert.deepEqual([visit.served, visit.decision?.reason], [false, "failure-policy/queued-throttled"]);
      assert.deepEqual(bench.errors.map(({ code }) => code), ["throttled"]);
      const named = make({ policy: { throttled: "admit" }, answers: answering(429) });
      assert.equal((await named.visit("/tickets")).served, true);
    }
  });

  for (
    const [what, answer] of [
      ["status 6", () => json(throttled)],
      ["HTTP 429", () => new Response(null, { status: 429 })],
      ["HTTP 400", () => new Response(null, { status: 400 })],
    ] as const
  ) {
    test(`${what} for one room opens no breaker, and so no other room`, async () => {
      const answers: Answers = {
        requests: (call) => String(call.body["url"]).includes("/tickets") ? answer() : json(promoted),
      };
      const provider = circuitBreaker(
        crowdhandler({ publicKey, publicHosts: ["shop.example.com"], fetch: fakeFetch(answers), warn() {} }),
        { failures: 2, codes: ["timeout", "unreachable", "rejected", "malformed"] },
      );
      const gate = createGate({ plugins: [cookieTokens(), failOpen(), provider], onError() {} });
      const visit = (path: string) =>
        gate(new Request(`${site}${path}`, { headers: browser }), () => new Response("page"), {
          remoteAddr: { hostname: address },
        });
      for (let count = 0; count < 9; count++) assert.equal((await visit("/tickets?a=%27")).status, 302);
      assert.equal(gate.health().plugins["crowdhandler"]?.["state"], "closed");
      assert.equal((await visit("/other")).status, 200);
    });
  }
});

describe("crowdhandler() knows a refusal for which the visitor is the reason", () => {
  const sent: [what: string, path: string, headers: Readonly<Record<string, string>>][] = [
    ["no user agent", "/tickets", {}],
    ["an odd user agent", "/tickets", { ...browser, "user-agent": "<script>" }],
    ["a long user agent", "/tickets", { ...browser, "user-agent": `Mozilla/5.0 ${"x".repeat(500)}` }],
    ["odd languages", "/tickets", { ...browser, "accept-language": "';--" }],
    ["many languages", "/tickets", { ...browser, "accept-language": "it,".repeat(200) }],
    ["a code", "/tickets?ch-code=%27%20OR", browser],
    ["a code as others send it", "/tickets?ch-code=VIP", browser],
    ["an odd query", "/tickets?a=%3Cscript%3E", browser],
    ["quotes in the query", "/tickets?a='1", browser],
    ["a broken escape", "/tickets?a=%zz", browser],
    ["a long query", `/tickets?a=${"x".repeat(3000)}`, browser],
    ["a token", "/tickets", { ...browser, cookie: "crowdhandler=tok_garbage" }],
  ];
  for (const [what, path, headers] of sent) {
    test(`a visitor who sends ${what} and is refused with 4xx does not come in, whatever the policy`, async () => {
      for (const make of [benchOf, hybridBench]) {
        for (const status of [400, 404, 408, 413, 414, 422, 431]) {
          for (const policy of ["open", { rejected: "admit" }] as const) {
            const bench = make({ policy, answers: answering(status) });
            const visit = await bench.visit(path, { headers });
            // In full mode the room would send them back to be refused again.
            const isEndless = make === benchOf && !("user-agent" in headers);
            const reason = isEndless ? "crowdhandler/agent-required" : "crowdhandler/queued";
            assert.deepEqual([visit.served, visit.decision?.reason], [false, reason]);
            assert.deepEqual(bench.errors, [], "what a visitor sends is no failure");
            assert.equal(bench.warnings.length, "user-agent" in headers ? 1 : 0, "but the owner is told");
          }
        }
      }
    });
  }

  test("a refusal of the key is the owner's, whatever the visitor sends", async () => {
    for (const [, path, headers] of sent) {
      const bench = benchOf({ answers: answering(401) });
      assert.equal((await bench.visit(path, { headers })).served, true);
      assert.deepEqual(bench.errors.map(({ code }) => code), ["rejected"]);
    }
  });

  test("a refusal of a visit that says nothing out of the ordinary follows the policy", async () => {
    const word = fc.string({ unit: fc.constantFrom(..."abzAZ019_-"), minLength: 1, maxLength: 12 });
    const path = fc.array(word, { maxLength: 4 }).map((words) => `/tickets/${words.join("/")}`);
    const status = fc.constantFrom(400, 403, 404, 408, 422);
    await fc.assert(
      fc.asyncProperty(path, word, status, async (path, value, status) => {
        const bench = benchOf({ answers: answering(status) });
        assert.equal((await bench.visit(`${path}?a=${value}`, { headers: browser })).served, true);
        assert.deepEqual(bench.errors.map(({ code }) => code), ["rejected"]);
      }),
      { numRuns: 50 },
    );
  });

  test("an account that is locked is locked for tokens as well, which follow the policy", async () => {
    const bench = benchOf({ answers: answering(403) });
    const cookie = `crowdhandler=${token}`;
    assert.equal((await bench.visit("/tickets", { headers: browser, cookie })).served, true);
  });

  test("who is refused while the service takes others is refused for something of their own", async () => {
    const answers = refusing((url) => url.includes("/mine"), 403);
    const bench = benchOf({ answers });
    const mine = async () => (await bench.visit("/mine", { headers: browser })).decision?.reason;
    assert.equal(await mine(), "failure-policy/admitted-rejected", "nobody else was taken yet");
    await bench.visit("/tickets", { headers: browser });
    assert.equal(await mine(), "crowdhandler/queued");
    bench.clock.now += 3_600_000;
    assert.equal(await mine(), "crowdhandler/queued", "after a quiet hour as well");
  });

  test("the owner is told once for each status, whatever visitors vary, and not by explanations", async () => {
    const bench = benchOf({ answers: answering(400) });
    for (let count = 0; count < 9; count++) await bench.visit(`/tickets?a=%${count}0`, { headers: browser });
    assert.equal(bench.warnings.length, 1);
    assert.match(
      bench.warnings[0] ?? "",
      /refused the check of a visitor with HTTP 400, who is sent to wait/,
    );
    const explaining = benchOf({ answers: answering(400) });
    const request = new Request("https://shop.example.com/tickets", {
      headers: { ...browser, cookie: `crowdhandler=${token}` },
    });
    const { decision, steps } = await explaining.gate.explain(request, {
      remoteAddr: { hostname: "203.0.113.9" },
    });
    assert.equal(decision.reason, "crowdhandler/queued");
    assert.match(JSON.stringify(steps), /checks others, but not this visitor, who counts as not promoted/);
    assert.deepEqual(explaining.warnings, []);
  });

  test("what the application tells by parameters is never a reason to admit", async () => {
    const bench = benchOf({ options: { parameters: () => ({ captcha: "odd" }) }, answers: answering(422) });
    assert.equal(
      (await bench.visit("/tickets", { headers: browser })).decision?.reason,
      "crowdhandler/queued",
    );
  });
});

describe("crowdhandler() where no address is known", () => {
  for (const status of [400, 403, 422]) {
    test(`fails with unidentified when the service refuses the check with ${status}, says what to do, and admits nobody`, async () => {
      for (const make of [benchOf, hybridBench]) {
        // Where a room's signature is believed without a check, the room is a way in; else it would only lead back here.
        const done = make === hybridBench ? "queued" : "rejected";
        for (const headers of [browser, {}, { ...browser, cookie: `crowdhandler=${token}` }]) {
          const bench = make({ address: "", answers: answering(status) });
          const visit = await bench.visit("/tickets", { headers });
          assert.deepEqual([visit.served, visit.decision?.reason], [
            false,
            `failure-policy/${done}-unidentified`,
          ]);
          assert.deepEqual(bench.errors.map(({ code }) => code), ["unidentified"]);
          assert.match(
            bench.errors[0]?.message ?? "",
            /HTTP \d+: a parameter is wrong; no client address is known: add clientIp\(\{.*, or tell it by "visitor"$/,
          );
          const named = make({ address: "", policy: { unidentified: "admit" }, answers: answering(status) });
          assert.equal((await named.visit("/tickets", { headers })).served, true);
        }
      }
    });
  }

  test("goes on where the service does without, and leaves a wrong key and address of the service what they are", async () => {
    const well = benchOf({ address: "" });
    assert.equal((await well.visit("/tickets", { headers: browser })).served, true);
    assert.equal(well.calls[0]?.body["ip"], undefined);
    assert.deepEqual(well.errors, []);
    for (const status of [401, 404]) {
      const bench = benchOf({ address: "", answers: answering(status) });
      await bench.visit("/tickets", { headers: browser });
      assert.deepEqual(bench.errors.map(({ code }) => code), ["rejected"]);
    }
  });

  test("is content with an address that the application tells", async () => {
    const visitor = () => ({ ip: "198.51.100.23" });
    const bench = benchOf({ address: "", options: { visitor }, answers: answering(400) });
    await bench.visit("/tickets", { headers: browser });
    assert.deepEqual(bench.errors.map(({ code }) => code), ["rejected"]);
    const silent = benchOf({ options: { visitor: () => ({ ip: "" }) }, answers: answering(400) });
    await silent.visit("/tickets", { headers: browser });
    assert.deepEqual(silent.errors.map(({ code }) => code), ["unidentified"]);
  });
});
