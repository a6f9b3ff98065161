/**
 * Keeps pages that are fetched in advance out of the waiting room.
 *
 * @module
 */

import { atOnce } from "../src/async/at-once.ts";
import { checkFunction, checkNumber, checkOptions, checkSyncFunction } from "../src/options/check.ts";
import type { Context } from "../src/context.ts";
import type { HeaderChange } from "../src/decision.ts";
import { advanceHeaders, isAdvance } from "../src/http/in-advance.ts";
import { retryAfter } from "../src/http/retry-after.ts";
import type { Helper } from "../src/plugin.ts";

/** The options of {@linkcode prefetch}. */
export interface PrefetchOptions {
  /**
   * When the browser may fetch the page in advance again at the earliest, in seconds. Each is told a time of its own, at most half as
   * long again.
   *
   * @default {60}
   */
  readonly retryAfterSeconds?: number;
  /**
   * Tells of further requests that nobody looks at yet, by returning `true`. One on which it throws is an ordinary one,
   * and the gate's `onError` is told.
   *
   * @default {none}
   */
  readonly test?: (ctx: Context) => boolean;
  /**
   * Spreads `Retry-After`: a number from 0 up to, but without, 1.
   *
   * @default {Math.random}
   */
  readonly random?: () => number;
}

const subject = "prefetch plugin";

/**
 * By which headers, and which words in them, requests are known that are made in advance: those of the browsers, then
 * those of routers and libraries.
 */
const marks: readonly (readonly [header: string, isMark: (value: string) => boolean])[] = [
  ...advanceHeaders.map((header) => [header, isAdvance] as const),
  ["next-router-prefetch", isSet],
  ["next-router-segment-prefetch", isSet],
  ["x-middleware-prefetch", isSet],
  ["hx-preloaded", isSet],
];
const vary: readonly HeaderChange[] = [["vary", marks.map(([header]) => header).join(", ")]];

/**
 * Keeps requests that browsers and routers make in advance out of the waiting room: prefetch, prerender, router
 * prefetches. They are checked as all others, and whoever may enter gets the page; but they open no place in a waiting
 * room, and one that is refused gets an empty 503 in place of a redirect, so that the browser asks again when the
 * visitor really goes there. Put it before other plugins that answer.
 *
 * It supplies `ctx.passive`, which providers honour. A visitor who forges these headers gets less, never more.
 *
 * @param options When to try again, and what else is fetched in advance.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { prefetch } from "stanchion";
 *
 * const plugin = prefetch({ test: (ctx) => ctx.request.headers.get("x-preload") === "1" });
 * ```
 */
export function prefetch(options: PrefetchOptions = {}): Helper {
  checkOptions(subject, options, ["retryAfterSeconds", "test", "random"]);
  const { retryAfterSeconds = 60, test, random = Math.random } = options;
  checkNumber(subject, "retryAfterSeconds", retryAfterSeconds, 1, 86_400);
  if (test !== undefined) checkFunction(subject, "test", test);
  checkSyncFunction(subject, "random", random);

  function passive(ctx: Context): boolean {
    const { headers } = ctx.request;
    const mark = marks.find(([header, isMark]) => {
      const value = headers.get(header);
      return value !== null && isMark(value);
    });
    if (mark === undefined && atOnce("test", test?.(ctx)) !== true) return false;
    ctx.note?.(`made in advance, by ${mark?.[0] ?? "the application's own test"}`);
    return true;
  }

  return {
    name: "prefetch",
    supplies: { passive },

    respond(ctx) {
      if (!ctx.passive) return undefined;
      return {
        status: 503,
        headers: { "retry-after": retryAfter(retryAfterSeconds, random) },
        body: null,
      };
    },

    // Whoever is refused gets another answer in advance.
    headers: (_ctx, _response, { served }) => served ? undefined : vary,
  };
}

function isSet(value: string): boolean {
  return value !== "" && value !== "0" && value.toLowerCase() !== "false";
}
