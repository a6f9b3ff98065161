/**
 * A plugin of one's own: a plain object with a name and a hook. `examples/hono.ts` uses it.
 *
 * In your own project, import from `stanchion`.
 *
 * @module
 */

import type { Plugin } from "../mod.ts";

/** Staff enter without waiting. Put it before the provider; behind proxies, `clientIp()` finds the address. */
export function guestList(addresses: ReadonlySet<string>): Plugin {
  return {
    name: "guest-list",
    decide(ctx) {
      const isStaff = addresses.has(ctx.address ?? "");
      return isStaff ? { action: "admit", reason: "guest-list/staff" } : undefined;
    },
  };
}
