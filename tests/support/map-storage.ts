/** A storage that tells what it was asked for, and ids that can be told in advance. */

import type { TokenStorage } from "../../src/storage.ts";

/** A storage over a map, with a log of its calls. */
export function mapStorage(): {
  readonly items: Map<string, unknown>;
  readonly calls: [method: string, key: string, ttl?: number][];
  readonly storage: TokenStorage;
} {
  const items = new Map<string, unknown>();
  const calls: [method: string, key: string, ttl?: number][] = [];
  const storage: TokenStorage = {
    getItem(key) {
      calls.push(["get", key]);
      return items.get(key) ?? null;
    },
    setItem(key, value, options) {
      calls.push(["set", key, options?.ttl ?? 0]);
      items.set(key, value);
    },
    removeItem(key) {
      calls.push(["remove", key]);
      items.delete(key);
    },
  };
  return { items, calls, storage };
}

/** Makes 1, 2, 3 … as ids, so that keys can be told in advance. */
export function countingIds(): (length: number) => Uint8Array {
  let next = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    bytes[length - 1] = ++next;
    return bytes;
  };
}

/** The first id of {@linkcode countingIds}. */
export const id1 = "AAAAAAAAAAAAAAAAAAAAAQ";
/** The second. */
export const id2 = "AAAAAAAAAAAAAAAAAAAAAg";
