/**
 * The longest address to come back to that is left as it is, in encoded form. Proxies take headers of 4 KB in all, cookies included, and
 * answer 502 for longer ones.
 */
export const longestBack = 2560;

/**
 * Leaves out parameters of a page's address until it fits, the longest first: the address goes into that of a waiting room, and proxies
 * refuse an answer whose headers are too long. What tells pages apart is short mostly.
 *
 * @param url An absolute URL. Its fragment stays.
 * @param max How long it may be, percent-encoded.
 * @param isSame Whether a shorter address is good as well; such as that the same waiting room covers it. Where it does not say so of the
 * address itself, or nobody knows, every one is.
 * @returns The URL with as much of its query as fits; as it is where no shorter one is good.
 */
export function shorterPage(
  url: string,
  max: number,
  isSame: ((url: string) => boolean) | undefined,
): string {
  const fits = (text: string) =>
    text.length <= max / 9 || lengthOf(encodeURIComponent(text.toWellFormed())) <= max;
  if (fits(url)) return url;
  const [, path, query, fragment = ""] = /^([^?#]*)\?([^#]*)(.*)$/s.exec(url) ?? [];
  if (path === undefined || query === undefined) return url;
  const isGood = isSame?.(url) ? isSame : () => true;
  const pairs = query.split("&");
  const without = (left: ReadonlySet<number>) => {
    const rest = pairs.filter((_, at) => !left.has(at)).join("&");
    return (rest === "" ? path : `${path}?${rest}`) + fragment;
  };
  let left: ReadonlySet<number> = new Set();
  // Thousands of tiny ones are nobody's page: beyond these the whole query goes, or nothing.
  const longest = pairs.map((pair, at) => ({ at, length: pair.length })).toSorted((a, b) =>
    b.length - a.length
  ).slice(0, maxTries);
  const bare = path + fragment;
  // Each of them takes a look at the whole.
  if (!fits(without(new Set(longest.map(({ at }) => at)))) && isGood(bare)) return bare;
  for (const { at } of longest) {
    const tried = new Set([...left, at]);
    if (!isGood(without(tried))) continue;
    left = tried;
    const shorter = without(left);
    if (fits(shorter)) return shorter;
  }
  return isGood(bare) ? bare : without(left);
}

/** Queue-it's connectors encode five more characters. */
function lengthOf(encoded: string): number {
  return encoded.length + 2 * (encoded.match(/[!'()*]/g)?.length ?? 0);
}

const maxTries = 32;
