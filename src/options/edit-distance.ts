/** How many characters may be wrong in a word that was meant for another one. */
const near = 2;

/**
 * Tells whether one word was probably meant for another one. Whoever mistypes a word hardly ever begins it wrong: another
 * first letter, as in `watch` and `match`, makes another word.
 */
export function isNear(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a[0] === b[0] && Math.abs(a.length - b.length) <= near && distance(a, b) <= near;
}

/** Levenshtein's distance, row by row. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
