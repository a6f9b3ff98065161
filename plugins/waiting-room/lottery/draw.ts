import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { keyedHash } from "../../../src/crypto/hmac.ts";
import { createPermutation, type Permutation } from "./permutation.ts";

/**
 * What is published before anybody registers: nobody can find the secret by it, and no other secret has it.
 *
 * @param secret At least 32 bytes that nobody can guess.
 * @returns SHA-256 of `stanchion lottery commitment 1 <secret>`, in hexadecimal digits.
 */
export function commitmentOf(secret: string): string {
  return bytesToHex(sha256(utf8ToBytes(`stanchion lottery commitment 1 ${secret}`)));
}

/** What decides a draw. */
export interface DrawSource {
  /** What was committed to. */
  readonly secret: string;
  /** What nobody knew while people registered; `""` where there is none. */
  readonly beacon: string;
  /** How many registered. */
  readonly count: number;
}

/**
 * The seed of a draw: HMAC-SHA-256 of `stanchion lottery seed 1 <count> <beacon>` by the secret, in hexadecimal digits. The beacon is
 * last, so no two draws have one text.
 */
export function seedOf({ secret, beacon, count }: DrawSource): string {
  return bytesToHex(keyedHash(secret)(`stanchion lottery seed 1 ${count} ${beacon}`));
}

/** A draw: the place of each registered number. */
export interface Draw {
  /** By which tickets of another draw are told from those of this one: 32 bits, which tell nothing of the seed. */
  readonly id: number;
  readonly placeOf: Permutation;
}

/** Makes the draw. */
export function createDraw(source: DrawSource): Draw {
  const seed = seedOf(source);
  return {
    id: Number.parseInt(commitmentOf(seed).slice(0, 8), 16),
    placeOf: createPermutation(seed, source.count),
  };
}
