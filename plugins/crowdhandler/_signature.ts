import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { sameText } from "../../src/_constant-time.ts";
import { isToken } from "./_page.ts";
import type { Room } from "./_rooms.ts";

/** A proof that a token was promoted for a room at a time. */
export interface Signature {
  /** The time, in the service's own spelling. */
  readonly gen: string;
  readonly sig: string;
}

/** What a hybrid cookie says of the visitor. */
export interface Session {
  readonly token: string;
  /** Unix milliseconds of the last visit. */
  readonly touched: number | undefined;
  readonly touchedSig: string | undefined;
  readonly signatures: readonly Signature[];
  readonly deployment: string | undefined;
}

const maxSignatures = 5;
const maxCookieBytes = 1024;
/** Cookies of other integrations may be longer than ours; anything beyond this is none of theirs. */
const maxReadable = 4096;
const toleranceMs = 60_000;

const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const isoTime = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/));
const signatureSchema = v.object({ gen: isoTime, sig: hex });
const tokenSchema = v.object({
  token: v.custom<string>(isToken),
  touched: v.fallback(v.optional(v.pipe(v.number(), v.safeInteger())), undefined),
  touchedSig: v.fallback(v.optional(hex), undefined),
  signatures: v.fallback(v.array(v.unknown()), []),
});
const cookieSchema = v.object({
  tokens: v.array(v.unknown()),
  deployment: v.fallback(
    v.optional(v.pipe(v.string(), v.maxLength(64), v.regex(/^[\x20-\x7e]+$/))),
    undefined,
  ),
});

/** Understands a stored token, plain or with a session; anything else is absent. */
export function readSession(stored: string | undefined): Session | undefined {
  if (stored === undefined || stored.length > maxReadable) return undefined;
  const isPlain: boolean = isToken(stored);
  if (isPlain) return session(stored, undefined);
  if (!stored.startsWith("{")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(stored);
  } catch {
    return undefined;
  }
  const cookie = v.safeParse(cookieSchema, value);
  if (!cookie.success) return undefined;
  const entry = v.safeParse(tokenSchema, cookie.output.tokens.at(-1));
  if (!entry.success) return undefined;
  const signatures = entry.output.signatures.flatMap((item) => {
    const signature = v.safeParse(signatureSchema, item);
    return signature.success ? [signature.output] : [];
  });
  const { token, touched, touchedSig } = entry.output;
  return { token, touched, touchedSig, signatures, deployment: cookie.output.deployment };
}

/** A session that proves nothing yet. */
export function session(token: string, deployment: string | undefined): Session {
  return { token, touched: undefined, touchedSig: undefined, signatures: [], deployment };
}

/** Checks and makes the signatures of one account. */
export class Signer {
  /** `H(privateKey)`, the prefix of everything that is hashed. */
  readonly #prefix: string;

  constructor(privateKey: string) {
    this.#prefix = hash(privateKey);
  }

  /** Tells whether a signature proves a promotion for this room, whatever its age. */
  proves(room: Room, token: string, { gen, sig }: Signature): boolean {
    if (room.activates === undefined) return false;
    return sameText(hash(this.#prefix + room.slug + room.activates + token + gen), sig);
  }

  /** Reads a signature that arrived in parts, from a link or an answer. Both parts must have their exact form. */
  read(gen: string | undefined, sig: string | undefined): Signature | undefined {
    const signature = v.safeParse(signatureSchema, { gen, sig });
    return signature.success && Number.isFinite(Date.parse(signature.output.gen))
      ? signature.output
      : undefined;
  }

  /** Tells whether a session is valid for a room now. Whatever is not explicitly valid is not. */
  isValid(room: Room, { token, touched, touchedSig, signatures }: Session, now: number): boolean {
    if (touched === undefined || touchedSig === undefined || !isYoung(touched, now, room)) return false;
    if (!sameText(hash(this.#prefix + touched), touchedSig)) return false;
    return signatures.some((signature) => this.proves(room, token, signature));
  }

  /** Writes a session into its stored form, touched now. The oldest signatures give way. */
  write(session: Session, now: number): string {
    const touched = Math.trunc(now);
    const touchedSig = hash(this.#prefix + touched);
    const signatures = session.signatures.slice(-maxSignatures).map(({ gen, sig }) => ({ gen, sig }));
    for (;;) {
      const text = JSON.stringify({
        integration: "JSDK",
        tokens: [{ token: session.token, touched, touchedSig, signatures }],
        ...(session.deployment === undefined ? {} : { deployment: session.deployment }),
      });
      if (text.length <= maxCookieBytes || signatures.length === 0) return text;
      signatures.shift();
    }
  }
}

/** Adds a signature unless it is there already. */
export function withSignature(signatures: readonly Signature[], added: Signature): readonly Signature[] {
  return signatures.some(({ gen, sig }) => gen === added.gen && sig === added.sig)
    ? signatures
    : [...signatures, added];
}

/** Tells whether a time is younger than the room's timeout, by minutes with one decimal. */
export function isYoung(time: number, now: number, room: Room): boolean {
  if (room.timeoutMinutes === undefined || time > now + toleranceMs) return false;
  return Math.round((now - time) / 6000) / 10 < room.timeoutMinutes;
}

function hash(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
