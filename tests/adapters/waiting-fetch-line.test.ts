/** W32: `waitingFetch()` in the line of a room of our own, in a page and in a program. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitingFetchOn } from "../../browser/waiting-fetch.ts";
import type { Waiting, WaitingFetchOptions } from "../../browser/mod.ts";
import type { Plugin } from "../../src/plugin.ts";
import { type RoomBench, roomBench, site } from "../plugins/waiting-room/_room.ts";
import { turn } from "../src/_gates.ts";

const cookie = "__Host-stanchion-main";
const api = `${site}/api/cart`;
const full = { admitPerMinute: 60, capacity: 0 };

interface Timer {
  readonly callback: () => void;
  readonly ms: number;
}

interface PageBench {
  readonly fetch: ReturnType<typeof waitingFetchOn>;
  readonly shown: (Waiting | undefined)[];
  /** What was asked for, as method and path. */
  readonly asked: string[];
  /** What reached the application. */
  readonly served: string[];
  readonly timers: Set<Timer>;
  readonly visited: string[];
  /** Lets the pauses between two questions end, until nothing is left to do or something has happened. */
  until(happened: () => boolean): Promise<void>;
}

const limits = {
  burstSeconds: 3,
  capacity: -1,
  sessionMs: 900_000,
  returnMs: 300_000,
  recovery: "strict",
} as const;

/** Changes the limits, as the owner would. */
async function open(bench: RoomBench, admitPerMinute: number): Promise<void> {
  const change = { limits: { ...limits, admitPerMinute } };
  const configured = {
    limits: { ...limits, admitPerMinute: 60, capacity: 0 },
    opensAt: 0,
    closesAt: 0,
    note: "",
  };
  const commands = [{ do: "control", change, revision: undefined }] as const;
  await bench.store.run("stanchion:main", { room: { ...configured, since: 0 }, seen: undefined, commands });
}

/** A page of a single-page app, or a program, before a gate. */
function pageOf(bench: RoomBench, options: WaitingFetchOptions = {}, isProgram = false): PageBench {
  const browser = bench.browser();
  const shown: (Waiting | undefined)[] = [];
  const asked: string[] = [];
  const served: string[] = [];
  const visited: string[] = [];
  const timers = new Set<Timer>();
  const wait = (callback: () => void, ms: number) => {
    const timer = { callback, ms };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const fetch = waitingFetchOn(wait, {
    fetch: async (input, init) => {
      const request = input instanceof Request ? new Request(input, init) : new Request(String(input), init);
      init?.signal?.throwIfAborted();
      const { pathname } = new URL(request.url);
      asked.push(`${request.method} ${pathname}`);
      const body = request.body === null ? null : await request.text();
      const sent = { method: request.method, headers: request.headers, ...(body !== null && { body }) };
      const answer = isProgram
        ? await bench.ask(new Request(request.url, sent))
        : await browser.fetch(pathname, sent);
      if (answer.served) served.push(`${request.method} ${pathname} ${body ?? ""}`.trim());
      return answer.response;
    },
    queueIt: "never",
    random: () => 0.5,
    onWait: (waiting) => shown.push(waiting),
    navigate: (url) => visited.push(url),
    ...(isProgram ? { origins: [site] } : { page: () => `${site}/app#/cart` }),
    ...options,
  });
  return {
    fetch,
    shown,
    asked,
    served,
    timers,
    visited,
    async until(happened) {
      for (let at = 0; at < 200 && !happened(); at++) {
        await turn(5);
        // The limit of a call is no pause.
        const [next] = [...timers].filter(({ ms }) => ms !== 10_000);
        if (next === undefined || happened()) continue;
        timers.delete(next);
        await bench.pass(next.ms);
        next.callback();
      }
      assert.ok(happened(), JSON.stringify({ asked, shown }));
    },
  };
}

/** A room whose newcomers all come from one address, which has taken all that it may at once. */
async function crowded(options: Parameters<typeof roomBench>[0]): Promise<RoomBench> {
  const address: Plugin = { name: "address", supplies: { address: () => "192.0.2.7" } };
  const bench = roomBench(options, [address]);
  for (let at = 0; at < 200; at++) await bench.browser().open("/");
  return bench;
}

/** The outcome of a promise, once there is one. */
function outcomeOf<T>(promise: Promise<T>): { value?: T; error?: unknown } {
  const outcome: { value?: T; error?: unknown } = {};
  promise.then((value) => outcome.value = value, (error: unknown) => outcome.error = error);
  return outcome;
}

describe("waitingFetch() in the line of a room", () => {
  for (const isProgram of [false, true]) {
    test(`takes a number, shows the place, and makes the call again at its turn: ${isProgram ? "a program" : "a page"}`, async () => {
      const bench = roomBench(full);
      const page = pageOf(bench, {}, isProgram);
      const headers = { accept: "application/json", "sec-fetch-mode": "cors" };
      const outcome = outcomeOf(page.fetch(api, isProgram ? { headers } : {}));
      await page.until(() => page.shown.length > 0);
      assert.deepEqual(page.shown[0], { place: 1, ahead: 0, mode: "open", isLost: false });
      assert.deepEqual(page.asked, ["GET /api/cart", "POST /.stanchion/main/join"]);
      await open(bench, 600);
      await page.until(() => outcome.value !== undefined);
      assert.equal(await outcome.value?.text(), "the shop");
      assert.deepEqual(page.served, ["GET /api/cart"]);
      assert.equal(page.shown.at(-1), undefined);
      assert.deepEqual(page.visited, []);
      assert.equal((await bench.store.status("stanchion:main"))?.issued, 1);
      assert.equal(page.timers.size, 0, "no timer is left");
      assert.equal((await page.fetch(api)).status, 200);
    });
  }

  test("shares one wait among many calls, and sends each of them once to the application", async () => {
    const bench = roomBench(full);
    const page = pageOf(bench);
    const calls = ["POST", "PUT", "GET", "GET"].map((method, at) =>
      page.fetch(new Request(`${api}/${at}`, { method, ...(method !== "GET" && { body: `body ${at}` }) }))
    );
    const all = outcomeOf(Promise.all(calls));
    await page.until(() => page.shown.length > 0);
    assert.equal(page.asked.filter((each) => each.endsWith("/join")).length, 1);
    await open(bench, 600);
    await page.until(() => all.value !== undefined);
    assert.deepEqual([...page.served].sort(), [
      "GET /api/cart/2",
      "GET /api/cart/3",
      "POST /api/cart/0 body 0",
      "PUT /api/cart/1 body 1",
    ]);
    assert.equal((await bench.store.status("stanchion:main"))?.admitted, 1);
  });

  test("reads the status alone while it is far, and checks in once it is called", async () => {
    const bench = roomBench(full);
    for (let at = 0; at < 40; at++) await bench.browser().open("/");
    const page = pageOf(bench);
    void page.fetch(api);
    await page.until(() => page.asked.length > 4);
    assert.deepEqual(page.asked.slice(0, 2), ["GET /api/cart", "POST /.stanchion/main/join"]);
    assert.deepEqual([...new Set(page.asked.slice(2))], ["GET /.stanchion/main/status"]);
    assert.ok((page.shown.at(-1)?.place ?? 0) > 1);
  });

  test("ends with its signal, and the last one ends the wait", async () => {
    const bench = roomBench(full);
    const page = pageOf(bench);
    const [one, two] = [new AbortController(), new AbortController()];
    const first = outcomeOf(page.fetch(api, { signal: one.signal }));
    const second = outcomeOf(page.fetch(api, { signal: two.signal }));
    await page.until(() => page.shown.length > 0);
    one.abort(new Error("left"));
    await turn(5);
    assert.deepEqual(first.error, new Error("left"));
    assert.equal(second.error, undefined);
    assert.ok(page.timers.size > 0);
    two.abort(new Error("gone"));
    await turn(5);
    assert.deepEqual(second.error, new Error("gone"));
    assert.equal(page.timers.size, 0, "no timer is left");
    assert.equal(page.shown.at(-1), undefined);
    assert.deepEqual(page.served, []);
  });

  test("hands on the refusal of a room that gives no numbers", async () => {
    const bench = roomBench({ admitPerMinute: 60, closesAt: "2020-01-01T00:00:00Z" });
    const page = pageOf(bench);
    const response = await page.fetch(api);
    assert.deepEqual([response.status, response.bodyUsed], [503, false]);
    assert.deepEqual(page.visited, []);
  });

  test("hands on what cannot be sent again, without waiting", async () => {
    const page = pageOf(roomBench(full));
    const body = new ReadableStream({ start: (controller) => controller.close() });
    // Node wants this member of streams, which the types of others do not know.
    const response = await page.fetch(api, { method: "POST", body, duplex: "half" } as RequestInit);
    assert.equal(response.status, 503);
    assert.deepEqual(page.asked, ["POST /api/cart"]);
  });

  test("gives up where nothing is kept between two calls", async () => {
    const bench = roomBench(full);
    const page = pageOf(bench, {
      fetch: (input, init) =>
        bench.browser().fetch(new URL(String(input)).pathname, init).then(({ response }) => response),
    });
    const outcome = outcomeOf(page.fetch(api));
    await page.until(() => outcome.value !== undefined);
    assert.equal(outcome.value?.status, 503);
  });

  test("says when nothing can be reached, and goes on when it can", async () => {
    const bench = roomBench(full);
    const page = pageOf(bench);
    const outcome = outcomeOf(page.fetch(api));
    await page.until(() => page.shown.length > 0);
    bench.store.fault = () => Promise.reject(new Error("gone"));
    await page.until(() => page.shown.at(-1)?.isLost === true);
    assert.equal(page.shown.at(-1)?.place, 1);
    bench.store.fault = undefined;
    await open(bench, 600);
    await page.until(() => outcome.value !== undefined);
    assert.deepEqual(page.served, ["GET /api/cart"]);
  });

  test("leaves the page where it shows nothing, and where only a page can go on", async () => {
    const silent = pageOf(roomBench(full), { onWait: undefined } as WaitingFetchOptions);
    void silent.fetch(api);
    await silent.until(() => silent.visited.length > 0);
    assert.deepEqual(silent.asked, ["GET /api/cart"]);
    const bench = await crowded({ ...full, challenge: () => new Response("solve this") });
    const page = pageOf(bench);
    void page.fetch(api);
    await page.until(() => page.visited.length > 0);
    assert.equal(page.asked.at(-1), "POST /.stanchion/main/join");
  });

  const foreign: readonly [what: string, document: object][] = [
    ["of another origin", { poll: "https://evil.example/.stanchion/main/check-in" }],
    ["that is no address", { poll: "check-in" }],
    ["that is none of a room", { poll: `${site}/api/order`, join: `${site}/logout` }],
    ["that is no text", { poll: 1, join: [`${site}/join`] }],
  ];
  for (const [what, document] of foreign) {
    test(`asks no place to wait ${what}`, async () => {
      const asked: string[] = [];
      const type = "https://jsr.io/@stanchion/stanchion/doc/~/WaitingRoomProblem";
      const body = JSON.stringify({ type, waitingRoom: `${site}/`, ...document });
      const page = pageOf(roomBench(full), {
        fetch(input) {
          asked.push(String(input));
          return Promise.resolve(
            new Response(body, { headers: { "content-type": "application/problem+json" } }),
          );
        },
      });
      void page.fetch(api, { method: "POST" });
      await page.until(() => page.visited.length > 0);
      assert.deepEqual([asked, page.visited], [[api], [`${site}/`]]);
    });
  }

  test("sends a ticket nowhere else than where it is from", async () => {
    const other = "https://api.example.com";
    const sent: (readonly [string, string | null])[] = [];
    const page = pageOf(roomBench(full), {
      origins: [site, other],
      page: () => undefined,
      fetch(input, init) {
        sent.push([String(input), new Headers(init?.headers).get("stanchion-ticket")]);
        const headers: HeadersInit = String(input).startsWith(site)
          ? { "stanchion-ticket": "k.t.1.2.tag.0.mac" }
          : {};
        return Promise.resolve(new Response("page", { headers }));
      },
    });
    for (const url of [site, site, other, "https://else.example"]) await page.fetch(`${url}/x`);
    assert.deepEqual(sent, [
      [`${site}/x`, ""],
      [`${site}/x`, "k.t.1.2.tag.0.mac"],
      [`${other}/x`, ""],
      ["https://else.example/x", null],
    ]);
  });
});

describe("taking a number by a call", () => {
  test("is for the site's own pages, and for programs that carry tickets", async () => {
    const bench = roomBench(full);
    const join = "/.stanchion/main/join";
    for (const headers of [{ "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }]) {
      assert.equal((await bench.browser().post(join, {}, headers)).status, 403);
    }
    assert.equal((await bench.browser().open(join)).status, 405);
    assert.equal((await bench.store.status("stanchion:main"))?.issued ?? 0, 0);
    const visitor = bench.browser();
    const first = JSON.parse((await visitor.post(join)).text) as { is: string; number: number };
    assert.deepEqual([first.is, first.number], ["waiting", 1]);
    assert.ok(visitor.jar.has(cookie));
    const again = JSON.parse((await visitor.post(join)).text) as { is: string; number: number };
    assert.deepEqual([again.is, again.number], ["waiting", 1]);
    assert.equal((await bench.store.status("stanchion:main"))?.issued, 1);
  });

  test("admits where a page would be served, and by the same limits", async () => {
    const bench = roomBench({ admitPerMinute: 60, capacity: 2, burstSeconds: 60 });
    const all = await Promise.all(
      Array.from({ length: 20 }, () => bench.browser().post("/.stanchion/main/join")),
    );
    const told = all.map(({ text }) => (JSON.parse(text) as { is: string }).is);
    assert.equal(told.filter((is) => is === "admitted").length, 2);
    assert.equal((await bench.store.status("stanchion:main"))?.sessions, 2);
  });

  test("is told to a call whose pass has run out", async () => {
    const bench = roomBench({ admitPerMinute: 60, sessionMinutes: 1 });
    const visitor = bench.browser();
    await visitor.open("/");
    assert.equal((await visitor.open("/")).reason, "waiting-room/pass");
    await bench.pass(200_000);
    const { status, response, text } = await visitor.fetch("/api/cart");
    assert.equal(status, 503);
    assert.match(response.headers.get("content-type") ?? "", /^application\/problem\+json/);
    assert.ok(Number(response.headers.get("retry-after")) >= 60);
    const { join, seconds } = JSON.parse(text) as { join: string; seconds: number };
    assert.deepEqual([join, seconds], [`${site}/.stanchion/main/join`, 60]);
  });

  test("earns a number by waiting, where very many come from one address", async () => {
    const bench = await crowded(full);
    const join = "/.stanchion/main/join";
    const visitor = bench.browser();
    const { is, nextMs } = JSON.parse((await visitor.post(join)).text) as { is: string; nextMs: number };
    assert.deepEqual([is, nextMs], ["later", 19_500]);
    await bench.pass(nextMs * 0.8);
    assert.equal((JSON.parse((await visitor.post(join)).text) as { is: string }).is, "far");
  });
});
