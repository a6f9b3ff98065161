/** What is asked, as the script reads it: words with blanks between them, and last what may be any text. */

import type { Batch } from "../store.ts";

type Command = Batch["commands"][number];
type Limits = Batch["room"]["limits"];

/** The arguments of a batch, without the time. */
export function argumentsOf({ room, seen, commands }: Batch): readonly string[] {
  return [
    `${room.since} ${limitsOf(room.limits)} ${room.opensAt} ${room.closesAt} ${room.note}`,
    seen === undefined ? "" : seenOf(seen),
    ...commands.map(commandOf),
  ];
}

function limitsOf(limits: Partial<Limits>): string {
  const { admitPerMinute, burstSeconds, capacity, sessionMs, returnMs, recovery } = limits;
  return [admitPerMinute, burstSeconds, capacity, sessionMs, returnMs, recovery].map(wordOf).join(" ");
}

function seenOf(seen: NonNullable<Batch["seen"]>): string {
  const { epoch, revision, issued, frontier, passed, admitted, renewed, now, lapseLine, sessions, ghosts } =
    seen;
  const { mode, limits, opensAt, closesAt, openedAt, note } = seen;
  const compared = [epoch, revision, issued, frontier, passed, admitted, renewed, now];
  const others = [lapseLine, sessions, ghosts, mode, limitsOf(limits), opensAt, closesAt, openedAt];
  return [...compared, ...others, note].join(" ");
}

function commandOf(command: Command): string {
  switch (command.do) {
    case "enter":
      return `e ${flagOf(command.isIdentity)} ${flagOf(command.servesPage)} ${command.tag}`;
    case "checkIn": {
      const { epoch, number, issuedAt, isHidden, servesPage, tag } = command;
      return `c ${epoch} ${number} ${issuedAt} ${flagOf(isHidden)} ${flagOf(servesPage)} ${tag}`;
    }
    case "renew": {
      const { epoch, number, issuedAt, until, latest, isLatePost, tag } = command;
      return `r ${epoch} ${number} ${issuedAt} ${until} ${latest} ${flagOf(command.extends)} ${
        flagOf(isLatePost)
      } ${tag}`;
    }
    case "leave":
      return `l ${command.number} ${command.tag}`;
    case "control": {
      const { limits = {}, mode, opensAt, closesAt, dropsLine, note } = command.change;
      const words = [command.revision, mode, opensAt, closesAt].map(wordOf).join(" ");
      return `m ${limitsOf(limits)} ${words} ${flagOf(dropsLine)} ${flagOf(note !== undefined)} ${
        note ?? ""
      }`;
    }
  }
}

function wordOf(value: number | string | undefined): string {
  return value === undefined ? "-" : String(value);
}

function flagOf(value: boolean | undefined): string {
  return value === true ? "1" : "0";
}
