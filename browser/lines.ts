/** Waits in the lines of rooms of `waitingRoom()`: one wait for each room, however many calls there are. */

import type { Fetch } from "./browser.ts";
import { inLine, type LineSetup, type Turn } from "./in-line.ts";

export type { Turn, Wait, Waiting } from "./in-line.ts";

/** How lines are waited in. */
export interface LinesSetup extends Omit<LineSetup, "signal" | "fetch"> {
  readonly fetch: (
    input: Parameters<Fetch>[0],
    init: RequestInit | undefined,
    origin: string,
  ) => Promise<Response>;
}

/** The lines in which calls wait. */
export interface Lines {
  /**
   * Waits for the turn in a line, together with the other calls that do.
   *
   * @throws The reason of the signal, when it aborts.
   */
  turn(line: Place, signal: AbortSignal | null | undefined): Promise<Turn>;
}

/** Which line, and how it is asked first. */
interface Place {
  readonly base: string;
  readonly first: "check-in" | "join";
}

/** One wait, and how many calls wait for it. */
interface Shared {
  readonly turn: Promise<Turn>;
  readonly stop: AbortController;
  calls: number;
}

/** Makes them. */
export function createLines(setup: LinesSetup): Lines {
  const waits = new Map<string, Shared>();

  function begun({ base, first }: Place): Shared {
    const stop = new AbortController();
    const origin = new URL(base).origin;
    const fetch: Fetch = (input, init) => setup.fetch(input, init, origin);
    const shared = { stop, turn: inLine(base, first, { ...setup, fetch, signal: stop.signal }), calls: 0 };
    waits.set(base, shared);
    return shared;
  }

  return {
    async turn(line, signal) {
      signal?.throwIfAborted();
      const shared = waits.get(line.base) ?? begun(line);
      shared.calls++;
      try {
        return await Promise.race([shared.turn, aborted(signal, shared.stop.signal)]);
      } finally {
        shared.calls--;
        if (shared.calls === 0) {
          waits.delete(line.base);
          shared.stop.abort();
          if (waits.size === 0) setup.onWait(undefined);
        }
      }
    },
  };
}

/** Is rejected when a signal aborts. Nobody listens any more once another one did. */
function aborted(signal: AbortSignal | null | undefined, until: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true, signal: until });
  });
}
