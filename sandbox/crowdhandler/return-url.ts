/**
 * Where visitors may be sent back to: the rooms' own hosts and the origins that were given, never elsewhere.
 *
 * @module
 */
import { parseUrl } from "../_url.ts";
import { isOnDomain } from "./rooms.ts";

const RESERVED = ["ch-code", "ch-fresh", "ch-id", "ch-id-signature", "ch-public-key", "ch-requested"];

/**
 * Reads the address a visitor is to be returned to.
 *
 * @param raw The `url` parameter.
 * @param domains Domains of rooms, as in `https://*.example.com`.
 * @param origins Further origins. One with the same host as the URL replaces the URL's scheme.
 * @returns The address, or `undefined` if it is not an accepted one.
 */
export function parseReturnUrl(
  raw: string | undefined,
  domains: readonly string[],
  origins: readonly string[],
): URL | undefined {
  const url = raw === undefined || raw.length > 8192 ? undefined : parseUrl(raw);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    return undefined;
  }
  if (origins.includes(url.origin)) return url;
  const sameHost = origins.find((origin) => new URL(origin).host === url.host);
  if (sameHost !== undefined) {
    url.protocol = new URL(sameHost).protocol;
    return url;
  }
  return url.protocol === "https:" && domains.some((domain) => isOnDomain(domain, url)) ? url : undefined;
}

/**
 * Puts parameters on a URL in place of those it carries, and leaves the rest of its query as it is.
 *
 * @param url The URL.
 * @param parameters Parameters to add; empty ones are left out.
 * @returns The address.
 */
export function withParameters(url: URL, parameters: Readonly<Record<string, string | undefined>>): string {
  const kept = url.search.slice(1).split("&").filter((part) =>
    part !== "" && !RESERVED.includes((part.split("=", 1)[0] ?? "").toLowerCase())
  );
  const added = Object.entries(parameters)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(value ?? "")}`);
  const query = [...kept, ...added].join("&");
  return url.origin + url.pathname + (query === "" ? "" : `?${query}`) + url.hash;
}
