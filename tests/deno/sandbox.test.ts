import assert from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { createSandbox, type RoomOptions, type Sandbox } from "../../sandbox/mod.ts";

function open(room: Partial<RoomOptions>): Sandbox {
  return createSandbox({ rooms: [{ slug: "hall", domain: "https://shop.example", ...room }] });
}

/** Asks as an integration does, and tells whether the visitor is promoted, and the token. */
async function check(sandbox: Sandbox, token?: string): Promise<{ promoted: boolean; token: string }> {
  const facts = { url: "https://shop.example/tickets", ip: "198.51.100.7", agent: "test", lang: "en" };
  const path = token === undefined ? "" : `/${token}?${new URLSearchParams(facts)}`;
  const init: RequestInit = token === undefined
    ? { method: "POST", body: JSON.stringify(facts), headers: { "content-type": "application/json" } }
    : {};
  const request = new Request(`https://api.example/v1/requests${path}`, init);
  request.headers.set("x-api-key", sandbox.publicKey);
  const response = await sandbox.fetch(request);
  // The sandbox is ours; its API is checked in tests/sandbox.
  const { result } = await response.json() as { result: { promoted: number; token: string } };
  return { promoted: result.promoted === 1, token: result.token };
}

Deno.test("createSandbox() promotes who waits at ratePerMinute, by the clock of the platform", async () => {
  using time = new FakeTime("2030-01-15T12:00:00Z");
  const sandbox = open({ capacity: 100, ratePerMinute: 60, crowd: 30 });
  const { promoted, token } = await check(sandbox);
  assert.equal(promoted, false);
  time.tick(20_000);
  assert.equal((await check(sandbox, token)).promoted, false, "thirty others come first");
  time.tick(20_000);
  assert.equal((await check(sandbox, token)).promoted, true);
});

Deno.test("createSandbox() promotes nobody while the room is full, however long it takes", async () => {
  using time = new FakeTime("2030-01-15T12:00:00Z");
  const sandbox = open({ capacity: 0, ratePerMinute: 60 });
  const { token } = await check(sandbox);
  for (let minute = 0; minute < 3; minute++) {
    time.tick(60_000);
    assert.equal((await check(sandbox, token)).promoted, false);
  }
  sandbox.updateRoom("hall", { capacity: 1 });
  time.tick(60_000);
  assert.equal((await check(sandbox, token)).promoted, true);
});
