/** What hooks return. Plugins need not be type-checked. */

import { isLate } from "../async/maybe-promise.ts";
import type { Decision, HeaderChange } from "../decision.ts";
import { GateError } from "../errors.ts";

const actions: readonly unknown[] = ["bypass", "admit", "queue", "redirect", "reject", "respond"];

/** What is no decision opens nothing. */
export function isDecision(value: unknown): value is Decision {
  try {
    return typeof value === "object" && value !== null && "action" in value &&
      actions.includes(value.action) &&
      (!("headers" in value) || Array.isArray(value.headers ?? []));
  } catch {
    // What cannot be looked at says nothing.
    return false;
  }
}

/** The fault of a hook that returned something else than it may. */
export function garbage(): GateError {
  return new GateError("internal", "returned something that the hook must not return");
}

/** No change. */
export const none: readonly HeaderChange[] = [];

/** Most responses get no headers: nothing is made for them. What is no text becomes one, as it does in `Headers`. */
export function add(
  changes: readonly HeaderChange[],
  more: readonly HeaderChange[],
): readonly HeaderChange[] {
  if (isLate(more)) throw garbage();
  return [...changes, ...Array.from(more, ([name, value]): HeaderChange => [name.toLowerCase(), `${value}`])];
}
