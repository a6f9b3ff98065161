/** What is asked, as the script reads it: words with blanks between them, and last what may be any text. */

import type { Batch } from "../store.ts";

type Command = Batch["commands"][number];
type Limits = Batch["room"]["limits"];

/** The arguments of a batch, without the time. */
export function argumentsOf({ room, seen, commands }: Batch): readonly string[] {
  return [
    `${limitsOf(room.limits)} ${room.opensAt} ${room.closesAt} ${room.since} ${room.note}`,
    seen === undefined ? "" : seenOf(seen),
    ...commands.map(commandOf),
  ];
}

function limitsOf(limits: Partial<Limits>): string {
  const { admitPerMinute, burstSeconds, capacity, sessionMs, returnMs, recovery } = limits;
  return [admitPerMinute, burstSeconds, capacity, sessionMs, returnMs, recovery].map(wordOf).join(" ");
}

function seenOf(seen: NonNullable<Batch["seen"]>): string {
  const { epoch, revision, now, issued, frontier, passed, lapseLine, admitted, sessions, ghosts } = seen;
  const { limits, mode, opensAt, closesAt, openedAt, note } = seen;
  const numbers = [epoch, revision, now, issued, frontier, passed, lapseLine, admitted, sessions, ghosts];
  return [limitsOf(limits), ...numbers, mode, opensAt, closesAt, openedAt, note].join(" ");
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
