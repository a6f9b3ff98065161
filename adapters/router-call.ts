/** What routers in the browser ask a server in place of a page, and what they are told who have to wait. */

import { originOf } from "../src/url/origin.ts";
import { siteAddress } from "../src/url/site-address.ts";
import { waitingRoomProblem } from "../src/http/waiting-room-problem.ts";

/**
 * Shows a call of a router in the browser as what it is: a program's request for data of a page. The gate then decides by the page, the visitor
 * comes back to it, and nobody gets a number for a call, whatever the browser says of it.
 *
 * @param url The URL of the page.
 */
export function callOf(request: Request, url: string): Request {
  const headers = new Headers(request.headers);
  headers.set("sec-fetch-mode", "cors");
  headers.set("sec-fetch-dest", "empty");
  if (request.method === "GET" || request.method === "HEAD") {
    // The page that is asked for counts, and not the one on which the visitor is: as where a browser opens it by itself.
    headers.delete("referer");
    if (headers.has("sec-fetch-site")) headers.set("sec-fetch-site", "none");
  }
  return viewOf(request, { url, headers });
}

/** A request of which some is told otherwise. The request itself and its body stay with the application. */
export function viewOf(request: Request, told: Partial<Pick<Request, "url" | "headers">>): Request {
  return new Proxy(request, {
    get(target, name) {
      const value: unknown = Reflect.get(name in told ? told : target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Where the visitor of a call has to go. */
export interface Leave {
  /** The address that the browser opens as a page. */
  readonly location: string;
  /** Whether it is a page of the site itself, in the place of which a room of our own shows its page. */
  readonly isOwn: boolean;
}

/**
 * Reads of an answer of the gate where the visitor of a call is to go.
 *
 * @returns `undefined` where the call is turned down, or answered otherwise.
 */
export async function leaveOf(answer: Response): Promise<Leave | undefined> {
  const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get("location") : null;
  if (location !== null) return { location, isOwn: false };
  if (answer.headers.get("content-type") !== "application/problem+json") return undefined;
  // An answer to HEAD has no body.
  const told: unknown = await answer.clone().json().catch(() => undefined);
  if (typeof told !== "object" || told === null || !("type" in told) || !("waitingRoom" in told)) {
    return undefined;
  }
  const { type, waitingRoom } = told;
  if (type !== waitingRoomProblem || typeof waitingRoom !== "string") return undefined;
  // In JSON there may be what no header can hold; a URL that was parsed has nothing of it.
  if (!URL.canParse(waitingRoom)) return undefined;
  const { href } = new URL(waitingRoom);
  // Rooms of our own alone tell after how long to ask again.
  if (!("seconds" in told)) return { location: href, isOwn: false };
  // Routers make a path of what is an address of the site.
  return { location: originOf(href) + siteAddress(href), isOwn: true };
}

/** The headers of the gate's answer for an answer in the words of a framework: its cookies, and who may store it. */
export function headersFor(answer: Response, words: Readonly<Record<string, string>>): Headers {
  const headers = new Headers(answer.headers);
  for (const name of ["content-length", "content-type", "location", "retry-after"]) headers.delete(name);
  for (const [name, value] of Object.entries(words)) headers.set(name, value);
  return headers;
}

/** What all parts of SvelteKit's client understand as a redirect. Pages of the site are opened by way of `opening`, see {@linkcode opened}. */
export function svelteKitRedirect(answer: Response, leave: Leave, opening: string): Response {
  const location = (leave.isOwn ? opening : "") + addressOf(leave);
  const told = { type: "redirect", status: 303, location };
  return new Response(JSON.stringify(told), {
    headers: headersFor(answer, { "content-type": "application/json" }),
  });
}

/** Where SvelteKit's client, which knows the page itself, leaves for it: what stands behind it is opened as a page, and not as data. */
export const openingPath = "/.stanchion-open";

/** Leads to the page that stands behind that address; several slashes before it would be another host. */
export function opened({ pathname, search }: Pick<URL, "pathname" | "search">, opening: string): Response {
  const page = pathname.slice(opening.length).replace(/^\/+/, "/");
  return new Response(null, {
    status: 302,
    headers: { location: page + search, "cache-control": "no-store" },
  });
}

/** What Next's router understands as a redirect where it sent a server action. */
export function nextActionRedirect(answer: Response, { location }: Leave): Response {
  // A semicolon would begin what Next says of the way to go there.
  const headers = { "x-action-redirect": `${location.replaceAll(";", "%3B")};push` };
  return new Response(null, { headers: headersFor(answer, headers) });
}

/** Where to go: in the site without scheme and host. */
export function addressOf({ location, isOwn }: Leave): string {
  return isOwn ? siteAddress(location) : location;
}
