/** The gate in Express, Koa and Node's server for HTTP/2; projects with frameworks of their own are in `tests/frameworks/`. */

import { strict as assert } from "node:assert";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { connect, createServer } from "node:http2";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { fastifyGate, koaGate, nodeGate, visitOf } from "../../adapters/node/mod.ts";
import type { Outcome, Plugin } from "../../mod.ts";
import { admitted, gateOf, queued, untyped } from "../src/_gates.ts";
import { ask, valuesOf, withListener } from "./_node-server.ts";

type Middleware = (incoming: IncomingMessage, outgoing: ServerResponse, next: () => void) => void;

interface Express extends RequestListener {
  use(path: string, ...middlewares: readonly (Middleware | Express)[]): void;
  get(
    path: string,
    handler: (incoming: IncomingMessage, outgoing: { send(text: string): void }) => void,
  ): void;
}
interface KoaContext {
  path: string;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  body: unknown;
}
interface KoaApp {
  silent: boolean;
  use(middleware: (ctx: KoaContext, next: () => Promise<unknown>) => unknown): void;
  callback(): RequestListener;
}

// None has types of its own; these are what the test uses.
const load = createRequire(import.meta.url);
const Koa = load("koa") as new () => KoaApp;

const cookie: Plugin = { name: "cookie", headers: () => [["set-cookie", "ours=1"]] };
/** As rules do, it does not tell upper from lower case. */
const room: Plugin = {
  name: "room",
  decide: ({ path }) => /^\/shop\/wait\/?$/i.test(path) ? queued : admitted,
};

function setup() {
  const outcomes: Outcome[] = [];
  const log: Plugin = { name: "log", settled: (_ctx, outcome) => void outcomes.push(outcome) };
  return { outcomes, ...gateOf([cookie, log, room]) };
}

describe("nodeGate() in Express", () => {
  for (const name of ["express", "express4"]) {
    test(`${name}: mounted, before a router, and with an error page`, async () => {
      const { gate, outcomes } = setup();
      const express = load(name) as (() => Express) & { Router(): Express };
      const app = express();
      const router = express.Router();
      router.get("/wait", () => assert.fail("it is protected"));
      router.get("/page", (incoming, outgoing) => outgoing.send(visitOf(incoming)?.decision.reason ?? ""));
      router.get("/error", () => {
        throw new Error("broken");
      });
      Object.assign(app, { set() {} });
      app.use("/shop", nodeGate(gate), router);
      const silent = console.error;
      // Express tells of errors there.
      console.error = () => {};
      try {
        await withListener(app, async (port) => {
          for (const target of ["/shop/wait", "/shop/WAIT", "/SHOP/wait/", "/shop/%77ait"]) {
            assert.equal((await ask(port, target)).status, 302, target);
          }
          const page = await ask(port, "/shop/page");
          assert.deepEqual([page.status, page.body], [200, "test/admitted"]);
          const error = await ask(port, "/shop/error");
          assert.equal(error.status, 500);
          for (const answer of [page, error]) {
            assert.deepEqual(valuesOf(answer, "set-cookie"), ["ours=1"]);
            assert.deepEqual(valuesOf(answer, "cache-control"), ["private"]);
          }
        });
      } finally {
        console.error = silent;
      }
      assert.deepEqual(outcomes.slice(-2).map(({ status }) => status), [200, 500]);
    });
  }
});

describe("koaGate()", () => {
  test("lets in, refuses in Koa's place, and keeps its cookies on error pages", async () => {
    const { gate, outcomes } = setup();
    const app = new Koa();
    app.silent = true;
    const order: unknown[] = [];
    app.use(async (ctx, next) => {
      await next();
      order.push(ctx.res.statusCode);
    });
    app.use(koaGate(gate));
    app.use((ctx) => {
      if (ctx.req.url === "/error") throw new Error("broken");
      ctx.res.setHeader("cache-control", "no-store");
      ctx.body = "page";
    });
    await withListener(app.callback(), async (port) => {
      const refused = await ask(port, "/shop/wait");
      assert.deepEqual([refused.status, refused.body], [302, ""]);
      const page = await ask(port, "/");
      assert.deepEqual([page.status, page.body, ...valuesOf(page, "cache-control")], [
        200,
        "page",
        "no-store",
      ]);
      const error = await ask(port, "/error");
      assert.equal(error.status, 500);
      for (const answer of [refused, page, error]) {
        assert.deepEqual(valuesOf(answer, "set-cookie"), ["ours=1"]);
      }
    });
    assert.deepEqual(order, [302, 200]);
    assert.deepEqual(outcomes.map(({ threw }) => threw), [false, false, true]);
  });
});

test("koaGate() decides by the whole URL behind a mounted path", async () => {
  const { gate } = setup();
  const app = new Koa();
  // As koa-mount does it.
  app.use((ctx, next) => {
    ctx.path = ctx.path.replace(/^\/shop/, "") || "/";
    return next();
  });
  app.use(koaGate(gate));
  app.use((ctx) => void (ctx.body = ctx.path));
  await withListener(app.callback(), async (port) => {
    const answers = [await ask(port, "/shop/wait"), await ask(port, "/shop/other")];
    assert.deepEqual(answers.map(({ status, body }) => [status, body]), [[302, ""], [200, "/other"]]);
  });
});

test("fastifyGate() takes the reply over where it refuses, and goes on where it admits", async () => {
  const { gate } = setup();
  const gated = fastifyGate(gate);
  const calls: string[] = [];
  await withListener((incoming, outgoing) => {
    gated({ raw: incoming }, { raw: outgoing, hijack: () => calls.push("hijack") }, () => {
      calls.push("done");
      outgoing.end("page");
    });
  }, async (port) => {
    assert.equal((await ask(port, "/shop/wait")).status, 302);
    assert.equal((await ask(port, "/")).body, "page");
  });
  assert.deepEqual(calls, ["hijack", "done"]);
});

test("fastifyGate() keeps on its answers what hooks before it set, which Fastify keeps by itself", async () => {
  const gated = fastifyGate(setup().gate);
  const headers = {
    "access-control-allow-origin": "*",
    "set-cookie": ["a=1", "b=2"],
    "x-odd": "a\nb",
    "x-none": undefined,
  };
  await withListener((incoming, outgoing) => {
    gated(
      { raw: incoming },
      { raw: outgoing, hijack() {}, getHeaders: () => headers },
      () => assert.fail("the application was called"),
    );
  }, async (port) => {
    const answer = await ask(port, "/shop/wait");
    assert.equal(answer.status, 302);
    assert.deepEqual(valuesOf(answer, "access-control-allow-origin"), ["*"]);
    assert.deepEqual(valuesOf(answer, "set-cookie").slice(0, 2), ["a=1", "b=2"]);
    assert.deepEqual(valuesOf(answer, "x-odd"), []);
  });
});

test("nodeGate() before Node's server for HTTP/2", async () => {
  const { gate, outcomes } = setup();
  const enter = nodeGate(gate);
  const server = createServer((incoming, outgoing) => {
    enter(incoming, outgoing, () => {
      // Its types lack the method.
      if (incoming.url === "/flush") untyped<ServerResponse>(outgoing).flushHeaders();
      outgoing.end("page");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    for (const [path, status] of [["/", 200], ["/flush", 200], ["/shop/wait", 302]] as const) {
      const headers = await new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
        const asked = client.request({ ":path": path });
        asked.on("response", resolve).on("error", reject).resume().end();
      });
      assert.deepEqual([headers[":status"], headers["set-cookie"]], [status, ["ours=1"]], path);
    }
    assert.deepEqual(outcomes.map(({ status }) => status), [200, 200, 302]);
    // Of two hosts, an application may read the other one.
    for (const [host, status] of [["SHOP.example", 200], ["other.example", 400]] as const) {
      const headers = await new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
        const asked = client.request({ ":path": "/", ":authority": "shop.example", host });
        asked.on("response", resolve).on("error", reject).resume().end();
      });
      assert.equal(headers[":status"], status, host);
    }
  } finally {
    client.close();
    await new Promise((resolve) => server.close(resolve));
  }
});
