import { test } from "node:test";
import assert from "node:assert/strict";
import { kvStandIn } from "../../support/kv.ts";
import { denoKvStore } from "../../../plugins/waiting-room/stores/deno-kv/mod.ts";
import { memoryStore } from "../../../plugins/waiting-room/stores/memory.ts";
import { createState, step, recordOf, type Command } from "../../../plugins/waiting-room/machine/mod.ts";

test("x", async () => {
  let clock = 1_700_000_000_000, mono = 0, seed = 1;
  const random = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
  const kv = kvStandIn();
  const stores = [0, 1, 2].map(() => denoKvStore(kv, { now: () => clock, steady: () => mono }));
  const mem = memoryStore({ now: () => clock });
  const room = { limits: { admitPerMinute: 600, burstSeconds: 3, capacity: 300, sessionMs: 60000, returnMs: 30000, recovery: "strict" as const }, opensAt: 0, closesAt: 0, note: "", since: 1 };
  let state: ReturnType<typeof createState> | undefined;
  const tickets: { epoch: number; number: number; tag: string; issuedAt: number }[] = [];
  const t0 = performance.now();
  for (let i = 0; i < 3000; i++) {
    const step_ = Math.floor(random() * 500); clock += step_; mono += step_;
    const commands: Command[] = [];
    for (let c = Math.floor(random() * 20); c > 0; c--) {
      const who = tickets[Math.floor(random() * tickets.length)];
      const r = random();
      if (who === undefined || r < 0.3) commands.push({ do: "enter", tag: "t" + i + "-" + c });
      else if (r < 0.8) commands.push({ do: "checkIn", ...who, isHidden: random() < 0.2 });
      else if (r < 0.95) commands.push({ do: "renew", ...who, until: clock, latest: clock + 1e6, extends: true });
      else commands.push({ do: "leave", ...who });
    }
    if (random() < 0.002) commands.push({ do: "control", change: { dropsLine: true }, revision: undefined });
    const store = stores[Math.floor(random() * 3)]!;
    const got = await store.run("r", { room, seen: undefined, commands });
    state ??= createState(room, clock, true);
    const want = step(state, { room, seen: undefined, commands }, clock);
    assert.deepEqual(got, want, "step " + i);
    for (const o of got.outcomes) if (o.is === "far" || o.is === "waiting") tickets.push({ epoch: got.status.epoch, number: o.number, tag: o.tag, issuedAt: got.status.now });
    if (tickets.length > 2000) tickets.splice(0, 500);
  }
  console.log(performance.now() - t0, kv.calls, kv.largest, kv.items.size, stores.map((s) => s.health?.()), recordOf(state!).sets.front.length);
});
