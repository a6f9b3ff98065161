/** One room in the SQLite database of a Durable Object. */

import { createState, type RoomState, type RoomStatus } from "../../machine/mod.ts";
import { type Attempt, holdNew } from "../attempt.ts";
import type { Batch, BatchResult } from "../store.ts";
import type { ObjectStorage } from "./platform.ts";
import { type Known, tablesOf } from "./tables.ts";

/** How long before the opening the room begins to call people, and how often it looks at the time from then on, in milliseconds. */
const earlyMs = 60_000;
const lookMs = 1000;

/** One room. */
export interface ObjectRoom {
  run(batch: Batch): BatchResult;
  status(): RoomStatus | undefined;
  /** Keeps a record beside the room, and the last of them. */
  record(text: string): void;
  records(): readonly string[];
  /** Keeps the secret that was offered first. */
  secret(offered: string): string;
  /** Looks at the time: somebody has to before an opening, even where nobody asks. */
  wake(): void;
}

/** Makes the room; nothing is read until somebody asks, and then once. All of it is done without waiting, so that nothing comes between. */
export function objectRoom(storage: ObjectStorage, now: () => number): ObjectRoom {
  const tables = tablesOf(storage);
  let known: Known | undefined;
  let alarmAt: number | undefined;

  function load() {
    if (known !== undefined) return known;
    return known = tables.read();
  }

  function run(batch: Batch): BatchResult {
    const clock = now();
    const held = load()?.held ?? holdNew(createState(batch.room, clock, true));
    let made: Attempt | undefined;
    try {
      storage.transactionSync(() => tables.write(held, made = held.attempt(batch, clock)));
    } catch (cause) {
      // Nothing of it was kept.
      (made as Attempt | undefined)?.undo();
      throw cause;
    }
    // The closure has run, or it would have thrown.
    const { answered } = made as unknown as Attempt;
    known = { held, status: answered.status };
    setAlarm(dueOf(held.state));
    return answered;
  }

  /** Goes out with the writes of the same event. */
  function setAlarm(due: number | undefined): void {
    if (due === alarmAt) return;
    alarmAt = due;
    void (due === undefined ? storage.deleteAlarm() : storage.setAlarm(due));
  }

  return {
    run,
    status: () => load()?.status,
    record: (text) => storage.transactionSync(() => tables.record(text)),
    records: () => tables.records(),
    secret: (offered) => tables.secret(offered),
    wake() {
      alarmAt = undefined;
      const state = load()?.held.state;
      if (state !== undefined) run({ room: state.configured, seen: undefined, commands: [] });
    },
  };
}

/** When the room has to look at the time by itself, by the clock of the store. */
function dueOf({ mode, opensAt, last, offset }: RoomState): number | undefined {
  if (mode !== "scheduled" || opensAt === 0) return undefined;
  return Math.max(opensAt - earlyMs, Math.min(last + lookMs, opensAt)) - offset;
}
