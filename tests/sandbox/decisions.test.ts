import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens, createGate, failClosed } from "../../mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { decisionLog } from "../../plugins/decision-log/mod.ts";
import { createSandbox, type NotedDecision, type Sandbox, tellSandbox } from "../../sandbox/mod.ts";

const site = "http://127.0.0.1:4000";
const decision: NotedDecision = {
  time: "2030-01-15T12:30:01.005Z",
  action: "queue",
  reason: "crowdhandler/queued",
  provider: "crowdhandler",
  room: "hall",
  enforced: true,
  served: false,
  threw: false,
  status: 302,
  durationMs: 31.25,
  failure: undefined,
  failedPlugin: undefined,
  method: "GET",
  host: "shop.example.com",
  path: "/tickets",
};

/** A `fetch` that the sandbox answers itself. */
function fetchOf(sandbox: Sandbox): typeof globalThis.fetch {
  return (url, init) => sandbox.fetch(new Request(url, init));
}

function shopOf(sandbox: Sandbox, write: (record: NotedDecision) => unknown) {
  const gate = createGate({
    publicHosts: ["shop.example.com"],
    plugins: [
      cookieTokens(),
      failClosed(),
      crowdhandler({
        publicKey: sandbox.publicKey,
        visitor: () => ({ ip: "198.51.100.7", agent: "test", lang: "en" }),
        fetch: fetchOf(sandbox),
      }),
      decisionLog({ write }),
    ],
    onError() {},
  });
  return { gate, shop: gate.wrap((..._: unknown[]) => new Response("tickets")) };
}

const hall = { slug: "hall", domain: "https://shop.example.com", capacity: 0, crowd: 3 };

for (
  const [how, writeOf] of Object.entries({
    "by noteDecision()": (sandbox: Sandbox) => sandbox.noteDecision,
    "by tellSandbox()": (sandbox: Sandbox) => tellSandbox(site, { fetch: fetchOf(sandbox) }),
  })
) {
  test(`a gate tells the sandbox what it decides, ${how}, without tokens and queries`, async () => {
    const sandbox = createSandbox({ rooms: [hall], now: () => 1_900_000_000_500 });
    const { gate, shop } = shopOf(sandbox, writeOf(sandbox));
    const first = await shop(new Request("https://shop.example.com/tickets?seat=secret"));
    sandbox.promote();
    const cookie = first.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
    await shop(new Request("https://shop.example.com/tickets", { headers: { cookie } }));
    sandbox.faults.set("requests", { kind: "500" });
    await shop(new Request("https://shop.example.com/tickets"));
    await gate.idle();
    const { decisions, flow, calls } = sandbox.state;
    assert.deepEqual(decisions.map(({ action, path }) => `${action} ${path}`), [
      "queue /tickets",
      "admit /tickets",
      "queue /tickets",
    ]);
    assert.deepEqual(decisions.map(({ failure }) => failure !== undefined), [false, false, true]);
    const [, token = ""] = cookie.split("=");
    assert.ok(token !== "" && !JSON.stringify(decisions).includes(token));
    assert.ok(!JSON.stringify(decisions).includes("secret"));
    assert.ok(!JSON.stringify(decisions).includes("198.51"), "the network of a visitor is left out");
    assert.equal(flow.length, 1);
    const { atMs, admitted, queued, failures, faults, inside } = flow[0] ?? assert.fail();
    assert.deepEqual([atMs, admitted, queued, failures], [1_900_000_000_000, 1, 2, 1]);
    assert.equal(faults, calls.filter(({ fault }) => fault === "500").length);
    assert.ok(faults > 0);
    assert.equal(inside, 0, "counted when the two seconds began");
  });
}

test("what no sandbox takes is an error that says so", async () => {
  const answers: Readonly<Record<string, Response>> = {
    "404": new Response("not here", { status: 404 }),
    "302": new Response(null, { status: 302, headers: { location: "https://elsewhere.example" } }),
    "200": new Response("a shop"),
  };
  for (const [status, answer] of Object.entries(answers)) {
    const tell = tellSandbox(`${site}/`, { fetch: () => Promise.resolve(answer) });
    const message =
      `Cannot tell ${site}/sandbox/decisions of a decision: it answered ${status}. A sandbox of this version answers 204`;
    await assert.rejects(tell(decision), { name: "Error", message });
  }
});

test("tellSandbox() takes an address of a sandbox, and nothing else", () => {
  for (
    const url of ["", "sandbox", "ftp://x.test", `${site}/a`, `${site}/?a`, "http://a:b@127.0.0.1:4000", 5]
  ) {
    assert.throws(() => tellSandbox(url as string), {
      name: "TypeError",
      message: /^Cannot tell a sandbox: its address must be such as "http:\/\/127\.0\.0\.1:4000", received /,
    });
  }
});

const wrong: readonly [unknown, RegExp][] = [
  [undefined, /^Cannot note decision: "record" is wrong\./],
  [[], /^Cannot note decision: /],
  [{ ...decision, action: "open" }, /"action" is wrong\. must be an action$/],
  [{ ...decision, time: "yesterday" }, /"time" is wrong\. must be a time in ISO 8601$/],
  [{ ...decision, path: "/".repeat(301) }, /"path" is wrong\. must have at most 300 characters$/],
  [{ ...decision, durationMs: -1 }, /"durationMs" is wrong\./],
  [{ ...decision, enforced: "yes" }, /"enforced" is wrong\. must be true or false$/],
];

test("what is no decision is refused, in process and over HTTP", async () => {
  const sandbox = createSandbox();
  for (const [record, message] of wrong) {
    assert.throws(() => sandbox.noteDecision(record as NotedDecision), { name: "TypeError", message });
    const answer = await post(sandbox, JSON.stringify(record) ?? "");
    assert.equal(answer.status, 400);
    assert.match((await answer.json() as { error: string }).error, message);
  }
  assert.equal((await post(sandbox, "{")).status, 400);
  assert.equal((await post(sandbox, JSON.stringify(decision), "text/plain")).status, 415);
  assert.deepEqual(sandbox.state.decisions, []);
  assert.equal((await post(sandbox, JSON.stringify({ ...decision, address: "192.0.2.0/24" }))).status, 204);
  assert.ok(!JSON.stringify(sandbox.state.decisions).includes("192.0.2"));
});

function post(sandbox: Sandbox, body: string, type = "application/json"): Promise<Response> {
  const headers = { "content-type": type };
  return sandbox.fetch(new Request(`${site}/sandbox/decisions`, { method: "POST", headers, body }));
}

test("the sandbox remembers the latest decisions and ten minutes, and no more", () => {
  const clock = { now: 0 };
  const sandbox = createSandbox({ now: () => clock.now });
  for (let at = 0; at < 1000; at++) {
    clock.now = at * 1000;
    sandbox.noteDecision({ ...decision, path: `/${at}` });
  }
  const { decisions, flow } = sandbox.state;
  assert.deepEqual([decisions.length, decisions[0]?.path, decisions.at(-1)?.path], [200, "/800", "/999"]);
  assert.equal(flow.length, 300);
  assert.ok(flow.every(({ queued }) => queued === 2));
  assert.deepEqual([flow[0]?.atMs, flow.at(-1)?.atMs], [400_000, 998_000]);
  clock.now = 5000;
  sandbox.noteDecision(decision);
  assert.equal(sandbox.state.flow.length, 300, "a clock that was put back makes no new ones");
});
