import assert from "node:assert/strict";
import { test } from "node:test";
import { bench } from "./_helpers.ts";

test("GET /sandbox/state is the state", async () => {
  const { sandbox, control, check } = bench();
  await check();
  const { json } = await control("GET", "/state");
  assert.deepEqual(json, JSON.parse(JSON.stringify(sandbox.state)));
  assert.equal(json.calls.length, 1);
});

test("PUT and DELETE /sandbox/faults/:endpoint set and clear faults", async () => {
  const { sandbox, control } = bench();
  assert.deepEqual((await control("PUT", "/faults/requests", { kind: "delay", ms: 5 })).json, {
    requests: { kind: "delay", ms: 5 },
  });
  assert.equal((await control("PUT", "/faults/rooms", { kind: "500", times: 3 })).status, 200);
  assert.equal((await control("DELETE", "/faults/requests")).status, 200);
  assert.deepEqual(sandbox.state.faults, { rooms: { kind: "500", times: 3 } });
  assert.deepEqual((await control("DELETE", "/faults")).json, {});
  assert.equal((await control("PUT", "/faults/nowhere", { kind: "500" })).status, 404);
  assert.equal((await control("PUT", "/faults/rooms", { kind: "fire" })).status, 400);
  assert.equal((await control("PUT", "/faults/rooms", "{")).status, 400);
  assert.equal((await control("DELETE", "/faults/nowhere")).status, 404);
});

test("POST /sandbox/promote lets in one or all", async () => {
  const { control, check } = bench({ capacity: 0 });
  const [a] = [await check(), await check(), await check()];
  assert.deepEqual((await control("POST", "/promote", { token: a.token })).json, { promoted: 1 });
  assert.deepEqual((await control("POST", "/promote")).json, { promoted: 2 });
  assert.equal((await control("POST", "/promote", { tokn: "x" })).status, 400);
});

test("POST /sandbox/rooms/:slug changes a room", async () => {
  const { control, check } = bench({ message: "old" });
  const change = { capacity: 7, ratePerMinute: 0.5, crowd: 2, status: 6, message: null };
  const { json } = await control("POST", "/rooms/hall", change);
  assert.deepEqual([json.capacity, json.ratePerMinute, json.crowd, json.status], [7, 0.5, 2, 6]);
  const answer = await check();
  assert.deepEqual([answer.status, answer.promoted, answer.message], [6, 0, null]);
  for (
    const wrong of [{ capacity: -1 }, { status: 7 }, { slug: "x" }, { ratePerMinute: "5" }, 5, undefined]
  ) {
    assert.equal((await control("POST", "/rooms/hall", wrong)).status, 400, JSON.stringify(wrong));
  }
  assert.equal((await control("POST", "/rooms/nowhere", {})).status, 404);
});

test("PUT and DELETE /sandbox/blocked-ips/:ip block and unblock", async () => {
  const { control, check } = bench();
  assert.deepEqual((await control("PUT", "/blocked-ips/198.51.100.23", { status: 3 })).json, {
    "198.51.100.23": 3,
  });
  assert.equal((await check()).status, 3);
  assert.deepEqual((await control("DELETE", "/blocked-ips/198.51.100.23")).json, {});
  assert.equal((await control("PUT", "/blocked-ips/nonsense")).status, 400);
});

test("the control endpoints take JSON only, so that a foreign page cannot steer them", async () => {
  const { sandbox } = bench();
  const response = await sandbox.fetch(
    new Request("https://wait.test/sandbox/promote", {
      method: "POST",
      headers: { "content-type": "text/plain" },
    }),
  );
  assert.equal(response.status, 415);
  assert.equal(response.headers.get("access-control-allow-origin"), null);
});

test("a fault that is sent as a form gets 415 and is told what to send", async () => {
  const { sandbox } = bench();
  const response = await sandbox.fetch(
    new Request("https://wait.test/sandbox/faults/requests", {
      method: "PUT",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: '{"kind":"500"}',
    }),
  );
  assert.equal(response.status, 415);
  assert.match((await response.json()).error, /content-type: application\/json/);
  assert.deepEqual(sandbox.state.faults, {});
});

test("unknown control endpoints get 404 in JSON", async () => {
  const { status, json } = await bench().control("GET", "/nothing");
  assert.deepEqual([status, typeof json.error], [404, "string"]);
});
