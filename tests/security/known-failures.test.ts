/** What gates and middlewares of this kind were broken by before, each as a table. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  clientIp,
  type ClientIpOptions,
  cookieTokens,
  createGate,
  failClosed,
  type Plugin,
  prefetch,
  preflight,
  problemAnswers,
  staticFiles,
} from "../../mod.ts";
import { integrationSource, pushEndpoint, queueIt } from "../../plugins/queue-it/mod.ts";
import { contextOf } from "../support/context-of.ts";
import {
  benchOf,
  hybridBench,
  hybridCookie,
  other,
  promoted,
  queued,
  room,
  site,
  token,
  validParts,
} from "../plugins/crowdhandler/_helpers.ts";
import {
  configOf,
  configured,
  cookieHeader,
  cookieName,
  cookieOf,
  customerId,
  evented,
  integration,
  now,
  secret,
  sign,
  tokenOf,
  trigger,
} from "../plugins/queue-it/_helpers.ts";

const everything = configOf(integration({ Triggers: [trigger("*")] }));

function addressFor(
  options: ClientIpOptions,
  peer: string,
  headers: Readonly<Record<string, string>>,
): unknown {
  const request = new Request("https://shop.example/", { headers });
  const plugins = [clientIp({ ...options, warn() {} })];
  return contextOf(request, [{ remoteAddr: { hostname: peer } }], Date.now, undefined, plugins).address;
}

describe("clientIp()", () => {
  const peer = "198.51.100.1";
  const visitor = "203.0.113.9";

  test("believes no forwarding header unless it was told to", () => {
    const names = [
      "x-forwarded-for",
      "forwarded",
      "x-real-ip",
      "true-client-ip",
      "cf-connecting-ip",
      "client-ip",
      "x-client-ip",
      "x-cluster-client-ip",
      "fastly-client-ip",
    ];
    for (const name of names) {
      for (const value of ["127.0.0.1", "for=127.0.0.1", "10.0.0.1", "::1"]) {
        assert.equal(addressFor({}, peer, { [name]: value }), peer, `${name}: ${value}`);
      }
    }
  });

  test("takes from a forwarding header what its own proxy wrote, whatever stands left of it", () => {
    const left = [
      "127.0.0.1",
      "::1",
      "unknown",
      "_x",
      "",
      ",,,",
      '"',
      "10.0.0.1, 10.0.0.2",
      "999.1.1.1",
      "a".repeat(5000),
      "1.2.3.4\t",
    ];
    for (const value of left) {
      assert.equal(
        addressFor({ trustedProxies: 1 }, peer, { "x-forwarded-for": `${value}, ${visitor}` }),
        visitor,
        value,
      );
      const table = { trustedProxies: [`${peer}/32`], header: "forwarded" };
      const forwarded = `for=127.0.0.1;by="x", for=${visitor};proto=https;host="a,b;for=127.0.0.1"`;
      assert.equal(addressFor(table, peer, { forwarded }), visitor);
      assert.equal(addressFor(table, "192.0.2.1", { forwarded }), "192.0.2.1", "of a stranger");
    }
  });

  test("takes no other spelling of an IPv4 address for one", () => {
    for (
      const text of [
        "0177.0.0.1",
        "0x7f.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "127.0.0.01",
        "1.2.3",
        "1.2.3.4.",
        ".1.2.3.4",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.-4",
        "1.2.3.4e0",
        "1. 2.3.4",
        "+1.2.3.4",
        "1.2.3.4/8",
        "localhost",
        "1.2.3.4%eth0",
      ]
    ) {
      assert.equal(addressFor({ trustedProxies: 1 }, peer, { "x-forwarded-for": text }), peer, text);
    }
  });

  test("spells an IPv6 address in one way, and one that holds an IPv4 address as that", () => {
    const table: readonly (readonly [string, string])[] = [
      ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
      ["2001:0db8::0001", "2001:db8::1"],
      ["[2001:db8::1]:443", "2001:db8::1"],
      ["fe80::1%eth0", "fe80::1"],
      ["::FFFF:203.0.113.9", visitor],
      ["::ffff:cb00:7109", visitor],
      ["0:0:0:0:0:ffff:cb00:7109", visitor],
      ["::1", "::1"],
      ["2001:db8::1::2", peer],
      ["2001:db8:::1", peer],
      ["[::1", peer],
      ["::ffff:999.1.1.1", peer],
      ["::ffff:0177.0.0.1", peer],
      ["g::1", peer],
    ];
    for (const [text, expected] of table) {
      const header = text.startsWith("[") ? `"${text}"` : `"[${text}]"`;
      assert.equal(addressFor({ trustedProxies: 1 }, peer, { "x-forwarded-for": text }), expected, text);
      const options = { trustedProxies: 1, header: "forwarded" };
      if (text !== "[::1") {
        assert.equal(addressFor(options, peer, { forwarded: `for=${header}` }), expected, header);
      }
    }
  });

  test("trusts a proxy by its address and not by another spelling of it", () => {
    const options = { trustedProxies: ["127.0.0.0/8"] };
    const headers = { "x-forwarded-for": visitor };
    assert.equal(addressFor(options, "::ffff:127.0.0.1", headers), visitor);
    assert.equal(addressFor(options, "0177.0.0.1", headers), undefined);
    assert.equal(addressFor(options, "::ffff:128.0.0.1", headers), "128.0.0.1");
  });
});

/** Gates behind which everything waits, with all that may say otherwise. */
const before: readonly Plugin[] = [
  preflight(),
  staticFiles({ paths: ["/payments/callback"] }),
  prefetch(),
  cookieTokens(),
];
const gates = {
  "CrowdHandler's full mode": () =>
    benchOf({ answers: { requests: queued }, plugins: [...before, problemAnswers()] }),
  "CrowdHandler's hybrid mode": () => {
    const rooms = [{ ...room, patternType: "all" }];
    return hybridBench({ answers: { requests: queued, rooms }, plugins: [...before, problemAnswers()] });
  },
};

const switches: readonly (readonly [name: string, value: string])[] = [
  ["x-middleware-subrequest", "middleware:middleware:middleware:middleware:middleware"],
  ["x-middleware-subrequest", "src/middleware:src/middleware:src/middleware:src/middleware:src/middleware"],
  ["x-middleware-rewrite", "/assets/a.css"],
  ["x-middleware-next", "1"],
  ["x-middleware-prefetch", "1"],
  ["x-middleware-invoke", "1"],
  ["x-nextjs-data", "1"],
  ["x-invoke-path", "/assets/a.css"],
  ["x-matched-path", "/assets/a.css"],
  ["x-original-url", "/assets/a.css"],
  ["x-rewrite-url", "/assets/a.css"],
  ["x-forwarded-path", "/assets/a.css"],
  ["x-forwarded-uri", "/assets/a.css"],
  ["x-accel-redirect", "/assets/a.css"],
  ["x-http-method-override", "OPTIONS"],
  ["x-method-override", "OPTIONS"],
  ["access-control-request-method", "GET"],
  ["x-forwarded-host", "localhost"],
  ["x-forwarded-for", "127.0.0.1"],
  ["x-real-ip", "127.0.0.1"],
  ["x-envoy-internal", "true"],
  ["x-internal-request", "1"],
  ["x-bypass", "1"],
  ["x-stanchion-bypass", "1"],
  ["x-queueit-failed", "true"],
  ["x-queueit-connector", "cloudflare"],
  ["x-prerender-revalidate", "1"],
  ["purpose", "prefetch"],
  ["sec-purpose", "prefetch;prerender"],
  ["service-worker", "script"],
  ["sec-fetch-dest", "style"],
  ["accept", "text/css"],
  ["content-type", "text/css"],
  ["upgrade", "websocket"],
  ["authorization", "Bearer internal"],
  ["user-agent", "Googlebot/2.1"],
];

describe("no header switches the protection off:", () => {
  for (const [name, open] of Object.entries(gates)) {
    test(name, async () => {
      const bench = open();
      for (const [header, value] of switches) {
        const visit = await bench.visit("/tickets", { headers: { "user-agent": "test", [header]: value } });
        assert.equal(visit.served, false, `${header}: ${value}`);
      }
      assert.equal(bench.gate.errors, 0);
    });
  }

  test("Queue-it", async () => {
    const bench = configured(everything, {}, [...before, problemAnswers()]);
    for (const [header, value] of switches) {
      const visit = await bench.visit("/event1", { headers: { [header]: value } });
      assert.deepEqual([visit.served, visit.faults.length], [false, 0], `${header}: ${value}`);
    }
  });
});

test("staticFiles() excludes no page that a server could serve under a dressed-up path", () => {
  const plugin = staticFiles({ paths: ["/payments/callback"] });
  const paths = [
    "/tickets;.css",
    "/tickets;a=b.css",
    "/tickets;x/.css",
    "/tickets/;a.css",
    "/tickets/..;/a.css",
    "/tickets%3b.css",
    "/tickets%3B/a.css",
    "/tickets%2f.css",
    "/tickets%2Fa.css",
    "/tickets%5ca.css",
    "/tickets\\a.css",
    "/tickets%00.css",
    "/tickets%0a.css",
    "/tickets%0d%0a.css",
    "/tickets\0.css",
    "/tickets%3f.css",
    "/tickets%23.css",
    "/tickets?.css",
    "/tickets?/a.css",
    "/tickets#.css",
    "/tickets#/a.css",
    "/tickets/.css/",
    "/tickets/a.css/",
    "/tickets.css%20",
    "/tickets.css%09",
    "/tickets%c0%ae.css",
    "/tickets%ff.css",
    "/tickets%.css",
    "/tickets%zz.css",
    "/tickets/%2e.css/",
    "/a.css/../tickets",
    "/a.css/%2e%2e/tickets",
    "/a.css/..%2ftickets",
    "//tickets/a.css",
    "/tickets//a.css",
    "/payments/callback/../../tickets",
    "/payments/callback/%2e%2e/%2e%2e/tickets",
    "/payments/callback/..;/..;/tickets",
    "/payments/callback;/../../tickets",
    "/payments/callback%2f..%2f..%2ftickets",
    "/payments/callback/%252e%252e/%252e%252e/tickets",
    "/payments/callback/%252e%2e/tickets",
    "/payments/callback%252f..%252f..%252ftickets",
    "/payments/callback%255c..%255ctickets",
    "/payments/callback/..%253b/tickets",
    "/tickets%253b.css",
    "/tickets%252f.css",
    "/tickets%2500.css",
    "/tickets%253f.css",
    "/tickets%2523.css",
    "/tickets%25252f.css",
    "/payments/callbacks",
    "/payments/callback%00",
    "/payments//callback",
    "/payments/./callback/",
    "/Payments/callback",
    "/x/payments/callback",
    "/payments\\callback",
  ];
  for (const path of paths) {
    // As much of a request as is looked at, with the path as it was sent.
    const request = {
      url: `https://shop.example.com${path}`,
      method: "GET",
      headers: new Headers(),
    } as unknown as Request;
    assert.equal(plugin.match?.(contextOf(request)), true, path);
  }
  for (
    const path of [
      "/a.css",
      "/a%20b.css",
      "/100%25.css",
      "/a%2520b.css",
      "/payments/callback",
      "/payments/callback/x?y=/../z",
    ]
  ) {
    assert.equal(plugin.match?.(contextOf(new Request(`https://shop.example.com${path}`))), false, path);
  }
});

const odd = [
  "//evil.example/tickets",
  "/\\evil.example/tickets",
  "/\\/evil.example/tickets",
  "/%5c%5cevil.example/tickets",
  "/%2f%2fevil.example/tickets",
  "/tickets/https://evil.example",
  "/.evil.example/tickets",
  "/@evil.example/tickets",
  "/tickets?url=https://evil.example",
  "//evil.example%2f@x/tickets",
];

test("crowdhandler() returns visitors to an accepted host, whatever path or host they name", async () => {
  for (const bench of [gates["CrowdHandler's full mode"](), gates["CrowdHandler's hybrid mode"]()]) {
    for (
      const host of [
        "https://shop.example.com",
        "https://evil.example",
        "https://shop.example.com.evil.example",
        "https://shop.example.com:8443",
      ]
    ) {
      for (const path of odd) {
        for (const query of ["", `${path.includes("?") ? "&" : "?"}ch-id=${token}`]) {
          const { served, location } = await bench.visit(host + path + query);
          assert.equal(served, false);
          const place = new URL(location);
          const back = place.host === "wait.crowdhandler.com"
            ? new URL(place.searchParams.get("url") ?? "")
            : place;
          assert.equal(back.origin, site, `${host}${path}${query} came to ${location}`);
        }
      }
    }
  }
});

test("queueIt() returns visitors to the page that they asked for, and scripts to accepted hosts", async () => {
  const bench = configured(everything, { ajaxHosts: ["shop.test"] });
  for (const path of odd) {
    for (const query of ["", `${path.includes("?") ? "&" : "?"}queueittoken=${tokenOf()}`]) {
      const { response } = await bench.visit(`https://shop.test${path}${query}`);
      const place = new URL(response.headers.get("location") ?? "");
      const back = place.host === "shop.test" ? place : new URL(place.searchParams.get("t") ?? "");
      assert.equal(back.host, "shop.test", path + query);
    }
  }
  for (
    const page of [
      "https://evil.example/",
      "//evil.example/",
      "\\\\evil.example/",
      "https:/\\evil.example/",
      "https://shop.test@evil.example/",
      "https://shop.test.evil.example/",
      "https://shop.test\\.evil.example/",
      "javascript://shop.test/%0aalert(1)",
      "data:text/html,x",
      "https://shop.test:8443/",
      "shop.test",
    ]
  ) {
    const headers = { "x-queueit-ajaxpageurl": encodeURIComponent(page) };
    const { response } = await bench.visit("/event1", { headers });
    const place = new URL(decodeURIComponent(response.headers.get("x-queueit-redirect") ?? ""));
    const back = place.searchParams.get("t");
    assert.ok(back === null || new URL(back).host === "shop.test", `${page}: ${back}`);
  }
});

test("no refusal may be stored by a cache, and no page that comes with a visitor's cookie be shared", async () => {
  const kinds: readonly (readonly [what: string, path: string, headers: Record<string, string>])[] = [
    ["a page", "/tickets", {}],
    ["a clean redirect", `/tickets?ch-id=${token}`, {}],
    ["a script", "/tickets", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }],
    ["a prefetch", "/tickets", { "sec-purpose": "prefetch" }],
    ["a long URL", `/tickets?${"a".repeat(7000)}`, {}],
  ];
  for (const open of Object.values(gates)) {
    const bench = open();
    for (const [what, path, headers] of kinds) {
      const { response, served } = await bench.visit(path, { headers });
      assert.equal(served, false, what);
      assert.match(response.headers.get("cache-control") ?? "", /(?:^|[ ,])no-store/, what);
    }
  }
  for (
    const said of [
      undefined,
      "public, max-age=600",
      "s-maxage=600",
      "max-age=600, public, s-maxage=9",
      'private="set-cookie", public',
      "PUBLIC",
    ]
  ) {
    const gate = createGate({
      plugins: [
        cookieTokens(),
        failClosed(),
        queueIt({
          customerId,
          secretKeys: [secret],
          integrationConfig: configOf(integration({ ExtendCookieValidity: true, Triggers: [trigger("*")] })),
          onConfiguration() {},
        }),
      ],
      now: () => now * 1000,
    });
    const page = gate.wrap(() =>
      new Response("page", said === undefined ? {} : { headers: { "cache-control": said } })
    );
    const response = await page(
      new Request("https://shop.test/", { headers: { cookie: cookieHeader({ event1: cookieOf() }) } }),
    );
    assert.equal(response.headers.getSetCookie().length, 1, said);
    const directives = (response.headers.get("cache-control") ?? "").toLowerCase().split(/, */);
    assert.ok(directives.includes("private"), `${said}: ${directives}`);
    assert.ok(
      !directives.some((directive) => /^(?:public|s-maxage)/.test(directive)),
      `${said}: ${directives}`,
    );
  }
});

test("of several cookies of a name one counts alone, and never a mixture", async () => {
  const queueItGate = evented();
  const name = cookieName();
  const good = encodeURIComponent(cookieOf());
  const forged = encodeURIComponent(cookieOf({ QueueId: "other" }, "another secret"));
  const hybrid = hybridBench({ answers: { requests: queued } });
  const valid = hybridCookie();
  const stolen = hybridCookie({ ...validParts(), token: other });
  const table: readonly (readonly [isIn: boolean, (good: string, bad: string) => string])[] = [
    [true, (good, bad) => `${bad}; ${good}`],
    [true, (good, bad) => `${good}; ${bad}`],
    [true, (good, bad) => `${bad}; ${bad}; ${good}`],
    [true, (good, bad) => `${good}; a=b; ${bad}; c=d`],
    [true, (good, bad) => `${good}; ${bad.slice(0, bad.indexOf("=") + 1)}`],
    [false, (good, bad) => `${bad}, ${good}`],
    [false, (good) => `a="; ${good}"; ${good}x`],
    [false, (good) => good.replace("=", "%3D")],
    [false, (good) => `x${good}`],
    [
      false,
      (good) =>
        good.slice(0, 1).toLowerCase() === good.slice(0, 1)
          ? good.slice(0, 1).toUpperCase() + good.slice(1)
          : good.slice(0, 1).toLowerCase() + good.slice(1),
    ],
  ];
  for (const [isIn, header] of table) {
    const text = header(`${name}=${good}`, `${name}=${forged}`);
    assert.equal((await queueItGate.visit("/", { cookie: text })).served, isIn, text);
    const other = header(valid, stolen);
    assert.equal((await hybrid.visit("/tickets", { cookie: other })).served, isIn, other);
  }
  assert.equal(hybrid.gate.errors, 0);
});

describe("JSON that names prototypes", () => {
  const clean = () => {
    assert.deepEqual(Object.keys(Object.prototype), []);
    assert.equal(Reflect.get({}, "promoted"), undefined);
  };
  const protos = [
    '{"__proto__":{"promoted":1,"token":"tok_x","tokens":[]}}',
    '{"constructor":{"prototype":{"promoted":1}}}',
    '{"result":{"__proto__":{"promoted":1}}}',
    '{"__proto__":{"result":{"promoted":1}}}',
    '{"result":{"constructor":{"prototype":{"promoted":1}}}}',
    '{"result":{"status":{"__proto__":1},"promoted":{"valueOf":1}}}',
  ];

  test("in an answer of CrowdHandler's promotes nobody", async () => {
    for (const text of protos) {
      const bench = benchOf({ answers: { requests: () => new Response(text) }, policy: "closed" });
      assert.equal((await bench.visit("/tickets")).served, false, text);
      clean();
    }
    const bench = benchOf({
      answers: {
        requests: () =>
          new Response(JSON.stringify({ result: { ...promoted, ["__proto__"]: { promoted: 0 } } })),
      },
    });
    assert.equal((await bench.visit("/tickets")).served, true);
  });

  test("in the rooms feed opens no room", async () => {
    for (
      const text of [
        `{"result":[{"__proto__":${JSON.stringify(room)}}]}`,
        `{"result":[{"__proto__":{"patternType":"none"},${JSON.stringify(room).slice(1, -1)}}]}`,
        '{"__proto__":{"result":[]}}',
      ]
    ) {
      const bench = hybridBench({
        answers: { requests: queued, rooms: () => new Response(text) },
        policy: "closed",
      });
      const { served, decision } = await bench.visit("/tickets");
      // A room that is made of its prototype is none, and a feed in which nothing else is one has failed.
      assert.equal(served, false, `${text}: ${decision?.reason}`);
      clean();
    }
  });

  test("in a session cookie proves nothing", async () => {
    const bench = hybridBench({ answers: { requests: queued } });
    const genuine = decodeURIComponent(hybridCookie().slice("crowdhandler=".length));
    const last = JSON.stringify(JSON.parse(genuine).tokens[0]);
    for (
      const text of [
        `{"__proto__":${genuine}}`,
        `{"tokens":[{"__proto__":${last}}]}`,
        `{"tokens":{"__proto__":[${last}],"length":1}}`,
        `{"constructor":{"prototype":${genuine}}}`,
        `{"tokens":[{"token":"tok_x","__proto__":${last}}]}`,
      ]
    ) {
      const cookie = `crowdhandler=${encodeURIComponent(text)}`;
      assert.equal((await bench.visit("/tickets", { cookie })).served, false, text);
      clean();
    }
    assert.equal(bench.gate.errors, 0);
  });

  test("in a pushed or given configuration of Queue-it excludes nothing", async () => {
    const source = integrationSource();
    source.deliver(JSON.stringify(everything));
    const bench = configured(source, {}, [cookieTokens(), pushEndpoint({ secretKeys: [secret], source })]);
    const push = (text: string, isSigned: boolean) => {
      const info = [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join(
        "",
      );
      const hash = isSigned ? sign(info) : "0".repeat(64);
      const body = isSigned
        ? JSON.stringify({ integrationInfo: info, hash })
        : `{"__proto__":{"integrationInfo":"${info}","hash":"${sign(info)}"},"hash":"${hash}"}`;
      return bench.visit("/?__push_queueit_config", { method: "PUT", body }).then(() =>
        bench.visit("/__push_queueit_config", { method: "PUT", body })
      );
    };
    const empty = '{"Version":9,"Integrations":[]}';
    assert.equal((await push(empty, false)).response.status, 400);
    assert.equal((await push(`{"__proto__":${empty}}`, true)).response.status, 400);
    assert.equal((await bench.visit("/event1")).served, false);
    await push(
      '{"Version":4,"Integrations":[{"__proto__":{"ActionType":"Ignore"},"Name":"x","ActionType":"Queue","EventId":"event1","QueueDomain":"ticketania.queue-it.net","CookieValidityMinute":20,"Triggers":[]}],"__proto__":{"Integrations":[]}}',
      true,
    );
    clean();
  });
});
