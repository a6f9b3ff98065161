/** What hooks return. Plugins need not be type-checked. */

import { isLate } from "../async/maybe-promise.ts";
import type { Decision, HeaderChange } from "../decision.ts";
import { GateError, type HookName } from "../errors.ts";
import { joinedOnce } from "../http/made-once.ts";
import { show } from "../options/check.ts";
import { isResponse } from "./answer.ts";
import { followedBy, noStoreOf } from "./no-store.ts";

const actions: readonly unknown[] = ["bypass", "admit", "queue", "redirect", "reject", "respond"];
const allowed = `"action" is one of ${actions.join(", ")}`;
const example = 'a decision is an object such as { action: "admit", reason: "staff/address" }, or nothing';

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

/** The fault of a hook that returned something else than it may: what it was, what is missing and what is allowed. */
export function garbage(hook: HookName, returned: unknown): GateError {
  let what: string;
  try {
    what = hook === "respond"
      ? `returned ${kindOfValue(returned)}; the hook returns a Response, or nothing`
      : `returned ${wrongDecision(returned)}`;
  } catch {
    what = `returned something that cannot be looked at; ${example}`;
  }
  return new GateError("internal", what);
}

/** The fault of a decision that does not say why, by which nobody can tell it from others in logs; it holds all the same. */
export function faultOfReason(decision: Decision): GateError | undefined {
  try {
    const { action, reason } = decision;
    if (typeof reason === "string" && reason.length > 0) return undefined;
    const must = 'its "reason" is missing, "<plugin>/<word>", by which logs and metrics tell it from others';
    return new GateError("internal", `returned the decision "${action}", which holds: ${must}`);
  } catch (cause) {
    return new GateError("internal", 'returned a decision whose "reason" cannot be looked at', { cause });
  }
}

/** What is wrong with a decision. Its members may hold what a visitor sent: all but the action are told by their names. */
function wrongDecision(value: unknown): string {
  if (isResponse(value)) {
    return 'a Response; to answer with it, return { action: "respond", reason: "<plugin>/<word>", response }';
  }
  if (typeof value === "string" && actions.includes(value)) return `the text ${show(value)}; ${example}`;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `${kindOfValue(value)}; ${example}`;
  }
  if (isLate(value)) return "a promise, and the hook must answer at once";
  if (!("action" in value)) return `${kindOfValue(value)}, where "action" is missing; ${allowed}`;
  const { action } = value;
  if (actions.includes(action)) return `the decision "${action}" with "headers" that are no list of pairs`;
  return `the action ${typeof action === "object" ? kindOfValue(action) : show(action)}; ${allowed}`;
}

/** What kind of value it is, without what is in it. */
function kindOfValue(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    if (Array.isArray(value)) return "a list";
    const names = Object.keys(value).slice(0, 8);
    return names.length === 0 ? "an object without members" : `an object with ${names.map(show).join(", ")}`;
  }
  if (typeof value === "string") return "a text";
  return typeof value === "function" ? "a function" : show(value);
}

/** No change. */
export const none: readonly HeaderChange[] = [];

/** Most responses get no headers: nothing is made for them. What is no text becomes one, as it does in `Headers`. */
export function add(
  changes: readonly HeaderChange[],
  more: readonly HeaderChange[],
): readonly HeaderChange[] {
  if (isLate(more)) {
    throw new GateError(
      "internal",
      "returned a promise; the hook returns a list of [name, value], or nothing, at once",
    );
  }
  if (typeof more !== "object" || !(Symbol.iterator in more)) {
    throw new GateError(
      "internal",
      `returned ${kindOfValue(more)}; the hook returns a list of [name, value], or nothing`,
    );
  }
  if (changes.length === 0 && noStoreOf(more) !== undefined) return more;
  return joinedOnce(changes, more, withCopies);
}

function withCopies(
  changes: readonly HeaderChange[],
  more: readonly HeaderChange[],
): readonly HeaderChange[] {
  const copies: HeaderChange[] = [];
  for (const change of more) copies.push(copyOf(change));
  return changes.length === 0 ? copies : followedBy(changes, copies);
}

/**
 * A change in the form in which all are kept. It is copied, for a plugin may use its own pair again, and what was looked at must be what is
 * sent. By places: a pair that is taken apart takes longer.
 */
function copyOf(change: HeaderChange): HeaderChange {
  if (Array.isArray(change)) return [change[0].toLowerCase(), `${change[1]}`];
  const [name, value] = change;
  return [name.toLowerCase(), `${value}`];
}
