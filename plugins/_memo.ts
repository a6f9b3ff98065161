/** Remembers what was found out about texts, and forgets the ones that were not asked for in a while. */
export interface Memo<T> {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
}

/**
 * Makes a memo of at most `size` texts. It has two halves: when the younger is full it becomes the older, whose texts
 * are forgotten unless they are asked for meanwhile. So a hit costs no bookkeeping.
 */
export function createMemo<T>(size: number): Memo<T> {
  const half = Math.ceil(size / 2);
  let young = new Map<string, T>();
  let old = new Map<string, T>();

  function set(text: string, value: T): void {
    if (half === 0) return;
    if (young.size >= half && !young.has(text)) {
      old = young;
      young = new Map();
    }
    young.set(text, value);
  }

  return {
    get(text) {
      const value = young.get(text);
      if (value !== undefined || old.size === 0) return value;
      const kept = old.get(text);
      if (kept !== undefined) set(text, kept);
      return kept;
    },
    set,
  };
}
