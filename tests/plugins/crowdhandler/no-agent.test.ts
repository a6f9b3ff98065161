/** Visitors who do not say what browser they are, before the sandbox, which wants to know it in each check as the service does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { clientIp } from "../../../plugins/client-ip.ts";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { crowdhandler } from "../../../plugins/crowdhandler/mod.ts";
import { failClosed, failOpen } from "../../../plugins/failure-policy/failure-policy.ts";
import { createSandbox } from "../../../sandbox/mod.ts";
import { createGate } from "../../../src/gate.ts";
import { platform } from "../../../src/platform.ts";
import { site } from "./_helpers.ts";

/** A browser gives up after some twenty redirects. */
const mostSteps = 8;

interface Setup {
  readonly mode: "full" | "hybrid";
  readonly cleanUrl: "first" | "after-check" | "never";
  readonly lite: boolean;
  readonly keepsCookies: boolean;
}

/** Follows a visitor without a user agent to the end, which there must be. */
async function follow({ mode, cleanUrl, lite, keepsCookies }: Setup, policy = failClosed()) {
  const room = {
    slug: "hall",
    domain: site,
    patternType: "contains",
    urlPattern: "/tickets",
    capacity: 5,
  } as const;
  const sandbox = createSandbox({ rooms: [{ ...room, ratePerMinute: 6000 }] });
  const provider = crowdhandler({
    publicKey: sandbox.publicKey,
    privateKey: sandbox.privateKey,
    apiUrl: "https://api.test",
    waitingRoomUrl: "https://wait.test",
    fetch: async (url: string, init: RequestInit) => await sandbox.fetch(new Request(url, init)),
    mode,
    cleanUrl,
    lite,
    warn() {},
  });
  const gate = createGate({
    publicHosts: [new URL(site).host],
    plugins: [clientIp({ warn() {} }), cookieTokens(), policy, provider],
    onError() {},
  });
  const jar = new Map<string, string>();
  for (let url = `${site}/tickets?day=2`, steps = 1;; steps++) {
    const isOwn = url.startsWith(site);
    const cookie = [...jar].map((pair) => pair.join("=")).join("; ");
    const request = new Request(url, { headers: { accept: "text/html", ...(isOwn && { cookie }) } });
    const response = isOwn
      ? await gate(request, () => new Response("INSIDE"), platform({ peerAddress: "192.0.2.9" }))
      : await sandbox.fetch(request);
    for (const line of isOwn && keepsCookies ? response.headers.getSetCookie() : []) {
      const [, name = "", value = ""] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) return { status: response.status, text: await response.text() };
    assert.ok(steps < mostSteps, `there is no end: ${location}`);
    url = new URL(location, url).href;
  }
}

test("a visitor without a user agent is told in full mode what is missing, and never goes round and round", async () => {
  for (const cleanUrl of ["first", "after-check", "never"] as const) {
    for (const lite of [false, true]) {
      for (const keepsCookies of [true, false]) {
        for (const policy of [failClosed(), failOpen()]) {
          const setup = { mode: "full", cleanUrl, lite, keepsCookies } as const;
          const { status, text } = await follow(setup, policy);
          assert.equal(status, 403, JSON.stringify(setup));
          assert.match(text, /waiting room.*User-Agent/);
        }
      }
    }
  }
});

test("one comes in by the room's signature in hybrid mode, or stays in the room", async () => {
  for (const cleanUrl of ["after-check", "never"] as const) {
    const { status, text } = await follow({ mode: "hybrid", cleanUrl, lite: false, keepsCookies: true });
    assert.deepEqual([status, /INSIDE|data-|room/i.test(text)], [200, true], text.slice(0, 200));
  }
});
