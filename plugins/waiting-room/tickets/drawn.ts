import { base64Url } from "../../../src/crypto/base64url.ts";

/** Gives so many bytes that nobody can foretell. */
export type RandomBytes = (bytes: number) => Uint8Array;

/** How many are drawn at once: to ask the system for each of them takes some platforms longer than a page. */
const atOnce = 64;

/** The bytes of the platform's cryptographic source. */
export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/**
 * Makes what gives texts of base64url that nobody can foretell, each of which is given once.
 *
 * @param bytes How many bytes each of them has: a multiple of three, so that no two have a character in common.
 */
export function createDrawn(bytes: number): () => string {
  const length = bytes / 3 * 4;
  let drawn = "";
  let at = 0;
  return () => {
    if (at === drawn.length) {
      drawn = base64Url(randomBytes(bytes * atOnce));
      at = 0;
    }
    return drawn.slice(at, at += length);
  };
}
