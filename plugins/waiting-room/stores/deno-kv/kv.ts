/** What is used of Deno KV. Its own types fit, and so does anything else that behaves like it. */

/** A key. */
export type KvKey = readonly (string | number)[];

/** What is under a key. */
export interface KvEntry {
  readonly key: readonly unknown[];
  /** The value; `null` where there is none. */
  readonly value: unknown;
  /** Changes with every write; `null` where there is no value. What one commit writes has the same. */
  readonly versionstamp: string | null;
}

/** Writes that are made together, or not at all. */
export interface KvAtomic {
  check(...checks: { readonly key: KvKey; readonly versionstamp: string | null }[]): KvAtomic;
  set(key: KvKey, value: unknown): KvAtomic;
  delete(key: KvKey): KvAtomic;
  commit(): Promise<{ readonly ok: true; readonly versionstamp: string } | { readonly ok: false }>;
}

/** Deno KV: what `Deno.openKv()` gives. */
export interface DenoKv {
  get(key: KvKey): Promise<KvEntry>;
  getMany(keys: readonly KvKey[]): Promise<readonly KvEntry[]>;
  atomic(): KvAtomic;
  watch?(keys: readonly KvKey[]): ReadableStream<readonly KvEntry[]>;
}
