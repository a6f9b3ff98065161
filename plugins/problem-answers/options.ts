import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNumber,
  checkOptions,
  checkStrings,
  checkSyncFunction,
} from "../../src/options/check.ts";
import type { Context } from "../../src/context.ts";

/** The options of `problemAnswers()`. */
export interface ProblemAnswersOptions {
  /**
   * The status of a call that must wait. 503 is what HTTP has for a service that is busy for a while; 429 is for sites
   * whose proxies or alarms take 503 for a breakdown.
   *
   * @default {503}
   */
  readonly status?: 503 | 429;
  /**
   * After how long a program without a browser may try again at the earliest, in seconds. Each is told a time of its own, at most
   * half as long again, so that they do not come back together.
   *
   * @default {60}
   */
  readonly retryAfterSeconds?: number;
  /**
   * Origins other than the site's own whose scripts may read the answer, such as `https://app.example.com`. Their calls
   * may carry cookies.
   *
   * @default {[], and no CORS headers}
   */
  readonly allowOrigins?: readonly string[];
  /**
   * Whether a form that was sent is redirected with 303, which says that the waiting room is to be opened with GET, in
   * place of 302, which browsers treat alike.
   *
   * @default {false}
   */
  readonly seeOther?: boolean;
  /**
   * Whether pages have routes in their fragments, such as `/#/cart`, which no server sees and waiting rooms lose. Then a page that a
   * browser opens is answered, in place of the redirect, with a small page whose script keeps the route in the tab and goes to the
   * room; `restoreRoute()` of `stanchion/browser` puts it back.
   *
   * @default {false}
   */
  readonly hashRoutes?: boolean;
  /**
   * Tells whether a request gets a document, `true`, or a redirect, `false`, where the owner knows better.
   * `undefined` leaves it to the headers.
   *
   * @default {the headers decide}
   */
  readonly test?: (ctx: Context) => boolean | undefined;
  /**
   * Spreads `Retry-After`: a number from 0 up to, but without, 1.
   *
   * @default {Math.random}
   */
  readonly random?: () => number;
}

const subject = "problem-answers plugin";

/** Refuses wrong options. */
export function checkProblemAnswers(options: ProblemAnswersOptions): ProblemAnswersOptions {
  checkOptions(subject, options, [
    "status",
    "retryAfterSeconds",
    "allowOrigins",
    "seeOther",
    "hashRoutes",
    "test",
    "random",
  ]);
  const { status, retryAfterSeconds, allowOrigins, seeOther, hashRoutes, test, random } = options;
  if (status !== undefined) checkChoice(subject, "status", status, [503, 429]);
  if (retryAfterSeconds !== undefined) {
    checkNumber(subject, "retryAfterSeconds", retryAfterSeconds, 1, 86_400);
  }
  if (allowOrigins !== undefined) {
    const must = "a list of origins, such as https://app.example.com";
    checkStrings(subject, "allowOrigins", allowOrigins, must, isOrigin);
  }
  if (seeOther !== undefined) checkBoolean(subject, "seeOther", seeOther);
  if (hashRoutes !== undefined) checkBoolean(subject, "hashRoutes", hashRoutes);
  if (test !== undefined) checkFunction(subject, "test", test);
  if (random !== undefined) checkSyncFunction(subject, "random", random);
  return options;
}

/** An origin as browsers write it. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
