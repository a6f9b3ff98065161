import { beaconMust, isBeacon, isCommitment } from "../../plugins/waiting-room/lottery/mod.ts";
import {
  meant,
  numberOf,
  type Options,
  type Token,
  UsageError,
  type Values,
  valuesOf,
} from "../arguments.ts";
import { type KeySource, keySourceOf } from "../keys.ts";

/** `stanchion lottery verify`. */
export interface LotteryCommand {
  readonly name: "lottery";
  /** Where the facts are that a room published: a file, `-` for the standard input, or an address. */
  readonly from: string | undefined;
  /** What somebody knows of the draw from elsewhere. */
  readonly commitment: string | undefined;
  readonly secret: KeySource;
  readonly beacon: string | undefined;
  readonly people: number | undefined;
  /** The numbers whose places are wanted, and what the only one of them is said to have. */
  readonly numbers: readonly number[];
  readonly place: number | undefined;
  readonly timeoutMs: number;
  readonly json: boolean;
}

const text = { type: "string" } as const;

/** The options of the lottery, for whoever takes a command line apart. */
export const lotteryOptions: Options = {
  from: text,
  commitment: text,
  secret: text,
  "secret-file": text,
  beacon: text,
  people: text,
  number: { type: "string", multiple: true },
  place: text,
  "timeout-ms": text,
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
};

/** The most people that a lottery may have. */
const most = 2 ** 52;

/**
 * Reads the command line of the lottery.
 *
 * @param words What stands behind `lottery` without an option.
 * @throws {UsageError} When the arguments are wrong.
 */
export function parseLottery(tokens: readonly Token[], [what, extra]: readonly string[]): LotteryCommand {
  if (what === undefined) throw new UsageError("What about the lottery? stanchion lottery verify");
  if (what !== "verify") {
    throw new UsageError(`lottery has no command "${what}"${meant(what, ["verify"], "")}`);
  }
  const values = valuesOf(tokens, lotteryOptions, "lottery verify");
  if (extra !== undefined) {
    const hint = /^https?:|\.json$/.test(extra) ? `; did you mean --from ${extra}?` : "";
    throw new UsageError(`What is "${extra}"?${hint}`);
  }
  const command = {
    name: "lottery",
    from: values["from"]?.[0],
    commitment: commitmentOf(values),
    secret: keySourceOf(values, "secret", { variable: "STANCHION_LOTTERY_SECRET", isSecret: false }),
    beacon: beaconOf(values),
    people: countOf(values, "people", 0),
    numbers: (values["number"] ?? []).map((number) => countOf({ number: [number] }, "number", 1) ?? 0),
    place: countOf(values, "place", 1),
    timeoutMs: numberOf(values, "timeout-ms", { usual: 5000, least: 100, most: 60_000, isWhole: true }),
    json: values["json"] !== undefined,
  } as const;
  complete(command);
  return command;
}

/** Refuses what leaves something open. */
function complete({ from, commitment, beacon, people, place, numbers }: LotteryCommand): void {
  if (place !== undefined && numbers.length !== 1) {
    throw new UsageError("--place is that of one number: give --number once");
  }
  if (from !== undefined) return;
  const missing = [
    ...(commitment === undefined ? ["--commitment"] : []),
    ...(beacon === undefined ? ["--beacon (empty where there was none)"] : []),
    ...(people === undefined ? ["--people"] : []),
  ];
  if (missing.length > 0) {
    throw new UsageError(
      `Which draw? --from <address or file> of what the room published, or all of it by hand; ${
        missing.join(", ")
      } ${missing.length === 1 ? "is" : "are"} missing`,
    );
  }
}

function commitmentOf(values: Values): string | undefined {
  const given = values["commitment"]?.[0]?.trim().toLowerCase();
  if (given === undefined || isCommitment(given)) return given;
  throw new UsageError("--commitment must be 64 hexadecimal digits, as the room publishes it");
}

function beaconOf(values: Values): string | undefined {
  const given = values["beacon"]?.[0]?.trim();
  if (given === undefined || given === "" || isBeacon(given)) return given;
  throw new UsageError(`--beacon must be ${beaconMust}, or empty where the order was drawn without one`);
}

function countOf(values: Values, name: string, least: number): number | undefined {
  if (values[name] === undefined) return undefined;
  return numberOf(values, name, { usual: least, least, most, isWhole: true });
}
