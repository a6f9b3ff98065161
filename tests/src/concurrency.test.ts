import { strict as assert } from "node:assert";
import { test } from "node:test";
import { type ContextKey, contextKey, type Decision, type Plugin } from "../../mod.ts";
import { gateOf, page, request, turn } from "./_gates.ts";

const visitor: ContextKey<string> = contextKey("visitor");

/** A generator of numbers below `limit`, the same in each run. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % limit;
  };
}

test("gate() never crosses slots, decisions, failures or cookies of thousands of visitors at once", async () => {
  const next = numbers(7);
  const settled = new Map<string, string>();
  const sometimes = async () => {
    const ms = next(4);
    if (ms > 0) await turn(ms);
  };
  function check(path: string, ...values: readonly (string | undefined)[]): void {
    for (const value of values) assert.equal(value, path);
  }
  const first: Plugin = {
    name: "first",
    prepare(ctx) {
      ctx.set(visitor, ctx.path);
      return next(2) === 0 ? undefined : sometimes();
    },
    async decide(ctx) {
      await sometimes();
      check(ctx.path, ctx.get(visitor));
      if (ctx.path.endsWith("3")) throw new Error(ctx.path);
      return undefined;
    },
    recover(ctx, failure) {
      assert.ok(failure.cause instanceof Error);
      check(ctx.path, failure.cause.message, ctx.get(visitor));
      return { action: "reject", reason: "first/failed", status: 500 };
    },
    async respond(ctx, refusal) {
      await sometimes();
      if (refusal.action === "queue") check(`https://wait.example${ctx.path}`, refusal.location);
      return undefined;
    },
    headers: (ctx) => [["set-cookie", `visitor=${ctx.get(visitor)}`]],
    async settled(ctx, outcome) {
      await sometimes();
      settled.set(ctx.path, outcome.decision.action);
    },
  };
  const last: Plugin = {
    name: "last",
    async decide(ctx): Promise<Decision | undefined> {
      await sometimes();
      check(ctx.path, ctx.get(visitor));
      if (!ctx.path.endsWith("5")) return undefined;
      return { action: "queue", reason: "last/queued", location: `https://wait.example${ctx.path}` };
    },
  };
  const { gate, faults } = gateOf([first, last], { maxPending: 10_000 });
  const handler = gate.wrap(async (incoming: Request) => {
    await sometimes();
    return new Response(new URL(incoming.url).pathname, {
      headers: { "set-cookie": `page=${incoming.url}` },
    });
  });
  const count = 3000;
  await Promise.all(Array.from({ length: count }, async (_, index) => {
    const path = `/visitor/${index}`;
    const response = await handler(request(path));
    const cookies = response.headers.getSetCookie();
    assert.equal(cookies.at(-1), `visitor=${path}`);
    if (path.endsWith("5")) {
      assert.equal(response.headers.get("location"), `https://wait.example${path}`);
      assert.equal(cookies.length, 1);
    } else if (path.endsWith("3")) {
      assert.deepEqual([response.status, cookies.length], [500, 1]);
    } else {
      assert.equal(await response.text(), path);
      assert.deepEqual(cookies, [`page=https://shop.example${path}`, `visitor=${path}`]);
    }
  }));
  await gate.idle();
  assert.equal(settled.size, count);
  assert.equal([...settled.values()].filter((action) => action === "queue").length, count / 10);
  assert.equal([...settled.values()].filter((action) => action === "reject").length, count / 10);
  assert.equal(faults.length, count / 10);
});

test("gate() remembers nothing of a request once it is over", async () => {
  const { gate } = gateOf([{ name: "fill", prepare: (ctx) => ctx.set(visitor, ctx.path) }, {
    name: "look",
    match: (ctx) => (assert.equal(ctx.get(visitor), undefined), true),
  }]);
  for (let index = 0; index < 100; index++) await gate(request(`/${index}`), page);
  assert.equal(gate.errors, 0);
});
