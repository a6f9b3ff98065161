/** What the tests of tickets and passes share. */

import fc from "../../../support/random-cases.ts";
import type { Pass, Proof, Ticket } from "../../../../plugins/waiting-room/tickets/mod.ts";

export const now: number = Date.parse("2027-03-01T09:00:00Z");
export const key = "the first key of these tests, of 40 bytes";
export const otherKey = "another key of these tests, of 40 bytes!";

export const ticket: Ticket = {
  kind: "ticket",
  epoch: 1,
  number: 4711,
  tag: "abCD_-09",
  issuedAt: now,
  notBefore: 0,
};

export const pass: Pass = {
  kind: "pass",
  epoch: 1,
  number: 4711,
  tag: "abCD_-09",
  issuedAt: now,
  until: now + 900_000,
  check: now + 60_000,
  since: now,
  isClaim: false,
  isLate: false,
};

const number = fc.oneof(
  fc.maxSafeNat(),
  fc.constantFrom(0, 1, 31, 32, 2 ** 32, 2 ** 40, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER),
);
const tag = fc.stringMatching(/^[\w-]{1,22}$/);

/** Any ticket or pass that there can be. */
export const proofs: fc.Arbitrary<Proof> = fc.oneof(
  fc.record({
    kind: fc.constant("ticket" as const),
    epoch: number,
    number,
    tag,
    issuedAt: number,
    notBefore: number,
    keptAt: number,
  }, { noNullPrototype: true, requiredKeys: ["kind", "epoch", "number", "tag", "issuedAt", "notBefore"] }),
  fc.record({
    kind: fc.constant("pass" as const),
    epoch: number,
    number,
    tag,
    issuedAt: number,
    until: number,
    check: number,
    since: number,
    isClaim: fc.boolean(),
    isLate: fc.boolean(),
    isUsed: fc.constant(true as const),
  }, {
    noNullPrototype: true,
    requiredKeys: [
      "kind",
      "epoch",
      "number",
      "tag",
      "issuedAt",
      "until",
      "check",
      "since",
      "isClaim",
      "isLate",
    ],
  }),
);

/** Names of rooms. */
export const rooms: fc.Arbitrary<string> = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/);
