import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { DEMO_API_KEY, DEMO_CUSTOMER_ID, DEMO_SECRET_KEY } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
import type { Json } from "./_helpers.ts";
import { ADDRESS, queueBench } from "./_queue-it.ts";

// The published connector and its tokens, as an application on Node would use them.
const connector = await load("@queue-it/connector-javascript");
const queueToken = await load("@queue-it/queue-token");

async function load(name: string): Promise<Json> {
  try {
    const module = await import(name);
    return module.default ?? module;
  } catch {
    console.log(`# skipped: ${name} cannot be imported`);
    return undefined;
  }
}

const PAGE = "https://shop.example.com/tickets?a=1";

interface Visit {
  readonly result: Json;
  readonly redirectUrl: string | undefined;
}

/** A shop that asks the connector, and a browser that keeps the shop's cookies. */
function shop(
  config: string,
  { address = ADDRESS, enqueueToken, verify }: {
    address?: string;
    enqueueToken?: (room: string) => string;
    verify?: (roomId: string, queueId: string, limit: number) => Promise<boolean>;
  } = {},
): { cookies: Map<string, string>; visit(url: string): Promise<Visit> } {
  const cookies = new Map<string, string>();
  return {
    cookies,
    async visit(url): Promise<Visit> {
      const token = new URL(url).searchParams.get("queueittoken") ?? "";
      const clean = url.replace(/[?&]queueittoken=[^&#]*/, "");
      const context = {
        getHttpRequest: () => ({
          getUserAgent: () => "Mozilla/5.0 test",
          getHeader: () => "",
          getAbsoluteUri: () => url,
          getUserHostAddress: () => address,
          getCookieValue: (name: string) => cookies.get(name),
          getRequestBodyAsString: () => "",
        }),
        getHttpResponse: () => ({
          setCookie(name: string, value: string): void {
            if (value === "") cookies.delete(name);
            else cookies.set(name, value);
          },
        }),
        getCryptoProvider: () => ({
          getSha256Hash: (key: string, text: string) => createHmac("sha256", key).update(text).digest("hex"),
        }),
        getEnqueueTokenProvider: () => enqueueToken === undefined ? null : { getEnqueueToken: enqueueToken },
        getVerifyActionService: () => ({
          verify: (_: string, room: string, id: string, limit: number) => verify?.(room, id, limit),
        }),
      };
      const result = await connector.KnownUser.validateRequestByIntegrationConfig(
        clean,
        token,
        config,
        DEMO_CUSTOMER_ID,
        DEMO_SECRET_KEY,
        context,
        DEMO_API_KEY,
      );
      return { result, redirectUrl: result.doRedirect() ? result.redirectUrl : undefined };
    },
  };
}

function cancelling(config: string): string {
  const parsed = JSON.parse(config);
  const [queue] = parsed.Integrations;
  const [trigger] = queue.Triggers;
  const part = {
    ...trigger.TriggerParts[0],
    UrlPart: "PagePath",
    Operator: "Equals",
    ValueToCompare: "/bye",
  };
  const cancel = {
    ...queue,
    Name: "Bye",
    ActionType: "Cancel",
    Triggers: [{ ...trigger, TriggerParts: [part] }],
  };
  return JSON.stringify({ ...parsed, Integrations: [cancel, queue] });
}

/** The part of a redirect that a browser sends to the queue's host. */
function pathOf(url: string | undefined): string {
  const { pathname, search } = new URL(url ?? "none:");
  return pathname + search;
}

const published = { skip: connector === undefined && "the connector is not installed" };

test(
  "the published connector: queued, let in, accepted, cancelled, against a sandbox over HTTP",
  published,
  async () => {
    const { sandbox } = queueBench({ capacity: 1, bindAddress: false }, {}, { now: Date.now });
    const server = await serveSandbox(sandbox);
    try {
      const pulled = await fetch(`${server.url}/status/integrationconfig/secure/${DEMO_CUSTOMER_ID}`, {
        headers: { "api-key": DEMO_API_KEY },
      });
      const site = shop(cancelling(await pulled.text()));
      sandbox.queueIt.updateRoom("gala", { capacity: 0 });

      const first = await site.visit(PAGE);
      assert.equal(new URL(first.redirectUrl ?? "").host, new URL(server.url).host);
      const page = await fetch(server.url + pathOf(first.redirectUrl));
      assert.match(await page.text(), /<h1 data-text="heading">You are in line<\/h1>/);
      const cookie = page.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
      sandbox.promote();
      const left = await fetch(server.url + pathOf(first.redirectUrl), {
        headers: { cookie },
        redirect: "manual",
      });
      assert.equal(left.status, 302);

      const returned = await site.visit(left.headers.get("location") ?? "");
      assert.deepEqual([returned.redirectUrl, returned.result.redirectType], [undefined, "queue"]);
      assert.equal(returned.result.queueId, cookie.split("=")[1]);
      assert.match(site.cookies.get("QueueITAccepted-SDFrts345E-V3_gala") ?? "", /^EventId=gala&QueueId=/);
      assert.equal((await site.visit(PAGE)).redirectUrl, undefined);

      const bye = await site.visit("https://shop.example.com/bye");
      assert.match(bye.redirectUrl ?? "", /\/cancel\/multiple\/stanchiondemo\?wrl=gala~/);
      assert.equal(site.cookies.size, 0);
      assert.equal(sandbox.state.queueIt.rooms[0]?.inside, 1);
      const gone = await fetch(server.url + pathOf(bye.redirectUrl), { redirect: "manual" });
      assert.equal(gone.headers.get("location"), "https://shop.example.com/bye");
      assert.equal(sandbox.state.queueIt.rooms[0]?.inside, 0);
      assert.notEqual((await site.visit(PAGE)).redirectUrl, undefined);
    } finally {
      await server.close();
    }
  },
);

test("the published connector accepts tokens of every phase, and of a fixed session", published, async () => {
  const b = queueBench({ fixedCookieMinutes: 5, ratePerMinute: 6000 }, {}, { now: Date.now });
  for (const phase of ["queue", "safetynet", "idle", "disabled", "afterevent"] as const) {
    b.sandbox.queueIt.updateRoom("gala", { phase });
    const site = shop(b.sandbox.queueIt.integrationConfig());
    const { redirectUrl } = await site.visit(PAGE);
    const { location } = await b.browser().open(pathOf(redirectUrl));
    const { result } = await site.visit(location);
    assert.deepEqual([result.doRedirect(), result.redirectType], [false, phase]);
    assert.match([...site.cookies.values()][0] ?? "", /&FixedValidityMins=5&/);
  }
});

test(
  "the published connector sends bad tokens to error pages, from where the visitor can queue again",
  published,
  async () => {
    const b = queueBench({ bindAddress: true, ratePerMinute: 6000 }, {}, { now: Date.now });
    const { queueIt } = b.sandbox;
    const { token = "" } = await b.browser(ADDRESS).queue();
    const table: readonly [string, string | null, string][] = [
      ["hash", `${token}0`, "Your pass could not be read"],
      ["timestamp", queueIt.issueToken("gala", { expiresInSeconds: -60 }), "Your pass has run out"],
      ["ip", queueIt.issueToken("gala", { address: "203.0.113.9" }), "Your network has changed"],
    ];
    for (const [code, bad, heading] of table) {
      const site = shop(queueIt.integrationConfig());
      const { redirectUrl } = await site.visit(`${PAGE}&queueittoken=${bad}`);
      assert.equal(new URL(redirectUrl ?? "").pathname, `/error/${code}/`);
      const browser = b.browser(ADDRESS);
      const page = await browser.open(pathOf(redirectUrl));
      assert.ok(page.text.includes(`<h1>${heading}</h1>`), code);
      const [, again = ""] = /class="button" href="([^"]+)"/.exec(page.text) ?? [];
      const { location } = await browser.open(again.replaceAll("&amp;", "&"));
      assert.equal((await site.visit(location)).redirectUrl, undefined, code);
    }
  },
);

test(
  "the published connector and the verify endpoint end a queue id that was used too often",
  published,
  async () => {
    const b = queueBench({ queueIdUsageLimit: 2, ratePerMinute: 6000 }, {}, { now: Date.now });
    const browser = b.browser();
    const site = shop(b.sandbox.queueIt.integrationConfig(), {
      async verify(waitingRoomId, queueId, limit) {
        const path = `/api/verifyaction/${DEMO_CUSTOMER_ID}`;
        const { json } = await b.send("POST", path, { waitingRoomId, queueId, limit, ip: ADDRESS });
        return json.actionAllowed;
      },
    });
    const { redirectUrl } = await site.visit(PAGE);
    const { location } = await browser.open(pathOf(redirectUrl));
    assert.equal((await site.visit(location)).redirectUrl, undefined);
    assert.equal((await site.visit(PAGE)).redirectUrl, undefined);
    const refused = await site.visit(PAGE);
    assert.equal(new URL(refused.redirectUrl ?? "").pathname, "/error/qidlimit/");
    const { text } = await browser.open(pathOf(refused.redirectUrl));
    const [, again = ""] = /class="button" href="([^"]+)"/.exec(text) ?? [];
    const back = await browser.open(again.replaceAll("&amp;", "&"));
    assert.equal((await site.visit(back.location)).redirectUrl, undefined);
  },
);

test("a debug token switches on the published connector's diagnostics", published, async () => {
  const { queueIt } = queueBench({}, {}, { now: Date.now }).sandbox;
  const site = shop(queueIt.integrationConfig());
  await site.visit(`${PAGE}&queueittoken=${queueIt.issueToken("gala", { redirectType: "debug" })}`);
  assert.match(site.cookies.get("queueitdebug") ?? "", /SdkVersion=/);
});

const tokens = { skip: queueToken === undefined && "@queue-it/queue-token is not installed" };

/** An enqueue token of the published library. */
function enqueue(change: {
  customerId?: string;
  eventId?: string;
  validityMs?: number;
  ip?: string;
  secretKey?: string;
} = {}): string {
  const { customerId = DEMO_CUSTOMER_ID, eventId, validityMs = 60_000, ip, secretKey = DEMO_SECRET_KEY } =
    change;
  const { Token, Payload } = queueToken;
  const payload = Payload.Enqueue().WithKey("visitor-7").WithCustomData("size", "M").Generate();
  let builder = Token.Enqueue(customerId).WithPayload(payload).WithValidity(validityMs);
  if (eventId !== undefined) builder = builder.WithEventId(eventId);
  if (ip !== undefined) builder = builder.WithIpAddress(ip, "");
  return builder.Generate(secretKey).Token;
}

test("a room that requires enqueue tokens takes those of the published library, once", tokens, async () => {
  const b = queueBench({ requireEnqueueToken: true, capacity: 0 }, {}, { now: Date.now });
  for (const change of [{}, { eventId: "gala" }, { ip: ADDRESS }]) {
    const query = { enqueuetoken: enqueue(change) };
    const browser = b.browser(ADDRESS);
    assert.equal((await browser.queue(query)).status, 200, JSON.stringify(change));
    assert.equal((await browser.queue(query)).status, 200, "the place is known");
    const replay = await b.browser(ADDRESS).queue(query);
    assert.equal(replay.status, 403);
    assert.match(replay.text, /<dd>used<\/dd>/);
  }
});

test("a room that requires enqueue tokens refuses others, and leads back to the site", tokens, async () => {
  const b = queueBench({ requireEnqueueToken: true }, {}, { now: Date.now });
  const good = enqueue();
  const [head = "", payload = "", hash = ""] = good.split(".");
  const other = enqueue().split(".");
  const table: readonly [string | undefined, string][] = [
    [undefined, "missing"],
    ["", "missing"],
    ["x", "malformed"],
    [`${good}.x`, "malformed"],
    ["x".repeat(5000), "malformed"],
    [`${btoa("null")}..x`, "malformed"],
    [`${head}.${payload}.${hash.slice(1)}`, "signature"],
    [`${head}.${other[1]}.${hash}`, "signature"],
    [enqueue({ secretKey: "another" }), "signature"],
    [enqueue({ customerId: "other" }), "customer"],
    [enqueue({ eventId: "other" }), "event"],
    [enqueue({ validityMs: -1000 }), "expired"],
    [enqueue({ ip: "203.0.113.9" }), "address"],
  ];
  for (const [enqueuetoken, reason] of table) {
    const browser = b.browser(ADDRESS);
    const { status, text } = await browser.queue({ enqueuetoken });
    assert.equal(status, 403, reason);
    assert.ok(text.includes(`<dd>${reason}</dd>`), `${reason} ${enqueuetoken?.slice(0, 20)}`);
    assert.match(text, /<h1>Start from the site<\/h1>[\s\S]*href="https:\/\/shop\.example\.com\/tickets/);
    assert.equal(browser.cookies.size, 0);
  }
  assert.equal(b.sandbox.state.queueIt.visitors, 0);
});
