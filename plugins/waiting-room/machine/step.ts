/** The machine: what a room answers, by its state, what is asked, and the time. Nothing else counts. */

import { GateError } from "../../../src/errors.ts";
import { checkState, markOf } from "./check.ts";
import type { Command, Outcome } from "./commands.ts";
import { configure, control } from "./control.ts";
import { moveFrontier } from "./frontier.ts";
import { checkIn, enter } from "./presence.ts";
import { recover } from "./recovery.ts";
import type { Seen } from "./seen.ts";
import { leave, renew } from "./sessions.ts";
import type { Configured, RoomState } from "./state.ts";
import { statusOf } from "./status-of.ts";
import type { RoomStatus } from "./status.ts";
import { passTime, tellTime } from "./time.ts";
import type { Report } from "./tuned.ts";
import { tune } from "./tuning.ts";

/** How many commands a batch may have. */
export const mostCommands = 100;

/** What is asked at once. */
export interface Asked {
  /** The room, as its owner configured it. */
  readonly room: Configured;
  /** What the node knows of the room, by which a loss is found out. */
  readonly seen: Seen | undefined;
  /** What the node heard of its application, where the rate follows that. */
  readonly report?: Report;
  /** What is asked, in order, at most 100. */
  readonly commands: readonly Command[];
}

/** What a room answers. */
export interface Answered {
  /** One for each command, in order. */
  readonly outcomes: readonly Outcome[];
  /** The room afterwards. */
  readonly status: RoomStatus;
}

/**
 * Makes one step: lets time pass up to now, and then answers each command in turn. It changes the state, and nothing else.
 *
 * @param state The room.
 * @param asked The commands, at most 100, and what the node that sends them knows.
 * @param clock The time of the store, in Unix milliseconds.
 * @returns What the room answers.
 * @throws {GateError} `internal` when there are too many commands, or when the state is not what a state can be. Then it may be
 * changed in part, and must not be kept.
 */
export function step(state: RoomState, asked: Asked, clock: number): Answered {
  const { room, seen, report, commands } = asked;
  if (commands.length > mostCommands) {
    throw new GateError(
      "internal",
      `A batch has ${commands.length} commands, which is more than ${mostCommands}`,
    );
  }
  const before = markOf(state);
  recover(state, seen, commands, clock);
  const now = tellTime(state, clock);
  configure(state, room, now);
  passTime(state, now);
  tune(state, report, now);
  moveFrontier(state, now);
  const outcomes = commands.map((command) => answer(state, command, now));
  checkState(state, before, outcomes, now);
  return { outcomes, status: statusOf(state, now) };
}

function answer(state: RoomState, command: Command, now: number): Outcome {
  switch (command.do) {
    case "enter":
      return enter(state, command, now);
    case "checkIn":
      return checkIn(state, command, now);
    case "renew":
      return renew(state, command, now);
    case "leave":
      return leave(state, command, now);
    case "control":
      return control(state, command, now);
  }
}
