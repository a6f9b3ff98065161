/** What is asked, as the script reads it: words with blanks between them, and last what may be any text. */

import { limitNames } from "../../machine/mod.ts";
import type { Batch } from "../store.ts";

type Command = Batch["commands"][number];
type Limits = Batch["room"]["limits"];

/** The arguments of a batch, without the time. */
export function argumentsOf({ room, seen, report, commands }: Batch): readonly string[] {
  const { since, limits, autotune, opensAt, closesAt, order, priority, note } = room;
  return [
    `${since} ${limitsOf(limits)} ${wordsOf(autotune, autotuneNames)} ${opensAt} ${closesAt} ${
      wordOf(order)
    } ${wordOf(priority?.weight)} ${note}`,
    seen === undefined ? "" : seenOf(seen),
    report === undefined ? "" : wordsOf(report, reportNames),
    ...commands.map(commandOf),
  ];
}

function limitsOf(limits: Partial<Limits>): string {
  return wordsOf(limits, limitNames);
}

const autotuneNames = ["targetMs", "maxErrorRate", "min", "max"] as const;
const laneNames = ["weight", "issued", "frontier", "passed", "lapseLine", "admitted"] as const;
const reportNames = ["visitors", "timed", "sumMs", "errors"] as const;
const tunedNames = ["at", "why", "from", "visitors", "meanMs", "errorRate", "used", "heldSince"] as const;

function wordsOf<K extends string>(
  values: { readonly [N in K]?: number | string } | undefined,
  names: readonly K[],
): string {
  return names.map((name) => wordOf(values?.[name])).join(" ");
}

function seenOf(seen: NonNullable<Batch["seen"]>): string {
  const { epoch, revision, issued, frontier, passed, admitted, renewed, now, lapseLine, sessions, ghosts } =
    seen;
  const { mode, limits, opensAt, closesAt, openedAt, tuned, note } = seen;
  const { priority } = seen;
  // One word, which is looked into where it is more than a hyphen.
  const lane = priority === undefined ? "-" : laneNames.map((name) => priority[name]).join(",");
  const { order, commitment, committedFor, registered, drawnBy, beacon } = seen;
  const compared = [epoch, revision, issued, frontier, passed, admitted, renewed, now, lane];
  const times = [opensAt, closesAt, openedAt];
  const others = [lapseLine, sessions, ghosts, mode, limitsOf(limits), ...times, wordsOf(tuned, tunedNames)];
  const lottery = [order, `=${commitment}`, committedFor, registered, `=${drawnBy}`, `=${beacon}`];
  return [...compared, ...others, ...lottery, note].join(" ");
}

function commandOf(command: Command): string {
  switch (command.do) {
    case "enter": {
      const { isIdentity, isPriority, bypasses, servesPage, tag } = command;
      return `e ${[isIdentity, isPriority, bypasses, servesPage].map(flagOf).join("")} ${tag}`;
    }
    case "checkIn": {
      const { epoch, number, issuedAt, isHidden, servesPage, isRegistration, tag } = command;
      const flags = flagsOf(isHidden, servesPage, isRegistration);
      return `c ${epoch} ${number} ${issuedAt} ${flags} ${tag}`;
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
      const { limits = {}, mode, opensAt, closesAt, autotune, dropsLine, note, commit, draw } =
        command.change;
      const tunes = autotune === undefined ? undefined : flagOf(autotune);
      const words = [command.revision, mode, opensAt, closesAt, tunes].map(wordOf).join(" ");
      const lottery = [commit?.commitment, commit?.opensAt, draw?.epoch, draw?.registered, draw?.drawnBy].map(
        wordOf,
      );
      return `m ${limitsOf(limits)} ${words} ${flagOf(dropsLine)} ${lottery.join(" ")} =${
        draw?.beacon ?? ""
      } ${flagOf(note !== undefined)} ${note ?? ""}`;
    }
  }
}

function wordOf(value: number | string | undefined): string {
  return value === undefined ? "-" : String(value);
}

function flagsOf(...values: readonly (boolean | undefined)[]): string {
  return values.map(flagOf).join(" ");
}

function flagOf(value: boolean | undefined): string {
  return value === true ? "1" : "0";
}
