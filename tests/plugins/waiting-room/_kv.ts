/** Deno KV as stores of the waiting room are tested with it. */

import { platformLoop } from "../../../src/async/loop.ts";
import { readRecord, recordOf, type StateRecord } from "../../../plugins/waiting-room/machine/mod.ts";
import { kvStore, type Parts } from "../../../plugins/waiting-room/stores/deno-kv/deno-kv-store.ts";
import { keysOf, readHead, readParts } from "../../../plugins/waiting-room/stores/deno-kv/layout.ts";
import type { DenoKv } from "../../../plugins/waiting-room/stores/deno-kv/mod.ts";
import { gather, type Gathered, membersOf } from "../../../plugins/waiting-room/stores/deno-kv/pages.ts";
import type { RoomStore } from "../../../plugins/waiting-room/stores/store.ts";

/** A store that takes this clock for that of KV, which has none. */
export function storeWithClock(kv: DenoKv, now: () => number): RoomStore {
  const clock = { tell: () => ({ at: now(), node: now() }), kept() {} };
  return storeOf(kv, { clockOf: () => clock });
}

/** A store with parts of its own. */
export function storeOf(kv: DenoKv, parts: Partial<Parts> & Pick<Parts, "clockOf">): RoomStore {
  const usual = { prefix: "stanchion", random: () => 0, loop: platformLoop, timeoutMs: 1500, callMs: 5000 };
  return kvStore({ kv, ...usual, ...parts });
}

/** The state of a room, read as a process reads it that has just started. */
export async function inspect(kv: DenoKv, room: string): Promise<StateRecord | undefined> {
  const keys = keysOf("stanchion", room);
  const { value, versionstamp } = await kv.get(keys.head);
  if (versionstamp === null) return undefined;
  const { base, next, scalars } = readHead(value);
  const gathered: Gathered = new Map();
  for (let number = 0; number < base.pages; number++) {
    gather(gathered, readParts((await kv.get(keys.page(base.generation, number))).value).parts);
  }
  for (let number = base.from; number < next; number++) {
    gather(gathered, readParts((await kv.get(keys.log(number))).value).parts);
  }
  const members = Object.entries(membersOf(gathered)).map(([name, set]) => [name, [...set ?? []]]);
  // The sets put their members into their order.
  return recordOf(readRecord({ scalars, sets: Object.fromEntries(members) }));
}
