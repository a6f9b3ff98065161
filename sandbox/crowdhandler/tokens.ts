import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

const BASE_60 = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijklmnpqrstuvwxyz";
const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

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
