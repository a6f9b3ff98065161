/**
 * How much of the request's body is read for plugins that decide by it.
 *
 * @module
 */

import { checkNumber, checkOptions } from "../src/options/check.ts";
import type { Helper } from "../src/plugin.ts";
import { defaultLimits } from "../src/http/body.ts";

/** The options of {@linkcode requestBody}. */
export interface RequestBodyOptions {
  /**
   * How much of a body is read, in bytes. The memory is taken for each request that is being looked at.
   *
   * @default {65536}
   */
  readonly maxBytes?: number;
  /**
   * How long a body is waited for, in milliseconds.
   *
   * @default {2000}
   */
  readonly timeoutMs?: number;
}

/**
 * Sets how much of a body `ctx.body()` reads, and how long that may take. The application reads the whole body as if
 * nobody had looked, and nothing beyond `maxBytes` is kept for it.
 *
 * @param options How much is read, and how long that may take.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { type Plugin, requestBody } from "stanchion";
 *
 * const bigOrders: Plugin = {
 *   name: "big-orders",
 *   async decide(ctx) {
 *     const { text } = await ctx.body();
 *     return text.includes("quantity=100") ? { action: "reject", reason: "big-orders/limit", status: 403 } : undefined;
 *   },
 * };
 *
 * const plugins = [requestBody({ maxBytes: 4096 }), bigOrders];
 * ```
 */
export function requestBody(options: RequestBodyOptions = {}): Helper {
  const subject = "request-body plugin";
  checkOptions(subject, options, ["maxBytes", "timeoutMs"]);
  const { maxBytes = defaultLimits.maxBytes, timeoutMs = defaultLimits.timeoutMs } = options;
  checkNumber(subject, "maxBytes", maxBytes, 1, 16_777_216);
  checkNumber(subject, "timeoutMs", timeoutMs, 1, 60_000);
  return { name: "request-body", supplies: { body: { maxBytes, timeoutMs } } };
}
