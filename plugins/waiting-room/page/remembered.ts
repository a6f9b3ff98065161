/** How many texts of one kind are remembered. */
const usual = 1000;

/** Writes each text once: `Intl` takes up to 35 µs for an interval, longer than the rest of the page, and so does spelling a note. */
export function remembered<K extends string | number, V extends string>(
  write: (key: K) => V,
  maxCount: number = usual,
): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size === maxCount) known.clear();
    const written = write(key);
    known.set(key, written);
    return written;
  };
}
