import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

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

/** Computes a hash into a buffer of its own, which the next call overwrites. */
type Digest = (text: string) => Uint8Array;

/** Prepares the secrets, so that a signature costs the hashing of its text and no more. */
export function createSigner(secrets: readonly string[]): Signer {
  const digests = secrets.map(prepare);
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

/** The longest text that is encoded without allocating: cookies and most tokens are shorter. */
const short = 1024;

function prepare(secret: string): Digest {
  const keyed = hmac.create(sha256, utf8ToBytes(secret));
  // One working copy and its buffers serve all calls: none of them is interrupted.
  const working = keyed.clone();
  const encoder = new TextEncoder();
  const input = new Uint8Array(3 * short);
  const output = new Uint8Array(32);
  return (text) => {
    // A part of noble's public `Hash` interface: `clone` without the allocation.
    keyed._cloneInto(working);
    const bytes = text.length > short
      ? encoder.encode(text)
      : input.subarray(0, encoder.encodeInto(text, input).written);
    working.update(bytes).digestInto(output);
    return output;
  };
}

/** Compares bytes with hexadecimal digits in constant time; upper-case digits are not those that were signed. */
function spells(bytes: Uint8Array, hash: string): boolean {
  let difference = 0;
  let at = 0;
  for (const byte of bytes) {
    difference |= digit(byte >> 4) ^ hash.charCodeAt(at++);
    difference |= digit(byte & 15) ^ hash.charCodeAt(at++);
  }
  return difference === 0;
}

/** The code of a lower-case hexadecimal digit, without a branch: 48 + n, and 39 more from ten on. */
function digit(value: number): number {
  return 48 + value + (((9 - value) >> 31) & 39);
}
