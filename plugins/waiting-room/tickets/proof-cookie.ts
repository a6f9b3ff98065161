/** The cookies that keep tickets and passes: one for each room. */

import { type CookieAttributes, forgetCookie, writeCookie } from "../../../src/http/cookies.ts";
import { unverified } from "./proof-text.ts";
import { lateMs, type Proof } from "./proofs.ts";

/** Where the cookies of the rooms are kept. */
export interface CookiePlace {
  /** Whether the page is encrypted for its visitors. */
  readonly isEncrypted: boolean;
  /** The `Domain`, where subdomains share the room; `""` for the host alone. */
  readonly domain: string;
}

/** The times of a room; 0 for none. */
export interface Line {
  readonly opensAt: number;
  readonly closesAt: number;
}

/** Of how many rooms a browser keeps cookies: more would make every request long. */
const mostRooms = 6;
const dayMs = 86_400_000;

/**
 * The name of a room's cookie. With the prefix `__Host-` browsers take it from nobody but this host, and over an encrypted connection
 * (https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html, section 4.1.3).
 */
export function cookieNameOf(room: string, { isEncrypted, domain }: CookiePlace): string {
  return isEncrypted && domain === "" ? `__Host-stanchion-${room}` : `stanchion-${room}`;
}

/**
 * Writes the cookie of a room.
 *
 * The browser keeps a ticket for a day, or for a day after the opening, and until the room closes where that is later; so it
 * does a pass that nobody brought yet, whose number is still good if it ends unused. It keeps every other pass until it ends,
 * and a minute longer, for a form that comes late.
 *
 * @param room The room's name.
 * @param text What was sealed.
 * @param proof The same ticket or pass.
 * @param place Where it is kept.
 * @param line The times of the room.
 * @param now Unix milliseconds, by the store's clock.
 * @returns The value of `Set-Cookie`.
 */
export function proofCookie(
  room: string,
  text: string,
  proof: Proof,
  place: CookiePlace,
  line: Line,
  now: number,
): string {
  const isKept = proof.kind !== "pass" || proof.isClaim;
  const endsAt = isKept ? lineEnd(line, now) : proof.until + lateMs;
  const maxAgeSeconds = Math.max(1, Math.ceil((endsAt - now) / 1000));
  return writeCookie(cookieNameOf(room, place), text, { ...attributesOf(place), maxAgeSeconds });
}

/** Writes the `Set-Cookie` that makes a browser forget the cookie of a room. */
export function forgetProof(room: string, place: CookiePlace): string {
  return forgetCookie(cookieNameOf(room, place), attributesOf(place));
}

/**
 * What else a browser is to forget when it gets the cookie of a room.
 *
 * That is an older cookie of the same name, of the host where there is a domain now; and where it has cookies of more than six
 * rooms, those beyond: tickets go before passes, and older ones before younger ones. What is no ticket or pass by its form is
 * nobody's business here.
 *
 * @param room The room whose cookie is written.
 * @param cookieHeader The `Cookie` header, `""` where there is none.
 * @param place Where cookies are kept.
 * @returns Values of `Set-Cookie`; mostly there is none.
 */
export function surplusCookies(room: string, cookieHeader: string, place: CookiePlace): readonly string[] {
  // Nearly every visitor has one of ours at most, which takes a search or two to see.
  const first = cookieHeader.indexOf("stanchion-");
  if (first === -1 || cookieHeader.indexOf("stanchion-", first + 1) === -1) return [];
  const own = cookieNameOf(room, place);
  const pairs = pairsOf(cookieHeader);
  const isDoubled = place.domain !== "" && pairs.filter(([name]) => name === own).length > 1;
  const older = isDoubled ? [forgetCookie(own, attributesOf({ ...place, domain: "" }))] : [];
  const others = pairs.filter(([name]) => name !== own && isRoomCookie(name, place))
    .map(([name, text]) => ({ name, proof: unverified(text) }))
    .sort((one, other) => worthOf(other.proof) - worthOf(one.proof));
  const names = new Set(others.filter(({ proof }) => proof !== undefined).map(({ name }) => name));
  const surplus = [...names].slice(mostRooms - 1);
  return [...older, ...surplus.map((name) => forgetCookie(name, attributesOf(place)))];
}

/** When nobody needs a ticket any more that was given, or given again, at a time. */
export function lineEnd({ opensAt, closesAt }: Line, now: number): number {
  // Not before a day is over: a closing may be moved while people wait, and their browsers would not hear of it.
  return Math.max(closesAt, Math.max(opensAt, now) + dayMs);
}

function attributesOf({ isEncrypted, domain }: CookiePlace): CookieAttributes {
  return { path: "/", domain, secure: isEncrypted, httpOnly: true, sameSite: "Lax" };
}

function pairsOf(cookies: string): readonly (readonly [name: string, value: string])[] {
  return cookies.split(";").map((pair) => {
    const equals = pair.indexOf("=");
    return [pair.slice(0, Math.max(0, equals)).trim(), pair.slice(equals + 1).trim()];
  });
}

function isRoomCookie(name: string, place: CookiePlace): boolean {
  const start = cookieNameOf("", place);
  return name.startsWith(start) && /^[a-z0-9][a-z0-9-]{0,31}$/.test(name.slice(start.length));
}

/** Passes are worth more than tickets, and what is younger is worth more than what is older. */
function worthOf(proof: Proof | undefined): number {
  if (proof === undefined) return -1;
  return proof.kind === "pass" ? proof.issuedAt + Number.MAX_SAFE_INTEGER : proof.issuedAt;
}
