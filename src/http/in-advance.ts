/**
 * The headers by which browsers say that they fetch a page before anybody goes there: `Sec-Purpose`
 * (https://fetch.spec.whatwg.org/#sec-purpose-header), and what they said before there was that.
 */
export const advanceHeaders: readonly string[] = [
  "sec-purpose",
  "purpose",
  "x-purpose",
  "x-moz",
  "x-sec-purpose",
];

/** `prefetch`, `prefetch;prerender`, `prefetch;anonymous-client-ip`, `preview`; the words are tokens with parameters. */
export function isAdvance(value: string): boolean {
  return /(?:^|[,;])[ \t]*(?:prefetch|prerender|preview)[ \t]*(?:[,;]|$)/i.test(value);
}
