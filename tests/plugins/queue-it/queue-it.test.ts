import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens } from "../../../mod.ts";
import { storageTokens } from "../../../plugins/storage-tokens/mod.ts";
import { requestBody } from "../../../plugins/request-body.ts";
import { callsBehind } from "../../../src/pipeline/calls.ts";
import { contextOf } from "../../support/context-of.ts";
import { queueIt } from "../../../plugins/queue-it/mod.ts";
import {
  benchOf,
  configOf,
  configured,
  cookieHeader,
  cookieName,
  cookieOf,
  customerId,
  guid,
  integration,
  now,
  nowMs,
  sealed,
  secret,
  sign,
  tokenOf,
  trigger,
} from "./_helpers.ts";

const query = "c=ticketania&e=event1&ver=stanchion-0.1.0&cver=3&man=event1action";
const room = `https://ticketania.queue-it.net/?${query}`;

function cacheHeaders(response: Response): readonly (string | null)[] {
  return ["cache-control", "pragma", "expires"].map((name) => response.headers.get(name));
}

const noCache = [
  "no-cache, no-store, must-revalidate, max-age=0",
  "no-cache",
  "Fri, 01 Jan 1990 00:00:00 GMT",
];

test("queueIt() sends a visitor without session to the waiting room, with the protocol's cache headers", async () => {
  const { response, decision, served, cookies } = await configured().visit("/event1?q=2");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), `${room}&t=https%3A%2F%2Fshop.test%2Fevent1%3Fq%3D2`);
  assert.deepEqual(cacheHeaders(response), noCache);
  assert.equal(decision?.reason, "queue-it/queued");
  assert.equal(decision?.action, "queue");
  assert.equal(served, false);
  assert.deepEqual(cookies, []);
});

test("queueIt() lets in who comes with a token, stores a session and cleans the URL", async () => {
  const { response, decision, cookies } = await configured().visit(
    `/event1?a=1&queueittoken=${tokenOf()}&b=%20x`,
  );
  assert.equal(decision?.reason, "queue-it/clean-url");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "https://shop.test/event1?a=1&b=%20x");
  assert.deepEqual(cacheHeaders(response), noCache);
  const value = encodeURIComponent(sealed(cookieOf({ IssueTime: now })));
  assert.deepEqual(cookies, [`${cookieName()}=${value}; Path=/; Expires=Wed, 15 Nov 2023 22:13:20 GMT`]);
});

test("queueIt() writes the session with the domain and the flags of the integration", async () => {
  const config = configOf(
    integration({ CookieDomain: ".shop.test", IsCookieHttpOnly: true, IsCookieSecure: true }),
  );
  const arriving = await configured(config).visit(`/event1?queueittoken=${tokenOf()}`);
  assert.match(
    arriving.cookies[0] ?? "",
    /; Path=\/; Domain=\.shop\.test; Secure; HttpOnly; Expires=Wed, 15 Nov 2023 22:13:20 GMT$|; Domain=\.shop\.test; Path=\/; Secure; HttpOnly; Expires=Wed, 15 Nov 2023 22:13:20 GMT$/,
  );
  const leaving = await configured(config).visit("/event1", {
    cookie: cookieHeader({ event1: cookieOf({ IssueTime: 1 }) }),
  });
  assert.match(
    leaving.cookies[0] ?? "",
    new RegExp(`^${cookieName()}=; .*Domain=\\.shop\\.test.*Expires=Thu, 01 Jan 1970`),
  );
  assert.doesNotMatch(leaving.cookies[0] ?? "", /SameSite/i);
});

test("queueIt() admits a visitor with a session, without a promise", () => {
  const provider = queueIt({
    customerId,
    secretKeys: [secret],
    integrationConfig: configOf(integration()),
    onConfiguration() {},
  });
  const request = new Request("https://shop.test/event1", {
    headers: { cookie: cookieHeader({ event1: cookieOf() }) },
  });
  const decision = provider.decide(contextOf(request, [], () => nowMs), callsBehind());
  assert.ok("action" in decision);
  const { action, reason, facts } = decision;
  assert.deepEqual([action, reason], ["admit", "queue-it/accepted"]);
  assert.deepEqual([facts?.room, facts?.visitor, facts?.proven], ["event1", guid, "signature"]);
});

test("queueIt() prolongs a session on each visit if the integration says so, and shares it within a second", async () => {
  const bench = configured(configOf(integration({ ExtendCookieValidity: true })));
  const cookie = cookieHeader({ event1: cookieOf() });
  const expected = `${cookieName()}=${encodeURIComponent(sealed(cookieOf({ IssueTime: now })))}`;
  for (let time = 0; time < 2; time++) {
    const { cookies, served, response } = await bench.visit("/event1", { cookie });
    assert.equal(served, true);
    assert.deepEqual(cookies.map((line) => line.split(";")[0]), [expected]);
    assert.equal(response.headers.get("cache-control"), "private");
  }
  const fixed = await bench.visit("/event1", {
    cookie: cookieHeader({ event1: cookieOf({ FixedValidityMins: 5 }) }),
  });
  assert.deepEqual(fixed.cookies, []);
});

test("queueIt() checks expiry, room and address again, although the signature is remembered", async () => {
  let clock = nowMs;
  const config = configOf(
    integration(),
    integration({ Name: "short", CookieValidityMinute: 1, Triggers: [trigger("/short")] }),
    integration({ Name: "other", EventId: "event2", Triggers: [trigger("/other")] }),
  );
  const provider = queueIt({
    customerId,
    secretKeys: [secret],
    integrationConfig: config,
    onConfiguration() {},
  });
  const bench = benchOf(provider, [cookieTokens()], () => clock);
  const value = cookieOf({ Hip: sign("82.192.173.38") });
  const cookie = cookieHeader({ event1: value });
  const reasonOf = async (path: string, visitor = {}) =>
    (await bench.visit(path, { cookie, ...visitor })).decision?.reason;
  assert.equal(await reasonOf("/event1"), "queue-it/accepted");
  assert.equal(await reasonOf("/event1"), "queue-it/accepted");
  assert.equal(await reasonOf("/event1", { address: "82.192.173.39" }), "queue-it/sessionstate");
  assert.equal(await reasonOf("/other", { cookie: cookieHeader({ event2: value }) }), "queue-it/queued");
  clock += 60_000;
  assert.equal(await reasonOf("/short"), "queue-it/queued");
  assert.equal(await reasonOf("/event1"), "queue-it/accepted");
  clock += 19 * 60_000;
  assert.equal(await reasonOf("/event1"), "queue-it/queued");
});

for (
  const [what, token, reason, path] of [
    ["a wrong hash", "e_event1~q_1~ts_1~h_00", "hash", "hash"],
    ["another room", tokenOf({ e: "event9" }), "eventid", "eventid"],
    ["a time that is over", tokenOf({ ts: now - 1 }), "timestamp", "timestamp"],
    ["another address", tokenOf({ hip: sign("1.2.3.4") }), "ip", "ip"],
  ] as const
) {
  test(`queueIt() sends a token with ${what} to the error page`, async () => {
    const { response, decision, cookies } = await configured().visit(`/event1?queueittoken=${token}`);
    const location = response.headers.get("location") ?? "";
    assert.ok(location.startsWith(`https://ticketania.queue-it.net/error/${path}/?${query}`), location);
    assert.match(location, new RegExp(`&queueittoken=${token}&ts=${now}&t=`));
    assert.equal(decision?.reason, `queue-it/${reason}`);
    assert.deepEqual(cacheHeaders(response), noCache);
    assert.deepEqual(cookies, []);
  });
}

test("queueIt() encodes a hostile token, and takes one that cannot be decoded for none", async () => {
  const hostile = await configured().visit("/event1?queueittoken=%0d%0aSet-Cookie:a=b%26c%3Dd%00");
  const location = hostile.response.headers.get("location") ?? "";
  assert.match(location, /&queueittoken=%0D%0ASet-Cookie%3Aa%3Db%26c%3Dd%00&ts=/);
  const broken = await configured().visit("/event1?queueittoken=%zz");
  assert.equal(broken.decision?.reason, "queue-it/queued");
  assert.deepEqual(broken.faults, []);
});

test("queueIt() answers a script with a header instead of a redirect", async () => {
  const page = "https://shop.test/page?a=1&b=2";
  const { response, decision, served } = await configured().visit("/event1", {
    headers: { "x-queueit-ajaxpageurl": encodeURIComponent(page) },
  });
  const location = `${room}&t=${encodeURIComponent(page)}`;
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-queueit-redirect"), encodeURIComponent(location));
  assert.equal(response.headers.get("access-control-expose-headers"), "x-queueit-redirect");
  assert.equal(response.headers.get("location"), null);
  assert.deepEqual(cacheHeaders(response), noCache);
  assert.equal(decision?.action, "queue");
  assert.equal(served, false);
});

test("queueIt() returns a script's visitor to the owner's hosts only, if these are given", async () => {
  const bench = configured(undefined, { ajaxHosts: ["shop.test"] });
  const headerOf = async (page: string) => {
    const { response } = await bench.visit("/event1", {
      headers: { "x-queueit-ajaxpageurl": encodeURIComponent(page) },
    });
    return decodeURIComponent(response.headers.get("x-queueit-redirect") ?? "");
  };
  assert.equal(await headerOf("https://shop.test/x"), `${room}&t=https%3A%2F%2Fshop.test%2Fx`);
  for (
    const page of [
      "https://evil.test/",
      "javascript:alert(1)",
      "https://shop.test:8443/",
      "//shop.test/",
      "nonsense",
    ]
  ) {
    assert.equal(await headerOf(page), room, page);
  }
});

test("queueIt() leaves everything alone where no integration matches, and where one ignores", async () => {
  const config = configOf(
    integration({ ActionType: "Ignore", Name: "static", Triggers: [trigger("/static")] }),
    integration(),
  );
  const stale = { cookie: cookieHeader({ event1: "nonsense" }) };
  for (const [path, reason] of [["/", "no-match"], ["/static/event1", "ignored"]] as const) {
    const { decision, served, cookies, response } = await configured(config).visit(
      `${path}?queueittoken=${tokenOf()}`,
      stale,
    );
    assert.equal(decision?.reason, `queue-it/${reason}`);
    assert.equal(served, true);
    assert.deepEqual(cookies, []);
    assert.equal(response.headers.get("cache-control"), null);
  }
});

test("queueIt() ends the sessions of all rooms of a cancel integration", async () => {
  const config = configOf(
    integration({
      ActionType: "Cancel",
      InvolvedWaitingRoomIds: ["event2", "event3"],
      CookieValidityMinute: null,
    }),
  );
  const bench = configured(config);
  const cookie = cookieHeader({ event2: cookieOf({ EventId: "event2" }), event3: "x" });
  const { response, decision, cookies } = await bench.visit("/event1", { cookie });
  assert.equal(
    response.headers.get("location"),
    `https://ticketania.queue-it.net/cancel/multiple/ticketania?wrl=event1_event2~${guid}_event3&r=https%3A%2F%2Fshop.test%2Fevent1`,
  );
  assert.equal(decision?.reason, "queue-it/cancelled");
  assert.deepEqual(cookies.map((line) => line.split(";")[0]), [
    `${cookieName("event2")}=`,
    `${cookieName("event3")}=`,
  ]);
  const nobody = await bench.visit("/event1", { cookie: cookieHeader({ event3: "x" }) });
  assert.equal(nobody.decision?.reason, "queue-it/nothing-to-cancel");
  assert.equal(nobody.served, true);
  assert.deepEqual(nobody.cookies, []);
});

test("queueIt() forgets the sessions of all rooms when none is valid", async () => {
  const config = configOf(integration({ InvolvedWaitingRoomIds: ["event2"] }));
  const { cookies, decision } = await configured(config).visit("/event1", {
    cookie: cookieHeader({ event1: cookieOf({ IssueTime: 1 }), event2: "nonsense" }),
  });
  assert.equal(decision?.reason, "queue-it/queued");
  assert.deepEqual(cookies.map((line) => line.split(";")[0]), [
    `${cookieName()}=`,
    `${cookieName("event2")}=`,
  ]);
});

test("queueIt() fails when it cannot act upon the matched integration, and says where visitors may wait", async () => {
  const config = configOf(integration({ CookieValidityMinute: null }));
  const { faults, response, served } = await configured(config).visit("/event1");
  assert.equal(served, true);
  assert.equal(response.headers.get("x-queueit-failed"), "true");
  assert.equal(faults[0]?.code, "malformed");
  assert.match(faults[0]?.message ?? "", /CookieValidityMinute must be a number greater than 0/);
});

test("queueIt() writes the debug cookie for a verified debug token, and for no other", async () => {
  const bench = configured();
  const verified = await bench.visit(`/event1?queueittoken=${tokenOf({ rt: "debug", e: "other" })}`, {
    headers: { via: "1.1 proxy" },
  });
  const line = verified.cookies.at(-1) ?? "";
  assert.match(line, /^queueitdebug=SdkVersion%3D.*; Path=\/; Expires=Tue, 14 Nov 2023 22:33:20 GMT$/);
  const text = decodeURIComponent(line.split(";")[0] ?? "");
  assert.match(text, /\|RequestIP=82\.192\.173\.38\|RequestHttpHeader_Via=1\.1 proxy\|/);
  assert.match(
    text,
    /\|MatchedConfig=event1action\|TargetUrl=https:\/\/shop\.test\/event1\|QueueConfig=EventId:event1&/,
  );
  assert.equal(verified.decision?.reason, "queue-it/queued");
  const forged = await bench.visit("/event1?queueittoken=e_event1~rt_debug~ts_99999999999~h_00");
  assert.deepEqual(forged.cookies, []);
  assert.equal(
    forged.response.headers.get("location"),
    "https://ticketania.api2.queue-it.net/ticketania/diagnostics/connector/error/?code=hash",
  );
  assert.equal(forged.decision?.reason, "queue-it/diagnostics");
});

test("queueIt() keeps the debug cookie within 4096 bytes and its list intact", async () => {
  const { cookies } = await configured().visit(
    `/event1?queueittoken=${tokenOf({ rt: "debug" })}&x=${"%C3%BC".repeat(2000)}`,
  );
  const line = cookies.find((cookie) => cookie.startsWith("queueitdebug=")) ?? "";
  assert.ok(line.length > 2000 && line.length <= 4096, String(line.length));
  const entries = decodeURIComponent(line.slice("queueitdebug=".length).split(";")[0] ?? "").split("|");
  assert.equal(entries[0], "SdkVersion=stanchion-0.1.0");
  assert.ok(entries.every((entry) => /^\w+=/.test(entry)));
  assert.ok(entries.at(-1)?.startsWith("QueueConfig="));
});

test("queueIt() can keep debug tokens from letting visitors in", async () => {
  const path = `/event1?queueittoken=${tokenOf({ rt: "debug" })}`;
  assert.equal((await configured().visit(path)).decision?.reason, "queue-it/clean-url");
  assert.equal(
    (await configured(undefined, { debugTokensPass: false }).visit(path)).decision?.reason,
    "queue-it/queued",
  );
});

test("queueIt() names the integration, the trigger and the part in an explanation that changes nothing", async () => {
  let asked = 0;
  const config = configOf(
    integration({ ActionType: "Ignore", Triggers: [] }),
    integration({ VerifyQueueIdEnabled: true }),
  );
  const { gate } = configured(config, { verifyAction: () => ++asked > 0 });
  const { steps, decision, headers } = await gate.explain(
    new Request(`https://shop.test/event1?queueittoken=${tokenOf()}`),
    { remoteAddr: { hostname: "82.192.173.38" } },
  );
  const step = steps.find(({ plugin, hook }) => plugin === "queue-it" && hook === "decide");
  assert.deepEqual(step?.notes, [
    'integration 1 ("event1action"), trigger 0, part 0',
    "the service that counts the use of queue ids was not asked; it is taken to agree",
  ]);
  assert.equal(decision?.reason, "queue-it/clean-url");
  assert.deepEqual(headers, []);
  assert.equal(asked, 0);
});

test("queueIt() finds what leads to the queue in any form of a body, and what leads past it in the sent one alone", async () => {
  const body = { ValidatorType: "RequestBodyValidator" };
  const config = configOf(
    integration({ Name: "staff", ActionType: "Ignore", Triggers: [trigger("staff=yes", body)] }),
    integration({ Triggers: [trigger("sku=ABC", body)] }),
  );
  const bench = configured(config);
  const reasons = {
    "sku=abc": "queue-it/queued",
    "s%6bu=abc": "queue-it/queued",
    '{"q":"sku\\u003dabc"}': "queue-it/queued",
    "staff=yes": "queue-it/ignored",
    "staff=yes&sku=abc": "queue-it/ignored",
    "staff=y%65s&sku=abc": "queue-it/queued",
    "staff=y%65s&sku=%61bc": "queue-it/queued",
    '{"staff":"yes","sku":"abc"}': "queue-it/queued",
    "order[sku]=abc": "queue-it/queued",
    '--x\r\nContent-Disposition: form-data; name="sku"\r\n\r\nabc\r\n--x--\r\n': "queue-it/queued",
    '{"staff":"yes"}': "queue-it/no-match",
    "staff=y%65s": "queue-it/no-match",
    "sku=%41%42": "queue-it/no-match",
  };
  for (const [text, reason] of Object.entries(reasons)) {
    const { decision } = await bench.visit("/", { method: "POST", body: text });
    assert.equal(decision?.reason, reason, text);
  }
});

test("queueIt() looks at the body if a trigger asks, with and without requestBody()", async () => {
  const body = { ValidatorType: "RequestBodyValidator" };
  const config = configOf(integration({ Triggers: [trigger("sku=ABC", body)] }));
  for (const plugins of [[], [cookieTokens()], [cookieTokens(), requestBody()]]) {
    const bench = configured(config, {}, plugins);
    const buying = await bench.visit("/", { method: "POST", body: "sku=abc-123" });
    assert.equal(buying.decision?.reason, "queue-it/queued");
    const browsing = await bench.visit("/", { method: "POST", body: "sku=xyz-123" });
    assert.equal(browsing.decision?.reason, "queue-it/no-match");
    // It may hide what it asks for behind as much as is read.
    const padding = await bench.visit("/", { method: "POST", body: `${"x".repeat(65_536)}sku=abc-123` });
    assert.equal(padding.decision?.reason, "queue-it/queued");
  }
});

test("queueIt() works with sessions that a storage keeps", async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => Promise.resolve(kept.get(key) ?? null),
    setItem: (key: string, value: string) => Promise.resolve(void kept.set(key, value)),
    removeItem: (key: string) => Promise.resolve(void kept.delete(key)),
  };
  const config = configOf(integration({ InvolvedWaitingRoomIds: ["event2"] }));
  const bench = configured(config, {}, [storageTokens({ storage })]);
  const arriving = await bench.visit(`/event1?queueittoken=${tokenOf({ e: "event2" })}`);
  assert.equal(arriving.decision?.reason, "queue-it/clean-url", String(arriving.faults[0]));
  const cookie = arriving.cookies.map((line) => line.split(";")[0]).join("; ");
  assert.doesNotMatch(cookie, /EventId/);
  const back = await bench.visit("/event1", { cookie });
  assert.equal(back.decision?.reason, "queue-it/accepted");
});

test("queueIt() tells the edge platform in URLs and in a header", async () => {
  const bench = configured(undefined, { platform: { name: "cloudflare", version: "1.2.3" } });
  const { response } = await bench.visit("/event1");
  assert.match(response.headers.get("location") ?? "", /&t=[^&]*&kupver=cloudflare-1\.2\.3$/);
  assert.equal(response.headers.get("x-queueit-connector"), "cloudflare");
  const script = await bench.visit("/event1", {
    headers: { "x-queueit-ajaxpageurl": "https%3A%2F%2Fshop.test%2F" },
  });
  assert.match(
    script.response.headers.get("x-queueit-redirect") ?? "",
    /shop\.test%252F&kupver=cloudflare-1\.2\.3$/,
  );
});

test("queueIt() takes the URL that the owner says the browser sees", async () => {
  const bench = configured(undefined, {
    url: (ctx) => ctx.request.url.replace("https://shop.test", "https://www.shop.test"),
  });
  const { response } = await bench.visit("/event1");
  assert.match(response.headers.get("location") ?? "", /&t=https%3A%2F%2Fwww\.shop\.test%2Fevent1$/);
});

test("queueIt() accepts a token in a header only if that is allowed", async () => {
  const visitor = { headers: { "x-queueittoken": tokenOf() } };
  assert.equal((await configured().visit("/event1", visitor)).decision?.reason, "queue-it/queued");
  const { decision } = await configured(undefined, { tokenHeader: true }).visit("/event1", visitor);
  assert.equal(decision?.reason, "queue-it/accepted");
});

test("queueIt() verifies with every secret and signs with the first", async () => {
  const bench = configured(undefined, { secretKeys: ["new", secret] });
  const old = await bench.visit("/event1", { cookie: cookieHeader({ event1: cookieOf() }) });
  assert.equal(old.decision?.reason, "queue-it/accepted");
  const arriving = await bench.visit(`/event1?queueittoken=${tokenOf({ hip: sign("82.192.173.38") })}`);
  const value = encodeURIComponent(
    sealed(cookieOf({ IssueTime: now, Hip: sign("82.192.173.38") }, "new"), "new"),
  );
  assert.equal(arriving.cookies[0]?.split(";")[0], `${cookieName()}=${value}`);
  const stranger = await bench.visit("/event1", { cookie: cookieHeader({ event1: cookieOf({}, "wrong") }) });
  assert.equal(stranger.decision?.reason, "queue-it/queued");
});
