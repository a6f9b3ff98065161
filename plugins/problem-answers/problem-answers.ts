/**
 * Tells programs of the waiting room in a form that they can read.
 *
 * @module
 */

import { atOnce } from "../../src/async/at-once.ts";
import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import type { Facts, HeaderChange, PlainAnswer, Refusal } from "../../src/decision.ts";
import { clientHeaders, isPage, isProgram } from "../../src/http/client-kind.ts";
import { neverReturns } from "../../src/http/never-returns.ts";
import { partsOf, problem } from "../../src/http/problem.ts";
import { retryAfter } from "../../src/http/retry-after.ts";
import { type WaitingRoomProblem, waitingRoomProblem } from "../../src/http/waiting-room-problem.ts";
import type { Helper, Outcome } from "../../src/plugin.ts";
import { originOf } from "../../src/url/origin.ts";
import { withoutParameters } from "../../src/url/without-parameters.ts";
import { keepingRoute } from "./keeping-route.ts";
import { type Library, libraryHeaders, libraryOf } from "./navigation.ts";
import { checkProblemAnswers, type ProblemAnswersOptions } from "./options.ts";
import { isCrawler } from "./search-engine.ts";

export { type WaitingRoomProblem, waitingRoomProblem } from "../../src/http/waiting-room-problem.ts";

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
 * import { cookieTokens, createGate, failOpen, prefetch, preflight, problemAnswers } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
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
  const setup = setupOf(checkProblemAnswers(options));
  const { origins } = setup;
  /** Whether the answer was chosen here, by the client. */
  const chosen: ContextKey<true> = contextKey("answer by client");

  return {
    name: "problem-answers",

    respond(ctx, refusal) {
      if (refusal.action === "respond") return undefined;
      // What nobody looks at must send nobody to the waiting room. What is fetched in advance is left to `prefetch()`.
      if (ctx.passive && !neverReturns(ctx.request)) return undefined;
      ctx.set(chosen, true);
      return answer(setup, ctx, refusal);
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

/** What needs no request, prepared once. */
interface Setup {
  readonly status: number;
  readonly origins: ReadonlySet<string>;
  readonly seeOther: boolean;
  readonly hashRoutes: boolean;
  readonly test: ProblemAnswersOptions["test"];
  /** When the client may come again. */
  readonly later: () => Readonly<Record<string, string>>;
}

function setupOf(options: ProblemAnswersOptions): Setup {
  const { status = 503, allowOrigins = [], seeOther = false, hashRoutes = false, test } = options;
  const { retryAfterSeconds = 60, random = Math.random } = options;
  return {
    status,
    origins: new Set(allowOrigins),
    seeOther,
    hashRoutes,
    test,
    later: () => ({ "retry-after": retryAfter(retryAfterSeconds, random) }),
  };
}

/** The answer that the client can use; `undefined` for a redirect, or what the gate says. */
function answer(setup: Setup, ctx: Context, refusal: Refusal): Response | PlainAnswer | undefined {
  const { headers, method } = ctx.request;
  const said = ctx.passive ? true : atOnce("test", setup.test?.(ctx));
  if (said === true) return document(setup, ctx, refusal);
  if (said === undefined) {
    if (refusal.action === "queue" && isCrawler(headers)) {
      return partsOf(problem(503, {}, setup.later()), ctx.request);
    }
    if (!isPage(headers)) {
      const library = libraryOf(headers);
      const opened = library && navigation(library, ctx, refusal);
      if (opened !== undefined) return opened;
      if (isProgram(headers)) return document(setup, ctx, refusal);
    }
  }
  if (refusal.action !== "queue" || refusal.location === "") return undefined;
  if (setup.hashRoutes && method === "GET") return keepingRoute(refusal.location);
  if (!setup.seeOther || method === "GET" || method === "HEAD") return undefined;
  return { status: 303, headers: { location: refusal.location }, body: null };
}

function document(setup: Setup, ctx: Context, refusal: Refusal): PlainAnswer | undefined {
  switch (refusal.action) {
    case "queue":
      return refusal.location === ""
        ? undefined
        : waitingRoomAnswer(setup, ctx, refusal.location, refusal.facts);
    case "reject":
      return partsOf(problem(refusal.status), ctx.request);
    case "redirect":
    case "respond":
      return undefined;
  }
}

function waitingRoomAnswer(
  { status, later }: Setup,
  ctx: Context,
  location: string,
  { returnBy, returnWithout, place }: Facts = {},
): PlainAnswer {
  const told: WaitingRoomProblem = {
    type: waitingRoomProblem,
    title: "A waiting room is in front of this address",
    status,
    waitingRoom: location,
    ...(returnBy === undefined ? {} : { returnParameter: returnBy, ...(returnWithout && { returnWithout }) }),
    ...(place === undefined ? {} : { place }),
  };
  return partsOf(problem(status, { ...told }, later()), ctx.request);
}

const varied = `${clientHeaders}, ${libraryHeaders}, User-Agent`;

function isRefused(ctx: Context, { served, decision }: Outcome): boolean {
  return !served && decision.action !== "respond" && (!ctx.passive || neverReturns(ctx.request));
}

/** The answer by which a library opens the waiting room, or a page of it. Redirects within the site it follows by itself. */
function navigation(library: Library, ctx: Context, refusal: Refusal): Response | undefined {
  switch (refusal.action) {
    case "queue":
      return refusal.location === "" ? undefined : openRoom(library, ctx, refusal.location, refusal.facts);
    case "redirect":
      return originOf(refusal.location) === originOf(ctx.returnUrl)
        ? undefined
        : library.open(refusal.location, ctx, ctx.returnPage);
    case "reject":
    case "respond":
      return undefined;
  }
}

/** The answer by which a library opens the waiting room. What an earlier return left in the address of a page does not come back. */
function openRoom(library: Library, ctx: Context, location: string, facts: Facts = {}): Response {
  const { returnBy, returnWithout = [] } = facts;
  const told = library.page(ctx);
  const page = withoutParameters(told, returnWithout);
  // The page that was asked for stands in the address as the provider wants it.
  const room = told === ctx.returnUrl ? location : returningTo(page, location, returnBy);
  return library.open(room, ctx, page);
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
