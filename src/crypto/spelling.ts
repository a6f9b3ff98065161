import { base64UrlCode } from "./base64url.ts";

/** How a hash of 32 bytes is spelled. There is one spelling of each, so whoever compares need not decode what somebody sent. */
export interface Spelling {
  /** How many characters it has, all of them ASCII. */
  readonly length: number;
  /** Tells in constant time whether the first codes spell the hash. */
  isOf(codes: Uint8Array, hash: Uint8Array): boolean;
}

/** Hexadecimal digits in lower case; those in upper case are not what was signed. */
export const hexadecimal: Spelling = {
  length: 64,
  isOf(codes, hash) {
    let difference = 0;
    for (let at = 0; at < hash.length; at++) {
      const byte = hash[at] as number;
      difference |= hexCode(byte >> 4) ^ (codes[2 * at] as number);
      difference |= hexCode(byte & 15) ^ (codes[2 * at + 1] as number);
    }
    return difference === 0;
  },
};

/** Base64url without padding (RFC 4648, section 5). */
export const base64: Spelling = {
  length: 43,
  isOf(codes, hash) {
    let difference = 0;
    let bits = 0;
    let count = 0;
    let place = 0;
    for (let at = 0; at < hash.length; at++) {
      bits = bits << 8 | (hash[at] as number);
      for (count += 8; count >= 6; count -= 6) {
        difference |= base64UrlCode(bits >> count - 6) ^ (codes[place++] as number);
      }
    }
    return (difference | base64UrlCode(bits << 6 - count) ^ (codes[place] as number)) === 0;
  },
};

/** The code of a digit, without a branch: 48 + n, and 39 more from ten on. */
function hexCode(value: number): number {
  return 48 + value + (((9 - value) >> 31) & 39);
}
