import type { Context } from "../../src/context.ts";
import type { FailureCode } from "../../src/errors.ts";
import { type CookieDefaults, type CookieOptions, resolveNamedCookie } from "../../src/cookie-options.ts";
import {
  anything,
  checkBoolean,
  checkRules,
  integer,
  shapeError,
  type Subject,
  valueError,
} from "../../src/options/check.ts";
import { checkCodes } from "../../src/options/check-codes.ts";
import { checkSecretList } from "../../src/options/check-secrets.ts";

/** The cookie that keeps the place. */
export interface GraceCookieOptions extends Omit<CookieOptions, "maxAgeSeconds"> {
  /**
   * The cookie's name.
   *
   * @default {"__Host-stanchion-grace" for a secure cookie of the host alone with the path "/", otherwise "stanchion-grace"}
   */
  readonly name?: string;
}

/** The options of {@linkcode grace}. */
export interface GraceOptions {
  /** The secrets, of 16 characters at least: the first signs, all verify, so that they can be rotated. */
  readonly secrets: readonly string[];
  /**
   * How long a place is kept after it was last proven, in milliseconds.
   *
   * @default {15 * 60_000}
   */
  readonly forMs?: number;
  /**
   * After which failures a place is kept. What a crowd can bring about is not among them unless you name it.
   *
   * @default {["timeout", "unreachable", "malformed"]}
   */
  readonly codes?: readonly FailureCode[];
  /**
   * For what a place is good: a text, or what a function says of a request. Where several waiting rooms protect parts of one host
   * and the provider knows them by its service alone, name these parts.
   *
   * @default {the host of the request}
   */
  readonly scope?: string | ((ctx: Context) => string);
  /**
   * Whether a place is good from the visitor's address alone, which `clientIp()` finds out.
   *
   * @default {false}
   */
  readonly bindAddress?: boolean;
  /**
   * The cookie: `name`, `path`, `domain`, `secure`, `httpOnly`, `sameSite` and `partitioned`.
   *
   * @default {a secure cookie of the host alone, hidden from scripts, SameSite=Lax}
   */
  readonly cookie?: GraceCookieOptions;
}

const subject: Subject = "grace plugin";

/** The longest scope that is signed: what a function makes of a URL might have any length. */
export const maxScope: number = 1024;

/** Refuses wrong options, and gives the cookie with nothing left open. */
export function checkGraceOptions(
  options: GraceOptions,
): { readonly name: string; readonly cookie: CookieDefaults } {
  checkRules(subject, options, {
    secrets: anything,
    forMs: integer(1000, 86_400_000),
    codes: checkCodes,
    scope: checkScope,
    bindAddress: checkBoolean,
    cookie: anything,
  });
  const { secrets, cookie: given = {} } = options;
  const must = "a list of secrets, each of them of at least 16 characters";
  checkSecretList(subject, "secrets", secrets, must, (secret) => secret.length >= 16);
  return resolveGraceCookie(given);
}

function checkScope(subject: Subject, option: string, scope: unknown): void {
  const must = `a text of 1 to ${maxScope} characters, or a function that returns one`;
  if (typeof scope === "function") return;
  if (typeof scope !== "string") throw shapeError(subject, option, must, scope);
  if (scope === "" || scope.length > maxScope) throw valueError(subject, option, must, scope);
}

function resolveGraceCookie(
  given: GraceCookieOptions,
): { readonly name: string; readonly cookie: CookieDefaults } {
  if (typeof given === "object" && given !== null && "maxAgeSeconds" in given) {
    throw new TypeError(
      `Cannot create ${subject}: "cookie.maxAgeSeconds" is what "forMs" says; leave it out`,
    );
  }
  return resolveNamedCookie(subject, given, "stanchion-grace");
}
