import * as v from "valibot";
import { ServiceError } from "../../../src/errors.ts";
import { linearPattern } from "../../../src/patterns/linear-pattern.ts";
import { createMemo } from "../../../src/crypto/memo.ts";
import { canonicalHost } from "../../../src/url/public-hosts.ts";
import { decodeAll } from "../../../src/url/readings.ts";
import { asciiOnly } from "../page-url.ts";
import { isSegment } from "../values.ts";

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

const roomsSchema = v.object({ result: v.custom<readonly unknown[]>(Array.isArray) });

/** What counts as null where it is absent or has not its form. */
function optional<T>(accepts: (value: unknown) => boolean): v.GenericSchema<unknown, T | null> {
  return v.fallback(v.custom<T | null>(accepts), null);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/**
 * Compiles a rooms feed. A room that cannot be understood is skipped and reported; the others work.
 *
 * @throws {ServiceError} `malformed`, when there is no list of rooms.
 */
export function readRooms(value: unknown, warn: (message: string) => void): Rooms {
  const answer = v.safeParse(roomsSchema, value);
  if (!answer.success) {
    throw new ServiceError("malformed", "CrowdHandler answered with an unusable rooms feed");
  }
  const plainOf = createUnescaped();
  const rooms = answer.output.result.flatMap((entry, index) => {
    const room = v.safeParse(roomSchema, entry);
    if (!room.success) {
      const path = v.getDotPath(room.issues[0]) ?? "";
      warn(`crowdhandler: room ${index} of the feed is skipped, its ${path} is not usable`);
      return [];
    }
    try {
      return [compileRoom(room.output, plainOf, warn)];
    } catch {
      warn(
        `crowdhandler: room "${room.output.slug}" of the feed is skipped, its pattern is no regular expression`,
      );
      return [];
    }
  });
  if (rooms.length === 0) {
    warn("crowdhandler: the feed has no room that can be used, so every page is let through");
  }
  return rooms;
}

function compileRoom(
  room: v.InferOutput<typeof roomSchema>,
  plainOf: (text: string) => string,
  warn: (message: string) => void,
): Room {
  const isHost = hostTest(room.domain);
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
function spelled(text: string, { patternType, urlPattern }: v.InferOutput<typeof roomSchema>): string {
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

function hostTest(domain: string): (host: string | undefined) => boolean {
  const host = canonicalHost(domain.replace(/^https?:\/\//i, "").replace(/\/.*$/s, ""));
  if (!host.startsWith("*.")) return (other) => other === undefined || other === host;
  const suffix = host.slice(1);
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
