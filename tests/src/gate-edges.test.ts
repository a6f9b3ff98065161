/** What hooks return that the types forbid, and requests whose URL is none: the gate keeps its word about both. */

import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import {
  type Context,
  createGate,
  type Decision,
  type GateOptions,
  type Outcome,
  type Plugin,
} from "../../mod.ts";
import { bulkhead } from "../../plugins/bulkhead.ts";
import { isNear } from "../../src/options/edit-distance.ts";
import { storeOf } from "../support/store-of.ts";
import { admitted, closing, gateOf, page, provider, queued, request, turn, untyped } from "./_gates.ts";

/** A plugin that notes how each request ended. */
function recorder(): { readonly outcomes: Outcome[]; readonly plugin: Plugin } {
  const outcomes: Outcome[] = [];
  return {
    outcomes,
    plugin: { name: "recorder", settled: (_ctx, outcome) => void outcomes.push({ ...outcome }) },
  };
}

/** A request whose URL is not what `Request` would make of it. */
function written(url: string): Request {
  return untyped({ url, method: "GET", headers: new Headers(), body: null });
}

describe("a value of a hook", () => {
  test("says nothing from prepare, at once or later", async () => {
    for (
      const said of ["done", 1, ["x"], { action: "admit" }, Promise.resolve("done"), Promise.resolve({})]
    ) {
      const { gate, faults } = gateOf([{ name: "talking", prepare: () => untyped(said) }, provider(queued)]);
      assert.equal((await gate(request(), page)).status, 302);
      assert.deepEqual(faults, []);
    }
  });

  test("is no decision if it is a response", async () => {
    for (const said of [new Response("hi"), Promise.resolve(new Response("hi"))]) {
      const { gate, faults } = gateOf([
        { name: "answering", decide: () => untyped(said) },
        provider(admitted),
      ]);
      const response = await gate(request(), page);
      assert.equal(response.status, 503);
      assert.equal(faults.length, 1);
    }
  });

  test("is no answer if it is a decision: who is turned down stays outside", async () => {
    for (const said of [admitted, Promise.resolve(admitted)]) {
      const { gate, faults } = gateOf([{ name: "deciding", respond: () => untyped(said) }, provider(queued)]);
      const response = await gate(request(), page);
      assert.equal(response.status, 302);
      assert.equal(faults.length, 1);
    }
  });

  test("goes unheard from match unless it comes at once, and the owner is told", async () => {
    const { gate, faults } = gateOf([{ name: "late", match: () => untyped(Promise.resolve(false)) }]);
    assert.equal(await (await gate(request(), page)).text(), "page");
    assert.equal(faults[0]?.code, "internal");
    assert.match(String(faults[0]?.message), /^Plugin late, hook match: must answer at once$/);
  });

  test("adds no headers to a response that a provider decided to send", async () => {
    const decision: Decision = untyped({
      action: "respond",
      reason: "own/answer",
      response: new Response("own", { status: 403 }),
      headers: [["x-a", "b"]],
    });
    const response = await gateOf([provider(decision)]).gate(request(), page);
    assert.deepEqual([response.status, response.headers.get("x-a")], [403, null]);
  });
});

describe("what a gate tells the owner", () => {
  test("of answers, headers and tokens that cannot be sent has the cause", async () => {
    const used = new Response("used");
    await used.text();
    const broken = storeOf({
      headers() {
        throw new RangeError("too long");
      },
    });
    const writing: Plugin = { name: "writing", prepare: (ctx) => void ctx.tokens.write("a", "1") };
    const table: [plugins: readonly Plugin[], message: string, cause: string][] = [
      [
        [provider({ action: "respond", reason: "own/used", response: used })],
        'The answer "respond" of plugin provider cannot be sent: "response" was sent before, or is an error; make a new one for each visitor',
        "TypeError",
      ],
      [
        [provider(untyped({ ...queued, headers: [5] }))],
        "The decision's headers cannot be sent",
        "TypeError",
      ],
      [[broken, writing], "The visitor's tokens cannot be sent", "RangeError"],
    ];
    for (const [plugins, message, cause] of table) {
      const { gate, faults } = gateOf(plugins);
      await gate(request(), page);
      assert.deepEqual(faults.map((fault) => [fault.code, fault.message]), [["internal", message]]);
      assert.equal((faults[0]?.cause as Error).name, cause);
    }
  });

  test("of a request for which nobody recovered is that the gate itself decided", async () => {
    const { outcomes, plugin } = recorder();
    const failing = provider(admitted);
    const gate = createGate({
      plugins: [
        plugin,
        { name: "silent", recover: () => undefined },
        { ...failing, decide: () => Promise.reject(new Error("down")) },
      ],
      onError: () => {},
    });
    assert.equal((await gate(request(), page)).status, 503);
    await gate.idle();
    assert.deepEqual([outcomes[0]?.decidedBy, outcomes[0]?.decision.reason], ["gate", "gate/unrecovered"]);
  });
});

describe("a request whose URL nobody agrees about", () => {
  test("is refused before any plugin is asked, and those who look at it all the same get a URL", async () => {
    const { outcomes, plugin } = recorder();
    const asked: string[] = [];
    const seen: string[] = [];
    const looking: Plugin = {
      name: "looking",
      match: () => (asked.push("match"), true),
      prepare: () => void asked.push("prepare"),
      headers: (ctx: Context) => {
        seen.push(ctx.returnUrl);
        return [];
      },
    };
    const { gate } = gateOf([plugin, looking]);
    for (const url of ["/no-host", "nonsense", "http://a.example/x;%2f..%2fy", "http://u@a.example/"]) {
      assert.equal((await gate(written(url), page)).status, 400, url);
    }
    await gate.idle();
    assert.deepEqual(asked, []);
    assert.deepEqual(seen, [
      "http://localhost/",
      "http://localhost/",
      "http://a.example/x;%2f..%2fy",
      "http://u@a.example/",
    ]);
    assert.deepEqual(
      new Set(outcomes.map(({ decision }) => decision.reason)),
      new Set(["gate/unreadable-url"]),
    );
    const foreign = recorder();
    const several = gateOf([foreign.plugin], { publicHosts: ["a.example", "b.example"] });
    assert.equal((await several.gate(request(), page)).status, 421);
    await several.gate.idle();
    assert.equal(foreign.outcomes[0]?.decision.reason, "gate/foreign-host");
  });
});

describe("a gate", () => {
  test("sends the tokens that were written along with a page that comes later, though no plugin adds headers", async () => {
    const writing: Plugin = { name: "writing", prepare: (ctx) => void ctx.tokens.write("a", "1") };
    const { gate } = gateOf([writing]);
    const response = await gate(request(), async () => {
      await turn();
      return page();
    });
    assert.match(response.headers.get("set-cookie") ?? "", /^a=1;/);
  });

  test("shows its plan and its faults, and tells a page for which it is off why", () => {
    const { gate } = gateOf([], { mode: "off" });
    const keys = Object.keys(gate);
    for (const key of ["plan", "errors", "explain", "health", "idle", "wrap"]) {
      assert.ok(keys.includes(key), key);
    }
    const told: unknown[] = [];
    gate(request(), (ctx, decision) => {
      told.push(ctx, decision);
      return page();
    });
    assert.deepEqual(told, [undefined, { action: "bypass", reason: "gate/off" }]);
  });

  test("measures how long a decision took", async () => {
    const { outcomes, plugin } = recorder();
    const { gate } = gateOf([plugin, { name: "slow", prepare: () => turn(15) }]);
    await gate(request(), page);
    await gate.idle();
    const [outcome] = outcomes;
    assert.ok(
      outcome !== undefined && outcome.durationMs >= 5 && outcome.durationMs < 5000,
      `${outcome?.durationMs}`,
    );
  });

  test("explains with a page of no content, and with the headers of hooks that have some", async () => {
    const seen: unknown[] = [];
    const plugins: Plugin[] = [
      {
        name: "quiet",
        prepare: () => untyped(["x", "y"]),
        decide: () => untyped(null),
        headers: () => untyped(undefined),
      },
      { name: "empty", headers: () => [] },
      {
        name: "adding",
        headers(_ctx, response) {
          seen.push(response instanceof Response);
          return [["x-a", "b"]];
        },
      },
    ];
    const { gate } = gateOf(plugins);
    const { steps, headers, failure } = await gate.explain(request());
    assert.equal(failure, undefined);
    assert.deepEqual(headers, [["x-a", "b"]]);
    assert.deepEqual(seen, [true]);
    const said = steps.map(({ hook, plugin, said }) => `${hook} ${plugin}: ${said}`);
    for (
      const step of [
        "decide quiet: nothing",
        "headers quiet: nothing",
        "headers empty: nothing",
        "headers adding: x-a",
      ]
    ) {
      assert.ok(said.includes(step), said.join("; "));
    }
  });

  test("waits for a guarded provider as long as its guard may make each of its calls wait", () => {
    const calling = { ...provider(admitted), service: "s", callsInTurn: 2, longestMs: 100 };
    assert.equal(bulkhead(calling, { maxConcurrent: 1, maxWaiting: 1, waitMs: 50 }).longestMs, 200);
    assert.equal(bulkhead(calling, { maxConcurrent: 1 }).longestMs, 100);
  });

  test("refuses what only looks like a plugin, and a base path that leads elsewhere", () => {
    const table: [plugin: unknown, message: string][] = [
      [5, "a plugin object, received 5"],
      [{}, 'a plugin with a "name", received {}'],
      [{ name: 5 }, 'a plugin with a "name", received {"name":5}'],
      [{ name: "" }, 'a plugin with a "name", received {"name":""}'],
    ];
    for (const [plugin, message] of table) {
      assert.throws(() => createGate(untyped<GateOptions>({ plugins: [plugin] })), {
        name: "TypeError",
        message: `Cannot create gate: "plugins[0]" must be ${message}`,
      });
    }
    const withBase = (basePath: string) => () =>
      createGate({ plugins: [closing, provider(admitted)], basePath });
    for (const basePath of ["/shop/..", "/..", "/shop/.", "/shop/../a", "/shop/", "shop", ""]) {
      assert.throws(withBase(basePath), /"basePath"/, basePath);
    }
    for (const basePath of ["/shop", "/shop/eu/v1.2", "/..shop"]) assert.ok(withBase(basePath)());
  });

  test("refuses to guard what is no provider, or several services at once", () => {
    const wrong: [given: unknown, message: RegExp][] = [
      [null, /must be a provider, a plugin with a name and a "decide" hook, received null$/],
      [{ name: "a" }, /must be a provider/],
      [{ name: 5, decide: () => {} }, /must be a provider/],
      [
        { ...provider(admitted), wraps: [{ name: "a" }, { name: "b", service: "s" }] },
        /calls several services, whose outages are not each other's; put it around each of its providers instead$/,
      ],
    ];
    for (const [given, message] of wrong) {
      assert.throws(() => bulkhead(untyped(given), { maxConcurrent: 1 }), { name: "TypeError", message });
    }
  });
});

test("isNear() finds names with the same first letter that are two slips apart at most", () => {
  const slips = (one: string, other: string): number =>
    one === "" || other === "" ? one.length + other.length : Math.min(
      slips(one.slice(1), other.slice(1)) + (one[0] === other[0] ? 0 : 1),
      slips(one.slice(1), other) + 1,
      slips(one, other.slice(1)) + 1,
    );
  const words = [
    "match",
    "mtach",
    "mach",
    "matches",
    "xmatch",
    "abc",
    "acb",
    "a",
    "axyz",
    "acxb",
    "cba",
    "abcabc",
  ];
  for (const one of words) {
    for (const other of words) {
      const near = one[0] === other[0] && slips(one, other) <= 2;
      assert.equal(isNear(one.toUpperCase(), other), near, `${one} ${other}`);
    }
  }
});
