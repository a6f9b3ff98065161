/** How many characters may be wrong in a word that was meant for another one. */
const near = 2;

/** Tells whether two words differ in so few characters that one was probably meant for the other. */
export function isNear(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > near) return false;
  // Levenshtein's distance, row by row.
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[other.length] ?? 0) <= near;
}
