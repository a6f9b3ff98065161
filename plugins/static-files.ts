/**
 * Lets static files, and whatever else needs no protection, bypass the gate.
 *
 * @module
 */

import { checkFunction, checkOptions, checkStrings, type Subject, valueError } from "../src/options/check.ts";
import type { Context } from "../src/context.ts";
import type { Helper } from "../src/plugin.ts";
import {
  ambiguous,
  decodePath,
  encoded,
  endsAt,
  pathStart,
  scanPath,
  withoutDot,
} from "../src/url/plain-path.ts";

/** The options of {@linkcode staticFiles}. */
export interface StaticFilesOptions {
  /**
   * The extensions of static files, without the dot, in any case. An empty list turns the suffix rule off.
   *
   * @default {those of styles, scripts, images, fonts, films and documents, `json`, `xml` and `csv` among them}
   */
  readonly extensions?: readonly string[];
  /**
   * Directories of static files. Given, an extension counts only below them. This is the strict setting, for
   * applications that answer `/tickets.json` or `/index.php/x.css` with a page.
   *
   * @default {extensions count everywhere}
   */
  readonly roots?: readonly string[];
  /**
   * Paths that need no protection whatever the method, with all that is below them: `"/admin"` stands for `/admin`
   * and `/admin/x`, not for `/administrator`; `"/admin/"` only for what is below.
   *
   * @default {[]}
   */
  readonly paths?: readonly string[];
  /**
   * Tells whether a request needs no protection, by returning `true`. It is asked last, for every method.
   *
   * @default {none}
   */
  readonly test?: (ctx: Context) => boolean;
}

/** The extensions that most sites need not protect. */
const defaultExtensions: readonly string[] =
  "css gif ico jpg jpeg js json mov mp4 mpeg mpg png svg ttf otf eot woff woff2 webp avif map mjs webmanifest csv txt xml pdf ogg ogv wmv avi"
    .split(" ");

const subject: Subject = "static-files plugin";

/**
 * Lets requests for static files bypass the gate: GET and HEAD, by the extension of the path's last segment. The
 * query plays no part. Put it first.
 *
 * A page that a browser opens in a tab or a frame (`Sec-Fetch-Dest`) is protected whatever its extension is. So is
 * every path that servers do not all read alike: with an encoded slash, `;`, `//`, dot segments, backslashes, control
 * characters or broken encodings. Paths are compared percent-decoded, and in their case.
 *
 * An extension says what a visitor asks for, not what the application answers: where it answers pages under such
 * names, set `roots`.
 *
 * @param options What needs no protection.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { staticFiles } from "@stanchion/stanchion";
 *
 * const plugin = staticFiles({
 *   roots: ["/assets"],
 *   paths: ["/admin", "/payments/callback"],
 *   test: (ctx) => ctx.request.method === "OPTIONS",
 * });
 * ```
 */
export function staticFiles(options: StaticFilesOptions = {}): Helper {
  const { extensions = defaultExtensions, roots, paths = [], test } = checked(options);
  const known = byKey(extensions.map((extension) => extension.toLowerCase()));

  // On the way of every request: one look at the path where it stands in the URL, no copy of it.
  function exempts(ctx: Context): boolean {
    let text = ctx.request.url;
    let from = pathStart(text);
    let dot = scanPath(text, from);
    if (dot === encoded) {
      const decoded = decodePath(ctx.path);
      if (decoded === undefined) return false;
      text = decoded;
      from = 0;
      dot = scanPath(text, from);
      // A percent sign that is left was encoded itself, so it is literal.
      if (dot === encoded) dot = dotOf(text);
    }
    if (dot === ambiguous) return false;
    if (paths.length > 0 && isBelow(text, from, paths)) {
      ctx.note?.("the path needs no protection");
      return true;
    }
    if (
      dot === withoutDot || !hasExtension(text, dot + 1) ||
      (roots !== undefined && !isBelow(text, from, roots))
    ) {
      return false;
    }
    const { method, headers } = ctx.request;
    if ((method !== "GET" && method !== "HEAD") || isNavigation(headers.get("sec-fetch-dest"))) return false;
    ctx.note?.("a static file by its extension");
    return true;
  }

  function hasExtension(text: string, from: number): boolean {
    const candidates = known.get(keyOf(text, from));
    if (candidates === undefined) return false;
    for (const extension of candidates) {
      const end = from + extension.length;
      if (!endsAt(text, end)) continue;
      if (text.startsWith(extension, from) || text.slice(from, end).toLowerCase() === extension) return true;
    }
    return false;
  }

  return {
    name: "static-files",
    match(ctx) {
      if (exempts(ctx)) return false;
      return test === undefined || test(ctx) !== true;
    },
  };
}

/** Extensions by a number that is the same in both cases, for a look-up without a slice. */
function byKey(extensions: readonly string[]): ReadonlyMap<number, readonly string[]> {
  const map = new Map<number, string[]>();
  for (const extension of extensions) {
    const key = keyOf(extension, 0);
    map.set(key, [...(map.get(key) ?? []), extension]);
  }
  return map;
}

function keyOf(text: string, from: number): number {
  let key = 0;
  for (let at = from; !endsAt(text, at); at++) key = (Math.imul(key, 31) + (text.charCodeAt(at) | 32)) | 0;
  return key;
}

function isNavigation(destination: string | null): boolean {
  return destination === "document" || destination === "iframe" || destination === "frame";
}

/** Whether the path is one of the prefixes or below it, at the boundaries of segments. */
function isBelow(text: string, from: number, prefixes: readonly string[]): boolean {
  for (const prefix of prefixes) {
    if (!text.startsWith(prefix, from)) continue;
    const end = from + prefix.length;
    if (prefix.endsWith("/") || text.charCodeAt(end) === 47 /* / */ || endsAt(text, end)) return true;
  }
  return false;
}

function dotOf(path: string): number {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") ? dot : withoutDot;
}

function checked(options: StaticFilesOptions): StaticFilesOptions {
  checkOptions(subject, options, ["extensions", "roots", "paths", "test"]);
  const { extensions, roots, paths, test } = options;
  if (extensions !== undefined) {
    const must = 'a list of extensions without their dot, such as "css"';
    checkStrings(subject, "extensions", extensions, must, (text) => /^[^\s./\\;?#%]+$/.test(text));
  }
  if (roots !== undefined) checkPrefixes("roots", roots);
  if (roots?.length === 0) {
    throw valueError(
      subject,
      "roots",
      'a list of paths, or left out; "extensions: []" turns the suffix rule off',
      roots,
    );
  }
  if (paths !== undefined) checkPrefixes("paths", paths);
  if (paths?.includes("/")) {
    throw valueError(subject, "paths", 'a list of paths other than "/", below which everything is', "/");
  }
  if (test !== undefined) checkFunction(subject, "test", test);
  return options;
}

function checkPrefixes(option: string, prefixes: readonly string[]): void {
  const must = 'a list of decoded paths that start with "/", such as "/assets"';
  checkStrings(
    subject,
    option,
    prefixes,
    must,
    (text) => scanPath(text, 0) !== ambiguous && !/[?#]|%[\da-f]{2}/i.test(text),
  );
}
