import type { CookieDefaults } from "../http/cookie-options.ts";
import { forgetCookie, writeCookie } from "../http/cookies.ts";
import type { TokenPlace } from "./store.ts";

/** Writes the `Set-Cookie` lines of one store. Both throw what `writeCookie` throws. */
export interface CookieLines {
  write(place: TokenPlace, value: string): string;
  forget(place: TokenPlace): string;
}

/** What is the same in all lines of a place. */
interface Known {
  readonly place: TokenPlace;
  /** All attributes but `Expires`, which is the last. */
  readonly attributes: string;
  readonly forgotten: string;
}

/** More places than this are a provider's that makes up names: they are forgotten and begun anew. */
const maxPlaces = 256;

/** Makes the writer of lines. The attributes of a place are checked and put together once, and the time once a second. */
export function createCookieLines(defaults: CookieDefaults): CookieLines {
  const places = new Map<string, Known>();
  const latest = { second: Number.NaN, text: "" };

  function knownOf(place: TokenPlace): Known {
    const known = places.get(place.name);
    if (known !== undefined && isSame(known.place, place)) return known;
    const attributes = {
      path: defaults.path,
      domain: place.domain ?? defaults.domain,
      secure: place.secure ?? defaults.secure,
      httpOnly: place.httpOnly ?? defaults.httpOnly,
      sameSite: place.sameSite ?? defaults.sameSite,
      // A stated moment is a stated life: the default length must not outlive it.
      maxAgeSeconds: place.maxAgeSeconds ?? (place.expiresAtMs === undefined ? defaults.maxAgeSeconds : 0),
    };
    const made = {
      place,
      attributes: writeCookie(place.name, "", attributes).slice(place.name.length + 1),
      forgotten: forgetCookie(place.name, attributes),
    };
    if (places.size >= maxPlaces) places.clear();
    places.set(place.name, made);
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
    write(place, value) {
      const { attributes } = knownOf(place);
      const expires = place.expiresAtMs === undefined ? "" : expiresAt(place.expiresAtMs);
      return `${place.name}=${encodeURIComponent(value)}${attributes}${expires}`;
    },
    forget: (place) => knownOf(place).forgotten,
  };
}

/** Tells whether two places of one name have the same attributes. When they expire is written anew each time. */
function isSame(one: TokenPlace, other: TokenPlace): boolean {
  return one.domain === other.domain && one.secure === other.secure && one.httpOnly === other.httpOnly &&
    one.sameSite === other.sameSite && one.maxAgeSeconds === other.maxAgeSeconds &&
    (one.expiresAtMs === undefined) === (other.expiresAtMs === undefined);
}
