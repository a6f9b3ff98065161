import type { Loop } from "../../src/async/loop.ts";
import type { Context } from "../../src/context.ts";
import type { PlaceInLine, PlainAnswer } from "../../src/decision.ts";
import { clientHeaders, isPage, isProgram } from "../../src/http/client-kind.ts";
import { answer, partsOf, problem } from "../../src/http/problem.ts";
import { retryAfter } from "../../src/http/retry-after.ts";
import { type WaitingRoomProblem, waitingRoomProblem } from "../../src/http/waiting-room-problem.ts";
import { ownPage } from "../../src/url/return-page.ts";
import type { LotteryFacts } from "./lottery/mod.ts";
import { isRegistering, registrationEnd, type RoomStatus } from "./machine/mod.ts";
import type { RoomOptions } from "./options.ts";
import { createOwnerPage, type OwnerPage } from "./owner-page.ts";
import { estimate, nextLookMs, openingLookMs, progressOf } from "../../src/line/estimate.ts";
import { createNonces } from "./page/nonces.ts";
import { createPages, type Pages, type PageSet } from "./page/pages.ts";
import { ownLot, renderLottery } from "./page/lottery-page.ts";
import { renderPuzzle } from "./page/puzzle-page.ts";
import { renderNotice, renderPage, type ScriptData, scriptTag, securityPolicy } from "./page/render.ts";
import { english, type Situation } from "./page/texts.ts";
import type { PageSetup, WaitingView } from "./page/view.ts";
import { documentOf } from "./status-document.ts";
import { nativeHeader, type PuzzleView, type Registration, type Ticket } from "./tickets/mod.ts";

/** After how long a page asks again that cannot be told when, in milliseconds. */
const retryMs = 10_000;

/** Somebody who is not let in, and what is known of them. */
export interface Waiter {
  readonly situation: Situation;
  /** The number, if there is one. */
  readonly number?: number | undefined;
  /** Where the head of the line was when somebody was given the number. */
  readonly from?: number | undefined;
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
  /** Whether the room tells of changes as they happen. */
  readonly hasEvents: boolean;
  readonly random: () => number;
  /** Is told of what the owner's page fails with. */
  readonly warn: (message: string) => void;
  readonly loop: Loop;
}

/** What those are told who are not let in. */
export interface Answers {
  /** The answer to a request for a page, in a form that its client can use. */
  refuse(ctx: Context, waiter: Waiter): Response | PlainAnswer | Promise<Response | PlainAnswer>;
  /** Where somebody stands. */
  standing(waiter: Waiter): Standing;
  /** The page of a newcomer who has to earn a number. */
  puzzle(ctx: Context, puzzle: { readonly puzzle: PuzzleView; readonly cookieName: string }): PlainAnswer;
  /** What a browser shows that has no script after it left the line. */
  left(ctx: Context): PlainAnswer;
  /** A page of the room's own making, with its headers and its policy. `write` gets the name of the room and the nonce. */
  page(ctx: Context, write: (own: PageSetup) => string): PlainAnswer;
  /** What is published of the lottery: a page, or JSON for programs. */
  lottery(ctx: Context, facts: LotteryFacts, own: Ticket | Registration | undefined): PlainAnswer;
  /** Whether a request is answered as a page; otherwise a program reads the answer. */
  isPage(ctx: Context): boolean;
}

/** Where somebody stands, and when to ask again. */
export interface Standing {
  readonly place: PlaceInLine | undefined;
  /** The share of the own way that is done, from 0 to 1; `undefined` where it is not known. */
  readonly progress: number | undefined;
  readonly nextMs: number;
}

/** What all answers of a room have in common. */
interface Setup extends AnswersOptions {
  readonly pages: Pages;
  readonly logo: string | undefined;
  readonly ownerPage: OwnerPage | undefined;
  readonly newNonce: () => string;
}

/** Makes the answers of one room. */
export function createAnswers(options: AnswersOptions): Answers {
  const { page, status } = options;
  // A function says itself what its page is called.
  const own = typeof page === "function" ? {} : page ?? {};
  const ownerPage = typeof page === "function" ? createOwnerPage({ ...options, page }) : undefined;
  const newNonce = createNonces();
  const setup: Setup = { ...options, pages: createPages(own), logo: own.logo, ownerPage, newNonce };

  return {
    refuse: (ctx, waiter) => answersPage(ctx) ? pageFor(setup, ctx, waiter) : documentFor(setup, ctx, waiter),
    standing: (waiter) => standingOf(setup, waiter),
    isPage: answersPage,
    puzzle(ctx, { puzzle, cookieName }) {
      const waiter: Waiter = { situation: "later", nextMs: puzzle.waitSeconds * 1000, status: undefined };
      // A program that keeps cookies has its number by asking again.
      if (!answersPage(ctx)) return documentFor(setup, ctx, waiter);
      const nonce = newNonce();
      const isEncrypted = ctx.href.startsWith("https:");
      const form = isForm(ctx.request) ? ctx.returnPage : undefined;
      const text = renderPuzzle(puzzle, { set: setOf(setup, ctx), nonce, cookieName, isEncrypted, form });
      const later = String(puzzle.waitSeconds);
      return htmlOf(ctx, text, status, {
        ...pageHeaders,
        ...policyOf(setup, nonce),
        "retry-after": later,
        vary: pageVary,
      });
    },
    lottery(ctx, facts, own) {
      if (!answersPage(ctx)) {
        return partsOf({ ...answer(200, facts), headers: { vary: clientHeaders } }, ctx.request);
      }
      const write = ({ nonce }: PageSetup, set: PageSet) =>
        renderLottery(facts, { set, nonce, own: own && ownLot(own, facts) });
      return ownPageOf(setup, ctx, write);
    },
    left(ctx) {
      const back = ownPage(ctx.request.headers.get("referer"), ctx.returnUrl) ?? "/";
      return ownPageOf(setup, ctx, ({ nonce }, set) => renderNotice(set, set.words.left, nonce, back));
    },
    page: (ctx, write) => ownPageOf(setup, ctx, write),
  };
}

/** The pages for whoever asks. */
function setOf({ pages }: Setup, { request: { headers } }: Context): PageSet {
  return pages(headers.get("accept-language"));
}

function ownPageOf(setup: Setup, ctx: Context, write: (own: PageSetup, set: PageSet) => string): PlainAnswer {
  const nonce = setup.newNonce();
  const set = setOf(setup, ctx);
  const own = { title: set.title, nonce, look: { ...set.look, language: "en", direction: undefined } };
  const headers = { ...pageHeaders, ...policyOf(setup, nonce), vary: pageVary };
  return htmlOf(ctx, write(own, set), 200, headers);
}

function viewOf(setup: Setup, ctx: Context, waiter: Waiter, data: ScriptData, set: PageSet): WaitingView {
  const { situation, number } = waiter;
  const { place, nextMs, progress } = standingOf(setup, waiter);
  const nonce = setup.newNonce();
  const view = {
    room: setup.room,
    title: set.title,
    language: set.look.language,
    direction: set.look.direction ?? "ltr" as const,
    note: waiter.status?.note || set.note,
    situation,
    mode: waiter.status?.mode,
    opensAt: waiter.status?.opensAt ?? 0,
    now: waiter.status?.now ?? 0,
    closesAt: waiter.status !== undefined && isRegistering(waiter.status)
      ? registrationEnd(waiter.status)
      : 0,
    number,
    place: place?.position,
    waitMs: place?.waitMs,
    progress,
    nextMs,
    returnMs: waiter.status?.limits.returnMs ?? 300_000,
    wasForm: isForm(ctx.request),
    nonce,
  };
  return { ...view, script: scriptTag(view, data, set) };
}

function pageFor(
  setup: Setup,
  ctx: Context,
  waiter: Waiter,
): Response | PlainAnswer | Promise<Response | PlainAnswer> {
  const { path, status, hasEvents, random, ownerPage } = setup;
  const data: ScriptData = {
    path: basePathOf(ctx) + path,
    page: ctx.returnPage,
    epoch: waiter.status?.epoch ?? 0,
    isCalled: waiter.situation === "waiting",
    isOwn: ownerPage !== undefined,
    from: waiter.from ?? waiter.status?.passed ?? 0,
    ...(hasEvents && { hasEvents }),
    ...(waiter.situation === "registered" && { isRegistered: true }),
  };
  const set = setOf(setup, ctx);
  const view = viewOf(setup, ctx, waiter, data, set);
  const later = retryAfter(Math.ceil(view.nextMs / 1000), random);
  const headers = { ...pageHeaders, "retry-after": later, vary: pageVary };
  const plain = () =>
    htmlOf(ctx, renderPage(view, data, set), status, { ...headers, ...policyOf(setup, view.nonce) });
  return ownerPage === undefined ? plain() : ownerPage(view, ctx, headers, plain);
}

function documentFor(setup: Setup, ctx: Context, waiter: Waiter): PlainAnswer {
  const { path, status, random } = setup;
  const { place, nextMs } = standingOf(setup, waiter);
  const { headers, url } = ctx.request;
  const code = status >= 400 ? status : 503;
  const seconds = Math.ceil(nextMs / 1000);
  const endpoint = (name: string) => new URL(`${basePathOf(ctx)}${path}/${name}`, ctx.returnUrl || url).href;
  const told: WaitingRoomProblem = {
    type: waitingRoomProblem,
    title: english.headings[waiter.situation],
    status: code,
    waitingRoom: ownPage(headers.get("referer"), ctx.returnUrl) ?? ctx.returnPage,
    ...(place !== undefined && { place }),
    ...(waiter.number !== undefined && { poll: endpoint("check-in") }),
    ...(joinable.has(waiter.situation) && { join: endpoint("join") }),
    seconds,
  };
  const later = { "retry-after": retryAfter(seconds, random), vary: clientHeaders };
  return partsOf(problem(code, { ...told }, later), ctx.request);
}

/** Who has no number, and may take one. */
const joinable: ReadonlySet<Situation> = new Set(["outside", "lapsed", "used", "later"]);

/** Clients that carry tickets in a header are programs. */
function answersPage({ request: { headers } }: Context): boolean {
  return isPage(headers) || !(isProgram(headers) || headers.has(nativeHeader));
}

/** Where somebody stands: by rank where called, by number where not. */
function standingOf({ random }: Pick<Setup, "random">, waiter: Waiter): Standing {
  const { situation, number, rank, nextMs, status, from } = waiter;
  const usual = nextMs ?? retryMs;
  if (status === undefined || number === undefined) return nowhere(usual);
  const document = documentOf(status);
  const progress = progressOf(number, from ?? status.passed, status.passed);
  if (situation === "waiting" && rank !== undefined) {
    // Those who are called are let in one after the other, as fast as people are.
    const { waitMs } = estimate(number, document);
    const ownMs = waitMs === undefined || status.flow === 0
      ? undefined
      : Math.round((rank + 1) / status.flow * 1000);
    return { place: placeOf(rank + 1, ownMs), progress, nextMs: usual };
  }
  if (situation === "far" || situation === "waiting" || situation === "reconnecting") {
    const { place, waitMs } = estimate(number, document);
    const lookMs = nextMs ?? nextLookMs(waitMs, document);
    const openingMs = nextMs === undefined ? openingLookMs(number, lookMs, document, random()) : undefined;
    return { place: placeOf(place, waitMs), progress, nextMs: openingMs ?? lookMs };
  }
  return nowhere(usual);
}

function nowhere(nextMs: number): Standing {
  return { place: undefined, progress: undefined, nextMs };
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

/** What a page depends on. */
const pageVary = `${clientHeaders}, Accept-Language`;

function policyOf({ logo }: Setup, nonce: string): Readonly<Record<string, string>> {
  return { "content-security-policy": securityPolicy(nonce, logo), "referrer-policy": "same-origin" };
}

function htmlOf(
  { request }: Context,
  text: string,
  status: number,
  headers: Readonly<Record<string, string>>,
): PlainAnswer {
  return { status, headers, body: request.method === "HEAD" ? null : text };
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
