/** The tables of a room in the SQLite database of a Durable Object. */

import { GateError } from "../../../../src/errors.ts";
import { type RoomStatus, type ScalarRecord, scalarsOf, type SetName, setNames } from "../../machine/mod.ts";
import { type Attempt, type Held, holdKept } from "../attempt.ts";
import { mostRecords } from "../store.ts";
import type { ObjectStorage } from "./platform.ts";

/** The form of what is kept here, besides that of the state. */
const keptForm = 1;

/** What an object knows of its room. */
export interface Known {
  readonly held: Held;
  readonly status: RoomStatus;
}

/** The tables of a room. They are made when they are needed first. */
export interface Tables {
  /** Reads the room; `undefined` where there is none. */
  read(): Known | undefined;
  /** Writes what a step changed. */
  write(held: Held, made: Attempt): void;
  /** Keeps a record, and the last of them. */
  record(text: string): void;
  records(): readonly string[];
  /** Keeps the secret that was offered first. */
  secret(offered: string): string;
}

/** What is kept beside the members. */
interface Kept {
  readonly scalars: ScalarRecord;
  readonly status: RoomStatus;
}

/** Finds the tables of a database. */
export function tablesOf({ sql }: ObjectStorage): Tables {
  let isReady = false;

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
    sql.exec(
      "CREATE TABLE IF NOT EXISTS stanchion_records (number INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT NOT NULL)",
    );
    isReady = true;
  }

  function textOf(name: string): string | undefined {
    prepare();
    const [row] = sql.exec("SELECT value FROM stanchion WHERE name = ?", name).toArray();
    return row === undefined ? undefined : String(row["value"]);
  }

  function* membersOf(set: SetName): Iterable<readonly [string, number]> {
    const query = "SELECT member, score FROM stanchion_members WHERE of_set = ? ORDER BY score, member";
    for (const { member, score } of sql.exec(query, set).toArray()) yield [String(member), Number(score)];
  }

  function write(held: Held, { answered: { status }, parts }: Attempt): void {
    prepare();
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

  return {
    read() {
      const text = textOf("room");
      if (text === undefined) return undefined;
      const { scalars, status } = keptOf(text);
      const members = Object.fromEntries(setNames.map((name) => [name, membersOf(name)]));
      return { held: holdKept(scalars, members), status };
    },
    write,
    record(text) {
      prepare();
      sql.exec("INSERT INTO stanchion_records (value) VALUES (?)", text);
      const older = "SELECT max(number) - ? FROM stanchion_records";
      sql.exec(`DELETE FROM stanchion_records WHERE number <= (${older})`, mostRecords);
    },
    records() {
      prepare();
      const rows = sql.exec("SELECT value FROM stanchion_records ORDER BY number").toArray();
      return rows.map((row) => String(row["value"]));
    },
    secret(offered) {
      prepare();
      sql.exec("INSERT OR IGNORE INTO stanchion VALUES ('secret', ?)", offered);
      return textOf("secret") ?? offered;
    },
  };
}

function keptOf(text: string): Kept {
  const { form, ...kept } = JSON.parse(text) as Kept & { readonly form?: unknown };
  if (typeof form === "number" && form <= keptForm) return kept;
  throw new GateError(
    "malformed",
    `The form of what the Durable Object keeps is ${form}, which is newer than ${keptForm}: update this Worker`,
  );
}
