/** Waits in a line as the page of a room does: far from the front it reads the status, once called it checks in. */

import { estimate, nextLookMs, type StatusDocument } from "../src/line/estimate.ts";
import { browser, type Fetch } from "./browser.ts";

/** Where a visitor stands while calls wait. What is not known is left out. */
export interface Waiting {
  /** The place in the line, from 1 on. */
  readonly place?: number;
  /** How many people are before the visitor. */
  readonly ahead?: number;
  /** How long it is going to take, in milliseconds: show it as an interval, × 0.8 to × 1.3. */
  readonly waitMs?: number;
  /** What the room does, such as `open`, `paused` or `scheduled`. */
  readonly mode?: string;
  /** What the owner tells those who wait. It is text, not markup. */
  readonly note?: string;
  /** Whether nothing can be reached at the moment. The place is kept. */
  readonly isLost: boolean;
}

/** What came of it: the visitor's `turn`, that nobody is let in, or that only the `page` of the room can go on. */
export type Turn = "turn" | "refused" | "page";

/** Calls back after a time, in milliseconds; returns what calls that off. */
export type Wait = (callback: () => void, ms: number) => () => void;

/** How a line is waited in. */
export interface LineSetup {
  readonly fetch: Fetch;
  readonly wait: Wait;
  readonly random: () => number;
  readonly onWait: (waiting: Waiting | undefined) => void;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** What a check-in is answered. Whatever a server sends, each member is looked at. */
interface Told {
  readonly is?: unknown;
  readonly epoch?: number;
  readonly number?: number;
  readonly position?: number;
  readonly ahead?: number;
  readonly waitMs?: number;
  readonly nextMs?: number;
  readonly mode?: string;
  readonly note?: string;
}

/** What is known of the visitor's number. */
interface Known {
  readonly ask: "check-in" | "join" | "status";
  readonly epoch?: number | undefined;
  readonly number?: number | undefined;
  /** The time in the status that says that the number is called. */
  readonly seen?: string | undefined;
}

/** What a question led to: an end, or what to ask next, and when. */
type Step = Turn | { readonly next: Known; readonly ms: number };

/** How often a room may know nothing of a number that it gave: then cookies do not come back. */
const mostUnknown = 3;
/** How long an answer may take, in milliseconds. */
const answerMs = 10_000;
const usualMs = 10_000;
/** After how long a visitor who is far checks in all the same, in milliseconds: browsers forget a ticket after a day. */
const keepMs = 6 * 3_600_000;

/** Waits for the turn. It ends as `refused` when the signal aborts. */
export async function inLine(base: string, first: "check-in" | "join", setup: LineSetup): Promise<Turn> {
  const { signal, random } = setup;
  let known: Known = { ask: first };
  let [failures, unknown, usual, keptFor] = [0, 0, usualMs, 0];
  let shown: Waiting = { isLost: false };

  function show(waiting: Omit<Waiting, "isLost">, isLost: boolean): void {
    if (signal.aborted) return;
    shown = { ...waiting, isLost };
    setup.onWait(shown);
  }

  async function call(): Promise<unknown> {
    const { ask, seen } = known;
    const headers = { "accept": "application/json", "content-type": "application/json" };
    const body = JSON.stringify({ hidden: browser.document?.hidden === true, seen });
    const init = ask === "status" ? {} : { method: "POST", headers, body };
    return await limited(setup, async (limit) => {
      const answer = await setup.fetch(base + ask, { ...init, signal: limit });
      if (answer.ok) return await answer.json();
      await answer.body?.cancel();
      // What is refused for good is no answer.
      if (answer.status < 500 && answer.status !== 429) return undefined;
      throw new Error(`HTTP ${answer.status}`);
    });
  }

  function look(status: StatusDocument): Step {
    const { number = 0, epoch } = known;
    const { F, issued, mode, note } = status;
    // A number that the room has not given shows it that it lost some.
    if (status.epoch !== epoch || number <= F || number > issued) {
      return { next: { ...known, ask: "check-in", seen: String(status.now) }, ms: 0 };
    }
    const { place, waitMs } = estimate(number, status);
    show({ place, ahead: place - 1, ...(waitMs !== undefined && { waitMs }), mode, note }, false);
    return { next: known, ms: nextLookMs(waitMs, status) };
  }

  function checkedIn(told: Told): Step {
    const { is, epoch, number, nextMs = usualMs } = told;
    if (is === "admitted") return "turn";
    if (is === "challenge") return "page";
    if (is === "waiting" || is === "far") {
      if (known.ask === "check-in") unknown = 0;
      show(waitingOf(told), false);
      return { next: { ask: is === "far" ? "status" : "check-in", epoch, number }, ms: nextMs };
    }
    if (is === "later") return { next: { ask: "join" }, ms: nextMs };
    if (is === "lapsed" || is === "used") return { next: { ask: "join" }, ms: 1000 };
    // Another line has begun, or nothing is kept between two calls: everybody asks again, and not all at the same time.
    if (is !== "unknown" || ++unknown > mostUnknown) return "refused";
    return { next: { ask: "join" }, ms: known.ask === "join" ? nextMs : 5000 + random() * 25_000 };
  }

  while (!signal.aborted) {
    let ms: number;
    try {
      const answer = await call();
      if (typeof answer !== "object" || answer === null) return "refused";
      failures = 0;
      // What is no such answer has none of the members that lead on.
      const step = known.ask === "status" ? look(answer as StatusDocument) : checkedIn(answer as Told);
      if (typeof step === "string") return step;
      known = step.next;
      ms = usual = step.ms;
    } catch {
      failures++;
      // Whoever asks again later has a status that was kept by nobody else.
      known = { ...known, seen: undefined };
      if (failures === 2) show(shown, true);
      // Who looks seldom does not look more often because nothing answers.
      ms = Math.max(usual, Math.min(60_000, 2000 * 2 ** Math.min(failures, 5)));
    }
    keptFor = known.ask === "status" ? keptFor + ms : 0;
    if (keptFor > keepMs) known = { ...known, ask: "check-in" };
    await paused(setup, ms * (0.8 + random() * 0.4));
  }
  return "refused";
}

/** Where the visitor stands, as a check-in says it. */
function waitingOf({ position, ahead, waitMs, mode, note }: Told): Omit<Waiting, "isLost"> {
  return {
    ...(position !== undefined && { place: position, ahead: ahead ?? position - 1 }),
    ...(waitMs !== undefined && { waitMs }),
    ...(mode && { mode }),
    ...(note && { note }),
  };
}

/** Gives a call up when it takes too long, or nobody waits any more. */
async function limited<T>({ wait, signal }: LineSetup, make: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const stop = () => limit.abort();
  const cancel = wait(stop, answerMs);
  signal.addEventListener("abort", stop);
  try {
    return await make(limit.signal);
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}

/** Waits for a time, until the page is seen again, there is a network again, or nobody waits any more. */
function paused({ wait, signal }: LineSetup, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = wait(done, ms);
    function done(): void {
      cancel();
      signal.removeEventListener("abort", done);
      browser.document?.removeEventListener("visibilitychange", seen);
      browser.removeEventListener?.("online", done);
      resolve();
    }
    function seen(): void {
      if (!browser.document?.hidden) done();
    }
    signal.addEventListener("abort", done);
    browser.document?.addEventListener("visibilitychange", seen);
    browser.addEventListener?.("online", done);
    if (signal.aborted) done();
  });
}
