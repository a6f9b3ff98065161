import type { Loop } from "../../src/async/loop.ts";
import { chain } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import type { PlainAnswer } from "../../src/decision.ts";
import { clientHeaders, isPage, isProgram } from "../../src/http/client-kind.ts";
import { partsOf, problem } from "../../src/http/problem.ts";
import { retryAfter } from "../../src/http/retry-after.ts";
import { type WaitingRoomProblem, waitingRoomProblem } from "../../src/http/waiting-room-problem.ts";
import { originOf } from "../../src/url/origin.ts";
import { ownPage } from "../../src/url/return-page.ts";
import { siteAddress } from "../../src/url/site-address.ts";
import { isRegistering, numberInLane, priorityBase, registrationEnd } from "./machine/mod.ts";
import type { RoomOptions } from "./options.ts";
import { createOwnerPage, type OwnerPage } from "./owner-page.ts";
import { createNonces } from "./page/nonces.ts";
import { createPages, type Pages, type PageSet, type PageSetup } from "./page/pages.ts";
import { renderPuzzle } from "./page/puzzle-page.ts";
import { renderLeft, renderUnreachable } from "./page/notices.ts";
import { renderPage, type ScriptData, scriptTag, securityPolicy } from "./page/render.ts";
import { english, type Situation } from "./page/texts.ts";
import type { WaitingView } from "./page/view.ts";
import { nativeHeader, type PuzzleView } from "./tickets/mod.ts";
import { createStandings, type Standing, startOf, type Waiter } from "./waiter.ts";
import { pageBehind, pageParameter } from "./wait-endpoint.ts";

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
  refuse(
    ctx: Context,
    waiter: Waiter,
    standing?: Standing,
  ): Response | PlainAnswer | Promise<Response | PlainAnswer>;
  /** Where somebody stands. */
  standing(waiter: Waiter): Standing;
  /** The page of a newcomer who has to earn a number. */
  puzzle(
    ctx: Context,
    puzzle: { readonly puzzle: PuzzleView; readonly cookieName: string },
  ): PlainAnswer | Promise<PlainAnswer>;
  /** What a browser shows that has no script after it left the line, or where the room cannot be reached. */
  notice(ctx: Context, what: "left" | "unreachable"): PlainAnswer | Promise<PlainAnswer>;
  /** What the pages are made of for whoever asks, in the language of the visitor. */
  setFor(ctx: Context): PageSet | Promise<PageSet>;
  /** A page of the room's own making, with its headers and its policy, in the language of the visitor. */
  page(ctx: Context, write: (setup: PageSetup) => string): PlainAnswer | Promise<PlainAnswer>;
  /** Whether a request is answered as a page; otherwise a program reads the answer. */
  isPage(ctx: Context): boolean;
}

/** What all answers of a room have in common. */
interface Setup extends AnswersOptions {
  readonly pages: Pages;
  readonly logo: string | undefined;
  readonly ownerPage: OwnerPage | undefined;
  readonly newNonce: () => string;
  readonly standingOf: Answers["standing"];
}

/** Makes the answers of one room. */
export function createAnswers(options: AnswersOptions): Answers {
  const { page, status } = options;
  // A function says itself what its page is called.
  const own = typeof page === "function" ? {} : page ?? {};
  const ownerPage = typeof page === "function" ? createOwnerPage({ ...options, page }) : undefined;
  const newNonce = createNonces();
  const pages = createPages(own, options);
  const standingOf = createStandings(options.random);
  const setup: Setup = { ...options, pages, logo: own.logo, ownerPage, newNonce, standingOf };

  return {
    refuse: (ctx, waiter, standing = standingOf(waiter)) =>
      answersPage(ctx)
        ? chain(setOf(setup, ctx), (set) => pageFor(setup, ctx, { waiter, standing, set }))
        : documentFor(setup, ctx, waiter, standing),
    standing: standingOf,
    isPage: answersPage,
    puzzle(ctx, { puzzle, cookieName }) {
      const waiter: Waiter = { situation: "later", nextMs: puzzle.waitSeconds * 1000, status: undefined };
      // A program that keeps cookies has its number by asking again.
      if (!answersPage(ctx)) return documentFor(setup, ctx, waiter, standingOf(waiter));
      const isEncrypted = ctx.href.startsWith("https:");
      const form = isForm(ctx.request) ? ctx.returnPage : undefined;
      const write = (page: PageSetup) => renderPuzzle(puzzle, page, { cookieName, isEncrypted, form });
      return ownPageOf(setup, ctx, write, status, { "retry-after": String(puzzle.waitSeconds) });
    },
    notice(ctx, what) {
      // What was opened is opened once more; what was sent was sent from a page.
      const back = isForm(ctx.request)
        ? ownPage(ctx.request.headers.get("referer"), ctx.returnUrl) ?? "/"
        : siteAddress(ctx.returnUrl);
      if (what === "left") return ownPageOf(setup, ctx, (page) => renderLeft(page, back));
      const write = (page: PageSetup) => renderUnreachable(page, back);
      return ownPageOf(setup, ctx, write, 503, { "retry-after": "5" });
    },
    setFor: (ctx) => setOf(setup, ctx),
    page: (ctx, write) => ownPageOf(setup, ctx, write),
  };
}

/** The pages for whoever asks. */
function setOf({ pages }: Setup, { request: { headers } }: Context): PageSet | Promise<PageSet> {
  return pages(headers.get("accept-language"));
}

function ownPageOf(
  setup: Setup,
  ctx: Context,
  write: (page: PageSetup) => string,
  status: number = 200,
  more: Readonly<Record<string, string>> = {},
): PlainAnswer | Promise<PlainAnswer> {
  return chain(setOf(setup, ctx), (set) => {
    const nonce = setup.newNonce();
    const headers = { ...pageHeaders, ...policyOf(setup, nonce), ...more, vary: pageVary };
    return htmlOf(ctx, write({ set, nonce }), status, headers);
  });
}

/** Somebody who gets a page. */
interface Reader {
  readonly waiter: Waiter;
  readonly standing: Standing;
  readonly set: PageSet;
}

function viewOf(
  setup: Setup,
  ctx: Context,
  { waiter, standing, set }: Reader,
  data: ScriptData,
): WaitingView {
  const { situation, number } = waiter;
  const { place, nextMs, progress } = standing;
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
    number: number === undefined ? undefined : numberInLane(number),
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
  reader: Reader,
): Response | PlainAnswer | Promise<Response | PlainAnswer> {
  const { path, status, hasEvents, random, ownerPage } = setup;
  const { waiter, set } = reader;
  const data: ScriptData = {
    path: basePathOf(ctx) + path,
    page: ctx.returnPage,
    ...(ctx.path.endsWith(`${path}/wait`) && { behind: pageBehind(ctx) }),
    epoch: waiter.status?.epoch ?? 0,
    isCalled: waiter.situation === "waiting",
    isOwn: ownerPage !== undefined,
    from: startOf(waiter),
    ...(waiter.number !== undefined && waiter.number > priorityBase && { isPriority: true }),
    ...(hasEvents && { hasEvents }),
    ...(waiter.situation === "registered" && { isRegistered: true }),
  };
  const view = viewOf(setup, ctx, reader, data);
  const later = retryAfter(Math.ceil(view.nextMs / 1000), random);
  const headers = { ...pageHeaders, "retry-after": later, vary: pageVary };
  const plain = () =>
    htmlOf(ctx, renderPage(view, data, set), status, { ...headers, ...policyOf(setup, view.nonce) });
  return ownerPage === undefined ? plain() : ownerPage(view, ctx, headers, plain);
}

function documentFor(
  setup: Setup,
  ctx: Context,
  waiter: Waiter,
  { place, nextMs }: Standing,
): PlainAnswer {
  const { path, status, random } = setup;
  const { url } = ctx.request;
  const code = status >= 400 ? status : 503;
  const seconds = Math.ceil(nextMs / 1000);
  const endpoint = (name: string) => new URL(`${basePathOf(ctx)}${path}/${name}`, ctx.returnUrl || url).href;
  const told: WaitingRoomProblem = {
    type: waitingRoomProblem,
    title: english.headings[waiter.situation],
    status: code,
    ...placeToWait(ctx, endpoint("wait")),
    ...(place !== undefined && { place }),
    ...(waiter.number !== undefined && { poll: endpoint("check-in") }),
    ...(joinable.has(waiter.situation) && { join: endpoint("join") }),
    seconds,
  };
  const later = { "retry-after": retryAfter(seconds, random), vary: clientHeaders };
  return partsOf(problem(code, { ...told }, later), ctx.request);
}

/**
 * Where to wait: in the place of the page whose data are asked for, or else for the page on which the visitor is, which may be free. Where the
 * site lets no browser tell it, the script that asks puts it there; so does an app, whose data are no page to come back to.
 */
function placeToWait(
  { request: { method, headers }, returnUrl, returnPage }: Context,
  wait: string,
): Pick<WaitingRoomProblem, "waitingRoom" | "returnParameter"> {
  const isData = !isForm({ method }) && returnPage !== returnUrl;
  const told = ownPage(headers.get("referer"), returnUrl);
  const page = told ?? returnPage;
  // A router's call for the data of a page is no app's, whatever the browser says of it.
  const isApp = !headers.has("sec-fetch-site") && !headers.has("sec-fetch-mode");
  const isUntold = told === undefined && (isApp || headers.get("sec-fetch-site") === "same-origin");
  if (isData || (page === returnUrl && !isUntold)) return { waitingRoom: returnPage };
  const query = new URLSearchParams({ [pageParameter]: siteAddress(page) });
  // The browser may see the site encrypted where the server does not.
  return { waitingRoom: `${originOf(page)}${siteAddress(wait)}?${query}`, returnParameter: pageParameter };
}

/** Who has no number, and may take one. */
const joinable: ReadonlySet<Situation> = new Set(["outside", "lapsed", "used", "later"]);

/** Clients that carry tickets in a header are programs. */
function answersPage({ request: { headers } }: Context): boolean {
  return isPage(headers) || !(isProgram(headers) || headers.has(nativeHeader));
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
function isForm({ method }: Pick<Request, "method">): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** What browsers see in front of the paths that the gate sees, where a proxy takes that away. */
function basePathOf({ request, returnUrl }: Context): string {
  // Mostly it changes no more than the scheme.
  if (siteAddress(request.url) === siteAddress(returnUrl)) return "";
  const own = new URL(request.url).pathname;
  const { pathname } = new URL(returnUrl);
  return pathname.endsWith(own) ? pathname.slice(0, pathname.length - own.length) : "";
}
