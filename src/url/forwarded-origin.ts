import { canonicalHost, readPublicHost } from "./public-hosts.ts";

/**
 * Reads the origin that a proxy says its visitor asked for: `X-Forwarded-Host` and `X-Forwarded-Proto`, or the `host` and
 * `proto` of `Forwarded` (RFC 7239). Of several values the last counts, which the nearest proxy wrote.
 *
 * @param header Which of the two forms the proxies write, by the name of the header of addresses.
 * @param own The origin in the request's URL, for what the proxy does not tell.
 * @returns The origin, in canonical form; `undefined` where the proxy tells nothing, or no host.
 */
export function forwardedOrigin(headers: Headers, header: string, own: string): string | undefined {
  const told = header === "forwarded" ? fromForwarded(headers) : {
    host: lastOf(headers.get("x-forwarded-host")),
    proto: lastOf(headers.get("x-forwarded-proto")),
  };
  if (told.host === undefined && told.proto === undefined) return undefined;
  const colon = own.indexOf(":");
  const scheme = (told.proto ?? own.slice(0, colon)).toLowerCase();
  if (scheme !== "http" && scheme !== "https") return undefined;
  const host = canonicalHost(told.host ?? own.slice(colon + 3), scheme === "http");
  return readPublicHost(`http://${host}`) === undefined ? undefined : `${scheme}://${host}`;
}

function lastOf(value: string | null): string | undefined {
  return value?.slice(value.lastIndexOf(",") + 1).trim() || undefined;
}

/** The last element; a quoted comma would be in a node, of which nobody asks here. */
function fromForwarded(
  headers: Headers,
): { readonly host: string | undefined; readonly proto: string | undefined } {
  const element = lastOf(headers.get("forwarded")) ?? "";
  const pairs = new Map<string, string>();
  for (const pair of element.split(";")) {
    const equals = pair.indexOf("=");
    if (equals === -1) continue;
    const value = pair.slice(equals + 1).trim();
    pairs.set(pair.slice(0, equals).trim().toLowerCase(), value.replace(/^"(.*)"$/, "$1"));
  }
  return { host: pairs.get("host") || undefined, proto: pairs.get("proto") || undefined };
}
