/**
 * Limits how many calls of a service are under way at the same time.
 *
 * @module
 */

import { checkFunction, checkRules, integer } from "../src/options/check.ts";
import type { Provider } from "../src/plugin.ts";
import { CallSlots } from "./_call-slots.ts";
import { checkProvider, guarded } from "./_guarded.ts";

/** The options of {@linkcode bulkhead}. */
export interface BulkheadOptions {
  /** How many calls may be under way at the same time. */
  readonly maxConcurrent: number;
  /**
   * How many further calls may wait for their turn, first come, first served.
   *
   * @default {0}
   */
  readonly maxWaiting?: number;
  /**
   * How long one waits at most, in milliseconds.
   *
   * @default {500}
   */
  readonly waitMs?: number;
  /**
   * After how long a call without an end no longer counts, in milliseconds: some platforms end what a request began when
   * its visitor hangs up. Choose more than the time limit of the provider's calls.
   *
   * @default {30_000}
   */
  readonly holdMs?: number;
  /**
   * The clock by which `holdMs` is measured, in milliseconds. It need not tell the time, and should not jump.
   *
   * @default {performance.now}
   */
  readonly timer?: () => number;
}

/**
 * Wraps a provider, and limits how many of its calls are under way at the same time, so that a slow service does not fill
 * the process with waiting requests. A call beyond the limit is a failure with the code `overloaded`, for which `failOpen()`
 * does not admit: visitors themselves can bring it about.
 *
 * Of a provider that makes its calls by `callService`, as those here do, only the calls are counted. Of any other provider
 * every decision is one.
 *
 * Each bulkhead counts for itself, in this process. `gate.health()` tells `active`, `waiting` and `overloaded`, the number of
 * calls that were turned down.
 *
 * @param provider The provider, perhaps in another wrapper.
 * @param options The limits.
 * @returns The provider with a bulkhead, under the same name.
 * @throws {TypeError} When there is no provider, or an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { bulkhead, circuitBreaker, cookieTokens, createGate, failOpen } from "@stanchion/stanchion";
 * import { crowdhandler } from "@stanchion/stanchion/crowdhandler";
 *
 * const provider = bulkhead(crowdhandler({ publicKey: "your-public-key" }), { maxConcurrent: 200, maxWaiting: 100 });
 * const gate = createGate({ plugins: [cookieTokens(), failOpen(), circuitBreaker(provider)] });
 * ```
 */
export function bulkhead(provider: Provider, options: BulkheadOptions): Provider {
  const subject = "bulkhead plugin";
  checkProvider(subject, "what is wrapped", provider);
  checkRules(subject, options, {
    maxConcurrent: integer(1),
    maxWaiting: integer(0, 1_000_000),
    waitMs: integer(1, 600_000),
    holdMs: integer(1),
    timer: checkFunction,
  });
  const { maxConcurrent, maxWaiting = 0, waitMs = 500, holdMs = 30_000, timer = () => performance.now() } =
    options;
  // It has no default: how much a service takes is the owner's to know.
  integer(1)(subject, "maxConcurrent", maxConcurrent);
  return guarded(provider, new CallSlots({ maxConcurrent, maxWaiting, waitMs, holdMs, timer }));
}
