/** What a node remembers of visitors for a while, so that it need not ask again. */
export interface Remembered<T> {
  /** What is known of somebody; `undefined` where it is forgotten, or too old. */
  get(key: string, now: number): T | undefined;
  /** Whether anything is known, however old it is. */
  has(key: string): boolean;
  /** Remembers something up to a time, by the clock of the store. */
  set(key: string, value: T, until: number): void;
  forget(key: string): void;
}

/** Remembers so many visitors at most: the one that was told of first is forgotten first. */
export function remember<T>(maxCount: number): Remembered<T> {
  const known = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    get(key, now) {
      const entry = known.get(key);
      if (entry === undefined) return undefined;
      if (now < entry.until) return entry.value;
      known.delete(key);
      return undefined;
    },
    has: (key) => known.has(key),
    set(key, value, until) {
      known.delete(key);
      known.set(key, { value, until });
      if (known.size <= maxCount) return;
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    },
    forget: (key) => void known.delete(key),
  };
}
