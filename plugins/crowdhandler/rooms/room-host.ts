import { canonicalHost, readPublicHost } from "../../../src/url/public-hosts.ts";

/** The host of a room, compared with those of pages. */
export interface RoomHost {
  /** In canonical form, without what stands for every subdomain. */
  readonly name: string;
  /** Whether the room is for every subdomain of it, and not for itself. */
  readonly isWildcard: boolean;
  /** Whether any page can be on it. */
  readonly isHost: boolean;
}

/** Reads the domain of a room: `https://host` or `https://*.host`. */
export function readRoomHost(domain: string): RoomHost {
  const host = domain.trim().replace(/^https?:\/\//i, "").replace(/\/.*$/s, "");
  const isWildcard = host.startsWith("*.");
  const name = canonicalHost(inAscii(isWildcard ? host.slice(2) : host));
  return { name, isWildcard, isHost: readPublicHost(name) !== undefined };
}

/** A name in letters of other scripts in the form in which requests have it. */
function inAscii(host: string): string {
  if (/^[\0-\x7f]*$/.test(host)) return host;
  const url = `https://${host}`;
  return URL.canParse(url) ? new URL(url).host : host;
}
