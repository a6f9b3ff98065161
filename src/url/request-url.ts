/**
 * The URL of a request in the one form in which everybody reads it.
 *
 * Some servers hand over what the visitor wrote, whatever it is: with dot segments, with backslashes, with a `Host` that
 * reaches into the path or makes the URL none at all. What the gate protects must be the page that the application
 * serves, so nothing is decided by such a text as it stands.
 */

import { plainHost, plainPort } from "./plain-host.ts";
import { withoutDots } from "./public-hosts.ts";
import { plainTail } from "./readings.ts";

/** A URL that reads the same after parsing; what is not surely so is looked at closely. */
const plain = new RegExp(
  `^https?://${plainHost}${plainPort}(?:/(?!\\.|%2[eE])[\\w.~!$&'()*+,;=:@%|-]*)+(?:[?#][!-~]*)?$`,
);

/** A URL of which there is one reading, the canonical one. */
const canonical = new RegExp(`^https?://${plainHost}${plainTail}`);

/** Tells whether everybody reads a URL alike, and compares it alike, letter by letter. */
export function isCanonical(url: string): boolean {
  return canonical.test(url);
}

/**
 * Gives the absolute URL of a request, parsed where the server left that to others, and without dots behind the host.
 * Otherwise every byte of it stays.
 *
 * @returns The URL, or `undefined` where programs would not agree what is asked for: it is not absolute, it has user
 * info, its host does not end at a slash, or it is no URL.
 */
export function requestUrl({ url }: Pick<Request, "url">): string | undefined {
  return plain.test(url) ? url : reread(url);
}

function reread(url: string): string | undefined {
  const authority = /^https?:\/\/([^\0- /?#\\@]+)(?:\/|$)/i.exec(url)?.[1];
  if (authority === undefined || !URL.canParse(url)) return undefined;
  const { href, protocol, host } = new URL(url);
  const name = withoutDots(host);
  // Without its dots a host may be an address that is none, such as "a.1".
  if (!/^[^:]/.test(name) || (name !== host && !URL.canParse(`${protocol}//${name}/`))) return undefined;
  const start = protocol.length + 2;
  const rest = href.slice(start + host.length);
  // The query as it was written: a parser encodes some of it, and it is compared byte by byte.
  const mark = url.search(/[?#]/);
  const tail = mark === -1 || /[^!-~]/.test(url.slice(mark)) ? undefined : url.slice(mark);
  const path = tail === undefined ? rest : rest.slice(0, rest.search(/[?#]/)) + tail;
  return `${protocol}//${name}${path}`;
}
