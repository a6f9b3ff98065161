import { createMemo } from "../../../src/crypto/memo.ts";
import type { CheckResult } from "../api/check-result.ts";
import type { VisitorSession } from "../session/session.ts";

/** How many tokens are remembered. */
const maxRemembered = 4096;

/**
 * What the service last said of a token. `unknown` is one for which it gave out another, as it does for a token that it does
 * not know.
 */
export type Standing = "promoted" | "waiting" | "unknown";

/**
 * Remembers what the service said of tokens, for the visitors who bring several, of which one can be asked about on each page.
 * It is a help and no proof: other servers know other tokens, and nobody is admitted by it.
 */
export interface Standings {
  note(token: string | undefined, result: CheckResult): void;
  isPromoted(token: string): boolean;
  /** The session to ask about: one that was promoted, else one that was not asked about, else the one that waits. */
  choose(sessions: readonly VisitorSession[]): VisitorSession | undefined;
  /** Whether the token that the service gave out may take the place of what is stored: nothing else is worth keeping. */
  mayReplace(sessions: readonly VisitorSession[]): boolean;
}

/** The order in which tokens are asked about. */
const order: readonly (Standing | undefined)[] = ["promoted", undefined, "waiting", "unknown"];

/** More visits than a process ever sees. */
const maxTurns = 2 ** 48;

/** Makes the memory of one provider. */
export function createStandings(): Standings {
  const known = createMemo<{ readonly standing: Standing; readonly turn: number }>(maxRemembered);
  let turn = 0;

  function rank(token: string): number {
    const entry = known.get(token);
    // Of those that stand alike, the one comes first that was not asked about for the longest time.
    return order.indexOf(entry?.standing) * maxTurns + (entry?.turn ?? 0);
  }

  return {
    note(token, { promoted, token: returned }) {
      const standing = promoted ? "promoted" : "waiting";
      turn++;
      // What the answer says is of the token that it gives out: the one that was asked about is known only if it is the same.
      if (token !== undefined) {
        known.set(token, { standing: returned === undefined ? standing : "unknown", turn });
      }
      if (returned !== undefined) known.set(returned, { standing, turn });
    },
    isPromoted: (token) => known.get(token)?.standing === "promoted",
    choose(sessions) {
      let [chosen, ...others] = sessions;
      for (const session of others) {
        if (chosen !== undefined && rank(session.token) < rank(chosen.token)) chosen = session;
      }
      return chosen;
    },
    mayReplace: (sessions) => sessions.every(({ token }) => known.get(token)?.standing === "unknown"),
  };
}
