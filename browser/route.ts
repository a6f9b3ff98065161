import { browser } from "./browser.ts";

/** Under what a tab keeps its route while its visitor waits; `problemAnswers()` writes it as well. */
const routeKey = "stanchion-route";

/**
 * Puts the route back into the address of the page, as it was in the fragment when its visitor left for the waiting room: browsers
 * never tell it to servers. It does nothing on another page, where there is a fragment, and the second time. Call it before the router
 * of the page starts; {@linkcode waitingFetch} does it, too.
 *
 * @example
 * ```ts
 * import { restoreRoute } from "stanchion/browser";
 *
 * restoreRoute();
 * ```
 */
export function restoreRoute(): void {
  try {
    const { location, sessionStorage } = browser;
    const kept = sessionStorage?.getItem(routeKey);
    if (!kept) return;
    sessionStorage?.removeItem(routeKey);
    // What is not of our making has no members, or none that fit.
    const [path, hash] = JSON.parse(kept) as readonly unknown[];
    if (location && path === location.pathname && !location.hash && /^#/.test(String(hash))) {
      location.replace(String(hash));
    }
  } catch {
    // A page without storage, or without an address, has no routes to restore.
  }
}

/** Keeps the route of a page in its tab. */
export function keepRoute({ pathname, hash }: URL): void {
  try {
    if (hash) browser.sessionStorage?.setItem(routeKey, JSON.stringify([pathname, hash]));
  } catch {
    // The storage is full or forbidden: the visitor comes back to the page without its route.
  }
}
