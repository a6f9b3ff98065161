import { isPrintableName } from "../../../src/options/printable-name.ts";
import { plainOrder, type RoomOrder } from "./order.ts";

/** A change of a room, as it was kept. */
export interface RoomRecord {
  /** When it was made, in Unix milliseconds by the clock of the store. */
  readonly atMs: number;
  /** Who made it. */
  readonly by: string;
  /** The revision that its author saw. */
  readonly saw: number;
  /** The revision that it made; absent where the store did not answer, so that nobody knows whether it is in force. */
  readonly revision?: number;
  /** What was ordered; times are texts. */
  readonly order: Readonly<Record<string, string | number>>;
}

/** A record before it is known what became of it. */
export type Ordered = Pick<RoomRecord, "by" | "saw"> & { readonly order: RoomOrder };

/** Writes a record. */
export function textOf({ by, saw, order }: Ordered, atMs: number, revision?: number): string {
  const record: RoomRecord = {
    atMs,
    by,
    saw,
    ...(revision !== undefined && { revision }),
    order: plainOrder(order),
  };
  return JSON.stringify(record);
}

/** Reads records. What is none is left out: others may write beside the room. */
export function readRecords(texts: readonly string[]): readonly RoomRecord[] {
  return texts.flatMap((text) => {
    try {
      return recordIn(JSON.parse(text));
    } catch {
      return [];
    }
  });
}

function recordIn(value: unknown): readonly RoomRecord[] {
  if (typeof value !== "object" || value === null) return [];
  // Every member is looked at before it is taken.
  const { atMs, by, saw, revision, order } = value as Readonly<Record<string, unknown>>;
  const isRecord = typeof atMs === "number" && typeof saw === "number" && typeof by === "string" &&
    isPrintableName(by) && typeof order === "object" && order !== null;
  if (!isRecord) return [];
  const fields = Object.entries(order).filter((field): field is [string, string | number] =>
    typeof field[1] === "string" || typeof field[1] === "number"
  );
  return [{
    atMs,
    by,
    saw,
    ...(typeof revision === "number" && { revision }),
    order: Object.fromEntries(fields),
  }];
}
