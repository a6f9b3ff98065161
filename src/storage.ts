/**
 * A storage that several servers share, such as those of unstorage.
 *
 * @module
 */

/** Where tokens are kept: a storage of unstorage, `localStorage`, or a few lines around anything else. */
export interface TokenStorage {
  /**
   * Reads a value.
   *
   * @param key The key.
   * @returns The value, or a promise of it. What is not a string counts as absent.
   */
  getItem(key: string): unknown;

  /**
   * Keeps a value.
   *
   * @param key The key.
   * @param value The value.
   * @param options `ttl` says after how many seconds the value may be forgotten.
   * @returns A promise that is fulfilled when the value is kept; anything else when it already is.
   */
  setItem(key: string, value: string, options?: { readonly ttl?: number }): unknown;

  /**
   * Forgets a value.
   *
   * @param key The key.
   * @returns As for `setItem`.
   */
  removeItem(key: string): unknown;
}
