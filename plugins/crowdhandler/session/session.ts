import { fieldsOf, isToken } from "../values.ts";

/** A proof that a token was promoted for a room at a time. */
export interface Signature {
  /** The time, in the service's own spelling. */
  readonly gen: string;
  readonly sig: string;
}

/** What a stored token says of the visitor: nothing but itself in full mode, a session in hybrid mode. */
export interface VisitorSession {
  readonly token: string;
  /** Unix milliseconds of the last visit. */
  readonly touched: number | undefined;
  readonly touchedSig: string | undefined;
  readonly signatures: readonly Signature[];
  readonly deployment: string | undefined;
}

/** Cookies of other integrations may be longer than ours; anything beyond this is none of theirs. */
const maxReadable = 4096;
const hexText = /^[0-9a-f]{64}$/;
const alphabet = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijklmnpqrstuvwxyz";
const staleMs = 12 * 60 * 60 * 1000;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * Understands a stored token, plain or with a session; anything else is absent. It runs on every page of hybrid mode
 * and is therefore written by hand.
 */
export function readSession(stored: unknown): VisitorSession | undefined {
  if (typeof stored !== "string" || stored.length > maxReadable) return undefined;
  if (!stored.startsWith("{")) return isToken(stored) ? sessionOf(stored, undefined) : undefined;
  let cookie: unknown;
  try {
    cookie = JSON.parse(stored);
  } catch {
    return undefined;
  }
  const { tokens, deployment } = fieldsOf(cookie);
  const { token, touched, touchedSig, signatures } = fieldsOf(
    Array.isArray(tokens) ? tokens.at(-1) : undefined,
  );
  if (!isToken(token)) return undefined;
  return {
    token,
    touched: typeof touched === "number" && Number.isSafeInteger(touched) ? touched : undefined,
    touchedSig: isHex(touchedSig) ? touchedSig : undefined,
    signatures: Array.isArray(signatures) ? signatures.flatMap(readEntry) : [],
    deployment: isDeployment(deployment) ? deployment : undefined,
  };
}

/** A session that proves nothing yet. */
export function sessionOf(token: string, deployment: string | undefined): VisitorSession {
  return { token, touched: undefined, touchedSig: undefined, signatures: [], deployment };
}

/** Whether two stored tokens say the same. */
export function isSame(one: VisitorSession, other: VisitorSession): boolean {
  return one.token === other.token && one.touched === other.touched && one.touchedSig === other.touchedSig &&
    one.deployment === other.deployment && one.signatures.length === other.signatures.length &&
    one.signatures.every(({ gen, sig }, at) =>
      gen === other.signatures[at]?.gen && sig === other.signatures[at]?.sig
    );
}

/** Reads a signature that arrived in parts, from a link, an answer or a cookie. Both must have their exact form. */
export function readSignature(gen: unknown, sig: unknown): Signature | undefined {
  if (typeof gen !== "string" || !isoTime.test(gen) || Number.isNaN(Date.parse(gen))) return undefined;
  return isHex(sig) ? { gen, sig } : undefined;
}

/** Adds a signature unless it is there already. */
export function withSignature(signatures: readonly Signature[], added: Signature): readonly Signature[] {
  return signatures.some(({ gen, sig }) => gen === added.gen && sig === added.sig)
    ? signatures
    : [...signatures, added];
}

function readEntry(entry: unknown): readonly Signature[] {
  const { gen, sig } = fieldsOf(entry);
  const signature = readSignature(gen, sig);
  return signature === undefined ? [] : [signature];
}

function isHex(value: unknown): value is string {
  return typeof value === "string" && hexText.test(value);
}

function isDeployment(value: unknown): value is string {
  return typeof value === "string" && /^[ -~]{1,64}$/.test(value);
}

/**
 * Tells whether a token is older than 12 hours. Only tokens that begin with `tok0` carry their date: year since
 * 2000, month, day, hour, minute and second in UTC, one digit each in base 60. Others are never stale, and a date
 * that cannot be read is.
 */
export function isStale(token: string, now: number): boolean {
  if (!token.startsWith("tok0")) return false;
  const digits = Array.from(token.slice(4, 10), (digit) => alphabet.indexOf(digit));
  const [year = -1, month = -1, day = -1, hour = -1, minute = -1, second = -1] = digits;
  if (
    Math.min(year, month, day, hour, minute, second) < 0 || month < 1 || month > 12 || day < 1 || hour > 23
  ) {
    return true;
  }
  const made = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  return now - made > staleMs;
}
