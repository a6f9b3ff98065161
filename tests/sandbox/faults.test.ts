import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault, SandboxEndpoint } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
import { bench, TICKETS, waitPath } from "./_helpers.ts";

const kinds: readonly [Fault, number, string | RegExp][] = [
  [{ kind: "401" }, 401, /"error"/],
  [{ kind: "429", retryAfterSeconds: 7 }, 429, /"error"/],
  [{ kind: "500" }, 500, /"error"/],
  [{ kind: "html" }, 200, /^<!doctype html>/],
  [{ kind: "truncated" }, 200, /^\{"result"/],
  [{ kind: "oversized" }, 200, /x{65536}/],
  [{ kind: "empty" }, 200, ""],
  [{ kind: "redirect" }, 302, ""],
];

for (const [fault, status, body] of kinds) {
  test(`faults.set() plays ${fault.kind} until cleared`, async () => {
    const { sandbox, page } = bench();
    sandbox.faults.set("rooms", fault);
    for (let i = 0; i < 2; i++) {
      const answer = await page("/v1/rooms");
      assert.equal(answer.status, status);
      typeof body === "string" ? assert.equal(answer.text, body) : assert.match(answer.text, body);
      if (fault.kind === "429") assert.equal(answer.headers.get("retry-after"), "7");
      if (fault.kind === "truncated") assert.throws(() => JSON.parse(answer.text), SyntaxError);
      if (fault.kind === "oversized") assert.equal(JSON.parse(answer.text).result.promoted, 1);
    }
    sandbox.faults.clear("rooms");
    assert.equal((await page("/v1/rooms")).status, 401);
  });
}

test("faults.set() counts calls, and leaves other endpoints alone", async () => {
  const { sandbox, api, check } = bench({ ratePerMinute: 6000 });
  sandbox.faults.set("requests", { kind: "500", times: 2 });
  const body = { url: TICKETS, ip: "198.51.100.23", agent: "a" };
  const seen = [];
  for (let i = 0; i < 3; i++) seen.push((await api("POST", "/v1/requests", body)).status);
  assert.deepEqual(seen, [500, 500, 200]);
  assert.deepEqual(sandbox.state.faults, {});
  sandbox.faults.set("responses", { kind: "500" });
  assert.equal((await check()).promoted, 1);
  assert.deepEqual(sandbox.state.calls.map(({ status, fault }) => [status, fault]), [
    [500, "500"],
    [500, "500"],
    [200, undefined],
    [200, undefined],
  ]);
});

test("each endpoint of CrowdHandler can fail by itself", async () => {
  const paths: Partial<Record<SandboxEndpoint, string>> = {
    requests: "/v1/requests/tok_x",
    responses: "/v1/responses/x",
    rooms: "/v1/rooms",
    redirect: "/v1/redirect/requests",
    wait: waitPath("hall", { url: TICKETS }),
  };
  const { sandbox, page } = bench();
  for (const endpoint of Object.keys(paths) as SandboxEndpoint[]) {
    sandbox.faults.set(endpoint, { kind: "empty" });
    for (const [each, path] of Object.entries(paths)) {
      const { status, text } = await page(path);
      assert.equal(status === 200 && text === "", each === endpoint, `${endpoint} ${each}`);
    }
    sandbox.faults.clear();
  }
});

test("a reset rejects in process as fetch does, and breaks the body off on other platforms", async () => {
  const { sandbox, page } = bench();
  sandbox.faults.set("rooms", { kind: "reset" });
  await assert.rejects(page("/v1/rooms"), TypeError);
  const response = await sandbox.fetch(new Request("https://api.test/v1/rooms"), { remoteAddr: {} });
  await assert.rejects(response.text());
  assert.equal(sandbox.state.calls[0]?.status, undefined);
});

test("a delay holds the answer back, and then gives the real one", async () => {
  const { sandbox, api } = bench();
  sandbox.faults.set("rooms", { kind: "delay", ms: 30, times: 1 });
  const before = performance.now();
  assert.equal((await api("GET", "/v1/rooms")).status, 200);
  assert.ok(performance.now() - before >= 25);
});

test("a timeout ends with the caller's patience, and leaves nothing behind", async () => {
  const { sandbox } = bench();
  sandbox.faults.set("rooms", { kind: "timeout" });
  const abort = new AbortController();
  const answer = sandbox.fetch(new Request("https://api.test/v1/rooms", { signal: abort.signal }));
  setTimeout(() => abort.abort(), 10);
  await assert.rejects(answer, { name: "AbortError" });
});

test("sandbox.close() ends what is being delayed", async () => {
  const { sandbox, api } = bench();
  sandbox.faults.set("rooms", { kind: "timeout" });
  const answer = assert.rejects(api("GET", "/v1/rooms"), { name: "AbortError" });
  setTimeout(() => sandbox.close(), 10);
  await answer;
});

test("faults.set() refuses what it does not know", () => {
  const { sandbox } = bench();
  const table: readonly [string, unknown][] = [
    ["nowhere", { kind: "500" }],
    ["rooms", { kind: "fire" }],
    ["rooms", { kind: "delay" }],
    ["rooms", { kind: "delay", ms: 100_000 }],
    ["rooms", { kind: "500", times: 0 }],
    ["rooms", { kind: "500", extra: 1 }],
    ["rooms", undefined],
  ];
  for (const [endpoint, fault] of table) {
    // The casts let through what types would refuse.
    assert.throws(() => sandbox.faults.set(endpoint as SandboxEndpoint, fault as Fault), {
      name: "TypeError",
      message: /^Cannot set fault: /,
    });
  }
});

test("over HTTP a reset tears the connection down, and a timeout ends with the client", async () => {
  const { sandbox } = bench();
  const server = await serveSandbox(sandbox);
  try {
    // Not only once: some clients try again by themselves.
    sandbox.faults.set("rooms", { kind: "reset" });
    await assert.rejects(fetch(`${server.url}/v1/rooms`));
    sandbox.faults.set("rooms", { kind: "timeout" });
    await assert.rejects(fetch(`${server.url}/v1/rooms`, { signal: AbortSignal.timeout(50) }));
    sandbox.faults.set("rooms", { kind: "redirect", times: 1 });
    const moved = await fetch(`${server.url}/v1/rooms`);
    assert.equal((await moved.json()).result.promoted, 1, "a client that follows redirects is fooled");
    assert.equal((await fetch(`${server.url}/v1/rooms`)).status, 401);
  } finally {
    await server.close();
  }
});

test("faults.set() plays drip: the real answer, slowly", async () => {
  const { sandbox } = bench();
  sandbox.faults.set("rooms", { kind: "drip", ms: 1 });
  const answer = await sandbox.fetch(new Request("http://sandbox.example/v1/rooms"));
  const chunks: number[] = [];
  const reader = answer.body?.getReader();
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
    chunks.push(read.value.byteLength);
  }
  assert.equal(answer.status, 401);
  assert.ok(chunks.length > 10 && chunks.every((size) => size === 1));
});

test("faults.set() plays half-open: an answer begins and never ends, until its reader gives up", async () => {
  const { sandbox } = bench();
  sandbox.faults.set("rooms", { kind: "half-open" });
  const answer = await sandbox.fetch(new Request("http://sandbox.example/v1/rooms"));
  const reader = answer.body?.getReader();
  assert.equal(new TextDecoder().decode((await reader?.read())?.value), '{"result":');
  const next = reader?.read();
  await reader?.cancel();
  assert.equal((await next)?.done, true);
});

test("faults.set() plays wrong-length: less comes than was promised", async () => {
  const { sandbox } = bench();
  sandbox.faults.set("rooms", { kind: "wrong-length" });
  const answer = await sandbox.fetch(new Request("http://sandbox.example/v1/rooms"));
  const promised = Number(answer.headers.get("content-length"));
  assert.ok((await answer.text()).length < promised);
});
