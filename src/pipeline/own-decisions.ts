/** What the gate decides itself, where no plugin does. */

import type { Decision } from "../decision.ts";

/** Stands in place of a decision until there is one. */
export const undecided: Decision = { action: "reject", reason: "gate/undecided", status: 503 };

/** What is decided after a failure for which nobody has an answer. */
export const unrecovered: Decision = { action: "reject", reason: "gate/unrecovered", status: 503 };

/** RFC 9112, section 3.2: the answer to a request whose host is none; RFC 9110, section 15.5.20: to one for another site. */
export const turnedDown: Readonly<Record<"unreadable-url" | "foreign-host", Decision>> = {
  "unreadable-url": { action: "reject", reason: "gate/unreadable-url", status: 400 },
  "foreign-host": { action: "reject", reason: "gate/foreign-host", status: 421 },
};
