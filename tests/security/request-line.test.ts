import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Hono } from "hono";
import { honoGate } from "../../adapters/hono/mod.ts";
import { cookieTokens, createGate, failClosed, failOpen, type Plugin } from "../../mod.ts";
import { requestFacts } from "../../src/triggers/facts.ts";
import { requestUrl } from "../../src/url/request-url.ts";
import { serve } from "../src/_serve.ts";
import { message, sendRaw, valuesOf } from "./_raw.ts";
import { fullHall, hallProvider, openShop, queueProvider, type Shop } from "./_shop.ts";

const host = "shop.example.com";
/** Request targets that some program reads as `/tickets`, or as nothing at all. */
const targets: readonly string[] = [
  "/tickets",
  "/x/../tickets",
  "/x/%2e%2E/tickets",
  "/./tickets",
  "/..//../tickets",
  "/x\\..\\tickets",
  "/a.css/../tickets",
  "/tickets#/a.css",
  "/tickets?/a.css",
  "http://shop.example.com?x=/a.css",
  "http://shop.example.com\\tickets?/a.css",
  "http://shop.example.com#/a.css",
  "http://evil.example/tickets",
  "https://shop.example.com/tickets",
  "http://SHOP.example.com:80/tickets",
  "http://shop.example.com./tickets",
  "http://u:p@shop.example.com/tickets",
  "http://shop.example.com@evil.example/tickets",
  "ftp://shop.example.com/tickets",
  "http://[/tickets",
  "http://a:99999/x/%20/tickets",
  "http:///tickets",
  "*",
  "tickets",
];
/** Hosts that reach into the path, or are none. */
const hosts: readonly (string | undefined)[] = [
  undefined,
  "",
  "shop.example.com?",
  "shop.example.com#",
  "shop.example.com\\tickets?",
  "shop.example.com/tickets?",
  "shop.example.com\\a.css?",
  "u@shop.example.com",
  "shop.example.com@evil.example",
  "a b",
  "[",
  "[::1",
  "a%00b",
  "a:99999",
  "a:x",
  "1.2.3.4.5",
  "é.example",
  "xn--a",
  ".",
  "shop.example.com, evil.example",
  "SHOP.Example.COM",
  "shop.example.com.",
  "shop.example.com:80",
];

/** Asks for all of it; the shop must not have served tickets, nor anything that nobody can read. */
async function attack({ server, gate, served, faults }: Shop): Promise<void> {
  const sent: (readonly [target: string, host: string | undefined])[] = [
    ...targets.map((target) => [target, host] as const),
    ...hosts.flatMap((name) =>
      ["/tickets", "/tickets/a.css", "/x/../tickets", "/a%20.css", "/a.css"].map((target) =>
        [target, name] as const
      )
    ),
  ];
  for (const [target, name] of sent) {
    served.length = 0;
    const answer = await sendRaw(server.port, message(target, name));
    const what = JSON.stringify([target, name]);
    for (const path of served) {
      assert.ok(!path.startsWith("/tickets") || path.endsWith(".css"), `${what} was served as ${path}`);
      assert.notEqual(path, "(unreadable)", what);
    }
    assert.ok([0, 200, 302, 400, 505].includes(answer.status), `${what}: ${answer.status}`);
    for (const location of valuesOf(answer, "location")) {
      assert.match(location, /^https?:\/\/(?:wait\.crowdhandler\.com|ticketania\.queue-it\.net)\//, what);
    }
    assert.deepEqual(faults.map((fault) => fault.message), [], what);
  }
  // One more in the same process: nothing was left in a state.
  assert.equal((await sendRaw(server.port, message("/tickets"))).status, 302);
  assert.equal((await sendRaw(server.port, message("/"))).status, 200);
  await gate.idle();
  assert.equal(gate.errors, 0);
}

describe("behind the platform's own server, an odd request line or Host", () => {
  test("opens no door of CrowdHandler's full mode and is no failure", async () => {
    const shop = await openShop(hallProvider(fullHall()));
    try {
      await attack(shop);
    } finally {
      await shop.server.close();
    }
  });

  test("opens no door of CrowdHandler's hybrid mode and is no failure", async () => {
    const shop = await openShop(hallProvider(fullHall(), { mode: "hybrid" }));
    try {
      await attack(shop);
    } finally {
      await shop.server.close();
    }
  });

  test("opens no door of Queue-it's triggers and is no failure", async () => {
    const [provider, more] = queueProvider({ integrationConfig: withoutHost() });
    const shop = await openShop(provider, more);
    try {
      await attack(shop);
    } finally {
      await shop.server.close();
    }
  });

  test("does not escape a trigger on the host by another spelling of it", async () => {
    const shop = await openShop(...queueProvider());
    try {
      for (
        const name of ["shop.example.com", "SHOP.example.com", "shop.example.com.", "shop.example.com:80"]
      ) {
        assert.equal((await sendRaw(shop.server.port, message("/tickets", name))).status, 302, name);
      }
      assert.deepEqual(shop.served, []);
    } finally {
      await shop.server.close();
    }
  });

  test("honoGate() turns down what Hono routes by other segments than the gate sees", async () => {
    const provider: Plugin = {
      name: "rules",
      decide: (ctx) =>
        ctx.path.startsWith("/tickets")
          ? { action: "queue", reason: "rules/queued", location: "https://wait.example/" }
          : { action: "admit", reason: "rules/free" },
    };
    const gate = createGate({ plugins: [failOpen(), provider] });
    const served: string[] = [];
    const app = new Hono().use(honoGate(gate)).all("/tickets/*", (c) => {
      served.push(c.req.path);
      return c.text("tickets");
    });
    const server = await serve(app.fetch);
    try {
      for (
        const target of [
          "/tickets/..",
          "/tickets/../x",
          "/tickets/%2e%2e/x",
          "/tickets/..\\..\\x",
          "/tickets/.",
        ]
      ) {
        await sendRaw(server.port, message(target));
      }
      assert.deepEqual(served, []);
      assert.equal((await sendRaw(server.port, message("/tickets/.hidden/a..b"))).status, 302);
    } finally {
      await server.close();
    }
  });
});

/** The configuration's path trigger alone: a host is nobody's secret. */
function withoutHost(): object {
  return {
    Version: 1,
    Integrations: [{
      Name: "tickets",
      ActionType: "Queue",
      EventId: "event1",
      QueueDomain: "ticketania.queue-it.net",
      CookieValidityMinute: 20,
      Triggers: [{
        LogicalOperator: "And",
        TriggerParts: [{
          ValidatorType: "UrlValidator",
          UrlPart: "PagePath",
          Operator: "Equals",
          ValueToCompare: "/tickets",
          IsNegative: false,
          IsIgnoreCase: false,
        }],
      }],
    }],
  };
}

/** As much of a request as is looked at: `new Request` would tidy it up. */
function requestFor(url: string): Request {
  // Nothing else of it is read.
  return { url, method: "GET", headers: new Headers() } as unknown as Request;
}

test("requestUrl() gives what new URL() reads, and nothing where others read something else", () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ["https://shop.example/a?b='c'#d", "https://shop.example/a?b='c'#d"],
    ["http://shop.example/x/../a?b=c#d", "http://shop.example/a?b=c#d"],
    ["http://shop.example/x\\..\\a", "http://shop.example/a"],
    ["http://SHOP.example.:80/a", "http://shop.example/a"],
    ["http://shop.example/é", "http://shop.example/%C3%A9"],
    ["http://[::1]:8080/a", "http://[::1]:8080/a"],
    ["http://xn--caf-dma.example./a", "http://xn--caf-dma.example/a"],
    ["http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a"],
    ["http://shop.example/.well-known/x", "http://shop.example/.well-known/x"],
    ["/a", undefined],
    ["", undefined],
    ["ftp://shop.example/a", undefined],
    ["http://u@shop.example/a", undefined],
    ["http://shop.example?/a", undefined],
    ["http://shop.example#/a", undefined],
    ["http://shop.example\\a", undefined],
    ["http://a b/", undefined],
    ["http://a\tb/", undefined],
    ["http://a:99999/", undefined],
    ["http://1.2.3.4.5/", undefined],
  ];
  for (const [url, expected] of table) assert.equal(requestUrl({ url }), expected, url);
});

test("a gate answers 400 to a URL that nobody can read, whatever the policy, and explains it", async () => {
  const asked: string[] = [];
  const provider: Plugin = {
    name: "provider",
    match: () => (asked.push("match"), false),
    decide: () => (asked.push("decide"), { action: "admit", reason: "provider/all" }),
  };
  for (const policy of [failOpen(), failClosed()]) {
    const gate = createGate({ plugins: [cookieTokens(), policy, provider] });
    const request = requestFor("/tickets");
    const answer = await gate.wrap(() => new Response("served"))(request);
    assert.deepEqual([answer.status, answer.headers.get("cache-control")], [400, "no-store"]);
    const { decision, failure } = await gate.explain(request);
    assert.deepEqual([decision.reason, failure], ["gate/unreadable-url", undefined]);
    assert.equal(gate.errors, 0);
  }
  assert.deepEqual(asked, []);
  const reporting = createGate({ plugins: [failOpen(), provider], mode: "report" });
  const off = createGate({ plugins: [failOpen(), provider], mode: "off" });
  for (const gate of [reporting, off]) {
    assert.equal(
      await (await gate.wrap(() => new Response("served"))(requestFor("/tickets"))).text(),
      "served",
    );
  }
});

test("requestFacts() reads the path as the application does", () => {
  const facts = requestFacts(requestFor("http://shop.example/x/../tickets"));
  assert.equal(facts.text({ subject: "path", name: "", normalized: false }, false), "/tickets");
});
