/** Those who have a number and are far from the front: a few numbers each, and no object. */

import { tagOf } from "./ticket.ts";

/** Somebody whose number was called. */
export interface Called {
  readonly number: number;
  readonly tag: string;
  readonly issuedAt: number;
}

/** Those who are far from the front. */
export interface FarLine {
  /** Puts somebody in line who came as the so manieth. */
  join(number: number, visitor: number, issuedAt: number): void;
  /** Takes out all who are called by a frontier, and hands them over. */
  call(frontier: number, each: (called: Called) => void): void;
  /** How many are left. */
  readonly size: number;
  /** Up to which number people were called. */
  readonly called: number;
  /** Sends everybody away. */
  drop(): void;
}

/** Makes the line; so many are in it from the beginning. Its numbers begin behind `base`. */
export function createFarLine(waiting: number, beganAt: number, base: number = 0): FarLine {
  /** By number, behind those of the beginning: who it is, and since when. */
  let visitors: number[] = [];
  let times: number[] = [];
  let first = waiting + 1;
  let atFirst = waiting;
  let called = 0;
  let size = waiting;
  /** Who has a number that somebody else has too, since the store forgot that it was given. */
  let doubles: [number: number, visitor: number, issuedAt: number][] = [];

  return {
    get size() {
      return size;
    },
    get called() {
      return base + called;
    },
    join(numberOfLane, visitor, issuedAt) {
      const number = numberOfLane - base;
      size++;
      const at = number - first;
      if (number <= called || at < 0 || visitors[at] !== undefined) {
        doubles.push([number, visitor, issuedAt]);
        return;
      }
      while (visitors.length < at) {
        visitors.push(-1);
        times.push(0);
      }
      visitors[at] = visitor;
      times[at] = issuedAt;
    },
    call(frontierOfLane, each) {
      const frontier = frontierOfLane - base;
      if (doubles.length > 0) {
        const due = doubles.filter(([number]) => number <= frontier);
        if (due.length > 0) {
          doubles = doubles.filter(([number]) => number > frontier);
          for (const [number, visitor, issuedAt] of due) {
            size--;
            each({ number: base + number, tag: tagOf(visitor), issuedAt });
          }
        }
      }
      for (let number = called + 1; number <= frontier; number++) {
        const visitor = number <= atFirst ? base + number : visitors[number - first] ?? -1;
        if (visitor < 0) continue;
        size--;
        each({ number: base + number, tag: tagOf(visitor), issuedAt: times[number - first] ?? beganAt });
      }
      called = Math.max(called, frontier);
      if (called - first > 100_000) {
        visitors = visitors.slice(called + 1 - first);
        times = times.slice(called + 1 - first);
        first = called + 1;
      }
    },
    drop() {
      visitors = [];
      times = [];
      doubles = [];
      first = 1;
      atFirst = called = size = 0;
    },
  };
}
