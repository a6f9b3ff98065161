import { constantTimeEqual } from "../../../src/crypto/constant-time.ts";
import { createMemo } from "../../../src/crypto/memo.ts";
import {
  isDigits,
  isHash,
  isLetters,
  messageOf,
  type RawSession,
  sealedText,
  type SessionFields,
  split,
} from "./session-fields.ts";
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
  /** Whether it has the shape of those that are written, so that nothing can have been moved between its fields. */
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
  /** What queue ids look like. */
  readonly queueIdPattern: RegExp | undefined;
  /** Whether cookies get a seal of ours, and whether they must have one. */
  readonly seal: "off" | "write" | "require";
  /** Whether `QueueId` is written where there is none, as version 3 of the connectors does. */
  readonly writesEmptyQueueId: boolean;
}

/** Reads and writes session cookies. */
export interface SessionCookies {
  /** Reads a cookie's value, which is percent-decoded already. It never throws. */
  read(value: string): SessionCookie;
  /** Writes a cookie's value, to be percent-encoded. It writes nothing that `read` would refuse. */
  write(session: SessionContent, issuedAt: number): string;
  /** Writes a cookie's value anew, with another time. */
  renew(cookie: SessionCookie, roomId: string, issuedAt: number): string;
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
  const message = messageOf(raw);
  const fixedMinutes = fixed === undefined ? 0 : Number.parseInt(fixed) || 0;
  return {
    roomId: raw.roomId ?? "",
    queueId,
    redirectType,
    hashedAddress,
    fixedMinutes,
    isFixed: fixed !== undefined && fixed !== "",
    issuedAt: Number.parseInt(issued ?? ""),
    isSigned: raw.hash !== undefined && options.signer.verifies(message, raw.hash),
    isWellFormed: raw.isPlain &&
      (fixed === undefined || (isDigits(fixed, 4) && fixedMinutes <= options.maxFixedMinutes)) &&
      isLetters(redirectType) && issued !== undefined && isDigits(issued, 11) &&
      (raw.hashedAddress === undefined || isHash(hashedAddress)) &&
      (queueId === "" || isQueueId(options, queueId)) && isSealed(options, raw),
    renewal: undefined,
  };
}

function isQueueId({ queueIdPattern }: SessionCookieOptions, text: string): boolean {
  return queueIdPattern === undefined || queueIdPattern.test(text);
}

function isSealed({ seal, signer }: SessionCookieOptions, raw: RawSession): boolean {
  if (seal === "off") return true;
  if (raw.seal === undefined) return seal === "write";
  return signer.verifies(sealedText(raw), raw.seal);
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
    queueId: !/[&=]/.test(queueId) && isQueueId(options, queueId) ? queueId : "",
    fixed: fixedMinutes === 0 ? "" : String(Math.min(fixedMinutes, options.maxFixedMinutes)),
    redirectType: isLetters(redirectType) ? redirectType.toLowerCase() : "",
    issued: String(issuedAt),
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
