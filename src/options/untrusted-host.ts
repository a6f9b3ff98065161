import type { Context } from "../context.ts";
import { warnOnce } from "./warn-once.ts";

/**
 * Makes what tells the owner, once, that rules look at a host which is only the visitor's word.
 *
 * @param subject Whose rules they are.
 */
export function createHostWarning(subject: string): (ctx: Context) => void {
  const warn = warnOnce((message) => console.warn(message));
  const message =
    `${subject}: rules look at the host or the scheme of the URL, and a visitor can name another host; ` +
    'give createGate() the hosts of your site: publicHosts: ["shop.example.com"]';
  return ({ isPublicHost, dryRun }) => {
    if (!isPublicHost && !dryRun) warn(message);
  };
}
