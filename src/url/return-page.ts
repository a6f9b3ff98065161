/**
 * To which page a visitor comes back who has to wait.
 *
 * Browsers come back from a waiting room with GET. What was sent with another method was sent from a page, and its address
 * often takes that method only.
 */

import { pageOfData } from "./data-pages.ts";
import { originOf } from "./origin.ts";

/** Longer addresses would not fit, in encoded form, into that of a waiting room: the page is told without its query, or not at all. */
const longest = 2560;
/** Longer texts are no address of a page. */
const longestTold = 8192;

/**
 * Gives the page to which the visitor of a request comes back: its own for GET and HEAD, or the one whose data it asks for; else the page of
 * the same origin from which it was sent, where the browser tells that.
 *
 * @param url The URL of the request as the browser sees it, with scheme and host in canonical form.
 */
export function returnPageOf(request: Pick<Request, "method" | "headers">, url: string): string {
  const { method } = request;
  const isRead = method === "GET" || method === "HEAD";
  const sentFrom = isRead ? undefined : ownPage(request.headers.get("referer"), url);
  return sentFrom ?? pageOfData(url);
}

/**
 * Gives the address of a page that a client tells in a header, if it is one of the same origin. A browser may see a page
 * encrypted that a server behind a proxy does not.
 *
 * @param told What the client says: an absolute URL, or a path.
 * @param url A URL of the site.
 * @returns The page without its fragment, in the form of browsers, and without a query that is too long; `undefined` for every other
 * text.
 */
export function ownPage(told: string | null, url: string): string | undefined {
  if (told === null || told.length > longestTold || !/^[!-~]+$/.test(told)) return undefined;
  if (!URL.canParse(told, url)) return undefined;
  const page = new URL(told, url);
  // The origin of a `blob:` is that of the page that made it.
  if (page.protocol !== "https:" && page.protocol !== "http:") return undefined;
  if (page.username !== "" || page.password !== "") return undefined;
  const own = originOf(url);
  if (page.origin !== own && page.origin !== own.replace(/^http:/, "https:")) return undefined;
  const path = page.origin + page.pathname;
  return [path + page.search, path].find((text) => encodeURIComponent(text).length <= longest);
}
