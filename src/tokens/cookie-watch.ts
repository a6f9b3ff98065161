import type { Context } from "../context.ts";
import { warnOnce } from "../options/warn-once.ts";
import { covers, isLoopback, withoutPort } from "../url/host-name.ts";

/** Looks at a `Set-Cookie` line, and tells the owner once of what no browser keeps. */
export type CookieWatch = (ctx: Context, line: string) => void;

/** Headers by which proxies tell of themselves: the page may be encrypted in front of them. */
const proxied = ["forwarded", "x-forwarded-proto", "x-forwarded-for", "x-forwarded-ssl", "via", "cf-ray"];

/**
 * Makes the watch of a store. Whether a cookie fits the pages can be told by their requests alone. Each kind of fault is told
 * once, and not where an earlier request showed that the cookie fits: then the host that does not was a stranger's word.
 */
export function cookieWatch(warn: (message: string) => void): CookieWatch {
  const tell = warnOnce(warn);
  let knowsDomain = false;
  let knowsSecure = false;

  return (ctx, line) => {
    if ((knowsDomain && knowsSecure) || ctx.dryRun) return;
    // The value is long, and has no semicolon.
    const attributes = line.slice(line.indexOf(";"));
    const domain = knowsDomain ? "" : /; domain=([^;]+)/i.exec(attributes)?.[1] ?? "";
    const isSecure = !knowsSecure && /; secure(?:;|$)/i.test(attributes);
    if (domain === "" && !isSecure) return;
    const { protocol, host } = ctx.url;
    const name = withoutPort(host);
    if (domain !== "") {
      knowsDomain = true;
      if (!covers(domain, name)) tell(wrongDomain(domain, name));
    }
    if (!isSecure) return;
    knowsSecure = true;
    // From this machine most browsers take `Secure` cookies without encryption.
    if (protocol !== "http:" || isLoopback(name)) return;
    if (!proxied.some((header) => ctx.request.headers.has(header))) tell(notEncrypted(name));
  };
}

function wrongDomain(domain: string, host: string): string {
  return `cookies: no browser keeps a cookie of the domain ${JSON.stringify(domain)} from a page on ${
    JSON.stringify(host)
  }; set a domain that the host is in, or none`;
}

function notEncrypted(host: string): string {
  return `cookies: no browser keeps a "Secure" cookie from an unencrypted page on ${
    JSON.stringify(host)
  }; serve it by https, or set "secure: false" for development`;
}
