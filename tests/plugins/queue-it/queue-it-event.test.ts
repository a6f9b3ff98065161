import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens, failClosed, type Plugin, prefetch } from "../../../mod.ts";
import { type QueueItEventOptions, queueTokens } from "../../../plugins/queue-it/mod.ts";
import {
  benchOf,
  configOf,
  configured,
  cookieHeader,
  cookieName,
  cookieOf,
  customerId,
  evented,
  guid,
  integration,
  now,
  nowMs,
  sealed,
  secret,
  sign,
  tokenOf,
} from "./_helpers.ts";

const query = "c=ticketania&e=event1&ver=stanchion-0.1.0";

test("queueItEvent() protects every request that comes to it", async () => {
  const { response, decision } = await evented().visit("/anything");
  assert.equal(decision?.reason, "queue-it/queued");
  assert.equal(
    response.headers.get("location"),
    `https://ticketania.queue-it.net/?${query}&cver=-1&man=unspecified&t=https%3A%2F%2Fshop.test%2Fanything`,
  );
});

test("queueItEvent() takes the settings of the waiting room from its options", async () => {
  const bench = evented({
    queuePathPrefix: "/pre",
    culture: "da-DK",
    layoutName: "Christmas layout",
    version: 7,
    actionName: "buy (now)",
    targetUrl: "https://shop.test/start",
    allowedEventIds: ["event2"],
  });
  const { response } = await bench.visit("/");
  assert.equal(
    response.headers.get("location"),
    `https://ticketania.queue-it.net/pre/?${query}&cver=7&man=buy%20%28now%29&cid=da-DK&l=Christmas%20layout&t=https%3A%2F%2Fshop.test%2Fstart`,
  );
  const other = await bench.visit(`/?queueittoken=${tokenOf({ e: "event2" })}`);
  assert.equal(other.decision?.reason, "queue-it/clean-url");
  assert.ok(other.cookies[0]?.startsWith(`${cookieName("event2")}=`));
  const closed = await evented({ targetUrl: "" }).visit("/");
  assert.doesNotMatch(closed.response.headers.get("location") ?? "", /[?&]t=/);
});

test("queueItEvent() prolongs sessions unless told otherwise", async () => {
  const cookie = cookieHeader({ event1: cookieOf() });
  const prolonging = await evented({ extendValidity: true, cookieSecure: true, cookieHttpOnly: true }).visit(
    "/",
    { cookie },
  );
  assert.match(prolonging.cookies[0] ?? "", /; Secure; HttpOnly; Expires=/);
  assert.deepEqual((await evented().visit("/", { cookie })).cookies, []);
});

test("queueItEvent() leaves the URL as it is if that is wanted", async () => {
  const { decision, served, cookies } = await evented({ cleanUrl: false }).visit(
    `/?queueittoken=${tokenOf()}`,
  );
  assert.equal(decision?.reason, "queue-it/accepted");
  assert.equal(served, true);
  assert.equal(cookies.length, 1);
});

test("queueItEvent() in profile v3 knows one room and cancels, redirects and writes as version 3 does", async () => {
  const v3 = { profile: "v3", allowedEventIds: ["event2"], queuePathPrefix: "pre" } as const;
  const other = await evented(v3).visit(`/?queueittoken=${tokenOf({ e: "event2" })}`);
  assert.equal(other.decision?.reason, "queue-it/eventid");
  assert.ok(
    other.response.headers.get("location")?.startsWith(
      `https://ticketania.queue-it.net/error/eventid/?${query}`,
    ),
  );
  const nameless = await evented(v3).visit(`/?queueittoken=${tokenOf({ q: undefined })}`);
  assert.match(decodeURIComponent(nameless.cookies[0] ?? ""), /EventId=event1&QueueId=&RedirectType=queue&/);
  const cancel = configured(configOf(integration({ ActionType: "Cancel" })), { profile: "v3" });
  const { response } = await cancel.visit("/event1", { cookie: cookieHeader({ event1: cookieOf() }) });
  assert.equal(
    response.headers.get("location"),
    `https://ticketania.queue-it.net/cancel/ticketania/event1/${guid}?${query}&cver=3&man=event1action&r=https%3A%2F%2Fshop.test%2Fevent1`,
  );
});

test("queueItEvent() asks verifyAction about the queue id, and refuses who used it too often", async () => {
  const calls: unknown[] = [];
  let allowed = true;
  const bench = evented({
    apiKey: "key",
    verifyQueueId: true,
    queueIdUsageLimit: 3,
    verifyAction: (call) => {
      calls.push(call);
      return Promise.resolve(allowed);
    },
  });
  const visitor = { cookie: cookieHeader({ event1: cookieOf() }), headers: { "user-agent": "ua" } };
  assert.equal((await bench.visit("/buy?x=1", visitor)).decision?.reason, "queue-it/accepted");
  assert.deepEqual(calls, [{
    customerId,
    roomId: "event1",
    queueId: guid,
    usageLimit: 3,
    apiKey: "key",
    actionName: "unspecified",
    url: "https://shop.test/buy?x=1",
    ip: "82.192.173.38",
    userAgent: "ua",
  }]);
  allowed = false;
  const { decision, cookies, response } = await bench.visit("/", visitor);
  assert.equal(decision?.reason, "queue-it/qidlimit");
  assert.match(response.headers.get("location") ?? "", /\/error\/qidlimit\/\?/);
  assert.match(cookies[0] ?? "", /Max-Age=0/);
});

test("queueItEvent() leaves a failing verifyAction to the failure policy, and a half-true answer opens nothing", async () => {
  const visitor = { cookie: cookieHeader({ event1: cookieOf() }) };
  for (
    const verifyAction of [() => Promise.reject(new Error("down")), () => {
      throw new Error("down");
    }]
  ) {
    const { served, faults, response } = await evented({ verifyQueueId: true, verifyAction }).visit(
      "/",
      visitor,
    );
    assert.equal(served, true);
    assert.equal(faults.length, 1);
    assert.equal(response.headers.get("x-queueit-failed"), "true");
  }
  // @ts-expect-error: the answer is true or false
  const odd = await evented({ verifyQueueId: true, verifyAction: () => "yes" }).visit("/", visitor);
  assert.equal(odd.decision?.reason, "queue-it/qidlimit");
});

test("queueItEvent() lets a failure policy queue at the waiting room", async () => {
  const provider = (await import("../../../plugins/queue-it/mod.ts")).queueItEvent({
    customerId,
    secretKeys: [secret],
    eventId: "event1",
    queueDomain: "ticketania.queue-it.net",
    verifyQueueId: true,
    verifyAction: () => Promise.reject(new Error("down")),
  });
  const bench = benchOf(provider, [cookieTokens(), failClosed({ internal: "queue" })]);
  const visitor = { cookie: cookieHeader({ event1: cookieOf() }) };
  const { response, decision } = await bench.visit("/", visitor);
  assert.equal(decision?.action, "queue");
  assert.ok(response.headers.get("location")?.startsWith(`https://ticketania.queue-it.net/?${query}`));
  const headers = { "x-queueit-ajaxpageurl": "https%3A%2F%2Fshop.test%2F" };
  const script = await bench.visit("/", { ...visitor, headers });
  assert.equal(script.response.status, 200);
  assert.ok(script.response.headers.get("x-queueit-redirect"));
});

test("queueItEvent() lets visitors pass directly, with the token that the service gives", async () => {
  const pass = (queueitToken: string | undefined) =>
    evented({ directPass: { attempt: () => Promise.resolve({ hasPassed: true, queueitToken }) } }).visit("/");
  const passed = await pass(tokenOf());
  assert.equal(passed.decision?.reason, "queue-it/accepted");
  assert.equal(passed.cookies.length, 1);
  assert.equal((await pass("e_event1~h_00")).decision?.reason, "queue-it/queued");
  assert.equal((await pass(undefined)).decision?.reason, "queue-it/queued");
});

for (const [onFailure, reason] of [["pass", "accepted"], ["queue", "queued"]] as const) {
  test(`queueItEvent() with a direct pass that fails does what onFailure: "${onFailure}" says`, async () => {
    for (
      const attempt of [() => Promise.reject(new Error("down")), () => {
        throw new Error("down");
      }]
    ) {
      const { decision, cookies } = await evented({ directPass: { onFailure, attempt } }).visit("/");
      assert.equal(decision?.reason, `queue-it/${reason}`);
      const fields = { QueueId: undefined, FixedValidityMins: 3, RedirectType: "timeout", IssueTime: now };
      const stored = `${cookieName()}=${encodeURIComponent(sealed(cookieOf(fields)))}`;
      assert.deepEqual(cookies.map((line) => line.split(";")[0]), onFailure === "pass" ? [stored] : []);
    }
  });
}

for (const seal of ["off", "write", "require"] as const) {
  test(`queueItEvent() begins no session that could be read as one of another room, with the seal "${seal}"`, async () => {
    // One room is called like another one and a queue id.
    const eventId = `event1-${guid}`;
    const attempt = () => Promise.reject(new Error("down"));
    const bench = evented({ eventId, seal, directPass: { attempt } }, [cookieTokens(), failClosed()]);
    for (const page of ["/", `/?queueittoken=${tokenOf({ e: eventId, q: undefined })}`]) {
      const { cookies, faults, served } = await bench.visit(page);
      if (seal === "require") {
        assert.deepEqual([cookies.length, faults], [1, []], page);
        continue;
      }
      assert.deepEqual([cookies, served, faults.map(({ code }) => code)], [[], false, ["internal"]], page);
      assert.match(
        String(faults[0]?.message),
        /without a queue id cannot begin in the room "event1-944c1f44-/,
      );
    }
    // With a queue id of its own it is told from all others.
    const { decision } = await bench.visit(`/?queueittoken=${tokenOf({ e: eventId })}`);
    assert.equal(decision?.reason, "queue-it/clean-url");
  });
}

test('queueItEvent() with onFailure: "fail" leaves a failing direct pass to the failure policy', async () => {
  const attempt = () => Promise.reject(new Error("down"));
  const { faults, served } = await evented({ directPass: { onFailure: "fail", attempt } }).visit("/");
  assert.equal(served, true);
  assert.equal(faults.length, 1);
});

test("queueItEvent() does not wait for a direct pass longer than its time limit", async () => {
  const { setTimeout: start } = globalThis;
  const limits: number[] = [];
  // Whatever the limit, it is over at once.
  globalThis.setTimeout = ((run: () => void, ms: number, ...handed: unknown[]) => (
    limits.push(ms), start(run, 0, ...handed)
  )) as typeof start;
  try {
    const attempt = () => new Promise<never>(() => {});
    for (const [timeoutMs, used] of [[1, 800], [960, 960], [0, 3000], [60_000, 5000]] as const) {
      const gate = evented({ directPass: { timeoutMs, onFailure: "queue", attempt } });
      const { decision } = await gate.visit("/");
      assert.equal(decision?.reason, "queue-it/queued");
      // A time is waited for in sixteen steps.
      assert.ok(limits.splice(0).filter((ms) => ms === Math.ceil(used / 16)).length > 1, `${used}`);
    }
  } finally {
    globalThis.setTimeout = start;
  }
});

test("queueItEvent() sends visitors with an enqueue token, of which no control character gets into a header", async () => {
  const enqueueToken = queueTokens({ customerId, secretKey: secret, now: () => nowMs });
  const { response } = await evented({ enqueueToken }).visit("/");
  assert.match(response.headers.get("location") ?? "", /&enqueuetoken=[\w-]+\.[\w-]+\.[\w-]+&t=/);
  const hostile = await evented({ enqueueToken: () => "a\r\nb" }).visit("/");
  assert.equal(hostile.faults[0]?.code, "malformed");
});

test("queueItEvent() still forgets a session when what comes after fails", async () => {
  const cookie = cookieHeader({ event1: cookieOf({ IssueTime: 1 }) });
  const enqueueToken = () => {
    throw new Error("down");
  };
  const { served, cookies, faults } = await evented({ enqueueToken }).visit("/", { cookie });
  assert.equal(served, true);
  assert.equal(faults.length, 1);
  assert.deepEqual(cookies.map((line) => line.split(";")[0]), [`${cookieName()}=`]);
});

test("queueItEvent() opens, counts and ends nothing for a page that is fetched in advance", async () => {
  const asked: string[] = [];
  const bench = evented({
    verifyQueueId: true,
    verifyAction: () => {
      asked.push("verify");
      return true;
    },
    enqueueToken: () => {
      asked.push("token");
      return "token";
    },
    directPass: {
      attempt: () => {
        asked.push("pass");
        return Promise.resolve({ hasPassed: true });
      },
    },
  }, [cookieTokens(), prefetch()]);
  const headers = { "sec-purpose": "prefetch" };
  const cookie = cookieHeader({ event1: cookieOf() });
  for (const visit of [{ headers }, { headers, cookie }]) {
    const { response, served, cookies } = await bench.visit("/buy", visit);
    assert.deepEqual([response.status, served, cookies], [503, false, []]);
  }
  assert.deepEqual(asked, []);
  const known = evented({ extendValidity: true }, [cookieTokens(), prefetch()]);
  const { served, cookies } = await known.visit("/buy", { headers, cookie });
  assert.deepEqual([served, cookies], [true, []], "a valid session is admitted, and not prolonged");
});

test("queueItEvent() tells other plugins the queue id, and how the room returns a visitor", async () => {
  const told: unknown[] = [];
  const listener: Plugin = {
    name: "listener",
    settled: (_ctx, { decision: { facts } }) => void told.push([facts?.visitor, facts?.returnBy]),
  };
  const bench = evented({}, [cookieTokens(), listener]);
  await bench.visit("/", { cookie: cookieHeader({ event1: cookieOf() }) });
  await bench.visit("/");
  await evented({ targetUrl: "https://shop.test/start" }, [cookieTokens(), listener]).visit("/");
  assert.deepEqual(told, [[guid, undefined], [undefined, "t"], [undefined, undefined]]);
});

const limited = { verifyQueueId: true, verifyAction: () => true } as const;
const unanswered = { q: undefined, rt: "timeout" } as const;
const namesake = { eventId: `event1${guid}` } as const;
const tokens: readonly [
  what: string,
  options: Partial<QueueItEventOptions>,
  fields: Parameters<typeof tokenOf>[0],
  queueId: string | undefined,
][] = [
  ["a GUID", {}, {}, guid],
  ["a GUID where nothing is sealed", { seal: "off" }, {}, guid],
  ["another queue id", {}, { q: "queue-id-1" }, ""],
  ["another queue id of the pattern", { queueIdPattern: /queue-id-\d/ }, { q: "queue-id-1" }, "queue-id-1"],
  ["more than the pattern has", { queueIdPattern: /queue-id-\d/g }, { q: "queue-id-12" }, ""],
  ["no queue id", {}, { q: undefined }, ""],
  ["no queue id where their use is limited", limited, { q: undefined }, ""],
  // Signed is one text: room, queue id, minutes, type, time and address, with nothing between them.
  ["no queue id that reads as one of the room event11", {}, { ...unanswered, cv: 13 }, undefined],
  ["no queue id of 12 minutes", {}, { ...unanswered, cv: 12 }, ""],
  ["no queue id as after a direct pass that failed", {}, { ...unanswered, cv: 3 }, ""],
  [
    "no queue id in a room whose id ends with one",
    namesake,
    { e: namesake.eventId, q: undefined },
    undefined,
  ],
  [
    "no queue id and an address in a room whose id ends with one",
    namesake,
    { e: namesake.eventId, q: undefined, hip: sign("82.192.173.38") },
    undefined,
  ],
  ["no queue id and an address", {}, { q: undefined, hip: sign("82.192.173.38") }, ""],
  ["another queue id where their use is limited", limited, { q: "queue-id-1" }, undefined],
  ["another queue id where nothing is sealed", { seal: "off" }, { q: "queue-id-1" }, undefined],
  ["no queue id where nothing is sealed", { seal: "off" }, { q: undefined }, undefined],
  [
    "no queue id where the pattern does not need one",
    { seal: "off", queueIdPattern: /[\w-]*/ },
    { q: undefined },
    "",
  ],
];
for (const [what, options, fields, queueId] of tokens) {
  const does = queueId === undefined ? "fails rather than begins" : "begins";
  test(`queueItEvent() ${does} a session with ${what}`, async () => {
    const { cookies, decision, faults } = await evented(options).visit(`/?queueittoken=${tokenOf(fields)}`);
    if (queueId === undefined) {
      assert.deepEqual(cookies, []);
      assert.deepEqual(faults.map(({ code }) => code), ["internal"]);
      assert.match(
        String(faults[0]?.message),
        fields?.q === undefined ? /"seal" to "write"/ : /"queueIdPattern"/,
      );
      return;
    }
    assert.equal(decision?.reason, "queue-it/clean-url");
    const cookie = cookies[0]?.split(";")[0] ?? "";
    assert.equal(/QueueId%3D([^%]*)/.exec(cookie)?.[1] ?? "", queueId);
    // Another server reads it.
    assert.equal((await evented(options).visit("/", { cookie })).decision?.reason, "queue-it/accepted");
  });
}
