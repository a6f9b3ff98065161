import {
  checkBoolean,
  checkChoice,
  checkNumber,
  checkOptions,
  shapeError,
  type Subject,
  valueError,
} from "../options/check.ts";
import type { CookieOptions } from "./cookies.ts";

/** The longest life that browsers grant a cookie, in seconds: 400 days. */
export const longestMaxAgeSeconds: number = 400 * 86_400;

/** Cookie options with nothing left open. */
export type CookieDefaults = Readonly<Required<CookieOptions>>;

const known = ["path", "domain", "secure", "httpOnly", "sameSite", "maxAgeSeconds"];
const hostName = /^\.?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i;
const pathText = /^\/[!-:<-~]*$/;

/** Checks cookie options and fills them up. `prefix` is what their names begin with in messages. */
export function resolveCookie(
  subject: Subject,
  options: CookieOptions,
  prefix: string = "",
  others: readonly string[] = [],
): CookieDefaults {
  checkOptions(subject, options, [...known, ...others]);
  const { path = "/", domain = "", secure = true, httpOnly = true, sameSite = "Lax", maxAgeSeconds = 0 } =
    options;
  if (typeof path !== "string") throw shapeError(subject, `${prefix}path`, pathMust, path);
  if (!pathText.test(path)) throw valueError(subject, `${prefix}path`, pathMust, path);
  if (typeof domain !== "string") throw shapeError(subject, `${prefix}domain`, domainMust, domain);
  if (domain !== "" && (!hostName.test(domain) || domain.includes(".."))) {
    throw valueError(subject, `${prefix}domain`, domainMust, domain);
  }
  checkBoolean(subject, `${prefix}secure`, secure);
  checkBoolean(subject, `${prefix}httpOnly`, httpOnly);
  checkChoice(subject, `${prefix}sameSite`, sameSite, ["Lax", "Strict", "None", "omit"]);
  checkNumber(subject, `${prefix}maxAgeSeconds`, maxAgeSeconds, 0, longestMaxAgeSeconds);
  if (sameSite === "None" && !secure) {
    throw valueError(
      subject,
      `${prefix}sameSite`,
      `"Lax", "Strict" or "omit" while "secure" is false`,
      sameSite,
    );
  }
  return { path, domain, secure, httpOnly, sameSite, maxAgeSeconds };
}

const pathMust = "a path that starts with a slash, without blanks or semicolons";
const domainMust = "a host name";
