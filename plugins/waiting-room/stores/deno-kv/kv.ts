/** What is used of Deno KV. Its own types fit, and so does anything else that behaves like it. */

/** A key. */
export type KvKey = readonly (string | number)[];

/** What is under a key. */
export interface KvEntry {
  /** The key that was asked for. */
  readonly key: readonly unknown[];
  /** The value; `null` where there is none. */
  readonly value: unknown;
  /** Changes with every write; `null` where there is no value. What one commit writes has the same. */
  readonly versionstamp: string | null;
}

/** Writes that are made together, or not at all. */
export interface KvAtomic {
  /** Makes nothing where a key has another versionstamp; `null` stands for no value. */
  check(...checks: { readonly key: KvKey; readonly versionstamp: string | null }[]): KvAtomic;
  /** Keeps a value, of at most 64 KiB. */
  set(key: KvKey, value: unknown): KvAtomic;
  /** Forgets a value. */
  delete(key: KvKey): KvAtomic;
  /** Makes all of it, or nothing, which is `ok: false`. */
  commit(): Promise<{ readonly ok: true; readonly versionstamp: string } | { readonly ok: false }>;
}

/** Deno KV: what `Deno.openKv()` gives. */
export interface DenoKv {
  /** Reads one key. */
  get(key: KvKey): Promise<KvEntry>;
  /** Reads up to ten keys, in their order. */
  getMany(keys: readonly KvKey[]): Promise<readonly KvEntry[]>;
  /** Begins writes that are made together. */
  atomic(): KvAtomic;
  /** Tells of each change of keys; a room works without it. */
  watch?(keys: readonly KvKey[]): ReadableStream<readonly KvEntry[]>;
}
