import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { circuitBreaker } from "../../../plugins/circuit-breaker/circuit-breaker.ts";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { graceCookies, markOf } from "../../../plugins/grace/cookie.ts";
import { grace } from "../../../plugins/grace/mod.ts";
import { prefetch } from "../../../plugins/prefetch.ts";
import {
  integrationSource,
  queueIt,
  queueItEvent,
  type QueueItEventOptions,
} from "../../../plugins/queue-it/mod.ts";
import { crowdCodes, ServiceError } from "../../../src/errors.ts";
import type { Plugin } from "../../../src/plugin.ts";
import { benchOf } from "../_guards.ts";
import {
  configOf,
  cookieHeader,
  cookieOf,
  customerId,
  integration,
  nowMs,
  secret,
  tokenOf,
} from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

const site = "https://shop.test/";
const session = { cookie: cookieHeader({ event1: cookieOf() }) };

function serviceBench(options: Partial<QueueItEventOptions> = {}, before: readonly Plugin[] = []) {
  const clock = { now: nowMs, timer: 0 };
  const told: unknown[] = [];
  const provider = queueItEvent({
    customerId,
    secretKeys: [secret],
    eventId: "event1",
    queueDomain: "ticketania.queue-it.net",
    cleanUrl: false,
    ...options,
  });
  // Without services there are no calls to guard.
  const wrapped = provider.service === undefined
    ? provider
    : circuitBreaker(provider, { failures: 2, jitter: 0, timer: () => clock.timer });
  const bench = benchOf([...before, cookieTokens(), wrapped, {
    name: "watch",
    settled: (_ctx, { decision: { facts } }) => void told.push([facts?.proven, facts?.room]),
  }], () => clock.now);
  const visit = (headers: Record<string, string> = {}, url = site) => bench.visit({ url, headers });
  return { clock, bench, wrapped, visit, told };
}

describe("the services of queueItEvent()", () => {
  for (const service of ["verifyAction", "enqueueToken"] as const) {
    test(
      `${service} has a time limit, and is not asked while a breaker is open`,
      steadily(async () => {
        let asked = 0;
        let hangs = true;
        const answer = () => {
          asked++;
          return hangs
            ? new Promise<never>(() => {})
            : Promise.resolve(service === "verifyAction" ? true : "t");
        };
        const { visit, bench, wrapped, clock } = serviceBench({
          [service]: answer,
          verifyQueueId: service === "verifyAction",
          serviceTimeoutMs: 15,
        });
        const headers = service === "verifyAction" ? session : {};
        for (let count = 0; count < 5; count++) assert.equal((await visit(headers)).status, 503);
        assert.deepEqual([asked, wrapped.health?.()["state"]], [2, "open"]);
        assert.ok(bench.errors.every(({ code }) => code === "timeout"));
        assert.match(bench.errors[0]?.message ?? "", new RegExp(`${service} did not answer within 15 ms`));
        hangs = false;
        clock.timer += 5000;
        assert.equal((await visit(headers)).status, service === "verifyAction" ? 200 : 302);
        assert.equal(wrapped.health?.()["state"], "closed");
      }),
    );
  }

  test("count as failures of the breaker only if they say so", async () => {
    const { visit, wrapped, bench } = serviceBench({
      verifyQueueId: true,
      verifyAction: () => Promise.reject(new TypeError("fetch failed")),
    });
    for (let count = 0; count < 5; count++) await visit(session);
    assert.deepEqual([wrapped.health?.()["state"], bench.errors[0]?.code], ["closed", "internal"]);
    const own = serviceBench({
      verifyQueueId: true,
      verifyAction: () => Promise.reject(new ServiceError("unreachable", "no connection")),
    });
    for (let count = 0; count < 2; count++) await own.visit(session);
    assert.equal(own.wrapped.health?.()["state"], "open");
  });

  test(
    "are not asked for a page that is fetched in advance, which closes no breaker either",
    steadily(async () => {
      let asked = 0;
      const { visit, wrapped, clock } = serviceBench({
        verifyQueueId: true,
        serviceTimeoutMs: 10,
        verifyAction: () => {
          asked++;
          return new Promise(() => {});
        },
      }, [prefetch()]);
      for (let count = 0; count < 2; count++) await visit(session);
      clock.timer += 5000;
      await visit({ ...session, "sec-purpose": "prefetch" });
      assert.deepEqual([asked, wrapped.health?.()["state"]], [2, "open"]);
    }),
  );

  test("are not asked while the gate explains, which shows that they would be refused", async () => {
    const { visit, bench, wrapped } = serviceBench({
      enqueueToken: () => Promise.reject(new ServiceError("unreachable", "no connection")),
    });
    assert.equal((await bench.gate.explain(new Request(site))).decision.action, "queue");
    for (let count = 0; count < 2; count++) await visit();
    const { failure, steps } = await bench.gate.explain(new Request(site));
    assert.equal(failure?.code, "unreachable");
    assert.match(JSON.stringify(steps), /the circuit breaker is open/);
    assert.equal(wrapped.health?.()["refused"], 0);
  });

  test("are not needed for a session, which is served while the breaker is open", async () => {
    const { visit, wrapped } = serviceBench({
      enqueueToken: () => Promise.reject(new ServiceError("unreachable", "no connection")),
    });
    for (let count = 0; count < 3; count++) await visit();
    assert.equal(wrapped.health?.()["state"], "open");
    assert.equal((await visit(session)).status, 200);
  });

  test("have a time limit that is checked", () => {
    for (const serviceTimeoutMs of [0, 1.5, 60_001]) {
      assert.throws(
        () => serviceBench({ serviceTimeoutMs }),
        /^RangeError: .*"serviceTimeoutMs" must be an integer/,
      );
    }
  });
});

test("queueItEvent() says who was let in by a session or a token, and of which room", async () => {
  const { visit, told } = serviceBench();
  await visit(session);
  await visit({}, `${site}?queueittoken=${tokenOf()}`);
  await visit();
  assert.deepEqual(told, [["signature", "event1"], ["signature", "event1"], [undefined, "event1"]]);
});

test("queueItEvent() takes nobody for promoted whom a direct pass let in because it failed", async () => {
  const { visit, told } = serviceBench({ directPass: { attempt: () => Promise.reject(new Error("down")) } });
  const response = await visit();
  assert.equal(response.status, 200);
  const cookie = response.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
  assert.match(cookie, /^QueueITAccepted/);
  assert.equal((await visit({ cookie })).status, 200, "the session is a valid one");
  assert.deepEqual(told, [[undefined, "event1"], [undefined, "event1"]]);
});

for (const code of crowdCodes) {
  test(`the services of queueItEvent() let nobody in after ${code}, which a crowd can bring about`, async () => {
    const crowd = () => Promise.reject(new ServiceError(code, "too many"));
    for (const onFailure of [undefined, "pass", "queue"] as const) {
      const directPass = { attempt: crowd, ...(onFailure && { onFailure }) };
      const passing = serviceBench({ directPass });
      const response = await passing.visit();
      assert.deepEqual([response.status, response.headers.getSetCookie()], [302, []]);
      assert.deepEqual(passing.bench.errors, []);
    }
    const failing = serviceBench({ directPass: { attempt: crowd, onFailure: "fail" } });
    await failing.visit();
    assert.deepEqual(failing.bench.errors.map((error) => error.code), [code]);
    for (
      const [options, headers] of [
        [{ enqueueToken: crowd }, {}],
        [{ verifyQueueId: true, verifyAction: crowd }, session],
      ] as const
    ) {
      const { visit, wrapped, bench } = serviceBench(options);
      for (let count = 0; count < 5; count++) await visit(headers);
      assert.ok(bench.errors.every((error) => error.code === code));
      assert.equal(wrapped.health?.()["state"], "closed");
    }
  });
}

test("queueIt() keeps pages of an integration that cannot be used out of every room", async () => {
  const own = grace({ secrets: ["a secret of the tests"] });
  const integrationConfig = configOf(
    integration({ EventId: "event1", QueueDomain: "" }),
    integration({ EventId: "event2", Triggers: [] }),
  );
  const provider = queueIt({ customerId, secretKeys: [secret], integrationConfig, onConfiguration() {} });
  const { visit, errors } = benchOf([cookieTokens(), own, provider], () => nowMs);
  const kept = graceCookies(["a secret of the tests"]);
  const value = kept.write({ scope: "shop.test", address: "" }, markOf("event2"), nowMs);
  const cookie = `__Host-stanchion-grace=${value}`;
  assert.equal((await visit({ url: "https://shop.test/event1", headers: { cookie } })).status, 503);
  assert.equal(errors[0]?.code, "malformed");
});

test("queueIt() says nothing of pages that no integration protects, and tells of its configuration", () => {
  const clock = { now: nowMs };
  const source = integrationSource({ now: () => clock.now });
  const provider = queueIt({
    customerId,
    secretKeys: [secret],
    integrationConfig: source,
    onConfiguration() {},
  });
  assert.deepEqual(provider.health?.(), { configurationLoaded: false });
  const configuration = configOf(integration());
  source.deliver(configuration);
  clock.now += 1500;
  const health = provider.health?.();
  assert.equal(health?.["configurationLoaded"], true);
  assert.equal(health?.["configurationAgeMs"], 1500);
  assert.equal(typeof health?.["configurationVersion"], "number");
  assert.throws(() => source.deliver("no JSON"));
  assert.equal(
    provider.health?.()["configurationVersion"],
    health?.["configurationVersion"],
    "the last good copy",
  );
  const fixed = queueIt({
    customerId,
    secretKeys: [secret],
    integrationConfig: configuration,
    onConfiguration() {},
  });
  assert.equal(fixed.health?.()["configurationAgeMs"], undefined);
});
