import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { createGate, HookError, type Plugin } from "../../mod.ts";
import {
  admitted,
  answered,
  closing,
  gateOf,
  page,
  provider,
  queued,
  request,
  turn,
  untyped,
} from "./_gates.ts";

/** A plugin that writes down each of its hooks and leaves every choice to the next. */
function spy(name: string, log: string[], delayed: boolean = false): Plugin {
  const write = (hook: string) => {
    log.push(`${hook} ${name}`);
    return delayed ? turn().then(() => undefined) : undefined;
  };
  return {
    name,
    match: () => (log.push(`match ${name}`), true),
    prepare: () => write("prepare"),
    decide: () => write("decide"),
    recover: () => (log.push(`recover ${name}`), undefined),
    respond: () => write("respond"),
    headers: () => (log.push(`headers ${name}`), undefined),
    settled: () => write("settled"),
  };
}

const inOrder = {
  admitted: [
    ..."match a,match b,prepare a,prepare b,decide a,decide b,page,headers a,headers b".split(","),
    ..."settled a,settled b".split(","),
  ],
  refused: [
    ..."match a,match b,prepare a,prepare b,decide a,decide b,respond a,respond b,headers a,headers b".split(
      ",",
    ),
    ..."settled a,settled b".split(","),
  ],
};

describe("the order of the pipeline", () => {
  for (const delayed of [false, true]) {
    const how = delayed ? "asynchronous" : "synchronous";

    test(`createGate() runs ${how} hooks by name, then in the order of the plugins, around the page`, async () => {
      const log: string[] = [];
      const { gate } = gateOf([spy("a", log, delayed), spy("b", log, delayed)]);
      await gate(request(), () => (log.push("page"), page()));
      await gate.idle();
      assert.deepEqual(log, inOrder.admitted);
    });

    test(`createGate() runs ${how} hooks in order for who is refused, without the page`, async () => {
      const log: string[] = [];
      const { gate } = gateOf([spy("a", log, delayed), spy("b", log, delayed), provider(queued)]);
      const response = await gate(request(), () => (log.push("page"), page()));
      await gate.idle();
      assert.deepEqual(log, inOrder.refused);
      assert.equal(response.headers.get("location"), queued.action === "queue" ? queued.location : "");
    });
  }

  test("createGate() runs synchronous and asynchronous plugins mixed in the order given", async () => {
    const log: string[] = [];
    const { gate } = gateOf([spy("a", log, true), spy("b", log), spy("c", log, true)]);
    await gate(request(), page);
    assert.deepEqual(log.filter((line) => line.startsWith("decide")), ["decide a", "decide b", "decide c"]);
  });

  test("createGate() calls hooks with their plugin as `this`", () => {
    class Doorman {
      readonly name = "doorman";
      readonly #reason = "doorman/known";
      decide() {
        return { action: "admit", reason: this.#reason } as const;
      }
      recover() {
        return undefined;
      }
    }
    const gate = createGate({ plugins: [untyped<Plugin>(new Doorman())] });
    assert.equal(answered(gate(request(), page)).status, 200);
  });
});

describe("the rules of combination", () => {
  test("match: one false bypasses all that follows, and nothing else runs", async () => {
    const log: string[] = [];
    const { gate } = gateOf([{ name: "static", match: () => false }, spy("a", log)]);
    const kept = page();
    assert.equal(gate(request(), () => kept), kept);
    await gate.idle();
    assert.deepEqual(log, []);
  });

  test("match: the plugins before the one that says false were asked", () => {
    const log: string[] = [];
    const { gate } = gateOf([spy("a", log), { name: "static", match: () => false }, spy("b", log)]);
    gate(request(), page);
    assert.deepEqual(log, ["match a"]);
  });

  test("match: only false bypasses, whatever an untyped plugin returns", () => {
    for (const said of [undefined, null, 0, "", "false", Promise.resolve(false)]) {
      const { gate } = gateOf([{ name: "vague", match: () => untyped<boolean>(said) }, provider(queued)]);
      assert.equal(answered(gate(request(), page)).status, 302, String(said));
    }
  });

  test("match: one that throws protects the request and is reported", () => {
    const broken: Plugin = {
      name: "broken",
      match() {
        throw new Error("no idea");
      },
    };
    const { gate, faults } = gateOf([broken, provider(queued)]);
    assert.equal(answered(gate(request(), page)).status, 302);
    assert.deepEqual(faults.map((fault) => fault instanceof HookError && fault.hook), ["match"]);
  });

  test("match: a later false still bypasses after one that threw", () => {
    const broken: Plugin = {
      name: "broken",
      match() {
        throw new Error("no idea");
      },
    };
    const { gate } = gateOf([broken, { name: "static", match: () => false }, provider(queued)]);
    assert.equal(answered(gate(request(), page)).status, 200);
  });

  test("decide: the first decision wins and the plugins after it are not asked", async () => {
    for (const later of [false, true]) {
      const log: string[] = [];
      const first: Plugin = { name: "first", decide: () => later ? turn().then(() => queued) : queued };
      const { gate } = gateOf([first, spy("a", log), provider(admitted)]);
      assert.equal((await gate(request(), page)).status, 302);
      assert.deepEqual(log.filter((line) => line.startsWith("decide")), []);
    }
  });

  test("respond: the first response wins and the plugins after it are not asked", async () => {
    for (const later of [false, true]) {
      const log: string[] = [];
      const json = () => Response.json({ wait: true }, { status: 429 });
      const first: Plugin = { name: "json", respond: () => later ? turn().then(json) : json() };
      const { gate } = gateOf([first, spy("a", log), provider(queued)]);
      const response = await gate(request(), page);
      assert.equal(response.status, 429);
      assert.deepEqual(await response.json(), { wait: true });
      assert.deepEqual(log.filter((line) => line.startsWith("respond")), []);
    }
  });

  test("respond: it is told the refusal, and an admitted visitor never gets there", () => {
    const told: unknown[] = [];
    const listening: Plugin = { name: "listening", respond: (_ctx, refusal) => void told.push(refusal) };
    gateOf([listening, provider(queued)]).gate(request(), page);
    gateOf([listening, provider(admitted)]).gate(request(), page);
    assert.deepEqual(told, [queued]);
  });

  test("headers: every one runs, and each sees the same response", () => {
    const seen: unknown[] = [];
    const looking = (name: string): Plugin => ({
      name,
      headers: (_ctx, response) => (seen.push(response), [[`x-${name}`, "1"]]),
    });
    const original = page();
    const { gate } = gateOf([looking("a"), looking("b")]);
    const response = answered(gate(request(), () => original));
    assert.deepEqual(seen, [original, original]);
    assert.equal(response.headers.get("x-a"), "1");
    assert.equal(response.headers.get("x-b"), "1");
  });
});

describe("the gate as a value", () => {
  test("gate.plan tells each hook with its plugins in order", () => {
    const log: string[] = [];
    const gate = createGate({ plugins: [spy("a", log), closing, provider(admitted)] });
    assert.deepEqual(gate.plan, [
      { hook: "match", plugins: ["a"] },
      { hook: "prepare", plugins: ["a"] },
      { hook: "decide", plugins: ["a", "provider"] },
      { hook: "recover", plugins: ["a", "closing"] },
      { hook: "respond", plugins: ["a"] },
      { hook: "headers", plugins: ["a"] },
      { hook: "settled", plugins: ["a"] },
    ]);
    assert.deepEqual(log, []);
  });

  test("gate.wrap() hands the platform's arguments on to the handler", () => {
    const { gate } = gateOf([]);
    const seen: unknown[] = [];
    const handler = gate.wrap((
      _request: Request,
      ...rest: readonly unknown[]
    ) => (seen.push(...rest), page()));
    const env = { KEY: 1 };
    const context = { waitUntil() {}, passThroughOnException() {} };
    handler(request(), env, context);
    assert.equal(seen[0], env);
    assert.equal(seen[1], context);
  });

  test("gate.wrap() refuses what is no function", () => {
    const { gate } = gateOf([]);
    assert.throws(() => gate.wrap(untyped<() => Response>("page")), {
      name: "TypeError",
      message: 'Cannot wrap handler: it must be a function, received "page"',
    });
  });

  test("createGate() is not changed by what happens to the list of plugins later", async () => {
    const plugins = [closing, provider(queued)];
    const gate = createGate({ plugins });
    plugins[1] = provider(admitted);
    assert.equal(answered(gate(request(), page)).status, 302);
    assert.equal((await gate.explain(request())).decision.action, "queue");
  });

  test("one gate protects several applications", async () => {
    const { gate } = gateOf([]);
    const shop = gate.wrap(() => new Response("shop"));
    const blog = gate.wrap(() => new Response("blog"));
    assert.equal(await answered(shop(request())).text(), "shop");
    assert.equal(await answered(blog(request())).text(), "blog");
  });
});
