import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { bench, NOON, TICKETS } from "./_helpers.ts";

const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
const fields = { url: TICKETS, ip: "198.51.100.23", agent: "test" };

test("POST /v1/requests gives a token and, when promoted, a signature that the private key proves", async () => {
  const { sandbox, check } = bench({ queueActivatesOn: "2029-12-01T09:00:00Z", message: "Hello" });
  const result = await check();
  assert.match(result.token, /^tok0[0-9A-NP-Za-np-z]{6}[0-9A-Za-z]{12}$/);
  assert.match(result.responseID, /^[0-9a-f]{32}$/);
  assert.equal(result.requested, "2030-01-15T12:00:00Z");
  assert.equal(
    result.hash,
    sha(sha(sandbox.privateKey) + "hall" + "2029-12-01T09:00:00Z" + result.token + result.requested),
  );
  const { token: _token, responseID: _id, hash: _hash, ...rest } = result;
  assert.deepEqual(rest, {
    status: 1,
    title: "The hall",
    position: null,
    promoted: 1,
    urlRedirect: null,
    onsale: "2029-12-01T09:00:00Z",
    message: "Hello",
    slug: "hall",
    priority: null,
    priorityAvailable: 0,
    logo: null,
    captchaRequired: 0,
    rate: 60,
    ttl: 60,
    requested: "2030-01-15T12:00:00Z",
    deployment: "sandbox",
    domain: "https://shop.example.com",
  });
});

test("POST /v1/requests signs as the worked example of the specification", async () => {
  const { check } = bench({ queueActivatesOn: "2029-12-01T09:00:00Z" }, {
    privateKey: "priv_3b1f0c9a7d5e42668f10aa55cc77ee99",
  });
  const { token, requested, hash } = await check();
  const key = "116363810e1334a3228c6ebceb28a9e28b152af82fd1996c2690dc0ca93d6ef8";
  assert.equal(hash, sha(`${key}hall2029-12-01T09:00:00Z${token}${requested}`));
});

test("POST /v1/requests writes the time into the token, in base 60", async () => {
  const { check } = bench({}, { now: () => Date.parse("2022-07-27T11:15:10Z") });
  assert.equal((await check()).token.slice(0, 10), "tok0M7SBFA");
});

test("tokens and response identifiers differ even when the random source is constant", async () => {
  const { check } = bench({}, { random: () => 0.5 });
  const [a, b] = [await check(), await check()];
  assert.notEqual(a.token, b.token);
  assert.notEqual(a.responseID, b.responseID);
});

test("the API takes the key as x-api-key or as Basic user, and answers 401 in JSON otherwise", async () => {
  const { sandbox } = bench();
  const { publicKey, privateKey } = sandbox;
  const table: readonly [Record<string, string>, number][] = [
    [{ "x-api-key": publicKey }, 200],
    [{ authorization: `Basic ${btoa(`${publicKey}:`)}` }, 200],
    [{ authorization: `basic ${btoa(`${publicKey}:ignored`)}` }, 200],
    [{ authorization: `Bearer ${publicKey}` }, 401],
    [{ authorization: "Basic %%%" }, 401],
    [{ "x-api-key": privateKey }, 401],
    [{ "x-api-key": "" }, 401],
    [{}, 401],
  ];
  for (const [headers, status] of table) {
    const response = await sandbox.fetch(new Request("https://api.test/v1/rooms", { headers }));
    assert.equal(response.status, status, JSON.stringify(headers));
    const body = await response.json();
    assert.equal(typeof body[status === 200 ? "result" : "error"], status === 200 ? "object" : "string");
  }
});

test("POST /v1/requests also reads form bodies", async () => {
  const { sandbox } = bench();
  const response = await sandbox.fetch(
    new Request("https://api.test/v1/requests", {
      method: "POST",
      headers: { "x-api-key": sandbox.publicKey },
      body: new URLSearchParams(fields),
    }),
  );
  assert.equal((await response.json()).result.promoted, 1);
});

test("requests without a usable url, ip or agent get 400 and the parameter's name", async () => {
  const { api } = bench();
  const table: readonly [unknown, string][] = [
    [{ ip: fields.ip, agent: "a" }, "url"],
    [{ ...fields, url: "/tickets" }, "url"],
    [{ ...fields, url: "http://shop.example.com/" }, "url"],
    [{ url: TICKETS, agent: "a" }, "ip"],
    [{ ...fields, ip: "unknown" }, "ip"],
    [{ url: TICKETS, ip: fields.ip }, "agent"],
    [{ ...fields, agent: "" }, "agent"],
    [{ ...fields, agent: 5 }, "agent"],
    [{ ...fields, slug: "nowhere" }, "slug"],
    [[], "ip"],
    ["{", ""],
    ["null", ""],
  ];
  for (const [body, parameter] of table) {
    const { status, json } = await api("POST", "/v1/requests", body);
    assert.equal(status, 400, JSON.stringify(body));
    if (parameter !== "") assert.equal(json.parameter, parameter);
    assert.ok(json.error.includes(parameter), json.error);
  }
});

test("bodies of more than 64 KB are refused", async () => {
  const { status, json } = await bench().api("POST", "/v1/requests", {
    ...fields,
    agent: "x".repeat(70_000),
  });
  assert.equal(status, 400);
  assert.match(json.error, /64 KB/);
});

test("GET /v1/requests/:token keeps a known token and replaces every other", async () => {
  const { check, pass } = bench({}, { tokenMinutes: 10 });
  const { token } = await check();
  assert.equal((await check(token)).token, token);
  for (const other of ["tok_7pDi5dRB2nUi", "nonsense", "tok/../x", "%", "ü", token.toLowerCase()]) {
    const answer = await check(other);
    assert.match(answer.token, /^tok0/);
    assert.notEqual(answer.token, token);
  }
  pass(601);
  assert.notEqual((await check(token)).token, token);
});

test("a URL outside every room gets a token and no room; a foreign domain not even a token", async () => {
  const { check } = bench({ patternType: "contains", urlPattern: "/tickets" });
  const free = await check(undefined, { url: "https://shop.example.com/about" });
  assert.match(free.token, /^tok0/);
  assert.deepEqual({ ...free, token: "" }, { status: 0, token: "", responseID: null, promoted: 1 });
  const foreign = await check(undefined, { url: "https://other.example.com/tickets" });
  assert.deepEqual(foreign, { status: 0, token: null, responseID: null, promoted: 1 });
});

test("rooms match by precedence, on the host with its port, and under wildcards", async () => {
  const { check, api } = bench({}, {
    rooms: [
      { slug: "all", domain: "https://shop.example.com" },
      { slug: "part", domain: "https://shop.example.com", patternType: "contains", urlPattern: "/t" },
      {
        slug: "exact",
        domain: "https://shop.example.com",
        patternType: "regex",
        urlPattern: "^/tickets\\?a=1",
      },
      { slug: "wild", domain: "https://*.example.org" },
      { slug: "port", domain: "https://localhost:8080" },
    ],
  });
  const table: readonly [string, string | undefined][] = [
    [TICKETS, "exact"],
    ["https://SHOP.example.com:443/t", "part"],
    ["https://shop.example.com./", "all"],
    ["https://a.b.example.org/", "wild"],
    ["https://example.org/", undefined],
    ["https://localhost:8080/", "port"],
    ["https://localhost/", undefined],
  ];
  for (const [url, slug] of table) assert.equal((await check(undefined, { url })).slug, slug, url);
  const { json } = await api("GET", "/v1/rooms");
  assert.deepEqual(json.result.map((room: { slug: string }) => room.slug), [
    "exact",
    "part",
    "all",
    "wild",
    "port",
  ]);
});

test("GET /v1/rooms is the feed, with its date", async () => {
  const { api } = bench({ patternType: "contains", urlPattern: "/t", timeout: 15, checkout: "/paid$" });
  const { headers, json } = await api("GET", "/v1/rooms");
  assert.equal(headers.get("x-datestamp"), String(NOON / 1000));
  assert.deepEqual(json.result, [{
    domain: "https://shop.example.com",
    slug: "hall",
    title: "The hall",
    patternType: "contains",
    urlPattern: "/t",
    queueActivatesOn: "2020-01-01T00:00:00Z",
    timeout: 15,
    checkout: "/paid$",
    safetyMode: false,
    ttl: 60,
  }]);
});

test("PUT /v1/responses/:id records both dialects, and refuses what it does not know", async () => {
  const { sandbox, api, check } = bench();
  const { responseID, token } = await check();
  assert.equal((await api("PUT", `/v1/responses/${responseID}`, { code: 503, time: 12 })).status, 200);
  assert.equal(
    (await api("PUT", `/v1/responses/${responseID}`, { httpCode: 404, sampleRate: 5 })).status,
    200,
  );
  assert.equal((await api("PUT", `/v1/responses/${responseID}`, {})).status, 200);
  assert.deepEqual(sandbox.state.responses, [
    { responseID, token, slug: "hall", code: 503, time: 12 },
    { responseID, token, slug: "hall", code: 404, sampleRate: 5 },
    { responseID, token, slug: "hall", code: 200 },
  ]);
  assert.equal((await api("PUT", `/v1/responses/${"0".repeat(32)}`, {})).status, 404);
  const wrong = await api("PUT", `/v1/responses/${responseID}`, { code: 42 });
  assert.deepEqual([wrong.status, wrong.json.parameter], [400, "code"]);
});

test("a slash at the end of a resource changes nothing", async () => {
  const { api } = bench();
  assert.equal((await api("POST", "/v1/requests/", fields)).json.result.promoted, 1);
  assert.equal((await api("GET", "/v1/rooms/")).json.result.length, 1);
});

test("unknown resources get 404 in JSON", async () => {
  const { status, json } = await bench().api("GET", "/v1/nothing");
  assert.deepEqual([status, typeof json.error], [404, "string"]);
});

test("a browser on another origin may call the API", async () => {
  const { sandbox } = bench();
  const response = await sandbox.fetch(
    new Request("https://api.test/v1/requests", {
      method: "OPTIONS",
      headers: { origin: "https://shop.example.com", "access-control-request-method": "POST" },
    }),
  );
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.match(response.headers.get("access-control-allow-headers") ?? "", /x-api-key/);
});

test("the lite validator sends a promoted visitor back with a fresh link", async () => {
  const { sandbox, page } = bench();
  const query = new URLSearchParams({ "ch-public-key": sandbox.publicKey, url: TICKETS, "ch-code": "A B" });
  const { status, headers } = await page(`/v1/redirect/requests?${query}`);
  assert.equal(status, 302);
  const location = headers.get("location") ?? "";
  assert.ok(location.startsWith(`${TICKETS}&ch-id=tok0`), location);
  const { searchParams } = new URL(location);
  assert.match(searchParams.get("ch-id-signature") ?? "", /^[0-9a-f]{64}$/);
  assert.equal(searchParams.get("ch-requested"), "2030-01-15T12:00:00Z");
  assert.equal(searchParams.get("ch-code"), "A B");
  assert.equal(searchParams.get("ch-fresh"), "1");
});

test("the lite validator sends a queued visitor to the room", async () => {
  const { sandbox, page, check } = bench({ capacity: 0 }, { waitingRoomUrl: "https://wait.test/" });
  const { token } = await check();
  const query = new URLSearchParams({ "ch-public-key": sandbox.publicKey, url: TICKETS });
  const { headers } = await page(`/v1/redirect/requests/${token}?${query}`);
  const location = new URL(headers.get("location") ?? "");
  assert.equal(location.origin + location.pathname, "https://wait.test/hall");
  assert.equal(location.searchParams.get("url"), TICKETS);
  assert.equal(location.searchParams.get("ch-id"), token);
});

test("the lite validator redirects nowhere else", async () => {
  const { sandbox, page } = bench();
  const key = sandbox.publicKey;
  for (
    const url of [
      "https://evil.example/",
      "//evil.example",
      "javascript:alert(1)",
      "",
      "https://shop.example.com@evil.example/",
    ]
  ) {
    const { status } = await page(
      `/v1/redirect/requests?${new URLSearchParams({ "ch-public-key": key, url })}`,
    );
    assert.equal(status, 400, url);
  }
  assert.equal((await page(`/v1/redirect/requests?${new URLSearchParams({ url: TICKETS })}`)).status, 401);
});

test("sandbox.state lists the calls of the API, bounded and in order", async () => {
  const { sandbox, api, check } = bench();
  const { token } = await check();
  await check(token);
  await api("POST", "/v1/requests", {});
  const [first, second, third] = sandbox.state.calls;
  assert.deepEqual(first, {
    at: "2030-01-15T12:00:00.000Z",
    endpoint: "requests",
    method: "POST",
    path: "/v1/requests",
    query: {},
    body: fields,
    status: 200,
  });
  assert.deepEqual([second?.path, second?.query, second?.status], [`/v1/requests/${token}`, fields, 200]);
  assert.equal(third?.status, 400);
  for (let i = 0; i < 300; i++) await check(token);
  assert.equal(sandbox.state.calls.length, 200);
});
