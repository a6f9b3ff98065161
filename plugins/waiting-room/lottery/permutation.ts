import { keyedHash } from "../../../src/crypto/hmac.ts";
import { GateError } from "../../../src/errors.ts";

/**
 * How often the halves are mixed, and how often where they have 4 bits at most: there chance has little to choose from in each round, and
 * with 8 rounds the second of two among 6 would come first far too often (z = 18 over 60,000 seeds; with 24, z = 1.8).
 */
const usualRounds = 8;
const smallRounds = 24;
const smallBits = 8;
/** The most that a half of 26 bits can tell, twice. */
const mostPeople = 2 ** 52;

/** The place of a registered number, from 1 on. */
export type Permutation = (number: number) => number;

/**
 * Puts the numbers from 1 to so many in an order that a seed decides: each gets one place, and each place has one number.
 *
 * It is a Feistel network whose halves take turns, keyed by HMAC-SHA-256, on as many bits as the highest index has, and at least two;
 * what falls outside goes through it again until it does not (J. Black and P. Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). A
 * place costs about a dozen hashes, or three dozen where few take part, and no list of them is kept.
 *
 * @param seed What decides, a text.
 * @param count How many take part.
 * @returns What tells the place of a number. It throws {@linkcode GateError} `internal` for a number that does not take part.
 */
export function createPermutation(seed: string, count: number): Permutation {
  if (!Number.isSafeInteger(count) || count < 0 || count > mostPeople) {
    throw new GateError("internal", `${count} cannot take part in a lottery`);
  }
  const hash = keyedHash(seed);
  const bits = bitsOf(count);
  const rounds = bits <= smallBits ? smallRounds : usualRounds;
  const lowBits = bits >> 1;
  const lowSize = 2 ** lowBits;
  const highSize = 2 ** (bits - lowBits);

  function mixed(index: number): number {
    let low = index % lowSize;
    let high = (index - low) / lowSize;
    for (let round = 0; round < rounds; round++) {
      if (round % 2 === 0) high ^= firstWord(hash(`${round} ${low}`)) % highSize;
      else low ^= firstWord(hash(`${round} ${high}`)) % lowSize;
    }
    return high * lowSize + low;
  }

  return (number) => {
    if (!Number.isSafeInteger(number) || number < 1 || number > count) {
      throw new GateError(
        "internal",
        `Number ${number} is none of the ${count} that take part in the lottery`,
      );
    }
    if (count === 1) return 1;
    let index = number - 1;
    do index = mixed(index); while (index >= count);
    return index + 1;
  };
}

/** How many bits the highest index has. There are two halves, so there are two at least. */
function bitsOf(count: number): number {
  let bits = 2;
  while (2 ** bits < count) bits++;
  return bits;
}

/** Half of 26 bits at most is taken of 32, and the sizes are powers of two: no remainder is more likely than another. */
function firstWord([a = 0, b = 0, c = 0, d = 0]: Uint8Array): number {
  return (a << 24 | b << 16 | c << 8 | d) >>> 0;
}
