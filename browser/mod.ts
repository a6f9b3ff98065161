/**
 * The browser's part: a `fetch` that waits, or goes to the waiting room, when a call is queued. It has no dependencies, and works in
 * programs as well.
 *
 * @module
 */

export type { Fetch } from "./browser.ts";
export type { Waiting } from "./in-line.ts";
export { navigationCheck, type NavigationCheckOptions } from "./navigation-check.ts";
export { restoreRoute } from "./route.ts";
export { installWaitingFetch, waitingFetch, type WaitingFetchOptions } from "./waiting-fetch.ts";
