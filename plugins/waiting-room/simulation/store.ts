/** A store that is simulated: the machine itself, with a clock that may be wrong and a memory that may be lost. */

import {
  type Answered,
  type Command,
  type Configured,
  createState,
  readRecord,
  recordOf,
  type Report,
  type RoomState,
  type RoomStatus,
  type Seen,
  statusOf,
  step,
} from "../machine/mod.ts";
import type { Agenda } from "./agenda.ts";
import type { Ask, Door } from "./door.ts";
import { isBack } from "./lanes.ts";
import type { World } from "./world.ts";

/** When the simulation begins by the clock of the store, in Unix milliseconds. */
export const beginning = 1_800_000_000_000;

/** The store. */
export interface SimulatedStore {
  readonly state: RoomState;
  /** The time that the room tells now, in Unix milliseconds. */
  time(): number;
  /** What the last batch left. */
  readonly status: RoomStatus;
  /** Whether nobody is answered. */
  readonly isDown: boolean;
  run(seen: Seen | undefined, asks: readonly Ask[], report: Report | undefined): Answered;
}

/** How often the store was asked for what. */
export interface StoreCalls {
  batches: number;
  looks: number;
  enter: number;
  checkIn: number;
  renew: number;
  leave: number;
  control: number;
  /** In which second how many calls were made. */
  readonly bySecond: number[];
}

/** Makes a store, and lets happen to it what is going to. */
export function createSimulatedStore(
  world: World,
  agenda: Agenda,
  door: Door,
  calls: StoreCalls,
): SimulatedStore {
  const room = roomOf(world);
  /** By how much the clock is wrong, and how much of that went forward. */
  let wrongMs = 0;
  let forwardMs = 0;
  let downUntil = -1;
  let state = firstState(room, world);
  let status = statusOf(state, state.last);
  let ranAt = 0;
  const kept = new Map<number, unknown>();

  function clock(): number {
    return Math.floor(beginning + agenda.now + wrongMs);
  }

  function lose(back: number | "all"): void {
    const lost = state;
    const keptAt = back === "all" ? undefined : agenda.now - back;
    const record = keptAt === undefined ? undefined : kept.get(keptAt);
    state = record === undefined ? createState(room, clock(), true) : readRecord(record);
    const isNoticed = isLess(state, lost);
    door.lost(keptAt === undefined ? Number.NEGATIVE_INFINITY : state.last, lost.last, isNoticed);
  }

  for (const happening of world.script) {
    const { atMs } = happening;
    switch (happening.what) {
      case "clock":
        agenda.at(atMs, () => {
          wrongMs += happening.byMs;
          forwardMs += Math.max(0, happening.byMs);
        });
        break;
      case "outage":
        agenda.at(atMs, () => downUntil = agenda.now + happening.forMs);
        break;
      case "loss": {
        const { back } = happening;
        // As a store that writes to its disk now and then.
        if (back !== "all") {
          agenda.at(atMs - back, () => kept.set(atMs - back, structuredClone(recordOf(state))));
        }
        agenda.at(atMs, () => lose(back));
        break;
      }
      default:
    }
  }

  return {
    get state() {
      return state;
    },
    get status() {
      return status;
    },
    get isDown() {
      return agenda.now < downUntil;
    },
    time: () => Math.floor(state.last + agenda.now - ranAt),
    run(seen, asks, report) {
      const { recoveries } = state;
      const commands = asks.map(({ command }) => command);
      count(calls, commands, Math.floor(agenda.now / 1000));
      const asked = { room, seen, commands, ...(report !== undefined && { report }) };
      const answered = step(state, asked, clock());
      ({ status } = answered);
      ranAt = agenda.now;
      if (state.recoveries > recoveries) door.recovered();
      door.look(asks, answered, Math.floor(agenda.now + wrongMs) - wrongMs + forwardMs);
      return answered;
    },
  };
}

/** The state in which those have their numbers who wait from the beginning. */
function firstState(room: Configured, { crowd, priority }: World): RoomState {
  const state = createState(room, beginning, true);
  state.issued = crowd.waiting;
  if (state.priority !== undefined) state.priority.issued += priority?.crowd.waiting ?? 0;
  return state;
}

function roomOf({ limits, autotune, mode, opensAtMs, priority }: World): Configured {
  const opensAt = mode === "scheduled" ? beginning + opensAtMs : 0;
  const tuning = autotune !== undefined && { autotune };
  const lane = priority !== undefined && { priority: { weight: priority.weight } };
  return { limits, opensAt, closesAt: 0, note: "", since: beginning, ...tuning, ...lane };
}

function count(calls: StoreCalls, commands: readonly Command[], second: number): void {
  calls.batches++;
  if (commands.length === 0) calls.looks++;
  for (const { do: what } of commands) calls[what]++;
  calls.bySecond[second] = (calls.bySecond[second] ?? 0) + 1;
}

/** Whether a state knows less than another one, so that a node can find it out. */
function isLess(state: RoomState, than: RoomState): boolean {
  return isBack(state, than) || state.admitted < than.admitted || state.revision < than.revision ||
    state.epoch < than.epoch;
}
