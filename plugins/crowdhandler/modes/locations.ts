import type { Context } from "../../../src/context.ts";
import type { Decision, HeaderChange } from "../../../src/decision.ts";
import { returnParameter } from "../../../src/visit.ts";
import type { CrowdhandlerOptions } from "../options.ts";
import type { PageUrl } from "../page-url.ts";

/** Safe from every cache, in CrowdHandler's exact form. */
const noStore: readonly HeaderChange[] = [
  ["cache-control", "no-store, no-cache, must-revalidate, max-age=0"],
];

/** Where visitors are sent, and how they come back. */
export interface Locations {
  /** The address of a waiting room: of the room with this slug, otherwise of the fallback. */
  waitingRoom(page: PageUrl, slug: string | undefined, token: string | undefined): string;
  /** Sends a visitor to a waiting room. */
  queue(ctx: Context, page: PageUrl, slug: string | undefined, token: string | undefined): Decision;
  /** Sends a visitor to the service's own validator. */
  lite(ctx: Context, page: PageUrl, token: string | undefined): Decision;
  /** Sends a visitor to the same page without the parameters that CrowdHandler adds. */
  clean(page: PageUrl): Decision;
  /** Whether the visitor was redirected to a clean URL before and yet brings no cookie. */
  isLooping(page: PageUrl, token: string | undefined): boolean;
}

/** Fixes, from checked options, what all locations have in common. */
export function createLocations(options: CrowdhandlerOptions): Locations {
  const { publicKey, fallbackSlug = "", loopGuard = false, lite: isLite = false } = options;
  const api = withoutSlashes(options.apiUrl ?? "https://api.crowdhandler.com");
  const rooms = withoutSlashes(options.waitingRoomUrl ?? "https://wait.crowdhandler.com");
  const key = encodeURIComponent(publicKey);
  // Both send a visitor back in circles who keeps no cookie, unless the URL says so.
  const marksFresh = loopGuard || isLite;

  function waitingRoom({ url, code = "" }: PageUrl, slug: string | undefined, token: string | undefined) {
    const id = token === undefined ? "" : `&ch-id=${encodeURIComponent(token)}`;
    return `${rooms}/${encodeURIComponent(slug ?? fallbackSlug)}?url=${encodeURIComponent(url)}` +
      `&ch-code=${encodeURIComponent(code)}${id}&ch-public-key=${key}`;
  }

  return {
    waitingRoom,
    queue(ctx, page, slug, token) {
      ctx.set(returnParameter, "url");
      const location = waitingRoom(page, slug, token);
      return { action: "queue", reason: "crowdhandler/queued", location, headers: noStore };
    },
    lite(ctx, { url, code = "" }, token) {
      const path = token === undefined ? "" : `/${encodeURIComponent(token)}`;
      const location = `${api}/v1/redirect/requests${path}?ch-public-key=${key}` +
        `&url=${encodeURIComponent(url)}&ch-code=${encodeURIComponent(code)}`;
      ctx.set(returnParameter, "url");
      return { action: "queue", reason: "crowdhandler/lite", location, headers: noStore };
    },
    clean({ url }) {
      const mark = url.includes("?") ? "&" : "?";
      const location = marksFresh ? `${url}${mark}ch-fresh=1` : url;
      return { action: "redirect", reason: "crowdhandler/clean-url", location, headers: noStore };
    },
    isLooping: (page, token) => loopGuard && page.fresh && page.token === undefined && token === undefined,
  };
}

function withoutSlashes(url: string): string {
  return url.replace(/\/+$/, "");
}
