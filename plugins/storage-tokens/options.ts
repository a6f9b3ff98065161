import { type CookieDefaults, type CookieOptions, resolveNamedCookie } from "../../src/cookie-options.ts";
import {
  checkFunction,
  checkNumber,
  checkOptions,
  checkSyncFunction,
  shapeError,
  valueError,
} from "../../src/options/check.ts";
import type { TokenStorage } from "../../src/storage.ts";
import { type CookieWatch, cookieWatch } from "../../src/tokens/cookie-watch.ts";

/** The cookie that holds the id. */
export interface IdCookieOptions extends CookieOptions {
  /**
   * The cookie's name.
   *
   * @default {"__Host-stanchion", and "stanchion" when the other options rule out that prefix}
   */
  readonly name?: string;
}

/** The options of {@linkcode storageTokens}. */
export interface StorageTokensOptions {
  /** Where the tokens are kept. */
  readonly storage: TokenStorage;
  /**
   * What the keys begin with: letters, digits, `_` and `-`, in parts divided by colons.
   *
   * @default {"stanchion"}
   */
  readonly prefix?: string;
  /** How the cookie with the id is written. All of a visitor's tokens share it, so no provider has a say in it. */
  readonly cookie?: IdCookieOptions;
  /**
   * How long the storage keeps a token after it was last written, in seconds. A provider may ask for longer.
   *
   * @default {86400}
   */
  readonly ttlSeconds?: number;
  /**
   * How long one call to the storage may take, in milliseconds.
   *
   * @default {500}
   */
  readonly timeoutMs?: number;
  /**
   * Gives as many random bytes as it is asked for. They must be unpredictable: the id is all that guards a token.
   *
   * @default {crypto.getRandomValues}
   */
  readonly random?: (length: number) => Uint8Array;
}

/** The options of the plugin with nothing left open. */
export interface Resolved {
  readonly storage: TokenStorage;
  readonly prefix: string;
  /** The name of the cookie. */
  readonly name: string;
  readonly cookie: CookieDefaults;
  readonly ttlSeconds: number;
  readonly timeoutMs: number;
  readonly random: (length: number) => Uint8Array;
  readonly watch: CookieWatch;
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
  checkSyncFunction(subject, "random", random);
  return {
    storage,
    prefix,
    ttlSeconds,
    timeoutMs,
    random,
    watch: cookieWatch((message) => console.warn(message)),
    ...resolveNamedCookie(subject, cookie, "stanchion"),
  };
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

const prefixText = /^(?=.{1,64}$)[A-Za-z0-9_-]+(?::[A-Za-z0-9_-]+)*$/;
