import type { CookieDefaults } from "../cookie-options.ts";
import type { HeaderChange } from "../decision.ts";
import { forgetCookie, writeCookie } from "../http/cookies.ts";
import { madeOnce } from "../http/made-once.ts";
import type { TokenOptions } from "../tokens.ts";

/** Writes the `Set-Cookie` lines of one store. All throw what `writeCookie` throws. */
export interface CookieLines {
  write(name: string, value: string, options: TokenOptions): string;
  /** Forgets the cookie of the scope that is configured. */
  forget(name: string, options: TokenOptions): readonly HeaderChange[];
  /** Forgets that cookie, and then that of the host alone, where that is another one. */
  forgetAll(name: string, options: TokenOptions): readonly HeaderChange[];
}

/** What is the same in all lines of a name. */
interface Known {
  readonly options: TokenOptions;
  /** All attributes but `Expires`, which is the last. */
  readonly attributes: string;
  /** Forgets the cookie of the scope that is configured. */
  readonly forgotten: readonly HeaderChange[];
  /** Forgets it, and that of the host alone where that is another one. */
  readonly allForgotten: readonly HeaderChange[];
}

/** More names than this are a provider's that makes them up: they are forgotten and begun anew. */
const maxNames = 256;

/** Makes the writer of lines. The attributes of a name are checked and put together once, and the time once a second. */
export function createCookieLines(defaults: CookieDefaults): CookieLines {
  const names = new Map<string, Known>();
  const latest = { second: Number.NaN, text: "" };

  function knownOf(name: string, options: TokenOptions): Known {
    const known = names.get(name);
    if (known !== undefined && isSame(known.options, options)) return known;
    const { partitioned } = defaults;
    // Who embeds pages chose where cookies are sent; browsers keep nothing partitioned that is not secure.
    const sameSite = partitioned && options.sameSite === "omit" ? undefined : options.sameSite;
    const attributes = {
      path: defaults.path,
      domain: options.domain ?? defaults.domain,
      secure: partitioned || (options.secure ?? defaults.secure),
      httpOnly: options.httpOnly ?? defaults.httpOnly,
      sameSite: sameSite ?? defaults.sameSite,
      partitioned,
      // A stated moment is a stated life: the default length must not outlive it.
      maxAgeSeconds: options.maxAgeSeconds ??
        (options.expiresAtMs === undefined ? defaults.maxAgeSeconds : 0),
    };
    const forgotten = forgetting(forgetCookie(name, attributes));
    const made: Known = {
      // The caller may write the next visitor's choice into the same object.
      options: { ...options },
      attributes: writeCookie(name, "", attributes).slice(name.length + 1),
      forgotten,
      allForgotten: attributes.domain === ""
        ? forgotten
        : forgetting(forgetCookie(name, attributes), forgetCookie(name, { ...attributes, domain: "" })),
    };
    if (names.size >= maxNames) names.clear();
    names.set(name, made);
    return made;
  }

  function expiresAt(ms: number): string {
    const second = Math.floor(ms / 1000);
    if (second !== latest.second) {
      latest.second = second;
      latest.text = `; Expires=${new Date(ms).toUTCString()}`;
    }
    return latest.text;
  }

  return {
    write(name, value, options) {
      const { attributes } = knownOf(name, options);
      const expires = options.expiresAtMs === undefined ? "" : expiresAt(options.expiresAtMs);
      return `${name}=${encodeURIComponent(value)}${attributes}${expires}`;
    },
    forget: (name, options) => knownOf(name, options).forgotten,
    forgetAll: (name, options) => knownOf(name, options).allForgotten,
  };
}

/** Many visitors are told to forget the same. */
function forgetting(...lines: readonly string[]): readonly HeaderChange[] {
  return madeOnce(lines.map((line): HeaderChange => ["set-cookie", line]));
}

/** Tells whether two tokens of one name have the same attributes. When they expire is written anew each time. */
function isSame(one: TokenOptions, other: TokenOptions): boolean {
  return one.domain === other.domain && one.secure === other.secure && one.httpOnly === other.httpOnly &&
    one.sameSite === other.sameSite && one.maxAgeSeconds === other.maxAgeSeconds &&
    (one.expiresAtMs === undefined) === (other.expiresAtMs === undefined);
}
