import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import {
  type Begun,
  type Decision,
  type HeaderChange,
  HookError,
  type Mode,
  type Outcome,
  type Passage,
  type Plugin,
} from "../../mod.ts";
import {
  admitted,
  answered,
  bypassed,
  gateOf,
  opening,
  page,
  provider,
  queued,
  rejected,
  request,
  turn,
  untyped,
} from "./_gates.ts";

/** A passage that is known to be one, and to be no promise. */
function passage(begun: Begun | Promise<Begun>): Passage {
  assert.ok(!(begun instanceof Promise), "the gate gave a promise where it could have answered");
  assert.equal(begun.answer, undefined);
  // What has no answer is a passage.
  return begun as Passage;
}

/** What the visitor gets whose page is changed by whoever writes it. */
function applied(given: HeadersInit, changes: readonly HeaderChange[]): Headers {
  const headers = new Headers(given);
  for (const [name, value] of changes) {
    if (name === "set-cookie" || name === "vary") headers.append(name, value);
    else headers.set(name, value);
  }
  return headers;
}

/** Keeps what is told of requests, without the time that they took. */
function log(outcomes: Omit<Outcome, "durationMs">[]): Plugin {
  return {
    name: "log",
    settled(_ctx, { durationMs: _durationMs, ...outcome }) {
      outcomes.push(outcome);
    },
  };
}

const cookies: Plugin = {
  name: "cookies",
  headers: () => [["Set-Cookie", "a=1"], ["x-seen", "first"], ["vary", "accept"], ["x-seen", "last"], [
    "set-cookie",
    "b=2",
  ]],
};
const broken: Plugin = { name: "broken", decide: () => Promise.reject(new Error("down")) };
const late: Plugin = { name: "late", prepare: () => turn() };
const uninterested: Plugin = { name: "uninterested", match: () => false };

describe("gate.begin() goes the way of gate()", () => {
  const pipelines: Readonly<Record<string, readonly Plugin[]>> = {
    "admits": [provider(admitted)],
    "bypasses": [provider(bypassed)],
    "does not concern it": [uninterested, provider(queued)],
    "queues": [provider(queued)],
    "turns down": [provider(rejected)],
    "fails and opens": [opening, broken],
    "fails and closes": [broken],
    "is late": [late, provider(admitted)],
    "is late and queues": [late, provider(queued)],
  };
  const pages: readonly [status: number, headers: HeadersInit][] = [
    [200, {}],
    [200, { "cache-control": "public, max-age=60", "cdn-cache-control": "max-age=60", vary: "origin" }],
    [200, { "cache-control": "no-store", "x-seen": "own" }],
    [500, { expires: "Thu, 01 Jan 2099 00:00:00 GMT" }],
    [304, { etag: '"1"' }],
    [200, [["set-cookie", "own=1"], ["set-cookie", "own=2"]]],
  ];

  for (const mode of ["enforce", "report", "off"] satisfies Mode[]) {
    for (const [what, plugins] of Object.entries(pipelines)) {
      test(`${mode}, and it ${what}`, async () => {
        for (const [status, given] of pages) {
          const seen: Omit<Outcome, "durationMs">[][] = [[], []];
          const [one, two] = seen.map((outcomes) => gateOf([log(outcomes), cookies, ...plugins], { mode }));
          assert.ok(one && two);
          const response = await one.gate(
            request(),
            () => new Response(null, { status, headers: given }),
          );
          const begun = await two.gate.begin(request());
          const headers = begun.answer?.headers ?? applied(
            given,
            // What has no answer is a passage.
            (begun as Passage).finish(status, () => new Headers(given)),
          );
          assert.equal(begun.answer?.status ?? status, response.status);
          assert.deepEqual([...headers], [...response.headers]);
          await Promise.all([one.gate.idle(), two.gate.idle(), turn()]);
          assert.deepEqual(seen[1], seen[0]);
          assert.deepEqual(two.faults.map(String), one.faults.map(String));
        }
      });
    }
  }

  test("what cannot be read, and foreign hosts, are turned down", async () => {
    const { gate } = gateOf([], { publicHosts: ["a.example", "b.example"] });
    for (const [url, status] of [["https://c.example/", 421], ["https://a.example/x/..%2fy", 400]] as const) {
      const { answer } = await gate.begin(new Request(url));
      assert.equal(answer?.status, status);
    }
  });

  test("it takes the address from the platform's arguments, and calls mode with the request", () => {
    const asked: unknown[] = [];
    const look: Plugin = { name: "look", prepare: (ctx) => void asked.push(ctx.platform.peerAddress) };
    const given = request();
    const { gate } = gateOf([look], { mode: (each) => (asked.push(each), "enforce") });
    passage(gate.begin(given, { remoteAddr: { transport: "tcp", hostname: "192.0.2.1" } }));
    assert.deepEqual(asked, [given, "192.0.2.1"]);
  });
});

describe("a passage", () => {
  test("tells what was decided and what the plugins found; nothing while the gate is off", () => {
    const table: readonly [mode: Mode, decision: Decision, hasContext: boolean][] = [
      ["enforce", admitted, true],
      ["report", queued, true],
      ["off", { action: "bypass", reason: "gate/off" }, false],
    ];
    for (const [mode, decision, hasContext] of table) {
      const { gate } = gateOf([provider(decision)], { mode });
      const given = request();
      const { ctx, ...begun } = passage(gate.begin(given));
      assert.deepEqual(begun.decision, decision);
      assert.equal(ctx?.request, hasContext ? given : undefined);
    }
  });

  test("finish() shows hooks the status and the headers, which are made once, and only if one looks", () => {
    const seen: unknown[] = [];
    let made = 0;
    const headers = () => (made++, new Headers({ "cache-control": "public" }));
    const looks: Plugin = {
      name: "looks",
      headers(_ctx, response, { status }) {
        seen.push([status, response?.status, response?.ok, response?.headers.get("cache-control")]);
        return undefined;
      },
    };
    passage(gateOf([looks, looks]).gate.begin(request())).finish(404, headers);
    assert.deepEqual(seen, Array(2).fill([404, 404, false, "public"]));
    assert.equal(made, 1);
    const plain: Plugin = { name: "plain", headers: () => [["x-plain", "yes"]] };
    assert.deepEqual(passage(gateOf([plain]).gate.begin(request())).finish(200, headers), [[
      "x-plain",
      "yes",
    ]]);
    passage(gateOf([]).gate.begin(request())).finish(200, headers);
    assert.equal(made, 1);
  });

  test("shows hooks a page without a body, which can be looked at as every other", async () => {
    const pages: Response[] = [];
    const keeps: Plugin = {
      name: "keeps",
      headers: (_ctx, response) => void (response && pages.push(response)),
    };
    passage(gateOf([keeps]).gate.begin(request())).finish(201, new Headers({ "x-own": "1" }));
    const [given] = pages;
    assert.ok(given);
    const copy = given.clone();
    copy.headers.set("x-own", "2");
    assert.equal(given.headers.get("x-own"), "1");
    assert.deepEqual([copy.status, copy.body, copy.bodyUsed, await copy.text()], [201, null, false, ""]);
    assert.equal((await given.arrayBuffer()).byteLength + (await given.blob()).size, 0);
    assert.equal((await given.bytes()).length, 0);
    await assert.rejects(given.json());
    await assert.rejects(given.formData());
  });

  test("finish() counts once", async () => {
    const outcomes: Omit<Outcome, "durationMs">[] = [];
    const { gate } = gateOf([log(outcomes), cookies]);
    const begun = passage(gate.begin(request()));
    assert.ok(begun.finish(200, new Headers()).length > 0);
    assert.deepEqual(begun.finish(500, new Headers()), []);
    begun.failed();
    begun.left();
    await turn();
    assert.deepEqual(outcomes.map(({ status, threw }) => [status, threw]), [[200, false]]);
  });

  test("settled hooks run after finish() has returned", async () => {
    const order: string[] = [];
    const { gate } = gateOf([{ name: "late", settled: () => void order.push("settled") }]);
    passage(gate.begin(request())).finish(200, new Headers());
    order.push("finished");
    await turn();
    assert.deepEqual(order, ["finished", "settled"]);
  });

  test("failed() and left() are told once; an error page that comes afterwards gets its headers all the same", async () => {
    for (const [end, threw] of [["failed", true], ["left", false]] as const) {
      const outcomes: Omit<Outcome, "durationMs">[] = [];
      const { gate } = gateOf([log(outcomes), cookies]);
      const begun = passage(gate.begin(request()));
      begun[end]();
      begun[end]();
      const headers = applied({}, begun.finish(500, new Headers()));
      assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2"]);
      assert.equal(headers.get("cache-control"), "private");
      await turn();
      assert.deepEqual(
        outcomes.map(({ status, served, threw }) => [status, served, threw]),
        [[undefined, true, threw]],
      );
    }
  });

  test("one that nobody ends leaves nothing behind", async () => {
    const { gate } = gateOf([{ name: "late", settled: () => assert.fail() }]);
    passage(gate.begin(request()));
    await gate.idle();
    assert.deepEqual([gate.health().pending, gate.errors], [0, 0]);
  });

  test("a change that cannot be written is reported and left out", () => {
    const odd: Plugin = {
      name: "odd",
      headers: () => [["x-break", "a\r\nb: c"], ["x wrong", "1"], ["x-wide", "€"], ["x-nul", "\0"], [
        "X-Fine",
        "é",
      ]],
    };
    const { gate, faults } = gateOf([odd]);
    assert.deepEqual(passage(gate.begin(request())).finish(200, new Headers()), [["x-fine", "é"]]);
    assert.deepEqual(
      faults.map(({ message }) => message),
      ["x-break", "x wrong", "x-wide", "x-nul"].map((name) => `The header "${name}" cannot be sent`),
    );
  });

  test("headers that cannot be made, and hooks that throw, are reported, and the page goes on", () => {
    const looks: Plugin = { name: "looks", headers: (_ctx, response) => [["x-is", `${response?.ok}`]] };
    const throws: Plugin = {
      name: "throws",
      headers() {
        throw new Error("broken");
      },
    };
    const { gate, faults } = gateOf([throws, looks]);
    assert.deepEqual(passage(gate.begin(request())).finish(200, new Headers()), [["x-is", "true"]]);
    assert.ok(faults[0] instanceof HookError);
    const cookie = gateOf([cookies]);
    const begun = passage(cookie.gate.begin(request()));
    assert.deepEqual(
      begun.finish(200, () => {
        throw new Error("no headers");
      }),
      [],
    );
    assert.match(cookie.faults[0]?.message ?? "", /cannot be looked at/);
  });
});

test("gate.begin() refuses what is no request", () => {
  const { gate } = gateOf([]);
  assert.throws(() => gate.begin(untyped("/")), {
    name: "TypeError",
    message: /must be a Request, received/,
  });
});

test("gate.begin() takes an object that has what is asked of a request", async () => {
  const { url, headers, method } = request("/tickets", { headers: { cookie: "a=1" } });
  const seen: unknown[] = [];
  const look: Plugin = {
    name: "look",
    prepare: (ctx) => void seen.push(ctx.path, ctx.request.headers.get("cookie"), ctx.body()),
  };
  const view = untyped<Request>({ url, headers, method, body: null, bodyUsed: false });
  assert.equal((await gateOf([look]).gate.begin(view)).answer, undefined);
  assert.deepEqual(seen, ["/tickets", "a=1", { text: "", complete: true }]);
});

test("gate() and gate.begin() give no promise where no hook does", () => {
  const { gate } = gateOf([cookies]);
  assert.equal(answered(gate(request(), page)).status, 200);
  assert.equal(passage(gate.begin(request())).answer, undefined);
});
