/**
 * Tells browsers and their developer tools how long the gate took, by `Server-Timing`.
 *
 * @module
 */

import { atOnce } from "../src/async/at-once.ts";
import { checkChoice, checkFunction, checkOptions, type Subject } from "../src/options/check.ts";
import type { Context } from "../src/context.ts";
import type { Helper } from "../src/plugin.ts";
export type * from "../src/contract.ts";

/** The options of {@linkcode serverTiming}. */
export interface ServerTimingOptions {
  /**
   * What is told: how long the gate took, or also why it decided so, as the description. Reasons may tell an attacker
   * which pages are protected, and that the service fails.
   *
   * @default {"duration"}
   */
  readonly details?: "duration" | "reason";
  /**
   * Tells whose responses get the header, such as those of your staff.
   *
   * @default {everybody's}
   */
  readonly only?: (ctx: Context) => boolean;
}

const subject: Subject = "server-timing plugin";

/**
 * Adds `Server-Timing: gate;dur=1.25` to responses, behind what the application measured. A request that bypasses the
 * gate gets none.
 *
 * @param options What is told, and to whom.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen } from "stanchion";
 * import { serverTiming } from "stanchion/server-timing";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const gate = createGate({
 *   plugins: [cookieTokens(), failOpen(), crowdhandler({ publicKey: "your-public-key" }), serverTiming()],
 * });
 * ```
 */
export function serverTiming(options: ServerTimingOptions = {}): Helper {
  const { details = "duration", only } = checked(options);

  return {
    name: "server-timing",
    timed: true,
    headers(ctx, response, { decision: { action, reason }, durationMs }) {
      if (action === "bypass" || (only !== undefined && atOnce("only", only(ctx)) !== true)) return undefined;
      const duration = durationMs > 0 && durationMs < 1e9 ? durationMs.toFixed(2) : "0.00";
      const desc = details === "reason" ? `;desc=${quoted(reason)}` : "";
      const own = `gate;dur=${duration}${desc}`;
      // The gate replaces this header, so what is there goes on.
      const others = response?.headers.get("server-timing");
      return [["server-timing", others ? `${others}, ${own}` : own]];
    },
  };
}

/** A quoted-string (RFC 9110, section 5.6.4) of visible characters, whatever a plugin took for its reason. */
function quoted(text: unknown): string {
  const visible = String(text).slice(0, 100).replaceAll(/[^\x20-\x7e]/g, "?");
  return `"${visible.replaceAll(/["\\]/g, "\\$&")}"`;
}

function checked(options: ServerTimingOptions): ServerTimingOptions {
  checkOptions(subject, options, ["details", "only"]);
  const { details, only } = options;
  if (details !== undefined) checkChoice(subject, "details", details, ["duration", "reason"]);
  if (only !== undefined) checkFunction(subject, "only", only);
  return options;
}
