import type { Context } from "../context.ts";
import { warnOnce } from "./warn-once.ts";

/** What depends on the host, where rules look at it. */
const rules =
  "rules look at the host or the scheme of the URL, and a visitor can name another host than this request's";

/**
 * Makes what tells the owner, once, that something depends on a host which is only the visitor's word. The host that was seen stands in it: it
 * is the site's own more often than not.
 *
 * @param subject Whose affair it is.
 * @param warn Is told.
 * @param what What depends on it. @default {that rules look at it}
 */
export function createHostWarning(
  subject: string,
  warn: (message: string) => void = (message) => console.warn(message),
  what: string = rules,
): (ctx: Context) => void {
  const tell = warnOnce(warn);
  let isTold = false;
  return (ctx) => {
    if (isTold || ctx.isPublicHost || ctx.dryRun) return;
    isTold = true;
    const { host } = ctx.url;
    const seen = /^(?:localhost|127\.|\[::1\])/.test(host) ? `http://${host}` : host;
    tell(
      `${subject}: ${what}, "${host}"; ` +
        `give createGate() the hosts of your site, if that is one: publicHosts: ["${seen}"]`,
    );
  };
}
