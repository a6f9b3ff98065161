// Where visitors come back to whose form had to wait, and what becomes of its body.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { benchOf, hybridBench, other, queued, room, token } from "./crowdhandler/_helpers.ts";
import {
  configOf,
  configured,
  cookieHeader,
  cookieOf,
  customerId,
  evented,
  integration,
  nowMs,
  secret,
  tokenOf,
} from "./queue-it/_helpers.ts";
import { clientIp, cookieTokens, createGate, failClosed } from "../../mod.ts";
import { queueItEvent } from "../../plugins/queue-it/mod.ts";

const referer = "https://shop.example.com/tickets/42?x=1";
const site = "https://shop.example.com";

function back(location: string, parameter: string): string | null {
  return new URL(location).searchParams.get(parameter);
}

for (const [mode, make] of [["full", benchOf], ["hybrid", hybridBench]] as const) {
  describe(`crowdhandler() in ${mode} mode`, () => {
    test("leads a form that had to wait back to the page on which it stood", async () => {
      const bench = make({ answers: { requests: queued } });
      const { location } = await bench.visit("/tickets/cart/add", {
        method: "POST",
        headers: { referer },
        body: "a=1",
      });
      assert.equal(back(location, "url"), referer);
      const got = await bench.visit("/tickets/7", { headers: { referer } });
      assert.equal(back(got.location, "url"), `${site}/tickets/7`);
    });

    test("takes its own parameters out of that page, and leads to no page of another site", async () => {
      const bench = make({ answers: { requests: queued } });
      const withToken = `${referer}&ch-id=${other}&ch-fresh=1`;
      const own = await bench.visit("/tickets/add", { method: "POST", headers: { referer: withToken } });
      assert.equal(back(own.location, "url"), referer);
      const foreign = await bench.visit("/tickets/add", {
        method: "POST",
        headers: { referer: "https://evil.example/" },
      });
      assert.equal(back(foreign.location, "url"), `${site}/tickets/add`);
    });

    test("leads there after a failure as well", async () => {
      const bench = make({
        policy: { unreachable: "queue" },
        answers: { requests: () => new Response(null, { status: 500 }) },
      });
      const { location } = await bench.visit("/tickets/add", { method: "POST", headers: { referer } });
      assert.equal(back(location, "url"), referer);
    });

    test("asks the service about the address of the form", async () => {
      const bench = make({ answers: { requests: queued } });
      await bench.visit("/tickets/add", { method: "POST", headers: { referer } });
      const asked = bench.calls.find(({ path }) => path === "requests");
      assert.equal(asked?.body["url"], `${site}/tickets/add`);
    });

    test("lets a form that brings its token reach the application with its body", async () => {
      const bench = make();
      const { served } = await bench.visit(`/tickets/order?ch-id=${token}`, { method: "POST", body: "a=1" });
      assert.equal(served, true);
    });
  });
}

describe("queueIt() and queueItEvent()", () => {
  const from = "https://shop.test/event1/42?x=1";

  test("lead a form that had to wait back to the page on which it stood, without its token", async () => {
    for (const bench of [configured(), evented()]) {
      const headers = { referer: `${from}&queueittoken=old` };
      const { response } = await bench.visit("/event1/add", { method: "POST", headers, body: "a=1" });
      assert.equal(back(response.headers.get("location") ?? "", "t"), from);
    }
  });

  test("lead a script back to the page that it names, whatever the method", async () => {
    const page = "https://shop.test/event1/app";
    const headers = { referer: from, "x-queueit-ajaxpageurl": encodeURIComponent(page) };
    const { response } = await evented().visit("/event1/api", { method: "POST", headers });
    const room = decodeURIComponent(response.headers.get("x-queueit-redirect") ?? "");
    assert.equal(back(room, "t"), page);
  });

  test("lead the form that ends a session back there, too", async () => {
    const bench = configured(configOf(integration({ ActionType: "Cancel" })));
    const { response } = await bench.visit("/event1/end", {
      method: "POST",
      headers: { referer: from },
      cookie: cookieHeader({ event1: cookieOf() }),
    });
    assert.equal(back(response.headers.get("location") ?? "", "r"), from);
  });

  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    test(`never cost ${method} its body for the sake of a clean URL`, async () => {
      const gate = createGate({
        publicHosts: ["shop.test"],
        now: () => nowMs,
        plugins: [
          clientIp(),
          cookieTokens(),
          failClosed(),
          queueItEvent({
            customerId: customerId,
            secretKeys: [secret],
            eventId: "event1",
            queueDomain: "ticketania.queue-it.net",
          }),
        ],
      });
      const request = new Request(`https://shop.test/order?queueittoken=${tokenOf()}`, {
        method,
        body: "a=1",
      });
      const response = await gate(request, async () => new Response(await request.text()));
      assert.equal(response.status, 200);
      assert.equal(await response.text(), "a=1");
      assert.equal(response.headers.getSetCookie().length, 1, "the session begins");
    });
  }

  test("clean the URL of pages all the same", async () => {
    for (const method of ["GET", "HEAD"]) {
      const { decision } = await evented().visit(`/?queueittoken=${tokenOf()}`, { method });
      assert.equal(decision?.reason, "queue-it/clean-url");
    }
  });
});

describe("crowdhandler()", () => {
  const long = `state=${"x".repeat(4000)}`;

  test("shortens an address to come back to that proxies would refuse, in full mode by its longest parameters", async () => {
    const { location } = await benchOf({ answers: { requests: queued } }).visit(
      `/tickets?id=5&${long}&page=2`,
    );
    assert.equal(back(location, "url"), `${site}/tickets?id=5&page=2`);
    assert.ok(location.length < 3072, `${location.length} bytes`);
  });

  test("shortens it in hybrid mode to what the rule of the room still covers", async () => {
    const rooms = [{ ...room, urlPattern: "state=x" }];
    const bench = hybridBench({ answers: { rooms, requests: queued } });
    const { location } = await bench.visit(`/tickets?id=5&${long}&page=2&other=${"y".repeat(1500)}`);
    assert.equal(back(location, "url"), `${site}/tickets?${long}`);
    const byPath = await hybridBench({ answers: { requests: queued } }).visit(`/tickets?id=5&${long}`);
    assert.equal(back(byPath.location, "url"), `${site}/tickets?id=5`);
  });
});
