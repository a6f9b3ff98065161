import { readRawCookies } from "../../../src/http/cookies.ts";
import { priorityBase } from "../machine/mod.ts";
import { type Line, lineEnd } from "./proof-cookie.ts";
import { keptSince, type Pass, type Proof, type Registration, type Ticket } from "./proofs.ts";
import type { Sealer } from "./sealer.ts";

/** The header in which clients that are no browsers carry tickets and passes, and in which they are answered. */
export const nativeHeader = "stanchion-ticket";

/** How many texts of one request are tried. */
const mostTried = 4;

/** What is read, and by what it is checked. */
export interface ProofQuestion {
  readonly room: string;
  readonly binding: string;
  /** The name of the room's cookie. */
  readonly cookieName: string;
  /** The epoch of the room, where it is known. */
  readonly epoch: number | undefined;
  /** The times of the room: a ticket is as good as the cookie is kept, and no longer. */
  readonly line?: Line;
  /** Whether a ticket or pass is the visitor's, and not that of another identity. @default {whoever brings it} */
  readonly isOwn?: (proof: Proof) => boolean;
  /** Unix milliseconds, by the store's clock. */
  readonly now: number;
}

/** Where a visitor carries tickets and passes. */
export interface Carried {
  /** The header `Stanchion-Ticket`, `null` where there is none. */
  readonly native: string | null;
  /** The header `Cookie`, `""` where there is none. */
  readonly cookieHeader: string;
}

/** What a visitor carries for a room. Whatever does not verify is left out. */
export interface SentProofs {
  /** What counts: a pass that has not ended, otherwise a ticket. */
  readonly proof: Proof | undefined;
  /** The others that may count where the first one turns out to be lapsed, in their order. */
  readonly others: readonly Proof[];
  /** The pass that ended last: it may take a late form, and a claim that nobody took still holds its number. */
  readonly ended: Pass | undefined;
  /** Whether the visitor's client uses the header, and is to be answered by it. */
  readonly isNative: boolean;
  /** How many texts there were for this room, up to four, whatever they are. */
  readonly sent: number;
}

/**
 * Reads the ticket or pass of a visitor, from the header `Stanchion-Ticket` and the cookies of the room: four texts are tried at
 * most. A browser sends several cookies of one name when it has them for several domains or paths.
 *
 * Passes that have not ended come first, the one that ends last before the others; then tickets of this epoch, of a younger and of an
 * older one, and among those of one epoch the lowest number.
 *
 * @param sealer What checks the signatures.
 * @param carried Where they are looked for.
 * @param question For which room, and when.
 * @returns What the visitor carries. It never throws.
 */
export function readProof(
  sealer: Pick<Sealer, "open">,
  { native, cookieHeader }: Carried,
  question: ProofQuestion,
): SentProofs {
  const texts = textsOf(native, cookieHeader, question.cookieName);
  const isNative = native !== null;
  const found: Proof[] = [];
  for (const text of texts) {
    const proof = sealer.open(question.room, text, question.binding);
    if (proof === undefined || isForgotten(proof, question)) continue;
    if (question.isOwn?.(proof) ?? true) found.push(proof);
  }
  const sent = texts.length;
  // Nearly everybody brings one, or none.
  if (found.length < 2) return { ...ofOne(found[0], question.now), others: none, isNative, sent };
  const counting = found.filter((proof) => !hasEnded(proof, question.now))
    .sort((one, other) => orderProofs(one, other, question.epoch));
  const [proof, ...others] = counting;
  return { proof, others, ended: lastEnded(found, question.now), isNative, sent };
}

const none: readonly Proof[] = [];

function ofOne(only: Proof | undefined, now: number): Pick<SentProofs, "proof" | "ended"> {
  return only !== undefined && hasEnded(only, now)
    ? { proof: undefined, ended: only }
    : { proof: only, ended: undefined };
}

/** What somebody holds: what counts, or a number that was called and whose holder did not come in time, which is good as before. */
export function heldProof({ proof, ended }: SentProofs): Proof | undefined {
  if (proof !== undefined || ended?.isClaim !== true || ended.isBypass === true) return proof;
  const { epoch, number, tag, issuedAt } = ended;
  return { kind: "ticket", epoch, number, tag, issuedAt, notBefore: 0 };
}

function textsOf(native: string | null, cookieHeader: string, name: string): readonly string[] {
  const kept = readRawCookies(cookieHeader, name);
  if (native === null) return kept;
  // Several headers of a name come as a list.
  const listed = native.split(",", mostTried).map((text) => text.trim()).filter((text) => text !== "");
  return [...listed, ...kept].slice(0, mostTried);
}

/** Whether a browser would have dropped the cookie: whoever kept a number of last year's line for this one's is a stranger. */
function isForgotten(proof: Proof, { line, now }: ProofQuestion): boolean {
  const isNumber = proof.kind !== "pass" || proof.isClaim;
  return isNumber && line !== undefined && now >= lineEnd(line, keptSince(proof));
}

function hasEnded(proof: Proof, now: number): proof is Pass {
  return proof.kind === "pass" && now >= proof.until;
}

function lastEnded(found: readonly Proof[], now: number): Pass | undefined {
  return found.filter((proof) => hasEnded(proof, now)).sort((one, other) => other.until - one.until)[0];
}

/** Which of two counts: less than 0 for the first one. `epoch` is that of the room, where it is known. */
export function orderProofs(one: Proof, other: Proof, epoch: number | undefined): number {
  if (one.kind === "pass") return other.kind === "pass" ? other.until - one.until : -1;
  if (other.kind === "pass") return 1;
  return orderTickets(one, other, epoch);
}

type Numbered = Ticket | Registration;

function orderTickets(one: Numbered, other: Numbered, epoch: number | undefined): number {
  if (one.epoch === other.epoch) {
    // The number of a registration is none in the line.
    if (one.kind !== other.kind) return one.kind === "ticket" ? -1 : 1;
    // Whoever has a place in each lane was given priority.
    const [isFirst, isOther] = [one, other].map(({ number }) => number > priorityBase);
    return isFirst === isOther ? one.number - other.number : isFirst === true ? -1 : 1;
  }
  if (one.epoch === epoch) return -1;
  return other.epoch === epoch ? 1 : other.epoch - one.epoch;
}
