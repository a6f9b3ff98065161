/**
 * Leaves out parameters of a page's address until it fits, the longest first: the address goes into that of a waiting room, and proxies
 * refuse an answer whose headers are too long. What tells pages apart is short mostly.
 *
 * @param url An absolute URL without a fragment.
 * @param max How long it may be, percent-encoded.
 * @param isSame Whether a shorter address is good as well; such as that the same waiting room covers it.
 * @returns The URL with as much of its query as fits; as it is where no shorter one is good.
 */
export function shorterPage(url: string, max: number, isSame: (url: string) => boolean): string {
  const fits = (text: string) => encodeURIComponent(text).length <= max;
  const mark = url.indexOf("?");
  if (mark === -1 || fits(url)) return url;
  const path = url.slice(0, mark);
  const pairs = url.slice(mark + 1).split("&");
  const without = (left: ReadonlySet<number>) => {
    const rest = pairs.filter((_, at) => !left.has(at)).join("&");
    return rest === "" ? path : `${path}?${rest}`;
  };
  let left: ReadonlySet<number> = new Set();
  // Thousands of tiny ones are nobody's page: beyond these the whole query goes, or nothing.
  const longest = pairs.map((pair, at) => ({ at, length: pair.length })).toSorted((a, b) =>
    b.length - a.length
  );
  for (const { at } of longest.slice(0, maxTries)) {
    const tried = new Set([...left, at]);
    if (!isSame(without(tried))) continue;
    left = tried;
    const shorter = without(left);
    if (fits(shorter)) return shorter;
  }
  return isSame(path) ? path : without(left);
}

const maxTries = 32;
