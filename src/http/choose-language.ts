import { qualityList } from "./quality-list.ts";

/**
 * The best of some languages by what a visitor accepts: `fr-CH` is French, and `q=0` rules a language out.
 *
 * @param header `Accept-Language`.
 * @param offered Primary subtags; the first is for those who accept none of them.
 */
export function chooseLanguage<L extends string>(header: string | null, offered: readonly [L, ...L[]]): L {
  if (header === null) return offered[0];
  const wishes = qualityList(header).map(({ value, q }) => ({ tag: value.split("-", 1)[0], q }));
  const refused = new Set(wishes.filter(({ q }) => q === 0).map(({ tag }) => tag));
  for (const { tag, q } of wishes) {
    if (q === 0) break;
    const found = offered.find((each) => each === tag || (tag === "*" && !refused.has(each)));
    if (found !== undefined) return found;
  }
  return offered[0];
}
