/** Rooms, and who comes to them. */

import type {
  CheckIn,
  Command,
  Configured,
  Holder,
  Outcome,
} from "../../../plugins/waiting-room/machine/mod.ts";

/** When rooms begin, in Unix milliseconds. */
export const start = 1_800_000_000_000;

/** A room that is open. */
export const openRoom: Configured = {
  limits: {
    admitPerMinute: 600,
    burstSeconds: 3,
    capacity: 20,
    sessionMs: 900_000,
    returnMs: 300_000,
    recovery: "strict",
  },
  opensAt: 0,
  closesAt: 0,
  note: "",
  since: start,
};

/** So many newcomers. */
export function entering(count: number, tag: string = "v"): readonly Command[] {
  return Array.from({ length: count }, (_, at) => ({ do: "enter", tag: `${tag}${at}` }));
}

/** The check-in of whoever got this answer. */
export function checkIn(outcome: Outcome | undefined, epoch: number = 1, issuedAt: number = start): CheckIn {
  // Whoever entered has both.
  const { number, tag } = outcome as unknown as Holder;
  return { do: "checkIn", epoch, number, tag, issuedAt };
}

/** The numbers that were given. */
export function numbersOf(outcomes: readonly Outcome[]): readonly number[] {
  return outcomes.map((each) => "number" in each ? each.number : 0);
}
