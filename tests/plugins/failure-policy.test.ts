import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import {
  createGate,
  crowdCodes,
  type Decision,
  type FailureCode,
  failureCodes,
  type Fallback,
  type Gate,
  GateError,
  HookError,
  type Plugin,
  type Policy,
  ServiceError,
  withFallback,
} from "../../mod.ts";
import {
  failClosed,
  failOpen,
  type FailOptions,
  type FailureAction,
  failurePolicy,
  type FailurePolicyOptions,
} from "../../plugins/failure-policy/failure-policy.ts";
import { contextOf } from "../support/context-of.ts";

const url = "https://shop.example/tickets?a=1";
const room = "https://wait.example/room";

/** What a policy decides after a failure; `location` is where the provider would send the visitor. */
function recover(plugin: Plugin, code: FailureCode, location?: string, request: Request = new Request(url)) {
  const fallback = location === undefined ? undefined : { location };
  return plugin.recover?.(contextOf(request), new ServiceError(code, "a test", { facts, fallback }));
}

const facts = { room: "hall", visitor: "token" };
/** What visitors cannot bring about. */
const outages = failureCodes.filter((code) => !crowdCodes.includes(code));

describe("failOpen()", () => {
  for (const code of crowdCodes) {
    test(`failOpen() lets nobody in after ${code}, which visitors can bring about, unless it is told so by this name`, () => {
      assert.equal(recover(failOpen(), code)?.action, "reject");
      assert.equal(recover(failOpen(), code, room)?.action, "queue");
      assert.equal(recover(failOpen({ [code]: "admit" }), code)?.action, "admit");
      for (const other of failureCodes.filter((other) => other !== code)) {
        assert.equal(recover(failOpen({ [other]: "admit" }), code, room)?.action, "queue");
      }
    });
  }

  for (const code of outages) {
    test(`failOpen() admits after ${code}`, () => {
      assert.deepEqual(recover(failOpen(), code), {
        action: "admit",
        reason: `failure-policy/admitted-${code}`,
      });
    });

    test(`failOpen() makes an exception of ${code} where it is told so`, () => {
      const others = outages.filter((other) => other !== code);
      for (const other of others) {
        assert.equal(recover(failOpen({ [code]: "reject" }), other)?.action, "admit");
      }
      assert.deepEqual(recover(failOpen({ [code]: "reject" }), code), {
        action: "reject",
        reason: `failure-policy/rejected-${code}`,
        status: 503,
      });
      assert.deepEqual(recover(failOpen({ [code]: "queue" }), code, room), {
        action: "queue",
        reason: `failure-policy/queued-${code}`,
        location: room,
        facts,
      });
    });
  }
});

describe("failClosed()", () => {
  for (const code of failureCodes) {
    test(`failClosed() sends to wait after ${code}, or turns down where no place is known`, () => {
      assert.deepEqual(recover(failClosed(), code, room), {
        action: "queue",
        reason: `failure-policy/queued-${code}`,
        location: room,
        facts,
      });
      for (const nowhere of [undefined, ""]) {
        assert.deepEqual(recover(failClosed(), code, nowhere), {
          action: "reject",
          reason: `failure-policy/rejected-${code}`,
          status: 503,
        });
      }
      assert.equal(recover(failClosed({ [code]: "admit" }), code)?.action, "admit");
    });
  }

  test("failClosed() prefers its own place to the provider's, and takes its own status", () => {
    const decision = recover(failClosed({ location: "/wait" }), "timeout", room);
    assert.ok(decision?.action === "queue");
    assert.equal(decision.location, "/wait");
    assert.equal(decision.facts, undefined, "the provider does not know that place");
    const turned = recover(failClosed({ status: 429 }), "timeout");
    assert.ok(turned?.action === "reject");
    assert.equal(turned.status, 429);
  });

  const places: readonly [location: string, asked: string, method: string, action: Decision["action"]][] = [
    ["/wait", "https://shop.example/wait", "GET", "admit"],
    ["/wait", "https://shop.example/wait", "HEAD", "admit"],
    ["/wait", "https://shop.example/wait", "POST", "queue"],
    ["/wait", "https://shop.example/wait?x", "GET", "queue"],
    ["/wait", "https://shop.example/wait/x", "GET", "queue"],
    ["/wait?x", "https://shop.example/wait?x", "GET", "admit"],
    ["/index.php?page=wait", "https://shop.example/index.php?page=buy", "GET", "queue"],
    ["https://shop.example/wait", "http://shop.example/wait", "GET", "admit"],
    ["https://wait.example/wait", "https://shop.example/wait", "GET", "queue"],
    ["/größe", "https://shop.example/gr%C3%B6%C3%9Fe", "GET", "admit"],
  ];
  for (const [location, asked, method, action] of places) {
    test(`failClosed() with ${location} answers ${method} ${asked} with ${action}, so that nobody goes in circles`, () => {
      const decision = recover(
        failClosed({ location }),
        "timeout",
        undefined,
        new Request(asked, { method }),
      );
      assert.equal(decision?.action, action);
      if (action === "admit") assert.equal(decision?.reason, "failure-policy/waiting-place");
    });
  }
});

describe("failurePolicy()", () => {
  const actions: readonly FailureAction[] = ["admit", "queue", "reject"];

  test("failurePolicy() does for each cause what it is told, and otherwise the rest", () => {
    const action = fc.constantFrom(...actions);
    const causes = fc.record(
      Object.fromEntries(failureCodes.map((code) => [code, action])) as Record<FailureCode, typeof action>,
      { requiredKeys: [] },
    );
    fc.assert(fc.property(causes, action, fc.constantFrom(...failureCodes), (causes, otherwise, code) => {
      const decision = recover(failurePolicy({ ...causes, otherwise }), code, room);
      const unnamed = crowdCodes.includes(code) && otherwise === "admit" ? "queue" : otherwise;
      assert.equal(decision?.action, causes[code] ?? unnamed);
    }));
  });

  test("failurePolicy() treats a cause that it does not know as the rest", () => {
    const odd = new GateError("odd" as FailureCode, "a test");
    const decision = failurePolicy({ timeout: "admit", otherwise: "reject" }).recover?.(
      contextOf(new Request(url)),
      odd,
    );
    assert.equal(decision?.action, "reject");
  });
});

/** A gate with a provider that fails as long as `state.failure` is set; the gate's clock is `state.now`. */
function gateOf(policy: Plugin, others: readonly Plugin[] = []) {
  const state: { failure: GateError | undefined; decision: Decision; now: number } = {
    failure: undefined,
    decision: { action: "admit", reason: "provider/promoted", facts: { proven: "service" } },
    now: 1_000_000,
  };
  const provider: Plugin = {
    name: "provider",
    decide() {
      if (state.failure !== undefined) throw state.failure;
      return state.decision;
    },
  };
  const gate = createGate({
    plugins: [policy, ...others, provider],
    now: () => state.now,
    onError: () => {},
  });
  return { gate, state };
}

/** The status of the answer, once all that follows it is done. */
async function statusOf(gate: Gate, init: RequestInit = {}): Promise<number> {
  const response = await gate(new Request(url, init), () => new Response("page"));
  await new Promise((resolve) => setTimeout(resolve));
  await gate.idle();
  return response.status;
}

const timeout = new ServiceError("timeout", "a test");

describe("failure policies in a gate", () => {
  test("createGate() gives Retry-After with the policy's own refusal, and with no other response", async () => {
    const refusing: Plugin = {
      name: "refusing",
      decide: (ctx) =>
        ctx.request.method === "PUT" ? { action: "reject", reason: "refusing/put", status: 503 } : undefined,
    };
    const { gate, state } = gateOf(failClosed({ retryAfterSeconds: 7, random: () => 0 }), [refusing]);
    const page = () => new Response("page");
    assert.equal((await gate(new Request(url), page)).headers.get("retry-after"), null);
    assert.equal((await gate(new Request(url, { method: "PUT" }), page)).headers.get("retry-after"), null);
    state.failure = timeout;
    const refused = await gate(new Request(url), page);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("retry-after"), "7");
    assert.equal(refused.headers.get("cache-control"), "no-store");
    const queueing = gateOf(failClosed({ location: room }));
    queueing.state.failure = timeout;
    const queued = await queueing.gate(new Request(url), page);
    assert.deepEqual([queued.status, queued.headers.get("retry-after")], [302, null]);
    const silent = gateOf(failClosed({ random: () => 0.999 }));
    silent.state.failure = timeout;
    assert.equal((await silent.gate(new Request(url), page)).headers.get("retry-after"), "45");
  });

  test("createGate() leaves a Retry-After of another plugin, and pages that are only reported on", async () => {
    const answering: Plugin = {
      name: "answering",
      respond: () => new Response(null, { status: 503, headers: { "retry-after": "99" } }),
    };
    const { gate, state } = gateOf(failClosed(), [answering]);
    state.failure = timeout;
    const response = await gate(new Request(url), () => new Response("page"));
    assert.equal(response.headers.get("retry-after"), "99");
    // What another policy turned down is none of its business, though a failure came before.
    const strict: Plugin = {
      name: "strict",
      recover: () => ({ action: "reject", reason: "strict/no", status: 503 }),
    };
    const others = createGate({
      plugins: [strict, failClosed(), { name: "provider", decide: () => Promise.reject(timeout) }],
      onError: () => {},
    });
    const turned = await others(new Request(url), () => new Response("page"));
    assert.deepEqual([turned.status, turned.headers.get("retry-after")], [503, null]);
    const failing: Plugin = {
      name: "provider",
      decide() {
        throw timeout;
      },
    };
    const reporting = createGate({ plugins: [failClosed(), failing], mode: "report", onError: () => {} });
    const page = await reporting(new Request(url), () => new Response("page"));
    assert.equal(page.status, 200);
    assert.equal(page.headers.get("retry-after"), null);
  });

  test("createGate() takes the place that the provider named before it failed", async () => {
    const fallback: Fallback = { location: room, headers: [["x-place", "hall"]] };
    const naming: Plugin = {
      name: "naming",
      decide() {
        throw withFallback(timeout, { facts, fallback });
      },
    };
    const decisions: Decision[] = [];
    const watch: Plugin = { name: "watch", settled: (_ctx, { decision }) => void decisions.push(decision) };
    const gate = createGate({ plugins: [failClosed(), naming, watch], onError: () => {} });
    const response = await gate(new Request(url), () => new Response("page"));
    assert.equal(response.status, 302);
    assert.equal(response.headers.get("location"), room);
    assert.equal(response.headers.get("x-place"), "hall");
    await gate.idle();
    assert.deepEqual(decisions[0]?.facts, facts, "so that others can tell which room it is");
    const own = createGate({ plugins: [failClosed({ location: "/wait" }), naming], onError: () => {} });
    const { headers } = await own(new Request(url), () => new Response("page"));
    assert.deepEqual([headers.get("location"), headers.get("x-place")], ["/wait", null]);
  });

  test("createGate() shows the page in which the provider lets visitors wait, unless the owner says otherwise", async () => {
    const naming: Plugin = {
      name: "naming",
      decide() {
        const page = new Response("please wait", { status: 503, headers: { "cache-control": "no-store" } });
        throw withFallback(timeout, { facts, fallback: { page } });
      },
    };
    const answer = async (policy: Policy) => {
      const gate = createGate({ plugins: [policy, naming], onError: () => {} });
      const response = await gate(new Request(url), () => new Response("page"));
      return [response.status, await response.text(), response.headers.get("location")];
    };
    assert.deepEqual(await answer(failClosed()), [503, "please wait", null]);
    assert.deepEqual(await answer(failOpen()), [200, "page", null]);
    assert.deepEqual((await answer(failClosed({ timeout: "reject", status: 429 })))[0], 429);
    assert.deepEqual(await answer(failClosed({ location: "/wait" })), [302, "", "/wait"]);
  });

  test("createGate() takes of the provider's place where it is, and nothing that would decide otherwise", async () => {
    // A decision has the shape of a place, so the compiler lets it pass for one.
    const fallback = { action: "admit", reason: "naming/in", location: room };
    const naming: Plugin = {
      name: "naming",
      decide() {
        throw withFallback(timeout, { fallback });
      },
    };
    const gate = createGate({ plugins: [failClosed(), naming], onError: () => {} });
    const { decision } = await gate.explain(new Request(url));
    assert.deepEqual([decision.action, decision.reason], ["queue", "failure-policy/queued-timeout"]);
  });

  test("createGate() gives visitors their own places, though they fail with one and the same error", async () => {
    const waiting: (() => void)[] = [];
    const provider: Plugin = {
      name: "provider",
      async decide(ctx) {
        const visitor = ctx.url.searchParams.get("visitor") ?? "";
        await new Promise<void>((resolve) => waiting.push(resolve));
        throw withFallback(timeout, {
          facts: { visitor },
          fallback: { location: `${room}?for=${visitor}`, headers: [["x-for", visitor]] },
        });
      },
    };
    const gate = createGate({ plugins: [failClosed(), provider], onError: () => {} });
    const answers = ["a", "b"].map((visitor) =>
      gate(new Request(`${url}&visitor=${visitor}`), () => new Response("page"))
    );
    for (const go of waiting.reverse()) go();
    const told = await Promise.all(answers);
    assert.deepEqual(told.map(({ headers }) => [headers.get("location"), headers.get("x-for")]), [
      [`${room}?for=a`, "a"],
      [`${room}?for=b`, "b"],
    ]);
    assert.deepEqual([timeout.facts, timeout.fallback], [undefined, undefined], "the error is everybody's");
  });

  test("createGate() has no settled hook of a policy without admitForMs", () => {
    const settled = (plugin: Plugin) =>
      gateOf(plugin).gate.plan.find((step) => step.hook === "settled")?.plugins;
    assert.deepEqual(settled(failOpen()), []);
    assert.deepEqual(settled(failOpen({ admitForMs: 1 })), ["failure-policy"]);
  });
});

describe("failOpen() with admitForMs", () => {
  test("failOpen() admits for that long after the first failure, then sends to wait or turns down", async () => {
    const { gate, state } = gateOf(failOpen({ admitForMs: 1000, location: room }));
    state.failure = timeout;
    assert.equal(await statusOf(gate), 200);
    state.now += 1000;
    assert.equal(await statusOf(gate), 200);
    state.now += 1;
    assert.equal(await statusOf(gate), 302);
    const closing = gateOf(failOpen({ admitForMs: 1000, location: room, afterwards: "reject" }));
    closing.state.failure = timeout;
    assert.equal(await statusOf(closing.gate), 200);
    closing.state.now += 1001;
    assert.equal(await statusOf(closing.gate), 503);
  });

  test("failOpen() counts an outage anew once the provider has decided", async () => {
    for (
      const decision of [
        { action: "admit", reason: "provider/promoted", facts: { proven: "service" } },
        { action: "admit", reason: "provider/promoted", facts: { proven: "signature" } },
        { action: "queue", reason: "provider/queued", location: room },
        { action: "reject", reason: "provider/blocked", status: 403, facts: { proven: "service" } },
      ] as const
    ) {
      const { gate, state } = gateOf(failOpen({ admitForMs: 1000 }));
      state.failure = timeout;
      await statusOf(gate);
      state.now += 5000;
      assert.equal(await statusOf(gate), 503);
      state.failure = undefined;
      state.decision = decision;
      await statusOf(gate);
      state.failure = timeout;
      assert.equal(await statusOf(gate), 200, decision.action);
      state.now += 1001;
      assert.equal(await statusOf(gate), 503, decision.action);
    }
  });

  test("failOpen() does not take it for the end of an outage that somebody else decided, or nobody was asked", async () => {
    const guests: Plugin = {
      name: "guests",
      decide: (ctx) =>
        ctx.request.method === "PUT"
          ? { action: "admit", reason: "guests/known", facts: { proven: "signature" } }
          : undefined,
    };
    const { gate, state } = gateOf(failOpen({ admitForMs: 1000 }), [guests]);
    state.failure = timeout;
    await statusOf(gate);
    state.now += 1001;
    assert.equal(await statusOf(gate), 503);
    assert.equal(await statusOf(gate, { method: "PUT" }), 200);
    assert.equal(await statusOf(gate), 503);
    for (
      const decision of [
        { action: "bypass", reason: "provider/excluded" },
        { action: "redirect", reason: "provider/clean-url", location: url },
        { action: "admit", reason: "provider/unprotected", facts: { room: "" } },
        { action: "reject", reason: "provider/url", status: 414 },
      ] as const
    ) {
      state.failure = undefined;
      state.decision = decision;
      await statusOf(gate);
      state.failure = timeout;
      assert.equal(await statusOf(gate), 503, decision.action);
    }
  });

  test("failOpen() counts the outages of plugins apart", async () => {
    let broken = true;
    const store: Plugin = {
      name: "store",
      prepare() {
        if (broken) throw new ServiceError("unreachable", "a test");
      },
    };
    const { gate, state } = gateOf(failOpen({ admitForMs: 1000 }), [store]);
    assert.equal(await statusOf(gate), 200);
    state.now += 1001;
    assert.equal(await statusOf(gate), 503);
    broken = false;
    state.failure = timeout;
    assert.equal(await statusOf(gate), 200, "the provider's outage has just begun");
    broken = true;
    assert.equal(await statusOf(gate), 503, "nobody has seen the store work");
    broken = false;
    state.failure = undefined;
    assert.equal(await statusOf(gate), 200);
    broken = true;
    assert.equal(await statusOf(gate), 200, "it had worked, so this is a new outage");
  });

  test("failOpen() leaves causes with actions of their own alone", async () => {
    const { gate, state } = gateOf(failOpen({ admitForMs: 1000, location: room, rejected: "reject" }));
    state.failure = new ServiceError("rejected", "a test");
    assert.equal(await statusOf(gate), 503);
    state.now += 1001;
    assert.equal(await statusOf(gate), 503);
    state.failure = timeout;
    assert.equal(await statusOf(gate), 302, "the outage began with the first failure, whatever its cause");
  });

  for (const code of crowdCodes) {
    test(`failOpen() takes ${code} for no outage: it uses up no time, and ends none`, async () => {
      const { gate, state } = gateOf(failOpen({ admitForMs: 1000, location: room }));
      state.failure = new ServiceError(code, "a test");
      assert.equal(await statusOf(gate), 302);
      state.now += 5000;
      state.failure = timeout;
      assert.equal(await statusOf(gate), 200, "the outage begins now");
      state.failure = new ServiceError(code, "a test");
      assert.equal(await statusOf(gate), 302);
      state.failure = timeout;
      state.now += 1001;
      assert.equal(await statusOf(gate), 302, "it went on meanwhile");
      const named = gateOf(failOpen({ admitForMs: 1000, location: room, [code]: "admit" }));
      named.state.failure = new ServiceError(code, "a test");
      assert.equal(await statusOf(named.gate), 200);
      named.state.now += 1001;
      assert.equal(await statusOf(named.gate), 302, "what admits is limited");
    });
  }

  test("failOpen() is not changed by an explanation", async () => {
    const { gate, state } = gateOf(failOpen({ admitForMs: 1000 }));
    state.failure = timeout;
    const explained = await gate.explain(new Request(url));
    assert.equal(explained.decision.reason, "failure-policy/admitted-timeout");
    state.now += 5000;
    assert.equal(await statusOf(gate), 200);
    state.now += 1001;
    assert.equal((await gate.explain(new Request(url))).decision.reason, "failure-policy/rejected-timeout");
  });

  test("failOpen() counts a failure that no plugin caused", async () => {
    const silent: Plugin = { name: "silent", decide: () => undefined };
    let now = 0;
    const gate = createGate({
      plugins: [failOpen({ admitForMs: 1000 }), silent],
      now: () => now,
      onError: () => {},
    });
    assert.equal(await statusOf(gate), 200);
    now += 1001;
    assert.equal(await statusOf(gate), 503);
  });

  test("failOpen() keeps no more than one note for each plugin, and decides on any failure", () => {
    const plugin = failOpen({ admitForMs: 1000 });
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("prepare", "decide"), fc.anything(), (name, hook, cause) => {
        const decision = plugin.recover?.(contextOf(new Request(url)), new HookError(name, hook, cause));
        assert.ok(decision?.action === "admit" || decision?.action === "reject");
        assert.match(decision.reason, /^failure-policy\/[a-z]+-[a-z]+$/);
      }),
    );
  });
});

describe("failure policies with wrong options", () => {
  const choice = 'must be one of "admit", "queue", "reject", received';
  const place = '"location" must be an absolute http(s) URL or a path that starts with "/", received';
  const cases: readonly [options: unknown, error: typeof TypeError | typeof RangeError, message: string][] = [
    ["open", TypeError, 'options must be an object, received "open"'],
    [{ timeouts: "admit" }, TypeError, 'unknown option "timeouts", the options are timeout, unreachable'],
    [{ otherwise: "admit" }, TypeError, 'unknown option "otherwise"'],
    [{ timeout: "open" }, RangeError, `"timeout" ${choice} "open"`],
    [{ internal: null }, RangeError, `"internal" ${choice} null`],
    [{ location: "wait" }, RangeError, `${place} "wait"`],
    [{ location: "//wait.example" }, RangeError, `${place} "//wait.example"`],
    [{ location: "/\\wait.example" }, RangeError, place],
    [{ location: "javascript:alert(1)" }, RangeError, place],
    [{ location: "ftp://wait.example/" }, RangeError, place],
    [{ location: "https://" }, RangeError, place],
    [{ location: "xhttps://wait.example/" }, RangeError, place],
    [
      { unreachable: "queue", otherwise: "reject" },
      TypeError,
      'unknown option "otherwise"',
    ],
    [{ location: "/wait\r\nx-evil: 1" }, RangeError, place],
    [{ location: "" }, RangeError, `${place} ""`],
    [{ location: 7 }, RangeError, `${place} 7`],
    [{ status: 200 }, RangeError, '"status" must be an integer from 400 to 599, received 200'],
    [{ status: "503" }, TypeError, 'received "503"'],
    [
      { retryAfterSeconds: -1 },
      RangeError,
      '"retryAfterSeconds" must be an integer from 0 to 86400, received -1',
    ],
    [{ admitForMs: 0 }, RangeError, '"admitForMs" must be an integer from 1 to'],
    [{ afterwards: "queue" }, RangeError, '"afterwards" must be given together with "admitForMs"'],
    [
      { admitForMs: 1, afterwards: "admit" },
      RangeError,
      '"afterwards" must be one of "queue", "reject", received "admit"',
    ],
  ];
  for (const [options, error, message] of cases) {
    test(`failOpen() refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => failOpen(options as FailOptions), (thrown: unknown) => {
        assert.ok(thrown instanceof error);
        assert.ok(thrown.message.startsWith("Cannot create failure-policy plugin: "));
        assert.ok(thrown.message.includes(message), thrown.message);
        return true;
      });
    });
  }

  test("failClosed() refuses admitForMs where no failure admits", () => {
    assert.throws(() => failClosed({ admitForMs: 1 }), {
      name: "RangeError",
      message:
        'Cannot create failure-policy plugin: "admitForMs" must be left out where no failure admits, received 1',
    });
    assert.ok(failClosed({ admitForMs: 1, timeout: "admit" }));
  });

  test("failurePolicy() refuses admitForMs where a cause is named that does not admit either", () => {
    assert.throws(() => failurePolicy({ otherwise: "queue", timeout: "reject", admitForMs: 1 }), {
      message: /"admitForMs" must be left out where no failure admits, received 1$/,
    });
  });

  test("failurePolicy() accepts a place by http, and turns down who it is told to, whatever the place", () => {
    const { failure, decision } = {
      failure: new GateError("timeout", "late"),
      decision: failurePolicy({ otherwise: "reject", location: "http://wait.example/" }),
    };
    assert.deepEqual(decision.recover?.(contextOf(new Request("https://shop.example/")), failure), {
      action: "reject",
      reason: "failure-policy/rejected-timeout",
      status: 503,
    });
  });

  test("failurePolicy() refuses to be created without saying what happens otherwise", () => {
    for (const options of [{}, { timeout: "admit" }, { otherwise: "open" }]) {
      assert.throws(() => failurePolicy(options as FailurePolicyOptions), {
        name: "RangeError",
        message:
          /^Cannot create failure-policy plugin: "otherwise" must be one of "admit", "queue", "reject", received /,
      });
    }
    assert.throws(() => failurePolicy(undefined as unknown as FailurePolicyOptions), {
      name: "TypeError",
      message: "Cannot create failure-policy plugin: options must be an object, received undefined",
    });
  });
});
