/** Tells whether a text can be the name of a cookie (RFC 6265, section 4.1.1). */
export function isCookieName(text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text);
}
