import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import type { Plugin } from "../../mod.ts";
import { answered, gateOf, page, provider, queued, request } from "./_gates.ts";
import { serve } from "./_serve.ts";

let visitors = 0;
const cookie: Plugin = { name: "cookie", headers: () => [["set-cookie", `visitor=${++visitors}; Path=/`]] };

/** Sends the application's response through a gate that adds a cookie. */
async function through(application: (incoming: Request) => Response | Promise<Response>): Promise<Response> {
  const incoming = request();
  return await gateOf([cookie]).gate(incoming, () => application(incoming));
}

describe("a body that streams", () => {
  /** A body that is made when somebody reads it. */
  function lazyBody(log: string[]): ReadableStream<Uint8Array> {
    let count = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        log.push(`pull ${count}`);
        if (count++ === 3) controller.close();
        else controller.enqueue(new TextEncoder().encode(`part ${count};`));
      },
      cancel: (reason) => void log.push(`cancel ${reason}`),
    }, { highWaterMark: 0 });
  }

  test("gate() passes it through unread: nothing is pulled before the client reads", async () => {
    const log: string[] = [];
    const response = await through(() => new Response(lazyBody(log)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(log, []);
    assert.equal(await response.text(), "part 1;part 2;part 3;");
    assert.deepEqual(log, ["pull 0", "pull 1", "pull 2", "pull 3"]);
  });

  test("gate() lets the client's going away reach the application", async () => {
    const log: string[] = [];
    const response = await through(() => new Response(lazyBody(log)));
    await response.body?.cancel("gone");
    assert.deepEqual(log, ["cancel gone"]);
  });

  test("gate() lets an error of the body reach the client", async () => {
    const error = new Error("the application's stream broke");
    const broken = new ReadableStream({
      pull: (controller) => controller.error(error),
    }, { highWaterMark: 0 });
    const response = await through(() => new Response(broken));
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
  });

  test("gate() leaves the request's body to the application", async () => {
    const incoming = request("/", { method: "POST", body: "a=1" });
    const response = gateOf([cookie]).gate(
      incoming,
      () => incoming.text().then((text) => new Response(text)),
    );
    assert.equal(await (await response).text(), "a=1");
  });
});

describe("a response that cannot be changed", () => {
  test("gate() gives headers to a response that came from fetch", async () => {
    const upstream = await serve(() => new Response("from upstream", { headers: { "x-upstream": "1" } }));
    try {
      const response = await through(() => fetch(upstream.url));
      assert.equal(response.headers.get("x-upstream"), "1");
      assert.equal(response.headers.getSetCookie().length, 1);
      assert.equal(await response.text(), "from upstream");
    } finally {
      await upstream.close();
    }
  });

  test("gate() gives headers to Response.redirect()", async () => {
    const response = await through(() => Response.redirect("https://shop.example/next", 307));
    assert.deepEqual([response.status, response.headers.get("location")], [307, "https://shop.example/next"]);
    assert.equal(response.headers.getSetCookie().length, 1);
  });

  test("gate() hands Response.error() on as it is", async () => {
    const original = Response.error();
    assert.equal(await through(() => original), original);
  });

  test("gate() keeps the status text, and the statuses that have no body", async () => {
    for (const status of [204, 205, 304]) {
      const response = await through(() => new Response(null, { status, headers: { etag: '"1"' } }));
      assert.deepEqual([response.status, response.body, response.headers.get("etag")], [status, null, '"1"']);
      assert.equal(response.headers.getSetCookie().length, 1);
    }
    assert.equal(
      (await through(() => new Response("x", { status: 418, statusText: "Teapot" }))).statusText,
      "Teapot",
    );
  });

  test("gate() throws nothing when the body was read before: the client finds out, as without the gate", async () => {
    const original = page();
    await original.text();
    const response = answered(gateOf([cookie]).gate(request(), () => original));
    await assert.rejects(async () => await response.text());
  });
});

describe("a response that a plugin keeps", () => {
  test("gate() answers 503 when its body was sent before, and lets nobody in", async () => {
    const kept = new Response("please wait", { status: 429, headers: { "cache-control": "no-store" } });
    const { gate, faults } = gateOf([{ name: "page", respond: () => kept }, provider(queued)]);
    const first = answered(gate(request(), page));
    assert.deepEqual([first.status, await first.text()], [429, "please wait"]);
    const second = answered(gate(request(), page));
    assert.equal(second.status, 503);
    assert.ok((await second.text()).length > 0);
    assert.deepEqual(faults.map(({ message }) => message), [
      'The answer "queue" of plugin provider cannot be sent: the response of a "respond" hook was sent before, or is an error; ' +
      "make a new one for each visitor",
    ]);
  });
});

describe("a response that the application keeps", () => {
  test("gate() never gives one visitor's cookie to another", async () => {
    const kept = new Response(null, { status: 204, headers: { "x-kept": "1", "set-cookie": "own=1" } });
    for (let visitor = 0; visitor < 3; visitor++) {
      const response = await through(() => kept);
      assert.deepEqual(response.headers.getSetCookie(), ["own=1", `visitor=${visitors}; Path=/`]);
    }
    assert.deepEqual([...kept.headers.keys()].sort(), ["set-cookie", "x-kept"]);
    assert.deepEqual(kept.headers.getSetCookie(), ["own=1"]);
    assert.equal(kept.headers.get("cache-control"), null);
  });

  test("gate() never gives one visitor's cookie to another in answers of its own either", () => {
    const kept = new Response(null, { status: 429 });
    for (
      const plugin of [
        provider({ action: "respond", reason: "test/kept", response: kept }),
        { name: "respond", respond: () => kept },
      ]
    ) {
      const { gate } = gateOf([cookie, plugin, ...("final" in plugin ? [] : [provider(queued)])]);
      for (let visitor = 0; visitor < 3; visitor++) {
        const response = answered(gate(request(), page));
        assert.equal(response.status, 429);
        assert.deepEqual(response.headers.getSetCookie(), [`visitor=${visitors}; Path=/`]);
      }
      assert.deepEqual([...kept.headers], []);
    }
  });
});
