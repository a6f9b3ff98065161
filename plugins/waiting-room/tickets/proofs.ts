/** What a visitor carries: a ticket, or a pass. All times are Unix milliseconds by the clock of the store. */

import type { Holder } from "../machine/mod.ts";

/** Holds a number in the line. */
export interface Ticket extends Holder {
  readonly kind: "ticket";
  /** Before this time the store is not asked again; 0 for at once. */
  readonly notBefore: number;
  /**
   * When it was signed again for a browser to keep it longer, where it was. It is as old as it was: a ticket that is older than the state of
   * the room proves a loss.
   */
  readonly keptAt?: number;
  /** Where the head of the line was when the number was given: the own way begins there. Older tickets do not say it. */
  readonly from?: number | undefined;
  /** Where the number was drawn: for which registered one, and in which draw. */
  readonly lot?: Lot;
}

/** What a number was drawn for. */
export interface Lot {
  readonly registered: number;
  /** The id of the draw. */
  readonly draw: number;
}

/** Holds a registration for a lottery. Its `number` is no place in the line. */
export interface Registration extends Holder {
  readonly kind: "registration";
}

/** Lets its holder in for a while. */
export interface Pass extends Holder {
  readonly kind: "pass";
  /** Until when it lets in. */
  readonly until: number;
  /** From when on it is renewed before it lets in. */
  readonly check: number;
  /** When the visitor was first admitted: the longest session counts from there. */
  readonly since: number;
  /** Whether it was given to somebody who need not wait: it counts for nobody else. */
  readonly isBypass?: boolean;
  /** Whether it is a first claim, which is renewed with the first request that brings it. */
  readonly isClaim: boolean;
  /** Whether it was given for a form that came late, which happens once. */
  readonly isLate: boolean;
  /**
   * Whether a request other than a ping has brought it since it was given. A node that remembers nothing gives it again with this
   * mark, so that a renewal by a ping knows that the visitor was active before.
   */
  readonly isUsed?: boolean;
}

/** Whichever of them. */
export type Proof = Ticket | Registration | Pass;

/** After how long a pass is renewed, at the latest, and at the earliest. */
const checkMs = 60_000;
const leastCheckMs = 1000;
/** How late a form may be. */
export const lateMs = 60_000;

/** Gives a ticket. */
export function ticketOf(
  { epoch, number, tag, lot }: Place,
  now: number,
  notBefore: number = 0,
  from?: number,
): Ticket {
  return {
    kind: "ticket",
    epoch,
    number,
    tag,
    issuedAt: now,
    notBefore,
    ...(from !== undefined && { from }),
    ...(lot !== undefined && { lot }),
  };
}

/** Gives a registration. */
export function registrationOf({ epoch, number, tag }: Place, now: number): Registration {
  return { kind: "registration", epoch, number, tag, issuedAt: now };
}

/** How often a ticket is signed again at most whose holder waits for long, in milliseconds. */
const keepMs = 3_600_000;

/** The same ticket, to be kept from now on; `undefined` where it was given, or signed again, a short time ago. */
export function keptTicket(ticket: Ticket, now: number): Ticket | undefined {
  return now - keptSince(ticket) < keepMs ? undefined : { ...ticket, keptAt: now };
}

/** Since when a browser keeps a ticket or a pass. */
export function keptSince(proof: Proof): number {
  return proof.kind === "ticket" ? proof.keptAt ?? proof.issuedAt : proof.issuedAt;
}

/** Who somebody is in the line: what an outcome of the machine says, and the epoch of its status. */
export type Place = Pick<Holder, "epoch" | "number" | "tag"> & { readonly lot?: Lot | undefined };

/** Gives the first pass to somebody who was just admitted until some time. It is renewed when it is first brought. */
export function firstPass(place: Place, until: number, now: number, isBypass: boolean = false): Pass {
  return passOf(place, { until, now, since: now, isClaim: true, isLate: false, isBypass });
}

/** Gives the pass of a renewal, which holds until some time. `isLate` says that a form came late. */
export function renewedPass(pass: Pass, until: number, now: number, isLate: boolean = false): Pass {
  const { since, isBypass = false } = pass;
  return passOf(pass, { until, now, since, isClaim: false, isLate: isLate || pass.isLate, isBypass });
}

function passOf(
  { epoch, number, tag }: Place,
  { until, now, since, isClaim, isLate, isBypass }:
    & Pick<Pass, "until" | "since" | "isClaim" | "isLate">
    & { readonly now: number; readonly isBypass: boolean },
): Pass {
  // A short one is renewed at half of it: otherwise nobody could go on who is there all the time. A claim is when it is first brought.
  const half = isClaim ? checkMs : Math.max(leastCheckMs, Math.ceil((until - now) / 2));
  const check = Math.min(until, now + Math.min(checkMs, half));
  const pass = {
    kind: "pass",
    epoch,
    number,
    tag,
    issuedAt: now,
    until,
    check,
    since,
    isClaim,
    isLate,
  } as const;
  return isBypass ? { ...pass, isBypass } : pass;
}

/**
 * What is to be done before a pass lets in: nothing while it is `good`, a renewal when it is `due`, and nothing helps when it has
 * `ended`.
 */
export function standingOf({ until, check, isClaim }: Pass, now: number): "good" | "due" | "ended" {
  if (now >= until) return "ended";
  return isClaim || now >= check ? "due" : "good";
}

/** Whether a form may still be taken with a pass that has ended: once, and at most a minute late. */
export function takesLatePost({ until, isLate }: Pass, method: string, now: number): boolean {
  return method === "POST" && !isLate && now >= until && now <= until + lateMs;
}
