/** Reads a room from Deno KV: what others changed, or all of it. */

import type { OrderedSet } from "../../machine/mod.ts";
import { type Held, holdKept } from "../attempt.ts";
import type { Call } from "./call.ts";
import type { DenoKv, KvEntry, KvKey } from "./kv.ts";
import { type Entry, type Head, type Keys, malformed, readHead, readParts } from "./layout.ts";
import { allSets, apply, gather, type Gathered, membersOf, unknownSets } from "./pages.ts";

/** How often it is tried while the room is put together anew. */
const mostTries = 8;
/** How many keys KV reads at once, and how many such calls are under way. */
const keysPerCall = 10;
const callsAtOnce = 8;
/** How many entries of the log are read, before the whole room is read instead. */
const mostEntries = 200;

/** What this process knows of the room: all of it is committed. */
export interface Known {
  readonly held: Held;
  /** Sets that a younger version keeps. */
  readonly unknown: Map<string, OrderedSet>;
  readonly head: Head;
  readonly versionstamp: string;
}

/** How a room is read. */
export interface ReaderOptions {
  readonly kv: DenoKv;
  readonly call: Call;
  readonly keys: Keys;
  /** Is told that the whole room has to be read. */
  readonly loaded: () => void;
}

/** Brings what is known to what is kept; `undefined` where nothing is kept. */
export type Reader = (known: Known | undefined) => Promise<Known | undefined>;

/** Makes the reader of a room. */
export function reader({ kv, call, keys, loaded }: ReaderOptions): Reader {
  async function read(known: Known | undefined): Promise<Known | undefined> {
    for (let tries = 0; tries < mostTries; tries++) {
      const { value, versionstamp } = await call(() => kv.get(keys.head));
      if (versionstamp === null) return undefined;
      if (known?.versionstamp === versionstamp) return known;
      const head = readHead(value);
      const followed = known && await follow(known, head, versionstamp);
      if (followed !== undefined) return followed;
      loaded();
      const whole = await load(head, versionstamp);
      // While it was read, what it is read of may have been put together anew.
      if (whole !== undefined) return whole;
    }
    throw malformed("some of its pages are missing");
  }

  /** Makes the changes that others made since; `undefined` where they are not all there. */
  async function follow(from: Known, head: Head, versionstamp: string): Promise<Known | undefined> {
    const missed = head.next - from.head.next;
    if (missed <= 0 || missed > mostEntries) return undefined;
    const found = await readMany(range(from.head.next, head.next).map(keys.log));
    const entries = chain(found, from.versionstamp);
    // The last entry was written together with the head.
    if (entries === undefined || found.at(-1)?.versionstamp !== versionstamp) return undefined;
    from.held.follow(head.scalars, (own) => {
      const sets = allSets(own, from.unknown);
      for (const { parts } of entries) apply(sets, parts);
      for (const [name, set] of sets) if (!(name in own)) from.unknown.set(name, set);
    });
    return { ...from, head, versionstamp };
  }

  async function load(head: Head, versionstamp: string): Promise<Known | undefined> {
    const { base, next } = head;
    const pages = range(0, base.pages).map((number) => keys.page(base.generation, number));
    const found = await readMany([...pages, ...range(base.from, next).map(keys.log)]);
    if (found.some((entry) => entry.versionstamp === null)) return undefined;
    const gathered: Gathered = new Map();
    for (const { value } of found) gather(gathered, readParts(value).parts);
    const held = holdKept(head.scalars, membersOf(gathered));
    return { held, unknown: unknownSets(gathered), head, versionstamp };
  }

  /** Reads many keys, in their order. */
  async function readMany(wanted: readonly KvKey[]): Promise<readonly KvEntry[]> {
    const found: KvEntry[] = [];
    for (let at = 0; at < wanted.length; at += keysPerCall * callsAtOnce) {
      const some = wanted.slice(at, at + keysPerCall * callsAtOnce);
      const calls = range(0, Math.ceil(some.length / keysPerCall)).map((number) => {
        const few = some.slice(number * keysPerCall, (number + 1) * keysPerCall);
        return call(() => kv.getMany(few));
      });
      for (const entries of await Promise.all(calls)) found.push(...entries);
    }
    return found;
  }

  return read;
}

/** Reads entries of the log that follow on each other; `undefined` where one is missing, or belongs to another past. */
function chain(found: readonly KvEntry[], from: string): readonly Entry[] | undefined {
  const entries: Entry[] = [];
  let before = from;
  let own = "";
  for (const { value, versionstamp } of found) {
    if (versionstamp === null) return undefined;
    const entry = readParts(value);
    // A batch may have several entries, which are of one commit.
    if (versionstamp !== own && own !== "") before = own;
    if (entry.after !== before) return undefined;
    own = versionstamp;
    entries.push(entry);
  }
  return entries;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}
