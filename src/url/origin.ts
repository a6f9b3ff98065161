/** The part of an absolute URL in front of its path: scheme, host and port. */
export function originOf(url: string): string {
  const end = url.indexOf("/", url.indexOf("//") + 2);
  return end === -1 ? url : url.slice(0, end);
}

/** Tells the same without a copy of it: whether an origin is what stands in front of a URL's path. */
export function isOriginOf(origin: string, url: string): boolean {
  return url.startsWith(origin) &&
    (url.length === origin.length || url.charCodeAt(origin.length) === 47 /* / */);
}
