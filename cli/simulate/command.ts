import { scenarios } from "../../plugins/waiting-room/simulation/mod.ts";
import { meant, numberOf, type Options, type Token, UsageError, valuesOf } from "../arguments.ts";

/** How many people come, or are let in, one after the other at most: each of them takes time, and a place in memory. */
const mostOneByOne = 10_000_000;

/** The names of the scenarios. */
const scenarioNames: readonly string[] = scenarios.map(({ name }) => name);

/** What is simulated of an on-sale. */
export interface SaleOptions {
  readonly people: number;
  /** Within how many minutes they come; 0 for all of them being there at the opening. */
  readonly within: number;
  /** Admissions a minute. */
  readonly rate: number;
  /** How many may be inside; `undefined` for no limit. */
  readonly capacity: number | undefined;
  /** How long a pass is good without a request, in minutes, and how long people stay on average. */
  readonly session: number;
  readonly inside: number;
  /** For how many seconds admissions are saved up. */
  readonly burst: number;
  /** Percentages: of who is still there at the turn, of hidden pages, and of devices that sleep. */
  readonly stay: number;
  readonly hidden: number;
  readonly suspended: number;
  readonly nodes: number;
  /** How many minutes are simulated at most. */
  readonly minutes: number;
}

/** `stanchion simulate`. */
export type SimulateCommand =
  & { readonly name: "simulate"; readonly seed: number; readonly json: boolean }
  & (
    | { readonly what: "sale"; readonly sale: SaleOptions }
    | { readonly what: "scenario"; readonly scenario: string; readonly isQuick: boolean }
  );

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

const saleOptions = {
  people: text,
  within: text,
  rate: text,
  capacity: text,
  session: text,
  inside: text,
  burst: text,
  stay: text,
  hidden: text,
  suspended: text,
  nodes: text,
  minutes: text,
} as const satisfies Options;

/** The options of the simulation, for whoever takes a command line apart. */
export const simulateOptions: Options = {
  ...saleOptions,
  scenario: text,
  quick: flag,
  seed: text,
  json: flag,
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
};

/**
 * Reads the command line of the simulation.
 *
 * @param words What stands behind `simulate` without an option.
 * @throws {UsageError} When the arguments are wrong.
 */
export function parseSimulate(tokens: readonly Token[], words: readonly string[]): SimulateCommand {
  const values = valuesOf(tokens, simulateOptions, "simulate");
  const [extra] = words;
  if (extra !== undefined) {
    throw new UsageError(
      `What is "${extra}"? simulate takes options only, such as --people 1000000, --rate 600 or --scenario list`,
    );
  }
  const number = (name: string, usual: number, least: number, most: number, isWhole = false) =>
    numberOf(values, name, { usual, least, most, isWhole });
  const common = {
    name: "simulate",
    seed: number("seed", 1, 0, Number.MAX_SAFE_INTEGER, true),
    json: values["json"] !== undefined,
  } as const;
  const isQuick = values["quick"] !== undefined;
  const scenario = values["scenario"]?.[0];
  if (scenario !== undefined) {
    const wrong = Object.keys(saleOptions).find((name) => values[name] !== undefined);
    if (wrong !== undefined) {
      throw new UsageError(
        `A scenario has its own crowd and limits: --${wrong} and --scenario exclude each other`,
      );
    }
    if (!["all", "list", ...scenarioNames].includes(scenario)) {
      throw new UsageError(
        `There is no scenario "${scenario}"${meant(scenario, ["all", "list", ...scenarioNames], "")}`,
      );
    }
    return { ...common, what: "scenario", scenario, isQuick };
  }
  if (isQuick) throw new UsageError("--quick goes with --scenario");
  const capacity = values["capacity"] === undefined ? undefined : number("capacity", 0, 1, 1_000_000, true);
  // As for a room with a capacity alone.
  const rate = capacity === undefined ? 600 : Math.max(60, capacity);
  return {
    ...common,
    what: "sale",
    sale: bounded({
      people: number("people", 100_000, 1, 100_000_000, true),
      within: number("within", 0, 0, 100_000),
      rate: number("rate", rate, 0.01, 600_000),
      capacity,
      session: number("session", 15, 1, 1440),
      inside: number("inside", 5, 0.1, 1440),
      burst: number("burst", 3, 0, 60),
      stay: number("stay", 60, 0, 100),
      hidden: number("hidden", 25, 0, 100),
      suspended: number("suspended", 10, 0, 100),
      nodes: number("nodes", 8, 1, 1000, true),
      minutes: number("minutes", 60, 1, 100_000),
    }),
  };
}

/** Refuses what would take hours, and more memory than there is. */
function bounded(sale: SaleOptions): SaleOptions {
  const { people, within, minutes, rate, stay } = sale;
  const come = within === 0 ? 0 : Math.round(people * Math.min(1, minutes / within));
  if (come > mostOneByOne) {
    throw new UsageError(
      `In ${minutes} minutes ${come} people would come one after the other, and at most ${mostOneByOne} can be simulated: take fewer --people or --minutes, or --within 0, where all of them are there at the opening`,
    );
  }
  const enter = Math.round(Math.min(people * stay / 100, rate * minutes));
  if (enter > mostOneByOne) {
    throw new UsageError(
      `In ${minutes} minutes ${enter} people might be let in, and at most ${mostOneByOne} can be simulated: take fewer --minutes, from which the rest is reckoned`,
    );
  }
  return sale;
}
