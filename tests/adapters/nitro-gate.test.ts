/** The gate before the handler of Nitro 2, with the h3 1 and the messages of which Nitro is made; a project of Nuxt is in `tests/frameworks/`. */

import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { createApp, eventHandler, readRawBody, toNodeListener } from "h3";
import { fetchNodeRequestHandler } from "node-mock-http";
import { nitroGate, type NitroPlugin } from "../../adapters/node/mod.ts";
import { type Outcome, type Plugin, requestBody } from "../../mod.ts";
import { admitted, gateOf, queued, untyped } from "../src/_gates.ts";
import { ask, valuesOf, withListener } from "./_node-server.ts";

const cookie: Plugin = { name: "cookie", headers: () => [["set-cookie", "ours=1"]] };
const room: Plugin = {
  name: "room",
  decide: ({ path }) => /^\/(?:wait|data|_error)/i.test(path) ? queued : admitted,
};

/** An application as Nitro makes one, with what its own requests of itself are made by. */
function applicationOf(plugin: NitroPlugin) {
  const served: string[] = [];
  const h3App = createApp({
    async onError(_error, event) {
      const page = await localFetch("/_error");
      event.node.res.statusCode = 500;
      event.node.res.end(await page.text());
    },
  });
  h3App.use(eventHandler(async (event) => {
    const path = event.path.replace(/\?.*/s, "");
    served.push(path);
    if (path === "/broken") throw new Error("broken");
    if (path === "/page") {
      // As `event.$fetch()` of Nitro does it, which copies the context.
      const { text } = await told(localFetch("/data", { context: { ...event.context } }));
      const other = await told(localFetch("/wait"));
      return `page of ${text}, ${other.status} without context`;
    }
    if (path === "/body") return `read ${await readRawBody(event)}`;
    return path === "/data" ? "data" : path === "/_error" ? "error page" : `at ${path}`;
  }));
  const listener = toNodeListener(h3App);
  function localFetch(target: string, init: object = {}): Promise<Response> {
    // The messages that it makes lack a property of newer versions of Node, which nothing here reads.
    return fetchNodeRequestHandler(untyped(listener), target, init);
  }
  plugin({ h3App });
  return { listener, localFetch, served };
}

async function told(answer: Promise<Response>): Promise<{ readonly status: number; readonly text: string }> {
  const { status } = await answer;
  return { status, text: await (await answer).text() };
}

function setup(plugins: readonly Plugin[] = []) {
  const outcomes: Outcome[] = [];
  const log: Plugin = { name: "log", settled: (_ctx, outcome) => void outcomes.push(outcome) };
  const { gate, faults } = gateOf([cookie, log, ...plugins, room]);
  return { gate, faults, outcomes, ...applicationOf(nitroGate(gate, { building: false })) };
}

test("nitroGate() refuses what is no gate, and to guess whether pages are prerendered", () => {
  const { gate } = gateOf([]);
  assert.throws(() => nitroGate(untyped({}), { building: false }), {
    name: "TypeError",
    message: "Cannot put gate before a server of Node: the gate must be what createGate() made, received {}",
  });
  assert.throws(() => nitroGate(gate, { building: false })(untyped({ _h3: {} })), {
    name: "TypeError",
    message:
      'Cannot put gate before Nitro: it must be an application of Nitro 2, with "h3App", received {"_h3":{}}; before Nitro 3 put gate.wrap()',
  });
  for (const [options, received] of [[{}, "undefined"], [{ building: "no" }, '"no"']] as const) {
    assert.throws(() => nitroGate(gate, untyped(options)), {
      name: "TypeError",
      message: `Cannot create gate of Nitro: "building" must be true or false, received ${received}`,
    });
  }
});

test("nitroGate() asks the gate for nothing while pages are prerendered", async () => {
  const gate = gateOf([{ name: "never", prepare: () => assert.fail("the gate was asked") }]).gate;
  const { localFetch } = applicationOf(nitroGate(gate, { building: true }));
  assert.equal(await (await localFetch("/wait")).text(), "at /wait");
});

describe("nitroGate() on a server of Node", () => {
  test("lets in, refuses in the application's place, and keeps its cookies on error pages", async () => {
    const { listener, outcomes, served } = setup();
    await withListener(listener, async (port) => {
      const refused = await ask(port, "/wait");
      assert.deepEqual([refused.status, ...valuesOf(refused, "location")], [302, queued.location]);
      assert.deepEqual(served, []);
      const page = await ask(port, "/other");
      assert.deepEqual([page.status, page.body], [200, "at /other"]);
      const error = await ask(port, "/broken");
      assert.deepEqual([error.status, error.body], [500, "error page"]);
      for (const answer of [refused, page, error]) {
        assert.deepEqual(valuesOf(answer, "set-cookie"), ["ours=1"]);
      }
    });
    assert.deepEqual(outcomes.map(({ threw }) => threw), [false, false, true]);
  });

  test("takes what the application asks itself for no visits, and the same of a visitor for one", async () => {
    const { listener, outcomes } = setup();
    await withListener(listener, async (port) => {
      assert.equal((await ask(port, "/page")).body, "page of data, 200 without context");
      assert.equal(outcomes.length, 1);
      for (const target of ["/data", "/_error", "/wait?__unenv__=1"]) {
        assert.equal((await ask(port, target, { more: "__unenv__: 1\r\n" })).status, 302, target);
      }
      assert.equal((await ask(port, "//shop.example/wait")).status, 400);
    });
  });

  test("treats as a stranger what the application asks itself before the first visitor", async () => {
    const { listener, localFetch, served } = setup();
    assert.equal((await localFetch("/data")).status, 302);
    assert.deepEqual(served, []);
    await withListener(listener, async (port) => void await ask(port, "/other"));
    assert.equal((await localFetch("/data")).status, 200);
  });
});

describe("nitroGate() on a platform without a server of Node", () => {
  test("decides about the messages that Nitro makes of requests, and puts its headers on pages", async () => {
    const { localFetch, outcomes, served } = setup();
    const refused = await localFetch("/wait", { host: "shop.example", protocol: "https" });
    assert.deepEqual([refused.status, refused.headers.get("location")], [302, queued.location]);
    assert.equal(refused.headers.get("cache-control"), "no-store");
    assert.deepEqual(served, []);
    const page = await localFetch("/page", { headers: { host: "shop.example" } });
    assert.deepEqual([page.status, await page.text()], [200, "page of data, 302 without context"]);
    const error = await localFetch("/broken");
    assert.equal(error.status, 500);
    for (const answer of [refused, page, error]) {
      assert.deepEqual(answer.headers.getSetCookie(), ["ours=1"]);
    }
    assert.equal((await localFetch("/wait", { headers: { host: "a/b?" } })).status, 400);
    assert.deepEqual(outcomes.map(({ status, threw }) => [status, threw]), [
      [302, false],
      // Without context, from within the page.
      [302, false],
      [200, false],
      // The page of the error, of which the gate was asked before.
      [undefined, true],
      [302, false],
      [400, false],
    ]);
  });

  test("takes address and waitUntil from what the platform handed to Nitro, and the address from nowhere else", async () => {
    const told: (string | undefined)[] = [];
    const witness: Plugin = {
      name: "witness",
      prepare: (ctx) => void told.push(ctx.address),
      settled: async () => {},
    };
    const { localFetch } = setup([witness]);
    const work: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>) => void work.push(promise);
    const context = { waitUntil, passThroughOnException() {} };
    const headers = { "cf-connecting-ip": "192.0.2.7" };
    const cloudflare = { request: {}, env: {}, context };
    await localFetch("/other", { headers, context: { waitUntil, _platform: { cloudflare } } });
    await localFetch("/other", { headers });
    assert.deepEqual(told, ["192.0.2.7", undefined]);
    assert.equal(work.length, 1);
  });

  test("lets nobody in by what another visitor was given, one after the other and side by side", async () => {
    const { localFetch, served } = setup();
    // Deno, for one, runs handlers of later connections in the asynchronous context of an earlier one.
    await localFetch("/page");
    const answers = await Promise.all([localFetch("/page"), localFetch("/wait"), localFetch("/data")]);
    assert.deepEqual(answers.map(({ status }) => status), [200, 302, 302]);
    assert.doesNotMatch(served.join(), /wait/);
  });

  for (
    const [name, body] of [
      ["bytes", new TextEncoder().encode("seat=7")],
      ["a buffer", new TextEncoder().encode("seat=7").buffer],
      ["a text", "seat=7"],
    ] as const
  ) {
    test(`leaves the application the whole body that a plugin has read: ${name}`, async () => {
      const seen: string[] = [];
      const reader: Plugin = {
        name: "reader",
        async prepare(ctx) {
          seen.push((await ctx.body()).text);
        },
      };
      const { localFetch, faults } = setup([requestBody({ maxBytes: 100 }), reader]);
      const answer = await localFetch("/body", { method: "POST", body });
      assert.equal(await answer.text(), "read seat=7");
      assert.deepEqual(faults, []);
      assert.deepEqual(seen, ["seat=7"]);
    });
  }
});
