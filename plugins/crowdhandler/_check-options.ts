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
import { readPlace } from "./_places.ts";
import { isSegment } from "./_result.ts";
import type {
  CrowdhandlerCookie,
  CrowdhandlerOptions,
  CrowdhandlerPerformance,
  CrowdhandlerRooms,
} from "./options.ts";

const subject = "crowdhandler plugin";
/** Timers hold no more than 24 days, and nobody waits for more than a minute. */
const maxTimeoutMs = 60_000;
/** Browsers keep a cookie for 400 days at most. */
const longestMaxAgeSeconds = 400 * 86_400;

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
  const { mode = "full", publicKey, privateKey, auth, cleanUrl, timeoutMs, fallbackSlug } = options;
  checkKey("publicKey", publicKey);
  if (privateKey !== undefined) checkKey("privateKey", privateKey);
  checkChoice(subject, "mode", mode, ["full", "hybrid"]);
  if (mode === "hybrid" && privateKey === undefined) {
    throw new TypeError(`Cannot create ${subject}: "privateKey" must be given in hybrid mode`);
  }
  if (auth !== undefined) checkChoice(subject, "auth", auth, ["x-api-key", "basic"]);
  if (cleanUrl !== undefined) {
    const choices = mode === "hybrid" ? ["after-check", "never"] : ["first", "after-check", "never"];
    checkChoice(subject, "cleanUrl", cleanUrl, choices);
  }
  if (timeoutMs !== undefined) checkNumber(subject, "timeoutMs", timeoutMs, 1, maxTimeoutMs);
  if (fallbackSlug !== undefined) checkSlug(fallbackSlug);
  for (const name of ["apiUrl", "waitingRoomUrl"] as const) {
    if (options[name] !== undefined) checkUrl(name, options[name]);
  }
  for (const name of ["loopGuard", "lite", "checkout"] as const) {
    if (options[name] !== undefined) checkBoolean(subject, name, options[name]);
  }
  for (const name of ["visitor", "fields", "fetch", "random", "warn"] as const) {
    if (options[name] !== undefined) checkFunction(subject, name, options[name]);
  }
  if (options.publicHosts !== undefined) {
    const must = 'a list of hosts such as "shop.example.com", or "http://localhost:8080" for development';
    checkStrings(subject, "publicHosts", options.publicHosts, must, (text) => readPlace(text) !== undefined);
    if (options.publicHosts.length === 0) throw valueError(subject, "publicHosts", must, options.publicHosts);
  }
  if (options.cookie !== undefined) checkCookie(options.cookie);
  if (options.rooms !== undefined) checkRooms(options.rooms);
  if (options.performance !== undefined) checkPerformance(options.performance);
}

function checkCookie(cookie: CrowdhandlerCookie): void {
  checkGroup("cookie", cookie, [
    "name",
    "alsoRead",
    "maxAgeSeconds",
    "domain",
    "secure",
    "httpOnly",
    "sameSite",
  ]);
  const { name, alsoRead, maxAgeSeconds, domain, secure, httpOnly, sameSite } = cookie;
  const must = "a cookie name, made of letters, digits and !#$%&'*+-.^_`|~";
  const isName = (text: string) => /^[\w!#$%&'*+.^`|~-]{1,256}$/.test(text);
  if (name !== undefined) checkStrings(subject, "cookie.name", [name], must, isName);
  if (alsoRead !== undefined) checkStrings(subject, "cookie.alsoRead", alsoRead, `a list of ${must}`, isName);
  if (maxAgeSeconds !== undefined) {
    checkNumber(subject, "cookie.maxAgeSeconds", maxAgeSeconds, 0, longestMaxAgeSeconds);
  }
  if (domain !== undefined) {
    const isHost = (text: string) => text === "" || /^\.?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text);
    checkStrings(subject, "cookie.domain", [domain], "a host name", isHost);
  }
  if (secure !== undefined) checkBoolean(subject, "cookie.secure", secure);
  if (httpOnly !== undefined) checkBoolean(subject, "cookie.httpOnly", httpOnly);
  if (sameSite !== undefined) checkChoice(subject, "cookie.sameSite", sameSite, ["Lax", "None"]);
  // Browsers drop such cookies, and every write would fail.
  if (secure === false && (sameSite === "None" || /^__(?:Host|Secure)-/i.test(name ?? ""))) {
    throw valueError(subject, "cookie.secure", 'true with SameSite "None" and with this cookie name', secure);
  }
  if (domain && /^__Host-/i.test(name ?? "")) {
    throw valueError(subject, "cookie.domain", '"" with this cookie name', domain);
  }
}

function checkRooms(rooms: CrowdhandlerRooms): void {
  checkGroup("rooms", rooms, ["ttlMs", "maxStaleMs"]);
  if (rooms.ttlMs !== undefined) checkNumber(subject, "rooms.ttlMs", rooms.ttlMs, 0);
  if (rooms.maxStaleMs !== undefined) checkNumber(subject, "rooms.maxStaleMs", rooms.maxStaleMs, 0);
}

function checkPerformance(performance: CrowdhandlerPerformance): void {
  checkGroup("performance", performance, ["sample", "dialect", "timeoutMs"]);
  const { sample, dialect, timeoutMs } = performance;
  if (sample !== undefined) {
    if (typeof sample !== "number") throw shapeError(subject, "performance.sample", "a number", sample);
    if (Number.isNaN(sample)) throw valueError(subject, "performance.sample", "a number", sample);
  }
  if (dialect !== undefined) {
    checkChoice(subject, "performance.dialect", dialect, ["both", "code", "httpCode"]);
  }
  if (timeoutMs !== undefined) checkNumber(subject, "performance.timeoutMs", timeoutMs, 1, maxTimeoutMs);
}

function checkGroup(name: string, group: object, known: readonly string[]): void {
  if (typeof group !== "object" || group === null || Array.isArray(group)) {
    throw shapeError(subject, name, "an object", group);
  }
  for (const key of Object.keys(group)) {
    if (known.includes(key)) continue;
    throw new TypeError(
      `Cannot create ${subject}: unknown option "${name}.${key}", the options are ${known.join(", ")}`,
    );
  }
}

/** A key travels in a header. */
function checkKey(name: string, value: unknown): void {
  if (typeof value === "string" && /^[\x21-\x7e]{1,256}$/.test(value)) return;
  const must = `the account's ${
    name === "publicKey" ? "public" : "private"
  } key, one word of printable characters`;
  throw secretError(subject, name, must);
}

function checkUrl(name: string, value: unknown): void {
  const must = `an absolute http or https URL without query${name === "apiUrl" ? " and without /v1" : ""}`;
  if (typeof value !== "string") throw shapeError(subject, name, must, value);
  // It may hold a password, which is not shown.
  if (value.includes("@")) {
    throw new RangeError(
      `Cannot create ${subject}: "${name}" must be ${must}, received one with credentials`,
    );
  }
  if (!/^https?:\/\/[^\s?#]+$/i.test(value) || !URL.canParse(value) || isVersioned(name, value)) {
    throw valueError(subject, name, must, value);
  }
}

function isVersioned(name: string, value: string): boolean {
  return name === "apiUrl" && /\/v1\/*$/.test(value);
}

function checkSlug(value: unknown): void {
  const must = 'the slug of a room, such as "queen-victoria-hall"';
  if (typeof value !== "string") throw shapeError(subject, "fallbackSlug", must, value);
  if (!isSegment(value) || /[\s/\\?#]/.test(value)) throw valueError(subject, "fallbackSlug", must, value);
}
