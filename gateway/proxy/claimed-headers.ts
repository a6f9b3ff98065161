/**
 * By which headers a visitor could claim something to the origin that only a proxy may tell. There are families of them, and new ones every
 * year, so they are known by the patterns of their names. It is the list of `examples/claimed-headers.ts`.
 */

const claims: readonly RegExp[] = [
  // CGI, WSGI and their like make one variable of `x_forwarded_for`, `x.forwarded.for` and `x-forwarded-for`.
  /[^a-z0-9-]/,

  // Who asks, and by which way: `Forwarded`, `X-Forwarded-For`, `X-Original-Forwarded-For`, `Via`, `Proxy-…`.
  /forward(?:ed|er|ing)|^via$|^(?:x-)?proxy(?:-|$|user)/,
  // `X-Real-IP`, `True-Client-IP`, `X-Azure-ClientIP`, `CF-Connecting-IPv6`, `X-Envoy-External-Address`, `Remote-Addr`.
  /(?:^|-)(?:client|real|remote|socket|source|src|user)?ip(?:v[46])?$|(?:^|-)pseudo-ipv4$|-addr(?:ess)?$/,
  /(?:^|-)(?:client|remote|real|server)-?port$/,

  // What is asked for: `X-Original-URL`, `X-Rewrite-URL`, `X-Host`, `X-HTTP-Method-Override`, `X-HTTP-Method`.
  /^(?:x-)?(?:original|rewrite|http|url|server|script|path|request-uri|base-url|destinationurl)(?:-|$)/,
  /^x-(?:host|uri|method|scheme|protocol?|https)$|^(?:front-end-)?https$|-host$|override$/,
  // What the origin is to answer with, or has decided before: `X-Accel-Mapping`, `X-Sendfile-Type`.
  /^x-(?:accel|sendfile|middleware)-/,

  // Who the visitor is: `Remote-User`, `X-Authenticated-User`, `X-Auth-Request-Email`, `Client-Cert`, `X-SSL-Client-Verify`.
  /^(?:x-)?(?:remote|authenticated|auth-request|webauth|ssl|tls|client-(?:cert|verify|dn|subject))(?:-|$)/,

  // What a platform tells its own: `CF-IPCountry`, `CloudFront-Viewer-Country`, `X-Appengine-City`, `X-Ms-Client-Principal`.
  /^(?:x-)?(?:akamai|appengine|arr|azure|cf|cloudfront|envoy|fastly|fly|incap|nf|sucuri|vercel|wl)-/,
  /^x-(?:amz-cf|amzn-oidc|goog-authenticated|goog-iap|ms-client)-|^cdn-(?!loop$)/,
];

/**
 * Whether a header is a claim.
 *
 * @param name The header's name, in lower case.
 */
export function isClaim(name: string): boolean {
  return claims.some((pattern) => pattern.test(name));
}
