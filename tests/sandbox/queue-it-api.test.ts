import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import {
  createSandbox,
  DEMO_API_KEY,
  DEMO_CUSTOMER_ID,
  DEMO_SECRET_KEY,
  type FaultKind,
  type SandboxEndpoint,
} from "../../sandbox/mod.ts";
import { parsePushUrl } from "../../sandbox/queue-it/push.ts";
import { ADDRESS, fieldsOf, queueBench, queuePath } from "./_queue-it.ts";

const CONFIG = `/status/integrationconfig/secure/${DEMO_CUSTOMER_ID}`;
const VERIFY = `/api/verifyaction/${DEMO_CUSTOMER_ID}`;
const DIRECT = `/api/directpass/${DEMO_CUSTOMER_ID}`;
const STEER = "/sandbox/queue-it/integrationconfig";

test("the demo's secret key has 72 characters, and a sandbox has the demo's room and keys", () => {
  const { queueIt } = createSandbox();
  assert.equal(DEMO_SECRET_KEY.length, 72);
  assert.deepEqual([queueIt.customerId, queueIt.secretKey, queueIt.apiKey], [
    DEMO_CUSTOMER_ID,
    DEMO_SECRET_KEY,
    DEMO_API_KEY,
  ]);
  assert.deepEqual(queueIt.state.rooms.map(({ eventId }) => eventId), ["demo"]);
});

test("the integration configuration is made from the rooms", async () => {
  const b = queueBench({
    domains: ["https://shop.example.com:8443", "https://*.example.org"],
    path: "/tickets",
    pathPrefix: "wait/here",
    queueIdUsageLimit: 5,
  });
  const { status, json } = await b.send("GET", CONFIG);
  assert.equal(status, 200);
  assert.deepEqual([json.Version, json.CustomerId, json.Integrations.length], [1, DEMO_CUSTOMER_ID, 1]);
  const [integration] = json.Integrations;
  const { EventId, ActionType, QueueDomain, QueuePathPrefix, QueueIdUsageLimit } = integration;
  assert.deepEqual([EventId, ActionType, QueueDomain, QueuePathPrefix, QueueIdUsageLimit], [
    "gala",
    "Queue",
    "queue.test",
    "wait/here",
    5,
  ]);
  const parts = integration.Triggers.map((trigger: { TriggerParts: Record<string, unknown>[] }) =>
    trigger.TriggerParts.map((part) => [part["UrlPart"], part["Operator"], part["ValueToCompare"]].join(" "))
  );
  assert.deepEqual(parts, [
    ["HostName Equals shop.example.com:8443", "PagePath Contains /tickets"],
    ["HostName Contains .example.org", "PagePath Contains /tickets"],
  ]);
});

test("queueDomain names the host in the configuration, and without it the asked host does", () => {
  const domainOf = (text: string) => JSON.parse(text).Integrations[0].QueueDomain;
  const plain = queueBench().sandbox.queueIt;
  assert.equal(domainOf(plain.integrationConfig()), "localhost:4000");
  assert.equal(domainOf(plain.integrationConfig("127.0.0.1:4711")), "127.0.0.1:4711");
  const named = queueBench({}, { queueDomain: "q.example.com" }).sandbox.queueIt;
  assert.equal(domainOf(named.integrationConfig("127.0.0.1:4711")), "q.example.com");
});

test("the secured endpoints want the API key", async () => {
  const { send } = queueBench();
  for (const [method, path] of [["GET", CONFIG], ["POST", VERIFY], ["POST", DIRECT]] as const) {
    const other = path.replace(DEMO_CUSTOMER_ID, "other");
    const body = method === "POST" ? { waitingRoomId: "gala", queueId: "x" } : undefined;
    const statuses = [
      (await send(method, path, body, { "api-key": "wrong" })).status,
      (await send(method, other, body)).status,
      (await send(method, path, body)).status,
    ];
    assert.deepEqual(statuses, [403, 403, 200], path);
  }
  const anonymous = await queueBench().sandbox.fetch(new Request(`https://queue.test${CONFIG}`));
  assert.equal(anonymous.status, 401);
  assert.ok(!(await anonymous.text()).includes("Integrations"));
});

test("setIntegrationConfig() counts versions, keeps higher ones and serves texts as they are", async () => {
  const { send, sandbox } = queueBench();
  const { queueIt } = sandbox;
  assert.equal(queueIt.setIntegrationConfig({ Integrations: [] }), 2);
  assert.deepEqual((await send("PUT", STEER, { Integrations: [], Version: 1 })).json, { version: 3 });
  assert.equal(queueIt.setIntegrationConfig({ Version: 40 }), 40);
  assert.deepEqual((await send("GET", CONFIG)).json, { Version: 40 });
  assert.deepEqual((await send("PUT", STEER, "{broken")).json, { version: null });
  assert.equal(queueIt.integrationConfig(), "{broken");
  assert.equal(queueIt.state.integrationConfigVersion, null);
  assert.equal(queueIt.setIntegrationConfig({}), 41);
  assert.deepEqual((await send("GET", STEER)).json, { Version: 41 });
  for (const wrong of [5, null, undefined]) assert.equal((await send("PUT", STEER, wrong)).status, 400);
});

test("a configuration of a thousand integrations fits", async () => {
  const { send, sandbox } = queueBench();
  const integration = { Name: "x".repeat(500), EventId: "gala" };
  const { status } = await send("PUT", STEER, { Integrations: Array(1000).fill(integration) });
  assert.equal(status, 200);
  assert.equal(JSON.parse(sandbox.queueIt.integrationConfig()).Integrations.length, 1000);
});

test("the option integrationConfig is served from the start", () => {
  const { queueIt } = queueBench({}, { integrationConfig: { Version: 7, Integrations: [] } }).sandbox;
  assert.deepEqual(JSON.parse(queueIt.integrationConfig()), { Version: 7, Integrations: [] });
  assert.equal(queueBench({}, { integrationConfig: "x" }).sandbox.queueIt.integrationConfig(), "x");
});

test("push() sends the signed configuration to a connector over HTTP", async () => {
  const got: { method?: string | undefined; url?: string | undefined; body: string }[] = [];
  const connector = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => body += chunk);
    request.on("end", () => {
      got.push({ method: request.method, url: request.url, body });
      response.end("Success!");
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => connector.once("listening", resolve));
  // A listening TCP server has an address with a port.
  const { port } = connector.address() as AddressInfo;
  try {
    const { sandbox, send } = queueBench({}, { connectorUrl: `http://127.0.0.1:${port}/shop` });
    sandbox.queueIt.setIntegrationConfig({ Description: "Fête", Integrations: [] });
    const { json } = await send("POST", "/sandbox/queue-it/push", {});
    assert.deepEqual([json.status, json.answer], [200, "Success!"]);
    assert.deepEqual(sandbox.state.queueIt.pushes, [json]);
    const [{ method, url, body = "" } = {}] = got;
    assert.deepEqual([method, url], ["PUT", "/__push_queueit_config"]);
    const { integrationInfo, hash } = JSON.parse(body);
    assert.equal(hash, createHmac("sha256", DEMO_SECRET_KEY).update(integrationInfo).digest("hex"));
    assert.equal(Buffer.from(integrationInfo, "hex").toString("utf8"), sandbox.queueIt.integrationConfig());
  } finally {
    connector.closeAllConnections();
    connector.close();
  }
});

test("push() uses connectorUrl and the given fetch, and reports a connector that is away", async () => {
  const urls: string[] = [];
  const away = (input: unknown): Promise<Response> => {
    urls.push(String(input));
    return Promise.reject(new TypeError("connection refused"));
  };
  const connectorUrl = "https://shop.example.com/?__push_queueit_config=1";
  const { sandbox } = queueBench({}, { connectorUrl }, { fetch: away });
  const { status, answer } = await sandbox.queueIt.push();
  assert.deepEqual([status, answer, urls], [0, "connection refused", [connectorUrl]]);
  for (let i = 0; i < 30; i++) await sandbox.queueIt.push();
  assert.equal(sandbox.state.queueIt.pushes.length, 20);
});

test("push() keeps only the beginning of a long answer", async () => {
  const { sandbox } = queueBench({}, { connectorUrl: "http://localhost:1" }, {
    fetch: () => Promise.resolve(new Response("x".repeat(100_000), { status: 400 })),
  });
  const { status, answer } = await sandbox.queueIt.push();
  assert.deepEqual([status, answer.length], [400, 200]);
});

test("push() refuses addresses that are neither of this machine nor of an accepted origin", async () => {
  const { sandbox } = queueBench();
  const table: readonly [string, boolean][] = [
    ["http://127.0.0.1:8080/", true],
    ["http://[::1]:8080/", true],
    ["http://shop.localhost/", true],
    ["https://shop.example.com/", true],
    ["https://shop.example.com.evil.example/", false],
    ["http://shop.example.com/", false],
    ["http://localhost@evil.example/", false],
    ["http://evil.example/?__push_queueit_config", false],
    ["http://127.0.0.1.evil.example/", false],
    ["http://169.254.169.254/", false],
    ["file:///etc/passwd", false],
    ["nonsense", false],
    ["", false],
  ];
  for (const [url, accepted] of table) {
    assert.equal(parsePushUrl(url, ["https://shop.example.com"]) !== undefined, accepted, url);
    if (accepted) continue;
    await assert.rejects(sandbox.queueIt.push(url), RangeError);
  }
});

test("a push over HTTP goes nowhere but to connectorUrl, whatever the request says", async () => {
  const asked: string[] = [];
  const fetch = (url: string): Promise<Response> => {
    asked.push(url);
    return Promise.resolve(new Response("Success!"));
  };
  const connectorUrl = "http://127.0.0.1:8080/__push_queueit_config";
  const { send } = queueBench({}, { connectorUrl }, { fetch });
  for (const url of ["http://127.0.0.1:9/", "http://evil.example/", connectorUrl, "", 5]) {
    const { status, json } = await send("POST", "/sandbox/queue-it/push", { url });
    assert.deepEqual([status, json.error], [
      400,
      "Send {}: pushes go to connectorUrl, with which the sandbox was started",
    ]);
  }
  assert.equal((await send("POST", "/sandbox/queue-it/push?url=http://evil.example/", {})).status, 200);
  assert.deepEqual(asked, [connectorUrl]);
  const { status, json } = await queueBench({}, {}, { fetch }).send("POST", "/sandbox/queue-it/push", {});
  assert.equal(status, 400);
  assert.match(json.error, /"connectorUrl" says where to, and it was not given/);
  assert.equal(asked.length, 1);
});

test("the verify endpoint counts uses, and a spent queue id has to queue again", async () => {
  const b = queueBench({ queueIdUsageLimit: 2 });
  const browser = b.browser();
  const queueId = fieldsOf((await browser.queue()).token)["q"] ?? "";
  const verify = async (more = {}) =>
    (await b.send("POST", VERIFY, {
      waitingRoomId: "gala",
      queueId,
      url: "https://shop.example.com/",
      ...more,
    })).json;
  assert.deepEqual(await verify(), { actionAllowed: true, usedQueueIdCount: 1 });
  assert.deepEqual(await verify(), { actionAllowed: true, usedQueueIdCount: 2 });
  assert.deepEqual(await verify({ limit: null }), { actionAllowed: true, usedQueueIdCount: 3 });
  assert.deepEqual(await verify({ limit: 4 }), { actionAllowed: true, usedQueueIdCount: 4 });
  b.pass(1);
  assert.equal(fieldsOf((await browser.queue()).token)["q"], queueId);
  assert.deepEqual(await verify(), { actionAllowed: false, usedQueueIdCount: 5 });
  b.pass(1);
  assert.notEqual(fieldsOf((await browser.queue()).token)["q"], queueId);
  assert.deepEqual(b.sandbox.state.queueIt.uses, { [queueId]: 5 });
  for (const wrong of [{ queueId: "" }, { limit: "2" }, { limit: -1 }]) {
    assert.match((await verify(wrong)).error, /"(queueId|limit)"/);
  }
  assert.equal((await b.send("POST", VERIFY, { waitingRoomId: "none", queueId })).status, 404);
  assert.equal((await b.send("POST", VERIFY)).status, 400);
});

test("the direct-pass endpoint lets in while nobody waits, and only where it is switched on", async () => {
  const ask = { waitingRoomId: "gala", url: "https://shop.example.com/", ip: ADDRESS };
  const off = queueBench();
  assert.deepEqual((await off.send("POST", DIRECT, ask)).json, { hasPassed: false });
  const b = queueBench({ directPass: true, capacity: 1, bindAddress: true });
  const { json } = await b.send("POST", DIRECT, ask);
  assert.equal(json.hasPassed, true);
  const { rt, hip } = fieldsOf(json.queueitToken);
  assert.equal(rt, "directlink");
  assert.equal(hip, createHmac("sha256", DEMO_SECRET_KEY).update(ADDRESS).digest("hex"));
  assert.deepEqual((await b.send("POST", DIRECT, ask)).json, { hasPassed: false });
  assert.deepEqual([b.sandbox.state.queueIt.visitors, b.sandbox.state.queueIt.rooms[0]?.waiting], [1, 0]);
  assert.equal((await b.send("POST", DIRECT, { ...ask, waitingRoomId: "none" })).status, 404);
  assert.equal((await b.send("POST", DIRECT, {})).status, 400);
});

const paths: readonly [SandboxEndpoint, string, string, unknown][] = [
  ["queue", "GET", queuePath(), undefined],
  ["queue", "GET", `/error/hash/?c=${DEMO_CUSTOMER_ID}&e=gala`, undefined],
  ["queue", "GET", `/cancel/${DEMO_CUSTOMER_ID}/gala`, undefined],
  ["queue", "GET", `/${DEMO_CUSTOMER_ID}/diagnostics/connector/error/?code=hash`, undefined],
  ["integrationconfig", "GET", CONFIG, undefined],
  ["verify", "POST", VERIFY, { waitingRoomId: "gala", queueId: "x" }],
  ["directpass", "POST", DIRECT, { waitingRoomId: "gala" }],
];
test("each of Queue-it's endpoints can fail by itself, and shows among the calls", async () => {
  const b = queueBench();
  for (const endpoint of new Set(paths.map(([each]) => each))) {
    assert.equal((await b.send("PUT", `/sandbox/faults/${endpoint}`, { kind: "500" })).status, 200);
    for (const [each, method, path, body] of paths) {
      const { status } = await b.send(method, path, body);
      assert.equal(status === 500, each === endpoint, `${endpoint} ${path}`);
      const call = b.sandbox.state.calls.at(-1);
      assert.deepEqual([call?.endpoint, call?.method, call?.status], [each, method, status]);
      assert.equal(call?.fault, each === endpoint ? "500" : undefined);
    }
    await b.send("DELETE", "/sandbox/faults");
  }
});

test("faults give those who look superficially what they want to see", async () => {
  const b = queueBench();
  const play = (endpoint: SandboxEndpoint, kind: Exclude<FaultKind, "delay">) =>
    b.sandbox.faults.set(endpoint, { kind, times: 1 });
  play("verify", "oversized");
  assert.equal((await b.send("POST", VERIFY, {})).json.actionAllowed, true);
  play("integrationconfig", "oversized");
  const huge = await b.sandbox.fetch(new Request(`https://queue.test${CONFIG}`));
  assert.ok((await huge.text()).length > 16_000_000);
  play("directpass", "truncated");
  assert.equal((await b.send("POST", DIRECT, {})).json, undefined);
  const moved = await b.send("GET", "/sandbox/moved");
  assert.deepEqual([moved.json.hasPassed, moved.json.Integrations], [true, []]);
});

const wrong: readonly [unknown, ErrorConstructor, string][] = [
  [{ customerId: "a.b" }, RangeError, '"queueIt.customerId" must be a DNS label'],
  [{ customerId: "multiple" }, RangeError, '"queueIt.customerId" must not be a reserved word'],
  [{ secretKey: "" }, RangeError, '"queueIt.secretKey" must not be empty'],
  [{ apiKey: 5 }, TypeError, '"queueIt.apiKey" must be a string, received 5'],
  [{ rooms: [] }, RangeError, '"queueIt.rooms" must name at least one room'],
  [{ rooms: [{ eventId: "a" }] }, TypeError, '"queueIt.rooms.0.domains" is required'],
  [
    { rooms: [{ eventId: "a_b", domains: ["https://a.test"] }] },
    RangeError,
    '"queueIt.rooms.0.eventId" must be 1',
  ],
  [{ rooms: [{ eventId: "a", domains: [] }] }, RangeError, '"queueIt.rooms.0.domains" must name'],
  [
    { rooms: [{ eventId: "a", domains: ["a.test"] }] },
    RangeError,
    '"queueIt.rooms.0.domains.0" must be https://',
  ],
  [
    { rooms: [{ eventId: "a", domains: ["https://a.test"], phase: "open" }] },
    TypeError,
    '"queueIt.rooms.0.phase" must be queue, safetynet',
  ],
  [
    { rooms: [{ eventId: "a", domains: ["https://a.test"], pathPrefix: "/x/" }] },
    RangeError,
    '"queueIt.rooms.0.pathPrefix" must be a path',
  ],
  [
    { rooms: [{ eventId: "a", domains: ["https://a.test"], pathPrefix: "sandbox" }] },
    RangeError,
    '"queueIt.rooms.0.pathPrefix" must not begin with a reserved path',
  ],
  [
    { rooms: [{ eventId: "a", domains: ["https://a.test"] }, { eventId: "a", domains: ["https://b.test"] }] },
    RangeError,
    '"queueIt.rooms" must have distinct event ids, received "a" twice',
  ],
  [{ queueDomain: "https://q.test" }, RangeError, '"queueIt.queueDomain" must be a host without a scheme'],
  [{ integrationConfig: 5 }, TypeError, '"queueIt.integrationConfig" must be an object or a text'],
  [{ connectorUrl: "ftp://a" }, RangeError, '"queueIt.connectorUrl" must be an http or https URL'],
  [{ secret: "x" }, TypeError, '"queueIt.secret" is not an option'],
];
for (const [queueIt, kind, message] of wrong) {
  test(`createSandbox() refuses queueIt ${JSON.stringify(queueIt)}`, () => {
    assert.throws(
      // The cast lets through what types would refuse.
      () => createSandbox({ queueIt: queueIt as object }),
      (error: unknown) =>
        error instanceof kind && error.message.startsWith(`Cannot create sandbox: ${message}`) ||
        assert.fail(String(error)),
    );
  });
}
