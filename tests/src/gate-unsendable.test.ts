/** What an application answers and no server can send, or nobody can look at. */

import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import type { Plugin, Provider } from "../../mod.ts";
import { admitted, answered, gateOf, page, request, turn, untyped } from "./_gates.ts";
import { deno, serve } from "./_serve.ts";

const cookie: Plugin = { name: "cookie", headers: () => [["set-cookie", "token=1; Path=/"]] };
/** A provider that asks its service first, as most do. */
const waiting: Provider = { name: "waiting", final: "decide", decide: () => turn().then(() => admitted) };

const unsendable: Readonly<Record<string, () => unknown>> = {
  used() {
    const response = new Response("page");
    void response.text();
    return response;
  },
  locked() {
    const response = new Response(new Blob(["page"]).stream());
    response.body?.getReader();
    return response;
  },
  error: () => Response.error(),
  nothing: () => undefined,
  text: () => "page",
};

describe("what cannot be sent", () => {
  // Deno answers 500 to a handler that gives it at once, and ends the process where a promise does.
  for (const [kind, answer] of Object.entries(unsendable)) {
    // Where nothing is added, nobody asks whether a body is being read: Deno would forget of a text that it was sent.
    for (const plugins of kind === "locked" ? [[waiting, cookie]] : [[waiting], [waiting, cookie]]) {
      test(`ends no process: ${kind}, ${plugins.length} plugins`, async () => {
        const { gate } = gateOf(plugins);
        const pages = gate.wrap((incoming: Request, ..._platform: never[]) =>
          untyped<Response>(incoming.url.endsWith("/odd") ? answer() : page())
        );
        const server = await serve(pages);
        try {
          const odd = await fetch(`${server.url}/odd`);
          if (deno !== undefined) assert.equal(odd.status, 500);
          await odd.body?.cancel();
          if (deno !== undefined) assert.equal((await fetch(`${server.url}/odd`)).status, 500);
          assert.equal(await (await fetch(`${server.url}/next`)).text(), "page");
        } finally {
          await server.close();
        }
      });
    }
  }

  for (const kind of ["used", "locked", "error"] as const) {
    for (const isLate of [false, true]) {
      test(`ends no process where a plugin answers with it, and is told: ${kind}, ${isLate ? "late" : "at once"}`, async () => {
        const statuses: (number | undefined)[] = [];
        const own = () => ({
          action: "respond",
          reason: "odd/answer",
          response: unsendable[kind]?.() as Response,
        } as const);
        const { gate, faults } = gateOf([
          { name: "odd", final: "decide", decide: () => isLate ? turn().then(own) : own() },
          { name: "log", settled: (_ctx, { status }) => void statuses.push(status) },
        ]);
        const server = await serve(gate.wrap(() => page()));
        try {
          for (let visit = 0; visit < 2; visit++) {
            const { status, headers, body } = await fetch(server.url);
            await body?.cancel();
            assert.deepEqual([status, headers.get("cache-control")], [503, "no-store"]);
          }
          await gate.idle();
          assert.deepEqual(statuses, [503, 503]);
          assert.equal(faults.length, 2);
        } finally {
          await server.close();
        }
      });
    }
  }

  test("ends no process where nobody can look at it, either", async () => {
    const { gate } = gateOf([waiting, cookie]);
    const odd = Object.defineProperty(page(), "headers", {
      get() {
        throw new Error("a getter of the application");
      },
    });
    const server = await serve(gate.wrap((_incoming: Request, ..._platform: never[]) => odd));
    try {
      for (let visit = 0; visit < 3; visit++) {
        const { status, body } = await fetch(server.url);
        await body?.cancel();
        if (deno !== undefined) assert.equal(status, visit === 0 ? 200 : 500);
      }
    } finally {
      await server.close();
    }
  });

  test("is handed on as it is where no server is known, for frameworks that understand it", async () => {
    const { gate } = gateOf([waiting]);
    const own = { data: 1 };
    assert.equal(await gate.wrap(() => own)(request()), own);
    assert.equal(await gate(request(), () => own, { remoteAddr: {}, completed: turn() }), own);
  });
});

describe("what cannot be looked at is sent as it is, and told", () => {
  const broken = () => {
    throw new Error("a getter of the application");
  };
  /** Of the platform's own class it is known that it keeps nothing; of this one it is not. */
  class OfAServer extends Response {}
  const ofAServer = () => new OfAServer("page");
  const odd: Readonly<Record<string, () => Response>> = {
    "a status": () => Object.defineProperty(page(), "status", { get: broken }),
    "headers": () => Object.defineProperty(page(), "headers", { get: broken }),
    "symbols": () =>
      new Proxy(ofAServer(), {
        ownKeys: broken,
        get: (target, name) => Reflect.get(target, name) as unknown,
      }),
    "what a server keeps": () => Object.defineProperty(ofAServer(), Symbol("cache"), { get: broken }),
  };
  for (const [what, make] of Object.entries(odd)) {
    test(what, () => {
      const { gate, faults } = gateOf([cookie]);
      const response = make();
      assert.equal(answered(gate(request(), () => response)), response);
      assert.deepEqual(
        faults.map(({ message, cause }) => [message, (cause as Error).message]),
        [["The application's response cannot be looked at", "a getter of the application"]],
      );
    });
  }
});
