import type { Context } from "../../../src/context.ts";
import { readingsOf } from "../../../src/url/readings.ts";
import { returnPageOf } from "../../../src/url/return-page.ts";
import { longestBack, shorterPage } from "../../../src/url/shorter-page.ts";
import { type PageUrl, readPageUrl, textsOf } from "../page-url.ts";
import type { Room, RoomPage } from "../rooms/rooms.ts";
import type { WayBack } from "./locations.ts";

/** Tells whether a room covers another address of a page. */
export type Coverage = (url: string) => boolean;

/** What leads a visitor back to the page, or to the one of the site from which it was sent. */
export function wayBackOf({ request }: Context, { url, code }: PageUrl): WayBack {
  const from = returnPageOf(request, url);
  return { url: from === url ? url : readPageUrl(from).url, code };
}

/** The way back, short enough for every proxy, to a page that is in the same room. Where the rule of the room is not known, any is. */
export function shortBack(
  { back, covers }: { readonly back: WayBack; readonly covers: Coverage | undefined },
): WayBack {
  return { ...back, url: shorterPage(back.url, longestBack, covers) };
}

/** Tells whether other addresses of a page are in its room as well. */
export function coverageOf(own: RoomPage, room: Room): Coverage {
  return (url) => room.covers({ ...own, texts: textsOf(readPageUrl(url), readingsOf(url)) }) !== undefined;
}
