import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { serveSandbox } from "../../sandbox/serve.ts";
import { bench, TICKETS } from "./_helpers.ts";

// The published client, as an application on Node would use it: with Express-like objects.
const { init } = createRequire(import.meta.url)("crowdhandler-sdk");

function express(
  url: string,
  cookie = "",
): { request: unknown; response: unknown; sent: Record<string, unknown> } {
  const { host, pathname, search } = new URL(url);
  const headers: Record<string, string> = {
    host,
    cookie,
    "user-agent": "Mozilla/5.0 test",
    "accept-language": "it",
  };
  const get = (name: string): string | undefined => headers[name.toLowerCase()];
  const request = {
    header: get,
    get,
    headers,
    protocol: "https",
    originalUrl: pathname + search,
    ip: "198.51.100.23",
  };
  const sent: Record<string, unknown> = {};
  const response = {
    set statusCode(code: number) {
      sent["status"] = code;
    },
    setHeader: (name: string, value: unknown) => sent[name.toLowerCase()] = value,
    end: () => sent["ended"] = true,
  };
  return { request, response, sent };
}

for (const mode of ["full", "hybrid"]) {
  test(`crowdhandler-sdk ${mode}: queued, promoted and recorded against the sandbox over HTTP`, async () => {
    const { sandbox, pass } = bench(
      { crowd: 2, ratePerMinute: 60, queueActivatesOn: "2021-03-04T05:06:07Z" },
      {
        // Signatures are checked against the real clock.
        ...(mode === "hybrid" ? { now: Date.now } : {}),
      },
    );
    if (mode === "hybrid") sandbox.updateRoom("hall", { capacity: 0 });
    const server = await serveSandbox(sandbox);
    try {
      const { publicKey, privateKey } = sandbox;
      const visit = (url: string, cookie = "") => {
        const { request, response, sent } = express(url, cookie);
        const options = { mode, apiUrl: server.url, trustOnFail: false };
        return { sent, ...init({ publicKey, privateKey, request, response, options }) };
      };

      const first = visit(TICKETS);
      const queued = await first.gatekeeper.validateRequest();
      assert.equal(queued.error ?? null, null);
      assert.equal(queued.promoted, false);
      first.gatekeeper.redirectIfNotPromoted();
      assert.equal(first.sent["status"], 302);
      const room = new URL(String(first.sent["location"]));
      assert.equal(room.pathname, "/hall");
      const token = room.searchParams.get("ch-id");
      assert.match(token ?? "", /^tok0/);
      assert.equal(room.searchParams.get("url"), TICKETS);

      // The browser waits in the room, and is sent back.
      if (mode === "hybrid") sandbox.promote();
      else pass(5);
      const back = await fetch(`${server.url}${room.pathname}${room.search}`, { redirect: "manual" });
      assert.equal(back.status, 302);
      const returned = visit(back.headers.get("location") ?? "");
      const promoted = await returned.gatekeeper.validateRequest();
      assert.equal(promoted.promoted, true);
      assert.equal(promoted.setCookie, true);
      assert.ok(String(promoted.cookieValue).includes(token ?? "none"));

      const again = visit(TICKETS, `crowdhandler=${promoted.cookieValue}`);
      const result = await again.gatekeeper.validateRequest();
      assert.equal(result.promoted, true);
      if (mode === "full") {
        await again.gatekeeper.recordPerformance({ sample: 1, statusCode: 200, overrideElapsed: 42 });
        for (let i = 0; sandbox.state.responses.length === 0 && i < 6000; i++) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        assert.deepEqual(sandbox.state.responses, [
          { responseID: result.responseID, token, slug: "hall", code: 200, time: 42, sampleRate: 1 },
        ]);
      } else {
        const requests = sandbox.state.calls.filter(({ endpoint }) => endpoint === "requests");
        assert.equal(requests.length, 1, "the sandbox's signatures spared the client every further check");
      }
    } finally {
      await server.close();
    }
  });
}

test("crowdhandler-sdk reads the rooms feed, and is told of a wrong key", async () => {
  const { sandbox } = bench();
  const server = await serveSandbox(sandbox);
  try {
    const client = (publicKey: string) =>
      init({ publicKey, ...express(TICKETS), options: { apiUrl: server.url } }).client;
    const rooms = await client(sandbox.publicKey).rooms().get();
    assert.equal(rooms.result[0].slug, "hall");
    await assert.rejects(client("wrong").rooms().get(), { statusCode: 401 });
  } finally {
    await server.close();
  }
});
