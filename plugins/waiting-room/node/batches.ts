import type { Loop } from "../../../src/async/loop.ts";
import { ServiceError } from "../../../src/errors.ts";
import { type Command, mostCommands, type Outcome, type RoomStatus } from "../machine/mod.ts";
import type { BatchResult } from "../stores/store.ts";

/** The shortest time between the beginnings of two batches of a room, in milliseconds. */
const leastGapMs = 5;

/** What a command was answered, and how the room was then, by the store's clock. */
export interface Answered {
  readonly outcome: Outcome;
  readonly status: RoomStatus;
}

/** How batches are made. */
export interface BatchesOptions {
  /** Sends a batch; it fails by itself when it takes too long. */
  readonly send: (commands: readonly Command[]) => Promise<BatchResult>;
  readonly loop: Loop;
  /** How many different commands wait at most, and how long, in milliseconds; beyond, they are refused. */
  readonly maxQueued: number;
  readonly maxWaitMs: number;
  /** After how long a batch that never ended, or a timer that never came, is given up, in milliseconds. */
  readonly lostMs: number;
}

/** Sends what is asked of a room in batches: one at a time. */
export interface Batches {
  /** Puts a command into the next batch. One that waits there already is asked once for all who ask it. */
  submit(command: Command): Promise<Answered>;
  /** Looks at the room: by the batch that is about to leave, or by one without commands. */
  look(): Promise<BatchResult>;
  /** How many different commands wait. */
  readonly queued: number;
}

/** A command that waits, and those who want to know what becomes of it. */
interface Entry {
  readonly command: Command;
  readonly since: number;
  readonly waiters: Waiter<Answered>[];
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (cause: unknown) => void;
}

/** Makes what sends the batches of one room. */
export function createBatches({ send, loop, maxQueued, maxWaitMs, lostMs }: BatchesOptions): Batches {
  /** Who is inside goes before those who want in: a crowd in front of the door must not put anybody out. */
  const inside = new Map<string, Entry>();
  const outside = new Map<string, Entry>();
  let lookers: Waiter<BatchResult>[] = [];
  /** Which batch is under way, by its number; 0 for none. */
  let flying = 0;
  let flights = 0;
  /** When the next batch leaves; `undefined` where no one sees to that. */
  let dueAt: number | undefined;
  let lastBegan = Number.NEGATIVE_INFINITY;
  let changes = 0;

  function queueOf({ do: what }: Command): Map<string, Entry> {
    return what === "enter" || what === "checkIn" ? outside : inside;
  }

  /** Leaves as soon as it may, and with all that is asked in the same turn. */
  function soon(): void {
    const now = loop.now();
    // Some platforms end timers and answers with the request that began them: what is long overdue is given up.
    if (flying > 0 && now - lastBegan < lostMs) return;
    if (flying === 0 && dueAt !== undefined && now - dueAt < lostMs) return;
    flying = 0;
    const waitMs = lastBegan + leastGapMs - now;
    dueAt = Math.max(now, lastBegan + leastGapMs);
    if (waitMs > 0) loop.wait(leave, waitMs);
    else queueMicrotask(leave);
  }

  function leave(): void {
    dueAt = undefined;
    if (flying > 0) return;
    const entries = [...take(inside, mostCommands)];
    entries.push(...take(outside, mostCommands - entries.length));
    // Only who is still not next: where the loop stood still, or one batch took long, there is no crowd to be refused.
    for (const queue of [inside, outside]) dropLate(queue, loop.now() - maxWaitMs, maxWaitMs);
    const looking = lookers;
    lookers = [];
    if (entries.length === 0 && looking.length === 0) return;
    const flight = ++flights;
    flying = flight;
    lastBegan = loop.now();
    void send(entries.map(({ command }) => command)).then(
      (result) => answer(entries, looking, result),
      (cause: unknown) => fail(entries, looking, cause),
    ).then(() => {
      if (flying !== flight) return;
      flying = 0;
      if (inside.size > 0 || outside.size > 0 || lookers.length > 0) soon();
    });
  }

  return {
    submit(command) {
      const queue = queueOf(command);
      // Of two changes by one revision only one may be made: who else asked is told of a conflict.
      const key = command.do === "control" ? `control ${++changes}` : keyOf(command);
      const known = queue.get(key);
      if (known === undefined && queue.size >= maxQueued) {
        return Promise.reject(overloaded(`${maxQueued} others wait to be asked`));
      }
      return new Promise((resolve, reject) => {
        const waiter = { resolve, reject };
        if (known === undefined) queue.set(key, { command, since: loop.now(), waiters: [waiter] });
        else known.waiters.push(waiter);
        soon();
      });
    },
    look() {
      return new Promise((resolve, reject) => {
        lookers.push({ resolve, reject });
        soon();
      });
    },
    get queued() {
      return inside.size + outside.size;
    },
  };
}

/** Refuses what has waited too long. */
function dropLate(queue: Map<string, Entry>, latest: number, maxWaitMs: number): void {
  for (const [key, { since, waiters }] of queue) {
    if (since >= latest) return;
    queue.delete(key);
    for (const { reject } of waiters) reject(overloaded(`its turn did not come within ${maxWaitMs} ms`));
  }
}

function* take(queue: Map<string, Entry>, count: number): Iterable<Entry> {
  for (const [key, entry] of queue) {
    if (count-- <= 0) return;
    queue.delete(key);
    yield entry;
  }
}

function answer(
  entries: readonly Entry[],
  looking: readonly Waiter<BatchResult>[],
  result: BatchResult,
): void {
  const { outcomes, status } = result;
  for (const [at, { waiters }] of entries.entries()) {
    const outcome = outcomes[at];
    for (const { resolve, reject } of waiters) {
      if (outcome === undefined) reject(new ServiceError("malformed", "The store left a command unanswered"));
      else resolve({ outcome, status });
    }
  }
  for (const { resolve } of looking) resolve(result);
}

function fail(entries: readonly Entry[], looking: readonly Waiter<BatchResult>[], cause: unknown): void {
  for (const { waiters } of entries) for (const { reject } of waiters) reject(cause);
  for (const { reject } of looking) reject(cause);
}

/** Commands are merged where all of their fields are equal, in whatever order they stand. */
function keyOf(command: Command): string {
  return JSON.stringify(Object.entries(command).sort(([a], [b]) => a < b ? -1 : 1));
}

function overloaded(why: string): ServiceError {
  return new ServiceError("overloaded", `The room was not asked: ${why}`);
}
