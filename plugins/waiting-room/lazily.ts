/**
 * Makes something when it is asked for the first time. Workers have no randomness before their first request, and nobody should wait at
 * the start for what is not needed then.
 */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}
