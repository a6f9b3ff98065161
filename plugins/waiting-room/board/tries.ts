import { shortAddress } from "../../../src/url/ip-address.ts";
import { lazily } from "../lazily.ts";
import { createNewcomers } from "../tickets/mod.ts";

/** How often an address may try a secret. */
const each = { burst: 10, perMinute: 6 };
/** How often all of them may be wrong together, before only networks are heard of which somebody had the right one. */
const together = { burst: 300, perMinute: 120 };
const maxAddresses = 10_000;
const maxNetworks = 1000;

/** Counts who tries secrets. */
export interface Tries {
  /** Whether an address may try one. */
  mayTry(address: string | undefined): boolean;
  /** Notes that it was a wrong one. */
  failed(address: string | undefined): void;
  /** Notes that it was the right one. */
  succeeded(address: string | undefined): void;
}

/**
 * Makes the count. Who guesses from ten thousand addresses is held up by what all of them may try together; that shuts out nobody whose
 * network somebody has signed in from, so that an attack keeps no owner from the board who was there before it.
 */
export function createTries(now: () => number): Tries {
  // With the first try: some platforms have no randomness while a board is made.
  const addresses = lazily(() => createNewcomers({ each, maxAddresses }));
  const all = lazily(() => createNewcomers({ unknown: together, maxAddresses: 1 }));
  /** The one that was longest not seen comes first. */
  const proven = new Set<string>();

  function networkOf(address: string | undefined): string | undefined {
    return address === undefined ? undefined : shortAddress(address);
  }

  return {
    mayTry(address) {
      if (!addresses().has(address, now())) return false;
      const network = networkOf(address);
      return (network !== undefined && proven.has(network)) || all().has(undefined, now());
    },
    failed(address) {
      addresses().take(address, now());
      all().take(undefined, now());
    },
    succeeded(address) {
      const network = networkOf(address);
      if (network === undefined) return;
      proven.delete(network);
      proven.add(network);
      if (proven.size > maxNetworks) { for (const oldest of proven) return void proven.delete(oldest); }
    },
  };
}
