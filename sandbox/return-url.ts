import { parseUrl } from "./parse-url.ts";

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
 * @param reserved Lower-case names of the parameters that make way.
 * @returns The address.
 */
export function withParameters(
  url: URL,
  parameters: Readonly<Record<string, string | undefined>>,
  reserved: readonly string[],
): string {
  const kept = url.search.slice(1).split("&").filter((part) =>
    part !== "" && !reserved.includes((part.split("=", 1)[0] ?? "").toLowerCase())
  );
  const added = Object.entries(parameters)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(value ?? "")}`);
  const query = [...kept, ...added].join("&");
  return url.origin + url.pathname + (query === "" ? "" : `?${query}`) + url.hash;
}

/** Whether a URL is on a domain such as `https://shop.example.com` or `https://*.example.com`. */
export function isOnDomain(domain: string, url: URL): boolean {
  const host = url.host.replace(/\.(?=:|$)/, "");
  const wild = domain.includes("://*.");
  const wanted = new URL(domain.replace("://*.", "://")).host;
  return wild ? host.endsWith(`.${wanted}`) : host === wanted;
}
