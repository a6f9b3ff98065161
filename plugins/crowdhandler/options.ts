import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNumber,
  checkOptions,
  checkStrings,
  secretError,
  shapeError,
  valueError,
} from "../../src/_options.ts";
import type { Context } from "../../src/context.ts";
import { readPlace } from "./_places.ts";

/** What the service is told about a visitor instead of what the request says. */
export interface VisitorFacts {
  /** The visitor's address. */
  readonly ip?: string | undefined;
  /** The user agent. */
  readonly agent?: string | undefined;
  /** The preferred languages. */
  readonly lang?: string | undefined;
}

/** How the cookie that carries the token is called and written. */
export interface CrowdhandlerCookie {
  /** @default {"crowdhandler"} */
  readonly name?: string;
  /**
   * Further cookies in which a token is looked for, such as those of other integrations.
   *
   * @default {["ch-id"]}
   */
  readonly alsoRead?: readonly string[];
  /** How long the cookie is kept, in seconds. @default {0, the browser's session} */
  readonly maxAgeSeconds?: number;
  /** @default {the token store's} */
  readonly domain?: string;
  /** @default {the token store's} */
  readonly secure?: boolean;
  /** @default {the token store's in full mode, `false` in hybrid mode, where a script may read it} */
  readonly httpOnly?: boolean;
  /** @default {the token store's} */
  readonly sameSite?: "Lax" | "Strict" | "None";
}

/** How the rooms feed is kept. */
export interface CrowdhandlerRooms {
  /** How long a feed is used before it is fetched again, in milliseconds. @default {60000} */
  readonly ttlMs?: number;
  /** How long the last good feed is used when no new one can be had, in milliseconds. @default {600000} */
  readonly maxStaleMs?: number;
}

/** How the performance of pages is recorded. */
export interface CrowdhandlerPerformance {
  /** The share of pages that is recorded: 0 none, 1 all. @default {0.2} */
  readonly sample?: number;
  /** The name under which the HTTP status is sent. @default {"both"} */
  readonly dialect?: "both" | "code" | "httpCode";
  /** How long a record may take, in milliseconds. @default {1500} */
  readonly timeoutMs?: number;
}

/** The options of {@linkcode crowdhandler}. */
export interface CrowdhandlerOptions {
  /** The account's public key. */
  readonly publicKey: string;
  /** The account's private key, which hybrid mode needs. */
  readonly privateKey?: string;
  /**
   * `full` asks the API on each page. `hybrid` validates promoted visitors locally and asks only when needed.
   *
   * @default {"full"}
   */
  readonly mode?: "full" | "hybrid";
  /** The API's address without `/v1`. @default {"https://api.crowdhandler.com"} */
  readonly apiUrl?: string;
  /** How the key is sent. @default {"x-api-key"} */
  readonly auth?: "x-api-key" | "basic";
  /** The time limit of one exchange with the API, body included, in milliseconds. @default {2000} */
  readonly timeoutMs?: number;
  /** The room for visitors who cannot be checked. @default {none: the service's safety-net room} */
  readonly fallbackSlug?: string;
  /** The address of the waiting rooms, your own for white label. @default {"https://wait.crowdhandler.com"} */
  readonly waitingRoomUrl?: string;
  /** The cookie that carries the token. */
  readonly cookie?: CrowdhandlerCookie;
  /**
   * The hosts of the site, as `host` or `host:port`. A request for any other host is treated as one for the first.
   * For development, `http://host:port` is a page that is not encrypted.
   *
   * @default {any host is accepted, with one warning}
   */
  readonly publicHosts?: readonly string[];
  /**
   * When a visitor who arrives with a token in the URL is redirected to the clean URL.
   *
   * @default {"first" in full mode, "after-check" in hybrid mode}
   */
  readonly cleanUrl?: "first" | "after-check" | "never";
  /** Tells visitors who refuse cookies so, instead of sending them in circles. @default {false} */
  readonly loopGuard?: boolean;
  /** How the rooms feed is kept (hybrid, lite and checkout). */
  readonly rooms?: CrowdhandlerRooms;
  /** Sends visitors without a recent token to the lite validator instead of calling the API. @default {false} */
  readonly lite?: boolean;
  /** Ends a visitor's session on the rooms' checkout pages. @default {false} */
  readonly checkout?: boolean;
  /** How the performance of pages is recorded. */
  readonly performance?: CrowdhandlerPerformance;
  /** Tells the service something else about the visitor than the request does. */
  readonly visitor?: (ctx: Context) => VisitorFacts;
  /** Further fields of the check, such as `captcha`. They never replace the standard ones. */
  readonly fields?: (ctx: Context) => Readonly<Record<string, unknown>>;
  /** @default {the platform's fetch} */
  readonly fetch?: typeof globalThis.fetch;
  /** The lottery of the performance record: a number from 0 up to, but without, 1. @default {Math.random} */
  readonly random?: () => number;
  /** Is told of what the owner should mend. @default {console.warn} */
  readonly warn?: (message: string) => void;
}

const subject = "crowdhandler plugin";

/** Refuses wrong options at construction. */
export function checkCrowdhandlerOptions(options: CrowdhandlerOptions): void {
  checkOptions(subject, options, [
    "publicKey",
    "privateKey",
    "mode",
    "apiUrl",
    "auth",
    "timeoutMs",
    "fallbackSlug",
    "waitingRoomUrl",
    "cookie",
    "publicHosts",
    "cleanUrl",
    "loopGuard",
    "rooms",
    "lite",
    "checkout",
    "performance",
    "visitor",
    "fields",
    "fetch",
    "random",
    "warn",
  ]);
  const { mode = "full" } = options;
  // A key travels in a header: it is one word of printable characters.
  if (!isKey(options.publicKey)) {
    throw secretError(subject, "publicKey", "the account's public key, one word of printable characters");
  }
  if (options.privateKey !== undefined && !isKey(options.privateKey)) {
    throw secretError(subject, "privateKey", "the account's private key, one word of printable characters");
  }
  checkChoice(subject, "mode", mode, ["full", "hybrid"]);
  if (mode === "hybrid" && options.privateKey === undefined) {
    throw new TypeError(`Cannot create ${subject}: "privateKey" must be given in hybrid mode`);
  }
  if (options.auth !== undefined) checkChoice(subject, "auth", options.auth, ["x-api-key", "basic"]);
  if (options.cleanUrl !== undefined) {
    checkChoice(subject, "cleanUrl", options.cleanUrl, ["first", "after-check", "never"]);
  }
  if (options.timeoutMs !== undefined) checkNumber(subject, "timeoutMs", options.timeoutMs, 1, 60_000);
  for (const name of ["apiUrl", "waitingRoomUrl"] as const) {
    if (options[name] !== undefined) checkUrl(name, options[name]);
  }
  if (options.fallbackSlug !== undefined) checkText("fallbackSlug", options.fallbackSlug);
  for (const name of ["loopGuard", "lite", "checkout"] as const) {
    if (options[name] !== undefined) checkBoolean(subject, name, options[name]);
  }
  for (const name of ["visitor", "fields", "fetch", "random", "warn"] as const) {
    if (options[name] !== undefined) checkFunction(subject, name, options[name]);
  }
  if (options.publicHosts !== undefined) {
    const must = 'a list of hosts such as "shop.example.com" or "shop.example.com:8443"';
    checkStrings(subject, "publicHosts", options.publicHosts, must, (text) => readPlace(text) !== undefined);
    if (options.publicHosts.length === 0) throw valueError(subject, "publicHosts", must, options.publicHosts);
  }
  checkCookie(options.cookie);
  checkNumbers("rooms", options.rooms, { ttlMs: 0, maxStaleMs: 0 });
  const { performance } = options;
  checkNumbers("performance", performance, { sample: undefined, dialect: undefined, timeoutMs: 1 });
  if (performance?.dialect !== undefined) {
    checkChoice(subject, "performance.dialect", performance.dialect, ["both", "code", "httpCode"]);
  }
  if (performance?.sample !== undefined && !Number.isFinite(performance.sample)) {
    throw shapeError(subject, "performance.sample", "a number", performance.sample);
  }
}

function checkCookie(cookie: CrowdhandlerCookie | undefined): void {
  if (cookie === undefined) return;
  checkOptions(`${subject}: "cookie"`, cookie, [
    "name",
    "alsoRead",
    "maxAgeSeconds",
    "domain",
    "secure",
    "httpOnly",
    "sameSite",
  ]);
  const must = "a cookie name, made of letters, digits and !#$%&'*+-.^_`|~";
  const isName = (text: string) => /^[\w!#$%&'*+.^`|~-]+$/.test(text);
  if (cookie.name !== undefined) checkStrings(subject, "cookie.name", [cookie.name], must, isName);
  if (cookie.alsoRead !== undefined) checkStrings(subject, "cookie.alsoRead", cookie.alsoRead, must, isName);
  if (cookie.maxAgeSeconds !== undefined) {
    // Browsers and the cookie serializer take at most 400 days.
    checkNumber(subject, "cookie.maxAgeSeconds", cookie.maxAgeSeconds, 0, 34_560_000);
  }
  if (cookie.domain !== undefined) checkText("cookie.domain", cookie.domain);
  if (cookie.secure !== undefined) checkBoolean(subject, "cookie.secure", cookie.secure);
  if (cookie.httpOnly !== undefined) checkBoolean(subject, "cookie.httpOnly", cookie.httpOnly);
  if (cookie.sameSite !== undefined) {
    checkChoice(subject, "cookie.sameSite", cookie.sameSite, ["Lax", "Strict", "None"]);
  }
}

/** Checks a group of options; a name with a number is one with that least value. */
function checkNumbers(
  group: string,
  values: Readonly<Record<string, unknown>> | object | undefined,
  least: Readonly<Record<string, number | undefined>>,
): void {
  if (values === undefined) return;
  checkOptions(`${subject}: "${group}"`, values, Object.keys(least));
  for (const [name, value] of Object.entries(values)) {
    const min = least[name];
    if (min !== undefined && value !== undefined) checkNumber(subject, `${group}.${name}`, value, min);
  }
}

function checkUrl(name: string, value: string): void {
  const must = "an absolute http or https URL without query, such as https://api.crowdhandler.com";
  checkText(name, value);
  const url = URL.parse(value);
  if (
    url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "" ||
    url.username !== ""
  ) {
    throw valueError(subject, name, must, value);
  }
}

function checkText(name: string, value: unknown): void {
  if (typeof value !== "string") throw shapeError(subject, name, "a string", value);
  if (value === "" || /\s/.test(value)) {
    throw valueError(subject, name, "a non-empty string without spaces", value);
  }
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,256}$/.test(value);
}
