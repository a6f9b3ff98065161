/** Whether a store runs exactly the machine. */

import {
  type Answered,
  type Asked,
  createState,
  mostCommands,
  readRecord,
  recordOf,
  type RoomState,
  type StateRecord,
  step,
} from "../machine/mod.ts";
import { mostRecords, type RoomStore } from "../stores/store.ts";
import { differenceOf } from "./difference.ts";
import { firstTime } from "./kinds.ts";
import { worldOf } from "./worlds.ts";

/** A store that is tested, and what the tests may do to it. */
export interface TestedStore {
  /** The store. It may forget rooms that the suite is done with. */
  readonly store: RoomStore;
  /** Reads the whole state of a room, where the store lets it be seen; `undefined` where there is no such room. */
  readonly inspect?: (room: string) => Promise<StateRecord | undefined>;
  /**
   * Keeps a room as it is, and returns what brings that back: so the suite has the store lose what came after, or, of a room that
   * was not there, all of it. Without it no losses are tested.
   */
  readonly keep?: (room: string) => Promise<() => Promise<void>>;
  /** Ends it all. */
  readonly close?: () => Promise<void>;
}

/** The options of {@linkcode storeContract}. */
export interface StoreContractOptions {
  /** What is tested, for the names of the tests. */
  readonly name: string;
  /**
   * Makes the store.
   *
   * @param clock What the store has to take for its clock, in Unix milliseconds. It stands still, and jumps forth and back.
   */
  readonly create: (clock: () => number) => TestedStore | Promise<TestedStore>;
  /** Registers a test: `test` of `node:test`, `Deno.test`, or that of any other runner. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  /** How many random batches are tried, at least. @default {40_000} */
  readonly batches?: number;
  /** The seed of the first world; the others follow. A failure tells which one to give here. @default {1} */
  readonly seed?: number;
  /** After how many batches the whole state is looked at; 1 finds the very batch. @default {10} */
  readonly inspectEvery?: number;
}

/**
 * Tests that a store runs exactly the machine: random batches are asked of both, with clocks that jump, nodes that know different
 * things, retries, changes and losses, and whatever they answer is compared to the last figure.
 *
 * It brings no runner: it registers its tests with the one that you have.
 *
 * @param options What is tested, and how long.
 *
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { type RoomStore, storeContract } from "stanchion/waiting-room/testing";
 *
 * export function testStore(create: (now: () => number) => RoomStore) {
 *   storeContract({ name: "mine", test, create: (now) => ({ store: create(now) }) });
 * }
 * ```
 */
export function storeContract(options: StoreContractOptions): void {
  const { name, create, test, batches = 40_000, seed = 1, inspectEvery = 10 } = options;

  const contractTest = (title: string, run: (bench: Bench) => Promise<void>): void => {
    test(`${name} ${title}`, async () => {
      let now = firstTime;
      const tested = await create(() => now);
      const bench = {
        ...tested,
        name,
        clock: { now: () => now, set: (time: number) => void (now = time) },
      };
      try {
        await run(bench);
      } finally {
        await tested.close?.();
      }
    });
  };

  contractTest("knows nothing of a room that was never asked for", async ({ store }) => {
    same(await store.status("contract:nobody"), undefined, "The status");
  });

  contractTest("keeps the status that it answered, and rooms apart", async ({ store }) => {
    const first = await store.run("contract:a", asking(3));
    const second = await store.run("contract:b", asking(0));
    same(await store.status("contract:a"), first.status, "The status of the first room");
    same(await store.status("contract:b"), second.status, "The status of the second room");
    same([first.status.joined, second.status.joined], [3, 0], "What was counted");
  });

  contractTest("does nothing at all of a batch that is too long", async ({ store }) => {
    const { status } = await store.run("contract:long", asking(1));
    if (!(await fails(() => store.run("contract:long", asking(mostCommands + 1))))) {
      throw new Error(`A batch of more than ${mostCommands} commands should have been refused`);
    }
    same(await store.status("contract:long"), status, "The status after that");
    same((await store.run("contract:long", asking(0))).status, status, "The room after that");
  });

  contractTest("gives every number once, however many ask at the same time", async ({ store }) => {
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, at) => store.run("contract:together", asking(5, `w${at}-`))),
    );
    const numbers = results.flatMap(({ outcomes }) =>
      outcomes.map((each) => "number" in each ? each.number : 0)
    );
    same(numbers.sort((a, b) => a - b), Array.from({ length: 60 }, (_, at) => at + 1), "The numbers");
  });

  contractTest("keeps the secret that was offered first, if it keeps one", async ({ store }) => {
    if (store.secret === undefined) return;
    const kept = await Promise.all([store.secret("first"), store.secret("second")]);
    same(kept[0], kept[1], "The secret");
    same(await store.secret("third"), kept[0], "The secret afterwards");
  });

  contractTest("keeps the last 100 records of a room, if it keeps any", keepsRecords);

  const parts = Math.max(1, Math.round(batches / 10_000));
  let next = seed;
  for (let part = 0; part < parts; part++) {
    const wanted = Math.ceil(batches / parts);
    const first = next;
    let count = 0;
    for (; count < wanted; next++) count += worldOf(next).batches;
    const last = next - 1;
    contractTest(
      `equals the machine over ${count} random batches, seeds ${first} to ${last}`,
      async (bench) => {
        for (let each = first; each <= last; each++) await compareWorld(bench, each, inspectEvery);
      },
    );
  }
}

/** A store, and the clock that it goes by. */
interface Bench extends TestedStore {
  readonly name: string;
  readonly clock: { now(): number; set(time: number): void };
}

/** Tells whether records are kept, rooms apart, and no more than may be. */
async function keepsRecords({ store }: Bench): Promise<void> {
  if (store.record === undefined || store.records === undefined) return;
  same([...await store.records("contract:a")], [], "The records of a room without any");
  const texts = Array.from(
    { length: mostRecords + 3 },
    (_, at) => `{"at":${at},"by":"Zo\u00eb \u{1f3ab}"}`,
  );
  for (const text of texts) await store.record("contract:a", text);
  await store.record("contract:b", "8".repeat(8192));
  same([...await store.records("contract:a")], texts.slice(3), "The records");
  same([...await store.records("contract:b")], ["8".repeat(8192)], "The records of another room");
  await Promise.all(["x", "y", "z"].map((text) => store.record?.("contract:b", text)));
  same((await store.records("contract:b")).length, 4, "How many there are of records that came together");
}

/** What both, the store and the machine, were at one time. */
interface Kept {
  readonly state: StateRecord | undefined;
  readonly bringBack: () => Promise<void>;
}

/** Lives through one world with a store and with the machine. */
async function compareWorld(bench: Bench, seed: number, inspectEvery: number): Promise<void> {
  const { store, inspect, keep, clock, name } = bench;
  const room = `contract:${seed}`;
  const world = worldOf(seed);
  clock.set(firstTime);
  const nothing: Kept | undefined = await keptOf(undefined);
  let state: RoomState | undefined;
  let kept = nothing;

  async function keptOf(state: RoomState | undefined): Promise<Kept | undefined> {
    if (keep === undefined) return undefined;
    const record = state === undefined ? undefined : structuredClone(recordOf(state));
    return { state: record, bringBack: await keep(room) };
  }

  for (let batch = 1; batch <= world.batches;) {
    const event = world.next(clock.now());
    if (event.is === "keep") {
      kept = await keptOf(state);
      continue;
    }
    if (event.is === "lose") {
      const lost = event.everything ? nothing : kept;
      if (lost === undefined) continue;
      await lost.bringBack();
      state = lost.state === undefined ? undefined : readRecord(structuredClone(lost.state));
      continue;
    }
    const replay =
      `To replay it, give storeContract() seed: ${seed}, batches: ${world.batches}, inspectEvery: 1.`;
    const where = `${name}, batch ${batch} of seed ${seed}: `;
    const check = (actual: unknown, expected: unknown) => {
      const difference = differenceOf(actual, expected);
      if (difference === undefined) return;
      throw new Error(`${where}${difference}. ${replay}\nThe batch was ${JSON.stringify(event.asked)}`);
    };
    clock.set(clock.now() + event.ms);
    state ??= createState(event.asked.room, clock.now(), store.isShared);
    const answer = step(state, event.asked, clock.now());
    check(await answerOf(store, room, event.asked, `${where}the store failed. ${replay}`), answer);
    world.answered(event.asked, answer);
    if (batch % inspectEvery === 0 || batch === world.batches) {
      check({ status: await store.status(room) }, { status: answer.status });
      if (inspect !== undefined) check(await inspect(room), recordOf(state));
    }
    batch++;
  }
}

async function answerOf(store: RoomStore, room: string, asked: Asked, complaint: string): Promise<Answered> {
  try {
    return await store.run(room, asked);
  } catch (cause) {
    throw new Error(complaint, { cause });
  }
}

async function fails(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return false;
  } catch {
    return true;
  }
}

/** A batch of newcomers. */
function asking(count: number, prefix = "visitor-"): Asked {
  return {
    room: {
      limits: {
        admitPerMinute: 60,
        burstSeconds: 3,
        capacity: 10,
        sessionMs: 900_000,
        returnMs: 300_000,
        recovery: "strict",
      },
      opensAt: 0,
      closesAt: 0,
      note: "",
      since: firstTime,
    },
    seen: undefined,
    commands: Array.from({ length: count }, (_, at) => ({ do: "enter", tag: `${prefix}${at}` })),
  };
}

function same(actual: unknown, expected: unknown, what: string): void {
  const difference = differenceOf({ [what]: actual }, { [what]: expected });
  if (difference !== undefined) throw new Error(difference);
}
