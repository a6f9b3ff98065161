import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import type { TokenStore } from "../../../src/tokens.ts";
import { storeOf } from "../../support/store-of.ts";
import { type MockApi, type Reply, startMockApi } from "../../support/mock-api.ts";
import {
  type Bench,
  benchOf,
  hybridBench,
  json,
  other,
  privateKey,
  promoted,
  publicKey,
  room,
  saidBy,
  site,
  token,
} from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

const timeoutMs = 250;
const wait = "https://wait.crowdhandler.com";
let api: MockApi;

before(async () => {
  api = await startMockApi();
});

after(() => api.close());

/** What nobody may read in a log. */
const secrets = [
  token,
  other,
  publicKey,
  privateKey,
  "198.51.100.23",
  "shop.example.com",
  "/tickets",
  "127.0.0.1",
];

function assertDiscreet(bench: Bench): void {
  for (const error of bench.errors) {
    const said = saidBy(error);
    for (const secret of secrets) assert.ok(!said.includes(secret), `${secret} in ${said}`);
  }
}

/** What never comes is waited for briefly; what comes has all the time that a busy machine takes. */
const patienceOf = (code: string) => code === "timeout" ? timeoutMs : 4000;

/** Visits with and without a token, trusted and not; each time the same failure must be told. */
async function assertFails(code: string, options: { fetch?: typeof fetch; apiUrl?: string }): Promise<void> {
  for (const mode of ["full", "hybrid"] as const) {
    for (const policy of ["open", "closed"] as const) {
      const make = mode === "full" ? benchOf : hybridBench;
      // Nothing that a crowd can bring about admits unless it is named.
      const bench = make({
        address: "203.0.113.9",
        policy: policy === "open" ? { throttled: "admit" } : policy,
        options: { timeoutMs: patienceOf(code), ...options },
      });
      for (const cookie of ["", `crowdhandler=${token}`]) {
        const visit = await Promise.race([
          bench.visit("/tickets?a=1", {
            cookie,
            headers: { "x-real-ip": "198.51.100.23", "user-agent": "Mozilla" },
          }),
          new Promise<never>((_, reject) =>
            setTimeout(() => reject(new Error("the visitor waits")), 5000).unref?.()
          ),
        ]);
        assert.equal(visit.decision?.action, policy === "open" ? "admit" : "queue");
        assert.equal(visit.served, policy === "open");
        assert.deepEqual(visit.cookies, {});
        if (policy === "open") continue;
        const url = new URL(visit.location);
        assert.equal(url.searchParams.get("url"), `${site}/tickets?a=1`);
        assert.equal(url.searchParams.get("ch-public-key"), publicKey);
        assert.equal(url.searchParams.get("ch-id"), cookie === "" ? null : token);
      }
      assert.deepEqual(bench.errors.map((error) => error.code), [code, code], mode);
      assertDiscreet(bench);
    }
  }
}

describe("crowdhandler() fails with the cause when the API", () => {
  const replies: [string, Reply, string][] = [
    ["never answers", { fault: "timeout" }, "timeout"],
    ["stops within its answer", { json: { result: promoted }, fault: "stall-body" }, "timeout"],
    [
      "answers in crumbs",
      { json: { result: promoted }, fault: "trickle", chunks: 10, everyMs: 30 },
      "timeout",
    ],
    ["resets the connection", { fault: "reset" }, "unreachable"],
    ["answers less than it promises", { json: { result: promoted }, fault: "truncated" }, "unreachable"],
    ["answers with HTTP 302", { status: 302, headers: { location: `${wait}/` } }, "unreachable"],
    ["answers with HTTP 401", { status: 401, json: { error: `Invalid key ${publicKey}` } }, "rejected"],
    ["answers with HTTP 403 and HTML", { status: 403, text: "<html>" }, "rejected"],
    ["answers with HTTP 429", { status: 429, json: { result: promoted } }, "throttled"],
    ["answers with HTTP 500", { status: 500, json: { result: promoted } }, "unreachable"],
    ["answers with HTTP 503", { status: 503 }, "unreachable"],
    ["answers with nothing", { status: 204 }, "malformed"],
    ["answers without result", { json: { promoted: 1 } }, "malformed"],
    ["answers without promoted", { json: { result: { token } } }, "malformed"],
    ["answers with HTML", { text: "<html>promoted: 1" }, "malformed"],
    [
      "answers with 64 KB and a byte",
      { text: `{"result":{"promoted":1}}${" ".repeat(65_536 - 24)}` },
      "malformed",
    ],
  ];
  for (const [what, reply, code] of replies) {
    test(
      `crowdhandler() fails with ${code} when the API ${what}`,
      steadily(async () => {
        const scripted = api.open({ requests: reply, rooms: { json: { result: [room] } } });
        await assertFails(code, { apiUrl: scripted.url, fetch: globalThis.fetch });
      }),
    );
  }

  test("crowdhandler() fails with unreachable when nobody listens", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await assertFails("unreachable", { apiUrl: `http://127.0.0.1:${port}`, fetch: globalThis.fetch });
  });
});

describe("crowdhandler() takes a body of 64 KB", () => {
  test("crowdhandler() takes a body of exactly 64 KB, with a byte-order mark", async () => {
    const text = `\ufeff{"result":{"promoted":1}}`;
    const bytes = new TextEncoder().encode(text).length;
    const body = text + " ".repeat(65_536 - bytes);
    const bench = benchOf({ answers: { requests: () => new Response(body) } });
    assert.equal((await bench.visit("/a")).decision?.reason, "crowdhandler/unprotected");
    assert.deepEqual(bench.errors, []);
  });
});

describe("crowdhandler() fails with the cause when fetch", () => {
  const leaking = new Error(`connect 198.51.100.23 ${site}/tickets?ch-id=${token}`);
  const coded = Object.assign(new TypeError(`fetch failed for ${token}`), {
    cause: Object.assign(leaking, { code: "ECONNREFUSED" }),
  });
  const isRooms = (input: unknown) => String(input).endsWith("/rooms");
  const fetches: [string, () => unknown, string][] = [
    ["throws at once", () => {
      throw leaking;
    }, "unreachable"],
    ["throws a token", () => {
      throw token;
    }, "unreachable"],
    ["rejects with a nested cause", () => Promise.reject(coded), "unreachable"],
    ["rejects with nothing", () => Promise.reject(), "unreachable"],
    [
      "has a name that tells",
      () => Promise.reject(Object.assign(new Error(), { name: token })),
      "unreachable",
    ],
    ["never answers and ignores its signal", () => new Promise(() => {}), "timeout"],
    [
      "answers with a body that never ends and ignores the signal",
      () => new Response(new ReadableStream({ start() {} })),
      "timeout",
    ],
    ["gives nothing", () => undefined, "unreachable"],
    ["gives a number", () => 5, "unreachable"],
    ["gives an object", () => ({ status: 200 }), "malformed"],
    ["gives an opaque redirect", () => Response.error(), "unreachable"],
    ["gives a response without body", () => new Response(null, { status: 200 }), "malformed"],
    ["gives a body that was read", () => {
      const response = json(promoted);
      response.body?.getReader();
      return response;
    }, "unreachable"],
    ["gives a refusal whose body was read", () => {
      const response = new Response("x", { status: 500 });
      response.body?.getReader();
      return response;
    }, "unreachable"],
    ["gives a body that breaks", () =>
      new Response(
        new ReadableStream({
          pull: () => {
            throw leaking;
          },
        }),
      ), "unreachable"],
  ];
  for (const [what, answer, code] of fetches) {
    test(
      `crowdhandler() fails with ${code} when fetch ${what}`,
      steadily(async () => {
        // A fetch of the application's own need not keep its contract.
        const fetch = ((input: unknown) =>
          isRooms(input) ? Promise.resolve(json([room])) : answer()) as never;
        await assertFails(code, { fetch });
      }),
    );
  }

  test("crowdhandler() cancels the body of a fetch that ignores its signal", async () => {
    const cancelled = new Promise<void>((resolve) => {
      const fetch = () => Promise.resolve(new Response(new ReadableStream({ cancel: () => resolve() })));
      void benchOf({ options: { timeoutMs, fetch } }).visit("/a");
    });
    await cancelled;
  });

  test(
    "crowdhandler() aborts the call at the timeout",
    steadily(async () => {
      const bench = benchOf({ options: { timeoutMs }, answers: { requests: () => new Promise(() => {}) } });
      await bench.visit("/a");
      assert.equal(bench.calls[0]?.signal.aborted, true);
      assert.equal(bench.calls.length, 1, "nothing is tried again");
    }),
  );
});

test("crowdhandler() follows no redirect of the API", async () => {
  const bench = hybridBench({ options: { performance: { sample: 1 } } });
  await bench.visit("/tickets");
  assert.deepEqual(bench.calls.map(({ method, redirect }) => [method, redirect]), [
    ["GET", "manual"],
    ["POST", "manual"],
    ["PUT", "manual"],
  ]);
});

test("crowdhandler() says what a refusal complains of, without what is secret", async () => {
  const table: [unknown, string][] = [
    [{ error: "The url is required" }, ": The url is required"],
    [{ message: "Invalid API key." }, ": Invalid API key."],
    [{ error: `Key ${publicKey} of ${site} from 198.51.100.23 (${token})` }, ": Key … of … from … …"],
    [{ error: "token tokabc is unknown" }, ": token … is unknown"],
    [{ error: { code: 5 } }, ""],
    [[], ""],
    [null, ""],
  ];
  for (const [body, said] of table) {
    const requests = () => Response.json(body, { status: 400 });
    const bench = benchOf({ address: "203.0.113.9", answers: { requests } });
    await bench.visit("/a", { headers: { "user-agent": "Mozilla" } });
    assert.equal(
      bench.errors[0]?.message,
      `Plugin crowdhandler, hook decide: POST /v1/requests was answered with HTTP 400${said}`,
    );
  }
  const inside = benchOf({ answers: { requests: { error: "No such domain", promoted: null } } });
  await inside.visit("/a");
  assert.match(
    inside.errors[0]?.message ?? "",
    /answered with an unusable result\.promoted: No such domain$/,
  );
});

test("crowdhandler() ignores an error beside a valid promoted", async () => {
  const bench = benchOf({ answers: { requests: { ...promoted, error: "something" } } });
  assert.equal((await bench.visit("/a")).decision?.reason, "crowdhandler/promoted");
});

test("crowdhandler() lets each cause have its own policy", async () => {
  const requests = (status: number) => () => new Response(null, { status });
  const policy = { rejected: "reject", throttled: "queue" } as const;
  const actions: Record<number, string> = {};
  for (const status of [401, 429, 500]) {
    const bench = benchOf({ policy, answers: { requests: requests(status) } });
    actions[status] = (await bench.visit("/a")).decision?.action ?? "";
  }
  assert.deepEqual(actions, { 401: "reject", 429: "queue", 500: "admit" });
});

test("crowdhandler() names the fallback room, the matched room before it, or the bare host", async () => {
  const requests = () => new Response(null, { status: 500 });
  const options = { fallbackSlug: "safety-net" };
  const table: [Bench, string][] = [
    [benchOf({ policy: "closed", answers: { requests } }), `${wait}/?url=`],
    [benchOf({ policy: "closed", answers: { requests }, options }), `${wait}/safety-net?url=`],
    [hybridBench({ policy: "closed", answers: { requests }, options }), `${wait}/${room.slug}?url=`],
  ];
  for (const [bench, expected] of table) {
    const { location, response } = await bench.visit("/tickets");
    assert.ok(location.startsWith(expected), location);
    assert.equal(response.status, 302);
    assert.match(response.headers.get("cache-control") ?? "", /no-store/);
  }
});

test("crowdhandler() keeps a token from the URL when the check fails, and no other", async () => {
  const answers = { requests: () => new Response(null, { status: 500 }) };
  for (const policy of ["open", "closed"] as const) {
    const full = benchOf({ policy, answers });
    assert.deepEqual((await full.visit(`/a?ch-id=${other}`, { method: "POST" })).cookies, {
      crowdhandler: other,
    });
    assert.deepEqual((await full.visit("/a", { cookie: `crowdhandler=${token}` })).cookies, {});
    const hybrid = hybridBench({ policy, answers });
    const { cookies } = await hybrid.visit(`/tickets?ch-id=${other}`);
    const [entry] = JSON.parse(cookies["crowdhandler"] ?? "{}").tokens;
    assert.deepEqual([entry.token, entry.signatures], [other, []]);
  }
});

test("crowdhandler() has kept the URL's token before the failure is decided upon", async () => {
  const events: string[] = [];
  const slow = storeOf({
    write: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      events.push("kept");
    },
    headers() {
      events.push("headers");
      return undefined;
    },
  });
  const bench = benchOf({
    plugins: [slow],
    answers: { requests: () => new Response(null, { status: 500 }) },
  });
  await bench.visit(`/a?ch-id=${other}`, { method: "POST" });
  assert.deepEqual(events, ["kept", "headers"]);
});

describe("crowdhandler() fails when the token store does", () => {
  const down = () => {
    throw new Error(`the store is down, ${token}`);
  };
  const broken = () => Promise.reject(new Error(`the store is down, ${token}`));
  const stores: [string, Partial<TokenStore>, string][] = [
    ["reading throws", { read: down }, "/tickets"],
    ["reading is rejected", { read: broken }, "/tickets"],
    ["writing throws", { write: down }, "/tickets"],
    ["writing is rejected", { write: broken }, "/tickets"],
    ["writing a URL's token throws", { write: down }, `/tickets?ch-id=${other}`],
    ["writing a URL's token is rejected", { write: broken }, `/tickets?ch-id=${other}`],
  ];
  for (const [what, parts, path] of stores) {
    test(`crowdhandler() fails once and discreetly when ${what}`, async () => {
      for (const make of [benchOf, hybridBench]) {
        const bench = make({ policy: "closed", plugins: [storeOf(parts)] });
        const { location } = await bench.visit(path);
        assert.ok(location.startsWith(`${wait}/`), location);
        assert.equal(bench.errors.length, 1);
        assert.equal(bench.errors[0]?.code, "internal");
        assert.ok(!bench.errors[0]?.message.includes(token));
      }
    });
  }

  test("crowdhandler() takes what a store gives beside texts for absent", async () => {
    for (const stored of [null, 5, {}, [], true, Symbol("x")]) {
      // A store without types may give anything.
      const plugin = storeOf({ read: () => stored as never });
      const bench = benchOf({ plugins: [plugin] });
      assert.equal((await bench.visit("/a")).decision?.action, "admit");
      assert.deepEqual(bench.calls.map((call) => call.method), ["POST"]);
      assert.deepEqual(bench.errors, []);
    }
  });
});

test("crowdhandler() fails when the application's functions throw or do not answer at once", async () => {
  const table: [() => unknown, RegExp][] = [
    [() => {
      throw new Error(`bad ${token}`);
    }, /threw Error$/],
    [() => 5, /must return an object, and at once$/],
    [() => "text", /must return an object, and at once$/],
    [() => [], /must return an object, and at once$/],
    [() => Promise.reject(new Error("late")), /must return an object, and at once$/],
    [async () => await Promise.resolve({}), /must return an object, and at once$/],
  ];
  for (const name of ["visitor", "parameters"]) {
    for (const [answer, message] of table) {
      const bench = benchOf({ policy: "closed", options: { [name]: answer } });
      assert.equal((await bench.visit("/a")).decision?.action, "queue");
      assert.deepEqual(bench.errors.map((error) => error.code), ["internal"]);
      assert.match(bench.errors[0]?.message ?? "", message);
      assert.deepEqual(bench.calls, [], "nothing was called");
    }
  }
  const endless: Record<string, unknown> = {};
  endless["self"] = endless;
  for (const value of [endless, 5n]) {
    const bench = benchOf({ options: { parameters: () => ({ value }) } });
    await bench.visit("/a");
    assert.match(bench.errors[0]?.message ?? "", /"parameters" returned something that has no JSON form/);
  }
});

test("crowdhandler() keeps the token in a cookie where no plugin keeps tokens", async () => {
  for (const plugins of [[], [cookieTokens()]]) {
    const { response } = await benchOf({ plugins }).visit("/tickets");
    assert.deepEqual(response.headers.getSetCookie(), [
      `crowdhandler=${token}; Path=/; Secure; HttpOnly; SameSite=Lax`,
    ]);
  }
});

test(
  "crowdhandler() in hybrid mode makes two calls at most, each within its timeout",
  steadily(async () => {
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return json([room]);
    };
    const bench = hybridBench({
      options: { timeoutMs },
      answers: { rooms: slow, requests: () => new Promise(() => {}) },
    });
    await bench.visit("/tickets");
    assert.deepEqual(bench.calls.map((call) => call.path), ["rooms", "requests"]);
    assert.deepEqual(bench.errors.map((error) => error.code), ["timeout"]);
  }),
);
