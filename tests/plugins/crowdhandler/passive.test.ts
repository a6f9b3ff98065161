// What is fetched in advance, what the adapters learn of the visitor, and where programs return.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { prefetch } from "../../../plugins/prefetch.ts";
import { problemAnswers } from "../../../plugins/problem-answers/mod.ts";
import type { Plugin } from "../../../src/plugin.ts";
import {
  type Bench,
  benchOf,
  type BenchOptions,
  hybridBench,
  hybridCookie,
  other,
  promoted,
  queued,
  room,
  token,
} from "./_helpers.ts";

const headers = { "sec-purpose": "prefetch;prerender" };
const rooms = [{ ...room, checkout: "^/tickets/thanks" }];
const benches: readonly [mode: string, make: (setup: BenchOptions) => Bench][] = [
  ["full", benchOf],
  ["hybrid", hybridBench],
];

for (const [mode, make] of benches) {
  describe(`crowdhandler() in ${mode} mode`, () => {
    const plugins = [prefetch({ random: () => 0 }), cookieTokens()];

    for (const policy of ["open", "closed"] as const) {
      test(`opens no place for a new visitor's prefetch, with a policy that is ${policy}`, async () => {
        const bench = make({ plugins, policy, answers: { rooms, requests: queued } });
        const { response, served, decision, cookies } = await bench.visit("/tickets", { headers });
        assert.equal(response.status, 503);
        assert.equal(response.headers.get("cache-control"), "no-store");
        assert.equal(response.headers.get("retry-after"), "60");
        assert.equal(served, false);
        assert.equal(decision?.reason, "crowdhandler/passive");
        assert.deepEqual(cookies, {});
        assert.deepEqual(bench.calls.filter(({ path }) => path.startsWith("requests")), []);
        assert.deepEqual(bench.errors, []);
      });
    }

    test("opens one when the same visitor really comes", async () => {
      const bench = make({ plugins, answers: { rooms, requests: queued } });
      const { response } = await bench.visit("/tickets");
      assert.equal(response.status, 302);
      assert.deepEqual(bench.calls.filter(({ method }) => method === "POST").length, 1);
    });

    test("checks the token of a prefetch: 503 for who waits, the page for who may enter", async () => {
      const cookie = `crowdhandler=${token}`;
      const waiting = make({ plugins, answers: { rooms, requests: queued } });
      assert.equal((await waiting.visit("/tickets", { headers, cookie })).response.status, 503);
      const inside = make({ plugins, answers: { rooms, requests: promoted } });
      assert.equal((await inside.visit("/tickets", { headers, cookie })).served, true);
      assert.ok([waiting, inside].every(({ calls }) => calls.every(({ method }) => method === "GET")));
    });

    test("does not let in by a forged token of a prefetch, and asks nobody", async () => {
      const bench = make({ plugins, answers: { rooms, requests: promoted } });
      const { response } = await bench.visit("/tickets", { headers, cookie: "crowdhandler=forged" });
      assert.equal(response.status, 503);
      assert.deepEqual(bench.calls.filter(({ path }) => path.startsWith("requests")), []);
    });

    test("ends no session by a checkout page that is fetched in advance", async () => {
      const cookie = mode === "full" ? `crowdhandler=${token}` : hybridCookie();
      const bench = make({ plugins, options: { checkout: true }, answers: { rooms } });
      const { served, response } = await bench.visit("/tickets/thanks", { headers, cookie });
      assert.equal(served, true);
      assert.ok(response.headers.getSetCookie().every((line) => !line.includes("Max-Age=0")));
    });

    test("tells by which token it knows the visitor", async () => {
      const told: (string | undefined)[] = [];
      const listening: Plugin = {
        name: "listening",
        settled: (_ctx, { decision }) => void told.push(decision.facts?.visitor),
      };
      const seen = { plugins: [cookieTokens(), listening] };
      await make({ ...seen, answers: { rooms, requests: queued } }).visit("/tickets");
      await make({ ...seen, answers: { rooms, requests: { ...promoted, token: other } } })
        .visit("/tickets", { cookie: `crowdhandler=${token}` });
      await make({ ...seen, answers: { rooms, requests: { ...promoted, token: null } } }).visit("/tickets");
      assert.deepEqual(told, [token, other, undefined]);
    });

    test("tells programs in which parameter of the room's address the way back is", async () => {
      const answering = [cookieTokens(), problemAnswers()];
      const program = { headers: { accept: "application/json" } };
      const bench = make({ plugins: answering, answers: { rooms, requests: queued } });
      const { response } = await bench.visit("/tickets/api?a=1", program);
      assert.equal(response.status, 503);
      const problem = await response.json();
      const location = new URL(problem.waitingRoom);
      assert.equal(
        location.searchParams.get(problem.returnParameter),
        "https://shop.example.com/tickets/api?a=1",
      );
    });
  });
}

test("crowdhandler() in hybrid mode knows the token of a visitor who is valid locally", async () => {
  const told: (string | undefined)[] = [];
  const listening: Plugin = {
    name: "listening",
    settled: (_ctx, { decision }) => void told.push(decision.facts?.visitor),
  };
  const bench = hybridBench({ plugins: [cookieTokens(), listening], answers: { rooms } });
  await bench.visit("/tickets", { cookie: hybridCookie() });
  assert.deepEqual(told, [token]);
});
