import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import {
  crowdCodes,
  type FailureCode,
  failureCodes,
  GateError,
  HookError,
  ServiceError,
} from "../../src/errors.ts";
import {
  type BreakerChange,
  circuitBreaker,
  type CircuitBreakerOptions,
} from "../../plugins/circuit-breaker/mod.ts";
import { bulkhead } from "../../plugins/bulkhead.ts";
import { callsBehind } from "../../src/pipeline/calls.ts";
import type { Plugin, Provider } from "../../src/plugin.ts";
import { guarded } from "../../src/guarded.ts";
import type { Guard } from "../../src/service.ts";
import type { Decision } from "../../src/decision.ts";
import { contextOf } from "../support/context-of.ts";
import { benchOf, manualService, page, type PendingCall, turn } from "./_guards.ts";

interface Clock {
  now: number;
}

/** A breaker around a service by hand, with a clock that stands still. */
function breakerBench(options: CircuitBreakerOptions = {}) {
  const clock: Clock = { now: 1000 };
  const changes: BreakerChange[] = [];
  const { provider, calls } = manualService();
  const wrapped = circuitBreaker(provider, {
    failures: 3,
    jitter: 0,
    timer: () => clock.now,
    onState: (change) => changes.push(change),
    ...options,
  });
  const begin = () => {
    const ended = Promise.resolve().then(() => wrapped.decide(contextOf(new Request(page)), callsBehind()))
      .then(
        (decision) => decision.action,
        (cause: unknown) => cause instanceof GateError ? cause : assert.fail(String(cause)),
      );
    return ended;
  };
  /** One call from its beginning to its end; says how the visitor fared. */
  const ask = async (end: (call: PendingCall) => void) => {
    const before = calls.length;
    const ended = begin();
    await turn();
    const call = calls[before];
    if (call !== undefined) end(call);
    return { isAsked: call !== undefined, result: await ended };
  };
  const fail = (code: FailureCode = "timeout", status?: number) => ask((call) => call.fail(code, status));
  const answer = () => ask((call) => call.answer());
  const open = async () => {
    for (let count = 0; count < 3; count++) await fail();
  };
  const state = () => wrapped.health?.()["state"];
  return { clock, changes, calls, wrapped, begin, ask, fail, answer, open, state };
}

describe("circuitBreaker()", () => {
  test("circuitBreaker() opens after the given number of failures in a row, and refuses at once", async () => {
    const { fail, answer, state, calls, changes } = breakerBench();
    for (let count = 0; count < 2; count++) await fail();
    assert.equal(state(), "closed");
    await answer();
    for (let count = 0; count < 2; count++) await fail();
    assert.equal(state(), "closed", "the row began anew");
    await fail("unreachable", 502);
    assert.equal(state(), "open");
    const { isAsked, result } = await answer();
    assert.equal(isAsked, false);
    assert.ok(result instanceof ServiceError);
    assert.deepEqual([result.code, result.status], ["unreachable", 502], "what opened it");
    assert.match(result.message, /not asked because it failed before; the next attempt is made in 5000 ms$/);
    assert.equal(calls.length, 6);
    assert.deepEqual(changes, [{ from: "closed", to: "open", code: "unreachable", openMs: 5000 }]);
  });

  test("circuitBreaker() lets failures count within the window only", async () => {
    const { fail, state, clock } = breakerBench({ windowMs: 100 });
    await fail();
    await fail();
    clock.now += 101;
    await fail();
    assert.equal(state(), "closed");
    await fail();
    clock.now += 100;
    await fail();
    assert.equal(state(), "open");
  });

  test("circuitBreaker() lets one call probe, refuses all others meanwhile, and closes when it succeeds", async () => {
    const { begin, calls, open, clock, state, changes, wrapped } = breakerBench();
    await open();
    clock.now += 4999;
    assert.ok((await begin()) instanceof ServiceError);
    clock.now += 1;
    const visitors = Array.from({ length: 50 }, begin);
    await turn();
    assert.equal(calls.length, 4, "one of fifty is asked");
    assert.equal(state(), "half-open");
    calls[3]?.answer();
    const results = await Promise.all(visitors);
    assert.equal(results.filter((result) => result === "admit").length, 1);
    assert.equal(
      results.filter((result) => result instanceof ServiceError && result.code === "timeout").length,
      49,
    );
    assert.equal(state(), "closed");
    assert.deepEqual(changes.map(({ to }) => to), ["open", "half-open", "closed"]);
    assert.deepEqual(wrapped.health?.(), { state: "closed", failures: 0, nextProbeInMs: 0, refused: 50 });
  });

  test("circuitBreaker() doubles its time with each probe that fails, up to the longest, and begins anew once closed", async () => {
    const { fail, answer, open, clock, changes } = breakerBench({ openMs: 100, maxOpenMs: 350 });
    await open();
    for (const ms of [100, 200, 350, 350]) {
      clock.now += ms - 1;
      assert.equal((await fail()).isAsked, false);
      clock.now += 1;
      assert.equal((await fail()).isAsked, true, `after ${ms} ms`);
    }
    clock.now += 350;
    assert.equal((await answer()).result, "admit");
    await open();
    assert.deepEqual(changes.filter(({ to }) => to === "open").map(({ openMs }) => openMs), [
      ...[100, 200, 350, 350, 350],
      100,
    ]);
  });

  test("circuitBreaker() shortens its time by chance, and never lets chance prolong it", async () => {
    for (
      const [random, ms] of [[0, 5000], [0.5, 4500], [0.999999, 4000], [7, 4000], [-1, 5000], [NaN, 5000]]
    ) {
      const { open, changes } = breakerBench({ jitter: 0.2, random: () => random ?? 0 });
      await open();
      assert.equal(Math.round(changes[0]?.openMs ?? 0), ms, String(random));
    }
  });

  test("circuitBreaker() is not closed by successes, nor opened by failures, of calls that began in an earlier period", async () => {
    const { begin, calls, clock, state } = breakerBench();
    const early = [begin(), begin(), begin(), begin(), begin()];
    await turn();
    for (const call of calls.splice(0, 3)) call.fail("timeout");
    await turn();
    assert.equal(state(), "open");
    calls.shift()?.answer();
    await turn();
    assert.equal(state(), "open", "a success from before does not close it");
    clock.now += 5000;
    const probe = begin();
    await turn();
    calls.shift()?.fail("timeout");
    await turn();
    assert.equal(state(), "half-open", "a failure from before is not the probe's");
    calls.shift()?.answer();
    assert.equal(await probe, "admit");
    assert.equal(state(), "closed");
    await Promise.all(early);
    const late = breakerBench();
    void [late.begin(), late.begin(), late.begin()];
    await turn();
    const hanging = late.calls.splice(0);
    await late.open();
    late.clock.now += 5000;
    await late.answer();
    for (const call of hanging) call.fail("timeout");
    await turn();
    assert.equal(late.state(), "closed", "failures from before it opened do not open it again");
  });

  test("circuitBreaker() gives up a probe that never ends, lets the next call probe, and heeds the first no more", async () => {
    const { begin, calls, open, clock, state, changes } = breakerBench({ probeMs: 300 });
    await open();
    clock.now += 5000;
    const lost = begin();
    await turn();
    clock.now += 299;
    assert.ok((await begin()) instanceof ServiceError);
    clock.now += 1;
    const second = begin();
    await turn();
    assert.equal(calls.length, 5);
    calls[3]?.fail("timeout");
    await turn();
    assert.ok((await lost) instanceof ServiceError);
    assert.equal(state(), "half-open", "the lost probe counts no more");
    assert.ok((await begin()) instanceof ServiceError, "the second still probes");
    calls[4]?.answer();
    assert.equal(await second, "admit");
    assert.deepEqual(
      changes.map(({ to }) => to),
      ["open", "half-open", "closed"],
      "and it was not opened longer",
    );
  });

  test("circuitBreaker() bears a clock that jumps: it never stays open longer than once more its time", async () => {
    const back = breakerBench();
    await back.open();
    back.clock.now -= 1_000_000;
    assert.equal((await back.answer()).isAsked, false);
    back.clock.now += 5000;
    assert.equal((await back.answer()).result, "admit");
    const ahead = breakerBench();
    await ahead.open();
    ahead.clock.now += 1e12;
    assert.equal((await ahead.answer()).result, "admit");
    const probing = breakerBench({ probeMs: 300 });
    await probing.open();
    probing.clock.now += 5000;
    const lost = probing.begin();
    await turn();
    probing.clock.now -= 1_000_000;
    assert.equal((await probing.answer()).isAsked, false);
    probing.clock.now += 300;
    assert.equal((await probing.answer()).result, "admit");
    for (const call of probing.calls) call.answer();
    await lost;
  });

  test("circuitBreaker() counts faults of the service, and nothing that a visitor or a bug can cause", async () => {
    const counting: readonly FailureCode[] = ["timeout", "unreachable", "malformed"];
    for (const code of failureCodes) {
      const { fail, state } = breakerBench();
      for (let count = 0; count < 9; count++) await fail(code);
      assert.equal(state(), counting.includes(code) ? "open" : "closed", code);
    }
    const { fail, state } = breakerBench();
    for (const code of ["timeout", "rejected", "timeout", "internal", ...crowdCodes, "timeout"] as const) {
      await fail(code);
    }
    assert.equal(state(), "open", "they do not hide what counts, either");
    const own = breakerBench({ codes: ["rejected"] });
    for (let count = 0; count < 3; count++) await own.fail("rejected", 401);
    assert.equal(own.state(), "open");
    const { result } = await own.answer();
    assert.ok(result instanceof ServiceError && result.code === "rejected" && result.status === 401);
  });

  test("circuitBreaker() is closed by a probe that is answered in any way, and stays half-open after one that tells nothing", async () => {
    const table: readonly (readonly [code: FailureCode, state: string, codes?: readonly FailureCode[]])[] = [
      ["rejected", "closed"],
      ["throttled", "closed"],
      ["unidentified", "closed"],
      ["malformed", "closed", ["timeout"]],
      ["internal", "half-open"],
      ["overloaded", "half-open"],
      ["unreachable", "half-open", ["timeout"]],
      ["unreachable", "open"],
    ];
    for (const [code, expected, codes] of table) {
      const { open, fail, answer, clock, state } = breakerBench(codes === undefined ? {} : { codes });
      await open();
      clock.now += 5000;
      await fail(code);
      assert.equal(state(), expected, code);
      assert.equal((await answer()).isAsked, expected !== "open", "who comes next may try");
    }
  });

  test("circuitBreaker() is not disturbed by whoever listens to it", async () => {
    const listeners: readonly CircuitBreakerOptions["onState"][] = [
      () => {
        throw new Error("listener");
      },
      () => Promise.reject(new Error("listener")),
    ];
    for (const onState of listeners) {
      const { open, clock, answer, state } = breakerBench({ ...(onState && { onState }) });
      await open();
      assert.equal(state(), "open");
      clock.now += 5000;
      assert.equal((await answer()).result, "admit");
    }
  });

  test("circuitBreaker() neither probes nor counts while the gate explains, and says what would happen", async () => {
    const { wrapped, open, clock, state, calls } = breakerBench();
    const { gate } = benchOf([wrapped]);
    for (let count = 0; count < 5; count++) {
      const explained = gate.explain(new Request(page));
      await turn();
      calls.at(-1)?.fail("timeout");
      assert.equal((await explained).failure?.code, "timeout");
    }
    assert.deepEqual(wrapped.health?.(), { state: "closed", failures: 0, nextProbeInMs: 0, refused: 0 });
    await open();
    const asked = calls.length;
    const refused = await gate.explain(new Request(page));
    assert.equal(refused.decision.reason, "last/timeout");
    assert.match(JSON.stringify(refused.steps), /the circuit breaker is open: the service is not asked/);
    clock.now += 5000;
    const due = await gate.explain(new Request(page));
    assert.match(JSON.stringify(due.steps), /due for an attempt, which the next visitor makes/);
    assert.equal(calls.length, asked);
    assert.deepEqual(wrapped.health?.(), { state: "open", failures: 3, nextProbeInMs: 0, refused: 0 });
    assert.equal(state(), "open");
  });

  test("circuitBreaker() heeds no call of an earlier period, however many probes were given up since", async () => {
    const { calls, begin, open, clock, state } = breakerBench();
    const early = begin();
    await turn();
    await open();
    clock.now += 5000;
    const probes = [];
    for (let probe = 0; probe < 3; probe++) {
      probes.push(begin());
      await turn();
      assert.equal(state(), "half-open");
      clock.now += 10_000;
    }
    calls[0]?.answer();
    assert.equal(await early, "admit");
    assert.equal(state(), "half-open", "the service answered before it failed");
    for (const call of calls) call.answer();
    await Promise.all(probes);
    assert.equal(state(), "closed");
  });

  test("circuitBreaker() counts no failure that a clock which went back has yet to come to", async () => {
    const { fail, clock, state } = breakerBench();
    for (let count = 0; count < 2; count++) await fail();
    clock.now = 0;
    await fail();
    assert.equal(state(), "closed");
  });

  test("circuitBreaker() goes on telling how many failures opened it, and says why it refuses", async () => {
    const { open, begin, answer, calls, clock, wrapped, changes } = breakerBench({ openMs: 20_000 });
    await open();
    clock.now += 15_000;
    assert.equal(wrapped.health?.()["failures"], 3, "they are older than what counts");
    const refused = await answer();
    assert.match(String(refused.result), /failed before; the next attempt is made in 5000 ms$/);
    clock.now += 5000;
    const probe = begin();
    await turn();
    const meanwhile = await begin();
    assert.match(String(meanwhile), /failed before; an attempt is under way$/);
    calls.at(-1)?.answer();
    await probe;
    assert.deepEqual(changes, [
      { from: "closed", to: "open", code: "timeout", openMs: 20_000 },
      { from: "open", to: "half-open", code: undefined, openMs: undefined },
      { from: "half-open", to: "closed", code: undefined, openMs: undefined },
    ]);
  });

  test("circuitBreaker() stays open for a minute at most, unless it is told otherwise", async () => {
    const { open, fail, clock, changes } = breakerBench();
    await open();
    for (let probe = 0; probe < 5; probe++) {
      clock.now += 60_000;
      await fail();
    }
    const opened = changes.filter(({ to }) => to === "open").map(({ openMs }) => openMs);
    assert.deepEqual(opened, [5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  test("circuitBreaker() tells a provider that calls would be refused, while the gate explains as well", async () => {
    const { provider, calls } = manualService();
    const told: boolean[] = [];
    const asking: Provider = {
      ...provider,
      decide(ctx, calls) {
        told.push(calls.refuses());
        return provider.decide(ctx, calls);
      },
    };
    const { gate, visit } = benchOf([circuitBreaker(asking, { failures: 1 })]);
    const explained = gate.explain(new Request(page));
    await turn();
    calls[0]?.answer();
    await explained;
    const failing = visit();
    await turn();
    calls[1]?.fail("timeout");
    await failing;
    await gate.explain(new Request(page));
    assert.deepEqual(told, [false, false, true]);
  });

  test("circuitBreaker() keeps a state for each breaker", async () => {
    const one = breakerBench();
    const two = breakerBench();
    await one.open();
    assert.deepEqual([one.state(), two.state()], ["open", "closed"]);
    assert.equal((await two.answer()).result, "admit");
  });
});

describe("circuitBreaker() around calls alone", () => {
  /** A provider that makes a call when it is told to, and decides at once otherwise. */
  function choosing(make: () => Promise<unknown>) {
    const clock = { now: 0 };
    const script: { decision: Decision | undefined; fault: unknown } = {
      decision: undefined,
      fault: undefined,
    };
    const provider: Provider = {
      name: "choosing",
      final: "decide",
      service: "the service",
      decide(_ctx, calls) {
        if (script.fault !== undefined) throw script.fault;
        if (script.decision !== undefined) return script.decision;
        return calls.run({ what: "GET /choosing", timeoutMs: 60_000, make })
          .then(() => ({ action: "admit", reason: "choosing/asked" }));
      },
    };
    const wrapped = circuitBreaker(provider, { failures: 2, timer: () => clock.now, jitter: 0 });
    const state = () => wrapped.health?.()["state"];
    return { clock, script, wrapped, state, ...benchOf([wrapped]) };
  }

  test("is closed by nothing that was decided without asking, and keeps nobody from deciding so", async () => {
    let asked = 0;
    const { clock, script, visit, state, outcomes } = choosing(() => {
      asked++;
      return Promise.reject(new ServiceError("timeout", "slow"));
    });
    await visit();
    await visit();
    assert.equal(state(), "open");
    const alone: readonly Decision[] = [
      { action: "admit", reason: "choosing/at-once" },
      { action: "bypass", reason: "choosing/other" },
      { action: "redirect", reason: "choosing/clean", location: "/" },
      { action: "queue", reason: "choosing/queued", location: "/" },
      { action: "reject", reason: "choosing/blocked", status: 403 },
    ];
    for (const due of [0, 5000]) {
      clock.now += due;
      for (const decision of alone) {
        script.decision = decision;
        await visit();
        assert.deepEqual(outcomes.at(-1)?.decision, decision);
        assert.equal(state(), "open");
      }
    }
    assert.equal(asked, 2);
  });

  test("is neither opened nor closed by what the provider throws without asking, which is told as it was thrown", async () => {
    const { script, visit, state, errors } = choosing(() => Promise.resolve());
    const bug = new TypeError("a bug");
    const fault = new ServiceError("timeout", "of something else");
    for (const thrown of [bug, fault]) {
      script.fault = thrown;
      for (let count = 0; count < 9; count++) await visit();
      const told = errors.splice(0);
      assert.equal(told.length, 9);
      assert.ok(told.every((error) => error instanceof HookError && error.cause === thrown));
      assert.equal(told[0]?.code, thrown === bug ? "internal" : "timeout");
      assert.equal(state(), "closed");
    }
  });

  test("counts what breaks a call, whatever that is, and tells only its kind", async () => {
    const secret = "https://api.example/v1/requests/tok0aaaaaaaaaaaa?key=secret";
    /** A fault as platforms throw it. */
    const fault = (message: string, more: object = {}) => Object.assign(new TypeError(message), more);
    const table: readonly (readonly [make: () => Promise<unknown>, kind: string])[] = [
      [() => Promise.reject(fault(`cannot reach ${secret}`)), "TypeError"],
      [() => Promise.reject(fault(secret, { cause: { code: "ECONNRESET", message: secret } })), "ECONNRESET"],
      [() => Promise.reject(fault(secret, { code: "ConnectionRefused" })), "ConnectionRefused"],
      [() => Promise.reject(fault(secret, { name: secret })), "unknown fault"],
      [() => Promise.reject(fault(secret, { code: secret })), "unknown fault"],
      [() => Promise.reject(secret), "unknown fault"],
      [() => Promise.reject(undefined), "unknown fault"],
      [() => {
        throw fault(secret);
      }, "TypeError"],
    ];
    for (const [make, kind] of table) {
      const { visit, state, errors } = choosing(make);
      await visit();
      assert.deepEqual(
        [errors[0]?.code, errors[0]?.message],
        ["unreachable", `Plugin choosing, hook decide: GET /choosing failed: ${kind}`],
      );
      for (let error: unknown = errors[0]; error instanceof Error; error = error.cause) {
        assert.doesNotMatch(`${error.message} ${error.stack}`, /tok0|secret/);
        assert.ok(error.cause === undefined || error.cause instanceof GateError);
      }
      await visit();
      assert.equal(state(), "open");
    }
  });
});

test("circuitBreaker() is asked after whoever wraps it, and before what it wraps", async () => {
  const order: string[] = [];
  const noting = (provider: Provider, name: string) => {
    const guard: Guard = {
      run(call) {
        order.push(name);
        return call();
      },
      looking: () => guard,
      health: () => ({}),
    };
    return guarded(provider, guard);
  };
  const { provider, calls } = manualService();
  const { visit } = benchOf([noting(circuitBreaker(noting(provider, "near"), { failures: 1 }), "far")]);
  const first = visit();
  await turn();
  calls[0]?.fail("timeout");
  await first;
  assert.deepEqual(order.splice(0), ["far", "near"]);
  assert.equal((await visit()).status, 503);
  assert.deepEqual(order, ["far"], "what the breaker refuses never comes near the service");
});

test("circuitBreaker() keeps everything else of its provider, bound to it", async () => {
  const seen: string[] = [];
  const inner: Plugin = { name: "inner", health: () => ({ ageMs: 5 }) };
  const provider = {
    name: "whole",
    final: "decide" as const,
    service: "the whole service",
    supplies: { address: () => "192.0.2.9" },
    wraps: [inner],
    label: "this",
    decide() {
      return { action: "reject", reason: "whole/no", status: 403 } as const;
    },
    prepare() {
      seen.push(`prepare ${this.label}`);
    },
    respond() {
      seen.push(`respond ${this.label}`);
      return new Response("own", { status: 403 });
    },
    headers() {
      return [["x-own", this.label]] as const;
    },
    settled() {
      seen.push(`settled ${this.label}`);
    },
    health() {
      return { own: this.label };
    },
  };
  const wrapped = bulkhead(circuitBreaker(provider), { maxConcurrent: 1 });
  const addresses: (string | undefined)[] = [];
  const { visit, gate } = benchOf([{
    name: "watch",
    prepare: (ctx) => void addresses.push(ctx.address),
  }, wrapped]);
  const response = await visit();
  assert.deepEqual([response.status, await response.text(), response.headers.get("x-own")], [
    403,
    "own",
    "this",
  ]);
  assert.deepEqual(seen, ["prepare this", "respond this", "settled this"]);
  assert.deepEqual(gate.health().plugins["whole"], {
    own: "this",
    ...{ state: "closed", failures: 0, nextProbeInMs: 0, refused: 0 },
    ...{ active: 0, waiting: 0, overloaded: 0 },
  });
  assert.deepEqual(gate.health().plugins["inner"], { ageMs: 5 });
  assert.deepEqual(addresses, ["192.0.2.9"]);
  assert.deepEqual([wrapped.name, wrapped.final, wrapped.service], ["whole", "decide", "the whole service"]);
});

test("circuitBreaker() decides at once where its provider does", () => {
  const wrapped = circuitBreaker({
    name: "local",
    final: "decide",
    service: "not asked",
    decide: () => ({ action: "admit", reason: "local/known" }),
  });
  assert.deepEqual(wrapped.decide(contextOf(new Request(page)), callsBehind()), {
    action: "admit",
    reason: "local/known",
  });
});

test("circuitBreaker() refuses what is no provider, and wrong options", () => {
  const provider = manualService().provider;
  const wrong: readonly (readonly [make: () => unknown, error: RegExp])[] = [
    [
      () => circuitBreaker({} as never),
      /^TypeError: Cannot create circuit-breaker plugin: what is wrapped must be a provider, a plugin with a name and a "decide" hook, received \{\}$/,
    ],
    [() => circuitBreaker(undefined as never), /must be a provider.*received undefined/],
    [() => circuitBreaker({ name: "", decide() {} } as never), /must be a provider/],
    [
      () => circuitBreaker({ ...provider, recover: () => undefined } as never),
      /\(manual\) has a "recover" hook/,
    ],
    [() => circuitBreaker({ ...provider, match: () => true } as never), /\(manual\) has a "match" hook/],
    [
      () => circuitBreaker({ ...provider, final: undefined } as never),
      /^TypeError: Cannot create circuit-breaker plugin: what is wrapped \(manual\) does not say that it always decides, by final: "decide"$/,
    ],
    [() => circuitBreaker({ ...provider, final: "recover" } as never), /\(manual\) does not say/],
    ...[undefined, "", 5].map((service) =>
      [
        () => circuitBreaker({ ...provider, service } as never),
        /^TypeError: Cannot create circuit-breaker plugin: what is wrapped \(manual\) names no service, so there are no calls to guard; a provider that makes its calls by the argument "calls" names their service by service: "\.\.\."$/,
      ] as const
    ),
    [() => circuitBreaker(provider, null as never), /options must be an object, received null/],
    [() => circuitBreaker(provider, { failure: 3 } as never), /unknown option "failure"/],
    [() => circuitBreaker(provider, { failures: 0 }), /^RangeError: .*"failures" must be an integer from 1/],
    [() => circuitBreaker(provider, { failures: "3" as never }), /^TypeError: .*"failures"/],
    [() => circuitBreaker(provider, { openMs: 0.5 }), /"openMs"/],
    [
      () => circuitBreaker(provider, { openMs: 100, maxOpenMs: 99 }),
      /"maxOpenMs" must be an integer from 100/,
    ],
    [() => circuitBreaker(provider, { jitter: 1.1 }), /"jitter" must be a number from 0 to 1/],
    [() => circuitBreaker(provider, { codes: [] }), /"codes" must be a list of at least one of timeout/],
    [() => circuitBreaker(provider, { codes: ["down" as never] }), /"codes"/],
    [
      () => circuitBreaker(provider, { codes: ["timeout", "down" as never] }),
      /"codes" must be a list of at least one of timeout, unreachable, throttled, rejected, .*, received /,
    ],
    ...crowdCodes.map((code) =>
      [
        () => circuitBreaker(provider, { codes: ["timeout", code] }),
        /^RangeError: Cannot create circuit-breaker plugin: "codes" must be a list of timeout, unreachable, rejected, malformed, internal, without throttled, unidentified, overloaded, which visitors can bring about, received /,
      ] as const
    ),
    [() => circuitBreaker(provider, { codes: "timeout" as never }), /^TypeError: .*"codes"/],
    [() => circuitBreaker(provider, { timer: 5 as never }), /"timer" must be a function/],
  ];
  for (const [make, error] of wrong) assert.throws(make, error);
  circuitBreaker(provider, { openMs: 120_000 });
});

/** What a breaker must do, in the simplest words. */
class Model {
  state: "closed" | "open" | "half-open" = "closed";
  faults: number[] = [];
  until = 0;
  length = 0;
  openings = 0;
  period = 0;
  probeUntil = 0;

  /** The period of a call that is let through; `undefined` if it is refused. */
  begin(now: number): number | undefined {
    if (this.state === "closed") return this.period;
    if (this.state === "open" && now < this.until) return undefined;
    if (this.state === "half-open" && now < this.probeUntil) return undefined;
    this.state = "half-open";
    this.probeUntil = now + 50;
    return ++this.period;
  }

  end(period: number, result: "ok" | "fault" | "other", now: number): void {
    if (period !== this.period) return;
    if (result === "other") {
      if (this.state === "half-open") this.probeUntil = now;
    } else if (result === "ok") {
      this.faults = [];
      if (this.state !== "half-open") return;
      this.state = "closed";
      this.openings = 0;
      this.period++;
    } else {
      this.faults = [...this.faults.filter((at) => now - at <= 100), now];
      if (this.state === "closed" && this.faults.length < 3) return;
      this.state = "open";
      this.until = now + Math.min(40 * 2 ** this.openings++, 200);
      this.period++;
    }
  }
}

test("circuitBreaker() does what a simple model does, whatever begins and ends in whatever order", async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant({ kind: "begin" as const }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("end" as const),
        which: fc.nat(20),
        result: fc.constantFrom("ok" as const, "fault" as const, "fault" as const, "other" as const),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(60) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { clock, calls, begin, wrapped } = breakerBench({
        windowMs: 100,
        openMs: 40,
        maxOpenMs: 200,
        probeMs: 50,
      });
      const model = new Model();
      const underWay: { readonly call: PendingCall; readonly period: number }[] = [];
      for (const each of steps) {
        if (each.kind === "wait") clock.now += each.ms;
        else if (each.kind === "begin") {
          const before = calls.length;
          void begin();
          await Promise.resolve().then(() => {}).then(() => {}).then(() => {});
          const call = calls[before];
          const period = model.begin(clock.now);
          assert.equal(call !== undefined, period !== undefined, "asked");
          if (call !== undefined && period !== undefined) underWay.push({ call, period });
        } else {
          const [ended] = underWay.splice(each.which % Math.max(1, underWay.length), 1);
          if (ended === undefined) continue;
          if (each.result === "ok") ended.call.answer();
          else ended.call.fail(each.result === "fault" ? "timeout" : "internal");
          for (let hop = 0; hop < 8; hop++) await Promise.resolve();
          model.end(ended.period, each.result, clock.now);
        }
        assert.equal(wrapped.health?.()["state"], model.state);
        const left = model.state === "open" ? Math.max(0, model.until - clock.now) : 0;
        assert.equal(wrapped.health?.()["nextProbeInMs"], left);
      }
      // Their time limits would keep the process from its end.
      for (const call of calls) call.answer();
    }),
    { numRuns: 400 },
  );
});
