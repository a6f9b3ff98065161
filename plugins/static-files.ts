/**
 * Lets static files, and whatever else needs no protection, bypass the gate.
 *
 * @module
 */

import { atOnce } from "../src/async/at-once.ts";
import {
  checkBoolean,
  checkFunction,
  checkOptions,
  checkStrings,
  type Subject,
  valueError,
} from "../src/options/check.ts";
import type { Context } from "../src/context.ts";
import { isDataUrl, isFileRequest } from "../src/http/file-request.ts";
import { beforePattern, isPathPattern } from "../src/options/path-pattern.ts";
import type { Helper } from "../src/plugin.ts";
import {
  ambiguous,
  decodePath,
  encoded,
  endsAt,
  isBelow,
  pathStart,
  scanPath,
  withoutDot,
} from "../src/url/plain-path.ts";

/** The options of {@linkcode staticFiles}. */
export interface StaticFilesOptions {
  /**
   * The extensions of static files, without the dot, in any case. An empty list turns the suffix rule off. Whoever adds
   * `json`, `xml`, `txt`, `csv` or `pdf` should say by `roots` where they are files: elsewhere they are often pages.
   *
   * @default {those of styles, scripts, images, fonts, sound, films, source maps and web app manifests}
   */
  readonly extensions?: readonly string[];
  /**
   * Directories of static files, such as `["/assets"]`. Given, an extension counts only below them, and what a script
   * or a service worker fetches there is a file as well. Give them: a route such as `/tickets/:id` answers to
   * `/tickets/5.css` too, and nobody but you knows where no page is.
   * They are compared with the path as the gate is given it, without a `basePath`; so are `paths`.
   *
   * @default {extensions count everywhere, for what browsers load as a file}
   */
  readonly roots?: readonly string[];
  /**
   * Paths that need no protection whatever the method, with all that is below them: `"/admin"` stands for `/admin`
   * and `/admin/x`, not for `/administrator`; `"/admin/"` only for what is below. Patterns such as `"/admin/*"` are refused.
   *
   * @default {[]}
   */
  readonly paths?: readonly string[];
  /**
   * Whether GET and HEAD of the registered names below `/.well-known/` need no protection. There is what programs ask about a site (RFC 8615), such
   * as the challenges of certificates (ACME) and the links of apps: they never come back from a waiting room.
   *
   * @default {true}
   */
  readonly wellKnown?: boolean;
  /**
   * Tells whether a request needs no protection, by returning `true`. It is asked last, for every method.
   *
   * @default {none}
   */
  readonly test?: (ctx: Context) => boolean;
}

/**
 * What pages are made of. Nothing among it carries the data of a page: `json`, `xml`, `csv`, `txt` and `pdf` do. A web app
 * manifest is there because browsers load it without cookies.
 */
const defaultExtensions: readonly string[] = (
  "css map js mjs wasm webmanifest apng avif bmp cur gif ico jpeg jpg jxl png svg webp eot otf ttf woff woff2 " +
  "aac avi flac m4a m4v mov mp3 mp4 mpeg mpg oga ogg ogv opus vtt wav weba webm wmv"
).split(" ");

const subject: Subject = "static-files plugin";

/**
 * Lets requests for static files bypass the gate: what a browser loads as a file, by the extension of the path's last
 * segment. Put it first.
 *
 * A page is protected whatever its extension is: one that a browser opens in a tab or a frame (`Sec-Fetch-Dest`,
 * `Sec-Fetch-Mode`, or `Accept` with `text/html`), a request with a method other than GET and HEAD or with a body, a
 * WebSocket, and the data that the client routers of the well-known frameworks load, also where it says that it is for a
 * file. What a script fetches is a file only below `roots`. So is every path protected that servers do not all read alike: with
 * an encoded slash, `;`, `//`, dot segments, backslashes, control characters or broken encodings. Paths are compared
 * percent-decoded, and in their case.
 *
 * An extension says what a visitor asks for, not what the application answers, and headers are what a client says of
 * itself. Set `roots`, so that neither counts where there are pages.
 *
 * @param options What needs no protection.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { staticFiles } from "stanchion";
 *
 * const plugin = staticFiles({
 *   roots: ["/assets"],
 *   paths: ["/admin", "/payments/callback"],
 *   test: (ctx) => ctx.request.method === "OPTIONS",
 * });
 * ```
 */
export function staticFiles(options: StaticFilesOptions = {}): Helper {
  const { extensions = defaultExtensions, roots, paths = [], wellKnown = true, test } = checked(options);
  const known = byKey(extensions.map((extension) => extension.toLowerCase()));

  // On the way of every request: one look at the path where it stands in the URL, no copy of it.
  function exempts(ctx: Context): boolean {
    const { url } = ctx.request;
    let text = url;
    let from = pathStart(text);
    let dot = scanPath(text, from);
    if (dot === encoded) {
      // As it was written, where a server left it so: nobody else resolves what is encoded there.
      const decoded = decodePath(pathOf(text, from));
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
    if (wellKnown && text.startsWith(wellKnownPath, from) && isWellKnown(text, from, ctx.request)) {
      ctx.note?.("what programs ask about the site");
      return true;
    }
    if (dot === withoutDot || !hasExtension(text, dot + 1)) return false;
    if (roots !== undefined && !isBelow(text, from, roots)) return false;
    // Whoever names the directories of the files vouches for what is fetched there.
    if (!isFileRequest(ctx.request, roots !== undefined)) return false;
    if (isDataUrl(pathOf(text, from), queryOf(url))) return false;
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
      return test === undefined || atOnce("test", test(ctx)) !== true;
    },
  };
}

const wellKnownPath = "/.well-known/";
/**
 * What is known there, of https://www.iana.org/assignments/well-known-uris and of the platforms that look there. Another name may be a
 * page: a route such as `/:language/checkout` answers to any.
 */
const wellKnownNames: ReadonlySet<string> = new Set(
  ("acme-challenge ai.txt amphtml apple-app-site-association apple-developer-domain-association.txt " +
    "apple-developer-merchantid-domain-association assetlinks.json atproto-did autoconfig brski caldav carddav change-password " +
    "dnt-policy.txt est gpc.json host-meta host-meta.json jwks.json keybase.txt matrix mta-sts.txt nodeinfo " +
    "oauth-authorization-server oauth-protected-resource openid-configuration openid-federation openorg openpgpkey passkey-endpoints " +
    "pki-validation privacy-sandbox-attestations.json pubvendors.json related-website-set.json security.txt ssf-configuration " +
    "tdmrep.json thread timezone traffic-advice trust.txt web-identity webauthn webfinger").split(" "),
);
/** Headers with which nobody asks there: they open a socket, or come with a body. */
const otherwise = ["upgrade", "content-type", "transfer-encoding"];

/** Whether a program asks about the site. Only WebFinger is asked with a query; by one, some sites answer with any page. */
function isWellKnown(text: string, from: number, { method, headers, url }: Request): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  const [name = ""] = pathOf(text, from).slice(wellKnownPath.length).split("/");
  return wellKnownNames.has(name) && (name === "webfinger" || queryOf(url) === "") &&
    !otherwise.some((header) => headers.has(header));
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

/** The path without query and fragment, where a text has them. */
function pathOf(text: string, from: number): string {
  const mark = text.indexOf("?", from);
  const hash = text.indexOf("#", from);
  const end = mark === -1 || (hash !== -1 && hash < mark) ? hash : mark;
  return end === -1 ? text.slice(from) : text.slice(from, end);
}

/** The query of a URL, `""` without one. A fragment never reaches a server, and is no part of it. */
function queryOf(url: string): string {
  const mark = url.indexOf("?");
  const hash = url.indexOf("#");
  if (mark === -1 || (hash !== -1 && hash < mark)) return "";
  return url.slice(mark + 1, hash === -1 ? url.length : hash);
}

function dotOf(path: string): number {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") ? dot : withoutDot;
}

function checked(options: StaticFilesOptions): StaticFilesOptions {
  checkOptions(subject, options, ["extensions", "roots", "paths", "wellKnown", "test"]);
  const { extensions, roots, paths, wellKnown, test } = options;
  if (extensions !== undefined) {
    const must = 'a list of extensions without their dot, such as "css"';
    checkStrings(subject, "extensions", extensions, must, (text) => /^[^\s./\\;?#%*{}|()[\],]+$/.test(text));
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
  if (wellKnown !== undefined) checkBoolean(subject, "wellKnown", wellKnown);
  if (test !== undefined) checkFunction(subject, "test", test);
  return options;
}

function checkPrefixes(option: string, prefixes: readonly string[]): void {
  const isPattern = (each: unknown) => typeof each === "string" && isPathPattern(each);
  const pattern = Array.isArray(prefixes) ? prefixes.find(isPattern) : undefined;
  if (pattern !== undefined) {
    const path = beforePattern(pattern);
    const instead = path === "" ? "" : `, such as ${JSON.stringify(path)}`;
    const must = `a list of paths, each of which stands for all that is below it, not of patterns${instead}`;
    throw valueError(subject, option, must, pattern);
  }
  const must = 'a list of decoded paths that start with "/", such as "/assets"';
  checkStrings(
    subject,
    option,
    prefixes,
    must,
    (text) => scanPath(text, 0) !== ambiguous && !/[?#]|%[\da-f]{2}/i.test(text),
  );
}
