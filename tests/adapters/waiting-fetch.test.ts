import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "../support/random-cases.ts";
import { installWaitingFetch, waitingFetch, type WaitingFetchOptions } from "../../browser/mod.ts";
import { waitingRoomProblem } from "../../mod.ts";
import { turn } from "../src/_gates.ts";

const room = "https://wait.example/hall?url=https%3A%2F%2Fshop.example%2Fapi%2Fcart&ch-id=tok1";
const problem = { type: waitingRoomProblem, title: "Wait", status: 503, waitingRoom: room };

function problemResponse(body: unknown = problem, type = "application/problem+json"): Response {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Response(text, { status: 503, headers: { "content-type": type } });
}

function ajaxResponse(value: string): Response {
  return new Response(null, { headers: { "x-queueit-redirect": value } });
}

interface Bench {
  readonly api: ReturnType<typeof waitingFetch>;
  /** Where the browser went. */
  readonly visited: string[];
  /** What was asked for. */
  readonly calls: {
    readonly input: RequestInfo | URL;
    readonly headers: Headers;
    readonly init: RequestInit | undefined;
  }[];
}

/** A page whose calls get the given answer. */
function pageOf(
  answer: Response | (() => Response | Promise<Response>),
  options: WaitingFetchOptions = {},
): Bench {
  const visited: string[] = [];
  const calls: Bench["calls"] = [];
  const api = waitingFetch({
    // deno-lint-ignore require-await -- a function that throws is to reject, as `fetch` does
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
      calls.push({ input, headers, init });
      return typeof answer === "function" ? answer() : answer;
    },
    page: () => "https://shop.example/concerts/quartet?from=poster#seats",
    navigate: (url) => visited.push(url),
    ...options,
  });
  return { api, visited, calls };
}

/** Whether a promise is still pending after everything that is due has happened. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settled = () => void (isSettled = true);
  promise.then(settled, settled);
  await turn(5);
  return !isSettled;
}

const own = "https://shop.example/api/cart";

describe("waitingFetch()", () => {
  test("opens the room of a problem document and stays pending", async () => {
    const { api, visited } = pageOf(problemResponse());
    assert.equal(await isPending(api(own)), true);
    assert.deepEqual(visited, [room]);
  });

  test("returns to the page, not to the address of the call, where the provider says how", async () => {
    const { api, visited } = pageOf(problemResponse({ ...problem, returnParameter: "url" }));
    void api(own);
    await turn(5);
    const { searchParams } = new URL(visited[0] ?? "");
    assert.equal(searchParams.get("url"), "https://shop.example/concerts/quartet?from=poster");
    assert.equal(searchParams.get("ch-id"), "tok1");
  });

  test("adds no parameter that the room's address does not have", async () => {
    for (const returnParameter of ["t", 5, null, "", "__proto__"]) {
      const { api, visited } = pageOf(problemResponse({ ...problem, returnParameter }));
      void api(own);
      await turn(5);
      assert.deepEqual(visited, [room]);
    }
  });

  test("opens the room of Queue-it's header, which is percent-encoded", async () => {
    const { api, visited } = pageOf(
      ajaxResponse(encodeURIComponent("https://wait.example/?c=a&t=b%20c") + "&kupver=x-1"),
    );
    assert.equal(await isPending(api(own)), true);
    assert.deepEqual(visited, ["https://wait.example/?c=a&t=b%20c&kupver=x-1"]);
  });

  test("opens one room for several calls, and keeps all of them pending", async () => {
    const { api, visited } = pageOf(() => problemResponse());
    const calls = Promise.all([api(own), api(own), turn(2).then(() => api(own))]);
    assert.equal(await isPending(calls), true);
    assert.equal(await isPending(api(own)), true);
    assert.deepEqual(visited, [room]);
  });

  test("rejects a pending call when its signal aborts, and does not go twice then", async () => {
    const { api, visited } = pageOf(() => problemResponse());
    const leaving = new AbortController();
    const first = api(own, { signal: leaving.signal });
    const second = api(new Request(own, { signal: leaving.signal }));
    const rejected = Promise.all([first, second].map((call) => assert.rejects(call, { name: "AbortError" })));
    await turn(5);
    leaving.abort();
    await rejected;
    assert.equal(await isPending(api(own)), true);
    assert.deepEqual(visited, [room]);
  });

  test("goes nowhere for a call that was aborted before its answer was read", async () => {
    const leaving = new AbortController();
    const { api, visited } = pageOf(() => {
      leaving.abort(new Error("left"));
      return problemResponse();
    });
    await assert.rejects(api(own, { signal: leaving.signal }), { message: "left" });
    assert.deepEqual(visited, []);
  });

  const others: readonly [what: string, response: () => Response][] = [
    ["a page", () => new Response("page")],
    ["JSON", () => Response.json(problem)],
    ["a problem of another type", () => problemResponse({ ...problem, type: "about:blank" })],
    ["a problem without a room", () => problemResponse({ type: waitingRoomProblem })],
    ["a room that is no text", () => problemResponse({ ...problem, waitingRoom: ["https://wait.example"] })],
    ["a room that is no address", () => problemResponse({ ...problem, waitingRoom: "/hall" })],
    ["a room that is a script", () => problemResponse({ ...problem, waitingRoom: "javascript:alert(1)" })],
    ["a room that is data", () => problemResponse({ ...problem, waitingRoom: "data:text/html,x" })],
    ["a room on the disk", () => problemResponse({ ...problem, waitingRoom: "file:///etc/passwd" })],
    ["a problem that is no JSON", () => problemResponse("{")],
    ["a problem that is null", () => problemResponse("null")],
    ["a problem that is a text", () => problemResponse('"x"')],
    ["a type that only begins alike", () => problemResponse(problem, "application/problem+jsonx")],
    ["a script in Queue-it's header", () => ajaxResponse("javascript%3Aalert(1)")],
    ["a broken encoding in Queue-it's header", () => ajaxResponse("https%3A%2F%2Fwait.example%E0%A4%A")],
    ["a Queue-it header that is no address", () => ajaxResponse("hall")],
    ["an empty Queue-it header", () => ajaxResponse("")],
  ];
  for (const [what, response] of others) {
    test(`hands on ${what} as it is, unread`, async () => {
      const answer = response();
      const { api, visited } = pageOf(answer);
      const given = await api(own);
      assert.equal(given, answer);
      assert.equal(given.bodyUsed, false);
      assert.equal(await given.text(), await response().text());
      assert.deepEqual(visited, []);
    });
  }

  test("hands on what fetch throws", async () => {
    const { api } = pageOf(() => {
      throw new TypeError("Failed to fetch");
    });
    await assert.rejects(api(own), { message: "Failed to fetch" });
  });

  test("believes a content type with parameters and in capitals", async () => {
    const { api, visited } = pageOf(problemResponse(problem, "Application/Problem+JSON; charset=utf-8"));
    void api(own);
    await turn(5);
    assert.deepEqual(visited, [room]);
  });

  const trust: readonly [call: string | URL, options: WaitingFetchOptions, goes: boolean][] = [
    ["/api/cart", {}, true],
    [new URL(own), {}, true],
    ["https://api.example/cart", {}, false],
    ["https://shop.example.evil.example/", {}, false],
    ["http://shop.example/", {}, false],
    ["https://shop.example:8443/", {}, false],
    ["https://api.example/cart", { origins: ["https://api.example"] }, true],
    [own, { rooms: ["wait.example"] }, true],
    [own, { rooms: ["wait.example:444"] }, false],
    [own, { rooms: ["example"] }, false],
    [own, { rooms: [] }, false],
  ];
  for (const [call, options, goes] of trust) {
    test(`${goes ? "believes" : "does not believe"} ${call} with ${JSON.stringify(options)}`, async () => {
      const { api, visited } = pageOf(problemResponse(), options);
      assert.equal(await isPending(api(call)), goes);
      assert.equal(visited.length, goes ? 1 : 0);
    });
  }

  test("does not believe an answer to which another origin was redirected", async () => {
    const answer = problemResponse();
    Object.defineProperty(answer, "url", { value: "https://evil.example/problem" });
    const { api, visited } = pageOf(answer);
    assert.equal(await api(own), answer);
    assert.deepEqual(visited, []);
  });

  const page = encodeURIComponent("https://shop.example/concerts/quartet?from=poster");
  const headers: readonly [call: string, options: WaitingFetchOptions, value: string | null][] = [
    [own, {}, page],
    ["/api", {}, page],
    [own, { queueIt: "never" }, null],
    ["https://api.example/", {}, null],
    ["https://api.example/", { origins: ["https://api.example"] }, null],
    ["https://api.example/", { origins: ["https://api.example"], queueIt: "all" }, page],
    ["https://other.example/", { origins: ["https://api.example"], queueIt: "all" }, null],
  ];
  for (const [call, options, value] of headers) {
    test(`tells ${call} ${value ? "the page" : "nothing"} with ${JSON.stringify(options)}`, async () => {
      const { api, calls } = pageOf(new Response("page"), options);
      await api(call);
      assert.equal(calls[0]?.headers.get("x-queueit-ajaxpageurl"), value);
    });
  }

  test("leaves the call as it is but for that header", async () => {
    const { api, calls } = pageOf(() => new Response("page"));
    const init = { method: "POST", body: "a=b", headers: { "x-own": "1" }, credentials: "include" } as const;
    await api(own, init);
    const request = new Request(own, { method: "PUT", body: "c", headers: { "x-own": "2" } });
    await api(request);
    await api(own, { headers: { "X-Queueit-AjaxPageUrl": "mine" } });
    await api("https://other.example/", init);
    assert.deepEqual(
      calls.map(({ input, init, headers }) => [
        input,
        init?.method,
        init?.credentials,
        init?.body,
        headers.get("x-own"),
        headers.get("x-queueit-ajaxpageurl")?.slice(0, 5) ?? null,
      ]),
      [
        [own, "POST", "include", "a=b", "1", "https"],
        [request, undefined, undefined, undefined, "2", "https"],
        [own, undefined, undefined, undefined, null, "mine"],
        ["https://other.example/", "POST", "include", "a=b", "1", null],
      ],
    );
    assert.equal(calls[3]?.init, init);
    assert.deepEqual(init.headers, { "x-own": "1" });
    assert.equal(request.bodyUsed, false);
  });

  test("leaves an address that is none to fetch", async () => {
    const answer = new Response("page");
    const { api, calls } = pageOf(answer);
    assert.equal(await api("https://"), answer);
    assert.equal(calls[0]?.input, "https://");
  });

  test("goes only to addresses of the Web, whatever a server sends", async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.webUrl(), fc.string(), fc.jsonValue()), async (value) => {
      const encoded = encodeURIComponent(
        (typeof value === "string" ? value : JSON.stringify(value)).toWellFormed(),
      );
      for (const answer of [problemResponse({ ...problem, waitingRoom: value }), ajaxResponse(encoded)]) {
        const { api, visited } = pageOf(answer);
        void api(own);
        await turn();
        for (const url of visited) assert.match(url, /^https?:\/\//);
      }
    }));
  });
});

test("installWaitingFetch() puts a fetch in the place of the page's, and the former one back", async () => {
  const former = globalThis.fetch;
  const visited: string[] = [];
  const fetch = () => Promise.resolve(problemResponse());
  const page = () => "https://shop.example/";
  const uninstall = installWaitingFetch({ fetch, page, navigate: (url) => visited.push(url) });
  try {
    assert.notEqual(globalThis.fetch, former);
    void globalThis.fetch(own);
    await turn(5);
    assert.deepEqual(visited, [room]);
  } finally {
    uninstall();
  }
  assert.equal(globalThis.fetch, former);

  const outer = installWaitingFetch({ fetch, page });
  const later = () => Promise.resolve(new Response());
  globalThis.fetch = later as typeof former;
  outer();
  assert.equal(globalThis.fetch, later, "what was put there since stays");
  globalThis.fetch = former;
});

test("the type of problem that waitingFetch() knows is that of problemAnswers()", async () => {
  const { api, visited } = pageOf(problemResponse());
  assert.equal(await isPending(api(own)), true);
  assert.equal(visited.length, 1);
  assert.match(waitingRoomProblem, /^https:\/\//);
});

const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);

test(
  "stanchion/browser is less than 3.6 kB minified and compressed, and brings no package along",
  { skip: !isNode },
  async () => {
    const { build } = await import("esbuild");
    const { outputFiles, metafile } = await build({
      stdin: {
        contents: 'export { installWaitingFetch, restoreRoute, waitingFetch } from "./mod.ts";',
        resolveDir: fileURLToPath(new URL("../../browser/", import.meta.url)),
      },
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2020",
      write: false,
      metafile: true,
    });
    const bytes = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
    assert.ok(bytes > 300 && bytes < 3600, `${bytes} bytes`);
    const foreign = Object.keys(metafile.inputs).filter((file) =>
      !/^(?:(?:browser|src\/line)\/|<stdin>$)/.test(file)
    );
    assert.deepEqual(foreign, []);
  },
);
