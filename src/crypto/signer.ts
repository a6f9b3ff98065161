import { bytesToHex } from "@noble/hashes/utils.js";
import { createMac } from "./hmac.ts";
import { hexadecimal } from "./spelling.ts";

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
  const macs = secrets.map(createMac);
  return {
    sign(text) {
      const [first] = macs;
      if (first === undefined) throw new TypeError("There is no secret to sign with");
      return bytesToHex(first.hash(text));
    },
    verifies(text, hash) {
      let found = false;
      // Every secret is tried, so that the time does not tell which one it was.
      for (const mac of macs) found = mac.verifies(text, hash, hexadecimal) || found;
      return found;
    },
  };
}
