/** One room in Deno KV, as this process knows it. */

import type { Loop } from "../../../../src/async/loop.ts";
import { withDeadline } from "../../../../src/async/deadline.ts";
import { GateError, ServiceError } from "../../../../src/errors.ts";
import { kindOf } from "../../../../src/pipeline/kind-of.ts";
import { createState, type OrderedSet, type RoomState, scalarsOf } from "../../machine/mod.ts";
import { type Attempt, type Held, holdKept, holdNew } from "../attempt.ts";
import type { Batch, BatchResult } from "../store.ts";
import type { KeptTime, NodesClock } from "./clock.ts";
import type { DenoKv, KvEntry, KvKey } from "./kv.ts";
import { type Entry, type Head, type Keys, malformed, readHead, readParts } from "./layout.ts";
import { allSets, apply, gather, type Gathered, membersOf, unknownSets } from "./pages.ts";
import { writesOf } from "./writes.ts";

/** How often a batch is tried while other nodes are faster, and how long is waited before, at most, in milliseconds. */
const mostTries = 8;
const waitMs = 10;
/** After how many batches without another node between them a node takes itself to be alone. */
const aloneAfter = 8;
/** How many keys KV reads at once, and how many such calls are under way. */
const keysPerCall = 10;
const callsAtOnce = 8;
/** How many entries of the log are read, before the whole room is read instead. */
const mostEntries = 200;

/** For how many people Deno KV is fast enough: present and inside, hidden pages included. */
export const mostPeople = 20_000;

/** How a room is reached. */
export interface KeptRoomOptions {
  readonly kv: DenoKv;
  readonly call: Call;
  readonly keys: Keys;
  readonly clock: NodesClock;
  readonly random: () => number;
  readonly loop: Loop;
  /** Is told of a batch that another node was faster than, and of a room that was read as a whole. */
  readonly count: (what: "conflicts" | "loads") => void;
}

/** One room. */
export interface KeptRoom {
  run(batch: Batch): Promise<BatchResult>;
}

/** What this process knows of the room: all of it is committed. */
interface Known {
  readonly held: Held;
  /** Sets that a younger version keeps. */
  readonly unknown: Map<string, OrderedSet>;
  readonly head: Head;
  readonly versionstamp: string;
}

/** Makes the room; nothing is read until somebody asks. Its batches have to be run one after the other. */
export function keptRoom({ kv, call, keys, clock, random, loop, count }: KeptRoomOptions): KeptRoom {
  let known: Known | undefined;
  /** How many batches in a row this node made without another one between them: then it need not look before it writes. */
  let streak = 0;

  /** Brings what is known to what is kept. */
  async function refresh(): Promise<void> {
    for (let tries = 0; tries < mostTries; tries++) {
      const { value, versionstamp } = await call(() => kv.get(keys.head));
      if (versionstamp === null) {
        known = undefined;
        return;
      }
      if (known?.versionstamp === versionstamp) return;
      const head = readHead(value);
      if (known !== undefined && await follow(known, head, versionstamp)) return;
      known = undefined;
      count("loads");
      known = await load(head, versionstamp);
      // While it was read, what it is read of may have been put together anew.
      if (known !== undefined) return;
    }
    throw malformed("some of its pages are missing");
  }

  /** Makes the changes that others made since; tells whether they are all there. */
  async function follow(from: Known, head: Head, versionstamp: string): Promise<boolean> {
    const missed = head.next - from.head.next;
    if (missed <= 0 || missed > mostEntries) return false;
    const found = await readMany(range(from.head.next, head.next).map(keys.log));
    const entries = chain(found, from.versionstamp);
    // The last entry was written together with the head.
    if (entries === undefined || found.at(-1)?.versionstamp !== versionstamp) return false;
    from.held.follow(head.scalars, (own) => {
      const sets = allSets(own, from.unknown);
      for (const { parts } of entries) apply(sets, parts);
      for (const [name, set] of sets) if (!(name in own)) from.unknown.set(name, set);
    });
    known = { ...from, head, versionstamp };
    return true;
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

  /** Runs a batch on what is known, and keeps what comes of it; `undefined` where another node was faster. */
  async function attempt(batch: Batch): Promise<BatchResult | undefined> {
    const time = clock.tell(known?.head.time, known?.versionstamp ?? null);
    const held = known?.held ?? holdNew(createState(batch.room, time.at, true));
    const before = peopleIn(held.state);
    const made = held.attempt(batch, time.at);
    try {
      const people = peopleIn(held.state);
      if (people > mostPeople && people > before) throw tooMany(people);
      const kept = await commit(held, made, time);
      if (kept === undefined) made.undo();
      else known = kept;
      return kept === undefined ? undefined : made.answered;
    } catch (cause) {
      // Whether it was kept nobody knows: the next batch looks.
      made.undo();
      streak = 0;
      throw cause;
    }
  }

  async function commit(held: Held, made: Attempt, time: KeptTime): Promise<Known | undefined> {
    const unknown = known?.unknown ?? new Map<string, OrderedSet>();
    const after = known?.versionstamp ?? null;
    const { answered: { status } } = made;
    const scalars = scalarsOf(held.state);
    const { head, sets, deletes } = writesOf({
      keys,
      held,
      made,
      unknown,
      after,
      old: known?.head,
      time,
      status,
      scalars,
    });
    const answer = await call(() => {
      const atomic = kv.atomic().check({ key: keys.head, versionstamp: after });
      for (const [key, value] of sets) atomic.set(key, value);
      for (const key of deletes) atomic.delete(key);
      return atomic.commit();
    });
    if (!answer.ok) return undefined;
    clock.kept(answer.versionstamp);
    return { held, unknown, head, versionstamp: answer.versionstamp };
  }

  return {
    async run(batch) {
      for (let tries = 0; tries < mostTries; tries++) {
        if (tries > 1) await pause(loop, random() * waitMs * 2 ** Math.min(tries, 4));
        const before = known?.versionstamp;
        if (streak < aloneAfter) await refresh();
        const answer = await attempt(batch);
        if (answer !== undefined) {
          streak = before !== undefined && before === known?.head.after ? streak + 1 : 0;
          return answer;
        }
        streak = 0;
        count("conflicts");
      }
      const message =
        `Other nodes were faster ${mostTries} times: Deno KV takes about 20 batches a second for a room`;
      throw new ServiceError("overloaded", message);
    },
  };
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

function peopleIn({ front, asleep, sessions }: RoomState): number {
  return front.size + asleep.size + sessions.size;
}

function tooMany(people: number): GateError {
  return new ServiceError(
    "overloaded",
    `The room would have ${people} people present and inside, and Deno KV is fast enough for ${mostPeople}: use redisStore()`,
  );
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}

function pause(loop: Loop, ms: number): Promise<void> {
  return new Promise((resolve) => void loop.wait(resolve, ms));
}

/** Calls KV. */
export type Call = <T>(make: () => Promise<T>) => Promise<T>;

/** Calls KV, and gives a call up after a time. What KV throws may quote what was to be kept: only its kind is told. */
export function callsWithin(callMs: number, loop: Loop): Call {
  return async (make) => {
    try {
      return await withDeadline((async () => await make())(), callMs, "Deno KV", undefined, loop);
    } catch (cause) {
      if (cause instanceof GateError) throw cause;
      // That is how KV refuses values that it does not take.
      const code = cause instanceof TypeError || cause instanceof RangeError ? "internal" : "unreachable";
      throw new ServiceError(code, `Deno KV failed (${kindOf(cause)})`, { cause });
    }
  };
}
