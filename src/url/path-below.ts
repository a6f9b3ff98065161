import { requestUrl } from "./request-url.ts";

/** The rest of the path of a request that begins as ours: `""`, or what begins with a slash; `undefined` for others. */
export function pathBelow(path: string, request: Request): string | undefined {
  // Most requests are none of ours, and are not looked at closely.
  if (!request.url.includes(path)) return undefined;
  const href = requestUrl(request);
  if (href === undefined) return undefined;
  const start = href.indexOf("/", href.indexOf("//") + 2);
  const rest = href.startsWith(path, start) ? href.slice(start + path.length) : "x";
  return rest === "" || /^[/?#]/.test(rest) ? rest.replace(/[?#].*$/s, "") : undefined;
}
