import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clientIp } from "../../../plugins/client-ip.ts";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { crowdhandlerVisit } from "../../../plugins/crowdhandler/mod.ts";
import { storageTokens } from "../../../plugins/storage-tokens/mod.ts";
import { storeOf } from "../../support/store-of.ts";
import {
  type Answers,
  benchOf,
  type Call,
  json,
  other,
  promoted,
  publicKey,
  queued,
  site,
  token,
} from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

const noStore = "no-store, no-cache, must-revalidate, max-age=0";

test("crowdhandler() opens a place with POST for a visitor without a token", async () => {
  const bench = benchOf({ plugins: [cookieTokens()] });
  const { served, decision, cookies } = await bench.visit("/tickets?a=1&ch-id=", {
    headers: { "user-agent": "Mozilla/5.0", "accept-language": "it-IT,it;q=0.9" },
  });
  assert.equal(served, true);
  assert.equal(decision?.reason, "crowdhandler/promoted");
  assert.deepEqual(cookies, { crowdhandler: token });
  assert.equal(bench.calls.length, 1);
  assert.equal(bench.calls[0]?.url, "https://api.crowdhandler.com/v1/requests");
  assert.equal(bench.calls[0]?.method, "POST");
  assert.equal(bench.calls[0]?.headers.get("content-type"), "application/json");
  assert.deepEqual(bench.calls[0]?.body, {
    url: `${site}/tickets?a=1`,
    agent: "Mozilla/5.0",
    lang: "it-IT,it;q=0.9",
  });
});

test("crowdhandler() tells the service of an encrypted page and returns visitors to the one they asked for", async () => {
  const host = new URL(site).host;
  const bench = benchOf({ options: { publicHosts: [`http://${host}`] }, answers: { requests: queued } });
  const { location } = await bench.visit("/tickets");
  assert.equal(bench.calls[0]?.body["url"], `https://${host}/tickets`);
  assert.equal(new URL(location).searchParams.get("url"), `http://${host}/tickets`);
});

test("crowdhandler() asks with GET and the same facts for a visitor with a token", async () => {
  const bench = benchOf({ answers: { requests: queued } });
  const { location, response, cookies } = await bench.visit("/tickets?a=1", {
    cookie: `crowdhandler=${other}`,
    headers: { "user-agent": "Mozilla/5.0" },
  });
  assert.deepEqual(bench.calls.map(({ method, path }) => [method, path]), [["GET", `requests/${other}`]]);
  assert.deepEqual(bench.calls[0]?.query, { url: `${site}/tickets?a=1`, agent: "Mozilla/5.0" });
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("cache-control"), noStore);
  assert.equal(
    location,
    `https://wait.crowdhandler.com/queen-victoria-hall?url=${
      encodeURIComponent(`${site}/tickets?a=1`)
    }&ch-code=&ch-id=${token}&ch-public-key=${publicKey}`,
  );
  assert.deepEqual(cookies, { crowdhandler: token }, "the returned token, also while queued");
  assert.equal(await response.text(), "");
});

test("crowdhandler() redirects to the clean URL first, before any call, for GET and HEAD", async () => {
  for (const method of ["GET", "HEAD"]) {
    const bench = benchOf();
    const { response, location, cookies, served } = await bench.visit(
      `/tickets?a=1&CH-ID=${token}&ch-requested=x&b=%20+?`,
      { method, cookie: `crowdhandler=${other}` },
    );
    assert.equal(response.status, 302);
    assert.equal(location, `${site}/tickets?a=1&b=%20+?`);
    assert.equal(response.headers.get("cache-control"), noStore);
    assert.deepEqual(cookies, { crowdhandler: token });
    assert.equal(served, false);
    assert.deepEqual(bench.calls, []);
  }
});

test("crowdhandler() takes the first well-formed token of the URL", async () => {
  const bench = benchOf();
  const { cookies } = await bench.visit(`/a?ch-id=&ch-id=no&Ch-Id=${token}&ch-id=${other}`);
  assert.deepEqual(cookies, { crowdhandler: token });
});

test("crowdhandler() checks a POST with the URL's token at once, and does not redirect it", async () => {
  const bench = benchOf({ answers: { requests: { ...promoted, token: undefined } } });
  const { served, cookies } = await bench.visit(`/tickets?ch-id=${other}`, {
    method: "POST",
    cookie: `crowdhandler=${token}`,
  });
  assert.equal(served, true);
  assert.deepEqual(bench.calls.map(({ method, path }) => [method, path]), [["GET", `requests/${other}`]]);
  assert.deepEqual(cookies, { crowdhandler: other });
});

test("crowdhandler() does not read the store for a visitor who brings a token in the URL", async () => {
  const reading = storeOf({ read: () => assert.fail("nothing is to be read") });
  const bench = benchOf({ plugins: [reading] });
  const { decision } = await bench.visit(`/a?ch-id=${token}`, { method: "POST" });
  assert.equal(decision?.action, "admit");
});

test("crowdhandler() cleans the URL after the check, or never, when told so", async () => {
  const after = benchOf({ options: { cleanUrl: "after-check" } });
  const first = await after.visit(`/a?ch-id=${other}`);
  assert.equal(first.decision?.reason, "crowdhandler/clean-url");
  assert.equal(first.location, `${site}/a`);
  assert.deepEqual(first.cookies, { crowdhandler: token });
  assert.equal(after.calls.length, 1);

  const waiting = benchOf({ options: { cleanUrl: "after-check" }, answers: { requests: queued } });
  assert.equal((await waiting.visit(`/a?ch-id=${other}`)).decision?.action, "queue");

  const never = benchOf({ options: { cleanUrl: "never" } });
  assert.equal((await never.visit(`/a?ch-id=${other}`)).decision?.action, "admit");
  assert.deepEqual(never.calls.map((call) => call.path), [`requests/${other}`]);
});

test("crowdhandler() keeps the cookie as it is when no well-formed token comes back", async () => {
  for (const returned of [undefined, null, "", false, 5, "none", `${token}\n`, "tok", {}]) {
    const bench = benchOf({ answers: { requests: { promoted: 1, token: returned } } });
    const { response } = await bench.visit("/a", { cookie: `crowdhandler=${other}` });
    assert.deepEqual(response.headers.getSetCookie(), [], String(returned));
  }
});

test("crowdhandler() tells a page outside every room from a promoted visitor", async () => {
  const sparse = { status: 0, token: null, responseID: null, promoted: 1 };
  const bench = benchOf({ answers: { requests: sparse } });
  assert.equal((await bench.visit("/a")).decision?.reason, "crowdhandler/unprotected");
});

test("crowdhandler() reads tokens of other cookies and other integrations", async () => {
  const session = encodeURIComponent(JSON.stringify({ integration: "dotnet", tokens: [{ token: other }] }));
  for (const cookie of [`ch-id=${other}`, `crowdhandler="${other}"`, `crowdhandler=bad; ch-id=${session}`]) {
    const bench = benchOf();
    await bench.visit("/a", { cookie });
    assert.deepEqual(bench.calls.map((call) => call.path), [`requests/${other}`], cookie);
  }
});

test("crowdhandler() writes a plain cookie with the attributes of its options", async () => {
  const bench = benchOf({
    options: {
      cookie: {
        name: "visitor",
        maxAgeSeconds: 60,
        domain: "example.com",
        httpOnly: false,
        sameSite: "None",
      },
    },
  });
  const { response } = await bench.visit("/a");
  const [line = ""] = response.headers.getSetCookie();
  assert.deepEqual(
    line.split("; ").sort(),
    ["Domain=example.com", "Max-Age=60", "Path=/", "SameSite=None", "Secure", `visitor=${token}`],
  );
  const [plain] = (await benchOf().visit("/a")).response.headers.getSetCookie();
  assert.equal(plain, `crowdhandler=${token}; Path=/; Secure; HttpOnly; SameSite=Lax`);
});

test("crowdhandler() keeps tokens on the server when the store does", async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => Promise.resolve(kept.get(key)),
    setItem: (key: string, value: string) => Promise.resolve(void kept.set(key, value)),
    removeItem: (key: string) => Promise.resolve(void kept.delete(key)),
  };
  const bench = benchOf({ plugins: [storageTokens({ storage })], answers: { requests: queued } });
  const first = await bench.visit("/a");
  assert.ok(first.location.includes(token));
  const [[name, id] = []] = Object.entries(first.cookies);
  assert.notEqual(id, token);
  await bench.visit("/a", { cookie: `${name}=${id}` });
  assert.deepEqual(bench.calls.map((call) => call.path), ["requests", `requests/${token}`]);
});

test("crowdhandler() sends the key as a header, or as the user name of HTTP Basic", async () => {
  const plain = benchOf();
  await plain.visit("/a");
  assert.equal(plain.calls[0]?.headers.get("x-api-key"), publicKey);
  assert.equal(plain.calls[0]?.headers.get("authorization"), null);
  const basic = benchOf({ options: { auth: "basic" } });
  await basic.visit("/a");
  assert.equal(basic.calls[0]?.headers.get("authorization"), `Basic ${btoa(`${publicKey}:`)}`);
  assert.equal(basic.calls[0]?.headers.get("x-api-key"), null);
});

test("crowdhandler() calls the API where it is told, with or without a trailing slash", async () => {
  for (const apiUrl of ["https://proxy.test/ch", "https://proxy.test/ch/"]) {
    const bench = benchOf({ options: { apiUrl } });
    await bench.visit("/a");
    assert.equal(bench.calls[0]?.url, "https://proxy.test/ch/v1/requests");
  }
});

test("crowdhandler() sends visitors to a white-label room, with or without a trailing slash", async () => {
  for (const waitingRoomUrl of ["https://shop.example.com/ch", "https://shop.example.com/ch//"]) {
    const bench = benchOf({ options: { waitingRoomUrl }, answers: { requests: queued } });
    const { location } = await bench.visit("/a");
    assert.ok(location.startsWith("https://shop.example.com/ch/queen-victoria-hall?url="), location);
  }
});

test("crowdhandler() carries a priority code to the API and to the room", async () => {
  const bench = benchOf({ answers: { requests: queued }, options: { parameters: () => ({ code: "mine" }) } });
  const { location } = await bench.visit("/a?ch-code=%C3%A9+1");
  assert.equal(bench.calls[0]?.body["code"], "é 1");
  assert.ok(location.includes("&ch-code=%C3%A9%201&"), location);
  for (const code of ["", "null", "undefined", "%00", "x".repeat(300)]) {
    await bench.visit(`/a?ch-code=${code}`);
    assert.equal(bench.calls.at(-1)?.body["code"], "mine", code);
  }
});

test("crowdhandler() sends custom parameters, which never replace the standard ones", async () => {
  const parameters = () => ({
    captcha: "c1",
    url: "https://evil.test",
    ip: "203.0.113.9",
    agent: "x",
    lang: "x",
    empty: "",
    nothing: null,
    missing: undefined,
    list: [1, "2"],
    nan: NaN,
    ["__proto__"]: "p",
    "\ud800": "\ud800",
  });
  const bench = benchOf({ options: { parameters } });
  await bench.visit("/a");
  const body = bench.calls[0]?.body;
  assert.equal(body?.["url"], `${site}/a`);
  assert.deepEqual(Object.keys(body ?? {}).sort(), ["__proto__", "captcha", "list", "url", "\ud800"]);
  await bench.visit("/a", { cookie: `crowdhandler=${token}` });
  assert.deepEqual(Object.keys(bench.calls[1]?.query ?? {}).sort(), [
    "__proto__",
    "captcha",
    "url",
    "\ufffd",
  ]);
});

test("crowdhandler() sends the address that clientIp() found, otherwise the connection's", async () => {
  const trusting = benchOf({ plugins: [clientIp({ trustedProxies: 1 }), cookieTokens()] });
  const untrusting = benchOf({ plugins: [cookieTokens()] });
  const request = () => new Request(`${site}/a`, { headers: { "x-forwarded-for": "203.0.113.9" } });
  const info = { remoteAddr: { hostname: "::ffff:198.51.100.23" } };
  const page = () => new Response("page");
  await trusting.gate(request(), page, info);
  await untrusting.gate(request(), page, info);
  assert.equal(trusting.calls[0]?.body["ip"], "203.0.113.9");
  assert.equal(untrusting.calls[0]?.body["ip"], "198.51.100.23");
});

test("crowdhandler() lets the application say who the visitor is", async () => {
  const bench = benchOf({ options: { visitor: () => ({ ip: "192.0.2.1", agent: "app", lang: "" }) } });
  await bench.visit("/a", { headers: { "user-agent": "x", "accept-language": "de" } });
  assert.deepEqual(bench.calls[0]?.body, { url: `${site}/a`, ip: "192.0.2.1", agent: "app" });
});

test("crowdhandler() takes what the application does not say as a text from the request", async () => {
  // An application without types may say anything.
  for (const facts of [undefined, null, {}, { agent: null, ip: 5, lang: {} }]) {
    const bench = benchOf({ options: { visitor: () => facts as never, parameters: () => facts as never } });
    const { decision } = await bench.visit("/a", { headers: { "user-agent": "x" } });
    assert.equal(decision?.action, "admit");
    assert.equal(bench.calls[0]?.body["agent"], "x");
  }
});

test("crowdhandler() returns visitors to an accepted host only", async () => {
  const bench = benchOf({
    options: { publicHosts: ["shop.example.com", "www.example.com:8443", "http://localhost:8000"] },
    answers: { requests: queued },
  });
  const table: [string, string][] = [
    ["http://SHOP.example.com.:443/a", "https://shop.example.com/a"],
    ["http://shop.example.com:80/a", "https://shop.example.com/a"],
    ["https://www.example.com:8443/a", "https://www.example.com:8443/a"],
    ["https://shop.example.com:9999/a", "https://shop.example.com/a"],
    ["http://localhost:8000/a", "http://localhost:8000/a"],
  ];
  for (const [url, expected] of table) {
    const { location } = await bench.visit(url);
    assert.equal(new URL(location).searchParams.get("url"), expected);
    assert.equal((await bench.visit(`${url}?ch-id=${token}`)).location, expected);
  }
  const calls = bench.calls.length;
  assert.equal((await bench.visit("https://evil.test/a")).response.status, 421);
  assert.equal(bench.calls.length, calls, "for which of them it stands nobody can tell");
  assert.deepEqual(bench.warnings, []);
});

test("crowdhandler() warns once when no hosts are given, whatever becomes of the warning", async () => {
  const warnings: string[] = [];
  const warn = (message: string) => {
    warnings.push(message);
    throw new Error("the log is full");
  };
  const { publicHosts: _, ...options } = { publicHosts: [], warn };
  const bench = benchOf({ options: { ...options, publicHosts: undefined as never } });
  for (const host of ["a", "b", "c"]) {
    assert.equal((await bench.visit(`https://${host}.test/`)).decision?.action, "admit");
    assert.equal(bench.calls.at(-1)?.body["url"], `https://${host}.test/`);
  }
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /"publicHosts" is not set/);
});

test("crowdhandler() with loopGuard tells visitors who refuse cookies that they are needed", async () => {
  const bench = benchOf({ options: { loopGuard: true }, answers: { requests: queued } });
  const first = await bench.visit(`/a?b=1&ch-id=${token}`);
  assert.equal(first.location, `${site}/a?b=1&ch-fresh=1`);
  assert.equal((await bench.visit(`/a?ch-id=${token}`)).location, `${site}/a?ch-fresh=1`);
  const refused = await bench.visit("/a?b=1&ch-fresh=1");
  assert.equal(refused.decision?.reason, "crowdhandler/cookies-required");
  assert.equal(refused.response.status, 403);
  assert.match(refused.response.headers.get("cache-control") ?? "", /no-store/);
  assert.match(await refused.response.text(), /needs cookies/);
  const kept = await bench.visit("/a?b=1&ch-fresh=1", { cookie: `crowdhandler=${token}` });
  assert.equal(kept.decision?.action, "queue");
  const lucky = benchOf({ options: { loopGuard: true } });
  assert.equal((await lucky.visit("/a?ch-fresh=1")).served, true);
});

test("crowdhandler() offers the service's answer to other plugins", async () => {
  let seen: unknown;
  const bench = benchOf({
    plugins: [cookieTokens(), {
      name: "reader",
      respond(ctx) {
        seen = ctx.get(crowdhandlerVisit)?.result.position;
        return undefined;
      },
    }],
    answers: { requests: queued },
  });
  await bench.visit("/a");
  assert.equal(seen, 648);
});

test("crowdhandler() tells the place in line of who must wait, if the service says one", async () => {
  const positions: readonly [given: unknown, told: number | undefined][] = [
    [648, 648],
    [1, 1],
    [0, undefined],
    [-3, undefined],
    [1.5, undefined],
    [1e300, undefined],
    ["7", undefined],
    [null, undefined],
  ];
  for (const [position, told] of positions) {
    const { decision } = await benchOf({ answers: { requests: { ...queued, position } } }).visit("/a");
    assert.equal(decision?.facts?.place?.position, told);
  }
  const letIn = await benchOf({ answers: { requests: { ...promoted, position: 5 } } }).visit("/a");
  assert.equal(letIn.decision?.facts?.place, undefined, "who may enter stands nowhere");
});

test("crowdhandler() keeps visitors apart who are checked at the same time", async () => {
  const waiting: (() => void)[] = [];
  const bench = benchOf({
    answers: {
      requests: async ({ path }) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return json({ ...promoted, promoted: path.endsWith("a") ? 1 : 0, token: path.slice(9) });
      },
    },
  });
  const names = ["tok_1a", "tok_2b", "tok_3a", "tok_4b"];
  const visits = names.map((name) => bench.visit(`/${name}`, { cookie: `crowdhandler=${name}` }));
  await new Promise((resolve) => setTimeout(resolve));
  for (const go of waiting.reverse()) go();
  for (const [index, visit] of (await Promise.all(visits)).entries()) {
    const name = names[index] ?? "";
    assert.deepEqual(visit.cookies, { crowdhandler: name });
    assert.equal(visit.served, name.endsWith("a"));
    if (!visit.served) {
      assert.ok(visit.location.includes(`ch-id=${name}&`) && visit.location.includes(`%2F${name}`));
    }
  }
});

test("crowdhandler() in report mode decides, admits everybody and records no queued visitor", async () => {
  const bench = benchOf({
    mode: "report",
    options: { performance: { sample: 1 } },
    answers: { requests: queued },
  });
  const { served, decision, cookies, location } = await bench.visit("/a");
  assert.equal(served, true);
  assert.equal(location, "");
  assert.equal(decision?.action, "queue");
  assert.deepEqual(cookies, { crowdhandler: token });
  assert.deepEqual(bench.calls.map((call) => call.method), ["POST"]);
});

test("crowdhandler() is explained without opening a place, writing to a storage or recording", async () => {
  const writes: string[] = [];
  const storage = {
    getItem: () => undefined,
    setItem: (key: string) => void writes.push(key),
    removeItem: (key: string) => void writes.push(key),
  };
  const bench = benchOf({
    plugins: [storageTokens({ storage })],
    options: { performance: { sample: 1 }, cleanUrl: "after-check" },
  });
  const unknown = await bench.gate.explain(new Request(`${site}/a`));
  assert.equal(unknown.decision.reason, "crowdhandler/not-asked");
  assert.deepEqual(bench.calls, []);
  const known = await bench.gate.explain(new Request(`${site}/a?ch-id=${token}`));
  assert.equal(known.decision.reason, "crowdhandler/clean-url");
  assert.deepEqual(bench.calls.map(({ method, path }) => [method, path]), [["GET", `requests/${token}`]]);
  await bench.gate.idle();
  assert.equal(bench.calls.length, 1);
  assert.deepEqual(writes, []);
});

describe("crowdhandler() in full mode asks about the page that the application will see", () => {
  /** A service whose room covers what contains the text, byte by byte. */
  const covering = (text: string): Answers => ({
    requests: (call: Call) => {
      const url = String(call.query["url"] ?? call.body["url"]);
      return json(url.includes(text) ? queued : { status: 0, token: null, responseID: null, promoted: 1 });
    },
  });
  const spellings = [
    "/%74ickets",
    "/tickets/",
    "/Tickets",
    "/TICKETS/7",
    "//tickets",
    "/%2574ickets",
    "/tickets%2F7",
    "/x;y/tickets",
    "/a?%2ftickets",
  ];
  for (const path of spellings) {
    test(`in whatever spelling: ${path}`, async () => {
      const bench = benchOf({ answers: covering("/tickets") });
      assert.equal((await bench.visit(path)).served, false);
      assert.ok(bench.calls.length <= 2);
    });
  }

  test("and by each plainer spelling once in ten seconds, about a page that no room covers", async () => {
    const bench = benchOf({ answers: covering("/tickets") });
    for (let visit = 0; visit < 5; visit++) assert.equal((await bench.visit("/About/")).served, true);
    // In lower case, with and without the slash.
    assert.equal(bench.calls.length, 7);
    assert.equal((await bench.visit("/about")).served, true);
    assert.equal(bench.calls.length, 8);
  });

  test("and by a few spellings at a time about one that can be read in many ways, until all are known", async () => {
    const bench = benchOf({ answers: covering("/tickets") });
    const path = "/A//b%2Fx%2F%2561%2Fc;d/e%5Cy%2Ff%253Bg/?q=a+b%26";
    for (let visits = 0; visits < 10; visits++) {
      const calls = bench.calls.length;
      const { served } = await bench.visit(path);
      assert.ok(bench.calls.length - calls <= 9);
      if (served) return;
    }
    assert.fail("the visitor never gets in");
  });

  test(
    "and makes no failure of questions for which there is no time, or that fail",
    steadily(async () => {
      for (const later of ["slow", "broken"] as const) {
        let asked = 0;
        const requests = async () => {
          asked++;
          if (asked > 1 && later === "broken") throw new TypeError("connection reset");
          await new Promise((resolve) => setTimeout(resolve, later === "slow" ? 40 : 0));
          return json({ status: 0, token: null, responseID: null, promoted: 1 });
        };
        const bench = benchOf({ options: { timeoutMs: 60 }, answers: { requests } });
        const { served, decision } = await bench.visit("/A;b/%2fc/?q=a+b%26");
        assert.equal(served, false, later);
        assert.equal(decision?.reason, "crowdhandler/queued");
        assert.deepEqual(bench.errors, []);
      }
    }),
  );

  test("whose dot segments only some programs see is no page at all", async () => {
    const bench = benchOf({ answers: covering("/tickets") });
    for (
      const path of [
        "/tickets;%2f..%2fmerch",
        "/merch/..%2ftickets",
        "/merch/..;/tickets",
        "/x/%252e%252e/tickets",
        "/x/%25%32%65%25%32%65/tickets",
        "/x%5C..%5Ctickets",
      ]
    ) {
      assert.equal((await bench.visit(path)).response.status, 400, path);
    }
    assert.equal(bench.calls.length, 0);
  });

  test("but not in lower case where the application tells them apart", async () => {
    const bench = benchOf({ answers: covering("/tickets"), gate: { caseSensitive: true } });
    assert.equal((await bench.visit("/Tickets")).served, true);
    assert.equal(bench.calls.length, 1);
  });
});
