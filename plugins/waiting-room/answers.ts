import { inTime } from "../../src/async/deadline.ts";
import type { Loop } from "../../src/async/loop.ts";
import { isPromise } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import type { PlaceInLine } from "../../src/decision.ts";
import { GateError } from "../../src/errors.ts";
import { clientHeaders, isPage, isProgram } from "../../src/http/client-kind.ts";
import { problem, responseOf } from "../../src/http/problem.ts";
import { retryAfter } from "../../src/http/retry-after.ts";
import { kindOf } from "../../src/pipeline/kind-of.ts";
import { type WaitingRoomProblem, waitingRoomProblem } from "../../src/http/waiting-room-problem.ts";
import { ownPage } from "../../src/url/return-page.ts";
import type { RoomStatus } from "./machine/mod.ts";
import type { PageFunction, PageTexts, RoomOptions } from "./options.ts";
import { estimate, nextLookMs } from "./page/estimate.ts";
import { renderPuzzle } from "./page/puzzle-page.ts";
import { renderNotice, renderPage, type ScriptData, scriptTag, securityPolicy } from "./page/render.ts";
import { english, type Situation } from "./page/texts.ts";
import type { WaitingView } from "./page/view.ts";
import { documentOf } from "./status-document.ts";
import type { PuzzleView } from "./tickets/mod.ts";

/** After how long a page asks again that cannot be told when, in milliseconds. */
const retryMs = 10_000;
/** How long the owner's page may take to be made, in milliseconds: less than the gate gives a decision. */
const ownPageMs = 2000;

/** Somebody who is not let in, and what is known of them. */
export interface Waiter {
  readonly situation: Situation;
  /** The number, if there is one. */
  readonly number?: number | undefined;
  /** How many are before somebody who is called. */
  readonly rank?: number | undefined;
  /** When to ask again, in milliseconds, where the room said so. */
  readonly nextMs?: number | undefined;
  /** What is known of the room; `undefined` where it cannot be reached. */
  readonly status: RoomStatus | undefined;
}

/** How answers look. */
export interface AnswersOptions {
  readonly room: string;
  /** The path of the room's endpoints. */
  readonly path: string;
  readonly page: RoomOptions["page"];
  readonly status: number;
  readonly random: () => number;
  /** Is told of what the owner's page fails with. */
  readonly warn: (message: string) => void;
  readonly loop: Loop;
}

/** What those are told who are not let in. */
export interface Answers {
  /** The answer to a request for a page, in a form that its client can use. */
  refuse(ctx: Context, waiter: Waiter): Response | Promise<Response>;
  /** Where somebody stands. */
  standing(waiter: Waiter): Standing;
  /** The page of a newcomer who has to earn a number. */
  puzzle(ctx: Context, puzzle: { readonly puzzle: PuzzleView; readonly cookieName: string }): Response;
  /** What a browser shows that has no script after it left the line. */
  left(ctx: Context): Response;
  /** Whether a request is answered as a page; otherwise a program reads the answer. */
  isPage(ctx: Context): boolean;
}

/** Where somebody stands, and when to ask again. */
export interface Standing {
  readonly place: PlaceInLine | undefined;
  readonly nextMs: number;
}

/** Makes the answers of one room. */
export function createAnswers(options: AnswersOptions): Answers {
  const { room, path, page, status, random, warn, loop } = options;
  // A function says itself what its page is called.
  const texts: PageTexts = typeof page === "function" ? {} : page ?? {};
  const { title = english.title } = texts;

  function viewOf(ctx: Context, waiter: Waiter, data: ScriptData): WaitingView {
    const { situation, number } = waiter;
    const { place, nextMs } = standingOf(waiter);
    const nonce = newNonce();
    const view = {
      room,
      title,
      note: waiter.status?.note ?? "",
      situation,
      mode: waiter.status?.mode,
      opensAt: waiter.status?.opensAt ?? 0,
      number,
      place: place?.position,
      waitMs: place?.waitMs,
      nextMs,
      returnMs: waiter.status?.limits.returnMs ?? 300_000,
      wasForm: isForm(ctx.request),
      nonce,
    };
    return { ...view, script: scriptTag(view, data) };
  }

  function pageFor(ctx: Context, waiter: Waiter): Response | Promise<Response> {
    const data: ScriptData = {
      path: basePathOf(ctx) + path,
      page: ctx.returnPage,
      epoch: waiter.status?.epoch ?? 0,
      isCalled: waiter.situation === "waiting",
    };
    const view = viewOf(ctx, waiter, data);
    const later = retryAfter(Math.ceil(view.nextMs / 1000), random);
    const headers = { ...pageHeaders, "retry-after": later, vary: clientHeaders };
    const plain = () => htmlOf(ctx, renderPage(view, data), status, { ...headers, ...policyOf(view.nonce) });
    if (typeof page !== "function") return plain();
    return pageOfOwner(page, view, ctx, headers, plain);
  }

  /**
   * The owner's page, or the plain one where that fails: who has to wait waits. Otherwise a request that the function cannot take would
   * be for the failure policy to decide, which may let everybody in who sends one.
   */
  function pageOfOwner(
    make: PageFunction,
    view: WaitingView,
    ctx: Context,
    headers: Readonly<Record<string, string>>,
    plain: () => Response,
  ): Response | Promise<Response> {
    const instead = (cause: unknown) => {
      const why = cause instanceof GateError ? cause.message : kindOf(cause);
      warn(`waiting-room: the page of room "${room}" cannot be made, so the plain one is shown: ${why}`);
      return plain();
    };
    try {
      const made = make(view, ctx);
      if (!isPromise(made)) return ownPageOf(ctx, made, status, headers);
      return inTime(Promise.resolve(made), ownPageMs, '"page" made none', undefined, loop)
        .then((page) => ownPageOf(ctx, page, status, headers)).catch(instead);
    } catch (cause) {
      return instead(cause);
    }
  }

  function documentFor(ctx: Context, waiter: Waiter): Response {
    const { place, nextMs } = standingOf(waiter);
    const { headers, url } = ctx.request;
    const code = status >= 400 ? status : 503;
    const seconds = Math.ceil(nextMs / 1000);
    const told: WaitingRoomProblem = {
      type: waitingRoomProblem,
      title: english.headings[waiter.situation],
      status: code,
      waitingRoom: ownPage(headers.get("referer"), ctx.returnUrl) ?? ctx.returnPage,
      ...(place !== undefined && { place }),
      ...(waiter.number !== undefined &&
        { poll: new URL(`${basePathOf(ctx)}${path}/check-in`, ctx.returnUrl || url).href }),
      seconds,
    };
    const later = { "retry-after": retryAfter(seconds, random), vary: clientHeaders };
    return responseOf(problem(code, { ...told }, later), ctx.request);
  }

  const answersPage = ({ request: { headers } }: Context) => isPage(headers) || !isProgram(headers);

  return {
    refuse: (ctx, waiter) => answersPage(ctx) ? pageFor(ctx, waiter) : documentFor(ctx, waiter),
    standing: standingOf,
    isPage: answersPage,
    puzzle(ctx, { puzzle, cookieName }) {
      const waiter: Waiter = { situation: "later", nextMs: puzzle.waitSeconds * 1000, status: undefined };
      // A program that keeps cookies has its number by asking again.
      if (!answersPage(ctx)) return documentFor(ctx, waiter);
      const nonce = newNonce();
      const isEncrypted = ctx.href.startsWith("https:");
      const form = isForm(ctx.request) ? ctx.returnPage : undefined;
      const text = renderPuzzle(puzzle, { title, nonce, cookieName, isEncrypted, form });
      const later = String(puzzle.waitSeconds);
      return htmlOf(ctx, text, status, {
        ...pageHeaders,
        ...policyOf(nonce),
        "retry-after": later,
        vary: clientHeaders,
      });
    },
    left(ctx) {
      const nonce = newNonce();
      const back = ownPage(ctx.request.headers.get("referer"), ctx.returnUrl) ?? "/";
      return htmlOf(ctx, renderNotice(title, english.left, nonce, back), 200, {
        ...pageHeaders,
        ...policyOf(nonce),
      });
    },
  };
}

/** Where somebody stands: by rank where called, by number where not. */
function standingOf({ situation, number, rank, nextMs, status }: Waiter): Standing {
  const usual = nextMs ?? retryMs;
  if (status === undefined || number === undefined) return { place: undefined, nextMs: usual };
  const document = documentOf(status);
  if (situation === "waiting" && rank !== undefined) {
    // Those who are called are let in one after the other, as fast as people are.
    const { waitMs } = estimate(number, document);
    const ownMs = waitMs === undefined || status.flow === 0
      ? undefined
      : Math.round((rank + 1) / status.flow * 1000);
    return { place: placeOf(rank + 1, ownMs), nextMs: usual };
  }
  if (situation === "far" || situation === "waiting" || situation === "reconnecting") {
    const { place, waitMs } = estimate(number, document);
    return { place: placeOf(place, waitMs), nextMs: nextMs ?? nextLookMs(waitMs, document) };
  }
  return { place: undefined, nextMs: usual };
}

function placeOf(position: number, waitMs: number | undefined): PlaceInLine {
  return { position, ahead: position - 1, ...(waitMs !== undefined && { waitMs }) };
}

/** Headers of the pages; that nobody stores them says the gate. */
const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "x-robots-tag": "noindex",
  "x-content-type-options": "nosniff",
};

function policyOf(nonce: string): Readonly<Record<string, string>> {
  return { "content-security-policy": securityPolicy(nonce), "referrer-policy": "same-origin" };
}

function htmlOf(
  { request }: Context,
  text: string,
  status: number,
  headers: Readonly<Record<string, string>>,
): Response {
  return new Response(request.method === "HEAD" ? null : text, { status, headers });
}

/** The owner's page, with the status and the headers of ours. */
function ownPageOf(
  ctx: Context,
  made: unknown,
  status: number,
  headers: Readonly<Record<string, string>>,
): Response {
  if (typeof made === "string") return htmlOf(ctx, made, status, headers);
  if (!(made instanceof Response)) {
    throw new GateError("internal", '"page" must return a text or a Response');
  }
  const { "content-type": _, ...others } = headers;
  const all = new Headers(made.headers);
  for (const [name, value] of Object.entries(others)) all.set(name, value);
  return new Response(ctx.request.method === "HEAD" ? null : made.body, { status, headers: all });
}

/** Whether something was sent that has to be sent again. */
function isForm({ method }: Request): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** What browsers see in front of the paths that the gate sees, where a proxy takes that away. */
function basePathOf({ request, returnUrl }: Context): string {
  const own = new URL(request.url).pathname;
  const { pathname } = new URL(returnUrl);
  return pathname.endsWith(own) ? pathname.slice(0, pathname.length - own.length) : "";
}

function newNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(15))));
}
