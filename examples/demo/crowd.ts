/**
 * Simulated visitors who really come, wait, look around and leave, over HTTP as browsers do, so that there is a line.
 *
 * @module
 */

import { setMaxListeners } from "node:events";
import { createVisitor, readStatus, type Status, type Visitor } from "./visitor.ts";

/** A crowd in front of a shop. */
export interface Crowd {
  /** Resolves when the line is as long as it was asked for, or after three seconds: then the rest are still on their way. */
  readonly hasCome: Promise<void>;
  /** Sends everybody home. */
  leave(): Promise<void>;
}

/** How many requests a second the crowd makes at most, all of them together, and how many for each of a large one. */
const requestsPerSecond = 150;
const requestsOfEach = 0.2;
const leaveMs = 1500;
/** How long one looks at a page, in milliseconds. */
const lookMs = 1500;

/**
 * Keeps a line of so many people in front of a shop: whoever is let in looks around and leaves, and somebody new joins at the end.
 *
 * @param urls The addresses of the shop. Everybody goes from one to the other.
 * @param size How many wait.
 * @returns The crowd.
 */
export function startCrowd(urls: readonly string[], size: number): Crowd {
  const ending = new AbortController();
  const { signal } = ending;
  setMaxListeners(0, signal);
  const sleep = (ms: number) => sleepUnless(signal, ms);
  const turn = createTurns(Math.max(requestsPerSecond, size * requestsOfEach), signal);
  const statusOf = shared(readStatus);
  const visits = new Set<Promise<void>>();
  let people = 0;
  let asked = 0;
  let waiting = 0;
  let allHaveCome = () => {};
  const lineIsThere = new Promise<void>((resolve) => allHaveCome = resolve);

  const baseOf = () => urls[asked++ % urls.length] ?? "";

  /** A place in the line: one visitor after the other waits there. */
  async function placeInLine(): Promise<void> {
    while (!signal.aborted) {
      const address = addressOf(people++);
      const visitor = createVisitor({ address, sleep, turn, statusOf });
      try {
        await getIn(visitor);
        const visit = lookAround(visitor);
        visits.add(visit);
        void visit.then(() => visits.delete(visit));
      } catch {
        // Nobody answers, or the crowd is sent home.
        await goHome(visitor);
        await sleep(1000).catch(() => {});
      }
    }
  }

  async function getIn(visitor: Visitor): Promise<void> {
    let isCounted = false;
    for (;;) {
      const { status, text } = await visitor.open(`${baseOf()}/tickets/choir`);
      if (status !== 503) return;
      if (!isCounted && ++waiting === size) allHaveCome();
      isCounted = true;
      await visitor.wait(text, baseOf, () => {});
    }
  }

  async function lookAround(visitor: Visitor): Promise<void> {
    try {
      for (const path of ["/", "/tickets/organ", "/checkout?concert=organ&area=Balcony&count=2"]) {
        await sleep(lookMs);
        await visitor.open(`${baseOf()}${path}`);
      }
    } catch {
      // Whoever is sent home leaves as well.
    }
    await goHome(visitor);
  }

  async function goHome(visitor: Visitor): Promise<void> {
    await visitor.post(`${baseOf()}/.stanchion/main/leave`).catch(() => {});
  }

  const places = Array.from({ length: size }, placeInLine);
  return {
    hasCome: size === 0 ? Promise.resolve() : Promise.race([lineIsThere, sleep(3000).catch(() => {})]),
    async leave() {
      ending.abort();
      const everybody = Promise.all(places).then(() => Promise.all(visits));
      // Whoever has not left by then loses the place by being away.
      await Promise.race([everybody, new Promise((resolve) => setTimeout(resolve, leaveMs))]);
    },
  };
}

/** One of the addresses that are set aside for benchmarks (RFC 2544), so that nobody has it. */
function addressOf(person: number): string {
  return `198.18.${(person >> 8) & 255}.${person & 255}`;
}

function sleepUnless(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const end = () => (clearTimeout(timer), reject(signal.reason));
    const timer = setTimeout(() => (signal.removeEventListener("abort", end), resolve()), ms);
    signal.addEventListener("abort", end, { once: true });
  });
}

/** Spreads requests over time. Those who go home do so at once. */
function createTurns(perSecond: number, signal: AbortSignal): () => Promise<void> {
  let next = 0;
  return async () => {
    const now = Date.now();
    next = Math.max(next, now) + 1000 / perSecond;
    if (next - now > 1) await sleepUnless(signal, next - now).catch(() => {});
  };
}

/** Has everybody read one copy of a status for a second, as a cache in front of a shop would. */
function shared(read: (url: string) => Promise<Status>): (url: string) => Promise<Status> {
  const copies = new Map<string, { readonly at: number; readonly status: Promise<Status> }>();
  return (url) => {
    const copy = copies.get(url);
    if (copy !== undefined && Date.now() - copy.at < 1000) return copy.status;
    const status = read(url);
    copies.set(url, { at: Date.now(), status });
    return status;
  };
}
