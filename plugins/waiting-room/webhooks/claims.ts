import type { OperatedRoom } from "../controls/mod.ts";
import type { Happening } from "./events.ts";

/** Agrees with the other processes which of them tells of something. */
export interface Claims {
  /**
   * Whether this process tells it. Asked again, it finds its own answer.
   *
   * @throws {GateError} When the store fails.
   */
  mine(happening: Pick<Happening, "id" | "rivals">): Promise<boolean>;
  /** Whether nobody told it who wanted to: its process has gone. This one tells it then, and no third. */
  orphaned(happening: Pick<Happening, "id" | "rivals">): Promise<boolean>;
  /** Notes that it was told, or given up. */
  ended(id: string): Promise<void>;
}

/** By what lines of this plugin begin. */
const tag = "webhook";
/** What is behind the id of one that somebody else takes over. */
const again = "~again";

/**
 * Makes the claims of a room's events. Each process that sees one writes a line into the store, behind those of others; the first line of an
 * event is that of who tells it.
 *
 * @param room Whose store it is.
 * @param own Tells what no other process has, from the first event on: before requests some platforms have no randomness.
 */
export function createClaims(room: Pick<OperatedRoom, "exchange">, own: () => string): Claims {
  const lineOf = (id: string, by: string) => `${tag} ${id} ${by}`;

  async function first(ids: readonly string[], id: string): Promise<boolean> {
    const find = (lines: readonly string[]) =>
      lines.find((line) =>
        ids.some((each) => line.startsWith(lineOf(each, "")) && line !== lineOf(each, "ended"))
      );
    // Most that are late find a line, and need not write one.
    const found = find(await room.exchange()) ?? find(await room.exchange(lineOf(id, own())));
    // A line that is gone at once was one of more than anybody keeps.
    return found === undefined || found.endsWith(` ${own()}`);
  }

  return {
    mine: ({ id, rivals }) => first([id, ...rivals], id),
    async orphaned({ id, rivals }) {
      const ids = [id, ...rivals];
      const lines = await room.exchange();
      const isKnown = lines.some((line) => ids.some((each) => line.startsWith(lineOf(each, ""))));
      const hasEnded = lines.some((line) => ids.some((each) => line === lineOf(each, "ended")));
      // What nobody knows any more has ended long ago.
      return isKnown && !hasEnded && await first(ids.map((each) => each + again), id + again);
    },
    async ended(id) {
      await room.exchange(lineOf(id, "ended"));
    },
  };
}
