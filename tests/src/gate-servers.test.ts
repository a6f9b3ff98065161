import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { describe, test } from "node:test";
import type { Context, Decision, Outcome, Plugin } from "../../mod.ts";
import { eventually } from "../conformance/_world.ts";
import { admitted, gateOf, opening, provider, queued, rejected } from "./_gates.ts";
import { bun, deno, serve } from "./_serve.ts";

const cookie: Plugin = { name: "cookie", headers: () => [["set-cookie", "token=1; Path=/"]] };

/** Sends a request line that `fetch` would tidy up, and gives the answer as text. */
function sendRaw(port: number, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`GET ${target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n`);
    });
    let text = "";
    socket.setEncoding("utf8").on("data", (more) => text += more).on("close", () => resolve(text)).on(
      "error",
      reject,
    );
  });
}

describe("behind the platform's own server", () => {
  test("gate.wrap() serves pages with their own cookies and ours, whatever the method and status", async () => {
    const { gate, faults } = gateOf([cookie]);
    const server = await serve(gate.wrap((incoming: Request) => {
      const status = Number(new URL(incoming.url).searchParams.get("status") ?? 200);
      const headers = [["set-cookie", "a=1"], ["set-cookie", "b=2"]] as [string, string][];
      return new Response([204, 304].includes(status) ? null : incoming.body ?? "page", { status, headers });
    }));
    try {
      const table: readonly [method: string, status: number, text: string][] = [
        ["GET", 200, "page"],
        ["HEAD", 200, ""],
        ["POST", 201, "form"],
        ["DELETE", 204, ""],
        ["GET", 304, ""],
        ["GET", 404, "page"],
        ["GET", 500, "page"],
      ];
      for (const [method, status, text] of table) {
        const init = { method, ...(method === "POST" && { body: "form" }) };
        const response = await fetch(`${server.url}/?status=${status}`, init);
        assert.deepEqual([response.status, await response.text()], [status, text], `${method} ${status}`);
        assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2", "token=1; Path=/"]);
        assert.equal(response.headers.get("cache-control"), "private");
      }
      assert.deepEqual(faults, []);
    } finally {
      await server.close();
    }
  });

  test("gate.wrap() answers who is refused", async () => {
    const { gate } = gateOf([cookie, provider(queued)]);
    const server = await serve(gate.wrap(() => assert.fail("refused")));
    try {
      const response = await fetch(server.url, { redirect: "manual" });
      assert.equal(response.status, 302);
      assert.equal(response.headers.get("location"), "https://wait.example/room");
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.deepEqual(response.headers.getSetCookie(), ["token=1; Path=/"]);
      await response.body?.cancel();
    } finally {
      await server.close();
    }
  });

  test("ctx.platform tells the peer's address", async () => {
    const seen: unknown[] = [];
    const { gate } = gateOf([{ name: "look", prepare: (ctx) => void seen.push(ctx.platform.peerAddress) }]);
    const server = await serve(
      gate.wrap((_request: Request, ..._platform: unknown[]) => new Response("page")),
    );
    try {
      await (await fetch(server.url)).text();
      assert.deepEqual(seen, ["127.0.0.1"]);
    } finally {
      await server.close();
    }
  });

  test("a settled hook is told headers and address of the request, however late it asks, whether or not anybody asked before", async () => {
    const settles: Record<string, NonNullable<Plugin["settled"]>> = {
      "at once": (ctx) => note(ctx),
      "later": async (ctx) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        note(ctx);
      },
    };
    const pages: Record<string, () => Response | Promise<Response>> = {
      "a page at once": () => new Response("page"),
      "a promise of a page": () => Promise.resolve(new Response("page")),
      "a page later": () => new Promise((answer) => setTimeout(() => answer(new Response("page")), 20)),
    };
    const response = { status: 200, headers: { "content-type": "text/plain" }, body: "the gate's own" };
    const responded: Decision = { action: "respond", reason: "test/responded", response };
    const outcomes = [admitted, queued, rejected, responded].map(provider);
    let heard: (readonly [header: string | null, address: string | undefined])[] = [];
    function note({ request, address }: Context): void {
      heard.push([request.headers.get("x-a"), address]);
    }
    for (const [when, settled] of Object.entries(settles)) {
      for (const [what, page] of Object.entries(pages)) {
        for (const decider of outcomes) {
          heard = [];
          const { gate, faults } = gateOf([{ name: "log", settled }, decider]);
          const server = await serve(gate.wrap(() => page()));
          try {
            await (await fetch(server.url, { headers: { "x-a": "b" }, redirect: "manual" })).text();
            await eventually("it was heard", () => heard.length + faults.length > 0);
            assert.deepEqual([faults, heard], [[], [["b", "127.0.0.1"]]], `${when}, ${what}`);
          } finally {
            await server.close();
          }
        }
      }
    }
  });

  test("ctx.path is what the application sees when the visitor sends dot segments", async () => {
    const seen: string[] = [];
    const { gate } = gateOf([{ name: "look", match: (ctx) => (seen.push(ctx.path), true) }]);
    const server = await serve(gate.wrap((incoming: Request) => {
      seen.push(new URL(incoming.url).pathname);
      return new Response("page");
    }));
    try {
      for (
        const target of [
          "/assets/../checkout",
          "/assets/%2e%2E/checkout",
          "/./checkout",
          "/assets/x/../../checkout",
        ]
      ) {
        seen.length = 0;
        assert.match(await sendRaw(server.port, target), /^HTTP\/1.1 200/);
        assert.deepEqual(seen, ["/checkout", "/checkout"], target);
      }
      seen.length = 0;
      await sendRaw(server.port, "//evil.example/x?a=/b");
      assert.deepEqual(seen, ["//evil.example/x", "//evil.example/x"]);
    } finally {
      await server.close();
    }
  });

  test("an error of the application reaches the platform and no policy", async () => {
    const { gate, faults } = gateOf([cookie, opening]);
    const server = await serve(gate.wrap(() => {
      throw new Error("the application's own");
    }));
    const { error } = console;
    console.error = () => {};
    try {
      const response = await fetch(server.url);
      assert.equal(response.status, 500);
      await response.text();
      assert.deepEqual(faults, []);
    } finally {
      console.error = error;
      await server.close();
    }
  });

  test("a body streams through the server as it is made", async () => {
    const { gate } = gateOf([cookie]);
    let next = () => {};
    const server = await serve(gate.wrap(() => {
      const steps = ["one;", "two;"];
      return new Response(
        new ReadableStream({
          async pull(controller) {
            const step = steps.shift();
            if (step === undefined) return controller.close();
            if (step === "two;") await new Promise<void>((resolve) => next = resolve);
            controller.enqueue(new TextEncoder().encode(step));
          },
        }),
      );
    }));
    try {
      const reader = (await fetch(server.url)).body?.pipeThrough(new TextDecoderStream()).getReader();
      assert.equal((await reader?.read())?.value, "one;");
      next();
      assert.equal((await reader?.read())?.value, "two;");
      assert.equal((await reader?.read())?.done, true);
    } finally {
      await server.close();
    }
  });
});

/** Opens a WebSocket, sends a word and gives what comes back. */
function echo(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    socket.onopen = () => socket.send("hello");
    socket.onmessage = (event) => (resolve(String(event.data)), socket.close());
    socket.onerror = () => reject(new Error("The upgrade failed"));
  });
}

interface Upgrading {
  upgradeWebSocket(request: Request): { socket: WebSocket; response: Response };
}

test(
  "gate.wrap() leaves a WebSocket upgrade of Deno intact, with headers hooks",
  { skip: !deno },
  async () => {
    const outcomes: Outcome[] = [];
    const log: Plugin = { name: "log", settled: (_ctx, outcome) => void outcomes.push(outcome) };
    const { gate, faults } = gateOf([cookie, log]);
    const server = await serve(gate.wrap((incoming: Request) => {
      // The test is skipped where there is no Deno.
      const { socket, response } = (deno as unknown as Upgrading).upgradeWebSocket(incoming);
      socket.onmessage = (event) => socket.send(`${event.data} back`);
      return response;
    }));
    try {
      assert.equal(await echo(server.port), "hello back");
      await eventually("the outcome is told", () => outcomes.length > 0);
      assert.deepEqual(outcomes.map(({ status }) => status), [101]);
      assert.deepEqual(faults, []);
    } finally {
      await server.close();
    }
  },
);

test("gate.wrap() leaves a WebSocket upgrade of Bun intact, with headers hooks", { skip: !bun }, async () => {
  const outcomes: Outcome[] = [];
  const log: Plugin = { name: "log", settled: (_ctx, outcome) => void outcomes.push(outcome) };
  const { gate, faults } = gateOf([cookie, log]);
  const handler = gate.wrap((incoming: Request, server: { upgrade(incoming: Request): boolean }) =>
    server.upgrade(incoming) ? undefined : new Response("no upgrade", { status: 400 })
  );
  const websocket = {
    message: (socket: { send(text: string): void }, text: string) => socket.send(`${text} back`),
  };
  const server = await serve(handler, { websocket });
  try {
    assert.equal(await echo(server.port), "hello back");
    await eventually("the outcome is told", () => outcomes.length > 0);
    assert.deepEqual(outcomes.map(({ status, served }) => [status, served]), [[undefined, true]]);
    assert.deepEqual(faults, []);
  } finally {
    await server.close();
  }
});

test("gate.wrap() refuses a WebSocket to who must wait", { skip: !deno && !bun }, async () => {
  const { gate } = gateOf([provider(queued)]);
  const server = await serve(
    gate.wrap(() => assert.fail("refused")),
    bun ? { websocket: { message() {} } } : {},
  );
  try {
    await assert.rejects(echo(server.port), { message: "The upgrade failed" });
  } finally {
    await server.close();
  }
});
