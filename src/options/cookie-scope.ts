import { shapeError, type Subject, valueError } from "./check.ts";
import { covers, isHostName, isLoopback, withoutPort } from "../url/host-name.ts";
import { readPublicHost } from "../url/public-hosts.ts";

/** What says where browsers keep and send a cookie; what is left out is somebody else's choice. */
export interface CookieScope {
  readonly name?: string | undefined;
  readonly path?: string | undefined;
  readonly domain?: string | undefined;
  readonly secure?: boolean | undefined;
  readonly sameSite?: string | undefined;
}

/**
 * Refuses the scope of a cookie that no browser keeps: one that contradicts its name or itself, a domain that is nobody's own,
 * and where the hosts of the site are known, one that covers none of them or demands encryption where there is none.
 *
 * Browsers know thousands of public suffixes; a list of them would be several times as long as the gate. Here stand those that
 * are in wide use; nobody tells of another one.
 *
 * @param publicHosts The hosts of the site, as `host`, `host:port` or `http://host:port`; left out, they are not known.
 * @param prefix What the names of the options begin with in messages.
 */
export function checkCookieScope(
  subject: Subject,
  { name = "", path, domain = "", secure, sameSite }: CookieScope,
  publicHosts: readonly string[] = [],
  prefix: string = "",
): void {
  checkDomain(subject, `${prefix}domain`, domain);
  const isHostOnly = /^__Host-/i.test(name);
  if (secure === false && (sameSite === "None" || isHostOnly || /^__Secure-/i.test(name))) {
    throw valueError(
      subject,
      `${prefix}secure`,
      'true with SameSite "None" and with this cookie name',
      secure,
    );
  }
  if (domain !== "" && isHostOnly) {
    throw valueError(subject, `${prefix}domain`, '"" with this cookie name', domain);
  }
  if (path !== undefined && path !== "/" && isHostOnly) {
    throw valueError(subject, `${prefix}path`, '"/" with this cookie name', path);
  }
  const hosts = publicHosts.map(readPublicHost).filter((host) => host !== undefined);
  if (hosts.length === 0) return;
  if (domain !== "" && !hosts.some(({ host }) => covers(domain, withoutPort(host)))) {
    const names = hosts.map(({ host }) => withoutPort(host)).join(", ");
    throw valueError(
      subject,
      `${prefix}domain`,
      `"" or a domain that one of the public hosts is in (${names})`,
      domain,
    );
  }
  const open = hosts.find(({ origin, host }) => origin.startsWith("http:") && !isLoopback(withoutPort(host)));
  if (open !== undefined && secure === true) {
    const must =
      `false for pages that are not encrypted, such as those of ${open.origin}: browsers keep no such cookie there`;
    throw valueError(subject, `${prefix}secure`, must, secure);
  }
}

const domainMust = "a host name";

/** Refuses a `Domain` that browsers take from nobody; `""` is the host alone. */
export function checkDomain(subject: Subject, option: string, domain: unknown): void {
  if (typeof domain !== "string") throw shapeError(subject, option, domainMust, domain);
  if (domain === "") return;
  if (!isHostName(domain)) throw valueError(subject, option, domainMust, domain);
  const name = domain.replace(/^\./, "").toLowerCase();
  if (/(?:^|\.)\d+$/.test(name)) {
    throw valueError(
      subject,
      option,
      'a domain, not an address ("" keeps the cookie on the host alone)',
      domain,
    );
  }
  if (!name.includes(".") || publicSuffixes.some((suffix) => suffix.test(name))) {
    throw valueError(
      subject,
      option,
      'a domain of your own, such as "example.com" ("" keeps the cookie on the host alone)',
      domain,
    );
  }
}

/** Suffixes of the Public Suffix List, https://publicsuffix.org, under which sites of many owners are. */
const publicSuffixes: readonly RegExp[] = [
  /^(?:ac|co|gov|org)\.uk$/,
  /^co\.(?:at|id|il|in|jp|kr|nz|th|za)$|^(?:ne|or)\.jp$/,
  /^com\.(?:ar|au|br|cn|co|hk|mx|my|ph|pl|sg|tr|tw|ua|vn)$|^(?:net|org)\.au$/,
  /^(?:github|gitlab)\.io$|^(?:deno|fly|pages|workers)\.dev$|^(?:netlify|railway|run|vercel|web)\.app$/,
  /^(?:azurewebsites|cloudfront)\.net$|^(?:herokuapp|myshopify|onrender)\.com$/,
];
