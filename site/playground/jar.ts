/** The cookies of one visitor, kept as a browser keeps them (RFC 6265, and the prefixes of its successor). */

/** A cookie. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** Whether it is for that host alone. */
  readonly isHostOnly: boolean;
  readonly path: string;
  /** Until when it is kept, in Unix milliseconds; `undefined` for as long as the browser is open. */
  readonly expires: number | undefined;
  readonly isSecure: boolean;
  /** Its further attributes, as they were sent: `HttpOnly`, `SameSite=Lax`. */
  readonly others: readonly string[];
}

/** A visitor's cookies. */
export interface Jar {
  /** Takes the cookies of an answer, and says of each that is refused why. */
  take(url: URL, lines: readonly string[], now: number): readonly string[];
  /** The header for a request; empty where there is none. */
  header(url: URL, now: number): string;
  list(now: number): readonly Cookie[];
  remove(cookie: Cookie): void;
  clear(): void;
}

/** Makes a jar. */
export function createJar(): Jar {
  const cookies = new Map<string, Cookie>();
  const keyOf = ({ name, domain, path }: Cookie) => JSON.stringify([name, domain, path]);
  const list = (now: number) =>
    [...cookies.values()].filter(({ expires }) => expires === undefined || expires > now);
  return {
    take(url, lines, now) {
      return lines.flatMap((line) => {
        const cookie = read(url, line, now);
        if (typeof cookie === "string") return [`${line.split("=", 1)[0]}: ${cookie}`];
        if (cookie.expires !== undefined && cookie.expires <= now) cookies.delete(keyOf(cookie));
        else cookies.set(keyOf(cookie), cookie);
        return [];
      });
    },
    header(url, now) {
      return list(now).filter((cookie) => isFor(cookie, url))
        .sort((one, other) => other.path.length - one.path.length)
        .map(({ name, value }) => name === "" ? value : `${name}=${value}`).join("; ");
    },
    list,
    remove: (cookie) => void cookies.delete(keyOf(cookie)),
    clear: () => cookies.clear(),
  };
}

/** Reads a line of `Set-Cookie`; a text says why the cookie is refused. */
function read(url: URL, line: string, now: number): Cookie | string {
  const [pair = "", ...parts] = line.split(";").map((part) => part.trim());
  const equals = pair.indexOf("=");
  const [name, value] = equals < 0
    ? ["", pair]
    : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
  const attributes = new Map(parts.map((part) => {
    const [key = "", ...rest] = part.split("=");
    return [key.trim().toLowerCase(), rest.join("=").trim()];
  }));
  const domain = attributes.get("domain")?.replace(/^\./, "").toLowerCase() ?? "";
  const isSecure = attributes.has("secure");
  const path = attributes.get("path")?.startsWith("/") ? attributes.get("path") as string : defaultPath(url);
  if (domain !== "" && !isWithin(url.hostname, domain)) {
    return `its domain ${domain} is not that of ${url.hostname}`;
  }
  if (domain !== "" && !domain.includes(".")) return `its domain ${domain} is too wide`;
  if (isSecure && !isSafe(url)) return "it is Secure, and the page is not";
  if (/^__secure-/i.test(name) && !isSecure) return "the prefix __Secure- needs Secure";
  if (/^__host-/i.test(name) && (!isSecure || domain !== "" || path !== "/")) {
    return "the prefix __Host- needs Secure, Path=/ and no Domain";
  }
  if (/^none$/i.test(attributes.get("samesite") ?? "") && !isSecure) return "SameSite=None needs Secure";
  return {
    ...{ name, value, path, isSecure },
    domain: domain === "" ? url.hostname : domain,
    isHostOnly: domain === "",
    expires: expiryOf(attributes, now),
    others: parts.filter((part) => !/^(?:domain|path|expires|max-age|secure)(?:=|$)/i.test(part)),
  };
}

function expiryOf(attributes: ReadonlyMap<string, string>, now: number): number | undefined {
  const age = attributes.get("max-age");
  if (age !== undefined && /^-?\d+$/.test(age)) return Number(age) <= 0 ? 0 : now + Number(age) * 1000;
  const date = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(date) ? undefined : date;
}

function defaultPath({ pathname }: URL): string {
  return pathname.slice(0, pathname.lastIndexOf("/")) || "/";
}

function isFor({ domain, isHostOnly, path, isSecure }: Cookie, url: URL): boolean {
  const { hostname, pathname } = url;
  const isHost = isHostOnly ? hostname === domain : isWithin(hostname, domain);
  const isPath = pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
  return isHost && isPath && (!isSecure || isSafe(url));
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || hostname === "localhost" || hostname === "127.0.0.1";
}
