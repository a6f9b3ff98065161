import {
  checkBoolean,
  checkChoice,
  checkNumber,
  checkOptions,
  shapeError,
  type Subject,
  valueError,
} from "./options/check.ts";
import { checkDomain } from "./options/cookie-scope.ts";
import { longestMaxAgeSeconds, writeCookie } from "./http/cookies.ts";

/** How a store writes its cookies. The defaults are the safe ones. */
export interface CookieOptions {
  /**
   * The path below which the browser sends the cookie.
   *
   * @default {"/"}
   */
  readonly path?: string;
  /**
   * The `Domain`, for a site whose hosts share one waiting room; `""` for the host alone.
   *
   * @default {""}
   */
  readonly domain?: string;
  /**
   * Whether the cookie is sent over encrypted connections only.
   *
   * @default {true}
   */
  readonly secure?: boolean;
  /**
   * Whether the cookie is hidden from scripts.
   *
   * @default {true}
   */
  readonly httpOnly?: boolean;
  /**
   * The `SameSite`; `"omit"` leaves the attribute out.
   *
   * @default {"Lax"}
   */
  readonly sameSite?: "Lax" | "Strict" | "None" | "omit";
  /**
   * Whether the browser keeps the cookie for each site that embeds the page apart (`Partitioned`, CHIPS), as it has to be where
   * cookies of embedded pages are blocked. It takes `secure: true`, and `sameSite: "None"` for pages in frames of other sites.
   *
   * @default {false}
   */
  readonly partitioned?: boolean;
  /**
   * How long the browser keeps the cookie, in seconds, 400 days at most; `0` for as long as its session.
   *
   * @default {0}
   */
  readonly maxAgeSeconds?: number;
}

/** Cookie options with nothing left open. */
export type CookieDefaults = Readonly<Required<CookieOptions>>;

/** How cookies are written unless something else is said: on the host alone, and safely. */
export const cookieDefaults: CookieDefaults = {
  path: "/",
  domain: "",
  secure: true,
  httpOnly: true,
  sameSite: "Lax",
  partitioned: false,
  maxAgeSeconds: 0,
};

const known = ["path", "domain", "secure", "httpOnly", "sameSite", "partitioned", "maxAgeSeconds"];
const pathText = /^\/[!-:<-~]*$/;

/** Checks cookie options and fills them up. `prefix` is what their names begin with in messages. */
export function resolveCookie(
  subject: Subject,
  options: CookieOptions,
  prefix: string = "",
  others: readonly string[] = [],
): CookieDefaults {
  checkOptions(subject, options, [...known, ...others]);
  const { path = cookieDefaults.path, domain = cookieDefaults.domain, secure = cookieDefaults.secure } =
    options;
  const { httpOnly = cookieDefaults.httpOnly, sameSite = cookieDefaults.sameSite } = options;
  const { partitioned = cookieDefaults.partitioned, maxAgeSeconds = cookieDefaults.maxAgeSeconds } = options;
  if (typeof path !== "string") throw shapeError(subject, `${prefix}path`, pathMust, path);
  if (!pathText.test(path)) throw valueError(subject, `${prefix}path`, pathMust, path);
  checkDomain(subject, `${prefix}domain`, domain);
  checkBoolean(subject, `${prefix}secure`, secure);
  checkBoolean(subject, `${prefix}httpOnly`, httpOnly);
  checkChoice(subject, `${prefix}sameSite`, sameSite, ["Lax", "Strict", "None", "omit"]);
  checkBoolean(subject, `${prefix}partitioned`, partitioned);
  checkNumber(subject, `${prefix}maxAgeSeconds`, maxAgeSeconds, 0, longestMaxAgeSeconds);
  if (sameSite === "None" && !secure) {
    throw valueError(
      subject,
      `${prefix}sameSite`,
      `"Lax", "Strict" or "omit" while "secure" is false`,
      sameSite,
    );
  }
  if (partitioned && !secure) {
    throw valueError(subject, `${prefix}partitioned`, 'false while "secure" is false', partitioned);
  }
  return { path, domain, secure, httpOnly, sameSite, partitioned, maxAgeSeconds };
}

/** The options of a cookie that has a name. */
export interface NamedCookieOptions extends CookieOptions {
  readonly name?: string;
}

/**
 * Checks the options of a cookie of ours, the option `cookie`, and fills them up. Unless it is named, it is called
 * `__Host-<usual>` where the attributes fit that prefix, and `<usual>` where they do not.
 */
export function resolveNamedCookie(
  subject: Subject,
  options: NamedCookieOptions,
  usual: string,
): { readonly name: string; readonly cookie: CookieDefaults } {
  if (typeof options !== "object" || options === null) {
    throw shapeError(subject, "cookie", "an object", options);
  }
  const cookie = resolveCookie(subject, options, "cookie.", ["name"]);
  const isHostOnly = cookie.secure && cookie.path === "/" && cookie.domain === "";
  const { name = isHostOnly ? `__Host-${usual}` : usual } = options;
  const must = "a cookie's name; __Host- and __Secure- fit certain attributes only";
  if (typeof name !== "string") throw shapeError(subject, "cookie.name", must, name);
  try {
    writeCookie(name, "1", cookie);
  } catch {
    throw valueError(subject, "cookie.name", must, name);
  }
  return { name, cookie };
}

const pathMust = "a path that starts with a slash, without blanks or semicolons";
