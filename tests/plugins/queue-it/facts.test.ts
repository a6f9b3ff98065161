/** What Queue-it's providers say beside their decisions: facts for other plugins, headers, remarks and their own limits. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { prefetch } from "../../../plugins/prefetch.ts";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { cancelAction, queueAction } from "../../../plugins/queue-it/configuration/action.ts";
import { queueIt, queueItEvent, type QueueItEventOptions } from "../../../plugins/queue-it/mod.ts";
import type { Plugin } from "../../../src/plugin.ts";
import {
  asDeployed,
  benchOf,
  configOf,
  configured,
  cookieHeader,
  cookieOf,
  customerId,
  evented,
  guid,
  integration,
  nowMs,
  secret,
  sign,
  tokenOf,
  trigger,
} from "./_helpers.ts";

const session = cookieHeader({ event1: cookieOf() });

describe("the facts of queueIt()", () => {
  const nothing = {
    room: undefined,
    visitor: undefined,
    proven: undefined,
    returnBy: undefined,
    returnWithout: undefined,
    ends: undefined,
  };
  /** How visitors come back: by this parameter, to a page without that of an earlier return. */
  const back = { returnBy: "t", returnWithout: ["queueittoken"] };
  const config = configOf(
    integration(),
    integration({
      Name: "fixed",
      RedirectLogic: "ForcedTargetUrl",
      ForcedTargetUrl: "https://shop.test/x",
      Triggers: [trigger("/fixed")],
    }),
    integration({ Name: "over", ActionType: "Cancel", Triggers: [trigger("/over")] }),
    integration({ Name: "ignored", ActionType: "Ignore", Triggers: [trigger("/ignored")] }),
    integration({ Name: "broken", QueueDomain: "", Triggers: [trigger("/broken")] }),
  );

  test("name the room, the visitor and the proof, and by which parameter a page comes back", async () => {
    const bench = configured(config);
    const table: [path: string, cookie: string, action: string, facts: unknown][] = [
      ["/event1", "", "queue", { ...nothing, room: "event1", ...back }],
      ["/fixed", "", "queue", { ...nothing, room: "event1" }],
      ["/event1", session, "admit", { ...nothing, room: "event1", visitor: guid, proven: "signature" }],
      [`/event1?queueittoken=${tokenOf()}`, "", "redirect", { ...nothing, room: "event1", visitor: guid }],
      ["/over", session, "redirect", { ...nothing, visitor: guid, ends: true }],
      ["/over", "", "admit", nothing],
      ["/ignored", session, "admit", undefined],
      ["/elsewhere", session, "admit", undefined],
    ];
    for (const [path, cookie, action, facts] of table) {
      const { decision } = await bench.visit(path, { cookie });
      assert.deepEqual([decision?.action, decision?.facts], [action, facts], path);
    }
  });

  test("say of a failure in which room it was: in none where an integration cannot be used", async () => {
    for (const [path, room] of [["/broken", ""], ["/event1", "event1"]] as const) {
      const failing = path === "/event1" ? { enqueueToken: () => Promise.reject(new Error("down")) } : {};
      const { faults } = await configured(config, failing).visit(path);
      assert.equal(faults[0]?.facts?.room, room, path);
      const { location } = faults[0]?.fallback ?? {};
      if (room === "") assert.equal(location, undefined);
      else assert.match(location ?? "", /^https:\/\/ticketania\.queue-it\.net\//);
    }
  });

  test("tell by a header of a failure, and by which platform, whatever was decided", async () => {
    const platform = { name: "edge", version: "1" };
    const good = await configured(config, { platform }).visit("/elsewhere");
    assert.equal(good.response.headers.get("x-queueit-connector"), "edge");
    assert.equal(good.response.headers.get("x-queueit-failed"), null);
    const bare = await configured(config).visit("/elsewhere");
    assert.equal(bare.response.headers.get("x-queueit-connector"), null);
    const queued = await configured(config, { platform }).visit("/event1");
    assert.equal(queued.response.headers.get("x-queueit-connector"), "edge");
    assert.equal(queued.response.headers.get("x-queueit-failed"), null);
    const failed = await configured(config, { enqueueToken: () => Promise.reject(new Error("down")) })
      .visit("/event1");
    assert.equal(failed.response.headers.get("x-queueit-failed"), "true");
  });

  test("leave answers of others to scripts alone", async () => {
    const refusing: Plugin = {
      name: "refusing",
      decide: () => ({ action: "reject", reason: "own/no", status: 403 }),
    };
    const elsewhere: Plugin = {
      name: "elsewhere",
      decide: () => ({ action: "queue", reason: "own/queue", location: "https://other.test/" }),
    };
    const headers = { "x-queueit-ajaxpageurl": "https%3A%2F%2Fshop.test%2Fevent1" };
    for (const [plugin, status] of [[refusing, 403], [elsewhere, 302]] as const) {
      const { response } = await configured(config, {}, [cookieTokens(), plugin]).visit("/event1", {
        headers,
      });
      assert.deepEqual([response.status, response.headers.get("x-queueit-redirect")], [status, null]);
    }
  });

  test("return a script's visitor to an http page, too, of hosts that are given", async () => {
    const bench = configured(config, { ajaxHosts: ["shop.test", "shop.test:8443"] });
    const table: [page: string, isKept: boolean][] = [
      ["https://shop.test/a", true],
      ["http://shop.test/a", true],
      ["https://shop.test:8443/a", true],
      ["https://other.test/a", false],
      ["ftp://shop.test/a", false],
      ["%zz", false],
    ];
    for (const [page, isKept] of table) {
      const { response } = await bench.visit("/event1", {
        headers: { "x-queueit-ajaxpageurl": page === "%zz" ? page : encodeURIComponent(page) },
      });
      const redirect = decodeURIComponent(response.headers.get("x-queueit-redirect") ?? "");
      assert.equal(redirect.includes(`&t=${encodeURIComponent(page)}`), isKept, `${page}: ${redirect}`);
    }
  });

  test("remark in an explanation that the use of a queue id is not counted, only where it is", async () => {
    const remark = /the service that counts the use of queue ids was not asked/;
    const verifying = { verifyAction: () => Promise.resolve(true), apiKey: "x" };
    for (const [VerifyQueueIdEnabled, isSaid] of [[true, true], [false, false]]) {
      const own = configOf(integration({ VerifyQueueIdEnabled }), integration({ Triggers: [trigger("/x")] }));
      for (const path of ["/event1", "/elsewhere"]) {
        const { steps } = await configured(own, verifying).gate.explain(
          new Request(`https://shop.test${path}`),
        );
        assert.equal(remark.test(JSON.stringify(steps)), isSaid && path === "/event1", path);
      }
    }
  });

  test("know the page by what the application sees of it, without the token", async () => {
    const own = configOf(integration({
      Triggers: [trigger("/tickets", { UrlPart: "PagePath", Operator: "Equals" })],
    }));
    const inside = async (path: string, options = {}) =>
      (await configured(own, options).visit(path)).decision?.action === "queue";
    for (const path of ["/tickets", "/tickets;v=1", "/%74ickets", "/TICKETS"]) {
      assert.equal(await inside(path), true, path);
      assert.equal(await inside(`${path}?queueittoken=x`), true, path);
    }
    assert.equal(await inside("/other"), false);
    const url = () => "https://shop.test/tickets;v=1?queueittoken=x";
    assert.equal(await inside("/other", { url }), true, "as the owner says the browser sees it");
  });

  test("keep no session for a page that nobody looks at yet", async () => {
    const bench = evented({ extendValidity: true, cleanUrl: false }, [prefetch(), cookieTokens()]);
    const headers = { "sec-purpose": "prefetch" };
    assert.deepEqual((await bench.visit("/a", { cookie: session, headers })).cookies, []);
    assert.equal((await bench.visit("/a", { cookie: session })).cookies.length, 1);
  });
});

test("queueItEvent() prolongs a session by a cookie for scripts and any connection, unless told otherwise", async () => {
  const line = async (options: Partial<QueueItEventOptions>) => {
    const provider = queueItEvent({
      customerId,
      secretKeys: [secret],
      eventId: "event1",
      queueDomain: "q.test",
      ...options,
    });
    const [cookie = ""] = (await benchOf(provider).visit("/a", { cookie: session })).cookies;
    return cookie.split("; ").slice(1).filter((attribute) => !attribute.startsWith("Expires=")).sort();
  };
  assert.deepEqual(await line({}), ["Path=/"]);
  assert.deepEqual(await line({ cookieHttpOnly: true, cookieSecure: true, cookieDomain: "shop.test" }), [
    "Domain=shop.test",
    "HttpOnly",
    "Path=/",
    "Secure",
  ]);
  assert.deepEqual(await line({ extendValidity: false }), []);
});

test("queueItEvent() names the services that it calls while visitors wait, and how long that may take", () => {
  const make = (options: Partial<QueueItEventOptions>) =>
    queueItEvent({
      customerId,
      secretKeys: [secret],
      eventId: "event1",
      queueDomain: "q.test",
      serviceTimeoutMs: 700,
      ...options,
    });
  const verifyAction = () => Promise.resolve(true);
  const enqueueToken = () => Promise.resolve("x");
  const attempt = () => Promise.resolve(undefined) as never;
  const table: [
    options: Partial<QueueItEventOptions>,
    service: string | undefined,
    calls: number,
    longestMs: number,
  ][] = [
    [{}, undefined, 0, 0],
    [{ verifyAction }, "Queue-it (verifyAction)", 1, 700],
    [{ enqueueToken }, "Queue-it (enqueueToken)", 1, 700],
    [{ verifyAction, enqueueToken }, "Queue-it (verifyAction, enqueueToken)", 2, 1400],
    [{ directPass: { attempt } }, undefined, 0, 3000],
    [{ directPass: { attempt, timeoutMs: 1000 }, enqueueToken }, "Queue-it (enqueueToken)", 1, 1700],
    [{ directPass: { attempt, timeoutMs: 1 } }, undefined, 0, 800],
    [{ directPass: { attempt, timeoutMs: 60_000 } }, undefined, 0, 5000],
  ];
  for (const [options, service, calls, longestMs] of table) {
    const provider = make(options);
    assert.deepEqual([provider.service, provider.callsInTurn, provider.longestMs], [
      service,
      calls,
      longestMs,
    ]);
  }
});

test("actions are described as the diagnostics of deployed connectors do, in both versions", () => {
  const settings = {
    roomId: "a",
    otherRoomIds: ["b", "c"],
    queueDomain: "q.test",
    pathPrefix: "shop",
    version: 3,
    validityMinutes: 20,
    cookieDomain: "shop.test",
  };
  const v5 = { customerId, profile: "v5", sdk: "x" } as const;
  const v3 = { customerId, profile: "v3", sdk: "x" } as const;
  const common = "Version:3&QueueDomain:q.test";
  const cookie = "CookieDomain:shop.test&IsCookieHttpOnly:undefined&IsCookieSecure:undefined";
  assert.equal(
    cancelAction(v5, settings).description,
    `WaitingRoomIds:a,b,c&${common}&QueuePathPrefix:shop&${cookie}&ActionName:unspecified`,
  );
  assert.equal(
    cancelAction(v5, { ...settings, pathPrefix: "", name: "own" }).description,
    `WaitingRoomIds:a,b,c&${common}&${cookie}&ActionName:own`,
  );
  assert.equal(
    cancelAction(v3, settings).description,
    `EventId:a&${common}&${cookie}&ActionName:unspecified`,
  );
  const { description } = queueAction(v5, settings);
  assert.match(description, /AllowedWaitingRoomIds:b,c&/);
  assert.match(description, /VerifyActionEnabled:false&/);
  assert.match(queueAction(v5, { ...settings, verifies: true }).description, /VerifyActionEnabled:true&/);
  assert.doesNotMatch(queueAction(v3, settings).description, /Allowed|Prefix|Verify|UsageLimit/);
  const { rooms } = cancelAction(v5, { ...settings, roomId: "", otherRoomIds: ["b", "", "b"] });
  assert.deepEqual(rooms.map(({ id }) => id), ["b"]);
});

test("queueIt() and queueItEvent() say what each of their options must be", () => {
  const config = { customerId, secretKeys: [secret], integrationConfig: configOf(integration()) };
  const event = { customerId, secretKeys: [secret], eventId: "event1", queueDomain: "q.test" };
  const table: [make: () => unknown, message: string][] = [
    [
      () => queueIt({ ...config, customerId: "a b" }),
      `"customerId" must be the customer's id, one word of letters, digits, dots and hyphens, received "a b"`,
    ],
    [
      () => queueIt({ ...config, profile: "v4" as never }),
      '"profile" must be one of "v5", "v3", received "v4"',
    ],
    [
      () => queueIt({ ...config, queueIdPattern: "x" as never }),
      '"queueIdPattern" must be a regular expression, received "x"',
    ],
    [() => queueIt({ ...config, apiKey: "" }), '"apiKey" must be the API key, a text that is not empty'],
    ...[null, 5, "attempt", {}, { attempt: 5 }].map((directPass): [() => unknown, string] => [
      () => queueIt({ ...config, directPass: directPass as never }),
      `"directPass" must be an object with a function "attempt", received ${JSON.stringify(directPass)}`,
    ]),
    [
      () => queueIt({ ...config, directPass: { attempt: () => {}, onFailure: "x" } as never }),
      '"directPass.onFailure" must be one of "pass", "queue", "fail", received "x"',
    ],
    ...["a b", "a:123456", "https://a"].map((host): [() => unknown, string] => [
      () => queueIt({ ...config, ajaxHosts: [host] }),
      '"ajaxHosts" must be a list of hosts such as "shop.example.com" or "shop.example.com:8443", received',
    ]),
    [
      () => queueIt({ ...config, platform: { name: "a", version: "1 2" } }),
      '"platform.version" must be one word of letters, digits, dots, hyphens and ~, received "1 2"',
    ],
    [
      () => queueIt({ ...config, integrationConfig: 5 as never }),
      '"integrationConfig" must be a configuration, as text or parsed, or a source of it, received 5',
    ],
    [
      () => queueIt({ ...config, missingActionType: "cancel" as never }),
      '"missingActionType" must be one of "ignore", "queue", received "cancel"',
    ],
    [() => queueItEvent({ ...event, culture: 5 as never }), '"culture" must be a text, received 5'],
    [
      () => queueItEvent({ ...event, allowedEventIds: 5 as never }),
      '"allowedEventIds" must be a list of room ids, received 5',
    ],
    [
      () => queueItEvent({ ...event, verifyQueueId: true }),
      '"verifyAction" must be given together with "verifyQueueId", received undefined',
    ],
    [
      () => queueItEvent({ ...event, validityMinutes: "5" as never }),
      '"validityMinutes" must be a number greater than 0, received "5"',
    ],
    [() => queueItEvent({ ...event, version: -2 }), '"version" must be an integer from -1 to'],
    [
      () => queueItEvent({ ...event, cookieDomain: "a b" }),
      '"cookieDomain" must be',
    ],
    [
      () => queueItEvent({ ...event, eventId: null as never }),
      '"eventId" must be',
    ],
  ];
  for (const [make, message] of table) {
    assert.throws(make, (error: Error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.ok(error.message.includes(`: ${message}`), error.message);
      return true;
    });
  }
  queueIt({
    ...config,
    ajaxHosts: ["shop.test", "10.0.0.1:65535"],
    directPass: { attempt: () => {} } as never,
  });
  queueItEvent({ ...event, version: -1, queueIdUsageLimit: null as never });
});

test("queueIt() says that a service proved a promotion only where it was asked about the queue id", async () => {
  const asked: string[] = [];
  const verifyAction = ({ queueId }: { queueId: string }) => asked.push(queueId) > 0;
  const config = (counts: boolean) => configOf(integration({ VerifyQueueIdEnabled: counts }));
  const proof = async (counts: boolean, cookie: string) => {
    const { decision } = await configured(config(counts), { verifyAction }).visit("/event1", { cookie });
    return [decision?.facts?.proven, asked.splice(0)];
  };
  assert.deepEqual(await proof(true, session), ["service", [guid]]);
  assert.deepEqual(await proof(false, session), ["signature", []]);
  const explained = await configured(config(true), { verifyAction }).gate.explain(
    new Request("https://shop.test/event1", { headers: { cookie: session } }),
  );
  const decision = explained.decision.action === "admit" ? explained.decision : undefined;
  assert.deepEqual([decision?.facts?.proven, asked], ["signature", []], "an explanation asks nobody");
});

test("queueIt() fails, and lets nobody pass for nothing, when uses are counted and no service counts them", async () => {
  const bench = configured(configOf(integration({ VerifyQueueIdEnabled: true })));
  const { faults } = await bench.visit("/event1", { cookie: session });
  assert.deepEqual(faults.map(({ code, message }) => [code, /needs "verifyAction"/.test(message)]), [
    ["internal", true],
  ]);
});

test("queueIt() begins no session whose uses nobody could count, and tells by which option it would", async () => {
  const config = configOf(integration({ VerifyQueueIdEnabled: true }));
  const { faults, cookies } = await configured(config, { verifyAction: () => true })
    .visit(`/event1?queueittoken=${tokenOf({ q: "visitor-7" })}`);
  assert.equal(faults[0]?.code, "internal");
  assert.match(faults[0]?.message ?? "", /queue id "visitor-7".*"queueIdPattern"/);
  assert.deepEqual(cookies, []);
});

describe("the debug cookie of queueIt()", () => {
  const debugOf = (cookies: readonly string[]) => {
    const line = cookies.find((cookie) => cookie.startsWith("queueitdebug=")) ?? "";
    const text = decodeURIComponent(line.slice("queueitdebug=".length).split(";")[0] ?? "");
    return new Map(
      text.split("|").map((entry) => [entry.split("=")[0], entry.slice(entry.indexOf("=") + 1)]),
    );
  };
  // A debug token of another room lets nobody in: the direct pass is tried.
  const path = `/event1?queueittoken=${tokenOf({ rt: "debug", e: "other" })}`;

  test("tells what the direct pass answered", async () => {
    const table: [attempt: () => unknown, result: string, action: string][] = [
      [() => ({ hasPassed: true, queueitToken: tokenOf() }), "HasPassed", "redirect"],
      [() => ({ hasPassed: true, queueitToken: tokenOf({ e: "other" }) }), "HasPassed", "queue"],
      [() => ({ hasPassed: false, queueitToken: tokenOf() }), "NotPassed", "queue"],
      [() => ({ hasPassed: "true", queueitToken: tokenOf() }), "NotPassed", "queue"],
      [() => Promise.reject(new Error("down")), "Timeout", "redirect"],
    ];
    for (const [attempt, result, action] of table) {
      const directPass = { attempt: attempt as () => never };
      const { cookies, decision } = await configured(undefined, { directPass }).visit(path);
      assert.deepEqual([debugOf(cookies).get("DirectPassResult"), decision?.action], [result, action]);
    }
  });

  test("tells where the visitor would come back to, and by which action", async () => {
    const config = configOf(
      integration(),
      integration({
        RedirectLogic: "ForcedTargetUrl",
        ForcedTargetUrl: "https://shop.test/x",
        Triggers: [trigger("/fixed")],
      }),
      integration({ ActionType: "Cancel", Triggers: [trigger("/over")] }),
      integration({ ActionType: "Ignore", Triggers: [trigger("/ignored")] }),
    );
    const token = tokenOf({ rt: "debug", e: "other" });
    const table: [path: string, target: string | undefined, config: string | undefined][] = [
      ["/event1", "https://shop.test/event1", "QueueConfig"],
      ["/fixed", "https://shop.test/x", "QueueConfig"],
      ["/over", "https://shop.test/over", "CancelConfig"],
      ["/ignored", undefined, undefined],
    ];
    for (const [path, target, name] of table) {
      const entries = debugOf((await configured(config).visit(`${path}?queueittoken=${token}`)).cookies);
      assert.equal(entries.get("TargetUrl"), target, path);
      assert.deepEqual(
        [...entries.keys()].filter((key) => key?.endsWith("Config") && key !== "MatchedConfig"),
        [
          ...(name === undefined ? [] : [name]),
        ],
      );
    }
  });

  test("tells of a failure what it was", async () => {
    const enqueueToken = () => Promise.reject(new Error("the service is down"));
    const { cookies } = await configured(undefined, { enqueueToken }).visit(path);
    assert.match(debugOf(cookies).get("Exception") ?? "", /Error/);
    assert.equal(debugOf((await configured().visit(path)).cookies).get("Exception"), undefined);
  });
});

test("queueIt() tells the error page to which address a session is bound, and whose it is", async () => {
  const address = "198.51.100.7";
  const hashed = sign(address);
  const details = async (fields: Parameters<typeof cookieOf>[0], profile: "v5" | "v3") => {
    const bench = configured(undefined, { ...asDeployed, profile });
    const cookie = cookieHeader({ event1: cookieOf({ Hip: hashed, ...fields }) });
    const { response, decision } = await bench.visit("/event1", { cookie });
    assert.equal(decision?.reason, "queue-it/sessionstate");
    const location = decodeURIComponent(response.headers.get("location") ?? "");
    return /hip:[^&]*/.exec(location)?.[0].replace(hashed, "…");
  };
  const time = `st:${nowMs}`;
  assert.equal(await details({}, "v5"), `hip:…,r:queue,q:${guid},${time}`);
  assert.equal(await details({ RedirectType: "" }, "v5"), `hip:…,q:${guid},${time}`);
  assert.equal(await details({ QueueId: "" }, "v5"), `hip:…,r:queue,${time}`);
  assert.equal(await details({}, "v3"), `hip:…,${time}`);
});
