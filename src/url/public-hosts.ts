/** Where a page is, and what a visitor is returned to. */
export interface PublicHost {
  /** `https://host` or, for development, `http://host`. */
  readonly origin: string;
  /** The canonical host. */
  readonly host: string;
}

/** A host name or address with an optional port, as it stands in a URL. */
const hostPattern = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;

/** The canonical form of a host: lower case, without default port and without trailing dot. */
export function canonicalHost(host: string, isHttp: boolean = false): string {
  return host.toLowerCase().replace(isHttp ? /:(?:443|80)$/ : /:443$/, "").replace(/\.(?=$|:)/, "");
}

/** Reads an accepted host: `host`, `host:port`, or for development an origin that begins with `http://`. */
export function readPublicHost(text: string): PublicHost | undefined {
  const isHttp = text.startsWith("http://");
  const host = canonicalHost(isHttp ? text.slice(7) : text, isHttp);
  const origin = (isHttp ? "http://" : "https://") + host;
  return hostPattern.test(host) && URL.canParse(origin) ? { origin, host } : undefined;
}

/**
 * Makes the function that says where a request's page is, from the part of its URL before the path. A host that is
 * not accepted is replaced by the first accepted one, so that nobody can be sent elsewhere.
 */
export function publicHostFinder(
  publicHosts: readonly string[] | undefined,
  warn: (message: string) => void,
): (base: string) => PublicHost {
  const hosts = publicHosts?.map(readPublicHost).filter((host) => host !== undefined) ?? [];
  const [first] = hosts;
  const byHost = new Map(hosts.map((host) => [host.host, host]));
  // Nearly all requests name the host of the one before.
  let lastBase: string | undefined;
  let lastHost: PublicHost | undefined;
  return (base) => {
    if (base !== lastBase || lastHost === undefined) {
      lastHost = find(base);
      lastBase = base;
    }
    return lastHost;
  };

  function find(base: string): PublicHost {
    const isHttp = base.startsWith("http:");
    const host = canonicalHost(
      base.slice(Math.max(base.indexOf("//") + 2, base.lastIndexOf("@") + 1)),
      isHttp,
    );
    if (first !== undefined) return byHost.get(host) ?? first;
    warn(
      'crowdhandler: "publicHosts" is not set, so any host that a request names is accepted; set it to the hosts of your site',
    );
    const known = hostPattern.test(host) ? host : "localhost";
    return { origin: `https://${known}`, host: known };
  }
}
