import {
  mean,
  type PartialWorld,
  quantile,
  type Result,
  simulate,
  worldOf,
} from "../../plugins/waiting-room/simulation/mod.ts";
import type { SaleOptions } from "./command.ts";

/** What was in a part of the time. */
export interface Row {
  readonly minute: number;
  /** How many people wait, and how many of them are called and there. */
  readonly waiting: number;
  readonly present: number;
  readonly inside: number;
  readonly admittedPerMinute: number;
}

/** What became of an on-sale. */
export interface Sale {
  readonly options: SaleOptions;
  readonly seed: number;
  readonly simulatedMinutes: number;
  readonly admitted: number;
  readonly waiting: number;
  /** After how many minutes the last one is let in; `null` where that never comes. */
  readonly lastAfterMinutes: number | null;
  /** Whether that was seen, or reckoned from the pace of the last minutes. */
  readonly isSeen: boolean;
  readonly peak: { readonly waiting: number; readonly present: number; readonly inside: number };
  /** How long those waited who came and were let in, in minutes; `null` where nobody was. */
  readonly waitedMinutes: { readonly median: number; readonly p90: number } | null;
  /** How much the store was asked. */
  readonly store: {
    readonly calls: number;
    readonly perSecond: number;
    readonly mostPerSecond: number;
    /** Joins and check-ins for one admission, but for the first joins. */
    readonly checkInsPerAdmission: number;
    readonly mostEntries: number;
  };
  /** How often the status is looked at by pages that are far from the front, at most; a cache answers those. */
  readonly looksPerSecond: number;
  readonly violations: Readonly<Record<string, number>>;
  readonly rows: readonly Row[];
}

const mostRows = 24;

/** Simulates an on-sale, and tells how many minutes of how many at most are over. */
export function simulateSale(
  options: SaleOptions,
  seed: number,
  tell: (minutes: number, most: number) => void = () => {},
): Sale {
  const world = worldOf(worldOfSale(options, seed));
  const result = simulate(world, ({ at }) => tell(at / 60, world.durationMs / 60_000));
  const { seconds, calls, fates, waits } = result;
  const stays = options.stay / 100;
  const people = (far: number, called: number) => Math.round(far * stays + called);
  const last = seconds.at(-1);
  const waiting = last === undefined ? 0 : people(last.far, last.present + last.asleep);
  const minutes = result.endedMs / 60_000;
  const isSeen = result.left === 0;
  const pace = 60 * mean(seconds.slice(-300).map(({ admitted }) => admitted));
  const most = (values: readonly number[]) => values.reduce((one, other) => Math.max(one, other), 0);
  return {
    options,
    seed,
    simulatedMinutes: minutes,
    admitted: fates.admitted,
    waiting,
    lastAfterMinutes: isSeen ? minutes : pace > 0 ? minutes + waiting / pace : null,
    isSeen,
    peak: {
      waiting: most(seconds.map(({ far, present, asleep }) => people(far, present + asleep))),
      present: most(seconds.map(({ present }) => present)),
      inside: most(seconds.map(({ sessions }) => sessions)),
    },
    waitedMinutes: waits.length === 0
      ? null
      : { median: quantile(waits, 0.5) / 60_000, p90: quantile(waits, 0.9) / 60_000 },
    store: {
      calls: calls.batches,
      perSecond: calls.batches / (result.endedMs / 1000),
      mostPerSecond: most(calls.bySecond.map((count) => count ?? 0)),
      checkInsPerAdmission: fates.admitted === 0 ? 0 : calls.checkIn / fates.admitted,
      mostEntries: most(seconds.map(({ present, asleep, sessions }) => present + asleep + sessions)),
    },
    looksPerSecond: most(seconds.map(({ looks }) => looks)),
    violations: { ...result.violations },
    rows: rowsOf(result, people),
  };
}

function worldOfSale(options: SaleOptions, seed: number): PartialWorld {
  const { people, within, rate, capacity, session, inside, burst, stay, hidden, suspended, nodes, minutes } =
    options;
  const isThere = within === 0;
  return {
    seed,
    nodes,
    durationMs: minutes * 60_000 + (isThere ? 60_000 : 0),
    endsEmpty: true,
    mode: isThere ? "scheduled" : "open",
    limits: {
      admitPerMinute: rate,
      burstSeconds: burst,
      capacity: capacity ?? -1,
      sessionMs: session * 60_000,
    },
    crowd: {
      waiting: isThere ? people : 0,
      arrivals: isThere ? undefined : () => people / (within * 60),
      mostArrivals: people,
      stays: stay / 100,
      hidden: hidden / 100,
      suspended: suspended / 100,
      patienceMs: Number.POSITIVE_INFINITY,
      stayMs: inside * 60_000,
    },
  };
}

function rowsOf({ seconds }: Result, people: (far: number, called: number) => number): readonly Row[] {
  const each = Math.max(60, Math.ceil(seconds.length / mostRows / 60) * 60);
  const rows: Row[] = [];
  for (let at = 0; at < seconds.length; at += each) {
    const part = seconds.slice(at, at + each);
    const last = part[part.length - 1];
    if (last === undefined) break;
    rows.push({
      minute: Math.round(last.at / 6) / 10,
      waiting: people(last.far, last.present + last.asleep),
      present: last.present,
      inside: last.sessions,
      admittedPerMinute: Math.round(60 * mean(part.map(({ admitted }) => admitted))),
    });
  }
  return rows;
}
