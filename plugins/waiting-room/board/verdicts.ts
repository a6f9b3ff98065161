/** Whether it is going well, in words. */

import type { RoomFigures, StoreFigures } from "../controls/mod.ts";
import type { RoomMode, RoomStatus } from "../machine/mod.ts";

/** A sentence on a room, and how much it matters. */
export interface Verdict {
  readonly level: "good" | "note" | "bad";
  readonly text: string;
}

/** From when on a store is slow, in milliseconds. */
const slowMs = 100;
/** From which age on the status of visitors is too old, in milliseconds. */
const oldMs = 5000;

const modeTexts: Readonly<Record<Exclude<RoomMode, "open">, Verdict>> = {
  "scheduled": {
    level: "note",
    text: "The room is not open yet. Who comes gets a number and sees when it opens.",
  },
  "paused": { level: "note", text: "The room is paused: nobody is let in, and nobody loses a place." },
  "draining": { level: "note", text: "The room gives no new numbers, and lets in who has one." },
  "closed": { level: "note", text: "The room is closed: nobody is let in, and nobody gets a number." },
  "sold-out": { level: "note", text: "The room is sold out: nobody is let in, and nobody gets a number." },
  "bypass": { level: "bad", text: "Everybody is let in without waiting. No limit is in force." },
};

/**
 * Says how a room is doing, what matters most first.
 *
 * @param status The status; `undefined` where none is known.
 * @param recent How many were let in over a time that just passed, in minutes; `undefined` where nobody counted.
 */
export function verdictsOf(
  store: StoreFigures,
  status: RoomStatus | undefined,
  figures: RoomFigures | undefined,
  recent: { readonly admitted: number; readonly minutes: number } | undefined,
): readonly Verdict[] {
  const verdicts: Verdict[] = [...storeVerdicts(store)];
  if (status === undefined || figures === undefined) return verdicts;
  verdicts.push(...cacheVerdicts(figures));
  const { mode, ghosts } = status;
  if (ghosts > 0) {
    verdicts.push({
      level: "note",
      text: `The store lost what it knew. ${
        count(ghosts, "place is", "places are")
      } kept for people inside whom it has yet to know again.`,
    });
  }
  if (mode !== "open") verdicts.push(modeTexts[mode]);
  else verdicts.push(...flowVerdicts(figures, status, recent), ...tuningVerdicts(status));
  if (!verdicts.some(({ level }) => level === "bad")) return verdicts;
  return [...verdicts].sort((a, b) => Number(b.level === "bad") - Number(a.level === "bad"));
}

function storeVerdicts({ storeFailing, storeLatencyMs = 0, queued }: StoreFigures): readonly Verdict[] {
  if (storeFailing) {
    return [{
      level: "bad",
      text:
        "The store cannot be reached. Who waits keeps the place, and people inside are served for some minutes. The figures are the last that are known.",
    }];
  }
  if (storeLatencyMs > slowMs) {
    return [{
      level: "bad",
      text: `The store is slow: it takes ${Math.round(storeLatencyMs)} ms to answer.`,
    }];
  }
  if (queued > 1000) {
    return [{ level: "bad", text: `${queued} questions wait for the store in this process.` }];
  }
  return [];
}

/** While the store fails there is no young status. */
function cacheVerdicts({ storeFailing, visitorStatusAgeMs = 0 }: RoomFigures): readonly Verdict[] {
  if (storeFailing || visitorStatusAgeMs <= oldMs) return [];
  const text = `Visitors see the line ${rounded(visitorStatusAgeMs / 1000)} s late, and miss their turn: ` +
    "something in front keeps the room's status for longer than a second. Let the CDN or proxy follow its Cache-Control.";
  return [{ level: "bad", text }];
}

function flowVerdicts(
  { present, far, inside, capacity, admitPerMinute, admittedPerMinute }: RoomFigures,
  { free }: RoomStatus,
  recent: { readonly admitted: number; readonly minutes: number } | undefined,
): readonly Verdict[] {
  const waiting = present + far;
  if (admitPerMinute === 0 || capacity === 0) {
    return [{ level: "note", text: "The limits let nobody in: a limit is 0." }];
  }
  if (waiting === 0) return [{ level: "good", text: "Nobody waits. Visitors are let in at once." }];
  if (capacity !== undefined && inside >= capacity) {
    return [{
      level: "good",
      text: `The room is full: ${inside} of ${capacity} are inside. The next is let in when somebody leaves.`,
    }];
  }
  const perMinute = recent === undefined ? admittedPerMinute : recent.admitted / recent.minutes;
  const flow = `${rounded(perMinute)} of ${rounded(admitPerMinute)} a minute are let in.`;
  if (perMinute >= 0.9 * admitPerMinute) {
    return [{ level: "good", text: `People are let in as fast as the limit allows: ${flow}` }];
  }
  if (free === 0) return [{ level: "good", text: `The limits are used up at the moment: ${flow}` }];
  return [{
    level: "note",
    text: `Places are free, and few of those who are called have come: ${flow} More are being called.`,
  }];
}

function tuningVerdicts({ tuned, limits: { admitPerMinute } }: RoomStatus): readonly Verdict[] {
  if (tuned === undefined) return [];
  const { why, from, meanMs, errorRate } = tuned;
  const isLower = admitPerMinute < from;
  const fell = isLower
    ? `the rate was lowered from ${rounded(from)} to ${rounded(admitPerMinute)} a minute.`
    : `the rate stays at ${rounded(admitPerMinute)} a minute, the least that is allowed.`;
  switch (why) {
    case "slow":
      return [{
        level: "note",
        text: `The application is slow, it takes ${Math.round(meanMs)} ms to answer: ${fell}`,
      }];
    case "errors":
      return [{
        level: "bad",
        text: `${rounded(100 * errorRate)} % of the visitors meet errors of the application: ${fell}`,
      }];
    case "held":
      return [{
        level: "note",
        text: "The rate was set by hand, and does not follow the application until it is handed back.",
      }];
    default:
      return [];
  }
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function rounded(value: number): number {
  return value >= 10 ? Math.round(value) : Math.round(value * 10) / 10;
}
