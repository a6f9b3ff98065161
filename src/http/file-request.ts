/**
 * Tells a request for a file from one for a page, or for the data of a page.
 *
 * A file is what a browser loads as one: a style, a script, an image, a font. A page is what it opens, in a tab or in a
 * frame. The data of a page is what a client router loads in its place, and often looks like a file.
 */

import { isDataPath, routerParameters } from "../url/data-pages.ts";

/**
 * For what browsers load files (https://fetch.spec.whatwg.org/#concept-request-destination). Left out are destinations
 * that show a page (`document`, `iframe`, `frame`, `fencedframe`, `embed`, `object`), those that carry data (`json`,
 * `text`, `xslt`, `report`, `webidentity`), and `empty`, see {@linkcode isFileRequest}.
 */
const destinations: ReadonlySet<string> = new Set(
  "audio audioworklet font image manifest paintworklet script serviceworker sharedworker style track video worker"
    .split(" "),
);

/** What a client asks for that wants a page, its data, or events. Browsers name HTML only when they open a page. */
const pageTypes =
  /\btext\/(?:\*|html|event-stream|x-component|vnd\.)|\bapplication\/(?:xhtml|json|(?!manifest\+)[\w.-]+\+json|x-ndjson)/i;

/**
 * What comes with no file, also beside the destination of one: a browser adds none of them there, but applications go by them all
 * the same, and open a WebSocket for whoever says that it is an image.
 *
 * First the headers of navigations, and of other protocols. Then those of client routers and of libraries that replace parts of a
 * page: Next.js, Inertia, htmx, Turbo, PJAX, Unpoly, Livewire, Alpine AJAX, Datastar, Barba and JSF. Where several come
 * together, the one that always does stands here.
 */
const pageHeaders: readonly string[] = (
  "sec-fetch-user upgrade-insecure-requests upgrade " +
  "rsc next-router-state-tree x-nextjs-data x-inertia hx-request turbo-frame x-pjax x-up-version x-livewire-navigate " +
  "x-alpine-request datastar-request x-barba faces-request"
).split(" ");

const namesRouter: ReadonlySet<string> = new Set(routerParameters);
/** What no query is without that has one of them. */
const mayNameRouter = /[_%-]/;

/**
 * Whether a request is for the data of a page by its URL, as the client routers of the well-known frameworks load it.
 *
 * @param path The path, decoded.
 * @param query The query, without its question mark; `""` for none.
 */
export function isDataUrl(path: string, query: string): boolean {
  if (isDataPath(path)) return true;
  if (!mayNameRouter.test(query)) return false;
  for (const name of new URLSearchParams(query).keys()) {
    if (namesRouter.has(name.toLowerCase())) return true;
  }
  return false;
}

/** Whether a request with a value of some header may be one for a file. */
type Fits = (value: string, byScript: boolean) => boolean;

/** Headers that may come with a request for a file if they say the right thing, and with which values they do. */
const valued: readonly (readonly [name: string, fits: Fits])[] = [
  ["sec-fetch-mode", (value) => value === "no-cors" || value === "cors" || value === "same-origin"],
  ["sec-fetch-dest", (value, byScript) => destinations.has(value) || (byScript && value === "empty")],
  ["accept", (value) => !pageTypes.test(value)],
  ["content-length", (value) => value === "0"],
  ["x-requested-with", (value, byScript) => byScript || !/\bXMLHttpRequest\b/i.test(value)],
];
/** Headers that never come with one. RFC 9112, 6.3: a request has a body when it tells its length or its framing. */
const foreign: readonly string[] = [...pageHeaders, "transfer-encoding", "content-type"];
const never: Fits = () => false;
/** The same of all of them, for a pass over the headers of a request. */
const judges: ReadonlyMap<string, Fits> = new Map([
  ...valued,
  ...foreign.map((name) => [name, never] as const),
]);

/** Node checks each name that it is asked for; a pass over all headers of a browser takes it two thirds of that. */
const asksSlowly = !["Deno", "Bun", "WebSocketPair"].some((name) => name in globalThis);

/**
 * Whether a request is one by which a browser loads a file. It is none that opens a page, has a body, changes the
 * connection's protocol, or comes from a client router, whatever file it says that it is for. What names neither a destination
 * nor a type, as crawlers and older browsers do, may be one.
 *
 * A script that fetches by itself says `empty`, and so do prefetches and service workers: nobody can tell a file from
 * data by that.
 *
 * @param request The request.
 * @param byScript Whether a request by a script counts as one for a file.
 */
export function isFileRequest({ method, headers }: Request, byScript: boolean): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  // A browser sends so many headers that it costs less to ask for these, a program so few that one pass costs less.
  return asksSlowly || !headers.has("sec-fetch-mode")
    ? fitsRead(headers, byScript)
    : fitsAsked(headers, byScript);
}

function fitsAsked(headers: Headers, byScript: boolean): boolean {
  for (const [name, fits] of valued) {
    const value = headers.get(name);
    if (value !== null && !fits(value, byScript)) return false;
  }
  return !foreign.some((name) => headers.has(name));
}

function fitsRead(headers: Headers, byScript: boolean): boolean {
  let isFile = true;
  headers.forEach((value, name) => {
    if (judges.get(name)?.(value, byScript) === false) isFile = false;
  });
  return isFile;
}
