import type { Figure } from "../../plugins/waiting-room/simulation/mod.ts";
import type { Row, Sale } from "./sale.ts";

const barWidth = 30;

/** What became of an on-sale, for people. */
export function printSale(sale: Sale): string {
  const { options, peak, store, waitedMinutes } = sale;
  const { people, within, rate, capacity, stay, hidden, suspended } = options;
  const come = within === 0 ? "are there at the opening, after one minute" : `come within ${numeral(within)} min`;
  const broken = Object.entries(sale.violations).filter(([, count]) => count > 0);
  return [
    `${numeral(people)} people ${come}. ${numeral(rate)} a minute are let in${
      capacity === undefined ? "" : `, and at most ${numeral(capacity)} are inside`
    }.`,
    `${numeral(stay)} % are still there at their turn; ${numeral(hidden)} % of those have a hidden page, ${
      numeral(suspended)
    } % a device that sleeps.`,
    "",
    ...chart(sale.rows),
    "",
    `How long         ${howLong(sale)}`,
    ...(waitedMinutes === null ? [] : [
      `                 Who was let in by then had waited ${duration(waitedMinutes.median)} (median), ${
        duration(waitedMinutes.p90)
      } (nine of ten at most).`,
    ]),
    `At most          ${numeral(peak.waiting)} wait, ${numeral(peak.present)} of them at the front; ${
      numeral(peak.inside)
    } are inside.`,
    `The store        ${numeral(store.calls)} calls, ${numeral(store.perSecond)} a second and never more than ${
      numeral(store.mostPerSecond)
    };`,
    `                 ${numeral(store.checkInsPerAdmission)} check-ins for one admission; it knows at most ${
      numeral(store.mostEntries)
    } people one by one.`,
    `The status       at most ${numeral(sale.looksPerSecond)} looks a second by those who are far, which a cache answers.`,
    broken.length === 0
      ? "At the door      never more than the limits, nobody out of order, nobody twice."
      : `At the door      FAILED: ${broken.map(([name, count]) => `${name} ${count}`).join(", ")}`,
    "",
    `Seed ${sale.seed}: the same again with --seed ${sale.seed}.`,
  ].join("\n");
}

function howLong({ isSeen, lastAfterMinutes, simulatedMinutes, admitted, waiting }: Sale): string {
  if (isSeen && lastAfterMinutes !== null) {
    return `The last one is let in after ${duration(lastAfterMinutes)}; ${numeral(admitted)} are.`;
  }
  const so = `After ${duration(simulatedMinutes)} ${numeral(admitted)} are in and ${numeral(waiting)} wait.`;
  return lastAfterMinutes === null
    ? `${so} Nobody was let in lately, so there is no telling.`
    : `${so} At this pace the last one is let in after ${duration(lastAfterMinutes)}.`;
}

function chart(rows: readonly Row[]): readonly string[] {
  const most = Math.max(1, ...rows.map(({ waiting }) => waiting));
  const column = (value: number | string, width: number) =>
    (typeof value === "number" ? numeral(value) : value).padStart(width);
  const head = `${column("minute", 7)}  ${"waiting".padEnd(barWidth)} ${column("", 11)}${column("front", 9)}${
    column("inside", 9)
  }${column("let in/min", 12)}`;
  return [
    head,
    ...rows.map(({ minute, waiting, present, inside, admittedPerMinute }) =>
      `${column(minute, 7)}  ${"#".repeat(Math.round(barWidth * waiting / most)).padEnd(barWidth)} ${
        column(waiting, 11)
      }${column(present, 9)}${column(inside, 9)}${column(admittedPerMinute, 12)}`
    ),
  ];
}

/** A figure of a scenario, on one line. */
export function printFigure({ name, value, bound, isAtMost, ok }: Figure): string {
  const shown = `${numeral(value).padStart(10)} ${isAtMost ? "≤" : "≥"} ${numeral(bound)}`;
  return `  ${(ok ? "ok" : "FAILED").padEnd(6)}  ${shown.padEnd(26)} ${name}`;
}

/** A number as people write it: whole where it is large. */
export function numeral(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "none" : "any";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 4;
  const [whole = "", rest] = String(Number(value.toFixed(digits))).split(".");
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}

function duration(minutes: number): string {
  if (minutes < 1) return `${Math.round(minutes * 60)} s`;
  const whole = Math.round(minutes);
  if (whole < 60) return `${whole} min`;
  return `${numeral(Math.floor(whole / 60))} h ${whole % 60} min`;
}
