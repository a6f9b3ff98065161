import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clientIp, cookieTokens, createGate, failClosed, type Provider, staticFiles } from "../../mod.ts";
import { queueIt } from "../../plugins/queue-it/mod.ts";
import { waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { gateOf, opening, page as answerPage } from "../src/_gates.ts";
import { hybridBench } from "./crowdhandler/_helpers.ts";
import { configOf, customerId, integration, secret } from "./queue-it/_helpers.ts";

/** A request that tells how often somebody asked for its headers, which some servers make at that moment. */
function watched(url: string, init: RequestInit = {}): { readonly request: Request; asked(): number } {
  const request = new Request(url, init);
  const { headers } = request;
  let count = 0;
  Object.defineProperty(request, "headers", {
    get() {
      count++;
      return headers;
    },
  });
  return { request, asked: () => count };
}

function gated(provider: Provider): (request: Request) => Response | Promise<Response> {
  return createGate({
    publicHosts: ["shop.example.com"],
    plugins: [staticFiles({ roots: ["/assets"] }), clientIp(), cookieTokens(), failClosed(), provider],
  }).wrap(() => new Response("page"));
}

describe("the headers of a page in no room", () => {
  const page = "https://shop.example.com/about?from=poster";
  const hybrid = hybridBench();
  const table = {
    "queue-it": gated(
      queueIt({ customerId, secretKeys: [secret], integrationConfig: configOf(integration()) }),
    ),
    "waiting-room": gated(waitingRoom({
      admitPerMinute: 60,
      secretKeys: ["0123456789abcdef0123456789abcdef"],
      match: [{ path: { contains: "/tickets" } }],
    })),
    "crowdhandler, hybrid": (request: Request) => hybrid.handle(request),
  };
  // It has a settled hook, before which these servers are asked: they tell nothing any more once they have answered.
  const isAsked = "Deno" in globalThis || "Bun" in globalThis;
  for (const [name, gate] of Object.entries(table)) {
    const expected = isAsked && name.startsWith("crowdhandler") ? 1 : 0;
    test(`are asked for ${expected} times by ${name}`, async () => {
      // The first visit may load the rooms, and is waited for.
      assert.equal((await gate(new Request(page))).status, 200);
      for (const method of ["GET", "HEAD"]) {
        const { request, asked } = watched(page, { method });
        assert.equal((await gate(request)).status, 200);
        assert.equal(asked(), expected, method);
      }
    });
  }

  test("are asked for before a hook is waited for, as a request that is over may tell none", async () => {
    let askedBefore = -1;
    const { request, asked } = watched(page);
    const { gate } = gateOf([{
      name: "slow",
      decide: () => Promise.resolve().then(() => void (askedBefore = asked())),
    }]);
    await gate(request, answerPage);
    assert.equal(askedBefore, 1);
  });

  test("may be impossible to tell, which a hook that is waited for does not suffer from", async () => {
    const request = new Request(page);
    Object.defineProperty(request, "headers", {
      get() {
        throw new TypeError("gone");
      },
    });
    const slow = gateOf([{ name: "slow", decide: () => Promise.reject(new Error("late")) }, opening]);
    assert.equal((await slow.gate(request, answerPage)).status, 200);
    assert.equal(slow.faults.length, 1);
  });
});
