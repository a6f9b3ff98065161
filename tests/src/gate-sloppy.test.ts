import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { createGate, type Decision, type HeaderChange, type Plugin } from "../../mod.ts";
import { admitted, gateOf, page, provider, queued, request, turn, untyped } from "./_gates.ts";

/** What a sloppy plugin makes of the decision to queue. */
function queuedWith(headers: unknown): Decision {
  return untyped({ ...queued, headers });
}

function fails(): never {
  throw new Error("fails");
}

/** A pair whose value is another each time somebody looks, in the end one that no header can have. */
function changing(): unknown {
  let looks = 0;
  return Object.defineProperty(["x-a", ""], 1, { get: () => looks < 3 ? `${looks++}` : "\0" });
}

describe("a plugin that the types would refuse", () => {
  const headers = [null, [null], ["no-pair"], [[1, 2]], [["cache-control", 5]], [["x-a", Symbol("b")]]];
  for (const [at, given] of headers.entries()) {
    test(`cannot make the gate throw by the headers of a decision (${at})`, async () => {
      const { gate } = gateOf([provider(queuedWith(given))]);
      const response = await gate(request(), page);
      assert.equal(response.status, 302);
      assert.equal(response.headers.get("location"), queued.location);
    });
  }

  test("cannot make the gate throw by the headers of its hook", async () => {
    const headers = () => untyped<[]>([["cache-control", 5], ["set-cookie", "a=b"]]);
    const response = await gateOf([{ name: "sloppy", headers }]).gate(request(), page);
    assert.equal(response.headers.get("cache-control"), "5, private");
  });

  const holes: HeaderChange[] = [];
  holes[1] = ["x-a", "1"];
  const lists: Record<string, readonly [list: () => unknown, said: string | null, faults: number]> = {
    "holes": [() => holes, null, 1],
    "a wish not to be joined": [
      () => Object.assign([["x-a", "1"]], { [Symbol.isConcatSpreadable]: false }),
      "1",
      0,
    ],
    "an order of its own": [
      () => Object.assign([["x-a", "1"]], { [Symbol.iterator]: () => [["x-a", "2"]].values() }),
      "2",
      0,
    ],
    "a set": [() => new Set([["X-A", "1"]]), "1", 0],
    "sets": [() => [new Set(["X-A", "1"])], "1", 0],
    "three texts": [() => [["x-a", "1", "2"]], "1", 0],
    "frozen ones": [() => Object.freeze([Object.freeze(["x-a", "1"])]), "1", 0],
    "what is another each time": [() => [changing()], "0", 0],
  };
  for (const [what, [list, said, count]] of Object.entries(lists)) {
    for (const decision of [queued, admitted]) {
      test(`hurts nobody but itself by a list of headers with ${what}, where the gate would ${decision.action}`, async () => {
        const plugins = [
          { name: "sloppy", headers: () => untyped<[]>(list()) },
          { name: "other", headers: (): HeaderChange[] => [["x-b", "3"]] },
          provider(decision),
        ];
        const { gate, faults } = gateOf(plugins);
        const { headers } = await gate(request(), page);
        assert.deepEqual([headers.get("x-a"), headers.get("x-b"), faults.length], [said, "3", count]);
      });
    }
  }

  test("may use one pair for everything it says", async () => {
    const pair: [string, string] = ["", ""];
    const says = (name: string): Plugin => ({
      name,
      headers: () => {
        [pair[0], pair[1]] = [`x-${name}`, name];
        return [pair];
      },
    });
    for (const decision of [queued, admitted]) {
      const { headers } = await gateOf([says("a"), says("b"), provider(decision)]).gate(request(), page);
      assert.deepEqual([headers.get("x-a"), headers.get("x-b")], ["a", "b"]);
    }
  });

  const decisions: Record<string, () => unknown> = {
    "a getter of then": () => ({
      get then() {
        return fails();
      },
    }),
    "a getter of action": () => ({
      get action() {
        return fails();
      },
    }),
    "a getter of action, later": async () =>
      await Promise.resolve({
        get action() {
          return fails();
        },
      }),
    "a proxy": () => new Proxy(queued, { has: fails }),
    "an error whose name is no text": () => {
      throw Object.assign(new Error("sloppy"), { name: Symbol("name") });
    },
    "an error whose name cannot be asked for": () => {
      throw Object.defineProperty(new Error("sloppy"), "name", { get: fails });
    },
  };
  for (const [what, decide] of Object.entries(decisions)) {
    test(`is a failure that decides by ${what}`, async () => {
      const { gate, faults } = gateOf([{ name: "sloppy", final: "decide", decide: untyped(decide) }]);
      assert.equal((await gate(request(), page)).status, 503);
      assert.deepEqual(faults.map(({ code }) => code), ["internal"]);
    });
  }

  test("refuses nevertheless when its response is none", async () => {
    const respond = () => untyped<Response>({ status: 200, headers: {}, clone() {} });
    const { gate, faults } = gateOf([{ name: "sloppy", respond }, provider(queued)]);
    assert.equal((await gate(request(), page)).status, 503);
    assert.equal(faults.length, 1);
  });

  const late = () => untyped<never>(Promise.reject(new Error("late")));
  const plugins: Record<string, Plugin> = {
    match: { name: "sloppy", match: late },
    recover: { name: "sloppy", recover: late, prepare: fails },
    headers: { name: "sloppy", headers: late },
    passive: { name: "sloppy", supplies: { passive: late }, prepare: (ctx) => void ctx.passive },
    tokens: {
      name: "sloppy",
      supplies: { tokens: () => ({ read: () => undefined, write() {}, remove() {}, headers: late }) },
      prepare: (ctx) => void ctx.tokens.read("a"),
    },
  };
  for (const [what, plugin] of Object.entries(plugins)) {
    test(`is told of, and ends no process, when its ${what} is a promise that is rejected`, async () => {
      const { gate, faults } = gateOf([plugin, provider(queued)]);
      const response = await gate(request(), page);
      await turn();
      assert.equal(response.status, what === "recover" ? 503 : 302);
      assert.equal(faults.length, what === "recover" ? 2 : 1);
    });
  }

  test("cannot leave an unhandled rejection by a mode that is a promise", async () => {
    const { gate, faults } = gateOf([provider(queued)], { mode: late });
    assert.equal((await gate(request(), page)).status, 302);
    await turn();
    assert.equal(faults.length, 1);
  });

  test("does not remain under way when its settled work fails with an error without a name", async () => {
    const settled = () => Promise.reject(Object.assign(new Error("sloppy"), { name: Symbol("name") }));
    const { gate, faults } = gateOf([{ name: "sloppy", settled }]);
    await gate(request(), page);
    await turn();
    assert.equal(gate.health().pending, 0);
    assert.equal(faults.length, 1);
  });

  test("is refused when it supplies limits of a body that are none, which would read all of it", () => {
    for (
      const body of [{}, { maxBytes: 1 }, { maxBytes: "1", timeoutMs: 1 }, {
        maxBytes: 1,
        timeoutMs: Infinity,
      }]
    ) {
      assert.throws(
        () => gateOf([{ name: "sloppy", supplies: { body: untyped(body) } }]),
        /"supplies\.body\.(?:maxBytes|timeoutMs)" must be an integer from 1/,
      );
    }
  });

  test("is refused by its place, with those before it that are skipped", () => {
    const plugins = untyped<Plugin[]>([, "metrics", provider(admitted)]);
    assert.throws(
      () => createGate({ plugins }),
      /"plugins\[1\]" must be a plugin object, received "metrics"/,
    );
  });
});
