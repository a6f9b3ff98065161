import type { Decision, Facts, HeaderChange } from "../../../src/decision.ts";
import type { Fallback } from "../../../src/errors.ts";
import { madeOnce } from "../../../src/http/made-once.ts";
import { rememberingUrls } from "../../../src/url/url-memo.ts";
import type { CrowdhandlerOptions } from "../options.ts";
import { type PageUrl, reservedParameters } from "../page-url.ts";

/** How a visitor comes back: to which page, and with which priority code. */
export interface WayBack {
  readonly url: string;
  readonly code: string | undefined;
}

/** Safe from every cache, in CrowdHandler's exact form. */
const noStore: readonly HeaderChange[] = madeOnce<HeaderChange[]>([
  ["cache-control", "no-store, no-cache, must-revalidate, max-age=0"],
]);

/** How all these addresses tell the page to come back to. */
export const backFacts: Pick<Facts, "returnBy" | "returnWithout"> = {
  returnBy: "url",
  returnWithout: reservedParameters,
};

/** Where visitors are sent, and how they come back. */
export interface Locations {
  /** Where a visitor waits who cannot be checked: in the room with this slug, otherwise in the one for such visitors. */
  fallback(back: WayBack, slug: string | undefined, token: string | undefined): Fallback;
  /** Sends a visitor to wait in the room with this slug. */
  queue(back: WayBack, slug: string | undefined, facts: Facts): Decision;
  /** Sends a visitor to the service's own validator. */
  lite(back: WayBack, facts: Facts): Decision;
  /** Sends a visitor to the same page without the parameters that CrowdHandler adds. */
  clean(page: PageUrl): Decision;
  /** Whether the visitor was redirected to a clean URL before and yet brings no token. */
  isLooping(page: PageUrl, token: string | undefined): boolean;
}

/** Fixes, from checked options, what all locations have in common. */
export function createLocations(options: CrowdhandlerOptions): Locations {
  const { publicKey, fallbackSlug = "", loopGuard = false, lite: isLite = false } = options;
  const api = withoutSlashes(options.apiUrl ?? "https://api.crowdhandler.com");
  const rooms = withoutSlashes(options.waitingRoomUrl ?? "https://wait.crowdhandler.com");
  const key = encodeURIComponent(publicKey);
  const encodePage = rememberingUrls(encodeURIComponent);
  // Both send a visitor back in circles who keeps no cookie, unless the URL says so.
  const marksFresh = loopGuard || isLite;

  function waitingRoom({ url, code = "" }: WayBack, slug: string = fallbackSlug, token?: string): string {
    const id = token === undefined ? "" : `&ch-id=${encodeURIComponent(token)}`;
    return `${rooms}/${encodeURIComponent(slug)}?url=${encodePage(url)}` +
      `&ch-code=${encodeURIComponent(code)}${id}&ch-public-key=${key}`;
  }

  return {
    fallback: (back, slug, token) => ({ location: waitingRoom(back, slug, token), headers: noStore }),
    queue(back, slug, facts) {
      const location = waitingRoom(back, slug, facts.visitor);
      return {
        action: "queue",
        reason: "crowdhandler/queued",
        location,
        headers: noStore,
        facts: { ...facts, ...backFacts },
      };
    },
    lite({ url, code = "" }, facts) {
      const path = facts.visitor === undefined ? "" : `/${encodeURIComponent(facts.visitor)}`;
      const location = `${api}/v1/redirect/requests${path}?ch-public-key=${key}` +
        `&url=${encodePage(url)}&ch-code=${encodeURIComponent(code)}`;
      return {
        action: "queue",
        reason: "crowdhandler/lite",
        location,
        headers: noStore,
        facts: { ...facts, ...backFacts },
      };
    },
    clean({ url }) {
      const mark = url.includes("?") ? "&" : "?";
      const location = marksFresh ? `${url}${mark}ch-fresh=1` : url;
      return { action: "redirect", reason: "crowdhandler/clean-url", location, headers: noStore };
    },
    isLooping: (page, token) => loopGuard && page.fresh && token === undefined,
  };
}

function withoutSlashes(url: string): string {
  return url.replace(/\/+$/, "");
}
