import type { Context } from "../../../src/context.ts";
import { originOf } from "../../../src/url/origin.ts";
import { nativeHeader } from "./read-proof.ts";

/**
 * Whether a request is a POST of the site's own pages, and not one that another site makes its visitors' browsers send.
 *
 * `Sec-Fetch-Site` says so where there is one (https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header), otherwise
 * `Origin`, which is compared with that of the page on its public host; a server behind a proxy may not see that the page is
 * encrypted. A client that is no browser sends neither, but the header with its ticket, which no other site's page can send.
 */
export function isOwnPost({ request, href }: Pick<Context, "request" | "href">): boolean {
  const { method, headers } = request;
  if (method !== "POST") return false;
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = headers.get("origin");
  if (origin === null) return headers.has(nativeHeader);
  const own = originOf(href);
  return origin === own || origin === own.replace(/^http:/, "https:");
}
