import {
  anything,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkRules,
  checkSyncFunction,
  choice,
  group,
  integer,
  secretError,
  shapeError,
  type Subject,
  text,
  textError,
  texts,
  valueError,
} from "../../src/options/check.ts";
import { isCookieName } from "../../src/http/cookie-name.ts";
import { isUnset } from "../../src/options/secret-kind.ts";
import { checkPublicHosts } from "../../src/options/check-hosts.ts";
import { checkCookieScope, checkDomain } from "../../src/options/cookie-scope.ts";
import { isSegment } from "./values.ts";
import type { CrowdhandlerOptions } from "./options.ts";

const subject = "crowdhandler plugin";

/** Refuses wrong options at construction. */
export function checkCrowdhandlerOptions(options: CrowdhandlerOptions): void {
  // Nobody waits for more than a minute.
  const timeout = integer(1, 60_000);
  checkRules(subject, options, {
    publicKey: anything,
    privateKey: checkKey,
    mode: choice("full", "hybrid"),
    apiUrl: checkUrl,
    auth: choice("x-api-key", "basic"),
    timeoutMs: timeout,
    fallbackSlug: checkSlug,
    waitingRoomUrl: checkUrl,
    cookie: group({
      name: text(nameMust, isName),
      alsoRead: texts(`a list of ${nameMust}`, isName),
      // Browsers keep a cookie for 400 days at most.
      maxAgeSeconds: integer(0, 400 * 86_400),
      domain: checkDomain,
      secure: checkBoolean,
      httpOnly: checkBoolean,
      sameSite: choice("Lax", "None"),
    }),
    publicHosts: checkPublicHosts,
    cleanUrl: anything,
    loopGuard: checkBoolean,
    rooms: group({ ttlMs: integer(0), maxStaleMs: integer(0) }),
    lite: checkBoolean,
    checkout: checkBoolean,
    performance: group({
      sample: checkSample,
      dialect: choice("both", "code", "httpCode"),
      timeoutMs: timeout,
    }),
    visitor: checkFunction,
    parameters: checkFunction,
    fetch: checkFunction,
    random: checkSyncFunction,
    warn: checkFunction,
  });
  const { publicKey, privateKey, mode, cleanUrl, cookie = {}, publicHosts } = options;
  checkKey(subject, "publicKey", publicKey);
  const isHybrid = mode === "hybrid";
  if (isHybrid && privateKey === undefined) {
    throw secretError(subject, "privateKey", "given in hybrid mode", privateKey);
  }
  if (cleanUrl !== undefined) {
    checkChoice(subject, "cleanUrl", cleanUrl, ["first", "after-check", "never"].slice(isHybrid ? 1 : 0));
  }
  checkCookieScope(subject, cookie, publicHosts, "cookie.");
}

const nameMust = "a cookie name, made of letters, digits and !#$%&'*+-.^_`|~";

function isName(name: string): boolean {
  return name.length <= 256 && isCookieName(name);
}

function checkSample(subject: Subject, option: string, sample: unknown): void {
  if (typeof sample !== "number") throw shapeError(subject, option, "a number", sample);
  if (Number.isNaN(sample)) throw valueError(subject, option, "a number", sample);
}

/** A key travels in a header. */
function checkKey(subject: Subject, option: string, key: unknown): void {
  if (typeof key === "string" && /^[\x21-\x7e]{1,256}$/.test(key) && !isUnset(key)) return;
  const must = `the account's ${option.slice(0, -3)} key, one word of printable characters`;
  throw secretError(subject, option, must, key);
}

function checkUrl(subject: Subject, option: string, url: unknown): void {
  const isApi = option === "apiUrl";
  const must = `an absolute http or https URL without query${isApi ? " and without /v1" : ""}`;
  if (typeof url !== "string") throw textError(subject, option, must, url);
  // It may hold a password, which is not shown.
  if (url.includes("@")) {
    throw new RangeError(
      `Cannot create ${subject}: "${option}" must be ${must}, received one with credentials`,
    );
  }
  const isVersioned = isApi && /\/v1\/*$/.test(url);
  if (isVersioned || !/^https?:\/\/[^\s?#]+$/i.test(url) || !URL.canParse(url)) {
    throw valueError(subject, option, must, url);
  }
}

function checkSlug(subject: Subject, option: string, slug: unknown): void {
  const must = 'the slug of a room, such as "queen-victoria-hall"';
  if (typeof slug !== "string" || !isSegment(slug) || /[\s/\\?#]/.test(slug)) {
    throw textError(subject, option, must, slug);
  }
}
