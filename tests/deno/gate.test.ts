import assert from "node:assert/strict";
import { assertSpyCalls, spy, stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { createGate, failOpen, type Gate, GateError, type Plugin } from "../../mod.ts";
import { turns } from "./_turns.ts";

const admitting: Plugin = {
  name: "provider",
  decide: () => ({ action: "admit", reason: "provider/promoted" }),
};

function pass(gate: Gate): void {
  // Every hook of these gates is synchronous, and so is the page.
  gate(new Request("https://shop.example/"), () => new Response("page"));
}

/** Whether a promise is settled, for tests that must not wait for it. */
function watch(promise: Promise<unknown>): { readonly done: boolean } {
  const state = { done: false };
  promise.then(() => state.done = true);
  return state;
}

Deno.test("gate.idle() waits for work after responses, and no longer than settledTimeoutMs", async () => {
  using time = new FakeTime();
  const onError = spy((_error: GateError) => {});
  const forever: Plugin = { name: "forever", settled: () => new Promise(() => {}) };
  const gate = createGate({ plugins: [forever, failOpen(), admitting], settledTimeoutMs: 5000, onError });
  pass(gate);
  await turns();
  const idle = watch(gate.idle());
  await time.tickAsync(4999);
  await turns();
  assert.equal(idle.done, false);
  assertSpyCalls(onError, 0);
  await time.tickAsync(1);
  await turns();
  assert.equal(idle.done, true);
  assertSpyCalls(onError, 1);
  assert.equal(onError.calls[0]?.args[0]?.code, "timeout");
});

Deno.test("gate.idle() resolves as soon as the work is done, and leaves no timer", async () => {
  using time = new FakeTime();
  const report: Plugin = {
    name: "report",
    settled: () => new Promise((resolve) => setTimeout(resolve, 1500)),
  };
  const onError = spy((_error: GateError) => {});
  const gate = createGate({ plugins: [report, failOpen(), admitting], onError });
  pass(gate);
  await turns();
  const idle = watch(gate.idle());
  await time.tickAsync(1499);
  await turns();
  assert.equal(idle.done, false);
  await time.tickAsync(1);
  await turns();
  assert.equal(idle.done, true);
  assert.equal(await time.nextAsync(), false, "no timer is left");
  assertSpyCalls(onError, 0);
});

Deno.test("gate() drops work beyond maxPending and takes it again once the first is done", async () => {
  using time = new FakeTime();
  const work = spy(() => new Promise<void>((resolve) => setTimeout(resolve, 100)));
  const onError = spy((_error: GateError) => {});
  const gate = createGate({
    plugins: [{ name: "report", settled: work }, failOpen(), admitting],
    maxPending: 2,
    onError,
  });
  for (let count = 0; count < 3; count++) pass(gate);
  await turns();
  assertSpyCalls(work, 2);
  assertSpyCalls(onError, 1);
  await time.tickAsync(100);
  await turns();
  pass(gate);
  await turns();
  assertSpyCalls(work, 3);
  assertSpyCalls(onError, 1);
});

Deno.test("gate() complains on the console once a second about the same fault", () => {
  using time = new FakeTime();
  using complaint = stub(console, "error", () => {});
  const broken: Plugin = {
    name: "provider",
    decide() {
      throw new GateError("unreachable", "down");
    },
  };
  const gate = createGate({ plugins: [failOpen(), broken] });
  for (let count = 0; count < 10; count++) {
    pass(gate);
    time.tick(250);
  }
  assert.equal(gate.errors, 10);
  // At 0, 1 and 2 seconds.
  assertSpyCalls(complaint, 3);
});
