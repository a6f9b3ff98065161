/**
 * Whether a `Content-Type` names a charset in which a text is spelled otherwise than in UTF-8. A value that is split or
 * encoded (RFC 2231) may be any.
 */
export function namesOtherCharset(contentType: string): boolean {
  if (/charset\*/i.test(contentType)) return true;
  const charsets = contentType.matchAll(/charset\s*=\s*["']?([^\s"';,]*)/gi);
  return [...charsets].some(([, charset = ""]) => !/^(?:utf-?8|us-ascii)?$/i.test(charset));
}
