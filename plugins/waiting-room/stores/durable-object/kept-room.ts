/** One room in the SQLite database of a Durable Object. */

import { GateError } from "../../../../src/errors.ts";
import {
  createState,
  type RoomState,
  type RoomStatus,
  type ScalarRecord,
  scalarsOf,
  type SetName,
  setNames,
} from "../../machine/mod.ts";
import { type Attempt, type Held, holdKept, holdNew } from "../attempt.ts";
import type { Batch, BatchResult } from "../store.ts";
import type { ObjectStorage } from "./platform.ts";

/** The form of what is kept here, besides that of the state. */
const keptForm = 1;
/** How long before the opening the room begins to call people, and how often it looks at the time from then on, in milliseconds. */
const earlyMs = 60_000;
const lookMs = 1000;

/** One room. */
export interface ObjectRoom {
  run(batch: Batch): BatchResult;
  status(): RoomStatus | undefined;
  /** Keeps the secret that was offered first. */
  secret(offered: string): string;
  /** Looks at the time: somebody has to before an opening, even where nobody asks. */
  wake(): void;
}

/** What is kept beside the members. */
interface Kept {
  readonly scalars: ScalarRecord;
  readonly status: RoomStatus;
}

/** Makes the room; nothing is read until somebody asks, and then once. All of it is done without waiting, so that nothing comes between. */
export function objectRoom(storage: ObjectStorage, now: () => number): ObjectRoom {
  const { sql } = storage;
  let known: { readonly held: Held; readonly status: RoomStatus } | undefined;
  let isReady = false;
  let alarmAt: number | undefined;

  function prepare(): void {
    if (isReady) return;
    try {
      sql.exec("SELECT 1");
    } catch (cause) {
      throw new GateError(
        "internal",
        'The Durable Object of the room has no SQLite database: name its class under "new_sqlite_classes" in a migration',
        { cause },
      );
    }
    sql.exec(
      "CREATE TABLE IF NOT EXISTS stanchion (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    );
    sql.exec(
      "CREATE TABLE IF NOT EXISTS stanchion_members (of_set TEXT, member TEXT, score REAL NOT NULL, PRIMARY KEY (of_set, member)) WITHOUT ROWID",
    );
    isReady = true;
  }

  function read(name: string): string | undefined {
    prepare();
    const [row] = sql.exec("SELECT value FROM stanchion WHERE name = ?", name).toArray();
    return row === undefined ? undefined : String(row["value"]);
  }

  function load() {
    if (known !== undefined) return known;
    const text = read("room");
    if (text === undefined) return undefined;
    const { scalars, status } = keptOf(text);
    const members = Object.fromEntries(setNames.map((name) => [name, membersOf(name)]));
    return known = { held: holdKept(scalars, members), status };
  }

  function* membersOf(set: SetName): Iterable<readonly [string, number]> {
    const query = "SELECT member, score FROM stanchion_members WHERE of_set = ? ORDER BY score, member";
    for (const { member, score } of sql.exec(query, set).toArray()) yield [String(member), Number(score)];
  }

  function write(held: Held, { answered: { status }, parts }: Attempt): void {
    for (const { set, isWhole, members } of parts()) {
      if (isWhole) sql.exec("DELETE FROM stanchion_members WHERE of_set = ?", set);
      for (const [member, score] of members) {
        if (score === null) {
          sql.exec("DELETE FROM stanchion_members WHERE of_set = ? AND member = ?", set, member);
        } else sql.exec("INSERT OR REPLACE INTO stanchion_members VALUES (?, ?, ?)", set, member, score);
      }
    }
    const kept = JSON.stringify({ form: keptForm, scalars: scalarsOf(held.state), status });
    sql.exec("INSERT OR REPLACE INTO stanchion VALUES ('room', ?)", kept);
  }

  function run(batch: Batch): BatchResult {
    prepare();
    const clock = now();
    const held = load()?.held ?? holdNew(createState(batch.room, clock, true));
    let made: Attempt | undefined;
    try {
      storage.transactionSync(() => write(held, made = held.attempt(batch, clock)));
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
    secret(offered) {
      prepare();
      sql.exec("INSERT OR IGNORE INTO stanchion VALUES ('secret', ?)", offered);
      return read("secret") ?? offered;
    },
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

function keptOf(text: string): Kept {
  const { form, ...kept } = JSON.parse(text) as Kept & { readonly form?: unknown };
  if (typeof form === "number" && form <= keptForm) return kept;
  throw new GateError(
    "malformed",
    `The form of what the Durable Object keeps is ${form}, which is newer than ${keptForm}: update this Worker`,
  );
}
