import {
  checkChoice,
  checkFunction,
  checkRules,
  choice,
  integer,
  type Rule,
  shapeError,
  text,
} from "../../src/options/check.ts";
import type { Mode } from "../../src/gate.ts";
import { isName, modeNames, type Order } from "./record.ts";
import type { ModeSwitchOptions, SetModeOptions } from "./mode-switch.ts";

/** Who takes these options. */
export const subject = "mode switch";

const storageRule: Rule = (subject, option, value) => {
  if (typeof value !== "object" || value === null) {
    throw shapeError(subject, option, "an object with getItem and setItem", value);
  }
  for (const method of ["getItem", "setItem"] as const) {
    checkFunction(
      subject,
      `${option}.${method}`,
      method in value ? value[method as keyof typeof value] : undefined,
    );
  }
};

/** The rules of the switch. */
export const rules: Readonly<Record<keyof ModeSwitchOptions, Rule>> = {
  initial: choice(...modeNames),
  storage: storageRule,
  key: text("1 to 128 letters, digits and :/._-", (key) => /^[\w:/.-]{1,128}$/.test(key)),
  pollMs: integer(100, 2_147_483_647),
  timeoutMs: integer(1, 60_000),
  now: checkFunction,
  schedule: checkFunction,
  onChange: checkFunction,
  onError: checkFunction,
};

/** A timer's longest time, more than three weeks. */
const longestMs = 2_147_483_647;

const setRules: Readonly<Record<keyof SetModeOptions, Rule>> = {
  forMs: integer(1, longestMs),
  by: text("1 to 80 printable characters", isName),
};

/** Checks a change, and makes an order of it. */
export function orderOf(mode: Mode, options: SetModeOptions, atMs: number): Order {
  checkChoice(subject, "mode", mode, modeNames);
  checkRules(subject, options, setRules);
  const { forMs, by } = options;
  return {
    mode,
    ...(forMs === undefined ? {} : { untilMs: atMs + forMs }),
    ...(by === undefined ? {} : { by }),
    atMs,
  };
}
