import { browser, type Fetch, originOf } from "./browser.ts";
import { leaver } from "./leave.ts";

/** The options of {@linkcode navigationCheck}. */
export interface NavigationCheckOptions {
  /**
   * Which pages are asked about, by their URL. Leave out those that no room protects: each question is a request.
   *
   * @default {all pages of the site}
   */
  readonly protects?: (url: URL) => boolean;
  /**
   * What is asked for in the place of a page, where that is expensive to make: an address of the site that the same room protects.
   *
   * @default {the page itself}
   */
  readonly ask?: (url: URL) => string;
  /**
   * What asks.
   *
   * @default {the browser's `fetch`}
   */
  readonly fetch?: Fetch;
  /**
   * Opens the page, and so the waiting room.
   *
   * @default {`location.assign`}
   */
  readonly navigate?: (url: string) => void;
}

/**
 * Makes a check for the hooks of a router in the browser. No server sees a visitor who goes to a page for which the router asks for nothing: one without
 * data, or one that was fetched in advance. The check asks the server by `HEAD`, and where the visitor has to wait, it opens the page as a browser
 * does, which leads to the waiting room and back.
 *
 * It is for visitors, and protects nothing: whoever leaves it out sees what the scripts of the site hold anyway, and the data of the page are what
 * the gate protects. Where the server cannot be reached, the router goes on, and so it does where the page was opened three times within a minute
 * and the check is refused all the same: then it is none that a room protects.
 *
 * @param options Which pages are asked about, and how.
 * @returns The check. Hand it the URL of the page, absolute or from the root. Its promise is fulfilled when the router may go on; it stays pending while the
 * browser leaves, and is rejected with an `AbortError` when the visitor comes back with the browser's "Back".
 * @throws {TypeError} When the check is handed what is no URL.
 *
 * @example
 * ```ts
 * import { navigationCheck } from "stanchion/browser";
 *
 * const check = navigationCheck({ protects: ({ pathname }) => pathname.startsWith("/tickets") });
 * // vue-router: router.beforeEach((to) => check(to.fullPath));
 * // SvelteKit:  onNavigate(({ to }) => check(to.url));
 * ```
 */
export function navigationCheck(options: NavigationCheckOptions = {}): (url: string | URL) => Promise<void> {
  const { protects = () => true, ask = ({ href }) => href, fetch = globalThis.fetch.bind(globalThis) } =
    options;
  const { navigate = open } = options;
  const here = () => browser.location?.href;
  const leave = leaver(here, navigate);

  return async (to) => {
    const url = new URL(to, here());
    if ((here() !== undefined && url.origin !== originOf(here() ?? "")) || !protects(url)) return;
    let answer: Response;
    try {
      answer = await fetch(ask(url), { method: "HEAD", redirect: "manual" });
    } catch {
      // The router shows by itself that there is no network.
      return;
    }
    const isRefused = /^application\/problem\+json\b/.test(answer.headers.get("content-type") ?? "");
    // Where a redirect leads, the browser does not tell.
    const isAway = answer.type === "opaqueredirect" || (answer.status >= 300 && answer.status < 400);
    if (isAway || isRefused) await leave(url.href, undefined);
  };
}

/** To go to another place of the same page loads nothing. */
function open(url: string): void {
  const { location } = browser;
  const [page, fragment] = url.split("#");
  if (fragment !== undefined && location?.href.split("#")[0] === page) location?.reload();
  else location?.assign(url);
}
