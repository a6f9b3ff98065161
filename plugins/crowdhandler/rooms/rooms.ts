import * as v from "valibot";
import { ServiceError } from "../../../src/errors.ts";
import { linearPattern } from "../../../src/patterns/linear-pattern.ts";
import { createMemo } from "../../../src/crypto/memo.ts";
import { decodeAll } from "../../../src/url/readings.ts";
import { asciiOnly } from "../page-url.ts";
import { isSegment } from "../values.ts";
import { faultOf, firstOf } from "./room-faults.ts";
import { readRoomHost, type RoomHost } from "./room-host.ts";

/** A room of the account, compiled. */
export interface Room {
  readonly slug: string;
  /** The activation time as the feed spells it; `undefined` where it is missing, and no signature can be checked. */
  readonly activates: string | undefined;
  /** The lifetime of a session in minutes; `undefined` where it is missing, and nothing is valid locally. */
  readonly timeoutMinutes: number | undefined;
  /** Gives the text by which the room covers a page, spelled so that the service finds it as well; `undefined` if it does not. */
  covers(page: RoomPage): string | undefined;
  isCheckout(page: RoomPage): boolean;
}

/** What rooms compare. */
export interface RoomPage {
  /** The canonical host; `undefined` where it says nothing, because it is the visitor's word and no name of a site. */
  readonly host: string | undefined;
  /** The path with the cleaned query, in all readings. */
  readonly texts: readonly string[];
  /** Whether the application tells upper from lower case. */
  readonly caseSensitive: boolean;
}

/** All rooms in their order of precedence. */
export type Rooms = readonly Room[];

const text = optional<string>((value) => isText(value) && value !== "");
const required = v.custom<string>(isText);

const roomSchema = v.object({
  domain: required,
  slug: v.custom<string>(isSegment),
  patternType: required,
  urlPattern: optional<string>(isText),
  queueActivatesOn: text,
  timeout: optional<number>(Number.isFinite),
  checkout: text,
});

type RoomEntry = v.InferOutput<typeof roomSchema>;

const roomsSchema = v.object({ result: v.custom<readonly unknown[]>(Array.isArray) });

/** What counts as null where it is absent or has not its form. */
function optional<T>(accepts: (value: unknown) => boolean): v.GenericSchema<unknown, T | null> {
  return v.fallback(v.custom<T | null>(accepts), null);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** @throws {ServiceError} `malformed`, when there is no list of rooms. */
function entriesOf(value: unknown): readonly unknown[] {
  const answer = v.safeParse(roomsSchema, value);
  if (answer.success) return answer.output.result;
  throw new ServiceError("malformed", "CrowdHandler answered with an unusable rooms feed");
}

/**
 * Compiles the feed of a service by which pages are protected.
 *
 * @throws {ServiceError} `malformed`, when there is no list of rooms, or nothing in it is one: that the account has none, an empty list says.
 */
export function readFeed(value: unknown, warn: (message: string) => void): Rooms {
  const entries = entriesOf(value);
  if (entries.length > 0 && !entries.some((entry) => v.safeParse(roomSchema, entry).success)) {
    throw new ServiceError("malformed", "CrowdHandler answered with a rooms feed in which nothing is a room");
  }
  return readRooms(value, warn);
}

/**
 * Compiles a rooms feed. A room that cannot be understood is skipped and reported; the others work. One that can cover no page is reported as well.
 *
 * @throws {ServiceError} `malformed`, when there is no list of rooms.
 */
export function readRooms(value: unknown, warn: (message: string) => void): Rooms {
  const entries = entriesOf(value);
  const plainOf = createUnescaped();
  const tell = firstOf(warn);
  let known = 0;
  let useful = 0;
  const rooms = entries.flatMap((entry, index) => {
    const room = v.safeParse(roomSchema, entry);
    if (!room.success) {
      const path = v.getDotPath(room.issues[0]) ?? "";
      tell(`crowdhandler: room ${index} of the feed is skipped, its ${path} is not usable`);
      return [];
    }
    known++;
    const { slug, domain } = room.output;
    try {
      const host = readRoomHost(domain);
      const compiled = compileRoom(room.output, host, plainOf, tell);
      const fault = faultOf(room.output, host);
      if (fault === undefined) useful++;
      else tell(`crowdhandler: room "${slug}" of the feed covers no page, ${fault}`);
      return [compiled];
    } catch {
      tell(`crowdhandler: room "${slug}" of the feed is skipped, its pattern is no regular expression`);
      return [];
    }
  });
  if (useful === 0) {
    const fate = entries.length > 0 && known === 0
      ? "nothing in the feed is a room, so it counts as none"
      : "the feed has no room that can be used, so every page is let through";
    warn(`crowdhandler: ${fate}`);
  }
  return rooms;
}

function compileRoom(
  room: RoomEntry,
  host: RoomHost,
  plainOf: (text: string) => string,
  warn: (message: string) => void,
): Room {
  const isHost = hostTest(host);
  const matches = patternTest(room.slug, room.patternType, room.urlPattern, plainOf, warn);
  const ends = checkoutTest(room.slug, room.checkout, warn);
  return {
    slug: room.slug,
    activates: room.queueActivatesOn ?? undefined,
    timeoutMinutes: room.timeout ?? undefined,
    // What protects holds by any reading, what ends a session by the canonical one.
    covers({ host, texts, caseSensitive }) {
      if (!isHost(host)) return undefined;
      const exact = texts.find((text) => matches(text));
      if (exact !== undefined || caseSensitive) return exact;
      const folded = texts.find((text) => matches(text, true));
      return folded && spelled(folded, room);
    },
    isCheckout: ({ host, texts: [text = ""] }) => isHost(host) && ends(text),
  };
}

/** Writes a text that a room covers in another case or with escapes as the room has it, where that can be told. */
function spelled(text: string, { patternType, urlPattern }: RoomEntry): string {
  if (patternType !== "contains" || !urlPattern) return text;
  const plain = unescaped(urlPattern);
  const read = unescaped(text);
  const at = read.toUpperCase().indexOf(plain.toUpperCase());
  // Otherwise the service would take the rest for a fragment.
  return asciiOnly(read.slice(0, at) + urlPattern + read.slice(at + plain.length)).replaceAll("#", "%23");
}

/** The last texts that were made plain: every room asks for the same ones, one after the other. */
function createUnescaped(): (text: string) => string {
  const known = createMemo<string>(128);
  return (text) => {
    let plain = known.get(text);
    if (plain === undefined) known.set(text, plain = unescaped(text).toUpperCase());
    return plain;
  };
}

/** A text without escapes, in which a blank is one: the escapes of a letter have no case. */
function unescaped(text: string): string {
  return decodeAll(text.replaceAll("+", " "));
}

function hostTest({ name, isWildcard }: RoomHost): (host: string | undefined) => boolean {
  if (!isWildcard) return (other) => other === undefined || other === name;
  const suffix = `.${name}`;
  return (other) => other === undefined || other.endsWith(suffix);
}

/** Tells whether a text matches a pattern, in any case if so wished. */
type TextTest = (text: string, ignoreCase?: boolean) => boolean;

function patternTest(
  slug: string,
  type: string,
  pattern: string | null,
  plainOf: (text: string) => string,
  warn: (message: string) => void,
): TextTest {
  switch (type) {
    case "all":
      return () => true;
    case "contains": {
      if (!pattern) return () => false;
      const written = asciiOnly(pattern);
      const plain = unescaped(pattern).toUpperCase();
      return (text, ignoreCase) =>
        ignoreCase ? plainOf(text).includes(plain) : text.includes(pattern) || text.includes(written);
    }
    case "regex": {
      if (pattern === null) return () => false;
      const exact = safeTest(slug, pattern, "", true, warn);
      const folded = safeTest(slug, pattern, "i", true, ignore);
      return (text, ignoreCase) => ignoreCase ? folded(text) : exact(text);
    }
    default:
      return () => false;
  }
}

function ignore(): void {}

/** A room whose checkout pages cannot be told protects its pages all the same. */
function checkoutTest(
  slug: string,
  pattern: string | null,
  warn: (message: string) => void,
): (text: string) => boolean {
  if (!pattern) return () => false;
  try {
    return safeTest(slug, pattern, "", false, warn);
  } catch {
    warn(`crowdhandler: room "${slug}" of the feed has a checkout pattern that is no regular expression`);
    return () => false;
  }
}

/** How long a text may be that is given to a pattern whose work for it cannot be foreseen. */
const maxUnforeseen = 256;

/**
 * Compiles a pattern of the feed for texts of visitors, who could otherwise keep the server busy with one address.
 *
 * @param otherwise What counts for a text that is too long to be tried.
 * @throws {SyntaxError} When it is no regular expression.
 */
function safeTest(
  slug: string,
  pattern: string,
  flags: "" | "i",
  otherwise: boolean,
  warn: (message: string) => void,
): (text: string) => boolean {
  // With these flags there is no state between two visitors.
  const regex = new RegExp(pattern, flags);
  const linear = linearPattern(pattern, flags);
  if (linear !== undefined) return (text) => linear.test(text);
  // Something repeated that repeats, or chooses, within itself: the work may double with each character.
  const explodes = /[*+}?|][^()]*\)+(?:[*+]|\{\d+,)/.test(pattern);
  const max = explodes ? 0 : maxUnforeseen;
  warn(
    `crowdhandler: room "${slug}" of the feed has a pattern with look-around or back references; addresses of more than ${max} ` +
      `characters count as ${otherwise ? "protected" : "no checkout"}`,
  );
  return (text) => text.length > max ? otherwise : regex.test(text);
}

/** Finds the room of a page, the first that covers it, and the text by which it does. */
export function findRoom(
  rooms: Rooms,
  page: RoomPage,
): { readonly room: Room; readonly text: string } | undefined {
  for (const room of rooms) {
    const text = room.covers(page);
    if (text !== undefined) return { room, text };
  }
  return undefined;
}

/** Tells whether a page ends the session. */
export function isCheckoutPage(rooms: Rooms, page: RoomPage): boolean {
  return rooms.some((room) => room.isCheckout(page));
}
