import { type Address, parseAddress } from "../../../src/url/ip-address.ts";
import { type Buckets, type BucketSize, createBuckets } from "./buckets.ts";
import { type RandomBytes, randomBytes } from "./drawn.ts";

/** How many numbers an address may take without being asked for more. */
export interface NewcomerOptions {
  /** For each address: of IPv4, or a /64 of IPv6, which is what one household has. @default {200, filled by 120 a minute} */
  readonly each?: BucketSize;
  /** For all together whose address is not known. @default {16 times as much} */
  readonly unknown?: BucketSize;
  /** How many addresses are remembered. @default {100_000} */
  readonly maxAddresses?: number;
  /** Seeds the places of the addresses, so that nobody can choose whose place is shared. @default {crypto.getRandomValues} */
  readonly random?: RandomBytes;
}

/** Counts the numbers that addresses take. */
export interface Newcomers {
  /**
   * Takes one from the buckets of an address, if there is one in each.
   *
   * @param address The visitor's address; `undefined` where it is not known.
   * @param now Unix milliseconds.
   * @returns Whether the address may have a number at once; otherwise its visitor is asked for more, such as a puzzle.
   */
  take(address: string | undefined, now: number): boolean;
  /** Whether there is one, which is left where it is. */
  has(address: string | undefined, now: number): boolean;
}

/** The networks that share a bucket besides each address: how many groups and bits of IPv6, and how many times as large it is. */
const networks = [{ bits: 56, times: 4 }, { bits: 48, times: 16 }] as const;
const unknownTimes = 16;

/**
 * Makes the count. A provider of access gives each customer a /64, a /56 or a /48 of IPv6, so each of them has a bucket, the larger
 * ones of 4 and 16 times the size. Addresses may share a bucket by chance or in a flood; nobody's gets fuller by that.
 */
export function createNewcomers(options: NewcomerOptions = {}): Newcomers {
  const { each = { burst: 200, perMinute: 120 }, maxAddresses = 100_000, random = randomBytes } = options;
  const { unknown = scaled(each, unknownTimes) } = options;
  const seed = new DataView(Uint8Array.from(random(8)).buffer);
  const seeds = [seed.getInt32(0), seed.getInt32(4)] as const;
  const narrow = createBuckets(each, maxAddresses);
  const wide = networks.map(({ bits, times }) => ({
    bits,
    buckets: createBuckets(scaled(each, times), maxAddresses / times),
  }));
  const nameless = createBuckets(unknown, 1);

  function bucketsOf(address: Address): readonly (readonly [Buckets, key: number])[] {
    if (address.length === 4) return [[narrow, keyOf(seeds, address, 32)]];
    const wider = wide.map(({ bits, buckets }) => [buckets, keyOf(seeds, address, bits)] as const);
    return [[narrow, keyOf(seeds, address, 64)], ...wider];
  }

  function usedBy(text: string | undefined): readonly (readonly [Buckets, key: number])[] {
    const address = text === undefined ? undefined : parseAddress(text);
    return address === undefined ? [[nameless, 1]] : bucketsOf(address);
  }

  return {
    has: (text, now) => usedBy(text).every(([buckets, key]) => buckets.has(key, now)),
    take(text, now) {
      const used = usedBy(text);
      // What is refused by one is not taken from the others.
      if (!used.every(([buckets, key]) => buckets.has(key, now))) return false;
      for (const [buckets, key] of used) buckets.take(key, now);
      return true;
    },
  };
}

function scaled({ burst, perMinute }: BucketSize, times: number): BucketSize {
  return { burst: burst * times, perMinute: perMinute * times };
}

/** A number of 52 bits for a network, which nobody can foretell who does not know the seeds. It is never 0. */
function keyOf([high, low]: readonly [number, number], address: Address, bits: number): number {
  const width = address.length === 4 ? 8 : 16;
  let [one, two] = [mixed(high ^ bits), mixed(low ^ (bits << 8))];
  for (let at = 0; at * width < bits; at++) {
    const counted = Math.min(bits - at * width, width);
    const group = (address[at] ?? 0) >> (width - counted);
    one = mixed(one ^ group);
    two = mixed(two + group);
  }
  return (one >>> 12) * 2 ** 32 + (two >>> 0) + 1;
}

/** Spreads a change of any bit over all of them (the last step of MurmurHash3). */
function mixed(value: number): number {
  let bits = Math.imul(value ^ value >>> 16, 0x85eb_ca6b);
  bits = Math.imul(bits ^ bits >>> 13, 0xc2b2_ae35);
  return bits ^ bits >>> 16;
}
