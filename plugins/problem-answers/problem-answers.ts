/**
 * Tells programs of the waiting room in a form that they can read.
 *
 * @module
 */

import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNumber,
  checkOptions,
  checkStrings,
} from "../../src/options/check.ts";
import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import type { HeaderChange, Refusal } from "../../src/decision.ts";
import { problem, responseOf } from "../../src/http/problem.ts";
import type { Helper } from "../../src/plugin.ts";
import { clientHeaders, isProgram } from "./client-kind.ts";

/** The `type` of the problem document that tells of a waiting room (RFC 9457). */
export const waitingRoomProblem: string = "https://jsr.io/@stanchion/stanchion/doc/~/WaitingRoomProblem";

/** What a program is told that must wait, as `application/problem+json`. */
export interface WaitingRoomProblem {
  /** Always {@linkcode waitingRoomProblem}. */
  readonly type: string;
  /** For people. */
  readonly title: string;
  /** The status of the response. */
  readonly status: number;
  /** The address of the waiting room, which a browser opens as a page. */
  readonly waitingRoom: string;
  /**
   * The query parameter of `waitingRoom` that says where the visitor returns to. A script puts its page there, because
   * it holds the address of the call.
   */
  readonly returnParameter?: string;
}

/** The options of {@linkcode problemAnswers}. */
export interface ProblemAnswersOptions {
  /**
   * The status of a call that must wait. 503 is what HTTP has for a service that is busy for a while; 429 is for sites
   * whose proxies or alarms take 503 for a breakdown.
   *
   * @default {503}
   */
  readonly status?: 503 | 429;
  /**
   * After how long a program without a browser may try again, in seconds.
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
   * Tells whether a request gets a document, `true`, or a redirect, `false`, where the owner knows better.
   * `undefined` leaves it to the headers.
   *
   * @default {the headers decide}
   */
  readonly test?: (ctx: Context) => boolean | undefined;
}

const subject = "problem-answers plugin";

/**
 * Answers programs that must wait with a problem document (RFC 9457) in place of a redirect, which scripts cannot follow
 * to another origin: `fetch` and XHR by `Sec-Fetch-Mode` and `Sec-Fetch-Dest`, others by `X-Requested-With` and by what
 * they `Accept`. Pages that browsers open keep the redirect. A refusal with a status becomes a document as well.
 *
 * Put it last, behind the provider: the provider's own way to tell scripts goes first. The browser's part is
 * `stanchion/browser`.
 *
 * @param options The form of the answers.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen, prefetch, preflight, problemAnswers } from "@stanchion/stanchion";
 * import { crowdhandler } from "@stanchion/stanchion/crowdhandler";
 *
 * const gate = createGate({
 *   plugins: [
 *     preflight(),
 *     prefetch(),
 *     cookieTokens(),
 *     failOpen(),
 *     crowdhandler({ publicKey: "your-public-key" }),
 *     problemAnswers({ allowOrigins: ["https://app.example.com"] }),
 *   ],
 * });
 * ```
 */
export function problemAnswers(options: ProblemAnswersOptions = {}): Helper {
  const { status = 503, retryAfterSeconds = 60, allowOrigins = [], seeOther = false, test } = checked(
    options,
  );
  const origins: ReadonlySet<string> = new Set(allowOrigins);
  const vary = origins.size > 0 ? `${clientHeaders}, Origin` : clientHeaders;
  /** What the answer gets beside it. */
  const extra: ContextKey<readonly HeaderChange[]> = contextKey("answer by client");

  function document(ctx: Context, refusal: Refusal): Response | undefined {
    switch (refusal.action) {
      case "queue":
        return refusal.location === ""
          ? undefined
          : waitingRoomAnswer(ctx, refusal.location, refusal.facts?.returnBy);
      case "reject":
        return responseOf(problem(refusal.status), ctx.request);
      case "redirect":
      case "respond":
        return undefined;
    }
  }

  function waitingRoomAnswer(ctx: Context, location: string, returnBy: string | undefined): Response {
    const told: WaitingRoomProblem = {
      type: waitingRoomProblem,
      title: "A waiting room is in front of this address",
      status,
      waitingRoom: location,
      ...(returnBy === undefined ? {} : { returnParameter: returnBy }),
    };
    return responseOf(
      problem(status, { ...told }, { "retry-after": String(retryAfterSeconds) }),
      ctx.request,
    );
  }

  function isForProgram(ctx: Context): boolean {
    const { headers } = ctx.request;
    return test?.(ctx) ?? isProgram(headers);
  }

  return {
    name: "problem-answers",

    respond(ctx, refusal) {
      // What nobody looks at yet must send nobody to the waiting room.
      if (refusal.action === "respond" || ctx.passive) return undefined;
      const origin = ctx.request.headers.get("origin");
      ctx.set(extra, [
        ["vary", vary],
        ...(origin !== null && origins.has(origin) ? cors(origin) : []),
      ]);
      if (isForProgram(ctx)) return document(ctx, refusal);
      const { method } = ctx.request;
      if (!seeOther || refusal.action !== "queue" || method === "GET" || method === "HEAD") return undefined;
      return new Response(null, { status: 303, headers: { location: refusal.location } });
    },

    headers: (ctx) => ctx.get(extra),
  };
}

function cors(origin: string): readonly HeaderChange[] {
  return [
    ["access-control-allow-origin", origin],
    ["access-control-allow-credentials", "true"],
    ["access-control-expose-headers", "retry-after"],
  ];
}

function checked(options: ProblemAnswersOptions): ProblemAnswersOptions {
  checkOptions(subject, options, ["status", "retryAfterSeconds", "allowOrigins", "seeOther", "test"]);
  const { status, retryAfterSeconds, allowOrigins, seeOther, test } = options;
  if (status !== undefined) checkChoice(subject, "status", status, [503, 429]);
  if (retryAfterSeconds !== undefined) {
    checkNumber(subject, "retryAfterSeconds", retryAfterSeconds, 1, 86_400);
  }
  if (allowOrigins !== undefined) {
    const must = "a list of origins, such as https://app.example.com";
    checkStrings(subject, "allowOrigins", allowOrigins, must, isOrigin);
  }
  if (seeOther !== undefined) checkBoolean(subject, "seeOther", seeOther);
  if (test !== undefined) checkFunction(subject, "test", test);
  return options;
}

/** An origin as browsers write it. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
}
