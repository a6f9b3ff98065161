import { checkedUrl } from "../api/visitor-facts.ts";
import { readPageUrl, textsOf } from "../page-url.ts";
import { findRoom, readRooms, type RoomPage } from "../rooms/rooms.ts";
import { readSignature } from "../session/session.ts";
import { SessionSigner } from "../session/signature.ts";
import type { CheckResult } from "../api/check-result.ts";
import { fieldsOf } from "../values.ts";

/** A page as the gate knows it. */
export interface InspectedPage {
  /** The address to which visitors come back. */
  readonly url: string;
  /** All forms in which the application may read it. */
  readonly readings: readonly string[];
  readonly caseSensitive: boolean;
}

/** A room of the feed, as the feed spells it. */
export interface InspectedRoom {
  readonly slug: string;
  readonly domain: string;
  readonly patternType: string;
  readonly urlPattern: string;
  /** Why the gate skips it; `undefined` where it does not. */
  readonly fault: string | undefined;
  /** Whether it is for the host of the page. */
  readonly isOnHost: boolean;
  /** The path and query by which it covers the page; `undefined` where it does not. */
  readonly text: string | undefined;
}

/** What the rooms have to do with a page. */
export interface InspectedRooms {
  readonly rooms: readonly InspectedRoom[];
  /** The room that covers the page: its place in `rooms`. */
  readonly covering: number | undefined;
  /** The path and query of the page, without the parameters of the service. */
  readonly text: string;
  /** The URL by which the service is asked about the page first. */
  readonly told: string;
  /** What the gate would warn of. */
  readonly warnings: readonly string[];
}

/**
 * Looks which room of a feed covers a page, as the provider does.
 *
 * @throws {ServiceError} `malformed`, when there is no list of rooms.
 */
export function inspectRooms(feed: unknown, { url, readings, caseSensitive }: InspectedPage): InspectedRooms {
  const page = readPageUrl(url);
  const compared: RoomPage = { host: page.host, texts: textsOf(page, readings), caseSensitive };
  const warnings: string[] = [];
  readRooms(feed, (message) => void warnings.push(message.replace(/^crowdhandler: /, "")));
  const { result } = fieldsOf(feed);
  const rooms = (Array.isArray(result) ? result : []).map((entry) => inspectRoom(entry, compared));
  const covering = rooms.findIndex(({ text }) => text !== undefined);
  return {
    rooms,
    covering: covering === -1 ? undefined : covering,
    text: page.text,
    told: checkedUrl(page.url),
    warnings,
  };
}

function inspectRoom(entry: unknown, page: RoomPage): InspectedRoom {
  const { slug, domain, patternType, urlPattern } = fieldsOf(entry);
  const told: string[] = [];
  const rooms = readRooms({ result: [entry] }, (message) => void told.push(message));
  const everywhere = readRooms({ result: [{ slug: "any", domain, patternType: "all" }] }, () => {});
  return {
    slug: wordOf(slug),
    domain: wordOf(domain),
    patternType: wordOf(patternType),
    urlPattern: wordOf(urlPattern),
    fault: rooms.length > 0
      ? undefined
      : told[0]?.replace(/^crowdhandler: room \S+ of the feed is skipped, /, ""),
    isOnHost: findRoom(everywhere, page) !== undefined,
    text: findRoom(rooms, page)?.text,
  };
}

/** No slug is longer. */
const maxWord = 512;

function wordOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, maxWord) : "";
}

/**
 * Whether the answer to a promoted visitor was signed with this private key, for a room of the feed.
 *
 * @returns `undefined` where the answer has no signature that could be checked.
 */
export function isPromotionSigned(
  feed: unknown,
  privateKey: string,
  result: CheckResult,
): boolean | undefined {
  const { token, slug, hash, requested } = result;
  const signature = readSignature(requested, hash);
  const room = readRooms(feed, () => {}).find((each) => each.slug === slug);
  if (token === undefined || signature === undefined || room?.activates === undefined) return undefined;
  return new SessionSigner(privateKey).proves(room, token, signature);
}
