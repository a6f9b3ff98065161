/** All words of the page of a lottery. `%1` and `%2` stand for what is put in, which comes as text already. */

import type { DrawnBy } from "../lottery/mod.ts";

/** What the page says, for one language. */
export interface LotteryTexts {
  readonly heading: string;
  /** What is so, by how the order was decided. */
  readonly leads: Readonly<Record<DrawnBy | "undrawn", string>>;
  readonly commitment: string;
  readonly registered: string;
  readonly beacon: string;
  readonly secret: string;
  /** Instead of what is not known yet, what is told from a time on, and what there is not. */
  readonly notYet: string;
  readonly from: string;
  readonly none: string;
  /** `%1` is the number, `%2` the place. */
  readonly ownNumber: string;
  readonly ownPlace: string;
  readonly number: string;
  readonly compute: string;
  readonly verify: string;
  /** What the script says: `%1` is the number, `%2` the place. */
  readonly answers: Readonly<Record<"place" | "late" | "number" | "broken" | "unable", string>>;
}

/** English. */
export const englishLottery: LotteryTexts = {
  heading: "How the order is drawn",
  leads: {
    undrawn:
      "Whoever registers in time has the same chance, early or late. The order is drawn when registration is closed, by a secret that was " +
      "fixed before, and by a number from outside that nobody knows yet.",
    beacon:
      "The order was drawn by a secret that was fixed before anybody registered, and by a number from outside that nobody knew until " +
      "registration was closed. Nobody could choose, not even the owner of this site.",
    committed:
      "The order was drawn by a secret that was fixed before anybody registered. That is verifiable against everyone but the owner of " +
      "this site, who knew the secret.",
    arrival: "The order could not be drawn this time. Everybody kept the order in which they registered.",
  },
  commitment: "Published from the start: the fingerprint of the secret",
  registered: "How many registered",
  beacon: "The number from outside",
  secret: "The secret",
  notYet: "not known yet",
  from: "not told before %1",
  none: "none",
  ownNumber: "You are registered, with number %1.",
  ownPlace: "You registered with number %1, and place %2 was drawn for you.",
  number: "A registered number",
  compute: "Compute its place again",
  verify:
    "You need not believe this page: with these facts anybody can compute every place, by the command “npx stanchion lottery verify” or " +
    "by a program of their own.",
  answers: {
    place: "Number %1 has place %2. The secret is the one that was fixed before.",
    late: "Number %1 came after registration was closed, and has place %2.",
    number: "Please type a whole number, from 1 on.",
    broken: "The secret is not the one that was fixed before. This order proves nothing.",
    unable: "This browser cannot compute it here. It can on pages that are encrypted.",
  },
};
