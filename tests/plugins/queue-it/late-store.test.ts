import { strict as assert } from "node:assert";
import { test } from "node:test";
import { cookiesOf } from "../../../plugins/queue-it/validation/validate.ts";
import { PageVisit } from "../../../plugins/queue-it/page-visit.ts";
import type { Visit } from "../../../plugins/queue-it/validation/visit.ts";
import { callsBehind } from "../../../src/pipeline/calls.ts";
import { waitingRoomOf } from "../../../plugins/queue-it/configuration/mod.ts";
import { contextOf } from "../../support/context-of.ts";
import { turn, untyped } from "../../src/_gates.ts";

/** Fails later the first time, and at once from then on. */
function failing(): () => Promise<never> {
  let calls = 0;
  return () => {
    if (calls++ === 0) return Promise.reject(new Error("later"));
    throw new Error("at once");
  };
}

const rooms = [waitingRoomOf("one"), waitingRoomOf("two")];

// A rejection that nobody handles fails the test, as it would end a process.
test("a store that fails later and then at once leaves nothing unhandled when sessions are read", async () => {
  const read = failing();
  await assert.rejects(async () => await cookiesOf(rooms, untyped<Visit>({ read })), /at once/);
  await turn();
});

test("a store that fails later and then at once leaves nothing unhandled when sessions are kept", async () => {
  const tokens = { read: () => undefined, write: failing(), remove() {}, headers: () => undefined };
  const ctx = contextOf(new Request("https://shop.example/"));
  Object.defineProperty(ctx, "tokens", { value: tokens });
  const visit = new PageVisit(ctx, callsBehind(), ctx.href, ctx.href, "", undefined);
  visit.action = untyped({ kind: "queue", cookieAttributes: { domain: "", httpOnly: false, secure: false } });
  visit.changes.push(...rooms.map((room) => ({ room, value: "session" })));
  assert.throws(() => visit.carryOut(), /at once/);
  await turn();
});
