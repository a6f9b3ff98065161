import { orderedSet } from "../plugins/waiting-room/machine/mod.ts";

const MINUTE_MS = 60_000;

/** What a hall tells a visitor. */
export type Visit =
  | { readonly promoted: true }
  | {
    readonly promoted: false;
    readonly position: number;
    /** The position at which the visitor joined. */
    readonly joinedAt: number;
    /** Whether every place is taken. */
    readonly full: boolean;
  };

/** How many a hall holds, and how fast it lets them in. */
export interface HallOptions {
  readonly capacity: number;
  readonly ratePerMinute: number;
  readonly crowd: number;
  /** How long an idle promoted visitor keeps the place. */
  readonly sessionMinutes: number;
  /** How long an absent waiting visitor keeps the place. */
  readonly holdMinutes: number;
  /** From when visitors are let in, in Unix milliseconds. */
  readonly opensAt: number;
}

/** What may be changed about a hall. */
export type HallChange = {
  readonly [K in "capacity" | "ratePerMinute" | "crowd"]?: number | undefined;
};

/** A hall as it stands. */
export interface HallState {
  /** How many promoted visitors it holds. */
  readonly capacity: number;
  /** How many are let in each minute. */
  readonly ratePerMinute: number;
  /** Up to how many simulated visitors fill a shorter line. */
  readonly crowd: number;
  /** Visitors in line, simulated ones included. */
  readonly waiting: number;
  /** Promoted visitors who hold a place. */
  readonly inside: number;
}

/**
 * A line and the places it leads to. Time passes only when it is told to, so nothing runs while nobody looks.
 */
export interface Hall {
  readonly ratePerMinute: number;
  /** Lets a known visitor in or tells the position; a new one joins the line, or skips it. */
  visit(token: string, now: number, skip?: boolean): Visit;
  /** Promotes one visitor, or everybody in line; returns how many. */
  promote(now: number, token?: string): number;
  leave(token: string): void;
  change(change: HallChange, now: number): void;
  state(now: number): HallState;
}

interface Waiting {
  /** The number in the line. */
  readonly number: number;
  readonly joinedAt: number;
  readonly seenAt: number;
}

/**
 * Creates a hall.
 *
 * @param options Its settings.
 * @param openedAt When the clock starts, in Unix milliseconds.
 * @returns The hall.
 */
export function createHall(options: HallOptions, openedAt: number): Hall {
  let { capacity, ratePerMinute, crowd } = options;
  let clock = openedAt;
  let credit = burstOf(ratePerMinute);
  // Tokens by their numbers. A simulated visitor is called by the number, which no token is.
  const line = orderedSet();
  let issued = 0;
  // Both maps are kept in the order in which the visitors were last seen: whoever expires next is the first.
  const waiting = new Map<string, Waiting>();
  const inside = new Map<string, number>();
  const sessionMs = options.sessionMinutes * MINUTE_MS;
  const holdMs = options.holdMinutes * MINUTE_MS;
  const { opensAt } = options;

  function enter(token: string, now: number): void {
    leave(token);
    inside.set(token, now);
  }

  function leave(token: string): void {
    inside.delete(token);
    const entry = waiting.get(token);
    if (entry === undefined) return;
    waiting.delete(token);
    line.remove(token);
  }

  /** Earns the right to let visitors in: evenly, and without saving up. */
  function accrue(now: number): void {
    const open = Math.max(clock, opensAt);
    if (now > open) {
      credit = Math.min(burstOf(ratePerMinute), credit + (now - open) * ratePerMinute / MINUTE_MS);
    }
    clock = Math.max(clock, now);
  }

  function nextRelease(): number {
    if (line.size === 0 || inside.size >= capacity || ratePerMinute === 0) return Infinity;
    return Math.max(clock, opensAt) + Math.max(0, 1 - credit) * MINUTE_MS / ratePerMinute;
  }

  /** Replays what happened since the last look, in order: everybody enters once and leaves once. */
  function advance(now: number): void {
    for (;;) {
      const [idle, idleSince = Infinity] = first(inside) ?? [];
      const [absent, entry] = first(waiting) ?? [];
      const endsAt = idleSince + sessionMs;
      const forgottenAt = (entry?.seenAt ?? Infinity) + holdMs;
      const releaseAt = nextRelease();
      const at = Math.min(endsAt, forgottenAt, releaseAt);
      if (at > now) return accrue(now);
      accrue(at);
      if (at === endsAt && idle !== undefined) leave(idle);
      else if (at === forgottenAt && absent !== undefined) leave(absent);
      else {
        credit = Math.max(0, credit - 1);
        const [next = ""] = line.upTo(issued, 1);
        // Simulated visitors go on and take no place.
        if (waiting.has(next)) enter(next, Math.max(at, clock));
        else line.remove(next);
      }
    }
  }

  function join(token: string, now: number): void {
    while (line.size < crowd) line.put(`${++issued}`, issued);
    line.put(token, ++issued);
    waiting.set(token, { number: issued, joinedAt: line.size, seenAt: now });
  }

  return {
    get ratePerMinute(): number {
      return ratePerMinute;
    },
    visit(token, now, skip = false): Visit {
      advance(now);
      const known = waiting.get(token);
      if (skip || inside.has(token)) enter(token, now);
      else if (known === undefined) join(token, now);
      else {
        waiting.delete(token);
        waiting.set(token, { ...known, seenAt: now });
      }
      advance(now);
      const entry = waiting.get(token);
      if (entry === undefined) return { promoted: true };
      const position = line.below(entry.number) + 1;
      return { promoted: false, position, joinedAt: entry.joinedAt, full: inside.size >= capacity };
    },
    promote(now, token): number {
      advance(now);
      const tokens = token === undefined ? [...waiting.keys()] : waiting.has(token) ? [token] : [];
      for (const each of tokens) enter(each, now);
      if (token === undefined) line.clear();
      return tokens.length;
    },
    leave,
    change(change, now): void {
      advance(now);
      capacity = change.capacity ?? capacity;
      ratePerMinute = change.ratePerMinute ?? ratePerMinute;
      crowd = change.crowd ?? crowd;
    },
    state(now): HallState {
      advance(now);
      return { capacity, ratePerMinute, crowd, waiting: line.size, inside: inside.size };
    },
  };
}

/** A second's worth of visitors, or one. */
function burstOf(ratePerMinute: number): number {
  return Math.max(1, ratePerMinute / 60);
}

function first<K, V>(map: ReadonlyMap<K, V>): readonly [K, V] | undefined {
  return map.entries().next().value;
}
