/**
 * Judges what the door saw of a room. It knows the rules by their words and nothing of the code: each admission happened in a span of
 * time, and something was wrong only if no moments in those spans would have been right.
 */

import {
  type Admission,
  type History,
  historyOf,
  type HistoryOptions,
  keyOf,
  type Newborn,
  newbornOf,
  type Visit,
} from "./_room-history.ts";
import type { RoomEvent } from "./_room-events.ts";
import { excessOf, inForce, type LimitsInForce } from "./_room-limits.ts";

/** What was done to a room. */
export interface Course extends HistoryOptions {
  readonly room: string;
  readonly limits: readonly LimitsInForce[];
  readonly returnMs: number;
  /** While the store was away for all processes. */
  readonly troubles: readonly { readonly from: number; readonly to: number }[];
  /** While nobody may be let in. */
  readonly pauses: readonly { readonly from: number; readonly to: number }[];
}

/** How often something was wrong, and how often something was tried at all. */
export interface Verdict {
  readonly visits: number;
  readonly admissions: number;
  /** By how many people the rate was exceeded, at most; and by how many more than usual around a power cut. */
  readonly overRate: number;
  readonly overRateByCut: number;
  /** Admissions although the room was full; and those within a few seconds after a power cut. */
  readonly overCapacity: number;
  readonly overCapacityByCut: number;
  /** The most people who were inside at once. */
  readonly mostInside: number;
  /** Admissions that went before people who were there, and who could not have been let in as well. */
  readonly overtaken: number;
  /** How many people who were there were looked at for that. */
  readonly compared: number;
  readonly twice: number;
  /** Numbers that two people had; and those of them that were given in the second that a power cut took away. */
  readonly shared: number;
  readonly sharedByCut: number;
  readonly thrownOut: number;
  /** Pages that holders of a good pass did not get, for it had to be renewed already when the store failed, or was too slow. */
  readonly overdue: number;
  /** The same, their process had never reached its store. */
  readonly unknownHolders: number;
  /** Places that were lost; and those of people who had been away for less than they may, but were passed for longer. */
  readonly lost: number;
  readonly lostSoon: number;
  readonly byResources: number;
  readonly duringPause: number;
  /** What was tried. */
  readonly resources: number;
  readonly lostAnswers: number;
  readonly hiddenCalls: number;
  readonly thefts: number;
  /** A few of what was wrong, in words, and when. */
  readonly examples: readonly Example[];
}

/** Something that was wrong. */
export interface Example {
  readonly kind: string;
  readonly text: string;
  readonly at: number;
}

/** Takes note of something wrong. */
type Say = (kind: string, text: string, at: number) => void;

/** How many of a kind are told. */
const mostExamples = 3;
/** How long it takes until each process finds out that its store is away, in milliseconds: three time limits, and a second. */
const noticedMs = 1750;
/** Until when a power cut is felt: nodes tell what they know, and then the store waits for three seconds. In milliseconds. */
const cutMs = 5000;

/** Judges a room. */
export function judge(course: Course, events: readonly RoomEvent[]): Verdict {
  const history = historyOf(course.room, events, course);
  const { visits, stories } = history;
  const admissions = stories.flatMap((story) => story.admissions).sort((a, b) => a.to - b.to);
  const examples: Example[] = [];
  const say: Say = (kind, text, at) => {
    const known = examples.filter((each) => each.kind === kind).length;
    if (known < mostExamples) examples.push({ kind, text: `${kind}: ${text}`, at });
  };
  const count = (kind: string, wrong: readonly Visit[]) => {
    for (const { asked } of wrong) say(kind, describe(asked), asked.gotAt);
    return wrong.length;
  };
  const twice = stories.reduce((sum, story) => sum + story.twice, 0);
  for (const { key, admissions: [, again] } of stories.filter((story) => story.twice > 0)) {
    say("twice", key, again?.to ?? 0);
  }
  const flows = judgeFlow(course, history, admissions, say);
  const numbers = judgeNumbers(course, history, say);
  const { good, overdue, unknown } = thrown(course, visits, newbornOf(course.room, events));
  return {
    visits: visits.length,
    admissions: admissions.length,
    ...flows,
    ...numbers,
    mostInside: mostInside(admissions),
    twice,
    thrownOut: count("thrown out", good),
    overdue: overdue.length,
    unknownHolders: unknown.length,
    lost: count("place lost", lostPlaces(course, history, false)),
    lostSoon: lostPlaces(course, history, true).length,
    byResources: count("resource", visits.filter(takesByResource)),
    duringPause:
      admissions.filter(({ from, to }) => course.pauses.some((pause) => from >= pause.from && to <= pause.to))
        .length,
    resources: visits.filter(({ asked }) => asked.what === "resource").length,
    lostAnswers: visits.filter(({ asked }) => asked.isLost).length,
    hiddenCalls: visits.filter(({ asked }) => asked.isHidden).length,
    thefts: visits.filter(({ asked }) => asked.role === "thief").length,
    examples,
  };
}

/** Rate, capacity and order, at each admission. */
function judgeFlow(
  { limits, cuts }: Course,
  { stories }: History,
  admissions: readonly Admission[],
  say: Say,
) {
  const counts = {
    overRate: 0,
    overRateByCut: 0,
    overCapacity: 0,
    overCapacityByCut: 0,
    overtaken: 0,
    compared: 0,
  };
  const waiters = stories.filter(({ presence }) => presence.length > 0);
  for (const one of admissions) {
    const { from, to, story } = one;
    const isNearCut = cuts.some((cut) => from < cut + cutMs && to >= cut);
    const passed = waiters.filter((other) =>
      other.epoch === story.epoch && other.number < story.number &&
      other.presence.some((span) => span.from <= from && span.to >= to)
    ).length;
    counts.compared += passed;
    const inside = admissions.filter((other) =>
      other !== one && other.to <= from && other.lastAt >= to
    ).length;
    const capacity = Math.max(...inForce(limits, from, to).map((each) => each.capacity));
    const isOver = inside + 1 > capacity;
    if (isOver && isNearCut) counts.overCapacityByCut++;
    else if (isOver) counts.overCapacity++;
    if (isOver && !isNearCut) say("capacity", `${story.key} with ${inside} of ${capacity} inside`, to);
    const { excess, byCut } = excessOf(one, admissions, limits, cuts);
    counts.overRate = Math.max(counts.overRate, excess);
    counts.overRateByCut = Math.max(counts.overRateByCut, byCut);
    if (excess > 0) say("rate", `${story.key} is ${excess} too many`, to);
    const isUnfair = passed > 0 && !isOver && excess <= 0 && !isNearCut &&
      (inside + 1 + passed > capacity || excessOf(one, admissions, limits, cuts, passed).excess > 0);
    if (isUnfair) {
      counts.overtaken++;
      say("overtaken", `${story.key} went before ${passed}, within ${Math.round(to - from)} ms`, to);
    }
  }
  return counts;
}

function mostInside(admissions: readonly Admission[]): number {
  const steps = admissions.flatMap(({ to, lastAt }) => [[to, 1], [lastAt, -1]] as const)
    .sort(([a, up], [b, other]) => a - b || up - other);
  let inside = 0;
  return steps.reduce((most, [, step]) => Math.max(most, inside += step), 0);
}

/** Numbers that two people have. */
function judgeNumbers({ cuts }: Course, { stories }: History, say: Say) {
  const holders = new Map<string, string[]>();
  let shared = 0;
  let sharedByCut = 0;
  for (const { epoch, number, key, visits } of stories) {
    const name = `${epoch}:${number}`;
    const known = holders.get(name);
    if (known === undefined) {
      holders.set(name, [key]);
      continue;
    }
    known.push(key);
    const from = visits[0]?.asked.sentAt ?? 0;
    if (cuts.some((cut) => from > cut - 2000 && from < cut + cutMs)) sharedByCut++;
    else {
      shared++;
      say("number twice", known.join(" and "), from);
    }
  }
  return { shared, sharedByCut };
}

/** Holders of a good pass who were not served. */
function thrown({ troubles }: Course, visits: readonly Visit[], newborn: readonly Newborn[]) {
  const leftAt = new Map<string, number>();
  for (const { asked, brought } of visits) {
    if (asked.what === "leave" && brought !== undefined) {
      const key = keyOf(brought);
      leftAt.set(key, Math.min(asked.sentAt, leftAt.get(key) ?? Number.POSITIVE_INFINITY));
    }
  }
  const refused = visits.filter(({ asked, brought, servedAt }) =>
    asked.what === "page" && !asked.isLost && servedAt === undefined && brought?.kind === "pass" &&
    (brought.until ?? 0) > asked.gotAt + 50 &&
    asked.gotAt < (leftAt.get(keyOf(brought)) ?? Number.POSITIVE_INFINITY)
  );
  const isNew = ({ asked: { node, sentAt } }: Visit) =>
    newborn.some((each) => each.node === node && sentAt >= each.from && sentAt <= each.to);
  // By the failure policy, unless it came due while the store was away.
  const isOverdue = ({ asked: { situation, gotAt }, brought }: Visit) => {
    const { check = Number.POSITIVE_INFINITY } = brought ?? {};
    const isWhileAway = troubles.some(({ from, to }) => check >= from + noticedMs && gotAt <= to);
    return situation === "failed" && check <= gotAt && !isWhileAway;
  };
  return {
    good: refused.filter((visit) => !isNew(visit) && !isOverdue(visit)),
    overdue: refused.filter((visit) => !isNew(visit) && isOverdue(visit)),
    unknown: refused.filter(isNew),
  };
}

/**
 * Answers by which somebody lost a place who should have it.
 *
 * @param wasPassed Whether those are wanted who had been passed for so long that they may lose it as soon as they miss a call.
 */
function lostPlaces({ returnMs }: Course, { stories }: History, wasPassed: boolean): readonly Visit[] {
  return stories.flatMap(({ key, epoch, number, visits, admissions }) => {
    const passedAt = Math.min(
      ...stories.filter((other) => other.epoch === epoch && other.number > number)
        .flatMap((other) => other.admissions.map(({ from }) => from)),
    );
    let toldAt = Number.NEGATIVE_INFINITY;
    let mayGo = false;
    return visits.filter(({ asked, brought, given }) => {
      const isOwn = brought?.kind === "ticket" && keyOf(brought) === key;
      const last = toldAt;
      if (given !== undefined && keyOf(given) === key) toldAt = asked.sentAt;
      if (asked.what === "leave") mayGo = true;
      if (!isOwn || asked.isLost || mayGo) return false;
      // Far from the front no call is needed. Of those who are called, only calls count that reached the store: they were given a ticket.
      if (asked.situation === "far") toldAt = asked.sentAt;
      switch (asked.situation) {
        case "lapsed":
          mayGo = true;
          return asked.gotAt - last < returnMs - 2000 &&
            wasPassed === (asked.gotAt - passedAt >= returnMs - 2000);
        case "used":
          mayGo = true;
          return !wasPassed && admissions.length === 0;
        case "unknown":
          return !wasPassed;
        default:
          // Another number in the place of this one, which was not over.
          return !wasPassed && given !== undefined && given.epoch === brought.epoch && keyOf(given) !== key &&
            admissions.length === 0;
      }
    });
  });
}

function takesByResource({ asked, servedAt, given }: Visit): boolean {
  return asked.what === "resource" &&
    (servedAt !== undefined || given !== undefined || (asked.given ?? "") !== "");
}

function describe(
  { who, role, what, node, cookie, situation, status, sentAt, gotAt, given }: Visit["asked"],
): string {
  const ms = Math.round(gotAt - sentAt);
  return `${who} (${role}) asked node ${node} for ${what} at ${new Date(sentAt).toISOString()}, ` +
    `${ms} ms: ${status} ${situation}; brought ${cookie.slice(0, 12)}, got ${given?.slice(0, 12)}`;
}
