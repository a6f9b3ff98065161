/** A room whose time the test tells, and whose answers are short. */

import assert from "node:assert/strict";
import {
  type Answered,
  type Autotune,
  type CheckIn,
  type Command,
  type Configured,
  createState,
  type Enter,
  type Limits,
  type Outcome,
  type Renew,
  type Report,
  type RoomChange,
  type RoomState,
  type Seen,
  statusOf,
  step,
} from "../../../../plugins/waiting-room/machine/mod.ts";

export const beginning = 1_800_000_000_000;

/** Sixty a minute, three at once, no other limit. */
export const limits: Limits = {
  admitPerMinute: 60,
  burstSeconds: 2,
  capacity: -1,
  sessionMs: 900_000,
  returnMs: 300_000,
  recovery: "strict",
};

/** An outcome of a kind. */
export type Is<K extends Outcome["is"]> = Extract<Outcome, { readonly is: K }>;

/** A room. */
export interface Room {
  readonly state: RoomState;
  /** Milliseconds since the beginning, by the clock of the store. */
  now: number;
  /** What nodes have seen, with the next batch. */
  seen: Seen | undefined;
  /** What a node heard of its application; it goes along with the next batch. */
  report: Report | undefined;
  batch(...commands: readonly Command[]): Answered;
  one(command: Command): Outcome;
  /** Somebody comes. */
  enter(tag: string, more?: Partial<Enter>): Outcome;
  /** Somebody comes who has to wait; the number. */
  joins(tag: string, more?: Partial<Enter>): number;
  checkIn(number: number, tag: string, more?: Partial<CheckIn>): Outcome;
  renew(number: number, tag: string, more?: Partial<Renew>): Outcome;
  leave(number: number, tag: string): Outcome;
  change(change: RoomChange): Outcome;
  /** Another configuration is deployed. */
  deploy(change: Partial<Configured>): void;
  /** Lets time pass, with a look each quarter of a second as long as that is, and each second after a minute. */
  pass(ms: number): void;
  /** The state is lost, or replaced. */
  lose(state?: RoomState): void;
}

/** Makes a room. */
export function roomOf(
  more: Partial<Limits> = {},
  { opensAt = 0, closesAt = 0, isShared = false, autotune, order, priority }: {
    readonly priority?: { readonly weight: number };
    readonly order?: "arrival" | "lottery";
    readonly opensAt?: number;
    readonly closesAt?: number;
    readonly isShared?: boolean;
    readonly autotune?: Autotune;
  } = {},
): Room {
  let configured: Configured = {
    limits: { ...limits, ...more },
    opensAt: opensAt === 0 ? 0 : beginning + opensAt,
    closesAt: closesAt === 0 ? 0 : beginning + closesAt,
    note: "",
    since: beginning,
    ...(autotune !== undefined && { autotune }),
    ...order !== undefined && { order },
    ...priority !== undefined && { priority },
  };
  let state = createState(configured, beginning, isShared);
  const room: Room = {
    get state() {
      return state;
    },
    now: 0,
    seen: undefined,
    report: undefined,
    batch(...commands) {
      const { report, seen } = room;
      room.report = undefined;
      const asked = { room: configured, seen, commands, ...(report !== undefined && { report }) };
      return step(state, asked, beginning + room.now);
    },
    one(command) {
      const { outcomes: [outcome] } = room.batch(command);
      assert.ok(outcome !== undefined);
      return outcome;
    },
    enter: (tag, others) => room.one({ do: "enter", tag, ...others }),
    joins(tag, more) {
      const outcome = room.enter(tag, more);
      assert.ok(outcome.is === "waiting" || outcome.is === "far", outcome.is);
      return outcome.number;
    },
    checkIn: (number, tag, others) =>
      room.one({ do: "checkIn", epoch: state.epoch, number, tag, issuedAt: state.base, ...others }),
    renew: (number, tag, others) =>
      room.one({
        do: "renew",
        epoch: state.epoch,
        number,
        tag,
        issuedAt: state.base,
        until: beginning + room.now + 1000,
        latest: beginning + room.now + 4 * state.limits.sessionMs,
        extends: true,
        ...others,
      }),
    leave: (number, tag) => room.one({ do: "leave", epoch: state.epoch, number, tag, issuedAt: state.base }),
    change: (change) => room.one({ do: "control", change, revision: undefined }),
    deploy(change) {
      configured = { ...configured, ...change, since: beginning + room.now };
      room.batch();
    },
    pass(ms) {
      const until = room.now + ms;
      while (room.now < until) {
        room.now = Math.min(until, room.now + (ms <= 60_000 ? 250 : 1000));
        room.batch();
      }
    },
    lose(other) {
      state = other ?? createState(configured, beginning + room.now, true);
    },
  };
  return room;
}

/** What a node would have seen now. */
export function seenOf({ state, now }: Room): Seen {
  return statusOf(state, beginning + now);
}

/** Holds an outcome to a kind. */
export function is<K extends Outcome["is"]>(outcome: Outcome, kind: K): Is<K> {
  assert.equal(outcome.is, kind);
  // It was just compared.
  return outcome as Is<K>;
}

/** Lets in as many as may come at once, so that the next ones wait. Their tags are `in0`, `in1`, … */
export function fill(room: Room, count: number): readonly Is<"admitted">[] {
  return Array.from({ length: count }, (_, at) => is(room.enter(`in${at}`), "admitted"));
}
