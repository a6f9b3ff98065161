import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../support/random-cases.ts";
import { bulkhead, type BulkheadOptions } from "../../plugins/bulkhead.ts";
import { circuitBreaker } from "../../plugins/circuit-breaker/circuit-breaker.ts";
import { GateError } from "../../src/errors.ts";
import { callsBehind } from "../../src/pipeline/calls.ts";
import type { Provider } from "../../src/plugin.ts";
import { contextOf } from "../support/context-of.ts";
import { benchOf, manualService, page, turn } from "./_guards.ts";
import { steadily } from "../support/steadily.ts";

/** Asks a provider as a gate would that has no guard of its own; says what it did, or why it failed. */
function asked(provider: Provider): Promise<string> {
  return Promise.resolve().then(() => provider.decide(contextOf(new Request(page)), callsBehind())).then(
    ({ action }) => action,
    (cause: unknown) => cause instanceof GateError ? cause.code : assert.fail(String(cause)),
  );
}

function bulkheadBench(options: BulkheadOptions) {
  const { provider, calls } = manualService();
  const wrapped = bulkhead(provider, options);
  return { calls, wrapped, begin: () => asked(wrapped), health: () => wrapped.health?.() };
}

test("bulkhead() turns down the calls beyond its limit at once, as overloaded", async () => {
  const { calls, begin, health } = bulkheadBench({ maxConcurrent: 2 });
  const first = [begin(), begin()];
  await turn();
  assert.equal(await begin(), "overloaded");
  assert.deepEqual(health(), { active: 2, waiting: 0, overloaded: 1 });
  for (const call of calls) call.answer();
  assert.deepEqual(await Promise.all(first), ["admit", "admit"]);
  const next = begin();
  await turn();
  calls[2]?.answer();
  assert.equal(await next, "admit");
  assert.deepEqual(health(), { active: 0, waiting: 0, overloaded: 1 });
});

test("bulkhead() frees the places of calls that fail, whatever they fail with", async () => {
  const { calls, begin, health } = bulkheadBench({ maxConcurrent: 1 });
  for (const code of ["timeout", "rejected", "internal"] as const) {
    const call = begin();
    await turn();
    calls.at(-1)?.fail(code);
    assert.equal(await call, code);
  }
  const broken = begin();
  await turn();
  calls.at(-1)?.throw(new TypeError("no network"));
  assert.equal(await broken, "unreachable");
  assert.deepEqual(health(), { active: 0, waiting: 0, overloaded: 0 });
});

/** A provider of one call, which decides without it when it is told to. */
function calling(
  make: (signal: AbortSignal) => Promise<unknown>,
  timeoutMs = 60_000,
  isKnown = () => false,
): Provider {
  return {
    name: "calling",
    final: "decide",
    service: "the service",
    decide: (_ctx, calls) =>
      isKnown()
        ? { action: "bypass", reason: "calling/known" }
        : calls.run({ what: "GET /calling", timeoutMs, make }).then(() => ({
          action: "admit",
          reason: "calling/asked",
        })),
  };
}

test("bulkhead() frees the place of a call that throws at once", async () => {
  const wrapped = bulkhead(
    calling(() => {
      throw new GateError("internal", "at once");
    }),
    { maxConcurrent: 1 },
  );
  for (let count = 0; count < 3; count++) assert.equal(await asked(wrapped), "internal");
  assert.equal(wrapped.health?.()["active"], 0);
});

test("bulkhead() counts calls alone: who is decided about without one waits for nobody", async () => {
  let isKnown = false;
  let answer = () => {};
  const made = () => new Promise<void>((resolve) => answer = resolve);
  const wrapped = bulkhead(calling(made, 60_000, () => isKnown), { maxConcurrent: 1 });
  const first = asked(wrapped);
  await turn();
  assert.equal(await asked(wrapped), "overloaded");
  isKnown = true;
  assert.equal(await asked(wrapped), "bypass");
  assert.deepEqual(wrapped.health?.(), { active: 1, waiting: 0, overloaded: 1 });
  answer();
  assert.equal(await first, "admit");
});

test(
  "bulkhead() lets a call wait for its turn without taking that from its time limit",
  steadily(async () => {
    const ends: (() => void)[] = [];
    const signals: AbortSignal[] = [];
    const made = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<void>((resolve) => ends.push(resolve));
    };
    const wrapped = bulkhead(calling(made, 200), { maxConcurrent: 1, maxWaiting: 2, waitMs: 60_000 });
    const visits = [asked(wrapped), asked(wrapped), asked(wrapped)];
    for (let who = 0; who < 2; who++) {
      // Each for longer than half of the limit, so that the last one has waited for longer than all of it.
      await new Promise((resolve) => setTimeout(resolve, 120));
      assert.equal(ends.length, who + 1);
      ends[who]?.();
      await turn();
    }
    assert.equal(ends.length, 3);
    await new Promise((resolve) => setTimeout(resolve, 80));
    assert.equal(signals[2]?.aborted, false);
    ends[2]?.();
    assert.deepEqual(await Promise.all(visits), ["admit", "admit", "admit"]);
    const late = asked(wrapped);
    assert.equal(await late, "timeout", "the limit holds from when the call is made");
    assert.equal(signals[3]?.aborted, true);
    assert.equal(wrapped.health?.()["active"], 0);
  }),
);

test("bulkhead() lets calls wait, and gives places to who came first", async () => {
  const { calls, begin, health } = bulkheadBench({ maxConcurrent: 1, maxWaiting: 3, waitMs: 60_000 });
  const ended: number[] = [];
  const visits = [0, 1, 2, 3].map((who) => begin().then(() => ended.push(who)));
  await turn();
  assert.deepEqual(health(), { active: 1, waiting: 3, overloaded: 0 });
  assert.equal(await begin(), "overloaded", "the line is bounded");
  for (let who = 0; who < 4; who++) {
    assert.equal(calls.length, who + 1, "one at a time");
    if (who === 1) calls[who]?.fail("timeout");
    else calls[who]?.answer();
    await turn();
  }
  await Promise.all(visits);
  assert.deepEqual(ended, [0, 1, 2, 3]);
  assert.deepEqual(health(), { active: 0, waiting: 0, overloaded: 1 });
});

test(
  "bulkhead() ends a wait that takes too long, and keeps nothing of it",
  steadily(async () => {
    const { calls, begin, health } = bulkheadBench({ maxConcurrent: 1, maxWaiting: 2, waitMs: 10 });
    const first = begin();
    const waiting = [begin(), begin()];
    assert.deepEqual(await Promise.all(waiting), ["overloaded", "overloaded"]);
    assert.deepEqual(health(), { active: 1, waiting: 0, overloaded: 2 });
    calls[0]?.answer();
    assert.equal(await first, "admit");
    assert.equal(calls.length, 1, "who gave up is not asked for");
    assert.deepEqual(health(), { active: 0, waiting: 0, overloaded: 2 });
  }),
);

test("bulkhead() takes back the place of a call that never ends, once", async () => {
  const clock = { now: 0 };
  const { calls, begin, health } = bulkheadBench({ maxConcurrent: 1, holdMs: 100, timer: () => clock.now });
  const lost = begin();
  await turn();
  clock.now = 99;
  assert.equal(await begin(), "overloaded");
  clock.now = 100;
  const second = begin();
  await turn();
  assert.equal(calls.length, 2);
  calls[0]?.answer();
  await lost;
  assert.equal(await begin(), "overloaded", "the late end frees nobody else's place");
  calls[1]?.answer();
  assert.equal(await second, "admit");
  assert.equal(health()?.["active"], 0);
});

test("bulkhead() takes nothing back while there is room, however long a call takes", async () => {
  const clock = { now: 0 };
  const { calls, begin, health } = bulkheadBench({ maxConcurrent: 2, holdMs: 100, timer: () => clock.now });
  const long = begin();
  await turn();
  clock.now = 200;
  const second = begin();
  await turn();
  assert.equal(health()?.["active"], 2);
  for (const call of calls) call.answer();
  assert.deepEqual(await Promise.all([long, second]), ["admit", "admit"]);
});

test(
  "bulkhead() counts nobody as turned down who had a turn",
  steadily(async () => {
    const { calls, begin, health } = bulkheadBench({ maxConcurrent: 1, maxWaiting: 1, waitMs: 30 });
    const both = [begin(), begin()];
    await turn();
    calls[0]?.answer();
    await turn();
    await new Promise((resolve) => setTimeout(resolve, 80));
    assert.deepEqual(health(), { active: 1, waiting: 0, overloaded: 0 });
    calls[1]?.answer();
    assert.deepEqual(await Promise.all(both), ["admit", "admit"]);
  }),
);

test(
  "bulkhead() says why a call was turned down, and what would become of it",
  steadily(async () => {
    const { calls, wrapped } = bulkheadBench({ maxConcurrent: 1, maxWaiting: 1, waitMs: 10 });
    const { gate } = benchOf([wrapped]);
    const messageOf = (visit: Promise<unknown>) => visit.then(() => "", (cause: Error) => cause.message);
    const visit = () =>
      Promise.resolve().then(() => wrapped.decide(contextOf(new Request(page)), callsBehind()));
    const first = visit();
    await turn();
    const waiting = messageOf(visit());
    assert.equal(await messageOf(visit()), "1 calls of the service are under way and 1 wait");
    assert.equal(await waiting, "No call of the service was possible for 10 ms");
    const explained = gate.explain(new Request(page));
    await turn();
    calls.at(-1)?.answer();
    const { steps, decision } = await explained;
    assert.equal(decision.action, "admit");
    assert.match(JSON.stringify(steps), /the bulkhead is full: the visitor would wait/);
    calls[0]?.answer();
    await first;
    const strict = bulkheadBench({ maxConcurrent: 1 });
    const held = strict.begin();
    await turn();
    const refused = await benchOf([strict.wrapped]).gate.explain(new Request(page));
    assert.match(String(refused.failure?.message), /1 calls of the service are under way$/);
    strict.calls[0]?.answer();
    await held;
  }),
);

test("bulkhead() takes no place while the gate explains, and says that it is full", async () => {
  const { calls, wrapped, begin, health } = bulkheadBench({ maxConcurrent: 1 });
  const { gate } = benchOf([wrapped]);
  const explained = gate.explain(new Request(page));
  await turn();
  assert.equal(health()?.["active"], 0);
  calls[0]?.answer();
  assert.equal((await explained).decision.action, "admit");
  const visit = begin();
  await turn();
  const full = await gate.explain(new Request(page));
  assert.equal(full.failure?.code, "overloaded");
  assert.match(JSON.stringify(full.steps), /the bulkhead is full: the service would not be asked/);
  assert.deepEqual(health(), { active: 1, waiting: 0, overloaded: 0 });
  calls[1]?.answer();
  await visit;
});

test("bulkhead() within a circuitBreaker() neither opens it nor hides a probe's end", async () => {
  const clock = { now: 0 };
  const { provider, calls } = manualService();
  const wrapped = circuitBreaker(bulkhead(provider, { maxConcurrent: 1 }), {
    failures: 2,
    jitter: 0,
    timer: () => clock.now,
  });
  const begin = () => asked(wrapped);
  const first = begin();
  await turn();
  for (let count = 0; count < 9; count++) assert.equal(await begin(), "overloaded");
  assert.deepEqual([wrapped.health?.()["state"], wrapped.health?.()["overloaded"]], ["closed", 9]);
  calls[0]?.fail("timeout");
  await first;
  const second = begin();
  await turn();
  calls[1]?.fail("timeout");
  await second;
  assert.equal(wrapped.health?.()["state"], "open");
  assert.equal(await begin(), "timeout");
  clock.now += 5000;
  const probe = begin();
  await turn();
  calls[2]?.answer();
  await probe;
  assert.deepEqual([wrapped.health?.()["state"], wrapped.health?.()["active"]], ["closed", 0]);
});

test("bulkhead() around a circuitBreaker() holds no place for calls that the breaker refuses", async () => {
  const { provider, calls } = manualService();
  const wrapped = bulkhead(circuitBreaker(provider, { failures: 1 }), { maxConcurrent: 1 });
  const begin = () => asked(wrapped);
  const first = begin();
  await turn();
  calls[0]?.fail("unreachable");
  await first;
  assert.equal(wrapped.health?.()["state"], "open");
  for (let count = 0; count < 5; count++) assert.equal(await begin(), "unreachable");
  assert.deepEqual([calls.length, wrapped.health?.()["active"]], [1, 0]);
});

test("bulkhead() never lets more through than its limit, and ends with nothing held, whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        maxConcurrent: fc.integer({ min: 1, max: 4 }),
        maxWaiting: fc.integer({ min: 0, max: 4 }),
      }),
      fc.array(fc.tuple(fc.constantFrom("begin", "begin", "answer", "fail"), fc.nat(9)), { maxLength: 40 }),
      async (limits, steps) => {
        const { calls, begin, health } = bulkheadBench({ ...limits, waitMs: 60_000 });
        const visits: Promise<string>[] = [];
        const hops = async () => {
          for (let hop = 0; hop < 12; hop++) await Promise.resolve();
        };
        let begun = 0;
        for (const [kind, which] of steps) {
          if (kind === "begin") {
            begun++;
            visits.push(begin());
          } else {
            const [call] = calls.splice(which % Math.max(1, calls.length), 1);
            if (kind === "answer") call?.answer();
            else call?.fail("timeout");
          }
          await hops();
          assert.ok(calls.length <= limits.maxConcurrent);
          assert.equal(health()?.["active"], calls.length);
          assert.ok(Number(health()?.["waiting"]) <= limits.maxWaiting);
          assert.ok(
            calls.length === limits.maxConcurrent || health()?.["waiting"] === 0,
            "nobody waits in vain",
          );
        }
        for (let count = 0; count < begun; count++) {
          for (const call of calls.splice(0)) call.answer();
          await hops();
        }
        assert.equal((await Promise.all(visits)).length, begun);
        assert.deepEqual([health()?.["active"], health()?.["waiting"]], [0, 0]);
      },
    ),
    { numRuns: 200 },
  );
});

test("bulkhead() refuses what is no provider, and wrong options", () => {
  const { provider } = manualService();
  const wrong: readonly (readonly [make: () => unknown, error: RegExp])[] = [
    [
      () => bulkhead({} as never, { maxConcurrent: 1 }),
      /^TypeError: Cannot create bulkhead plugin: what is wrapped/,
    ],
    [
      () => bulkhead({ ...provider, final: undefined } as never, { maxConcurrent: 1 }),
      /^TypeError: Cannot create bulkhead plugin: what is wrapped \(manual\) does not say that it always decides/,
    ],
    [
      () => bulkhead({ ...provider, service: undefined }, { maxConcurrent: 1 }),
      /^TypeError: Cannot create bulkhead plugin: what is wrapped \(manual\) names no service, so there are no calls to guard/,
    ],
    [() => bulkhead(provider, undefined as never), /options must be an object/],
    [
      () => bulkhead(provider, {} as never),
      /^TypeError: .*"maxConcurrent" must be an integer from 1.*undefined/,
    ],
    [() => bulkhead(provider, { maxConcurrent: 0 }), /^RangeError: .*"maxConcurrent"/],
    [() => bulkhead(provider, { maxConcurrent: 1, maxWaiting: -1 }), /"maxWaiting"/],
    [() => bulkhead(provider, { maxConcurrent: 1, waitMs: 0 }), /"waitMs"/],
    [() => bulkhead(provider, { maxConcurrent: 1, limit: 1 } as never), /unknown option "limit"/],
  ];
  for (const [make, error] of wrong) assert.throws(make, error);
});
