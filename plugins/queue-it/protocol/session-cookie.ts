import { constantTimeEqual } from "../../../src/crypto/constant-time.ts";
import { createMemo } from "../../../src/crypto/memo.ts";
import { isDigits, isHash, isLetters, messageOf, type Raw, sealedText, split } from "./session-fields.ts";
import type { Signer } from "../../../src/crypto/signer.ts";

/** What the session cookie of a visitor says who was let in. */
export interface Session {
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
export interface Cookie extends Session {
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

/** How session cookies are read and written. */
export interface SessionOptions {
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
export interface Sessions {
  /** Reads a cookie's value, which is percent-decoded already. It never throws. */
  read(value: string): Cookie;
  /** Writes a cookie's value, to be percent-encoded. It writes nothing that `read` would refuse. */
  write(session: Session, issuedAt: number): string;
  /** Writes a cookie's value anew, with another time. */
  renew(cookie: Cookie, roomId: string, issuedAt: number): string;
}

/** Makes the reader and writer of session cookies. */
export function createSessions(options: SessionOptions): Sessions {
  const { signer, maxFixedMinutes, queueIdPattern, seal } = options;
  const memo = createMemo<Cookie>(options.memoSize);

  function isQueueId(text: string): boolean {
    return queueIdPattern === undefined || queueIdPattern.test(text);
  }

  function interpret(raw: Raw): Cookie {
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
      isSigned: raw.hash !== undefined && signer.verifies(message, raw.hash),
      isWellFormed: raw.isPlain &&
        (fixed === undefined || (isDigits(fixed, 4) && fixedMinutes <= maxFixedMinutes)) &&
        isLetters(redirectType) && issued !== undefined && isDigits(issued, 11) &&
        (raw.hashedAddress === undefined || isHash(hashedAddress)) &&
        (queueId === "" || isQueueId(queueId)) && isSealed(raw),
      renewal: undefined,
    };
  }

  function isSealed(raw: Raw): boolean {
    if (seal === "off") return true;
    if (raw.seal === undefined) return seal === "write";
    return signer.verifies(sealedText(raw), raw.seal);
  }

  function read(value: string): Cookie {
    const known = memo.get(value);
    if (known !== undefined) return known;
    const raw = split(value);
    const cookie = interpret(raw);
    // Only what is spelled as we spell it is remembered: a visitor can write one genuine cookie in many ways.
    // A seal that nobody checks is any text.
    const isOurs = raw.isOrdered && (seal !== "off" || raw.seal === undefined);
    if (isOurs && cookie.isSigned && cookie.isWellFormed) memo.set(value, cookie);
    return cookie;
  }

  function write(session: Session, issuedAt: number): string {
    const { roomId, fixedMinutes } = session;
    const isPlain = !/[&=]/.test(session.queueId) && isQueueId(session.queueId);
    const queueId = isPlain ? session.queueId : "";
    const redirectType = isLetters(session.redirectType) ? session.redirectType.toLowerCase() : "";
    const hashedAddress = isHash(session.hashedAddress) ? session.hashedAddress : "";
    const fixed = fixedMinutes === 0 ? "" : String(Math.min(fixedMinutes, maxFixedMinutes));
    const issued = String(issuedAt);
    const raw = {
      roomId,
      queueId,
      fixed,
      redirectType,
      issued,
      hashedAddress,
      seal: undefined,
      hash: undefined,
    };
    const value = `EventId=${roomId}` +
      (queueId !== "" || options.writesEmptyQueueId ? `&QueueId=${queueId}` : "") +
      (fixed === "" ? "" : `&FixedValidityMins=${fixed}`) +
      `&RedirectType=${redirectType}&IssueTime=${issued}` +
      (hashedAddress === "" ? "" : `&Hip=${hashedAddress}`) +
      (seal === "off" ? "" : `&Seal=${signer.sign(sealedText(raw))}`) +
      `&Hash=${signer.sign(messageOf(raw))}`;
    if (fixedMinutes >= 0) {
      const isFixed = fixed !== "";
      memo.set(value, {
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
      });
    }
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
