/** A node on a clock of the test's own, and a store that does what a test says. */

import type { Configured } from "../../../plugins/waiting-room/machine/mod.ts";
import {
  createRoomNode,
  type RoomNode,
  type RoomNodeOptions,
} from "../../../plugins/waiting-room/node/mod.ts";
import { memoryStore } from "../../../plugins/waiting-room/stores/memory.ts";
import type { Batch, BatchResult, RoomStore } from "../../../plugins/waiting-room/stores/store.ts";
import { type ManualLoop, manualLoop } from "../../src/async/_loop.ts";

/** When the tests begin, by the store's clock, in Unix milliseconds. */
export const start: number = Date.parse("2030-01-15T12:00:00Z");

/** A room that lets in eleven at once, and one a second. */
export const plainRoom: Configured = {
  limits: {
    admitPerMinute: 60,
    burstSeconds: 10,
    capacity: -1,
    sessionMs: 900_000,
    returnMs: 300_000,
    recovery: "strict",
  },
  opensAt: 0,
  closesAt: 0,
  note: "",
  since: 0,
};

/** A store in memory that tells what it was asked, and answers when a test says so. */
export interface FakeStore extends RoomStore {
  readonly batches: Batch[];
  readonly reads: { count: number };
  /** What becomes of all calls; `undefined` lets them through. */
  fault: (() => Promise<never>) | undefined;
  /** Whether batches wait until `release` is called. */
  holds: boolean;
  release(): void;
}

/** Makes a store over one in memory. */
export function fakeStore(now: () => number, more: Partial<RoomStore> = {}): FakeStore {
  const inner = memoryStore({ now });
  const held: (() => void)[] = [];
  const store: FakeStore = {
    ...inner,
    name: "fake",
    ...more,
    batches: [],
    reads: { count: 0 },
    fault: undefined,
    holds: false,
    release() {
      for (const each of held.splice(0)) each();
    },
    async run(room, batch): Promise<BatchResult> {
      store.batches.push(batch);
      if (store.holds) await new Promise<void>((resolve) => held.push(resolve));
      if (store.fault !== undefined) return await store.fault();
      return await inner.run(room, batch);
    },
    async status(room) {
      store.reads.count++;
      if (store.fault !== undefined) return await store.fault();
      return await inner.status(room);
    },
  };
  return store;
}

/** A node, and what is around it. */
export interface NodeBench {
  readonly node: RoomNode;
  readonly store: FakeStore;
  readonly loop: ManualLoop;
  /** The store's clock, and the wall clock of the node. */
  readonly clock: { store: number; wall: number };
  /** Lets time pass everywhere, and whatever is due happen. */
  pass(ms: number): Promise<void>;
}

/** Makes a node. */
export function nodeBench(
  room: Configured = plainRoom,
  more: Partial<RoomStore> = {},
  options: Partial<RoomNodeOptions> = {},
): NodeBench {
  const loop = manualLoop();
  const clock = { store: start, wall: start };
  const store = fakeStore(() => clock.store, more);
  const node = createRoomNode({
    store,
    key: "shop:hall",
    room,
    timeoutMs: 250,
    now: () => clock.wall,
    random: () => 0,
    loop,
    // As on most platforms, wherever the test runs.
    isEnding: false,
    ...options,
  });
  return {
    node,
    store,
    loop,
    clock,
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += 5) {
        const step = Math.min(5, ms - passed);
        clock.store += step;
        clock.wall += step;
        loop.pass(step);
        loop.look(5);
        await settle();
      }
    },
  };
}

/** Lets everything happen that waits for nothing. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
