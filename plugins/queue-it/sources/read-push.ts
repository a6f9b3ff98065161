import { isHash } from "../protocol/session-fields.ts";

/** What is pushed: a configuration in hexadecimal digits, and what shall prove by whom. */
export interface Push {
  readonly integrationInfo: string;
  readonly hash: string;
}

/**
 * Reads `{"integrationInfo":"<hex>","hash":"<64 hex>"}`, the members in either order, with the blanks of JSON between them,
 * and nothing else: nobody has proved yet to be the one who pushes, so no JSON is parsed, which a body of brackets makes dear.
 * Every character is looked at a fixed number of times.
 *
 * @returns `undefined` for a text of any other shape.
 */
export function readPush(text: string): Push | undefined {
  let at = 0;

  /** Whether the next character that is not blank is this one, which is passed by then. */
  function take(sign: string): boolean {
    while (blanks.has(text.charCodeAt(at))) at++;
    return text[at] === sign && at++ < text.length;
  }

  /** The next text in quotes. One with an escape is no name and no digits either. */
  function quoted(): string | undefined {
    if (!take('"')) return undefined;
    const end = text.indexOf('"', at);
    if (end === -1) return undefined;
    const found = text.slice(at, end);
    at = end + 1;
    return found;
  }

  const push: { integrationInfo?: string; hash?: string } = {};
  for (const opening of ["{", ","]) {
    if (!take(opening)) return undefined;
    const name = quoted();
    if (name !== "integrationInfo" && name !== "hash") return undefined;
    const value = take(":") ? quoted() : undefined;
    if (value === undefined || push[name] !== undefined) return undefined;
    push[name] = value;
  }
  if (!take("}")) return undefined;
  while (blanks.has(text.charCodeAt(at))) at++;
  const { integrationInfo = "", hash = "" } = push;
  const isPush = at === text.length && isHash(hash) && integrationInfo.length % 2 === 0 &&
    isHexadecimal(integrationInfo);
  return isPush ? { integrationInfo, hash } : undefined;
}

/** Space, tab and the ends of lines. */
const blanks: ReadonlySet<number> = new Set([32, 9, 10, 13]);

function isHexadecimal(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const letter = code | 32;
    if (!((code >= 48 && code <= 57) || (letter >= 97 && letter <= 102))) return false;
  }
  return true;
}
