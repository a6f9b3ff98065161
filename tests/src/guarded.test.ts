import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import {
  type Call,
  type Calls,
  type Context,
  createGate,
  type Decision,
  type Gate,
  GateError,
  type Guard,
  guarded,
  type Health,
  type Outcome,
  type Plugin,
  type Provider,
} from "../../mod.ts";
import { bulkhead } from "../../plugins/bulkhead.ts";
import { circuitBreaker } from "../../plugins/circuit-breaker/mod.ts";
import { failover } from "../../plugins/failover.ts";
import { closing, gateOf, page, request, turn } from "./_gates.ts";

const call = { what: "GET /rooms", timeoutMs: 60_000, make: () => Promise.resolve("hall") } as const;

/** A guard of somebody's own: it counts calls, and refuses them when it is told to. */
class Counting implements Guard {
  readonly #name: string;
  readonly #log: string[];
  #runs = 0;
  isShut = false;

  constructor(name: string = "guard", log: string[] = []) {
    this.#name = name;
    this.#log = log;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    this.#runs++;
    this.#log.push(this.#name);
    if (this.isShut) throw new GateError("overloaded", "shut");
    return await call();
  }

  refuses(): boolean {
    return this.isShut;
  }

  looking(ctx: Context): Guard {
    ctx.note?.(`${this.#name} looks at ${ctx.path}`);
    return {
      run: (call) => this.isShut ? Promise.reject(new GateError("overloaded", "it is shut")) : call(),
      refuses: () => true,
      looking: (ctx) => this.looking(ctx),
      health: () => this.health(),
    };
  }

  health(): Health {
    return { runs: this.#runs };
  }
}

/** A provider that makes a call for each decision and one after it, and tells what `refuses` says. */
function asking(seen: unknown[] = []): Provider {
  return {
    name: "asking",
    final: "decide",
    service: "the service",
    async decide(_ctx, calls) {
      seen.push(calls.refuses());
      return { action: "admit", reason: `asking/${await calls.run(call)}` };
    },
    async settled(_ctx, { decision }, calls) {
      seen.push(`${decision.reason} ${await calls.run(call)}`);
    },
  };
}

async function visit(gate: Gate): Promise<number> {
  const { status } = await gate(request("/tickets"), page);
  await turn();
  await gate.idle();
  return status;
}

describe("guarded()", () => {
  test("guarded() puts a guard over the calls of deciding, and over those behind the response", async () => {
    const seen: unknown[] = [];
    const guard = new Counting();
    const { gate, faults } = gateOf([guarded(asking(seen), guard)]);
    assert.equal(await visit(gate), 200);
    assert.deepEqual(seen, [false, "asking/hall hall"]);
    assert.deepEqual(gate.health().plugins, { asking: { runs: 2 } });
    guard.isShut = true;
    assert.equal(await visit(gate), 503);
    assert.equal(seen.at(-1), true, "what comes after a refusal is refused as well");
    assert.deepEqual(faults.map(({ code, message }) => [code, message]), [
      ["overloaded", "Plugin asking, hook decide: shut"],
      ["overloaded", "Plugin asking, hook settled: shut"],
    ]);
  });

  test("guarded() hands on the hosts that a provider was given, so that they are the gate's behind guards as well", async () => {
    for (const wrap of [circuitBreaker, (provider: Provider) => bulkhead(provider, { maxConcurrent: 1 })]) {
      const asked: string[] = [];
      const hosted: Provider = {
        ...asking(),
        publicHosts: ["shop.example.com"],
        decide(ctx) {
          asked.push(ctx.href);
          return { action: "admit", reason: "asking/hall" };
        },
      };
      const gate = createGate({ plugins: [closing, wrap(hosted)] });
      await gate(new Request("https://127.0.0.1/x"), page);
      assert.deepEqual(asked, ["https://shop.example.com/x"]);
      const refused = { plugins: [closing, wrap(hosted)], publicHosts: ["www.example.com"] };
      assert.throws(() => createGate(refused), /"publicHosts" were given to the gate and to a provider/);
    }
  });

  test("guarded() lets the guard look while the gate explains, and changes nothing by that", async () => {
    const seen: unknown[] = [];
    const log: string[] = [];
    const guard = new Counting("guard", log);
    const { gate } = gateOf([guarded(asking(seen), guard)]);
    const open = await gate.explain(request("/tickets"));
    assert.equal(open.decision.reason, "asking/hall");
    assert.match(JSON.stringify(open.steps), /guard looks at \/tickets/);
    assert.deepEqual([seen, log, guard.health()], [[true], [], { runs: 0 }], "the looking one was asked");
    guard.isShut = true;
    const shut = await gate.explain(request("/tickets"));
    assert.deepEqual([shut.failure?.code, shut.failure?.message], [
      "overloaded",
      "Plugin asking, hook decide: it is shut",
    ]);
    assert.deepEqual(guard.health(), { runs: 0 });
    guard.isShut = false;
    assert.equal(await visit(gate), 200);
    assert.deepEqual(log, ["guard", "guard"], "a request after it meets the real one");
  });

  test("guarded() lets explanations and requests meet their own guards, in whatever order they take turns", async () => {
    const waiting: (() => void)[] = [];
    const log: string[] = [];
    const guards = [new Counting("far", log), new Counting("near", log)];
    const slow: Provider = {
      ...asking(),
      async decide(_ctx, calls) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return { action: "admit", reason: `asking/${await calls.run(call)}` };
      },
      settled: () => {},
    };
    const wrapped = guards.toReversed().reduce<Provider>((inner, guard) => guarded(inner, guard), slow);
    const { gate } = gateOf([wrapped]);
    const all = [
      gate(request(), page),
      gate.explain(request()),
      gate(request(), page),
      gate.explain(request()),
    ];
    await turn();
    for (const go of waiting.reverse()) go();
    await Promise.all(all);
    assert.deepEqual(log.toSorted(), ["far", "far", "near", "near"]);
    assert.deepEqual(log.slice(0, 1), ["far"], "who wraps the others is asked first");
  });

  test("guarded() asks whoever wraps it first, and names them in one health", async () => {
    const log: string[] = [];
    const wrapped = guarded(
      guarded(guarded(asking(), new Counting("near", log)), new Counting("middle", log)),
      {
        run(call) {
          log.push("far");
          return call();
        },
        looking: () => assert.fail("nothing is explained"),
        health: () => ({ state: "closed" }),
      },
    );
    const { gate } = gateOf([wrapped]);
    await visit(gate);
    assert.deepEqual(log, ["far", "middle", "near", "far", "middle", "near"]);
    assert.deepEqual(gate.health().plugins, { asking: { runs: 2, state: "closed" } });
  });

  test("guarded() counts one provider for all gates that share it, and mixes none of their calls up", async () => {
    const log: string[] = [];
    const guard = new Counting("guard", log);
    const wrapped = circuitBreaker(bulkhead(guarded(asking(), guard), { maxConcurrent: 2 }), { failures: 1 });
    /** A gate with a guard of its own, nearest to it. */
    const shared = (name: string) => {
      const own = new Counting(name, log);
      return { own, ...gateOf([guarded(wrapped, own)]) };
    };
    const [one, two] = [shared("one"), shared("two")];
    await Promise.all([one.gate(request(), page), two.gate(request(), page)]);
    await Promise.all([one.gate.idle(), two.gate.idle()]);
    for (let round = 0; round < 3; round++) {
      for (const { gate } of [one, two, two, one]) assert.equal(await visit(gate), 200);
    }
    const counts = (name: string) => log.filter((each) => each === name).length;
    assert.deepEqual([counts("one"), counts("two"), counts("guard")], [14, 14, 28]);
    assert.deepEqual([one.faults, two.faults], [[], []]);
    assert.equal(wrapped.health?.()["active"], 0);
    two.own.isShut = true;
    assert.deepEqual([await visit(one.gate), await visit(two.gate)], [200, 503], "its own guard is its own");
    assert.deepEqual(one.faults, []);
  });

  test("guarded() behind two gates opens one breaker for both", async () => {
    let isDown = true;
    const down: Provider = {
      ...asking(),
      decide: (_ctx, calls) =>
        calls.run({ ...call, make: () => isDown ? Promise.reject(new TypeError("down")) : Promise.resolve() })
          .then((): Decision => ({ action: "admit", reason: "asking/in" })),
      settled: () => {},
    };
    const clock = { now: 0 };
    const wrapped = circuitBreaker(down, { failures: 2, jitter: 0, timer: () => clock.now });
    const [one, two] = [gateOf([wrapped]), gateOf([wrapped])];
    assert.deepEqual([await visit(one.gate), await visit(two.gate)], [503, 503]);
    isDown = false;
    assert.deepEqual([await visit(one.gate), await visit(two.gate)], [503, 503], "both are refused");
    assert.deepEqual([one, two].map(({ gate }) => gate.health().plugins["asking"]?.["refused"]), [2, 2]);
    clock.now = 5000;
    assert.deepEqual([await visit(two.gate), await visit(one.gate)], [200, 200]);
  });

  test("guarded() keeps a provider that is an object of a class with private fields", async () => {
    class Doorman implements Provider {
      readonly name = "doorman";
      readonly final = "decide";
      readonly service = "the door";
      readonly #seen: string[] = [];
      #note(hook: string): void {
        this.#seen.push(hook);
      }
      get seen(): readonly string[] {
        return this.#seen;
      }
      prepare(): void {
        this.#note("prepare");
      }
      async decide(_ctx: Context, calls: Calls): Promise<Decision> {
        this.#note(`decide ${await calls.run(this.#call())}`);
        return { action: "queue", reason: "doorman/queued", location: "/wait" };
      }
      #call(): Call<string> {
        return { what: "GET /door", timeoutMs: 1000, make: () => Promise.resolve("asked") };
      }
      respond(): undefined {
        this.#note("respond");
      }
      headers(): readonly (readonly [string, string])[] {
        this.#note("headers");
        return [["x-door", String(this.#seen.length)]];
      }
      settled(_ctx: Context, { status }: Outcome): void {
        this.#note(`settled ${status}`);
      }
      health(): Health {
        return { seen: this.#seen.length };
      }
    }
    const all = ["prepare", "decide asked", "respond", "headers", "settled 302"];
    const wraps: readonly ((doorman: Provider) => Provider)[] = [
      (doorman) => doorman,
      (doorman) => guarded(doorman, new Counting()),
      (doorman) => circuitBreaker(bulkhead(doorman, { maxConcurrent: 1 })),
      (doorman) => failover([doorman, { name: "two", final: "decide", decide: () => assert.fail("asked") }]),
      (doorman) =>
        failover([circuitBreaker(guarded(doorman, new Counting())), { ...asking(), settled() {} }]),
    ];
    for (const wrap of wraps) {
      const doorman = new Doorman();
      const { gate, faults } = gateOf([wrap(doorman)]);
      assert.equal(await visit(gate), 302);
      assert.deepEqual([doorman.seen, faults], [all, []]);
      assert.equal(gate.health().plugins["doorman"]?.["seen"], 5);
    }
  });

  test("guarded() turns a guard's own fault into a failure, and opens nothing by it", async () => {
    const broken: Guard = {
      run() {
        throw new TypeError("a bug of https://secret.example/");
      },
      looking: () => broken,
      health: () => ({}),
    };
    const { gate, faults } = gateOf([guarded({ ...asking(), settled: () => {} }, broken)]);
    assert.equal(await visit(gate), 503);
    assert.deepEqual(faults.map(({ code, message }) => [code, message]), [
      ["internal", "Plugin asking, hook decide: threw TypeError"],
    ]);
    assert.equal((await gate.explain(request())).decision.reason, "closing/closed");
  });

  test("guarded() says that calls are refused when any guard says so", async () => {
    const [far, near] = [new Counting(), new Counting()];
    const silent: Guard = { run: (call) => call(), looking: () => silent, health: () => ({}) };
    const seen: boolean[] = [];
    const provider: Provider = {
      name: "asking",
      final: "decide",
      service: "the service",
      decide(_ctx, calls) {
        seen.push(calls.refuses());
        return { action: "admit", reason: "asking/known" };
      },
    };
    const plugins: readonly Plugin[] = [closing, guarded(guarded(guarded(provider, near), silent), far)];
    const gate = createGate({ plugins: [...plugins] });
    for (
      const [isFarShut, isNearShut] of [[false, false], [true, false], [false, true], [true, true]] as const
    ) {
      far.isShut = isFarShut;
      near.isShut = isNearShut;
      assert.equal(await visit(gate), 200, "and whoever needs no call is let in");
    }
    assert.deepEqual(seen, [false, true, true, true]);
  });
});
