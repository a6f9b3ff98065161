import type { Context } from "../../src/context.ts";
import type { Decision } from "../../src/decision.ts";
import { ownPage } from "../../src/url/return-page.ts";
import { siteAddress } from "../../src/url/site-address.ts";

/** The query parameter that names the page to go back to. */
export const pageParameter = "page";

/**
 * The room at an address of its own, for whoever was refused by what a page asked that anybody may see: in the place of that page there would
 * be no room. It decides as in front of what it protects, and whoever is let in goes back to the page.
 */
export function orBack(ctx: Context, decision: Decision): Decision {
  if (decision.action !== "admit") return decision;
  const { room, visitor } = decision.facts ?? {};
  return { ...back(ctx), facts: { room, ...(visitor !== undefined && { visitor }) } };
}

/** Leads to the page that the address of a room names, which is decided about like any other. */
export function back(ctx: Context): Decision {
  const headers = { location: pageBehind(ctx), "cache-control": "no-store" };
  return { action: "respond", reason: "waiting-room/wait", response: { status: 303, headers, body: null } };
}

/** The page to which the room's own address leads, as it stands behind the host: who stands in front may know the site by another scheme. */
export function pageBehind({ url, returnUrl }: Context): string {
  const page = pageNamedIn(url, returnUrl);
  return page === undefined ? "/" : siteAddress(page);
}

/** The page that an address of the room names, if it is one of the site. */
export function pageNamedIn({ searchParams }: URL, site: string): string | undefined {
  return ownPage(searchParams.get(pageParameter), site);
}
