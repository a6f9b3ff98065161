import type { Context } from "../context.ts";

/**
 * Makes what tells the owner, once, that rules look at a host which is only the visitor's word.
 *
 * @param subject Whose rules they are.
 */
export function createHostWarning(subject: string): (ctx: Context) => void {
  let isTold = false;
  return ({ isPublicHost, dryRun }) => {
    if (isTold || isPublicHost || dryRun) return;
    isTold = true;
    console.warn(
      `${subject}: rules look at the host or the scheme of the URL, and a visitor can name another host; ` +
        'give createGate() the hosts of your site: publicHosts: ["shop.example.com"]',
    );
  };
}
