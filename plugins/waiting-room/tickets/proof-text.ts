import { GateError } from "../../../src/errors.ts";
import { priorityBase } from "../machine/mod.ts";
import type { Pass, Proof, Registration, Ticket } from "./proofs.ts";

/**
 * The text of a proof, without what signs it: `t` for a ticket, `d` for one whose number was drawn, `g` for a registration, `p` for a
 * pass, `b` for one of somebody who need not wait, and `v` and `q` for a ticket and a pass of the priority lane, whose numbers are spelled
 * from 1 on; then fields with a full stop before each. Numbers have base 32, which
 * JavaScript reads and writes exactly up to 2^53. There is one spelling of each proof.
 *
 * - of all: epoch, number, tag, issued at
 * - of a ticket: not before
 * - of one that was drawn: not before, for which registered number, and in which draw
 * - of a registration: 0
 * - of a pass: until, check, since, and marks (1 for a claim, 2 for late, 4 for used)
 *
 * Behind it, after `.!`, stands what a ticket may have: `k` and since when it is kept, where it was signed again, and `f-` and where
 * its way began.
 *
 * What a younger version adds stands there as well, and is ignored here, so that two versions can run side by side. What may not be
 * ignored needs another first letter.
 */
const grammar =
  /^([tdgpbvq])\.([\da-v]+)\.([\da-v]+)\.([\w-]{1,22})\.([\da-v]+)\.([\da-v.]+)(?:\.!([\w.-]*))?$/;
const keptGrammar = /^k\.([\da-v]{1,11})(?:\.|$)/;
const fromGrammar = /(?:^|\.)f-([\da-v]{1,11})(?:\.|$)/;

/** The longest sealed text: with the longest name, of 49 characters, and the equals sign, a cookie is below 250 bytes. */
export const longestText = 199;

/** How many fields stand behind those of all. */
const furtherFields = { t: 1, d: 3, g: 1, p: 4, b: 4, v: 1, q: 4 } as const;
type Letter = keyof typeof furtherFields;

/** Writes what is signed of a proof. */
export function spell(proof: Proof): string {
  const { epoch, number, tag, issuedAt } = proof;
  if (!/^[\w-]{1,22}$/.test(tag)) {
    throw new GateError(
      "internal",
      `A tag has 1 to 22 characters of base64url, received ${tag.length} others`,
    );
  }
  const letter = letterOf(proof);
  const base = baseOf(letter);
  const both = `${letter}.${digits(epoch)}.${digits(number - base)}.${tag}.${digits(issuedAt)}`;
  if (proof.kind === "registration") return `${both}.0`;
  if (proof.kind === "pass") {
    const { until, check, since } = proof;
    return `${both}.${digits(until)}.${digits(check)}.${digits(since)}.${marksOf(proof)}`;
  }
  const { notBefore, keptAt, from, lot } = proof;
  const more = [
    ...(keptAt === undefined ? [] : ["k", digits(keptAt)]),
    ...(from === undefined ? [] : [`f-${digits(from - base)}`]),
  ];
  const behind = more.length === 0 ? "" : `.!${more.join(".")}`;
  const drawn = lot === undefined ? "" : `.${digits(lot.registered)}.${digits(lot.draw)}`;
  return `${both}.${digits(notBefore)}${drawn}${behind}`;
}

function letterOf(proof: Proof): Letter {
  const isPriority = proof.number > priorityBase;
  switch (proof.kind) {
    case "ticket":
      return proof.lot !== undefined ? "d" : isPriority ? "v" : "t";
    case "registration":
      return "g";
    case "pass":
      return proof.isBypass === true ? "b" : isPriority ? "q" : "p";
  }
}

/** Behind which number those begin that are spelled from 1 on. */
function baseOf(letter: Letter): number {
  return letter === "v" || letter === "q" ? priorityBase : 0;
}

/** Reads what was signed; `undefined` for what is no proof of this version. */
export function read(text: string): Proof | undefined {
  const [, kind, epochText = "", numberText = "", tag = "", issuedText = "", rest = "", more = ""] =
    grammar.exec(text) ??
      [];
  if (kind === undefined || !isLetter(kind)) return undefined;
  const further = rest.split(".").map(valueOf);
  const [epoch, number, issuedAt] = [valueOf(epochText), valueOf(numberText), valueOf(issuedText)];
  if (further.length !== furtherFields[kind]) return undefined;
  if (![epoch, baseOf(kind) + number, issuedAt, ...further].every(Number.isSafeInteger)) return undefined;
  const base = baseOf(kind);
  // A number says which lane it is of, so it has one spelling.
  if (base === 0 ? number > priorityBase : number === 0) return undefined;
  const holder = { epoch, number: base + number, tag, issuedAt };
  switch (kind) {
    case "t":
    case "d":
    case "v":
      return ticketOf(holder, further, more, base);
    case "g":
      return further[0] === 0 ? { kind: "registration", ...holder } satisfies Registration : undefined;
    case "b":
      return { ...passOf(holder, further), isBypass: true };
    case "p":
    case "q":
      return passOf(holder, further);
  }
}

function isLetter(text: string): text is Letter {
  return Object.hasOwn(furtherFields, text);
}

/** What a sealed text says, whoever wrote it: for choices that concern its visitor alone. */
export function unverified(text: string): Proof | undefined {
  return text.length > longestText ? undefined : read(text.slice(5, -44));
}

type Both = Pick<Proof, "epoch" | "number" | "tag" | "issuedAt">;

function ticketOf(
  holder: Both,
  [notBefore = 0, registered, draw]: readonly number[],
  more: string,
  base: number,
): Ticket {
  const [keptAt, from] = [keptGrammar, fromGrammar].map((grammar) => valueOf(grammar.exec(more)?.[1] ?? ""));
  return {
    kind: "ticket",
    ...holder,
    notBefore,
    ...(isNumber(keptAt) && { keptAt }),
    ...(isNumber(from) && { from: base + from }),
    ...(registered !== undefined && draw !== undefined && { lot: { registered, draw } }),
  };
}

function isNumber(value: number | undefined): value is number {
  return Number.isSafeInteger(value);
}

function passOf(holder: Both, [until = 0, check = 0, since = 0, marks = 0]: readonly number[]): Pass {
  const isUsed = (marks & 4) !== 0;
  return {
    kind: "pass",
    ...holder,
    until,
    check,
    since,
    isClaim: (marks & 1) !== 0,
    isLate: (marks & 2) !== 0,
    ...(isUsed && { isUsed }),
  };
}

function marksOf({ isClaim, isLate, isUsed = false }: Pass): number {
  return (isClaim ? 1 : 0) | (isLate ? 2 : 0) | (isUsed ? 4 : 0);
}

function digits(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new GateError("internal", `A ticket has numbers from 0 to 2^53 - 1, received ${value}`);
  }
  return value.toString(32);
}

/** The number that the digits spell in the one way in which it is spelled; NaN for other texts. */
function valueOf(text: string): number {
  return text.length <= 11 && /^(?:0|[1-9a-v][\da-v]*)$/.test(text) ? Number.parseInt(text, 32) : Number.NaN;
}
