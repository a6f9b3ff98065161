import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { Hono } from "hono";
import { setCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { streamText } from "hono/streaming";
import { honoGate, type StanchionVariables } from "../../adapters/hono/mod.ts";
import { clientIp, contextKey, type Decision, type Outcome, platform, type Plugin } from "../../mod.ts";
import {
  admitted,
  bypassed,
  gateOf,
  opening,
  provider,
  queued,
  rejected,
  type Setup,
  turn,
  untyped,
} from "../src/_gates.ts";

type App = Hono<{ Variables: Partial<StanchionVariables> }>;

const ourCookie: Plugin = { name: "our-cookie", headers: () => [["set-cookie", "ours=1; Path=/"]] };
const slow: Plugin = { name: "slow", prepare: () => turn() };
const failing: Plugin = {
  name: "failing",
  decide() {
    throw new Error("provider down");
  },
};

/** An app behind a gate of the given plugins. */
function appOf(
  plugins: readonly Plugin[],
  options: Parameters<typeof gateOf>[1] = {},
): Setup & { readonly app: App } {
  const setup = gateOf(plugins, options);
  const app: App = new Hono();
  app.use(honoGate(setup.gate));
  return { ...setup, app };
}

describe("honoGate()", () => {
  const ways: readonly [
    way: string,
    plugins: readonly Plugin[],
    mode: "enforce" | "report" | "off",
    reason: string,
  ][] = [
    ["an admitted request", [provider(admitted)], "enforce", "test/admitted"],
    ["one that is admitted later", [slow, provider(admitted)], "enforce", "test/admitted"],
    ["one that a provider lets bypass", [provider(bypassed)], "enforce", "test/bypassed"],
    [
      "one that is none of the gate's business",
      [{ name: "files", match: () => false }],
      "enforce",
      "files/unmatched",
    ],
    ["one that is let in after a failure", [opening, failing], "enforce", "opening/open"],
    ["one whose refusal is only reported", [provider(queued)], "report", "test/queued"],
    ["any while the gate is off", [provider(queued)], "off", "gate/off"],
  ];
  for (const [way, plugins, mode, reason] of ways) {
    test(`tells the handler the decision about ${way}`, async () => {
      const { app } = appOf(plugins, { mode });
      app.get("/", (c) => c.text(c.get("stanchion")?.decision.reason ?? "nothing"));
      const response = await app.request("/");
      assert.equal(response.status, 200);
      assert.equal(await response.text(), reason);
    });
  }

  const refusals: readonly [decision: Decision, status: number, location: string | null][] = [
    [queued, 302, "https://wait.example/room"],
    [
      { action: "redirect", reason: "test/clean", location: "https://shop.example/" },
      302,
      "https://shop.example/",
    ],
    [rejected, 403, null],
  ];
  for (const [decision, status, location] of refusals) {
    for (const plugins of [[], [slow]]) {
      test(`answers ${decision.action} ${plugins.length > 0 ? "later" : "at once"} without the handlers`, async () => {
        const { app } = appOf([...plugins, provider(decision), ourCookie]);
        let calls = 0;
        app.all("*", (c) => c.text(`page ${++calls}`));
        const response = await app.request("/");
        assert.equal(response.status, status);
        assert.equal(response.headers.get("location"), location);
        assert.equal(response.headers.get("cache-control"), "no-store");
        assert.deepEqual(response.headers.getSetCookie(), ["ours=1; Path=/"]);
        assert.equal(calls, 0);
      });
    }
  }

  test("sends the response of a decision with its body", async () => {
    const response = new Response("wait here", { status: 200, headers: { "content-type": "text/x-room" } });
    const { app } = appOf([provider({ action: "respond", reason: "test/own", response })]);
    app.get("/", (c) => c.text("page"));
    const answer = await app.request("/");
    assert.equal(answer.headers.get("content-type"), "text/x-room");
    assert.equal(await answer.text(), "wait here");
  });

  test("gates the routes that it is registered for, and no others", async () => {
    const { gate } = gateOf([provider(queued)]);
    const app = new Hono<{ Variables: Partial<StanchionVariables> }>();
    app.get("/about", (c) => c.text(String(c.get("stanchion"))));
    app.use("/tickets/*", honoGate(gate));
    app.get("/tickets/:id", (c) => c.text("ticket"));
    app.post("/order", honoGate(gate), (c) => c.text("order"));
    assert.equal(await (await app.request("/about")).text(), "undefined");
    assert.equal((await app.request("/tickets/1")).status, 302);
    assert.equal((await app.request("/tickets/none/at/all")).status, 302, "before notFound");
    assert.equal((await app.request("/order", { method: "POST" })).status, 302);
    assert.equal((await app.request("/order")).status, 404);
  });

  test("tells the address, the token and what any plugin left in a slot", async () => {
    const seat = contextKey<number>("seat");
    const finding: Plugin = {
      name: "finding",
      prepare(ctx) {
        ctx.set(seat, 12);
      },
      decide: () => ({ action: "admit", reason: "finding/found", facts: { visitor: "tok1" } }),
    };
    const { app } = appOf([clientIp({ trustedProxies: 1 }), finding]);
    app.get("/", (c) => {
      const visit = c.get("stanchion");
      return c.json([visit?.address, visit?.visitor, visit?.get(seat)]);
    });
    const headers = { "x-forwarded-for": "198.51.100.7" };
    assert.deepEqual(await (await app.request("/", { headers })).json(), [
      "198.51.100.7",
      "tok1",
      12,
    ]);
  });

  test("knows nothing of the visitor while the gate is off, and does not fail", async () => {
    const { app } = appOf([clientIp()], { mode: "off" });
    app.get("/", (c) => {
      const visit = c.get("stanchion");
      return c.json([
        visit?.address ?? null,
        visit?.visitor ?? null,
        visit?.get(contextKey("nothing")) ?? null,
      ]);
    });
    assert.deepEqual(await (await app.request("/")).json(), [null, null, null]);
  });

  test("of the same gate runs once, of two gates each", async () => {
    let asked = 0;
    const counting: Plugin = { name: "counting", prepare: () => void asked++ };
    const first = gateOf([counting, ourCookie]).gate;
    const second = gateOf([counting]).gate;
    const app = new Hono();
    app.use(honoGate(first)).use("/a/*", honoGate(first), honoGate(second)).get(
      "/a/b",
      (c) => c.text("page"),
    );
    const response = await app.request("/a/b");
    assert.equal(asked, 2);
    assert.deepEqual(response.headers.getSetCookie(), ["ours=1; Path=/"]);
  });

  test("does not mix up requests that are under way at once", async () => {
    const deciding: Plugin = {
      name: "deciding",
      async decide(ctx) {
        const { pathname } = ctx.url;
        await turn(Number(pathname.slice(1)) % 5);
        return Number(pathname.slice(1)) % 2 === 0
          ? { action: "admit", reason: `deciding/${pathname}` }
          : { ...queued, location: `https://wait.example${pathname}` };
      },
    };
    const { app } = appOf([deciding]);
    app.get("/:n", (c) => c.text(c.get("stanchion")?.decision.reason ?? ""));
    await Promise.all(Array.from({ length: 40 }, async (_, n) => {
      const response = await app.request(`/${n}`);
      if (n % 2 === 0) assert.equal(await response.text(), `deciding//${n}`);
      else assert.equal(response.headers.get("location"), `https://wait.example/${n}`);
    }));
  });
});

describe("an error of a handler behind honoGate()", () => {
  for (const plugins of [[], [slow]]) {
    const when = plugins.length > 0 ? "later" : "at once";
    test(`reaches onError and is no failure of the gate, ${when}`, async () => {
      const outcomes: Outcome[] = [];
      const settling: Plugin = { name: "settling", settled: (_ctx, outcome) => void outcomes.push(outcome) };
      const { app, gate, faults } = appOf([...plugins, settling, ourCookie]);
      const error = new Error("broken page");
      app.get("/", () => {
        throw error;
      });
      const seen: unknown[] = [];
      app.onError((error, c) => {
        seen.push(error, c.get("stanchion")?.decision.reason);
        return c.text("sorry", 500);
      });
      const response = await app.request("/");
      assert.equal(response.status, 500);
      assert.equal(await response.text(), "sorry");
      assert.deepEqual(response.headers.getSetCookie(), ["ours=1; Path=/"], "the visitor keeps the place");
      assert.deepEqual(seen, [error, "test/admitted"]);
      await turn();
      assert.deepEqual(faults, []);
      assert.equal(gate.errors, 0);
      assert.deepEqual(outcomes.map(({ status, served, failure }) => [status, served, failure]), [[
        500,
        true,
        undefined,
      ]]);
    });
  }

  test("answers with its own response when it is an HTTPException", async () => {
    const { app, gate } = appOf([ourCookie]);
    app.get("/", () => {
      throw new HTTPException(418, { message: "short and stout" });
    });
    const response = await app.request("/");
    assert.equal(response.status, 418);
    assert.equal(await response.text(), "short and stout");
    assert.equal(gate.errors, 0);
  });

  test("goes to the onError of a sub-app", async () => {
    const { gate } = gateOf([ourCookie]);
    const sub = new Hono();
    sub.use(honoGate(gate));
    sub.onError((_error, c) => c.text("sub", 500));
    sub.get("/broken", () => {
      throw new Error("broken page");
    });
    const app = new Hono().route("/sub", sub);
    const response = await app.request("/sub/broken");
    assert.equal(await response.text(), "sub");
    assert.deepEqual(response.headers.getSetCookie(), ["ours=1; Path=/"]);
  });

  test("passes through untouched when it is no Error", async () => {
    const { app, faults } = appOf([]);
    app.get("/", () => {
      throw "a text";
    });
    await assert.rejects(async () => await app.request("/"), (error) => error === "a text");
    assert.deepEqual(faults, []);
  });

  test("is Hono's own complaint when a handler answers nothing", async () => {
    const { app } = appOf([ourCookie]);
    app.get("/", (() => undefined) as unknown as () => Response);
    const messages: string[] = [];
    app.onError((error, c) => {
      messages.push(error.message);
      return c.text("sorry", 500);
    });
    assert.equal((await app.request("/")).status, 500);
    assert.match(messages[0] ?? "", /not finalized/);
  });
});

describe("headers behind honoGate()", () => {
  test("are the app's and the gate's: every cookie survives", async () => {
    const { gate } = gateOf([ourCookie]);
    const app = new Hono();
    app.use(async (c, next) => {
      c.header("set-cookie", "before=1", { append: true });
      await next();
      c.header("set-cookie", "after=1", { append: true });
    });
    app.use(async (c, next) => {
      c.res.headers.append("set-cookie", "touched=1");
      await next();
    });
    app.use(honoGate(gate));
    app.get("/", (c) => {
      setCookie(c, "app", "1");
      setCookie(c, "more", "2");
      return c.text("page");
    });
    const cookies = (await app.request("/")).headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    assert.deepEqual(cookies.sort(), ["after=1", "app=1", "before=1", "more=2", "ours=1", "touched=1"]);
  });

  test("of an answer of the gate keep its cookies and its no-store, beside what was set before", async () => {
    const { gate } = gateOf([ourCookie, provider(queued)]);
    const app = new Hono();
    app.use(async (c, next) => {
      c.res.headers.append("set-cookie", "touched=1");
      c.res.headers.set("cache-control", "public, max-age=3600");
      c.res.headers.set("location", "https://elsewhere.example/");
      c.header("x-before", "kept");
      c.header("vary", "Origin");
      await next();
    });
    app.use(honoGate(gate));
    app.get("/", (c) => c.text("page"));
    const { status, headers } = await app.request("/");
    assert.equal(status, 302);
    assert.deepEqual(headers.getSetCookie().map((cookie) => cookie.split(";")[0]), ["touched=1", "ours=1"]);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("location"), "https://wait.example/room");
    assert.equal(headers.get("x-before"), "kept");
    assert.equal(headers.get("vary"), "Origin");
  });

  test("of cors(), secureHeaders() and requestId() are on the gate's own answers too", async () => {
    const { gate } = gateOf([provider(queued)]);
    const app = new Hono();
    app.use(secureHeaders(), requestId(), cors({ origin: "https://app.example", credentials: true }));
    app.use(honoGate(gate));
    app.get("/", (c) => c.text("page"));
    const { status, headers } = await app.request("/", { headers: { origin: "https://app.example" } });
    assert.equal(status, 302);
    assert.equal(headers.get("access-control-allow-origin"), "https://app.example");
    assert.equal(headers.get("access-control-allow-credentials"), "true");
    assert.equal(headers.get("x-frame-options"), "SAMEORIGIN");
    assert.ok(headers.get("x-request-id"));
  });

  test("of a page with our cookie make it private", async () => {
    const { app } = appOf([ourCookie]);
    app.get("/", (c) => c.text("page", 200, { "cache-control": "public, max-age=60" }));
    assert.equal((await app.request("/")).headers.get("cache-control"), "max-age=60, private");
  });
});

describe("what Hono offers works behind honoGate():", () => {
  for (const decision of [admitted, queued]) {
    const isIn = decision === admitted;
    test(`HEAD, ${decision.action}`, async () => {
      const methods: string[] = [];
      const looking: Plugin = { name: "looking", prepare: (ctx) => void methods.push(ctx.request.method) };
      const { app } = appOf([looking, provider(decision)]);
      app.get("/", (c) => c.text("page"));
      const response = await app.request("/", { method: "HEAD" });
      assert.equal(response.status, isIn ? 200 : 302);
      assert.equal(await response.text(), "");
      assert.deepEqual(methods, ["HEAD"]);
    });

    test(`route() and basePath(), ${decision.action}`, async () => {
      const urls: string[] = [];
      const looking: Plugin = { name: "looking", prepare: (ctx) => void urls.push(ctx.request.url) };
      const { gate } = gateOf([looking, provider(decision)]);
      const sub = new Hono().use(honoGate(gate)).get("/tickets", (c) => c.text("tickets"));
      const app = new Hono().basePath("/v1").route("/shop", sub);
      const response = await app.request("https://shop.example/v1/shop/tickets?a=b");
      assert.equal(response.status, isIn ? 200 : 302);
      assert.deepEqual(urls, ["https://shop.example/v1/shop/tickets?a=b"], "the whole URL");
    });

    test(`mount(), ${decision.action}`, async () => {
      const urls: string[] = [];
      const looking: Plugin = { name: "looking", prepare: (ctx) => void urls.push(ctx.request.url) };
      const { app } = appOf([looking, provider(decision)]);
      app.mount("/legacy", (request: Request) => new Response(new URL(request.url).pathname));
      const response = await app.request("https://shop.example/legacy/cart");
      assert.equal(response.status, isIn ? 200 : 302);
      if (isIn) assert.equal(await response.text(), "/cart");
      assert.deepEqual(urls, ["https://shop.example/legacy/cart"]);
    });
  }

  test("notFound(), with our cookie", async () => {
    const { app } = appOf([ourCookie]);
    app.notFound((c) => c.text("nothing here", 404));
    app.get("/", (c) => c.text("page"));
    const response = await app.request("/missing");
    assert.equal(response.status, 404);
    assert.equal(await response.text(), "nothing here");
    assert.deepEqual(response.headers.getSetCookie(), ["ours=1; Path=/"]);
  });

  test("streams, which reach the visitor while they are written", async () => {
    const { app } = appOf([ourCookie]);
    const { promise: read, resolve: goOn } = Promise.withResolvers<void>();
    app.get("/", (c) =>
      streamText(c, async (stream) => {
        await stream.write("first");
        await read;
        await stream.write("second");
      }));
    const response = await app.request("/");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader?.read())?.value, "first");
    goOn();
    assert.equal((await reader?.read())?.value, "second");
    assert.deepEqual(response.headers.getSetCookie(), ["ours=1; Path=/"]);
  });

  test("the body of the request, which the gate leaves to the handler", async () => {
    const { app } = appOf([slow]);
    app.post("/", async (c) => c.json(await c.req.json()));
    const response = await app.request("/", { method: "POST", body: '{"a":1}' });
    assert.deepEqual(await response.json(), { a: 1 });
  });

  test("a middleware that runs after it and changes the response", async () => {
    const { gate } = gateOf([ourCookie]);
    const app = new Hono();
    app.use(async (c, next) => {
      await next();
      c.res = new Response(`${await c.res.text()}!`, c.res);
    });
    app.use(honoGate(gate));
    app.get("/", (c) => c.text("page"));
    const response = await app.request("/");
    assert.equal(await response.text(), "page!");
    assert.deepEqual(response.headers.getSetCookie(), ["ours=1; Path=/"]);
  });
});

describe("the platform behind honoGate()", () => {
  const peer = contextKey<string>("peer");
  const looking: Plugin = {
    name: "looking",
    prepare: (ctx) => ctx.set(peer, ctx.platform.peerAddress ?? "unknown"),
  };
  const bun = { requestIP: () => ({ address: "192.0.2.3" }) };
  const workers = { waitUntil() {}, passThroughOnException() {}, props: {} };
  const envs: readonly [
    platform: string,
    env: object | undefined,
    execution: typeof workers | undefined,
    peer: string,
  ][] = [
    ["none", undefined, undefined, "unknown"],
    ["Deno", { remoteAddr: { hostname: "192.0.2.1" } }, undefined, "192.0.2.1"],
    ["Bun", bun, undefined, "192.0.2.3"],
    ["Bun under a name", { server: bun }, undefined, "192.0.2.3"],
    ["Node", { incoming: { socket: { remoteAddress: "192.0.2.2" } } }, undefined, "192.0.2.2"],
    ["Workers", { KEY: "key", server: { fetch() {} } }, workers, "192.0.2.9"],
  ];
  for (const [platform, env, execution, expected] of envs) {
    test(`is recognised by what Hono was handed: ${platform}`, async () => {
      const { app } = appOf([looking]);
      app.get("/", (c) => c.text(c.get("stanchion")?.get(peer) ?? ""));
      // Elsewhere the header is a visitor's word and does not count.
      const request = new Request("https://shop.example/", { headers: { "cf-connecting-ip": "192.0.2.9" } });
      assert.equal(await (await app.fetch(request, env, execution)).text(), expected);
    });
  }

  test("is what platform() says, wherever Hono was handed it", async () => {
    const { app } = appOf([looking]);
    app.get("/", (c) => c.text(c.get("stanchion")?.get(peer) ?? ""));
    const said = platform({ peerAddress: "192.0.2.5" });
    const node = { incoming: { socket: { remoteAddress: "192.0.2.2" } } };
    const handed: readonly [env: unknown, execution?: unknown][] = [
      [said],
      [said, workers],
      [{ ...node, platform: said }],
      [{ ...bun, platform: said, server: bun }],
      [{ KEY: "key", server: said }, workers],
      [node, said],
    ];
    for (const [env, execution] of handed) {
      const request = new Request("https://shop.example/", { headers: { "cf-connecting-ip": "192.0.2.9" } });
      const response = await app.fetch(request, env, untyped(execution));
      assert.equal(await response.text(), "192.0.2.5");
    }
    const alike = { ...node, platform: { peerAddress: "192.0.2.5" } };
    const response = await app.fetch(new Request("https://shop.example/"), alike);
    assert.equal(await response.text(), "192.0.2.2");
  });

  test("is kept alive by what platform() says", async () => {
    const kept: Promise<unknown>[] = [];
    const { app } = appOf([{ name: "working", settled: () => turn() }]);
    app.get("/", (c) => c.text("page"));
    const said = platform({ waitUntil: (work) => void kept.push(work) });
    await app.fetch(new Request("https://shop.example/"), { platform: said }, workers);
    await app.fetch(new Request("https://shop.example/"), said);
    await app.fetch(
      new Request("https://shop.example/"),
      {},
      untyped(platform({ peerAddress: "192.0.2.5" })),
    );
    assert.equal(kept.length, 2);
    await Promise.all(kept);
  });

  test("is kept alive by Hono's execution context for the work after a response", async () => {
    const kept: Promise<unknown>[] = [];
    let isDone = false;
    const working: Plugin = {
      name: "working",
      async settled() {
        await turn();
        isDone = true;
      },
    };
    const { app } = appOf([working]);
    app.get("/", (c) => c.text("page"));
    const execution = {
      ...workers,
      waitUntil(this: unknown, promise: Promise<unknown>) {
        assert.equal(this, execution);
        kept.push(promise);
      },
    };
    await app.fetch(new Request("https://shop.example/"), {}, execution);
    await turn();
    assert.equal(kept.length, 1);
    await Promise.all(kept);
    assert.equal(isDone, true);
  });

  test("without an execution context runs that work all the same", async () => {
    let isDone = false;
    const working: Plugin = {
      name: "working",
      async settled() {
        await turn();
        isDone = true;
      },
    };
    const { app, gate, faults } = appOf([working]);
    app.get("/", (c) => c.text("page"));
    await app.request("/");
    await turn();
    await gate.idle();
    assert.equal(isDone, true);
    assert.deepEqual(faults, []);
  });
});
