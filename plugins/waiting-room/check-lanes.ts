/** Checks who need not stand in the line of all others. */

import {
  checkChoice,
  checkFunction,
  checkNumber,
  group,
  optionMessage,
  type Rule,
  type Subject,
} from "../../src/options/check.ts";
import type { BypassOptions, PriorityOptions } from "./lane-options.ts";
import type { RoomOptions } from "./options.ts";
import { type RequestTest, requestTest } from "./owner-says.ts";

const priorityRules: Readonly<Record<keyof PriorityOptions, Rule>> = {
  when: checkFunction,
  weight: (subject, option, value) => checkNumber(subject, option, value, 0.01, 100, false),
};

const bypassRules: Readonly<Record<keyof BypassOptions, Rule>> = {
  when: checkFunction,
  counted: (subject, option, value) => checkChoice(subject, option, value, [true, false]),
};

/** The rule of a lane. */
export const priorityRule: Rule = group(priorityRules, "an object, such as { when: (ctx) => …, weight: 3 }");

/** The rule of who passes by: a function, or an object that has one. */
export const bypassRule: Rule = (subject, option, value) => {
  const must = "a function that says who need not wait, or { when, counted }";
  if (typeof value !== "function") group(bypassRules, must)(subject, option, value);
};

/** The lanes of a room, with nothing left open. */
export interface CheckedLanes {
  /** Who has priority; `undefined` where there is one lane. */
  readonly priority: { readonly when: RequestTest; readonly weight: number } | undefined;
  /** Who passes by, and whether that is counted; `undefined` for nobody. */
  readonly bypass: { readonly when: RequestTest; readonly counted: boolean } | undefined;
}

/** Reads who need not stand in the line of all others. */
export function lanesOf(
  subject: Subject,
  { priority, bypass, order }: Pick<RoomOptions, "priority" | "bypass" | "order">,
  prefix: string,
): CheckedLanes {
  if (priority !== undefined && order === "lottery") {
    const must =
      'left out where "order" is "lottery": everybody who registered is drawn into one order that anybody can check';
    throw new TypeError(optionMessage(subject, `${prefix}priority`, must, priority));
  }
  return {
    priority: priority && priorityOf(subject, priority, prefix),
    bypass: bypassOf(subject, bypass, prefix),
  };
}

function priorityOf(subject: Subject, { when, weight }: Partial<PriorityOptions>, prefix: string) {
  // Rules are for what is given.
  checkFunction(subject, `${prefix}priority.when`, when);
  if (weight === undefined) {
    throw new TypeError(optionMessage(subject, `${prefix}priority.weight`, "a number, such as 3", weight));
  }
  return { when: requestTest(subject, `${prefix}priority.when`, when as RequestTest), weight };
}

function bypassOf(subject: Subject, bypass: RoomOptions["bypass"], prefix: string): CheckedLanes["bypass"] {
  if (bypass === undefined) return undefined;
  if (typeof bypass === "function") {
    return { when: requestTest(subject, `${prefix}bypass`, bypass), counted: false };
  }
  const { when, counted = false } = bypass;
  checkFunction(subject, `${prefix}bypass.when`, when);
  return { when: requestTest(subject, `${prefix}bypass.when`, when), counted };
}
