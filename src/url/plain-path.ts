/**
 * Reads the path of a request as servers and frameworks agree on it. Where they differ, a path is ambiguous: a page
 * that one of them would serve must not pass for something else here.
 */

/** What {@linkcode scanPath} says of a path whose last segment has no dot. */
export const withoutDot = 0;
/** What {@linkcode scanPath} says of a path that has percent-encodings. */
export const encoded = -1;
/** What {@linkcode scanPath} says of a path that is not read alike by everybody. */
export const ambiguous = -2;

/**
 * Where the path of an absolute URL begins; -1 where it has none, and a slash stands in its query at most. The shortest
 * origin of the web, `http://a`, has eight characters.
 */
export function pathStart(url: string): number {
  for (let at = 8; at < url.length; at++) {
    if (url.charCodeAt(at) === 47 /* / */) return at;
    if (endsAt(url, at)) return -1;
  }
  return -1;
}

/**
 * Looks at a path once, up to its query, without allocating.
 *
 * Ambiguous are empty segments (`//`), `.` and `..` (some resolve them, some do not), backslashes (slashes to some),
 * `;` (matrix parameters, which some drop), and control characters, NUL among them (some end the path there).
 *
 * @param text What holds the path: a URL, or a path.
 * @param from The place of the path's first slash.
 * @returns The place of the last dot of the last segment, never 0, or one of the constants above.
 */
export function scanPath(text: string, from: number): number {
  const length = text.length;
  if (text.charCodeAt(from) !== 47 /* / */) return ambiguous;
  let slash = from;
  let dot = withoutDot;
  let dots = 0;
  let percent = false;
  let at = from + 1;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code > 63 /* ? */) {
      if (code === 92 /* \ */ || (code >= 127 && code < 160)) return ambiguous;
    } else if (code === 47 /* / */) {
      // A segment of as many characters as dots is empty, `.` or `..`.
      if (at - slash - 1 === dots && dots <= 2) return ambiguous;
      slash = at;
      dot = withoutDot;
      dots = 0;
    } else if (code === 46 /* . */) {
      dot = at;
      dots++;
    } else if (code === 63 /* ? */ || code === 35 /* # */) {
      break;
    } else if (code === 37 /* % */) {
      percent = true;
    } else if (code === 59 /* ; */ || code < 32) {
      return ambiguous;
    }
  }
  const last = at - slash - 1;
  if (last > 0 && last === dots && dots <= 2) return ambiguous;
  return percent ? encoded : dot;
}

/** Whether the path ends at this place. */
export function endsAt(text: string, at: number): boolean {
  if (at >= text.length) return true;
  const code = text.charCodeAt(at);
  return code === 63 /* ? */ || code === 35 /* # */;
}

/** Whether the path is one of the prefixes or below it, at the boundaries of segments. */
export function isBelow(text: string, from: number, prefixes: readonly string[]): boolean {
  for (const prefix of prefixes) {
    if (!text.startsWith(prefix, from)) continue;
    const end = from + prefix.length;
    if (prefix.endsWith("/") || text.charCodeAt(end) === 47 /* / */ || endsAt(text, end)) return true;
  }
  return false;
}

/**
 * Decodes the path of a URL.
 *
 * @param path The path, percent-encoded.
 * @returns The decoded path, or `undefined` when it cannot be decoded, when a slash, `?` or `#` was
 * encoded, or when something that divides paths was encoded twice. What it has become may still be ambiguous; a percent sign in it is literal.
 */
export function decodePath(path: string): string | undefined {
  if (/%(?:2f|3f|23)/i.test(path)) return undefined;
  // Encoded twice, a dot, a slash or what else divides a path: some decode once more before they look at it.
  if (/%25(?:25|2e|2f|3b|3f|23|5c|[01][\da-f]|7f)/i.test(path)) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    // Encodings that are incomplete or no UTF-8 mean something else to everybody.
    return undefined;
  }
}
