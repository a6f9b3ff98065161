import { GateError } from "../../../src/errors.ts";
import { checkRules, integer, type Subject, text } from "../../../src/options/check.ts";
import { isPrintableName } from "../../../src/options/printable-name.ts";
import type { RoomStatus } from "../machine/mod.ts";
import type { Answered, RoomNode } from "../node/mod.ts";
import type { StatusAges } from "../status-ages.ts";
import { mostRecords } from "../stores/store.ts";
import { figuresOf, type RoomFigures, type StoreFigures, storeFigures } from "./figures.ts";
import { checkRate, checkTimes, readOrder, type RoomOrder } from "./order.ts";
import { type Ordered, readRecords, type RoomRecord, textOf } from "./records.ts";

/** Who changes a room, and what they saw of it. */
export interface ChangeOptions {
  /** Who it is, for the log: up to 80 printable characters. */
  readonly by: string;
  /** The revision that they saw: where the room was changed since, it stays as it is, and the answer is a conflict. */
  readonly revision: number;
}

/** What became of a change. */
export type ChangeResult =
  /** It is in force. `isRecorded` says whether the log has it. */
  | { readonly is: "changed"; readonly status: RoomStatus; readonly isRecorded: boolean }
  /** Somebody else was faster: nothing was changed. Look at the room as it is now, and decide anew. */
  | { readonly is: "conflict"; readonly status: RoomStatus };

/** A room for whoever runs it: what it is like, and what can be changed about it. */
export interface OperatedRoom {
  /** Its name. */
  readonly name: string;
  /** What the store and other services know it by: the `prefix` of `waitingRoom()`, a colon and its name. */
  readonly key: string;
  /**
   * Tells the room's status, at most a second and a quarter old.
   *
   * @throws {GateError} When the store fails.
   */
  status(): Promise<RoomStatus>;
  /** The status that was told last, however old it is; `undefined` before the first answer. */
  readonly last: RoomStatus | undefined;
  /** Tells the figures of a status, and how the store does. */
  figures(status: RoomStatus): RoomFigures;
  /** Tells how the store does, as far as this process saw it. */
  store(): StoreFigures;
  /**
   * Changes the room, in force on all processes within two seconds, and keeps a record of it.
   *
   * @param order What becomes other.
   * @param options Who wants it, and which revision they saw.
   * @returns What became of it.
   * @throws {TypeError} When something has the wrong shape.
   * @throws {RangeError} When something has a wrong value.
   * @throws {GateError} When the store fails. The change may have been made all the same, where it did not answer: look at the status.
   */
  change(order: RoomOrder, options: ChangeOptions): Promise<ChangeResult>;
  /**
   * Keeps a line for all processes, behind those that are there, and reads the last 100 of them, the oldest first. By it processes agree on
   * what one of them does for all, as `roomWebhooks()` does: who finds the own line before those of others is it. Begin lines with a
   * name of your own. A store of one's own that keeps no records has those of this process.
   *
   * @param line Up to 8 KiB of text; left out, nothing is kept.
   * @throws {GateError} When the store fails.
   */
  exchange(line?: string): Promise<readonly string[]>;
  /**
   * Reads the last 100 changes, the oldest first. A store of one's own that keeps no records has those of this process.
   *
   * @throws {GateError} When the store fails.
   */
  records(): Promise<readonly RoomRecord[]>;
}

const subject: Subject = "change of a room";

const rules = {
  by: text("1 to 80 printable characters, not only spaces", isPrintableName),
  revision: integer(0),
};

/** Makes a room for whoever runs it. */
export function operatedRoom(
  { name, node, statusAges }: {
    readonly name: string;
    readonly node: () => RoomNode;
    readonly statusAges: StatusAges;
  },
  key: string,
): OperatedRoom {
  /** Where the store keeps none. */
  const own: string[] = [];
  const ownLines: string[] = [];

  async function keep(text: string): Promise<boolean> {
    try {
      await node().ask("given a record", async (store, key) => {
        if (store.record !== undefined) return await store.record(key, text);
        keptIn(own, text);
      });
      return true;
    } catch {
      // The change is in force all the same, and whoever made it is told.
      return false;
    }
  }

  async function ask(order: RoomOrder, ordered: Ordered): Promise<Answered> {
    const change = readOrder(order);
    const status = await node().status();
    checkTimes(change, status);
    checkRate(order, status);
    try {
      return await node().submit({ do: "control", change, revision: ordered.saw });
    } catch (cause) {
      const time = node().now();
      if (time !== undefined) await keep(textOf(ordered, time));
      throw cause;
    }
  }

  return {
    name,
    key,
    status: async () => await node().status(),
    get last() {
      return node().last;
    },
    figures: (status) => figuresOf(node(), status, statusAges),
    store: () => storeFigures(node()),
    async change(order, options) {
      checkRules(subject, options, rules);
      for (const each of ["by", "revision"] as const) rules[each](subject, each, options[each]);
      const { by, revision } = options;
      const ordered = { by, saw: revision, order };
      const { outcome, status } = await ask(order, ordered);
      if (outcome.is === "conflict") return { is: "conflict", status };
      if (outcome.is !== "ok") {
        throw new GateError("internal", `The room answered "${outcome.is}" to a change`);
      }
      const isRecorded = await keep(textOf(ordered, status.now, outcome.revision));
      return { is: "changed", status, isRecorded };
    },
    exchange: (line) =>
      node().ask("given a line", async (store, key) => {
        if (store.record === undefined || store.records === undefined) return keptIn(ownLines, line);
        const lines = `${key}:lines`;
        if (line !== undefined) await store.record(lines, line);
        return await store.records(lines);
      }),
    async records() {
      const texts = await node().ask(
        "asked for records",
        async (store, key) => await store.records?.(key) ?? own,
      );
      return readRecords(texts);
    },
  };
}

/** Keeps a text behind those that are there, and the last of them; gives them all. */
function keptIn(list: string[], text: string | undefined): readonly string[] {
  if (text !== undefined) list.push(text);
  list.splice(0, Math.max(0, list.length - mostRecords));
  return [...list];
}
