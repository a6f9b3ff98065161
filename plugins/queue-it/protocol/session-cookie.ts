import { constantTimeEqual } from "../../../src/crypto/constant-time.ts";
import { createMemo } from "../../../src/crypto/memo.ts";
import {
  isDigits,
  isHash,
  isLetters,
  isTime,
  messageOf,
  type RawSession,
  readTime,
  sealedText,
  type SessionFields,
  split,
  timeOf,
} from "./session-fields.ts";
import { isSoleReading, isUnanswered } from "./sole-reading.ts";
import type { Signer } from "../../../src/crypto/signer.ts";

/** What the session cookie of a visitor says who was let in. */
export interface SessionContent {
  readonly roomId: string;
  /** `""` where the visitor has none. */
  readonly queueId: string;
  /** How long it lasts in minutes, whatever the configuration says; 0 for as long as that says. */
  readonly fixedMinutes: number;
  readonly redirectType: string;
  /** The signed address to which it is bound; `""` if it is not. */
  readonly hashedAddress: string;
}

/** A session cookie that was read. */
export interface SessionCookie extends SessionContent {
  /** When it was written, in Unix seconds; NaN where it does not say so. */
  readonly issuedAt: number;
  /** Whether it has a fixed validity, of which 0 is one that is over at once. */
  readonly isFixed: boolean;
  /** Whether one of the secrets signed its values. */
  readonly isSigned: boolean;
  /**
   * Whether it says what was signed: it has a seal of ours, or the shape of those that are written, so that nothing can have
   * been moved between its fields.
   */
  readonly isWellFormed: boolean;
  /** The last cookie with which it was prolonged: the requests of one page share it. */
  renewal: Renewal | undefined;
}

interface Renewal {
  readonly roomId: string;
  readonly issuedAt: number;
  readonly value: string;
}

/** The fields of a cookie that is to be written, without what signs it. */
interface WrittenFields extends SessionFields {
  readonly roomId: string;
  readonly queueId: string;
  readonly fixed: string;
  readonly redirectType: string;
  readonly issued: string;
  readonly hashedAddress: string;
}

/** How session cookies are read and written. */
export interface SessionCookieOptions {
  readonly signer: Signer;
  /** How many verified cookies are remembered. */
  readonly memoSize: number;
  /** The longest fixed validity, in minutes. */
  readonly maxFixedMinutes: number;
  /** What queue ids look like, from the first character to the last. It says nothing of other texts by flags or memory. */
  readonly queueIdPattern: RegExp;
  /** Whether cookies get a seal of ours, and whether they must have one. */
  readonly seal: "off" | "write" | "require";
  /** Whether `QueueId` is written where there is none, as version 3 of the connectors does. */
  readonly writesEmptyQueueId: boolean;
}

/** Reads and writes session cookies. */
export interface SessionCookies {
  /** Reads a cookie's value, which is percent-decoded already. It never throws. */
  read(value: string): SessionCookie;
  /**
   * Writes a cookie's value, to be percent-encoded. It writes nothing that `read` would refuse, if only a session is begun whose
   * queue id is kept, or that is kept without one.
   */
  write(session: SessionContent, issuedAt: number): string;
  /** Writes a cookie's value anew, with another time. */
  renew(cookie: SessionCookie, roomId: string, issuedAt: number): string;
  /** Whether a session is written with this queue id. */
  keepsQueueId(queueId: string): boolean;
  /** Whether this session is read again, and as no other one, if it is written without a queue id. */
  keepsAnonymous(session: SessionContent, issuedAt: number): boolean;
}

/** Makes the reader and writer of session cookies. */
export function createSessionCookies(options: SessionCookieOptions): SessionCookies {
  const { seal } = options;
  const memo = createMemo<SessionCookie>(options.memoSize);

  function read(value: string): SessionCookie {
    const known = memo.get(value);
    if (known !== undefined) return known;
    const raw = split(value);
    const cookie = interpret(options, raw);
    // Only what is spelled as we spell it is remembered: a visitor can write one genuine cookie in many ways.
    // A seal that nobody checks is any text.
    const isOurs = raw.isOrdered && (seal !== "off" || raw.seal === undefined);
    if (isOurs && cookie.isSigned && cookie.isWellFormed) memo.set(value, cookie);
    return cookie;
  }

  function write(session: SessionContent, issuedAt: number): string {
    const raw = fieldsOf(options, session, issuedAt);
    const value = spell(options, raw);
    if (session.fixedMinutes >= 0) memo.set(value, writtenCookie(raw, issuedAt));
    return value;
  }

  return {
    read,
    write,
    keepsQueueId: (queueId) => isWritable(options, queueId),
    keepsAnonymous(session, issuedAt) {
      if (options.queueIdPattern.test("")) return true;
      const raw = fieldsOf(options, { ...session, queueId: "" }, issuedAt);
      return (seal !== "off" || isUnanswered(raw)) && isAnonymous(options, raw);
    },
    renew(cookie, roomId, issuedAt) {
      const { renewal } = cookie;
      if (renewal?.issuedAt === issuedAt && renewal.roomId === roomId) return renewal.value;
      const value = write({ ...cookie, roomId }, issuedAt);
      cookie.renewal = { roomId, issuedAt, value };
      return value;
    },
  };
}

/** Says what a cookie's fields mean, and whether they are as they are written. */
function interpret(options: SessionCookieOptions, raw: RawSession): SessionCookie {
  const { fixed, issued, queueId = "", redirectType = "", hashedAddress = "" } = raw;
  const isSigned = raw.hash !== undefined && options.signer.verifies(messageOf(raw), raw.hash);
  return {
    roomId: raw.roomId ?? "",
    queueId,
    redirectType,
    hashedAddress,
    fixedMinutes: fixed === undefined ? 0 : Number.parseInt(fixed) || 0,
    isFixed: fixed !== undefined && fixed !== "",
    issuedAt: readTime(issued ?? ""),
    isSigned,
    // The pattern is the owner's, and may take its time: no text is given to it that nobody signed.
    isWellFormed: isSigned && hasShape(options, raw) && isUnmoved(options, raw),
    renewal: undefined,
  };
}

/** Tells whether each field looks like those that are written. */
function hasShape({ maxFixedMinutes }: SessionCookieOptions, raw: RawSession): boolean {
  const { fixed, redirectType, issued, hashedAddress } = raw;
  return raw.isPlain &&
    (fixed === undefined || (isDigits(fixed, 4) && Number(fixed) <= maxFixedMinutes)) &&
    (redirectType === undefined || isLetters(redirectType)) && issued !== undefined && isTime(issued) &&
    (hashedAddress === undefined || isHash(hashedAddress));
}

/**
 * Tells whether every character stands in the field for which it was signed. A seal says so. Without one, what lies behind
 * the queue id can be cut in one way only, as digits, letters, ten digits and 64 digits; and where the event id ends is told
 * by the hyphens of a GUID, which nothing behind it has.
 */
function isUnmoved(options: SessionCookieOptions, raw: RawSession): boolean {
  const { seal, signer, queueIdPattern } = options;
  const isExpected = queueIdPattern.test(raw.queueId ?? "");
  if (seal === "off" || raw.seal === undefined) {
    return seal !== "require" && (isExpected || (isUnanswered(raw) && isAnonymous(options, raw)));
  }
  return signer.verifies(sealedText(raw), raw.seal) && (isExpected || isAnonymous(options, raw));
}

/** Tells whether it has no queue id, and is no other session for those who accept it without its seal. */
function isAnonymous({ seal, queueIdPattern }: SessionCookieOptions, raw: Readonly<SessionFields>): boolean {
  return (raw.queueId ?? "") === "" && (seal === "require" || isSoleReading(raw, queueIdPattern));
}

function isWritable({ queueIdPattern }: SessionCookieOptions, queueId: string): boolean {
  return queueId !== "" && !/[&=]/.test(queueId) && queueIdPattern.test(queueId);
}

/** The fields of a session that are written; what `read` would refuse is left empty. */
function fieldsOf(
  options: SessionCookieOptions,
  session: SessionContent,
  issuedAt: number,
): WrittenFields {
  const { roomId, queueId, redirectType, hashedAddress, fixedMinutes } = session;
  return {
    roomId,
    queueId: isWritable(options, queueId) ? queueId : "",
    fixed: fixedMinutes === 0 ? "" : String(Math.min(fixedMinutes, options.maxFixedMinutes)),
    redirectType: isLetters(redirectType) ? redirectType.toLowerCase() : "",
    issued: timeOf(issuedAt),
    hashedAddress: isHash(hashedAddress) ? hashedAddress : "",
    seal: undefined,
    hash: undefined,
  };
}

function spell({ signer, seal, writesEmptyQueueId }: SessionCookieOptions, raw: WrittenFields): string {
  const { roomId, queueId, fixed, redirectType, issued, hashedAddress } = raw;
  return `EventId=${roomId}` +
    (queueId !== "" || writesEmptyQueueId ? `&QueueId=${queueId}` : "") +
    (fixed === "" ? "" : `&FixedValidityMins=${fixed}`) +
    `&RedirectType=${redirectType}&IssueTime=${issued}` +
    (hashedAddress === "" ? "" : `&Hip=${hashedAddress}`) +
    (seal === "off" ? "" : `&Seal=${signer.sign(sealedText(raw))}`) +
    `&Hash=${signer.sign(messageOf(raw))}`;
}

/** What reading the cookie would give that was just written. */
function writtenCookie(
  { roomId, queueId, fixed, redirectType, hashedAddress }: WrittenFields,
  issuedAt: number,
): SessionCookie {
  const isFixed = fixed !== "";
  return {
    roomId,
    queueId,
    redirectType,
    hashedAddress,
    fixedMinutes: isFixed ? Number(fixed) : 0,
    isFixed,
    issuedAt,
    isSigned: true,
    isWellFormed: true,
    renewal: undefined,
  };
}

/** Tells whether a text is the signed one; it serves the addresses, whose hashes are compared again and again. */
export function createAddressCheck(
  signer: Signer,
  memoSize: number,
): (address: string, hash: string) => boolean {
  const memo = createMemo<string>(memoSize);
  return (address, hash) => {
    // The hash is asked for first, so that a verified pair is found again, and compared whole.
    const known = memo.get(hash);
    if (known !== undefined) return constantTimeEqual(known, address);
    if (!signer.verifies(address, hash)) return false;
    memo.set(hash, address);
    return true;
  };
}

/** Until when browsers keep a session cookie: for a day, however long the session lasts. */
export function sessionMs(nowMs: number): number {
  return Math.floor(nowMs / 1000) * 1000 + 86_400_000;
}
