import { type CookieDefaults, resolveCookie } from "../src/http/cookie-options.ts";
import { withDeadline } from "../src/async/deadline.ts";
import { checkFunction, checkNumber, checkOptions, shapeError, valueError } from "../src/options/check.ts";
import { writeCookie } from "../src/http/cookies.ts";
import { ServiceError } from "../src/errors.ts";
import type { IdCookieOptions, StorageTokensOptions, TokenStorage } from "./storage-tokens/storage-tokens.ts";

/** Calls a storage: at most for so long, and with no error that quotes what was stored. */
export function askStorage(call: () => unknown, timeoutMs: number): unknown {
  let answer: unknown;
  try {
    answer = call();
  } catch (cause) {
    throw unreachable(cause);
  }
  if (!isThenable(answer)) return answer;
  const work = Promise.resolve(answer).catch((cause: unknown) => {
    throw unreachable(cause);
  });
  return withDeadline(work, timeoutMs, "The token storage");
}

/** Errors of clients quote commands, and with them keys and tokens: only their kind is passed on. */
function unreachable(cause: unknown): ServiceError {
  const kinds = cause instanceof Error ? [cause.name, "code" in cause ? cause.code : ""] : [typeof cause];
  const kind = kinds.filter((word) => typeof word === "string" && /^\w{1,40}$/.test(word)).join(" ");
  return new ServiceError("unreachable", `The token storage failed (${kind || "unknown cause"})`);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** The options of the plugin with nothing left open. */
export interface Resolved {
  readonly storage: TokenStorage;
  readonly prefix: string;
  readonly cookieName: string;
  readonly cookie: CookieDefaults;
  readonly ttlSeconds: number;
  readonly timeoutMs: number;
  readonly random: (length: number) => Uint8Array;
}

/** Checks the options of the plugin and fills them up. */
export function resolveStorage(options: StorageTokensOptions): Resolved {
  const subject = "storage-tokens plugin";
  checkOptions(subject, options, ["storage", "prefix", "cookie", "ttlSeconds", "timeoutMs", "random"]);
  const { storage, prefix = "stanchion", cookie = {}, ttlSeconds = 86_400, timeoutMs = 500 } = options;
  const { random = randomBytes } = options;
  if (typeof storage !== "object" || storage === null) {
    throw shapeError(subject, "storage", "an object with getItem, setItem and removeItem", storage);
  }
  for (const method of ["getItem", "setItem", "removeItem"] as const) {
    checkFunction(subject, `storage.${method}`, storage[method]);
  }
  const prefixMust = "at most 64 letters, digits, _ and -, in parts divided by colons";
  if (typeof prefix !== "string") throw shapeError(subject, "prefix", prefixMust, prefix);
  if (!prefixText.test(prefix)) throw valueError(subject, "prefix", prefixMust, prefix);
  checkNumber(subject, "ttlSeconds", ttlSeconds, 1);
  checkNumber(subject, "timeoutMs", timeoutMs, 1, 60_000);
  checkFunction(subject, "random", random);
  return {
    storage,
    prefix,
    ttlSeconds,
    timeoutMs,
    random,
    ...resolveIdCookie(subject, cookie),
  };
}

function resolveIdCookie(subject: string, options: IdCookieOptions): Pick<Resolved, "cookieName" | "cookie"> {
  if (typeof options !== "object" || options === null) {
    throw shapeError(subject, "cookie", "an object", options);
  }
  const cookie = resolveCookie(subject, options, "cookie.", ["name"]);
  const hostOnly = cookie.secure && cookie.path === "/" && cookie.domain === "";
  const { name = hostOnly ? "__Host-stanchion" : "stanchion" } = options;
  const must = "a cookie's name; __Host- and __Secure- fit certain attributes only";
  if (typeof name !== "string") throw shapeError(subject, "cookie.name", must, name);
  try {
    writeCookie(name, "id", cookie);
  } catch {
    throw valueError(subject, "cookie.name", must, name);
  }
  return { cookieName: name, cookie };
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

const prefixText = /^(?=.{1,64}$)[A-Za-z0-9_-]+(?::[A-Za-z0-9_-]+)*$/;
