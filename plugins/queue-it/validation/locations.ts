import type { HeaderChange } from "../../../src/decision.ts";
import { type CancelAction, isAmbiguous, type QueueAction } from "../configuration/mod.ts";
import type { Connector } from "./connector.ts";
import { seconds, type TokenFault, type Visit } from "./visit.ts";
import { decoded, enc, hexOf, isHeaderSafe } from "../protocol/encode.ts";
import type { SessionCookie } from "../protocol/session-cookie.ts";
import type { QueueIds } from "./session-state.ts";
import { takeToken } from "../protocol/token-in-url.ts";
import type { WayBack } from "../protocol/way-back.ts";
import { ServiceError } from "../../../src/errors.ts";
import { madeOnce } from "../../../src/http/made-once.ts";
import { longestBack, shorterPage } from "../../../src/url/shorter-page.ts";

/** The header by which a page's script says on which page it runs. */
export const ajaxHeader = "x-queueit-ajaxpageurl";

/** What keeps answers out of every cache, in Queue-it's exact form. */
export const noStore: readonly HeaderChange[] = madeOnce<HeaderChange[]>([
  ["cache-control", "no-cache, no-store, must-revalidate, max-age=0"],
  ["pragma", "no-cache"],
  ["expires", "Fri, 01 Jan 1990 00:00:00 GMT"],
]);

/** Tells whether a request was made by a script, whose answer is a header instead of a redirect. */
export function isAjax(visit: Visit): boolean {
  return visit.header(ajaxHeader) !== "";
}

/**
 * The page to which a visitor comes back, without the token of an earlier return, and short enough for every proxy: for a script, the
 * page on which it runs, and for a form the one that it stood on.
 */
export function pageOf(visit: Visit): string {
  const { covers } = visit;
  const page = visit.header(ajaxHeader);
  if (page === "") return shorterPage(visit.returnPage ?? visit.url, longestBack, covers);
  return shorterPage(takeToken(decoded(page) ?? "").url, longestAjaxBack, covers);
}

/** A script is told the whole address in encoded form: what it has three characters for gets five. */
const longestAjaxBack = longestBack * 3 / 5;

/** The waiting room. */
export function queueLocation(action: QueueAction, visit: Visit, enqueueToken: string): string {
  if (enqueueToken === "") return backOf(action, visit).from(action.entrance);
  if (!isHeaderSafe(enqueueToken)) {
    throw new ServiceError("malformed", "The enqueue token contains characters that no URL can carry");
  }
  return `${action.entrance}&enqueuetoken=${enqueueToken}${targetOf(action, visit)}`;
}

/** An error page of the waiting room. */
export function errorLocation(
  action: QueueAction,
  visit: Visit,
  code: TokenFault | "qidlimit" | "connector/sessionstate",
  details: string,
): string {
  return `${action.base}error/${code}/?${action.query}` + (details === "" ? "" : `&icr=${enc(details)}`) +
    (visit.token === "" ? "" : `&queueittoken=${enc(visit.token)}`) + `&ts=${seconds(visit)}` +
    targetOf(action, visit);
}

/** The page that ends a visitor's sessions. */
export function cancelLocation(
  { customerId, profile }: Connector,
  action: CancelAction,
  visit: Visit,
  queueIds: QueueIds,
): string {
  const page = pageOf(visit);
  const back = enc(page) === "" ? "" : `&r=${enc(page)}`;
  const customer = enc(customerId);
  const { base, query, rooms } = action;
  if (profile === "v3") {
    const path = rooms.map((room) => {
      const queueId = queueIds.get(room) ?? "";
      return enc(room.id) + (queueId === "" ? "" : `/${enc(queueId)}`);
    });
    return `${base}cancel/${customer}/${path.join("/")}?${query}${back}`;
  }
  const list = rooms.map((room) => {
    const queueId = queueIds.get(room) ?? "";
    // A list with these in it could be read in another way.
    return enc(room.id) + (queueId === "" || isAmbiguous(queueId) ? "" : `~${enc(queueId)}`);
  });
  return `${base}cancel/multiple/${customer}?wrl=${list.join("_")}${back}`;
}

/** Says to which address something is bound, and what the visitor's is. */
export function addressDetails(visit: Visit, hashedAddress: string): string {
  return `ip,cip:${hexOf(visit.address())},${named("hip", hashedAddress)}`;
}

/** Says the same of a session cookie, and whose it is. */
export function sessionDetails({ profile }: Connector, visit: Visit, cookie: SessionCookie): string {
  const { redirectType, queueId } = cookie;
  return addressDetails(visit, cookie.hashedAddress) +
    (profile === "v3" || redirectType === "" ? "" : `,${named("r", redirectType)}`) +
    (profile === "v3" || queueId === "" ? "" : `,${named("q", queueId)}`) +
    `,${named("st", String(visit.nowMs))}`;
}

function named(name: string, value: string): string {
  return value === "" ? name : `${name}:${value}`;
}

function targetOf(action: QueueAction, visit: Visit): string {
  return backOf(action, visit).parameter;
}

function backOf({ target, backTo }: QueueAction, visit: Visit): WayBack {
  return backTo(target ?? pageOf(visit));
}
