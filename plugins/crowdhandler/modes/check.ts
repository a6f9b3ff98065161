import type { Context } from "../../../src/context.ts";
import { ServiceError } from "../../../src/errors.ts";
import type { Calls } from "../../../src/service.ts";
import { type CheckResult, readResult } from "../api/check-result.ts";
import type { ApiClient } from "../api/client.ts";
import { isAboutAddress, isAnswer, isOdd } from "../api/refusal.ts";
import { askApplication, checkedUrl, checkFactsOf } from "../api/visitor-facts.ts";
import type { CrowdhandlerOptions } from "../options.ts";
import { type PageUrl, textsOf } from "../page-url.ts";
import { createMemo } from "../../../src/crypto/memo.ts";
import { originOf } from "../../../src/url/origin.ts";
import { plainestUrls } from "../../../src/url/readings.ts";
import { type Control, createControl } from "./control.ts";
import type { Standings } from "./standings.ts";

/** A visit whose visitor is checked. */
export interface CheckedVisit {
  readonly ctx: Context;
  readonly calls: Calls;
  readonly page: PageUrl;
  /** The path and query by which a room of the feed covers the page; `undefined` where that is not known. */
  readonly text: string | undefined;
}

/** Asks the service about a visitor. */
export type VisitorCheck = (visit: CheckedVisit, token: string | undefined) => Promise<CheckResult>;

/** How many URLs outside every room are remembered, and for how long, in milliseconds. */
const maxOpen = 1024;
const openMs = 10_000;

/** The service would not, or could not, check this one visitor. It is thrown within a call, so that no guard takes it for an answer. */
class VisitorRefused extends ServiceError {}

/**
 * Makes the function that asks about visitors, and that remembers what the service says of their tokens.
 *
 * The service compares the URL that it is told, byte by byte: where it finds no room, it is asked again by the plainest
 * spellings of the same page, but for those of which it said of late that no room covers them either. An answer that refuses or
 * fails is no failure where the visitor is the reason: where something out of the ordinary is refused, and where the service takes
 * the checks of others. The visitor counts as not promoted. One without an address to give is a failure of its own.
 */
export function createVisitorCheck(
  client: ApiClient,
  options: CrowdhandlerOptions,
  standings: Standings,
  warn: (message: string) => void,
): VisitorCheck {
  const ask = createAsking(client, options, standings, warn);
  const open = createMemo<number>(maxOpen);

  return async (visit, token) => {
    const { ctx, page, text } = visit;
    const url = checkedUrl(text === undefined ? page.url : page.url.slice(0, -page.text.length) + text);
    const begun = performance.now();
    const result = await ask(visit, token, url, 0);
    if (!isOutside(result)) return result;
    // What a visitor writes must not make a failure of a service that answers: who cannot be asked about in full has to wait.
    const unknown = { ...notPromoted, token: result.token };
    const now = ctx.now();
    const asked = [...spellingsOf(visit, url)].filter((spelling) => !((open.get(spelling) ?? 0) > now));
    for (const [count, plainest] of asked.entries()) {
      const spentMs = performance.now() - begun;
      // What was answered is remembered: who comes back is asked about the rest.
      if (count >= maxQuestions || spentMs > client.timeoutMs / 2) {
        ctx.note?.("the URL can be read in many ways, and there was no time to ask about all of them");
        return unknown;
      }
      let again: CheckResult;
      try {
        again = await ask(visit, result.token ?? token, plainest, spentMs);
      } catch {
        return unknown;
      }
      if (isRefused(again)) return unknown;
      if (!isOutside(again)) return again;
      if (!ctx.dryRun) open.set(plainest, now + openMs);
    }
    return result;
  };
}

/** Asks about a visitor by one URL; so much of the time that a call may take was spent before, in milliseconds. */
type Ask = (
  visit: CheckedVisit,
  token: string | undefined,
  url: string,
  spentMs: number,
) => Promise<CheckResult>;

function createAsking(
  client: ApiClient,
  { visitor, parameters }: CrowdhandlerOptions,
  standings: Standings,
  warn: (message: string) => void,
): Ask {
  const control = createControl(client);

  async function ask(
    { ctx, calls, page }: CheckedVisit,
    token: string | undefined,
    url: string,
    spentMs: number,
  ): Promise<CheckResult> {
    const facts = checkFactsOf(ctx, url, page.code, askApplication("visitor", visitor, ctx));
    const further = askApplication("parameters", parameters, ctx);
    const call = client.check(token, facts, further);

    async function make(signal: AbortSignal): Promise<CheckResult> {
      const before = control.count;
      const begun = performance.now();
      let result: CheckResult;
      try {
        result = await call.make(signal);
      } catch (cause) {
        if (isAboutAddress(cause, facts)) {
          if (!ctx.dryRun) warn(noAddress);
          throw unidentified(cause);
        }
        if (!isAnswer(cause) || signal.aborted) throw cause;
        const isVisitors = isOdd(cause, { token, facts, further }) || control.count > before ||
          (control.count > 0 &&
            await isFineForOthers(control, url, ctx, call.timeoutMs - (performance.now() - begun)));
        if (!isVisitors) throw cause;
        const { message, status } = cause instanceof ServiceError ? cause : unexplained;
        throw new VisitorRefused("unidentified", message, { status });
      }
      control.taken(url);
      return result;
    }

    try {
      return await calls.run({ ...call, timeoutMs: Math.max(1, call.timeoutMs - spentMs), make });
    } catch (cause) {
      if (!(cause instanceof VisitorRefused)) throw cause;
      ctx.note?.("the service checks others, but not this visitor, who counts as not promoted");
      // Browsers say what they are: who does not is no news to the owner.
      if (facts.agent && !ctx.dryRun) warn(newsOf(cause));
      const isRefusal = cause.status !== undefined && cause.status < 500;
      return !facts.agent && isRefusal ? withoutAgent : notPromoted;
    }
  }

  return async (visit, token, url, spentMs) => {
    const result = await ask(visit, token, url, spentMs);
    // Outside the rooms every token is promoted. One whose check was refused gives way to the others, unless it was promoted before.
    if (isRefused(result) ? token !== undefined && !standings.isPromoted(token) : !isOutside(result)) {
      standings.note(token, result);
    }
    return result;
  };
}

/** How many further spellings the service is asked about for one request. */
const maxQuestions = 8;

/** The spellings by which the service is asked about a page beside the canonical one. Nearly always there is none, or one. */
function spellingsOf({ ctx, page }: CheckedVisit, url: string): ReadonlySet<string> {
  const origin = originOf(url);
  const urls = new Set([url, ...textsOf(page, ctx.readings).map((text) => origin + text)]);
  const spellings = new Set([...urls].flatMap((one) => plainestUrls(one, !ctx.caseSensitive)));
  spellings.delete(url);
  return spellings;
}

/** Whether the page is outside every room, where everybody is let in: such an answer has no data of a room. */
export function isOutside({ promoted, slug, responseId }: CheckResult): boolean {
  return promoted && slug === undefined && responseId === undefined;
}

function unidentified(cause: ServiceError): ServiceError {
  const { message, status } = cause;
  return new ServiceError("unidentified", `${message}; ${addressAdvice}`, { status, cause });
}

const addressAdvice =
  'no client address is known: add clientIp({ trustedProxies, header }), or tell it by "visitor"';
const noAddress =
  "CrowdHandler refuses to check visitors without an address, about whom the failure policy decides " +
  `("unidentified"): in full mode none of them comes in; ${addressAdvice}`;

/** What is left of a call's time for other things, in milliseconds. */
const marginMs = 50;
const unexplained = new ServiceError("unreachable", "CrowdHandler broke off the connection");

/**
 * Whether the service takes the check of nobody in particular. Who is answered so late that there is no time left to learn it has to
 * wait: the next one knows.
 */
async function isFineForOthers(
  control: Control,
  url: string,
  ctx: Context,
  leftMs: number,
): Promise<boolean> {
  if (ctx.dryRun) return false;
  const isTaken = control.isTaken(url, () => ctx.now());
  let cancel = () => {};
  const isLate = new Promise<true>((resolve) => {
    const timer = setTimeout(() => resolve(true), Math.max(0, leftMs - marginMs));
    cancel = () => clearTimeout(timer);
  });
  return await Promise.race([isTaken, isLate]).finally(cancel);
}

/** Says nothing that a visitor can vary. */
function newsOf({ status }: ServiceError): string {
  const advice = 'if that goes on, look at what "visitor" and "parameters" tell it';
  const isRefusal = status !== undefined && status < 500;
  const said = status === undefined ? "an answer that cannot be understood" : `HTTP ${status}`;
  return isRefusal
    ? `CrowdHandler refused the check of a visitor with ${said}, who is sent to wait: ${advice}`
    : `CrowdHandler failed for the check of a visitor, with ${said}, and takes others: who is sent to wait; ${advice}`;
}

/** What counts for a visitor whom the service refuses to check. */
const notPromoted = readResult('{"result":{"promoted":0}}');
/** The same of one who does not say what browser it is, which the service wants to be told. */
const withoutAgent: CheckResult = { ...notPromoted };

function isRefused(result: CheckResult): boolean {
  return result === notPromoted || result === withoutAgent;
}

/** Whether the service refused to check somebody who has no user agent, as it will each time. */
export function lacksAgent(result: CheckResult): boolean {
  return result === withoutAgent;
}
