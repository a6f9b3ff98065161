import { type CookieDefaults, resolveCookie } from "../../src/http/cookie-options.ts";
import {
  anything,
  checkBoolean,
  checkRules,
  integer,
  secretError,
  shapeError,
  type Subject,
  valueError,
} from "../../src/options/check.ts";
import { writeCookie } from "../../src/http/cookies.ts";
import { checkCodes } from "../../src/options/check-codes.ts";
import type { GraceCookieOptions, GraceOptions } from "./grace.ts";

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
  const isSecret = (secret: unknown) => typeof secret === "string" && secret.length >= 16;
  if (!Array.isArray(secrets) || secrets.length === 0 || !secrets.every(isSecret)) {
    throw secretError(subject, "secrets", "a list of secrets, each of them of at least 16 characters");
  }
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
  if (typeof given !== "object" || given === null) throw shapeError(subject, "cookie", "an object", given);
  if ("maxAgeSeconds" in given) {
    throw new TypeError(
      `Cannot create ${subject}: "cookie.maxAgeSeconds" is what "forMs" says; leave it out`,
    );
  }
  const cookie = resolveCookie(subject, given, "cookie.", ["name"]);
  const isHostOnly = cookie.secure && cookie.path === "/" && cookie.domain === "";
  const { name = isHostOnly ? "__Host-stanchion-grace" : "stanchion-grace" } = given;
  const must = "a cookie's name; __Host- and __Secure- fit certain attributes only";
  if (typeof name !== "string") throw shapeError(subject, "cookie.name", must, name);
  try {
    writeCookie(name, "1", cookie);
  } catch {
    throw valueError(subject, "cookie.name", must, name);
  }
  return { name, cookie };
}
