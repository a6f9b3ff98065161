/** Somebody who waits, and where they stand. */

import type { PlaceInLine } from "../../src/decision.ts";
import { estimate, nextLookMs, openingLookMs, progressOf } from "../../src/line/estimate.ts";
import { numberInLane, type RoomStatus, statusOfLane } from "./machine/mod.ts";
import type { Situation } from "./page/texts.ts";
import { createDocuments, type documentOf, documentOfLane } from "./status-document.ts";

/** After how long a page asks again that cannot be told when, in milliseconds. */
const retryMs = 10_000;

/** Somebody who is not let in, and what is known of them. */
export interface Waiter {
  readonly situation: Situation;
  /** The number, if there is one. */
  readonly number?: number | undefined;
  /** Where the head of the line was when somebody was given the number. */
  readonly from?: number | undefined;
  /** How many are before somebody who is called. */
  readonly rank?: number | undefined;
  /** When to ask again, in milliseconds, where the room said so. */
  readonly nextMs?: number | undefined;
  /** What is known of the room; `undefined` where it cannot be reached. */
  readonly status: RoomStatus | undefined;
}

/** Where somebody stands, and when to ask again. */
export interface Standing {
  readonly place: PlaceInLine | undefined;
  /** The share of the own way that is done, from 0 to 1; `undefined` where it is not known. */
  readonly progress: number | undefined;
  readonly nextMs: number;
}

/** Makes what tells where somebody stands: by rank where called, by number where not. */
export function createStandings(random: () => number): (waiter: Waiter) => Standing {
  const read = createDocuments();
  return (waiter) => standingOf(random, waiter, read);
}

function standingOf(random: () => number, waiter: Waiter, read: typeof documentOf): Standing {
  const { situation, rank, nextMs, status, from } = waiter;
  const usual = nextMs ?? retryMs;
  if (status === undefined || waiter.number === undefined) return nowhere(usual);
  const document = documentOfLane(status, waiter.number, read);
  const number = numberInLane(waiter.number);
  const { passed, flow } = statusOfLane(status, waiter.number);
  const progress = progressOf(waiter.number, from ?? passed, passed);
  if (situation === "waiting" && rank !== undefined) {
    // Those who are called are let in one after the other, as fast as people are.
    const { waitMs } = estimate(number, document);
    const ownMs = waitMs === undefined || flow === 0 ? undefined : Math.round((rank + 1) / flow * 1000);
    return { place: placeOf(rank + 1, ownMs), progress, nextMs: usual };
  }
  if (situation === "far" || situation === "waiting" || situation === "reconnecting") {
    const { place, waitMs } = estimate(number, document);
    const lookMs = nextMs ?? nextLookMs(waitMs, document);
    const openingMs = nextMs === undefined ? openingLookMs(number, lookMs, document, random()) : undefined;
    return { place: placeOf(place, waitMs), progress, nextMs: openingMs ?? lookMs };
  }
  return nowhere(usual);
}

function nowhere(nextMs: number): Standing {
  return { place: undefined, progress: undefined, nextMs };
}

function placeOf(position: number, waitMs: number | undefined): PlaceInLine {
  return { position, ahead: position - 1, ...(waitMs !== undefined && { waitMs }) };
}

/** Where the way of somebody began, by the numbers of the lane. */
export function startOf({ from, number = 0, status }: Waiter): number {
  return numberInLane(from ?? (status === undefined ? 0 : statusOfLane(status, number).passed));
}
