/** Records beside a room in Deno KV: a ring of keys, and a count that says where it begins. */

import { ServiceError } from "../../../../src/errors.ts";
import { mostRecords } from "../store.ts";
import type { DenoKv } from "./kv.ts";
import type { Keys } from "./layout.ts";

/** How often a record is written where others come in between. */
const attempts = 20;
/** How many keys KV reads at once. */
const mostKeys = 10;

/** Keeps a record behind the others, in the place of the one that is too old. */
export async function keepRecord(kv: DenoKv, keys: Keys, text: string): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { value, versionstamp } = await kv.get(keys.records);
    const count = countOf(value);
    const made = await kv.atomic().check({ key: keys.records, versionstamp })
      .set(keys.records, count + 1).set(keys.record(count % mostRecords), text).commit();
    if (made.ok) return;
  }
  throw new ServiceError("overloaded", "Deno KV was busy with other records of the room");
}

/** Reads all records, the oldest first. */
export async function readRecords(kv: DenoKv, keys: Keys): Promise<readonly string[]> {
  const count = countOf((await kv.get(keys.records)).value);
  const texts: string[] = [];
  for (let first = Math.max(0, count - mostRecords); first < count; first += mostKeys) {
    const length = Math.min(mostKeys, count - first);
    const places = Array.from({ length }, (_, at) => keys.record((first + at) % mostRecords));
    for (const { value } of await kv.getMany(places)) if (typeof value === "string") texts.push(value);
  }
  return texts;
}

function countOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
