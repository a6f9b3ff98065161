import {
  commitmentOf,
  createDraw,
  type Draw,
  type DrawnBy,
  type LotteryFacts,
} from "../../plugins/waiting-room/lottery/mod.ts";
import { counted } from "../print.ts";

/** What is known of a draw: what the room published, or what somebody typed. */
export type Known = Pick<
  LotteryFacts,
  "commitment" | "registered" | "drawnBy" | "beacon" | "secret" | "opensAt"
>;

/** What somebody knows of it from elsewhere, and holds against it. */
export interface Held {
  readonly commitment: string | undefined;
  readonly beacon: string | undefined;
  readonly people: number | undefined;
  readonly numbers: readonly number[];
  readonly place: number | undefined;
}

/** One thing that was looked at. */
export interface Look {
  /** `open` for what cannot be known yet, or not from here. */
  readonly is: "right" | "wrong" | "open";
  readonly says: string;
}

/** What was found. */
export interface Verified {
  /** Whether all is right, and nothing is left open that had to be known. */
  readonly ok: boolean;
  readonly looks: readonly Look[];
  readonly places: readonly { readonly number: number; readonly place: number }[];
}

/** Recomputes a draw, and compares. */
export function verify(known: Known, held: Held): Verified {
  const { commitment, registered, drawnBy, beacon, secret } = known;
  const looks = [
    ...compared("commitment", held.commitment, commitment),
    ...compared("beacon", held.beacon, beacon ?? undefined),
    ...compared("number of people", held.people?.toString(), registered?.toString()),
    secretLook(known),
  ];
  const isOpen = registered === null || drawnBy === null || beacon === null || secret === null;
  if (isOpen) return { ok: false, looks: [...looks, ...openLooks(known)], places: [] };
  const draw = drawnBy === "arrival" ? undefined : createDraw({ secret, beacon, count: registered });
  looks.push(drawnLook(drawnBy, beacon, registered));
  const places = held.numbers.filter((number) => number <= registered)
    .map((number) => ({ number, place: placeIn(draw, number) }));
  looks.push(...placeLooks(held, registered, places));
  return { ok: looks.every(({ is }) => is !== "wrong"), looks, places };
}

function placeIn(draw: Draw | undefined, number: number): number {
  return draw === undefined ? number : draw.placeOf(number);
}

function compared(what: string, held: string | undefined, told: string | undefined): readonly Look[] {
  if (held === undefined || told === undefined) return [];
  return held === told ? [{ is: "right", says: `The ${what} is the one that you gave.` }] : [{
    is: "wrong",
    says: `The room tells another ${what} than the one that you gave: ${told || "none"}.`,
  }];
}

function secretLook({ commitment, secret, opensAt }: Known): Look {
  if (secret === null) {
    const when = opensAt === null ? "when the room opens" : `from ${opensAt} on`;
    return { is: "open", says: `The secret is not told yet: it is ${when}. Try again then.` };
  }
  const found = commitmentOf(secret);
  if (found === commitment) return { is: "right", says: "The secret is the one that was committed to." };
  return {
    is: "wrong",
    says:
      `The secret is not the one that was committed to: its commitment is ${found}, and ${commitment} was ` +
      "published. Whoever told it could choose among secrets, so this order proves nothing.",
  };
}

function openLooks({ registered, drawnBy }: Known): readonly Look[] {
  if (registered === null) return [{ is: "open", says: "Registration is not closed yet." }];
  return drawnBy === null ? [{ is: "open", says: "The order is not drawn yet." }] : [];
}

function drawnLook(drawnBy: DrawnBy, beacon: string, registered: number): Look {
  const people = counted(registered, "number");
  switch (drawnBy) {
    case "beacon":
      return {
        is: "right",
        says: `The order of the ${people} follows from the secret and the beacon ${beacon}. ` +
          "Compare that with what was published where the beacon comes from: then nobody could choose, not even the owner.",
      };
    case "committed":
      return {
        is: "right",
        says: `The order of the ${people} follows from the secret alone. ` +
          "Nobody could choose but the owner, who knew the secret while people registered.",
      };
    case "arrival":
      return {
        is: "right",
        says:
          `The ${people} kept the order of the registrations: there was no beacon, and the owner had said so for that case.`,
      };
  }
}

function placeLooks(
  { numbers, place }: Held,
  registered: number,
  places: Verified["places"],
): readonly Look[] {
  const late = numbers.filter((number) => number > registered).map((number): Look => ({
    is: place === undefined || place === number ? "right" : "wrong",
    says: `Number ${number} came after registration was closed, and has place ${number}.`,
  }));
  const found = places.map(({ number, place: right }): Look =>
    place === undefined || place === right
      ? { is: "right", says: `Number ${number} has place ${right}.` }
      : { is: "wrong", says: `Number ${number} has place ${right}, and not ${place}.` }
  );
  return [...found, ...late];
}
