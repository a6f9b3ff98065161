/**
 * Visitors: the tokens the sandbox has given out, and the identifiers and signatures that go with them.
 *
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

const BASE_60 = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijklmnpqrstuvwxyz";
const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The tokens in use. */
export interface Visitors {
  readonly size: number;
  /** The visitor's token if it is valid, otherwise a new one; remembers the address if there is one. */
  resolve(
    token: string | undefined,
    now: number,
    ip?: string,
  ): { readonly token: string; readonly ip?: string };
}

interface Known {
  readonly seenAt: number;
  readonly ip: string | undefined;
}

/**
 * Creates the register of visitors. It is bounded: tokens expire, and the one unseen for longest makes room.
 *
 * @param options Lifetime of an unused token in milliseconds, the bound, randomness, and who is told of a dropped token.
 * @returns The register.
 */
export function createVisitors(options: {
  readonly lifetimeMs: number;
  readonly max: number;
  readonly random: () => number;
  readonly onDrop: (token: string) => void;
}): Visitors {
  // In the order in which they were last seen.
  const known = new Map<string, Known>();
  const ids = createIds(options.random);

  function expire(now: number, max: number): void {
    for (const [token, { seenAt }] of known) {
      if (known.size <= max && seenAt + options.lifetimeMs > now) return;
      known.delete(token);
      options.onDrop(token);
    }
  }

  return {
    get size(): number {
      return known.size;
    },
    resolve(given, now, ip): { token: string; ip?: string } {
      expire(now, options.max);
      const before = given === undefined ? undefined : known.get(given);
      const token = given !== undefined && before !== undefined ? given : ids.token(now);
      if (before === undefined) expire(now, options.max - 1);
      const lastIp = ip ?? before?.ip;
      known.delete(token);
      known.set(token, { seenAt: now, ip: lastIp });
      return lastIp === undefined ? { token } : { token, ip: lastIp };
    },
  };
}

/**
 * Creates the makers of tokens and response identifiers. A counter is part of each, so that even a constant `random`
 * never makes the same one twice.
 *
 * @param random Random numbers from 0 to 1.
 * @returns The makers.
 */
export function createIds(random: () => number): { token(now: number): string; response(): string } {
  let issued = 0;
  function draw(alphabet: string, length: number): string {
    return Array.from({ length }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join("");
  }
  return {
    /** `tok0`, six characters of the date, twelve more. */
    token(now): string {
      return `tok0${dateChars(now)}${draw(ALPHANUMERIC, 6)}${
        (issued++ % 36 ** 6).toString(36).padStart(6, "0")
      }`;
    },
    response(): string {
      return draw("0123456789abcdef", 24) + (issued++ % 16 ** 8).toString(16).padStart(8, "0");
    },
  };
}

function dateChars(now: number): string {
  const date = new Date(now);
  return [
    date.getUTCFullYear() - 2000,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ].map((part) => BASE_60.charAt(part)).join("");
}

/** Signs a promotion: plain SHA-256 over the hashed key, slug, activation time, token and time, without separators. */
export type Sign = (slug: string, queueActivatesOn: string, token: string, requested: string) => string;

/**
 * Creates the signer of promotions.
 *
 * @param privateKey The account's private key.
 * @returns The signer.
 */
export function createSigner(privateKey: string): Sign {
  const key = hash(privateKey);
  return (slug, queueActivatesOn, token, requested) =>
    hash(key + slug + queueActivatesOn + token + requested);
}

function hash(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
