import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { circuitBreaker } from "../../../plugins/circuit-breaker/circuit-breaker.ts";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { crowdhandler, type CrowdhandlerOptions } from "../../../plugins/crowdhandler/mod.ts";
import { createSandbox } from "../../../sandbox/mod.ts";
import { benchOf as recorded, turn } from "../_guards.ts";
import * as helpers from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

const { fakeFetch, hybridCookie, json, privateKey, publicKey, room, site, start } = helpers;

/** CrowdHandler in a breaker, with answers that can be changed while it runs. */
function guardBench(options: Partial<CrowdhandlerOptions> = {}) {
  const clock = { now: start, timer: 0 };
  const calls: helpers.Call[] = [];
  const service = { requests: true, rooms: true, answer: helpers.promoted as object };
  const say = (isUp: boolean, result: unknown) => isUp ? json(result) : new Response("down", { status: 502 });
  const provider = crowdhandler({
    publicKey,
    privateKey,
    publicHosts: ["shop.example.com"],
    performance: { sample: 1 },
    fetch: fakeFetch({
      requests: () => say(service.requests, service.answer),
      rooms: () => say(service.rooms, [room]),
    }, calls),
    ...options,
  });
  const told: unknown[] = [];
  const wrapped = circuitBreaker(provider, { failures: 2, jitter: 0, timer: () => clock.timer });
  const bench = recorded([cookieTokens(), wrapped, {
    name: "watch",
    settled: (_ctx, { decision: { action, facts } }) => void told.push([action, facts?.proven, facts?.room]),
  }], () => clock.now);
  const visit = async (cookie?: string, path = "/tickets") => {
    const { status } = await bench.visit({
      url: site + path,
      headers: { "user-agent": "test", ...(cookie && { cookie }) },
    });
    return status;
  };
  const asked = (kind: string) => calls.filter(({ path }) => path.split("/")[0] === kind).length;
  return { clock, service, wrapped, bench, visit, asked, told };
}

describe("crowdhandler() behind a circuitBreaker()", () => {
  test("goes on serving whom it can check locally while the breaker is open, and is asked by nobody", async () => {
    const { service, visit, wrapped, asked, clock } = guardBench({ mode: "hybrid" });
    assert.equal(await visit(hybridCookie()), 200);
    service.requests = false;
    for (let count = 0; count < 4; count++) assert.equal(await visit("crowdhandler=tok_6ihQ7XNw0GmS"), 503);
    assert.deepEqual([wrapped.health?.()["state"], asked("requests")], ["open", 2]);
    assert.equal(await visit(hybridCookie()), 200);
    clock.now += 120_000;
    assert.equal(await visit(hybridCookie(helpers.validParts(helpers.token, clock.now - 1000))), 200);
    assert.equal(asked("rooms"), 1, "nor is the feed asked for, whose last copy is used");
    service.requests = true;
    clock.timer += 5000;
    await visit(hybridCookie(helpers.validParts(helpers.token, clock.now - 1000)));
    await turn();
    assert.deepEqual([wrapped.health?.()["state"], asked("rooms")], ["closed", 2], "the feed probed");
  });

  test("lets the breaker say when the feed is asked for again, and does not remember its refusals", async () => {
    const { service, visit, asked, clock, wrapped } = guardBench({ mode: "hybrid" });
    service.rooms = false;
    assert.equal(await visit(), 503);
    assert.equal(await visit(), 503);
    assert.equal(asked("rooms"), 1, "a failed fetch waits");
    clock.now += 5000;
    assert.equal(await visit(), 503);
    assert.deepEqual([asked("rooms"), wrapped.health?.()["state"]], [2, "open"]);
    service.rooms = true;
    clock.now += 5000;
    assert.equal(await visit(), 503, "the breaker refuses");
    clock.timer += 5000;
    assert.equal(await visit(hybridCookie()), 200, "and no refusal delays the feed");
  });

  test(
    "opens for each fault of the sandbox but a refused key and a crowd, and closes when it is over",
    steadily(async () => {
      const kinds = [
        "timeout",
        "reset",
        "401",
        "500",
        "429",
        "html",
        "truncated",
        "oversized",
        "empty",
        "redirect",
      ] as const;
      for (const kind of kinds) {
        const sandbox = createSandbox({ rooms: [{ slug: "hall", domain: site, capacity: 9 }] });
        const { visit, wrapped, clock } = guardBench({
          publicKey: sandbox.publicKey,
          timeoutMs: 20,
          visitor: () => ({ ip: "198.51.100.7", agent: "test", lang: "en" }),
          fetch: (url, init) => sandbox.fetch(new Request(url, init)),
        });
        assert.equal(await visit(), 200, kind);
        sandbox.faults.set("requests", { kind });
        for (let count = 0; count < 4; count++) assert.equal(await visit(), 503, kind);
        const asked = sandbox.state.calls.filter(({ endpoint }) => endpoint === "requests").length;
        // Where it answers, it is asked once whether it does so to a check that has nothing of a visitor.
        const isAnswer = !["timeout"].includes(kind);
        assert.deepEqual(
          [wrapped.health?.()["state"], asked],
          kind === "401" || kind === "429" ? ["closed", 5] : ["open", isAnswer ? 4 : 3],
          kind,
        );
        sandbox.faults.clear();
        clock.timer += 5000;
        assert.notEqual(await visit(), 503, kind);
        assert.equal(wrapped.health?.()["state"], "closed", kind);
        sandbox.close();
      }
    }),
  );

  test("leaves out performance reports while calls are refused, and never counts them", async () => {
    const { service, visit, asked, bench, wrapped } = guardBench();
    assert.equal(await visit(), 200);
    assert.equal(asked("responses"), 1);
    const reports = guardBench({
      fetch: (url, init) =>
        String(url).includes("/responses/")
          ? Promise.reject(new TypeError("down"))
          : fakeFetch({ requests: helpers.promoted })(url, init),
    });
    for (let count = 0; count < 5; count++) await reports.visit();
    assert.equal(reports.wrapped.health?.()["state"], "closed");
    const late = bench.gate(new Request(`${site}/tickets`), async () => {
      service.requests = false;
      await visit();
      await visit();
      return new Response("a slow page");
    });
    await late;
    await bench.gate.idle();
    assert.deepEqual([wrapped.health?.()["state"], asked("responses")], ["open", 1]);
  });
});

describe("crowdhandler()", () => {
  test("says who was let in by a proof, and in which room, in both modes", async () => {
    for (const mode of ["full", "hybrid"] as const) {
      const { service, visit, told } = guardBench({ mode, checkout: true });
      await visit(mode === "hybrid" ? hybridCookie() : undefined);
      service.answer = helpers.queued;
      await visit();
      const proven = mode === "hybrid" ? "signature" : "service";
      assert.deepEqual(told.splice(0), [["admit", proven, room.slug], ["queue", "service", room.slug]], mode);
      service.answer = { promoted: 1, status: 0 };
      await visit(undefined, "/elsewhere");
      assert.deepEqual(
        told,
        [["admit", undefined, undefined]],
        `${mode}: anybody may enter a page without a room`,
      );
    }
  });

  test("tells of the rooms feed where it uses one", async () => {
    const full = crowdhandler({ publicKey });
    assert.deepEqual(full.health?.(), {});
    const { wrapped, visit } = guardBench({ mode: "hybrid" });
    assert.deepEqual([wrapped.health?.()["roomsFeedLoaded"], wrapped.health?.()["roomsFeedAgeMs"]], [
      false,
      undefined,
    ]);
    await visit();
    const health = wrapped.health?.();
    assert.equal(health?.["roomsFeedLoaded"], true);
    assert.ok(Number(health?.["roomsFeedAgeMs"]) >= 0);
  });
});
