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
import type { Facts, HeaderChange, PlaceInLine, Refusal } from "../../src/decision.ts";
import { neverReturns } from "../../src/http/never-returns.ts";
import { problem, responseOf } from "../../src/http/problem.ts";
import { retryAfter } from "../../src/http/retry-after.ts";
import type { Helper, Outcome } from "../../src/plugin.ts";
import { originOf } from "../../src/url/origin.ts";
import { clientHeaders, isPage, isProgram } from "./client-kind.ts";
import { keepingRoute } from "./keeping-route.ts";
import { type Library, libraryHeaders, libraryOf } from "./navigation.ts";
import { isCrawler } from "./search-engine.ts";

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
  /** Where the visitor stands in the line, and how long that is going to take, as far as the provider knows. */
  readonly place?: PlaceInLine;
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

/**
 * Answers programs that must wait with a problem document (RFC 9457) in place of a redirect, which scripts cannot follow
 * to another origin: `fetch` and XHR by `Sec-Fetch-Mode` and `Sec-Fetch-Dest`, others by `X-Requested-With` and by what
 * they `Accept`. Pages that browsers open keep the redirect. A refusal with a status becomes a document as well.
 *
 * The client libraries of hypermedia pages (htmx, Turbo, Unpoly, Inertia, Livewire) are told in their own way to open the room, and the
 * visitor comes back to the page. Crawlers get 503 with `Retry-After`: they never come back from a room.
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
  const {
    status = 503,
    retryAfterSeconds = 60,
    allowOrigins = [],
    seeOther = false,
    hashRoutes = false,
    test,
  } = checked(
    options,
  );
  const { random = Math.random } = options;
  const origins: ReadonlySet<string> = new Set(allowOrigins);
  /** Whether the answer was chosen here, by the client. */
  const chosen: ContextKey<true> = contextKey("answer by client");

  function document(ctx: Context, refusal: Refusal): Response | undefined {
    switch (refusal.action) {
      case "queue":
        return refusal.location === "" ? undefined : waitingRoomAnswer(ctx, refusal.location, refusal.facts);
      case "reject":
        return responseOf(problem(refusal.status), ctx.request);
      case "redirect":
      case "respond":
        return undefined;
    }
  }

  function waitingRoomAnswer(ctx: Context, location: string, facts: Facts = {}): Response {
    const { returnBy, place } = facts;
    const told: WaitingRoomProblem = {
      type: waitingRoomProblem,
      title: "A waiting room is in front of this address",
      status,
      waitingRoom: location,
      ...(returnBy === undefined ? {} : { returnParameter: returnBy }),
      ...(place === undefined ? {} : { place }),
    };
    return responseOf(problem(status, { ...told }, later()), ctx.request);
  }

  function later(): Readonly<Record<string, string>> {
    return { "retry-after": retryAfter(retryAfterSeconds, random) };
  }

  function answer(ctx: Context, refusal: Refusal): Response | undefined {
    const { headers, method } = ctx.request;
    if (ctx.passive) return document(ctx, refusal);
    const said = test?.(ctx);
    if (said === true) return document(ctx, refusal);
    if (said === undefined) {
      if (refusal.action === "queue" && isCrawler(headers)) {
        return responseOf(problem(503, {}, later()), ctx.request);
      }
      if (!isPage(headers)) {
        const library = libraryOf(headers);
        const opened = library && navigation(library, ctx, refusal);
        if (opened !== undefined) return opened;
        if (isProgram(headers)) return document(ctx, refusal);
      }
    }
    if (
      hashRoutes && method === "GET" && refusal.action === "queue" && refusal.location !== "" && !ctx.passive
    ) {
      return keepingRoute(refusal.location);
    }
    if (!seeOther || refusal.action !== "queue" || method === "GET" || method === "HEAD") return undefined;
    return new Response(null, { status: 303, headers: { location: refusal.location } });
  }

  return {
    name: "problem-answers",

    respond(ctx, refusal) {
      if (refusal.action === "respond") return undefined;
      // What nobody looks at must send nobody to the waiting room. What is fetched in advance is left to `prefetch()`.
      if (ctx.passive && !neverReturns(ctx.request)) return undefined;
      ctx.set(chosen, true);
      return answer(ctx, refusal);
    },

    // Also where a provider before this plugin answered a script in its own way.
    headers(ctx, response, outcome) {
      if (!isRefused(ctx, outcome)) return undefined;
      const vary = [...(ctx.get(chosen) ? [varied] : []), ...(origins.size > 0 ? ["Origin"] : [])];
      if (vary.length === 0) return undefined;
      const origin = ctx.request.headers.get("origin");
      const isAllowed = origin !== null && origins.has(origin);
      return [["vary", vary.join(", ")], ...(isAllowed ? cors(origin, response) : [])];
    },
  };
}

const varied = `${clientHeaders}, ${libraryHeaders}, User-Agent`;

function isRefused(ctx: Context, { served, decision }: Outcome): boolean {
  return !served && decision.action !== "respond" && (!ctx.passive || neverReturns(ctx.request));
}

/** The answer by which a library opens the waiting room, or a page of it. Redirects within the site it follows by itself. */
function navigation(library: Library, ctx: Context, refusal: Refusal): Response | undefined {
  switch (refusal.action) {
    case "queue":
      return refusal.location === ""
        ? undefined
        : library.open(returningTo(library.page(ctx), refusal.location, refusal.facts?.returnBy), ctx);
    case "redirect":
      return originOf(refusal.location) === originOf(ctx.returnUrl)
        ? undefined
        : library.open(refusal.location, ctx);
    case "reject":
    case "respond":
      return undefined;
  }
}

/** The address of a waiting room with another page to come back to; everything else in it stays, byte for byte. */
function returningTo(page: string, location: string, parameter: string | undefined): string {
  if (parameter === undefined) return location;
  const mark = location.indexOf("?");
  const from = location.slice(mark).search(new RegExp(`[?&]${parameter.replaceAll(/\W/g, "\\$&")}=`));
  if (mark === -1 || from === -1) return location;
  const start = mark + from + parameter.length + 2;
  const end = location.slice(start).search(/[&#]/);
  return location.slice(0, start) + encodeURIComponent(page) +
    (end === -1 ? "" : location.slice(start + end));
}

function cors(origin: string, response: Response | undefined): readonly HeaderChange[] {
  const exposed = response?.headers.get("access-control-expose-headers");
  return [
    ["access-control-allow-origin", origin],
    ["access-control-allow-credentials", "true"],
    ["access-control-expose-headers", exposed ? `${exposed}, retry-after` : "retry-after"],
  ];
}

function checked(options: ProblemAnswersOptions): ProblemAnswersOptions {
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
  if (random !== undefined) checkFunction(subject, "random", random);
  return options;
}

/** An origin as browsers write it. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
}
