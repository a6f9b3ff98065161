import { bytesToHex } from "@noble/hashes/utils.js";
import { keyedHash } from "./hmac.ts";

/** Signs texts, and tells whether somebody who has one of the secrets signed them. */
export interface Signer {
  /**
   * Signs with the first secret.
   *
   * @returns HMAC-SHA256 of the text's UTF-8 bytes, as 64 lower-case hexadecimal digits.
   */
  sign(text: string): string;
  /** Tells in constant time whether a hash in lower-case hexadecimal digits is that of the text, by any secret. */
  verifies(text: string, hash: string): boolean;
}

/** Prepares the secrets, so that a signature costs the hashing of its text and no more. */
export function createSigner(secrets: readonly string[]): Signer {
  const digests = secrets.map(keyedHash);
  return {
    sign(text) {
      const [first] = digests;
      if (first === undefined) throw new TypeError("There is no secret to sign with");
      return bytesToHex(first(text));
    },
    verifies(text, hash) {
      if (hash.length !== 64) return false;
      let found = false;
      // Every secret is tried, so that the time does not tell which one it was.
      for (const digest of digests) found = spells(digest(text), hash) || found;
      return found;
    },
  };
}

/** Compares bytes with hexadecimal digits in constant time; upper-case digits are not those that were signed. */
function spells(bytes: Uint8Array, hash: string): boolean {
  let difference = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    difference |= digit(byte >> 4) ^ hash.charCodeAt(2 * at);
    difference |= digit(byte & 15) ^ hash.charCodeAt(2 * at + 1);
  }
  return difference === 0;
}

/** The code of a lower-case hexadecimal digit, without a branch: 48 + n, and 39 more from ten on. */
function digit(value: number): number {
  return 48 + value + (((9 - value) >> 31) & 39);
}
