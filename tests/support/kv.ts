/** A stand-in of Deno KV with its contract: versionstamps, checks, and the bounds of what it takes. */

import type { DenoKv, KvAtomic, KvEntry, KvKey } from "../../plugins/waiting-room/stores/deno-kv/mod.ts";

/** What happens to a commit. */
export type Fate =
  | "made"
  /** It is made, and the answer gets lost. */
  | "unanswered"
  /** It is not made, and the answer gets lost. */
  | "lost"
  /** Nobody ever hears of it, and it is not made. */
  | "hangs";

/** The stand-in, and what tests look at. */
export interface KvStandIn extends DenoKv {
  watch(keys: readonly KvKey[]): ReadableStream<readonly KvEntry[]>;
  /** All that is kept, by its key as JSON. */
  readonly items: Map<string, { readonly value: unknown; readonly versionstamp: string }>;
  /** How often it was called. */
  readonly calls: { get: number; getMany: number; commit: number };
  /** The largest value and the largest commit so far, in bytes. */
  readonly largest: { value: number; commit: number };
  /** Decides about the next commits. */
  fate: () => Fate;
  /** Is called before each read and each commit; what it throws is what the call answers. */
  before: (what: "get" | "getMany" | "commit") => void | Promise<void>;
}

/** Makes a stand-in. */
export function kvStandIn(mostValueBytes: number = 65_536): KvStandIn {
  const items = new Map<string, { readonly value: unknown; readonly versionstamp: string }>();
  const calls = { get: 0, getMany: 0, commit: 0 };
  const largest = { value: 0, commit: 0 };
  const watchers = new Set<() => void>();
  let version = 0;

  function read(key: KvKey): KvEntry {
    const item = items.get(JSON.stringify(key));
    if (item === undefined) return { key, value: null, versionstamp: null };
    return { key, value: structuredClone(item.value), versionstamp: item.versionstamp };
  }

  function atomic(): KvAtomic {
    const checks: { readonly key: KvKey; readonly versionstamp: string | null }[] = [];
    const writes: { readonly key: KvKey; readonly value?: unknown }[] = [];
    let bytes = 0;
    const self: KvAtomic = {
      check(...more) {
        checks.push(...more);
        return self;
      },
      set(key, value) {
        const size = value instanceof Uint8Array ? value.length : JSON.stringify(value).length;
        if (size > mostValueBytes) throw new TypeError(`Value too large (max ${mostValueBytes} bytes)`);
        largest.value = Math.max(largest.value, size);
        bytes += size + JSON.stringify(key).length;
        writes.push({ key, value: structuredClone(value) });
        return self;
      },
      delete(key) {
        writes.push({ key });
        return self;
      },
      async commit() {
        calls.commit++;
        await stand.before("commit");
        if (writes.length > 1000) throw new TypeError("Too many mutations (max 1000)");
        if (bytes > 819_200) throw new TypeError("Total mutation size too large (max 819200 bytes)");
        largest.commit = Math.max(largest.commit, bytes);
        const fate = stand.fate();
        if (fate === "hangs") return new Promise(() => {});
        if (fate === "lost") throw new Error("connection reset");
        if (checks.some(({ key, versionstamp }) => read(key).versionstamp !== versionstamp)) {
          return { ok: false };
        }
        const versionstamp = String(++version).padStart(20, "0");
        for (const { key, value } of writes) {
          if (value === undefined) items.delete(JSON.stringify(key));
          else items.set(JSON.stringify(key), { value, versionstamp });
        }
        for (const tell of watchers) tell();
        if (fate === "unanswered") throw new Error("connection reset");
        return { ok: true, versionstamp };
      },
    };
    return self;
  }

  const stand: KvStandIn = {
    items,
    calls,
    largest,
    fate: () => "made",
    before: () => {},
    async get(key) {
      calls.get++;
      await stand.before("get");
      return read(key);
    },
    async getMany(keys) {
      calls.getMany++;
      if (keys.length > 10) throw new TypeError("Too many ranges (max 10)");
      await stand.before("getMany");
      return keys.map(read);
    },
    atomic,
    watch(keys) {
      let tell = () => {};
      return new ReadableStream({
        start(controller) {
          watchers.add(tell = () => controller.enqueue(keys.map(read)));
          tell();
        },
        cancel() {
          watchers.delete(tell);
        },
      });
    },
  };
  return stand;
}
