/**
 * Leaves out parameters of a page's address by their names, in any case and with escapes in them; every other byte stays.
 *
 * @param url A URL.
 * @param names The names, in whatever case.
 * @returns The URL; as it is where it has none of them. A query of which nothing is left goes with its question mark.
 */
export function withoutParameters(url: string, names: readonly string[]): string {
  const [, place = url, query, fragment = ""] = /^([^?#]*)\?([^#]*)(.*)$/s.exec(url) ?? [];
  if (query === undefined) return url;
  const unwanted = new Set(names.map((name) => name.toLowerCase()));
  const pairs = query.split("&");
  const kept = pairs.filter((pair) => !unwanted.has(nameOf(pair)));
  if (kept.length === pairs.length) return url;
  const rest = kept.join("&");
  return (rest === "" ? place : `${place}?${rest}`) + fragment;
}

function nameOf(pair: string): string {
  const name = /^[^=]*/.exec(pair)?.[0] ?? "";
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    // It is none of ours, whose names are of ASCII.
    return name.toLowerCase();
  }
}
