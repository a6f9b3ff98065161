/** The link that takes a place along: all that is secret stands in its fragment, which no browser sends to a server. */

import { ownPage } from "../../../src/url/return-page.ts";
import { pageNamedIn, pageParameter } from "../wait-endpoint.ts";

/** What a link carries. */
export interface Carried {
  /** A ticket or a pass, if it is one. */
  readonly text: string;
  /** The page that it is for, with its fragment. */
  readonly page: string;
}

/** What a link may be long, without the rest: the longer it is, the harder its code is to read. */
const longestPage = 300;
/** Nobody types more, and no link of ours is as long. */
const longestSent = 2000;

/**
 * Writes a link.
 *
 * @param endpoint The address that opens it, without a fragment.
 * @param text The ticket or pass.
 * @param told The page that the visitor says, who may say what they like.
 */
export function linkOf(endpoint: string, text: string, told: string): string {
  const page = pageOf(told, endpoint);
  if (page === undefined) return `${endpoint}#${text}`;
  const kept = shorterAndShorter(new URL(page), endpoint).map(escaped)
    .find((each) => each.length <= longestPage) ?? "/";
  return `${endpoint}#${text}${kept}`;
}

/** A page with all of it, and with less and less. From the room's own address the page to which it leads is left out last. */
function shorterAndShorter(page: URL, endpoint: string): string[] {
  const { pathname, search, hash } = page;
  const waits = pathname === new URL("wait", endpoint).pathname;
  const behind = waits ? pageNamedIn(page, endpoint) : undefined;
  const query = behind && new URLSearchParams({ [pageParameter]: new URL(behind).pathname });
  return [pathname + search + hash, pathname + search, ...(query ? [`${pathname}?${query}`] : []), pathname];
}

/**
 * Reads a link, or what stands in its fragment.
 *
 * @param sent What the visitor sent.
 * @param url An address of the site.
 * @returns `undefined` for what is no link. The page is always one of the site.
 */
export function readLink(sent: string, url: string): Carried | undefined {
  if (sent.length > longestSent) return undefined;
  const whole = sent.trim();
  const [, text, path = ""] = /^([\w.!-]{1,199})(\/.*)?$/.exec(whole.slice(whole.indexOf("#") + 1)) ?? [];
  if (text === undefined) return undefined;
  const page = path === "" ? undefined : pageOf(unescaped(path), url);
  return { text, page: page ?? new URL("/", url).href };
}

/** A page of the site, with its fragment; `undefined` for everything else. */
function pageOf(told: string, url: string): string | undefined {
  const page = ownPage(told, url);
  return page === undefined ? undefined : page + new URL(told, url).hash;
}

/** Some programs end a link where its fragment has another one. */
function escaped(path: string): string {
  return path.replaceAll("%", "%25").replaceAll("#", "%23");
}

function unescaped(path: string): string {
  return path.replaceAll("%23", "#").replaceAll("%25", "%");
}
