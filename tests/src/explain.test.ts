import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { type Context, createGate, HookError, type Plugin } from "../../mod.ts";
import {
  admitted,
  closing,
  gateOf,
  opening,
  page,
  provider,
  queued,
  request,
  turn,
  untyped,
} from "./_gates.ts";
import { steadily } from "../support/steadily.ts";

describe("gate.explain()", () => {
  test("tells what each hook said, in order, with its remarks", async () => {
    const talking: Plugin = {
      name: "talking",
      match: (ctx) => (ctx.note?.("a shop page"), true),
      async prepare(ctx) {
        ctx.note?.("before");
        await turn();
        ctx.note?.("after");
      },
      decide(ctx) {
        ctx.note?.("no opinion");
      },
      respond: () => new Response("wait", { status: 429 }),
      headers: () => [["set-cookie", "a=1"], ["x-room", "b"]],
    };
    const { gate } = gateOf([talking, provider(queued)]);
    assert.deepEqual(await gate.explain(request()), {
      mode: "enforce",
      steps: [
        { hook: "match", plugin: "talking", said: "concerned", notes: ["a shop page"] },
        { hook: "prepare", plugin: "talking", said: "done", notes: ["before", "after"] },
        { hook: "decide", plugin: "talking", said: "nothing", notes: ["no opinion"] },
        { hook: "decide", plugin: "provider", said: "queue, because test/queued", notes: [] },
        { hook: "respond", plugin: "talking", said: "answered with 429", notes: [] },
        { hook: "headers", plugin: "talking", said: "set-cookie, x-room", notes: [] },
      ],
      decision: queued,
      failure: undefined,
      headers: [["set-cookie", "a=1"], ["x-room", "b"]],
    });
  });

  test("tells which plugin lets a request bypass the gate", async () => {
    const { gate } = gateOf([{ name: "first", match: () => true }, { name: "static", match: () => false }]);
    const { steps, decision } = await gate.explain(request());
    assert.deepEqual(steps.map(({ plugin, said }) => [plugin, said]), [["first", "concerned"], [
      "static",
      "not concerned",
    ]]);
    assert.deepEqual(decision, { action: "bypass", reason: "static/unmatched" });
  });

  test("never runs settled, and counts and reports no fault", async () => {
    const broken: Plugin = { name: "broken", decide: () => Promise.reject(new Error("down")) };
    const settled: Plugin = { name: "settled", settled: () => assert.fail("nothing happened") };
    const { gate, faults } = gateOf([settled, opening, broken], {
      mode() {
        throw new Error("no configuration");
      },
    });
    const { decision, failure, steps, mode } = await gate.explain(request());
    await gate.idle();
    assert.equal(mode, "enforce");
    assert.equal(decision.reason, "opening/open");
    assert.ok(failure instanceof HookError && failure.plugin === "broken");
    assert.deepEqual(steps.map(({ hook, said }) => [hook, said]), [
      ["decide", "failed: down"],
      ["recover", "admit, because opening/open"],
    ]);
    assert.deepEqual(faults, []);
    assert.equal(gate.errors, 0);
  });

  test("tells of each hook that fails, synchronously or later, whatever it throws", async () => {
    const fails = (thrown: unknown) => () => {
      throw thrown;
    };
    const broken: Plugin = {
      name: "broken",
      match: fails(new Error("m")),
      recover: fails("r"),
      respond: () => Promise.reject(undefined),
      headers: fails(new Error("h")),
    };
    const { gate } = gateOf([broken, { name: "silent", decide: fails(null) }]);
    const { steps } = await gate.explain(request());
    assert.deepEqual(steps.map(({ hook, said }) => [hook, said]), [
      ["match", "failed: m"],
      ["decide", "failed: null"],
      ["recover", "failed: r"],
      ["recover", "reject, because closing/closed"],
      ["respond", "failed: undefined"],
      ["headers", "failed: h"],
    ]);
  });

  test("lets plugins know that it only looks", async () => {
    const seen: boolean[] = [];
    const { gate } = gateOf([{ name: "look", prepare: (ctx) => void seen.push(ctx.dryRun) }]);
    await gate.explain(request());
    assert.deepEqual(seen, [true]);
  });

  test("tells the mode but explains what would be enforced", async () => {
    for (const mode of ["report", "off"] as const) {
      const { gate } = gateOf([provider(queued)], { mode });
      const explanation = await gate.explain(request());
      assert.equal(explanation.mode, mode);
      assert.deepEqual(explanation.decision, queued);
    }
  });

  test("hands the platform on to plugins", async () => {
    const seen: unknown[] = [];
    const { gate } = gateOf([{ name: "look", prepare: (ctx) => void seen.push(ctx.platform.peerAddress) }]);
    await gate.explain(request(), { remoteAddr: { hostname: "192.0.2.7" } });
    assert.deepEqual(seen, ["192.0.2.7"]);
  });

  test(
    "names the hook that was given up, with its remarks, and changes nothing of that when it ends after all",
    steadily(async () => {
      for (const late of ["admits", "rejects"]) {
        for (const hook of ["prepare", "decide", "respond"] as const) {
          const { promise, resolve, reject } = Promise.withResolvers<typeof admitted>();
          const hanging: Plugin = {
            name: "hanging",
            [hook]: async (ctx: Context) => {
              ctx.note?.("asks");
              await promise.finally(() => ctx.note?.("was answered"));
            },
          };
          const after: Plugin = {
            name: "after",
            recover(ctx) {
              ctx.note?.("has a fault");
              return queued;
            },
          };
          const { gate } = gateOf([hanging, after, provider(queued)], { hookTimeoutMs: 60 });
          const explanation = await gate.explain(request());
          const told = structuredClone(explanation.steps);
          const step = told.find(({ plugin }) => plugin === "hanging");
          assert.deepEqual(step, {
            hook,
            plugin: "hanging",
            said: "failed: did not answer within 60 ms",
            notes: ["asks"],
          });
          if (hook !== "respond") {
            assert.deepEqual(told.map(({ plugin }) => plugin), ["hanging", "after"]);
            assert.deepEqual(told[1]?.notes, ["has a fault"]);
          }
          if (late === "admits") resolve(admitted);
          else reject(new Error("too late"));
          await turn(5);
          assert.deepEqual(explanation.steps, told);
        }
      }
    }),
  );

  test("tells of a hook that promises what must be there at once, and changes nothing of it later", async () => {
    const { promise, resolve } = Promise.withResolvers<never>();
    const odd: Plugin = {
      name: "odd",
      match: untyped(() => promise),
      recover: untyped(() => promise),
      headers: untyped(() => promise),
    };
    const broken: Plugin = { name: "broken", decide: () => Promise.reject(new Error("down")) };
    const { gate } = gateOf([odd, broken]);
    const { steps, headers } = await gate.explain(request());
    const told = structuredClone(steps);
    assert.deepEqual(told.map(({ hook, plugin, said }) => [hook, plugin, said]), [
      ["match", "odd", "failed: must answer at once"],
      ["decide", "broken", "failed: down"],
      ["recover", "odd", "failed: must answer at once"],
      ["recover", "closing", "reject, because closing/closed"],
      ["headers", "odd", "failed: must answer at once"],
    ]);
    // What these hooks must return differs; none of it counts any more.
    resolve(untyped([["x-late", "1"]]));
    await turn(5);
    assert.deepEqual([steps, headers], [told, []]);
  });

  test("reports no supply that fails, which a real request does", async () => {
    for (const supply of ["origin", "passive"] as const) {
      const fails = () => {
        throw new Error("broken");
      };
      const broken: Plugin = { name: "broken", supplies: { [supply]: fails } };
      const reader: Plugin = { name: "reader", prepare: (ctx) => void [ctx.href, ctx.passive] };
      const { gate, faults } = gateOf([broken, reader]);
      await gate.explain(request());
      assert.deepEqual([faults, gate.errors], [[], 0], supply);
      await gate(request(), page);
      assert.deepEqual(
        new Set(faults.map(({ message }) => message)),
        new Set([`Plugin broken, ${supply}: threw Error`]),
      );
    }
  });

  test("leaves the request unread and the response of a decision unsent", async () => {
    const response = new Response("wait");
    const incoming = request("/", { method: "POST", body: "form" });
    const { gate } = gateOf([provider({ action: "respond", reason: "test/page", response })]);
    await gate.explain(incoming);
    assert.equal(incoming.bodyUsed, false);
    assert.equal(response.bodyUsed, false);
    assert.equal(response.headers.get("cache-control"), null);
  });

  test("explains several requests at once without mixing their remarks", async () => {
    const slow: Plugin = {
      name: "slow",
      async prepare(ctx) {
        await turn(ctx.path.length % 3);
        ctx.note?.(ctx.path);
      },
    };
    const { gate } = gateOf([slow]);
    const paths = Array.from({ length: 50 }, (_, index) => `/${"x".repeat(index)}`);
    const all = await Promise.all(paths.map((path) => gate.explain(request(path))));
    assert.deepEqual(all.map(({ steps }) => steps[0]?.notes), paths.map((path) => [path]));
  });

  test("explains garbage as what it leads to", async () => {
    const gate = createGate({ plugins: [closing, provider(untyped({ action: "open", reason: "x/y" }))] });
    const { decision, failure } = await gate.explain(request());
    assert.equal(decision.reason, "closing/closed");
    assert.equal(failure?.code, "internal");
  });

  test("agrees with what a real request gets", async () => {
    for (const decision of [admitted, queued]) {
      const cookies: Plugin = { name: "cookies", headers: () => [["set-cookie", "a=1"]] };
      const { gate } = gateOf([cookies, provider(decision)]);
      const explained = await gate.explain(request());
      const response = await gate(request(), page);
      assert.equal(explained.decision, decision);
      assert.deepEqual(response.headers.getSetCookie(), explained.headers.map((change) => change[1]));
    }
  });
});

test("gate.explain() goes on where the tokens cannot be sent, as a real request does", async () => {
  const fails = () => {
    throw new Error("the store is broken");
  };
  for (const headers of [fails, () => 5]) {
    const store = { read: () => undefined, write() {}, remove() {}, headers };
    const broken: Plugin = { name: "broken", supplies: { tokens: () => untyped(store) } };
    const reader: Plugin = { name: "reader", prepare: (ctx) => void ctx.tokens.read("a") };
    const { decision, headers: told } = await gateOf([broken, reader]).gate.explain(request());
    assert.deepEqual([decision, told], [admitted, []]);
  }
});
