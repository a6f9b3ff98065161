/**
 * Waiting rooms: who is in line, who is inside, and which URL belongs to which room.
 *
 * @module
 */
import type { Room } from "../options.ts";
import type { RoomChange, RoomState, RoomStatus } from "../state.ts";
import { createLine, type Place } from "./_line.ts";

const MINUTE_MS = 60_000;

/** What a room tells a visitor. */
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

/** A room at work. Time passes only when it is told to, so nothing runs while nobody looks. */
export interface LiveRoom {
  readonly options: Room;
  readonly message: string | null;
  readonly ratePerMinute: number;
  /** The status the room is made to answer. */
  readonly status: RoomStatus;
  /** Lets a known visitor in or tells the position; a new one joins the line, or skips it. */
  visit(token: string, now: number, skip?: boolean): Visit;
  /** Promotes one visitor, or everybody in line; returns how many. */
  promote(now: number, token?: string): number;
  leave(token: string): void;
  change(change: RoomChange, now: number): void;
  state(now: number): RoomState;
}

interface Waiting {
  readonly place: Place;
  readonly joinedAt: number;
  readonly seenAt: number;
}

/**
 * Creates a room.
 *
 * @param options Its settings.
 * @param openedAt When the clock starts, in Unix milliseconds.
 * @returns The room.
 */
export function createRoom(options: Room, openedAt: number): LiveRoom {
  let { capacity, ratePerMinute, crowd, message } = options;
  let status: RoomStatus = null;
  let clock = openedAt;
  let credit = burst();
  const line = createLine();
  // Both maps are kept in the order in which the visitors were last seen: whoever expires next is the first.
  const waiting = new Map<string, Waiting>();
  const inside = new Map<string, number>();
  const sessionMs = options.sessionMinutes * MINUTE_MS;
  const holdMs = options.holdMinutes * MINUTE_MS;
  const onsale = Date.parse(options.onsale);

  function enter(token: string, now: number): void {
    leave(token);
    inside.set(token, now);
  }

  function leave(token: string): void {
    inside.delete(token);
    const entry = waiting.get(token);
    if (entry === undefined) return;
    waiting.delete(token);
    line.remove(entry.place);
  }

  /** A second's worth of visitors, or one. */
  function burst(): number {
    return Math.max(1, ratePerMinute / 60);
  }

  /** Earns the right to let visitors in: evenly, and without saving up. */
  function accrue(now: number): void {
    const open = Math.max(clock, onsale);
    if (now > open) {
      credit = Math.min(burst(), credit + (now - open) * ratePerMinute / MINUTE_MS);
    }
    clock = Math.max(clock, now);
  }

  function nextRelease(): number {
    if (line.length === 0 || inside.size >= capacity || ratePerMinute === 0) return Infinity;
    return Math.max(clock, onsale) + Math.max(0, 1 - credit) * MINUTE_MS / ratePerMinute;
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
        const token = line.shift()?.token;
        if (token !== undefined) enter(token, Math.max(at, clock));
      }
    }
  }

  function join(token: string, now: number): void {
    while (line.length < crowd) line.push();
    const place = line.push(token);
    waiting.set(token, { place, joinedAt: line.length, seenAt: now });
  }

  return {
    options,
    get message(): string | null {
      return message;
    },
    get ratePerMinute(): number {
      return ratePerMinute;
    },
    get status(): RoomStatus {
      return status;
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
      const position = line.positionOf(entry.place);
      return { promoted: false, position, joinedAt: entry.joinedAt, full: inside.size >= capacity };
    },
    promote(now, token): number {
      advance(now);
      const tokens = token === undefined ? [...waiting.keys()] : waiting.has(token) ? [token] : [];
      for (const each of tokens) enter(each, now);
      if (token === undefined) { while (line.shift() !== undefined); }
      return tokens.length;
    },
    leave,
    change(change, now): void {
      advance(now);
      capacity = change.capacity ?? capacity;
      ratePerMinute = change.ratePerMinute ?? ratePerMinute;
      crowd = change.crowd ?? crowd;
      if (change.status !== undefined) status = change.status;
      if (change.message !== undefined) message = change.message;
    },
    state(now): RoomState {
      advance(now);
      const { slug, title, domain } = options;
      return {
        slug,
        title,
        domain,
        status,
        capacity,
        ratePerMinute,
        crowd,
        waiting: line.length,
        inside: inside.size,
      };
    },
  };
}

/**
 * Finds the room of a URL: exact patterns first, then parts, then whole domains, as the feed lists them.
 *
 * @param rooms Rooms in the order of {@linkcode byPrecedence}.
 * @param url The URL to look up.
 * @returns The room, `"unprotected"` on a registered domain outside every room, or `undefined`.
 */
export function findRoom(rooms: readonly LiveRoom[], url: URL): LiveRoom | "unprotected" | undefined {
  const ours = rooms.filter((room) => isOnDomain(room.options.domain, url));
  if (ours.length === 0) return undefined;
  const target = url.pathname + url.search;
  return ours.find((room) => matches(room.options, target)) ?? "unprotected";
}

/** Orders rooms as the feed does: regex, contains, all. */
export function byPrecedence<T extends Pick<Room, "patternType">>(rooms: readonly T[]): T[] {
  const order = ["regex", "contains", "all"];
  return rooms.toSorted((a, b) => order.indexOf(a.patternType) - order.indexOf(b.patternType));
}

/** Whether a URL is on a domain such as `https://shop.example.com` or `https://*.example.com`. */
export function isOnDomain(domain: string, url: URL): boolean {
  const host = url.host.replace(/\.(?=:|$)/, "");
  const wild = domain.includes("://*.");
  const wanted = new URL(domain.replace("://*.", "://")).host;
  return wild ? host.endsWith(`.${wanted}`) : host === wanted;
}

function matches(room: Room, target: string): boolean {
  const { patternType, urlPattern } = room;
  if (patternType === "all") return true;
  if (urlPattern === null || urlPattern === "") return false;
  return patternType === "contains" ? target.includes(urlPattern) : new RegExp(urlPattern).test(target);
}

function first<K, V>(map: ReadonlyMap<K, V>): readonly [K, V] | undefined {
  return map.entries().next().value;
}
