import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { constantTimeEqual } from "./constant-time.ts";

/** Tells whether a text can be a secret: nobody guesses it, and a header can carry it. */
export function isSecret(text: string): boolean {
  return /^[!-~]{16,512}$/.test(text);
}

/**
 * Makes a check of a secret that somebody presents. Digests are compared, with all secrets and to their ends, so that a wrong secret
 * takes as long as a right one, and none as well.
 */
export function secretCheck(secrets: readonly string[]): (presented: string) => boolean {
  const digests = secrets.map(digest);
  return (presented) => {
    // What is no secret is none of these: it is compared in the place of the empty text.
    const own = digest(isSecret(presented) ? presented : "");
    let matches = 0;
    for (const other of digests) matches |= constantTimeEqual(own, other) ? 1 : 0;
    return matches === 1;
  };
}

/** Makes a check of the header `Authorization` (RFC 6750). */
export function bearerCheck(secrets: readonly string[]): (header: string | null) => boolean {
  const isKnown = secretCheck(secrets);
  return (header) => isKnown(bearerIn(header));
}

/** The secret that the header `Authorization` presents; `""` for none. */
export function bearerIn(header: string | null): string {
  return /^Bearer +([!-~]{1,512})$/i.exec(header ?? "")?.[1] ?? "";
}

function digest(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
