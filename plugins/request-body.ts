/**
 * The beginning of the request's body, for plugins that decide by it.
 *
 * @module
 */

import { checkNumber, checkOptions } from "../src/options/check.ts";
import { type ContextKey, contextKey } from "../src/context.ts";
import type { Helper } from "../src/plugin.ts";
import { type BodyText, defaultLimits, readBody } from "../src/http/body.ts";

export type { BodyText } from "../src/http/body.ts";

/**
 * The slot of the body's text. It is read when first asked for, once however many ask; a value at once when there is
 * no body, otherwise a promise that is never rejected. Ask before the application is called.
 */
export const bodyText: ContextKey<BodyText | Promise<BodyText>> = contextKey("body text");

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
 * Offers the beginning of the request's body to other plugins, in {@linkcode bodyText}. The application reads the
 * whole body as if nobody had looked, and nothing beyond `maxBytes` is kept for it.
 *
 * @param options How much is read, and how long that may take.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { bodyText, type Plugin, requestBody } from "@stanchion/stanchion";
 *
 * const bigOrders: Plugin = {
 *   name: "big-orders",
 *   async decide(ctx) {
 *     const body = await ctx.get(bodyText);
 *     return body?.text.includes("quantity=100") ? { action: "reject", reason: "big-orders/limit", status: 403 } : undefined;
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
  const limits = { maxBytes, timeoutMs };
  return {
    name: "request-body",
    prepare(ctx) {
      ctx.provide(bodyText, (ctx) => readBody(ctx.request, limits));
    },
  };
}
