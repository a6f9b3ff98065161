import { plainInLine } from "../print.ts";
import type { RoomView } from "./board.ts";

const columns = ["ROOM", "STATE", "PRESENT", "FAR", "INSIDE", "LET IN/MIN", "WAIT", "REVISION"] as const;

/** The rooms as a table, each with what the board says of it. Nothing in it is what a terminal would obey. */
export function printRooms(views: readonly RoomView[]): string {
  const rows = views.map(cellsOf);
  const widths = columns.map((column, at) =>
    Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd();
  return [
    line(columns),
    ...views.flatMap(({ verdicts, room }, at) => [
      line(rows[at] ?? []),
      ...verdicts.map(({ level, text }) => `  ${plainInLine(level).padEnd(4)}  ${plainInLine(text)}`),
      ...(typeof room?.["note"] === "string" && room["note"] !== ""
        ? [`  note: ${plainInLine(room["note"])}`]
        : []),
    ]),
  ].join("\n");
}

function cellsOf({ name, room, figures }: RoomView): readonly string[] {
  const { present, far, inside, capacity, admittedPerMinute, admitPerMinute, waitSeconds } = figures;
  const of = (value: unknown, most: unknown) =>
    most === undefined ? numberText(value) : `${numberText(value)} of ${numberText(most)}`;
  return [
    plainInLine(name),
    typeof room?.["mode"] === "string" ? plainInLine(room["mode"]) : "not known",
    numberText(present),
    numberText(far),
    of(inside, capacity),
    of(admittedPerMinute, admitPerMinute),
    durationText(waitSeconds),
    numberText(room?.["revision"]),
  ];
}

function numberText(value: unknown): string {
  return typeof value === "number" ? String(value) : "-";
}

function durationText(seconds: unknown): string {
  if (typeof seconds !== "number") return "-";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}
