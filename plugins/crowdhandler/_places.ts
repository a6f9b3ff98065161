import type { Place } from "./_page.ts";

/** A host name or address with an optional port, as it stands in a URL. */
const hostPattern = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;

/** The canonical form of a host: lower case, without default port and without trailing dot. */
export function canonicalHost(host: string): string {
  return host.toLowerCase().replace(/:443$/, "").replace(/\.(?=$|:)/, "");
}

/** Reads an accepted host: `host`, `host:port`, or for development an origin that begins with `http://`. */
export function readPlace(text: string): Place | undefined {
  const http = text.startsWith("http://");
  const host = canonicalHost(http ? text.slice(7) : text);
  if (!hostPattern.test(host)) return undefined;
  return { origin: (http ? "http://" : "https://") + host, host };
}

/**
 * Makes the function that says where a request's page is. A host that is not accepted is replaced by the first
 * accepted one, so that nobody can be sent elsewhere.
 */
export function placesOf(publicHosts: readonly string[] | undefined, warn: (message: string) => void) {
  const places = publicHosts?.map(readPlace).filter((place) => place !== undefined);
  const [first] = places ?? [];
  const byHost = new Map(places?.map((place) => [place.host, place]));
  let last: Place | undefined;
  let warned = false;
  return (requestUrl: string): Place => {
    const host = hostOf(requestUrl);
    if (first !== undefined) return byHost.get(host) ?? first;
    if (last?.host === host) return last;
    if (!warned) {
      warned = true;
      warn(
        'crowdhandler: "publicHosts" is not set, so any host that a request names is accepted; set it to the hosts of your site',
      );
    }
    last = { origin: `https://${host}`, host };
    return last;
  };
}

/** The canonical host of an absolute URL, without user info. */
function hostOf(url: string): string {
  const start = url.indexOf("//") + 2;
  const slash = url.indexOf("/", start);
  const authority = url.slice(start, slash === -1 ? undefined : slash).replace(/[?#].*$/s, "");
  const host = canonicalHost(authority.slice(authority.lastIndexOf("@") + 1));
  return hostPattern.test(host) ? host : "localhost";
}
