import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { constantTimeEqual } from "../../src/crypto/constant-time.ts";

/** No secret is longer, and no longer one is hashed. */
export const longestSecret = 512;

/** Tells whether a text can be a secret: nobody guesses it, and a header can carry it. */
export function isSecret(text: string): boolean {
  return /^[!-~]{16,512}$/.test(text);
}

/**
 * Makes a check of the header `Authorization` (RFC 6750). Digests are compared, with all secrets and to their ends, so
 * that a wrong secret takes as long as a right one, and none as well.
 */
export function bearerCheck(secrets: readonly string[]): (header: string | null) => boolean {
  const digests = secrets.map(digest);
  return (header) => {
    const presented = /^Bearer +([!-~]{1,512})$/i.exec(header ?? "")?.[1] ?? "";
    const own = digest(presented);
    let matches = 0;
    for (const other of digests) matches |= constantTimeEqual(own, other) ? 1 : 0;
    return matches === 1;
  };
}

function digest(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
