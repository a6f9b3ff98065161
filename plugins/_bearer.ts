import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

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
    for (const other of digests) {
      let difference = 0;
      for (let at = 0; at < other.length; at++) difference |= (own[at] ?? 0) ^ (other[at] ?? 0);
      matches |= difference === 0 ? 1 : 0;
    }
    return matches === 1;
  };
}

function digest(text: string): Uint8Array {
  return sha256(utf8ToBytes(text));
}
