/** Where the pages of a site are for its visitors, whatever name the server goes by. */

import { withoutPort } from "./host-name.ts";
import { isOriginOf, originOf } from "./origin.ts";

/** An accepted host. */
export interface PublicHost {
  /** `https://host` or, for development, `http://host`. */
  readonly origin: string;
  /** The canonical host. */
  readonly host: string;
}

/** The site that stands behind a gate. */
export interface Site {
  /**
   * Gives the origin of a page.
   *
   * @param origin The origin in the request's URL, in canonical form.
   * @returns The public origin; `undefined` where the host is foreign and nobody can tell for which public one it stands.
   */
  originOf(origin: string): string | undefined;
  /** Gives the same of a page by its absolute URL, whose origin is in canonical form. */
  pageOriginOf(url: string): string | undefined;
  /** Whether the public hosts are known; otherwise every host is the visitor's word. */
  readonly isPublic: boolean;
  /** What stands before the path of every page and is not in the request's URL, such as `/shop`, or nothing. */
  readonly basePath: string;
}

/** A host name or address with an optional port, as it stands in a URL. */
const hostPattern = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;

/** The canonical form of a host: lower case, without default port and without trailing dots. */
export function canonicalHost(host: string, isHttp: boolean = false): string {
  return withoutDots(host.toLowerCase().replace(isHttp ? /:(?:443|80)$/ : /:443$/, ""));
}

/** A host without the dots behind its name. */
export function withoutDots(host: string): string {
  const colon = host.lastIndexOf(":");
  // What is taken for the port of an address in brackets has no dot before it.
  const port = colon === -1 ? "" : host.slice(colon);
  let end = host.length - port.length;
  while (host.charCodeAt(end - 1) === 46 /* . */) end--;
  return host.slice(0, end) + port;
}

/** Reads an accepted host: `host`, `host:port`, or for development an origin that begins with `http://`. */
export function readPublicHost(text: string): PublicHost | undefined {
  const isHttp = text.startsWith("http://");
  const host = canonicalHost(isHttp ? text.slice(7) : text, isHttp);
  const origin = (isHttp ? "http://" : "https://") + host;
  return hostPattern.test(host) && URL.canParse(origin) ? { origin, host } : undefined;
}

/**
 * Describes a site by its public hosts. A foreign host stands for the only public one: a proxy may pass on its own name. Where
 * there are several, it stands for none.
 *
 * @param publicHosts The accepted hosts; left out, every host is what it says.
 * @param basePath What stands before every path.
 */
export function siteOf(publicHosts: readonly string[] | undefined, basePath: string = ""): Site {
  const hosts = publicHosts?.map(readPublicHost).filter((host) => host !== undefined) ?? [];
  const [first, second] = hosts;
  if (first === undefined) {
    return { originOf: (origin) => origin, pageOriginOf: originOf, isPublic: false, basePath };
  }
  const others = second === undefined ? first.origin : undefined;
  // A server that is asked by the name of the site may listen at another port.
  const byName = new Map(hosts.toReversed().map(({ host, origin }) => [withoutPort(host), origin]));
  const byHost = new Map(hosts.map(({ host, origin }) => [host, origin]));

  function publicOriginOf(origin: string): string | undefined {
    const isHttp = origin.startsWith("http:");
    const host = canonicalHost(origin.slice(isHttp ? 7 : 8), isHttp);
    return byHost.get(host) ?? byName.get(withoutPort(host)) ?? others;
  }

  // Nearly everybody asks for one of these. Each is compared where it stands, which takes less than to cut the URL's own out and look it up.
  const usual = hosts.slice(0, maxUsual).flatMap(({ host }) => [`https://${host}`, `http://${host}`])
    .map((own) => ({ own, origin: publicOriginOf(own) }));

  function pageOriginOf(url: string): string | undefined {
    for (const { own, origin } of usual) if (isOriginOf(own, url)) return origin;
    return publicOriginOf(originOf(url));
  }

  return { originOf: publicOriginOf, pageOriginOf, isPublic: true, basePath };
}

/** How many hosts are compared before they are looked up. */
const maxUsual = 4;

/** A `Host` that is one: what servers put in front of a path must not reach into it. */
const hostField = /^(?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})+(?::[0-9]*)?$|^\[[0-9a-f:.]+\](?::[0-9]*)?$/i;

/** Tells whether a `Host` header names a host, RFC 9110 section 7.2. Over HTTP/2 there may be none. */
export function isHostField(value: string | null): boolean {
  return value === null || (value.length <= 300 && hostField.test(value));
}
