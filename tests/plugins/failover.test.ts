import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bulkhead } from "../../plugins/bulkhead.ts";
import { circuitBreaker } from "../../plugins/circuit-breaker/circuit-breaker.ts";
import { cookieTokens } from "../../plugins/cookie-tokens.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { failClosed, failOpen } from "../../plugins/failure-policy/failure-policy.ts";
import { failover } from "../../plugins/failover.ts";
import { queueItEvent } from "../../plugins/queue-it/mod.ts";
import { createSandbox } from "../../sandbox/mod.ts";
import { createGate } from "../../src/gate.ts";
import { contextKey } from "../../src/context.ts";
import type { Decision } from "../../src/decision.ts";
import {
  crowdCodes,
  type FailureCode,
  failureCodes,
  GateError,
  HookError,
  ServiceError,
  withFallback,
} from "../../src/errors.ts";
import { callsBehind } from "../../src/pipeline/calls.ts";
import type { Provider } from "../../src/plugin.ts";
import { contextOf } from "../support/context-of.ts";
import { benchOf, manualService, page, turn } from "./_guards.ts";
import { steadily } from "../support/steadily.ts";

/** A provider that tells all it may, and fails or decides. */
function provider(
  name: string,
  end: Decision | Error,
  later = false,
  more: Partial<Provider> = {},
): Provider {
  const facts = { room: name, visitor: `of ${name}` };
  const told = end instanceof GateError
    ? withFallback(end, { facts, fallback: { location: `https://${name}.example/` } })
    : end instanceof Error
    ? end
    : { ...end, facts };
  return {
    name,
    final: "decide",
    decide() {
      if (later) return told instanceof Error ? Promise.reject(told) : Promise.resolve(told);
      if (told instanceof Error) throw told;
      return told;
    },
    ...more,
  };
}

/** What the first failure and all others have in common with what a test made of them. */
function rootsOf(cause: unknown): readonly unknown[] {
  assert.ok(cause instanceof AggregateError);
  return cause.errors.map((error: unknown) => error instanceof GateError ? error.cause ?? error : error);
}

/** Asks a provider as a gate would that has no guard of its own. */
function asked(provider: Provider, ctx = contextOf(new Request(page))): Decision | Promise<Decision> {
  return provider.decide(ctx, callsBehind());
}

const down = new ServiceError("timeout", "one is down");
const gone = new ServiceError("unreachable", "two is down");
const welcome: Decision = { action: "admit", reason: "two/welcome" };

describe("failover()", () => {
  for (const later of [false, true]) {
    const when = later ? "later" : "at once";

    test(`failover() asks the next provider when one fails ${when}, and tells nothing of the first`, async () => {
      const wrapped = failover([provider("one", down, later), provider("two", welcome, later)]);
      assert.deepEqual(await asked(wrapped), { ...welcome, facts: { room: "two", visitor: "of two" } });
      assert.deepEqual(wrapped.health?.(), { takeovers: 1 });
    });

    test(`failover() fails with the last cause when all fail ${when}, and names the place of the first`, async () => {
      const wrapped = failover([provider("one", down, later), provider("two", gone, later)]);
      await assert.rejects(async () => await asked(wrapped), (error: unknown) => {
        assert.ok(error instanceof GateError);
        assert.deepEqual([error.code, error.message], [
          "unreachable",
          "All 2 providers failed, the last one because: two is down",
        ]);
        assert.deepEqual(rootsOf(error.cause), [down, gone]);
        assert.deepEqual(error.fallback, { location: "https://one.example/" });
        assert.deepEqual(error.facts, { room: "one", visitor: "of one" });
        return true;
      });
    });
  }

  test("failover() decides at once where its provider does, and asks no other", () => {
    const second: Provider = { name: "two", final: "decide", decide: () => assert.fail("asked") };
    const first = provider("one", { action: "admit", reason: "one/in" });
    const decision = asked(failover([first, second]));
    assert.ok(!(decision instanceof Promise));
    assert.equal(decision.reason, "one/in");
  });

  test("failover() takes it for no failure that a provider says nothing, which the policy decides about", async () => {
    // What the types forbid and JavaScript allows.
    const silent: Provider = { name: "one", final: "decide", decide: () => undefined as never };
    const second: Provider = { name: "two", final: "decide", decide: () => assert.fail("asked") };
    const { visit, outcomes } = benchOf([failover([silent, second])]);
    assert.equal((await visit()).status, 503);
    assert.equal(outcomes[0]?.decision.reason, "last/internal");
  });

  test("failover() waits for a promise of another library, kept or broken", async () => {
    type Settle = (value: unknown) => void;
    /** A thenable that calls back later, knows no `catch` and gives no promise. */
    const foreign = (end: Decision | Error) => ({
      then(kept: Settle, broken: Settle) {
        setTimeout(() => end instanceof Error ? broken(end) : kept(end));
      },
    } as unknown as Promise<Decision>);
    const first = (end: Decision | Error): Provider => ({
      name: "one",
      final: "decide",
      decide: () => foreign(end),
    });
    const second = provider("two", welcome, false, { decide: () => foreign(welcome) });
    const table = [[{ action: "admit", reason: "one/in" }, "one/in"], [down, "two/welcome"]] as const;
    for (const [end, reason] of table) {
      const { visit, outcomes } = benchOf([failover([first(end), second])]);
      assert.equal((await visit()).status, 200);
      assert.deepEqual([outcomes[0]?.decision.reason, outcomes[0]?.decidedBy], [reason, "failover"]);
    }
  });

  test("failover() leaves failures to the policy that are not among its codes", async () => {
    const wrapped = failover([provider("one", new Error("a bug")), provider("two", welcome)], {
      codes: ["timeout", "unreachable"],
    });
    const { visit, errors } = benchOf([wrapped]);
    assert.equal((await visit()).status, 503);
    assert.ok(
      errors[0] instanceof HookError && errors[0].code === "internal" && errors[0].plugin === "failover",
    );
    const timeout = failover([provider("one", down), provider("two", welcome)], { codes: ["timeout"] });
    assert.equal((await benchOf([timeout]).visit()).status, 200);
  });

  test("failover() asks the next one also where one cannot prepare", async () => {
    const slot = contextKey<string>("prepared");
    const broken = provider("one", welcome, false, {
      prepare: () => Promise.reject(new ServiceError("timeout", "not prepared")),
    });
    const second: Provider = {
      name: "two",
      final: "decide",
      prepare: (ctx) => ctx.set(slot, "yes"),
      decide: (ctx) => ({ action: "admit", reason: `two/${ctx.get(slot)}` }),
    };
    const { visit, outcomes, errors } = benchOf([failover([broken, second])]);
    assert.equal((await visit()).status, 200);
    assert.deepEqual([outcomes[0]?.decision.reason, outcomes[0]?.decidedBy], ["two/yes", "failover"]);
    assert.equal(errors.length, 0);
  });

  test("failover() lets the one that decided answer, and headers and settled of all", async () => {
    const seen: string[] = [];
    const hooks = (name: string): Partial<Provider> => ({
      respond: () => new Response(name, { status: 302 }),
      headers: (_ctx, response, { decision }) => [[`x-${name}`, `${decision.reason} ${response?.status}`]],
      settled: (_ctx, { decision }) => void seen.push(`${name} ${decision.reason}`),
      health: () => ({ state: "closed", ageMs: 5 }),
    });
    const queued: Decision = { action: "queue", reason: "two/queued", location: "https://two.example/" };
    const wrapped = failover([
      provider("one", down, true, hooks("one")),
      provider("two", queued, true, hooks("two")),
    ]);
    const { visit, gate } = benchOf([wrapped]);
    const response = await visit();
    assert.deepEqual([await response.text(), response.headers.get("x-one"), response.headers.get("x-two")], [
      "two",
      "two/queued 302",
      "two/queued 302",
    ]);
    assert.deepEqual(seen, ["one two/queued", "two two/queued"]);
    assert.deepEqual(gate.health().plugins, {
      failover: { takeovers: 1 },
      one: { state: "closed", ageMs: 5 },
      two: { state: "closed", ageMs: 5 },
    });
    const failed = failover([provider("one", down, false, { respond: () => Promise.resolve(undefined) }), {
      ...provider("two", gone, false, hooks("two")),
    }]);
    assert.equal(await (await benchOf([failed]).visit()).text(), "two", "without a decider all may answer");
  });

  test("failover() lets all settle, and passes on the first fault of those that cannot", async () => {
    const outcome = {
      ...{ decision: welcome, enforced: true, failure: undefined, status: 200, served: true, threw: false },
      ...{ decidedBy: "failover", durationMs: 1 },
    };
    const seen: string[] = [];
    const end = (name: string, fault?: "at once" | "later") => ({
      settled: () => {
        seen.push(name);
        if (fault === "at once") throw new Error(`${name} broke`);
        return fault === "later" ? Promise.reject(new Error(`${name} broke`)) : Promise.resolve();
      },
    });
    const table = [
      [undefined, undefined, undefined],
      ["at once", undefined, "one broke"],
      ["later", undefined, "one broke"],
      [undefined, "at once", "two broke"],
      [undefined, "later", "two broke"],
      ["later", "later", "one broke"],
    ] as const;
    for (const [one, two, message] of table) {
      seen.length = 0;
      const wrapped = failover([
        provider("one", welcome, false, end("one", one)),
        provider("two", welcome, false, end("two", two)),
      ]);
      const ended = Promise.resolve(wrapped.settled?.(contextOf(new Request(page)), outcome, callsBehind()));
      if (message === undefined) await ended;
      else await assert.rejects(ended, { message });
      assert.deepEqual(seen, ["one", "two"]);
    }
    const quiet = failover([
      provider("one", welcome, false, { settled: () => {} }),
      provider("two", welcome),
    ]);
    assert.equal(
      quiet.settled?.(contextOf(new Request(page)), outcome, callsBehind()),
      undefined,
      "nothing to wait for",
    );
  });

  test("failover() names the first place that any of its providers knows, when all fail", async () => {
    const mute: Provider = { name: "mute", final: "decide", decide: () => Promise.reject(down) };
    const known: Provider = {
      ...mute,
      decide: () => Promise.reject(withFallback(down, { facts: { room: "known" } })),
    };
    const table: [providers: readonly [Provider, Provider], place: string | undefined, room?: string][] = [
      [[provider("one", down), provider("two", gone)], "https://one.example/", "one"],
      [[mute, provider("two", gone)], "https://two.example/", "two"],
      [[provider("one", down), { ...mute }], "https://one.example/", "one"],
      // The facts are those of the place: a mixture of two rooms would be worth nothing in either.
      [[known, provider("two", gone)], "https://two.example/", "two"],
      [[known, mute], undefined, "known"],
      [[mute, { ...mute }], undefined],
    ];
    for (const [providers, place, room] of table) {
      await assert.rejects(async () => await asked(failover(providers)), (error: unknown) => {
        assert.ok(error instanceof GateError);
        assert.match(error.message, /All 2 providers failed/);
        assert.deepEqual([error.fallback?.location, error.facts?.room], [place, room]);
        return true;
      });
      const gate = createGate({ plugins: [failClosed(), failover(providers)], onError: () => {} });
      const { status, headers } = await gate(new Request(page), () => assert.fail("served"));
      assert.deepEqual([status, headers.get("location")], place === undefined ? [503, null] : [302, place]);
    }
  });

  test("failover() asks the next one for an answer when the one before has none, at once or later", async () => {
    const say = (text: string | undefined, later: boolean): Partial<Provider> => ({
      respond: () => {
        const response = text === undefined ? undefined : new Response(text);
        return later ? Promise.resolve(response) : response;
      },
    });
    const refusal = { action: "reject", reason: "test/no", status: 403 } as const;
    for (const [first, second] of [[false, false], [false, true], [true, false], [true, true]] as const) {
      for (const [texts, expected] of [[["1", "2"], "1"], [[undefined, "2"], "2"]] as const) {
        const wrapped = failover([
          provider("one", welcome, false, say(texts[0], first)),
          provider("two", welcome, false, say(texts[1], second)),
        ]);
        const response = await wrapped.respond?.(contextOf(new Request(page)), refusal);
        assert.ok(response instanceof Response);
        assert.equal(await response.text(), expected);
      }
    }
  });

  test("failover() lets its providers share the visitor's tokens, and keeps what either wrote", async () => {
    const read: (string | undefined)[] = [];
    const first = provider("one", down, false, {
      async decide(ctx) {
        await ctx.tokens.write("first", "1");
        throw down;
      },
    });
    const second = provider("two", welcome, false, {
      async decide(ctx) {
        read.push(await ctx.tokens.read("first"), await ctx.tokens.read("brought"));
        await ctx.tokens.write("second", "2");
        return welcome;
      },
    });
    const { visit } = benchOf([failover([first, second])]);
    const response = await visit({ headers: { cookie: "brought=0" } });
    assert.deepEqual(read, ["1", "0"]);
    const pairs = response.headers.getSetCookie().map((line) => line.split(";", 1)[0]);
    assert.deepEqual(pairs, ["first=1", "second=2"]);
  });

  test("failover() names its providers' service if there is one, and else leaves guards to each of them", async () => {
    const local = provider("local", welcome);
    const [one, two] = [manualService("one"), manualService("two")];
    const wrappers = [circuitBreaker, (inner: Provider) => bulkhead(inner, { maxConcurrent: 1 })];
    for (const wrap of wrappers) {
      assert.throws(
        () => wrap(failover([local, provider("two", welcome)])),
        /\(failover\) names no service/,
      );
      assert.throws(
        () => wrap(failover([one.provider, two.provider])),
        /\(failover\) calls several services, whose outages are not each other's; put it around each of its providers/,
      );
      assert.equal(wrap(failover([local, two.provider])).service, "two");
    }
    // An outage of the first one leaves the second one alone, and so opens no gate.
    const guardedOne = circuitBreaker(one.provider, { failures: 1 });
    const { visit, gate } = benchOf([failover([guardedOne, two.provider])]);
    for (let count = 0; count < 3; count++) {
      const visiting = visit();
      await turn();
      one.calls[count]?.fail("timeout");
      await turn();
      two.calls[count]?.answer();
      assert.equal((await visiting).status, 200);
    }
    assert.deepEqual([one.calls.length, two.calls.length], [1, 3]);
    assert.equal(gate.health().plugins["one"]?.["state"], "open");
  });

  for (const code of crowdCodes) {
    test(`failover() fails with ${code} where one of its providers does, so that a crowd opens no gate whose other one is down`, async () => {
      const crowd = new GateError(code, "a crowd");
      for (const pair of [[crowd, gone], [gone, crowd]] as const) {
        for (const options of [{}, { codes: failureCodes }]) {
          const gate = createGate({
            plugins: [failOpen(), failover([provider("one", pair[0]), provider("two", pair[1])], options)],
            onError: (error) => assert.equal(error.code, code),
          });
          const response = await gate(new Request(page), () => new Response("page"));
          assert.equal(response.headers.get("location"), "https://one.example/");
        }
      }
    });

    test(`failover() lets nobody choose by ${code} who decides, unless it is named`, async () => {
      const pair = () => [provider("one", new GateError(code, "a crowd")), provider("two", welcome)];
      const ask = (codes?: readonly FailureCode[]) =>
        benchOf([failover(pair(), codes === undefined ? {} : { codes })]).visit();
      assert.equal((await ask()).status, 503);
      assert.equal((await ask([code])).status, 200);
    });
  }

  test("failover() stands for any number of providers, also for those of another failover()", async () => {
    const inner = failover([provider("one", down), provider("two", gone)]);
    const outer = failover([
      inner,
      provider("three", { action: "queue", reason: "three/queued", location: "/3" }, true, {
        respond: () => new Response("three", { status: 302 }),
      }),
    ]);
    const { visit, gate, outcomes } = benchOf([outer]);
    assert.equal(await (await visit()).text(), "three");
    assert.equal(outcomes[0]?.decision.facts?.room, "three");
    assert.deepEqual(gate.health().plugins, { failover: { takeovers: 1 }, "failover-2": { takeovers: 1 } });
  });

  test("failover() counts nothing while the gate explains, and says who is asked instead", async () => {
    const wrapped = failover([provider("one", down), provider("two", welcome)]);
    const { gate } = benchOf([wrapped]);
    const { steps, decision } = await gate.explain(new Request(page));
    assert.equal(decision.reason, "two/welcome");
    assert.match(JSON.stringify(steps), /one failed \(timeout\), so two is asked/);
    assert.deepEqual(wrapped.health?.(), { takeovers: 0 });
  });

  test("failover() ends the outage that a policy measures when any of its providers decides", async () => {
    const clock = { now: 0 };
    let isDown = true;
    const first: Provider = {
      name: "one",
      final: "decide",
      decide() {
        if (isDown) throw down;
        return { action: "reject", reason: "one/no", status: 403, facts: { proven: "service" } };
      },
    };
    const policy = failOpen({ admitForMs: 100, afterwards: "reject" });
    const gate = createGate({
      plugins: [policy, failover([first, provider("two", gone)])],
      now: () => clock.now,
      onError: () => {},
    });
    const visit = async () => {
      const { status } = await gate(new Request(page), () => new Response("page"));
      await turn();
      return status;
    };
    assert.equal(await visit(), 200);
    clock.now = 101;
    assert.equal(await visit(), 503);
    isDown = false;
    assert.equal(await visit(), 403);
    isDown = true;
    assert.equal(await visit(), 200, "a new outage begins");
  });

  test("failover() makes as many calls in turn as all its providers, and is timed where one of them is", () => {
    const one = provider("one", welcome, false, { callsInTurn: 2, longestMs: 100 });
    const two = provider("two", welcome, false, { longestMs: 50 });
    const both = failover([one, two]);
    assert.deepEqual([both.callsInTurn, both.longestMs, both.timed], [3, 150, undefined]);
    assert.equal(failover([one, { ...two, timed: true }]).timed, true);
  });

  test("failover() takes what is no failure of the gate's for one within", async () => {
    const broken = provider("one", new TypeError("no such field"));
    const two = provider("two", welcome);
    assert.equal((await asked(failover([broken, two]))).action, "admit");
    const strict = failover([broken, two], { codes: ["timeout"] });
    await assert.rejects(async () => await asked(strict), { name: "TypeError", message: "no such field" });
    const all = failover([broken, provider("two", new RangeError("out of range"))]);
    await assert.rejects(async () => await asked(all), (error) => {
      assert.ok(error instanceof GateError);
      assert.equal(error.code, "internal");
      assert.equal(error.message, "All 2 providers failed, the last one because: threw RangeError");
      assert.ok(error.cause instanceof AggregateError);
      assert.equal(error.cause.message, "No provider could decide");
      return true;
    });
  });

  test("failover() passes on the very failure of the only provider that was asked", async () => {
    const failing = provider("one", new Error("unused"), false, {
      decide() {
        throw down;
      },
    });
    const only = failover([failing, provider("two", welcome)], { codes: ["unreachable"] });
    await assert.rejects(async () => await asked(only), (error) => error === down);
  });

  test("failover() tells of the last of several failures", async () => {
    const three = ["timeout", "unreachable", "malformed"] as const;
    const all = failover(three.map((code) => provider(code, new ServiceError(code, `${code} it was`))));
    await assert.rejects(async () => await asked(all), {
      code: "malformed",
      message: "All 3 providers failed, the last one because: malformed it was",
    });
  });

  test("failover() asks each provider once for an answer, in their order, at once where they answer at once", async () => {
    const refusal = { action: "queue", reason: "one/queued", location: "https://one.example/" } as const;
    const answers: string[] = [];
    const answering = (name: string, answer: string | undefined, later: boolean) =>
      provider(name, refusal, false, {
        respond() {
          answers.push(name);
          const response = answer === undefined ? undefined : new Response(answer);
          return later ? Promise.resolve(response) : response;
        },
      });
    const silent = provider("silent", refusal);
    const ctx = contextOf(new Request(page));
    const at = (...providers: readonly Provider[]) => failover(providers).respond?.(ctx, refusal);
    const atOnce = at(silent, answering("a", undefined, false), answering("b", "b", false));
    assert.ok(atOnce instanceof Response);
    assert.deepEqual(answers.splice(0), ["a", "b"]);
    const late = await at(
      answering("a", undefined, true),
      answering("b", "b", true),
      answering("c", "c", true),
    );
    assert.ok(late instanceof Response);
    assert.equal(await late.text(), "b");
    assert.deepEqual(answers, ["a", "b"]);
    assert.equal(at(silent, provider("quiet", refusal)), undefined);
    assert.deepEqual(
      failover([silent, provider("quiet", refusal)]).headers?.(ctx, undefined, {} as never),
      [],
    );
  });

  test("failover() refuses what are no providers", () => {
    const one = provider("one", welcome);
    const wrong: readonly (readonly [make: () => unknown, error: RegExp])[] = [
      [() => failover(one as never), /^TypeError: Cannot create failover plugin: "providers" must be a list/],
      [() => failover([one]), /it needs at least two providers, received 1/],
      [() => failover([one, {} as never]), /providers\[1\] must be a provider/],
      [
        () => failover([one, { name: "two", decide: () => welcome } as never]),
        /^TypeError: Cannot create failover plugin: providers\[1\] \(two\) does not say that it always decides, by final: "decide"$/,
      ],
      [() => failover([{ ...one, final: "recover" } as never, one]), /providers\[0\] \(one\) does not say/],
      [
        () => failover([one, { ...one, match: () => true } as never]),
        /providers\[1\] \(one\) has a "match" hook/,
      ],
      [
        () => failover([one, { ...one, supplies: { address: () => "192.0.2.1" } }]),
        /providers\[1\] \(one\) supplies something, which belongs into a plugin of its own$/,
      ],
      [() => failover([one, one]), /the same provider was given twice/],
      [() => failover([one, provider("two", welcome)], { codes: ["x" as never] }), /"codes"/],
      [() => failover([one, provider("two", welcome)], { code: [] } as never), /unknown option "code"/],
    ];
    for (const [make, error] of wrong) assert.throws(make, error);
  });
});

describe("failover() from CrowdHandler to Queue-it", () => {
  const host = "shop.example.com";

  function world(policyActs = failClosed()) {
    const sandbox = createSandbox({
      rooms: [{ slug: "hall", domain: `https://${host}`, capacity: 0, crowd: 2 }],
    });
    const clock = { now: 0 };
    const first = circuitBreaker(
      bulkhead(
        crowdhandler({
          publicKey: sandbox.publicKey,
          publicHosts: [host],
          timeoutMs: 40,
          visitor: () => ({ ip: "198.51.100.7", agent: "test", lang: "en" }),
          performance: { sample: 1 },
          fetch: (url, init) => sandbox.fetch(new Request(url, init)),
        }),
        { maxConcurrent: 50 },
      ),
      { failures: 2, jitter: 0, timer: () => clock.now },
    );
    const second = queueItEvent({
      customerId: "example",
      secretKeys: ["a secret of the tests"],
      eventId: "reserve",
      queueDomain: "example.queue-it.net",
    });
    const both = failover([first, second]);
    const gate = createGate({ plugins: [cookieTokens(), policyActs, both], onError: () => {} });
    const visit = async (headers: Record<string, string> = {}) => {
      const response = await gate(
        new Request(`https://${host}/tickets`, { headers }),
        () => new Response("page"),
      );
      await gate.idle();
      const place = URL.parse(response.headers.get("location") ?? "");
      return { response, place, cookie: response.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "" };
    };
    return { sandbox, clock, gate, visit };
  }

  test(
    "sends visitors to the reserve during an outage, and back to the first room after it",
    steadily(async () => {
      const { sandbox, clock, gate, visit } = world();
      const queued = await visit();
      assert.equal(queued.place?.pathname, "/hall");
      sandbox.promote();
      assert.equal((await visit({ cookie: queued.cookie })).response.status, 200);
      assert.equal(sandbox.state.calls.filter(({ endpoint }) => endpoint === "responses").length, 1);

      sandbox.faults.set("requests", { kind: "500" });
      for (let count = 0; count < 6; count++) {
        const { place, response } = await visit();
        assert.deepEqual([place?.host, place?.searchParams.get("e")], ["example.queue-it.net", "reserve"]);
        assert.equal(response.headers.get("x-queueit-failed"), null);
      }
      const asked = sandbox.state.calls.length;
      await visit({ cookie: queued.cookie });
      assert.equal(sandbox.state.calls.length, asked, "the breaker is open");
      assert.equal(gate.health().plugins["crowdhandler"]?.["state"], "open");
      assert.equal(gate.health().plugins["failover"]?.["takeovers"], 7);

      sandbox.faults.clear();
      clock.now += 5000;
      assert.equal((await visit({ cookie: queued.cookie })).response.status, 200);
      assert.equal(gate.health().plugins["crowdhandler"]?.["state"], "closed");
      sandbox.close();
    }),
  );

  test("answers a script of the first room as the first provider does", async () => {
    const { sandbox, visit } = world();
    const script = { "x-queueit-ajaxpageurl": encodeURIComponent(`https://${host}/tickets`) };
    assert.equal((await visit(script)).response.status, 302, "CrowdHandler knows no such header");
    sandbox.faults.set("requests", { kind: "reset" });
    const { response } = await visit(script);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("x-queueit-redirect") ?? "", /example\.queue-it\.net/);
    sandbox.close();
  });

  test("tells how to return by the parameter of the provider that decided alone", async () => {
    const { sandbox } = world();
    const told: unknown[] = [];
    const first = crowdhandler({
      publicKey: sandbox.publicKey,
      publicHosts: [host],
      fetch: () => Promise.reject(new TypeError("no network")),
    });
    const second = queueItEvent({
      customerId: "example",
      secretKeys: ["a secret of the tests"],
      eventId: "reserve",
      queueDomain: "example.queue-it.net",
      targetUrl: "https://elsewhere.example/",
    });
    const { visit } = benchOf([cookieTokens(), failover([first, second]), {
      name: "watch",
      settled: (_ctx, { decision }) => void told.push(decision.action, decision.facts?.returnBy),
    }]);
    assert.equal((await visit()).status, 302);
    assert.deepEqual(told, ["queue", undefined], "the reserve returns to a page that is fixed");
  });
});
