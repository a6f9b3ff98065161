/** What the store knows visitors by, and keys: random texts, and texts that stand for an identity. */

import { base64Url } from "../../../src/crypto/base64url.ts";
import { type KeyedHash, keyedHash } from "../../../src/crypto/hmac.ts";
import { GateError } from "../../../src/errors.ts";
import { createDrawn, type RandomBytes, randomBytes } from "./drawn.ts";
import { checkKeys, contextOf } from "./seals.ts";

const tagBytes = 6;
const identityBytes = 12;
const identityLength = 16;
const keyBytes = 32;

/**
 * Draws a tag: eight characters of base64url. It tells two people apart who have one number after a loss of the store's state, so 48
 * bits are enough: they would have to have the number in common as well.
 */
export function newTag(random: RandomBytes = randomBytes): string {
  return base64Url(drawn(random, tagBytes));
}

/** Makes what draws tags for many, one after the other. */
export function createTags(): () => string {
  return createDrawn(tagBytes);
}

/** Draws a secret key of 256 bits, as 43 characters of base64url. */
export function newSecretKey(random: RandomBytes = randomBytes): string {
  return base64Url(drawn(random, keyBytes));
}

/** Gives identities their tags, and knows them again. */
export interface Identities {
  /** The tag with which an identity asks for its number in a room. Identities that differ in any character have different ones. */
  tagOf(room: string, identity: string): string;
  /**
   * Whether what was given with a tag counts for somebody: by whichever key the identity's own does, and what was given for no identity.
   *
   * @param identity Who it is; it is asked only about tags of identities, and `""` is nobody in particular, for whom everything counts.
   */
  counts(room: string, tag: string, identity: () => string): boolean;
}

/**
 * Makes what gives each identity its tag: a keyed hash of 96 bits, in 16 characters, twice as many as all other tags have. Among ten million
 * identities two have one tag with a probability of one in 10^15, and nobody without the key finds out who it is.
 *
 * The first key gives the tag. While two versions of the keys are in use, an identity has two tags, and may get two numbers where it comes
 * without a ticket: change the first key when nobody waits.
 *
 * @param secretKeys The keys, of at least 32 bytes each.
 * @returns What knows identities.
 * @throws {TypeError} When there is no key, or one that is too short.
 */
export function createIdentities(secretKeys: readonly string[]): Identities {
  checkKeys("waiting-room plugin", secretKeys);
  const hashes = secretKeys.map((key) => keyedHash(key));
  const tagBy = (hash: KeyedHash | undefined, room: string, identity: string) => {
    if (hash === undefined) throw new TypeError("There is no key for identities");
    const named = contextOf({ use: "identity", room, binding: identity });
    return base64Url(hash(named).subarray(0, identityBytes));
  };
  return {
    tagOf: (room, identity) => tagBy(hashes[0], room, identity),
    counts(room, tag, identity) {
      if (tag.length !== identityLength) return true;
      const who = identity();
      return who === "" || hashes.some((hash) => tagBy(hash, room, who) === tag);
    },
  };
}

function drawn(random: RandomBytes, count: number): Uint8Array {
  const bytes = random(count);
  if (bytes.length === count) return bytes;
  throw new GateError("internal", `"random" gave ${bytes.length} bytes instead of ${count}`);
}
