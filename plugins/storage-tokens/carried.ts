/**
 * What a cookie carries of a visitor of whom nothing is stored yet: the tokens themselves, as `~["name","token",…]`. No id
 * begins with that mark.
 */

/** Tokens by their names. */
export type Carried = ReadonlyMap<string, string>;

const mark = "~";
/** How long the encoded value of a cookie may be. Browsers take 4096 bytes with name and attributes. */
const longest = 3072;

/** Writes tokens as the value of a cookie; `undefined` when it would be too long. */
export function writeCarried(tokens: Carried): string | undefined {
  const value = mark + JSON.stringify([...tokens].flat());
  return encodeURIComponent(value).length <= longest ? value : undefined;
}

/** Reads what a cookie carries; `undefined` for whatever was not written like that. */
export function readCarried(value: string, isName: (name: string) => boolean): Carried | undefined {
  if (!value.startsWith(mark) || value.length > longest) return undefined;
  const text = value.slice(mark.length);
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isTexts(parts) || parts.length === 0 || parts.length % 2 === 1) return undefined;
  const tokens = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) {
    const [name = "", token = ""] = parts.slice(at, at + 2);
    if (!isName(name) || token === "") return undefined;
    tokens.set(name, token);
  }
  // There is one spelling of each.
  return JSON.stringify([...tokens].flat()) === text ? tokens : undefined;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string");
}
