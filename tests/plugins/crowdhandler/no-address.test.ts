import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../../support/random-cases.ts";
import { clientIp } from "../../../plugins/client-ip.ts";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { crowdhandler } from "../../../plugins/crowdhandler/mod.ts";
import { failClosed, failOpen, failurePolicy } from "../../../plugins/failure-policy/failure-policy.ts";
import { createSandbox } from "../../../sandbox/mod.ts";
import { createGate } from "../../../src/gate.ts";
import { platform } from "../../../src/platform.ts";
import { site } from "./_helpers.ts";

const [api, wait] = ["https://api.test", "https://wait.test"];
/** A browser gives up after some twenty redirects; nobody needs as many to come in. */
const mostSteps = 6;

/** What a platform and its owner say of visitors, and how the gate is set up. */
interface Setup {
  readonly peerAddress: string | undefined;
  readonly forwarded: string | undefined;
  readonly trustedProxies: number | undefined;
  readonly told: string | undefined;
  readonly mode: "full" | "hybrid";
  readonly cleanUrl: "first" | "after-check" | "never";
  readonly lite: boolean;
  readonly loopGuard: boolean;
  readonly policy: "open" | "closed" | "rejecting" | "page";
  readonly capacity: number;
}

const setups: fc.Arbitrary<Setup> = fc.record({
  peerAddress: fc.constantFrom(undefined, "", "unknown", "192.0.2.9", "2001:db8::9"),
  forwarded: fc.constantFrom(undefined, "", "unknown", "203.0.113.7", "garbage, 203.0.113.7"),
  trustedProxies: fc.constantFrom(undefined, 0, 1),
  told: fc.constantFrom(undefined, "", "unknown", "198.51.100.23"),
  mode: fc.constantFrom("full", "hybrid"),
  cleanUrl: fc.constantFrom("first", "after-check", "never"),
  lite: fc.boolean(),
  loopGuard: fc.boolean(),
  policy: fc.constantFrom("open", "closed", "rejecting", "page"),
  capacity: fc.constantFrom(0, 100),
});

const policies = {
  open: () => failOpen(),
  closed: () => failClosed(),
  rejecting: () => failurePolicy({ otherwise: "reject", status: 500 }),
  page: () => failClosed({ location: "/please-wait" }),
};

/** A shop with a hosted room in front of it, and a browser. */
function shopOf(setup: Setup) {
  const { peerAddress, forwarded, trustedProxies, told, mode, cleanUrl, lite, loopGuard, capacity } = setup;
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const sandbox = createSandbox({
    rooms: [{
      slug: "hall",
      domain: site,
      patternType: "contains",
      urlPattern: "/tickets",
      capacity,
      ratePerMinute: 6000,
    }],
  });
  /** Services differ in what they do without; this one wants the address in each check. */
  async function service(url: string, init: RequestInit): Promise<Response> {
    const request = new Request(url, init);
    const { pathname, searchParams } = new URL(url);
    const isCheck = pathname.startsWith("/v1/requests");
    const ip = request.method === "GET"
      ? searchParams.get("ip")
      : isCheck
      ? (await request.clone().json()).ip
      : undefined;
    if (isCheck && !ip) return Response.json({ error: "ip is required" }, { status: 422 });
    return await sandbox.fetch(request);
  }
  const provider = crowdhandler({
    publicKey: sandbox.publicKey,
    privateKey: sandbox.privateKey,
    apiUrl: api,
    waitingRoomUrl: wait,
    fetch: service,
    mode,
    cleanUrl: mode === "hybrid" && cleanUrl === "first" ? "after-check" : cleanUrl,
    lite,
    loopGuard,
    ...(told !== undefined && { visitor: () => ({ ip: told }) }),
    warn,
  });
  const addresses = trustedProxies === undefined ? [] : [clientIp({ trustedProxies, warn() {} })];
  const gate = createGate({
    publicHosts: [new URL(site).host],
    plugins: [...addresses, cookieTokens(), policies[setup.policy](), provider],
    onError() {},
  });
  const page = (url: string) => new Response(new URL(url).pathname === "/tickets" ? "INSIDE" : "page");

  async function open(): Promise<
    { readonly trail: string[]; readonly status: number; readonly text: string }
  > {
    const jar = new Map<string, string>();
    const trail: string[] = [];
    for (let url = `${site}/tickets?day=2`;;) {
      const isOwn = url.startsWith(site);
      const request = new Request(url, {
        headers: {
          accept: "text/html",
          "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/150",
          ...(isOwn && { cookie: [...jar].map((pair) => pair.join("=")).join("; ") }),
          ...(forwarded !== undefined && { "x-forwarded-for": forwarded }),
        },
      });
      const response = isOwn
        ? await gate(request, () => page(url), platform({ peerAddress }))
        : await sandbox.fetch(request);
      trail.push(`${response.status} ${url}`);
      for (const line of isOwn ? response.headers.getSetCookie() : []) {
        const [, name = "", value = ""] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
        jar.set(name, value);
      }
      const text = await response.text();
      const location = response.headers.get("location");
      if (location === null || trail.length > mostSteps) return { trail, status: response.status, text };
      url = new URL(location, url).href;
    }
  }
  return { open, warnings };
}

/** Whether the service is told an address: what the owner says of it counts first. */
function isKnown({ peerAddress, forwarded, trustedProxies, told }: Setup): boolean {
  const isAddress = (text = "") => /^[\da-f.:]+$/.test(text);
  if (told !== undefined) return isAddress(told);
  if (trustedProxies === 1 && !(peerAddress && !isAddress(peerAddress))) {
    const last = forwarded?.split(",").at(-1)?.trim();
    if (isAddress(last)) return true;
  }
  return isAddress(peerAddress);
}

describe("crowdhandler() sends nobody round and round", () => {
  test("whatever the platform and the owner say of a visitor's address", async () => {
    let without = 0;
    await fc.assert(
      fc.asyncProperty(setups, async (setup) => {
        const { open, warnings } = shopOf(setup);
        for (let visitor = 0; visitor < 2; visitor++) {
          const { trail, status, text } = await open();
          assert.ok(trail.length <= mostSteps, trail.join("\n"));
          if (isKnown(setup)) {
            assert.equal(status, 200, trail.join("\n"));
            assert.equal(text === "INSIDE", setup.capacity > 0, trail.join("\n"));
            assert.deepEqual(warnings, []);
          } else if (setup.mode === "full" && (!setup.lite || setup.capacity > 0)) {
            // The service's own validator, of `lite`, holds whoever has to wait, and is told nothing by us.
            without++;
            assert.notEqual(text, "INSIDE", trail.join("\n"));
            const statuses = { open: 503, closed: 503, rejecting: 500, page: 200 };
            assert.equal(status, statuses[setup.policy], trail.join("\n"));
            assert.equal(text === "page", setup.policy === "page", trail.join("\n"));
            assert.equal(warnings.length, 1, warnings.join("\n"));
            assert.match(warnings[0] ?? "", /no client address is known: add clientIp\(\{ trustedProxies/);
          }
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(without > 0);
  });

  test("who comes back from the room to a clock that is wrong, and is known by no address, is not sent there again", async () => {
    // Signatures of the room are believed for some seconds, by this server's clock.
    const sandbox = createSandbox({
      rooms: [{ slug: "hall", domain: site, patternType: "contains", urlPattern: "/tickets", capacity: 100 }],
    });
    const gate = createGate({
      publicHosts: [new URL(site).host],
      now: () => Date.now() + 86_400_000,
      plugins: [
        cookieTokens(),
        failClosed(),
        crowdhandler({
          publicKey: sandbox.publicKey,
          privateKey: sandbox.privateKey,
          mode: "hybrid",
          apiUrl: api,
          waitingRoomUrl: wait,
          fetch: async (url, init) =>
            url.includes("/requests")
              ? Response.json({ error: "ip is required" }, { status: 422 })
              : await sandbox.fetch(new Request(url, init)),
          warn() {},
        }),
      ],
      onError() {},
    });
    const visit = (url: string) => gate(new Request(url), () => new Response("INSIDE"));
    const first = await visit(`${site}/tickets`);
    const room = await sandbox.fetch(new Request(first.headers.get("location") ?? ""));
    const back = await visit(room.headers.get("location") ?? "");
    assert.deepEqual([first.status, room.status, back.status, back.headers.get("location")], [
      302,
      302,
      503,
      null,
    ]);
  });
});
