import { warnOnce } from "./warn-once.ts";

/** By what proxies tell that the page is encrypted in front of them, each with the value that says so. */
const signs: readonly (readonly [header: string, says: RegExp])[] = [
  ["x-forwarded-proto", /(?:^|[,\s])https\s*$/i],
  ["forwarded", /(?:^|[;,\s])proto="?https"?(?:$|[;,\s])/i],
  ["x-forwarded-ssl", /^on$/i],
  ["x-forwarded-scheme", /^https$/i],
  ["front-end-https", /^on$/i],
  ["cloudfront-forwarded-proto", /^https$/i],
  ["cf-visitor", /"scheme"\s*:\s*"https"/i],
];

function find(headers: Headers): (typeof signs)[number] | undefined {
  try {
    return signs.find(([header, says]) => says.test(headers.get(header) ?? ""));
  } catch {
    // Of a request that is over some platforms tell nothing any more.
    return undefined;
  }
}

/** How many requests are looked at. A proxy that says it says it of each. */
const looks = 100;

/**
 * Makes what tells the owner, once, that a proxy takes for encrypted what the gate knows as `http`: visitors come back to a page
 * that is not encrypted, and rules on `https` do not see it as they should.
 *
 * @param isPublic Whether the scheme is that of the public hosts.
 * @param tell Is told.
 */
export function createSchemeWatch(
  isPublic: boolean,
  tell: (message: string) => void,
): (request: Pick<Request, "headers">, url: string) => void {
  const warn = warnOnce(tell);
  const instead = isPublic
    ? 'the gate\'s "publicHosts" say http://; leave that out where the site is encrypted: publicHosts: ["shop.example.com"]'
    : 'tell createGate() the hosts of your site, publicHosts: ["shop.example.com"], or where the proxy writes that header ' +
      "for every request clientIp({ trustedProxies: 1, forwardedHost: true })";
  let seen = 0;

  return (request, url) => {
    if (seen >= looks || !url.startsWith("http:")) return;
    seen++;
    const sign = find(request.headers);
    if (sign === undefined) return;
    seen = looks;
    warn(
      `gate: a request says by "${
        sign[0]
      }" that the page is encrypted, and its URL begins with http://, so visitors are sent ` +
        `back to an unencrypted page; ${instead}`,
    );
  };
}
