/** What a room publishes of its lottery, for everybody to check. */

import type { DrawnBy } from "../machine/mod.ts";

/** What is published. Times are texts such as `2027-03-01T09:00:00.000Z`; what is not known yet, or not told yet, is `null`. */
export interface LotteryFacts {
  /** The form of this document: fields are only ever added. */
  readonly form: 1;
  /** The name of the room. */
  readonly room: string;
  /** Which line it is: one that was dropped made room for the next. */
  readonly epoch: number;
  /** When the room opens, or opened; from then on the secret is told. */
  readonly opensAt: string | null;
  /** When registration closes, or closed. */
  readonly closesAt: string | null;
  /** Told from the start: SHA-256 of the secret; `""` before the room was asked for anything. */
  readonly commitment: string;
  /** How many registered, once registration is closed. */
  readonly registered: number | null;
  /** How the order was decided, once it is. */
  readonly drawnBy: DrawnBy | null;
  /** What nobody knew while people registered; `""` where the order was decided without one. */
  readonly beacon: string | null;
  readonly secret: string | null;
}

/** The longest beacon, in characters. */
export const longestBeacon = 200;

/** What a beacon has to be, for messages. */
export const beaconMust: string =
  `a text of 1 to ${longestBeacon} printable characters of ASCII without blanks`;

/** Whether a text may be a beacon: one that everybody can write down and type again without a doubt. */
export function isBeacon(value: unknown): value is string {
  return typeof value === "string" && value.length <= longestBeacon && /^[!-~]+$/.test(value);
}

/** What is checked of each field, and how that is said. */
const fields: readonly [name: keyof LotteryFacts, isFine: (value: unknown) => boolean, must: string][] = [
  ["form", (value) => value === 1, "1: a younger version wrote it otherwise"],
  [
    "room",
    (value) => typeof value === "string" && /^[a-z0-9][a-z0-9-]{0,31}$/.test(value),
    "the name of a room",
  ],
  ["epoch", isCount, "a whole number"],
  ["opensAt", orNull(isTime), "a time, or null"],
  ["closesAt", orNull(isTime), "a time, or null"],
  ["commitment", (value) => value === "" || isCommitment(value), "64 hexadecimal digits"],
  ["registered", orNull(isCount), "a whole number, or null"],
  [
    "drawnBy",
    orNull((value) => value === "beacon" || value === "committed" || value === "arrival"),
    'null, "beacon", "committed" or "arrival"',
  ],
  ["beacon", orNull((value) => value === "" || isBeacon(value)), `null, "" or ${beaconMust}`],
  [
    "secret",
    orNull((value) => typeof value === "string" && value !== "" && value.length <= 4096),
    "a text, or null",
  ],
];

/** Whether a text may be a commitment. */
export function isCommitment(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

/**
 * Reads what a room published.
 *
 * @returns The facts, or what is wrong with them.
 */
export function readFacts(text: string): LotteryFacts | { readonly fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: "it is no JSON" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { fault: "it is no object of JSON" };
  }
  const found = new Map<string, unknown>(Object.entries(value));
  for (const [name, isFine, must] of fields) {
    if (!isFine(found.get(name))) return { fault: `its "${name}" must be ${must}` };
  }
  // Each field was looked at.
  return value as LotteryFacts;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && value.length <= 30 && !Number.isNaN(Date.parse(value));
}

function orNull(isFine: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === null || isFine(value);
}
