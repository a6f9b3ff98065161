/** A server's own class of responses, which keeps a body as it was given: `@hono/node-server` has one. */

import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { givenOf, putBack } from "../../src/pipeline/as-given.ts";
import { withHeaders } from "../../src/pipeline/with-headers.ts";

const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);
const cache = Symbol("cache");
const ignore = () => {};

/** As much of that class as is looked at. */
class Kept {
  readonly init: ResponseInit;
  declare [cache]?: unknown[];

  constructor(body: BodyInit | null, init: ResponseInit = {}) {
    this.init = init;
    this[cache] = [init.status ?? 200, body, init.headers];
  }

  get status(): number {
    return this.init.status ?? 200;
  }

  get statusText(): string {
    return this.init.statusText ?? "";
  }

  get headers(): Headers {
    const kept = this[cache] ?? [];
    if (!(kept[2] instanceof Headers)) kept[2] = new Headers(kept[2] as HeadersInit | undefined);
    return kept[2] as Headers;
  }
}

/** It is a response for all that is asked of it here. */
const keptOf = (body: BodyInit | null, init?: ResponseInit) => new Kept(body, init) as unknown as Response;
/** Does something where that class is the platform's, as its server makes it. */
function withOwnClass<T>(work: () => T): T {
  const { Response: native } = globalThis;
  Object.assign(globalThis, { Response: Kept });
  try {
    return work();
  } finally {
    Object.assign(globalThis, { Response: native });
  }
}
const insides = (response: Response) => (response as unknown as Kept)[cache] as unknown[];

describe("withHeaders() of a response that keeps its body", { skip: !isNode }, () => {
  test("copies it with its body as it was given, and leaves the other one alone", () => {
    const page = keptOf("tickets", {
      status: 203,
      statusText: "Own",
      headers: new Headers({ "x-app": "1" }),
    });
    const [first, second] = ["a=1", "a=2"].map((cookie) =>
      withOwnClass(() => withHeaders(page, [["set-cookie", cookie]], ignore))
    );
    assert.ok(first instanceof Kept && second instanceof Kept);
    for (const [answer, cookie] of [[first, "a=1"], [second, "a=2"]] as const) {
      assert.deepEqual(answer.headers.getSetCookie(), [cookie]);
      assert.deepEqual([answer.status, answer.statusText, answer.headers.get("x-app")], [203, "Own", "1"]);
      assert.equal(insides(answer as unknown as Response)[1], "tickets");
    }
    assert.deepEqual(page.headers.getSetCookie(), []);
  });

  test("keeps plain headers plain, in their spelling and with every cookie", () => {
    const given = Object.freeze({ "Set-Cookie": "own=1", "x-app": "1", "X-App": "2", Vary: "Origin" });
    const plain = keptOf("tickets", { headers: given });
    const changes = [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["vary", "x-gate"], [
      "x-new",
      "1",
    ]] as const;
    const answer = withOwnClass(() => withHeaders(plain, changes, ignore));
    assert.deepEqual({ ...insides(answer)[2] as object }, {
      "Set-Cookie": ["own=1", "a=1", "b=2"],
      "x-app": "1",
      "X-App": "2",
      Vary: "Origin, x-gate",
      "x-new": "1",
    });
    assert.deepEqual(answer.headers.getSetCookie(), ["own=1", "a=1", "b=2"]);
    assert.equal(insides(plain)[2], given, "nobody has looked at the headers of the page");
    const other = withOwnClass(() => withHeaders(plain, [["x-app", "3"]], ignore));
    assert.deepEqual({ ...insides(other)[2] as object }, {
      "Set-Cookie": "own=1",
      "x-app": "3",
      Vary: "Origin",
    });
  });

  test("lets a page be as it was given, whoever looks at it", () => {
    const page = keptOf("tickets", { headers: { "x-app": "1" } });
    const given = givenOf(page);
    assert.ok(given !== undefined);
    void page.headers;
    putBack(page, given);
    assert.equal(insides(page)[2], given.form);
    delete (page as unknown as Kept)[cache];
    putBack(page, given);
    assert.deepEqual(insides(page), [200, "tickets", { "x-app": "1" }]);
    const stream = new ReadableStream();
    const streaming = keptOf(stream);
    const before = givenOf(streaming);
    delete (streaming as unknown as Kept)[cache];
    stream.getReader();
    if (before !== undefined) putBack(streaming, before);
    assert.equal(givenOf(streaming), undefined, "somebody reads it");
  });

  test("knows one also where the class keeps texts alone, and the first that was seen has none", () => {
    class KeepsTexts extends Kept {
      constructor(body: BodyInit | null, init?: ResponseInit) {
        super(body, init);
        if (typeof body !== "string") delete this[cache];
      }
    }
    const { Response: native } = globalThis;
    Object.assign(globalThis, { Response: KeepsTexts });
    try {
      const [empty, page] = [null, "tickets"].map((body) => new Response(body));
      assert.ok(empty !== undefined && page !== undefined);
      assert.equal(givenOf(empty), undefined);
      assert.equal(givenOf(page)?.body, "tickets");
    } finally {
      Object.assign(globalThis, { Response: native });
    }
  });

  test("takes no other symbol for one", () => {
    for (const value of [undefined, "text", [1, 2], [200, "other", {}], { length: 3 }]) {
      const page = Object.assign(new Response("tickets"), { [Symbol("cache")]: value });
      const answer = withHeaders(page, [["x-gate", "1"]], ignore);
      assert.ok(!(answer instanceof Kept));
      assert.equal(answer.headers.get("x-gate"), "1");
    }
  });
});

test("withHeaders() leaves out what cannot be sent, and an upgrade as it is", () => {
  const told: string[] = [];
  const answer = withHeaders(
    new Response("x"),
    [["bad name", "1"], ["x-good", "1"]],
    ({ message }) => told.push(message),
  );
  assert.deepEqual([answer.headers.get("x-good"), told], ["1", ['The header "bad name" cannot be sent']]);
  const page = new Response("x");
  assert.equal(withHeaders(page, [], ignore), page);
});

describe("withHeaders() of what servers and applications make of Response", () => {
  test("takes no class of an application for the server's", () => {
    class Coded extends Response {
      constructor(data: unknown, code: number) {
        super(JSON.stringify(data), { status: code });
      }
    }
    const answer = withHeaders(new Coded({ a: 1 }, 202), [["set-cookie", "a=1"]], ignore);
    assert.deepEqual([answer.status, answer.headers.getSetCookie()], [202, ["a=1"]]);
    if (!isNode) return;
    class Own extends Kept {
      constructor(text: string) {
        super(text, { status: 404 });
      }
    }
    const kept = withHeaders(new Own("gone") as unknown as Response, [["set-cookie", "a=1"]], ignore);
    assert.deepEqual([kept.status, kept.headers.getSetCookie()], [404, ["a=1"]]);
  });

  test("copies an answer without content that keeps an empty text", { skip: !isNode }, () => {
    for (const status of [204, 205, 304]) {
      const page = keptOf(null, { status });
      Object.defineProperty(page, "statusText", {
        get() {
          throw new RangeError("no such response");
        },
      });
      assert.deepEqual(withHeaders(page, [["x-gate", "1"]], ignore).status, status);
    }
  });

  test("asks no class of an application for a copy", async () => {
    class Own extends Response {
      override clone(): Response {
        return new Response("something else");
      }
    }
    for (const headers of [undefined, new Headers({ "content-type": "text/html" })]) {
      const answer = withHeaders(new Own("tickets", headers && { headers }), [["x-gate", "1"]], ignore);
      assert.deepEqual([await answer.text(), answer.headers.get("x-gate")], ["tickets", "1"]);
    }
  });

  test("may be asked for an empty text again and again, sent or not", async () => {
    const own: readonly HeadersInit[] = [{}, { "content-type": "text/html" }, { "content-length": "7" }];
    for (const headers of own) {
      const page = new Response("", { status: 404, headers });
      for (let visit = 0; visit < 3; visit++) {
        const answer = withHeaders(page, [["x-gate", String(visit)]], ignore);
        assert.deepEqual([answer.headers.get("x-gate"), await answer.text()], [String(visit), ""]);
        if (isNode) break;
      }
    }
  });

  test(
    "copies no body on Bun that somebody has read or reads",
    { skip: !("Bun" in globalThis) },
    async () => {
      for (const body of ["", "tickets"]) {
        const page = new Response(body, { headers: { "content-type": "text/html" } });
        page.body?.getReader();
        const told: string[] = [];
        assert.equal(withHeaders(page, [["x-gate", "1"]], ({ message }) => told.push(message)), page);
        assert.equal(told.length, 1);
      }
      const failed = new Response(
        new ReadableStream({ start: (stream) => stream.error(new Error("gone")) }),
        {
          headers: { "content-type": "text/html" },
        },
      );
      await assert.rejects(withHeaders(failed, [["x-gate", "1"]], ignore).text(), /gone/);
    },
  );
});
