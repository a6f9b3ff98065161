/** Who is to blame for a hook that ran out: what a visitor or a crowd can bring about is no outage. */

import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { failOpen, type GateError, type Plugin, requestBody, ServiceError } from "../../mod.ts";
import { hookWaiter } from "../../src/pipeline/hook-time.ts";
import { manualLoop } from "./async/_loop.ts";
import { admitted, gateOf, page, queued, request, turn } from "./_gates.ts";
import { serve } from "./_serve.ts";
import { steadily } from "../support/steadily.ts";

const never = () => new Promise<never>(() => {});

/** Waits, and for a turn of the loop: a timer may come before it. */
async function later(): Promise<void> {
  await turn(10);
  await turn(1);
}

/** Sends the head of a request and the beginning of its body, gives the status, and then what it sends after a while. */
function statusOf(port: number, text: string, later: string, afterMs: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(text);
      if (later !== "") setTimeout(() => socket.write(later), afterMs);
    });
    socket.on("data", (answer) => (resolve(String(answer).split(" ")[1]), socket.destroy()));
    socket.on("error", reject).on("close", () => resolve(undefined));
  });
}

const head = (length: number, more: string = "") =>
  `POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: ${length}\r\n${more}\r\n`;

describe("a hook that reads the visitor's body by itself, behind this platform's server", () => {
  const readers: Readonly<Record<string, Plugin["decide"]>> = {
    "of a clone": async (ctx) => (await ctx.request.clone().text()) === "a=1" ? queued : admitted,
    "of the request": async (ctx) => (await ctx.request.text()) === "a=1" ? queued : admitted,
    "piece by piece": async (ctx) => {
      for await (const _ of ctx.request.clone().body ?? []);
      return queued;
    },
  };
  for (const [what, decide = never] of Object.entries(readers)) {
    test(
      `admits nobody under failOpen() who sends it slowly: the text ${what}`,
      steadily(async () => {
        const reading: Plugin = { name: "reading", final: "decide", decide };
        const { gate, faults } = gateOf([requestBody({ timeoutMs: 60 }), failOpen(), reading], {
          hookTimeoutMs: 200,
        });
        let calls = 0;
        const server = await serve(gate.wrap(() => (calls++, page())));
        try {
          assert.equal(await statusOf(server.port, `${head(3)}a`, "", 0), "503");
          // A body in another coding tells the gate nothing either.
          assert.equal(
            await statusOf(server.port, `${head(3, "Content-Encoding: gzip\r\n")}a`, "", 0),
            "503",
          );
          const chunked = head(3).replace("Content-Length: 3", "Transfer-Encoding: chunked");
          assert.equal(await statusOf(server.port, `${chunked}1\r\na\r\n`, "", 0), "503");
          assert.deepEqual([calls, faults.map(({ code }) => code)], [0, Array(3).fill("overloaded")]);
          assert.match(
            faults[0]?.message ?? "",
            /reading, hook decide: did not answer within 200 ms, and the visitor's/,
          );
        } finally {
          await server.close();
        }
      }),
    );
  }

  test(
    "is waited for again once the body is there, however late in its time that was",
    steadily(async () => {
      for (const afterMs of [900, 1100]) {
        const slow: Plugin = {
          name: "slow",
          final: "decide",
          decide: async (ctx) => {
            const text = await ctx.request.clone().text();
            // Longer than what the visitor left of its time, and less than the whole of it.
            await turn(500);
            return text === "a=1" ? queued : admitted;
          },
        };
        const { gate, faults } = gateOf([failOpen(), slow], { hookTimeoutMs: 1000 });
        const server = await serve(gate.wrap(page));
        try {
          assert.equal(await statusOf(server.port, `${head(3)}a`, "=1", afterMs), "302");
          assert.deepEqual(faults, []);
        } finally {
          await server.close();
        }
      }
    }),
  );

  test(
    "is a timeout where the body was there and the hook hangs, and the application still has the body",
    steadily(async () => {
      const stuck: Plugin = {
        name: "stuck",
        decide: async (ctx) => (await ctx.request.clone().text(), await never()),
      };
      for (const plugin of [stuck, { name: "stuck", decide: never }]) {
        const { gate, faults } = gateOf([failOpen(), plugin], { hookTimeoutMs: 600 });
        const server = await serve(gate.wrap(async (request: Request) => new Response(await request.text())));
        try {
          const answer = await fetch(server.url, { method: "POST", body: "a=1" });
          assert.deepEqual([answer.status, await answer.text(), faults.map(String)], [200, "a=1", [
            `HookError: Plugin stuck, hook decide: did not answer within 600 ms`,
          ]]);
          assert.deepEqual(faults.map(({ code }) => code), ["timeout"]);
        } finally {
          await server.close();
        }
      }
    }),
  );
});

describe("a hook that asks a service by itself", () => {
  /** A gate whose hook ends when the test says so, by the path of the request. */
  function asking() {
    const asked = new Map<string, PromiseWithResolvers<typeof admitted>>();
    const own: Plugin = {
      name: "own",
      final: "decide",
      decide(ctx) {
        const answer = Promise.withResolvers<typeof admitted>();
        asked.set(ctx.path, answer);
        return answer.promise;
      },
    };
    const { gate, faults } = gateOf([failOpen(), own], { hookTimeoutMs: 300 });
    const ask = async (path: string) => (await gate(request(path), page)).status;
    return { ask, asked, faults, codes: () => faults.map(({ code }: GateError) => code) };
  }

  test(
    "is overloaded where it ended for another visitor meanwhile",
    steadily(async () => {
      const { ask, asked, faults, codes } = asking();
      const before = ask("/before");
      const hung = ask("/hung");
      await later();
      asked.get("/before")?.resolve(admitted);
      assert.deepEqual([await before, await hung, codes()], [200, 503, ["overloaded"]]);
      assert.match(
        faults[0]?.message ?? "",
        /own, hook decide: did not answer within 300 ms, while it answered others$/,
      );
    }),
  );

  test(
    "is overloaded where it refused another visitor meanwhile, and where an answer came that nobody waited for",
    steadily(async () => {
      for (const code of ["throttled", "rejected", "unidentified", "malformed"] as const) {
        const { ask, asked, codes } = asking();
        const [refused, hung] = [ask("/refused"), ask("/hung")];
        await later();
        asked.get("/refused")?.reject(new ServiceError(code, "no"));
        await refused;
        assert.deepEqual([await hung, codes()], [503, [code, "overloaded"]]);
      }
      const { ask, asked, codes } = asking();
      const first = ask("/late");
      await turn(150);
      const second = ask("/hung");
      assert.equal(await first, 200);
      asked.get("/late")?.resolve(admitted);
      assert.deepEqual([await second, codes()], [503, ["timeout", "overloaded"]]);
    }),
  );

  test(
    "is a timeout where it ended for nobody, failed for others, or ended before",
    steadily(async () => {
      const { ask, asked, codes } = asking();
      const before = ask("/before");
      await later();
      asked.get("/before")?.resolve(admitted);
      await before;
      const [failed, unreachable, hung] = [ask("/failed"), ask("/unreachable"), ask("/hung")];
      await later();
      asked.get("/failed")?.reject(new Error("broken"));
      asked.get("/unreachable")?.reject(new ServiceError("unreachable", "down"));
      assert.deepEqual([await failed, await unreachable, await hung], [200, 200, 200]);
      assert.deepEqual(codes(), ["internal", "unreachable", "timeout"]);
    }),
  );

  test(
    "is a timeout where another hook ended, or the same one without asking anybody",
    steadily(async () => {
      const both: Plugin = {
        name: "own",
        prepare: () => turn(5),
        decide: async (ctx) => ctx.path === "/hung" ? await never() : admitted,
      };
      const { gate, faults } = gateOf([failOpen(), both], { hookTimeoutMs: 300 });
      const hung = gate(request("/hung"), page);
      await later();
      for (let count = 0; count < 5; count++) assert.equal((await gate(request("/"), page)).status, 200);
      assert.deepEqual([(await hung).status, faults.map(({ code }) => code)], [200, ["timeout"]]);
    }),
  );
});

describe("hookWaiter()", () => {
  /** A hook that never ends, of a visit whose body takes as long as the test says. */
  function hanging(asksAtMs: number, bodyTakesMs: number, complete: boolean = true) {
    const loop = manualLoop();
    const begun = loop.now();
    const { promise, resolve } = Promise.withResolvers<{ text: string; complete: boolean }>();
    const since = begun + asksAtMs;
    const visit = {
      body: () => promise,
      isBodyAsked: true,
      get bodyMs() {
        return Math.max(0, Math.min(loop.now() - since, bodyTakesMs));
      },
    };
    let failure: unknown;
    let afterMs = 0;
    hookWaiter(400, loop)("decide 0", never(), visit).catch((cause: unknown) => {
      failure = cause;
      afterMs = loop.now() - begun;
    });
    return {
      async run(): Promise<readonly [code: unknown, afterMs: number]> {
        for (let step = 0; step < 400 && failure === undefined; step++) {
          loop.pass(5);
          if (loop.now() >= since + bodyTakesMs) resolve({ text: "", complete });
          loop.look(1);
          await Promise.resolve();
          for (let microtask = 0; microtask < 5; microtask++) await Promise.resolve();
        }
        assert.equal(loop.waiting, 0);
        return [failure instanceof ServiceError ? failure.code : failure, afterMs];
      },
    };
  }

  const cases: readonly [asksAtMs: number, bodyTakesMs: number, complete: boolean, code: string][] = [
    [0, 0, true, "timeout"],
    [0, 100, true, "timeout"],
    [0, 390, true, "timeout"],
    [0, 1000, true, "timeout"],
    [200, 100, true, "timeout"],
    [390, 600, true, "timeout"],
    [0, 300, false, "overloaded"],
    [200, 1000, false, "overloaded"],
  ];
  for (const [asksAtMs, bodyTakesMs, complete, code] of cases) {
    const what = `asks for the body after ${asksAtMs} ms, which takes ${bodyTakesMs} ms`;
    test(`it gives a hook that ${what}, its time in all and no more`, async () => {
      const [said, afterMs] = await hanging(asksAtMs, bodyTakesMs, complete).run();
      assert.equal(said, code);
      // The turns at the end, in which the loop of the test takes some steps, are no more than that.
      assert.ok(afterMs >= 400 + bodyTakesMs && afterMs <= 400 + bodyTakesMs + 100, `${afterMs} ms`);
    });
  }

  test("it leaves no timer and no turn behind a hook that ended", async () => {
    const loop = manualLoop();
    const visit = { body: () => assert.fail("nobody asked"), isBodyAsked: false, bodyMs: 0 };
    assert.equal(await hookWaiter(400, loop)("decide 0", Promise.resolve(1), visit), 1);
    await assert.rejects(hookWaiter(400, loop)("decide 0", Promise.reject(new Error("no")), visit), /no/);
    assert.equal(loop.waiting, 0);
  });
});
