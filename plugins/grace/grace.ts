/**
 * Keeps the place of visitors who were let in while the service cannot tell that they were.
 *
 * @module
 */

import { atOnce } from "../../src/async/at-once.ts";
import type { Context } from "../../src/context.ts";
import type { CookieDefaults } from "../../src/cookie-options.ts";
import { forgetCookie, readRawCookies, writeCookie } from "../../src/http/cookies.ts";
import { crowdCodes, type FailureCode, GateError } from "../../src/errors.ts";
import type { Facts } from "../../src/decision.ts";
import type { Outcome, Policy } from "../../src/plugin.ts";
import { cookieWatch } from "../../src/tokens/cookie-watch.ts";
import { type GraceCookies, graceCookies, type GraceProof, type GraceSubject, markOf } from "./cookie.ts";
import { checkGraceOptions, type GraceOptions, maxScope } from "./options.ts";

/** How far the clocks of servers may differ. */
const skewMs = 60_000;

/**
 * Lets visitors go on for a while, during an outage, who were let in before it: for `forMs` after the service, or a signature,
 * last proved it. List it before `failOpen()` or `failClosed()`, which decide about everybody else; `createGate` refuses it
 * behind them.
 *
 * Whenever the provider admits a promoted visitor, the response sets a signed cookie, anew when a quarter of its time is over.
 * After a failure of the service it admits whoever brings it back: `grace/kept`. The place is lost when the provider says that
 * the visitor must wait, and when the visit ends at a checkout or is cancelled.
 *
 * The cookie is good for its scope, and where the provider knows the waiting room without its service, for this room. A crowd is
 * not an outage: after `throttled`, `unidentified` and `overloaded` a place is kept only where `codes` names them, and, where the
 * room is not known, a `scope` is named as well. Whoever has the cookie has the place, unless it is bound to an address.
 *
 * @param options The secrets, and how long places are kept.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape or `secrets` is missing.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failClosed } from "stanchion";
 * import { grace } from "stanchion/grace";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const gate = createGate({
 *   plugins: [
 *     cookieTokens(),
 *     grace({ secrets: ["a-secret-of-your-own"], forMs: 10 * 60_000 }),
 *     failClosed(),
 *     crowdhandler({ publicKey: "your-public-key" }),
 *   ],
 * });
 * ```
 */
export function grace(options: GraceOptions): Policy {
  const { name, cookie } = checkGraceOptions(options);
  const { secrets, forMs = 15 * 60_000, scope, bindAddress = false } = options;
  const { codes = ["timeout", "unreachable", "malformed"] } = options;
  const kept: ReadonlySet<FailureCode> = new Set(codes);
  const cookies = graceCookies(secrets);
  const write = writerOf(name, cookies, { ...cookie, maxAgeSeconds: Math.ceil(forMs / 1000) });
  // Of several cookies one may be of the host alone, from before there was a domain.
  const forgotten = [...new Set([cookie.domain, ""])].map((domain) =>
    forgetCookie(name, { ...cookie, domain })
  );

  function subjectOf(ctx: Context): GraceSubject {
    return { scope: scopeOf(ctx, scope), address: bindAddress ? ctx.address ?? "" : "" };
  }

  function proofsOf(ctx: Context, sent: readonly string[], subject: GraceSubject): readonly GraceProof[] {
    return goodProofs(cookies, sent, subject, ctx.now(), forMs);
  }

  function sentBy(ctx: Context): readonly string[] {
    return readRawCookies(ctx.cookieHeader, name);
  }

  function keep(ctx: Context, facts: Facts, sent: readonly string[]): string | undefined {
    const subject = subjectOf(ctx);
    if (bindAddress && subject.address === "") return undefined;
    const room = markOf(facts.room);
    const now = ctx.now();
    const isKept = proofsOf(ctx, sent, subject)
      .some((proof) => proof.room === room && now - proof.provenAtMs < forMs / 4);
    if (isKept) return undefined;
    return write(ctx, subject, room);
  }

  return {
    name: "grace",

    recover(ctx, failure) {
      if (!kept.has(failure.code)) return undefined;
      const sent = sentBy(ctx);
      if (sent.length === 0) return undefined;
      const subject = subjectOf(ctx);
      const proofs = bindAddress && subject.address === "" ? [] : proofsOf(ctx, sent, subject);
      if (proofs.length === 0) {
        ctx.note?.("the cookie that would keep the visitor's place is not valid, or no longer");
        return undefined;
      }
      const room = failure.facts?.room;
      // Visitors can bring it about: a place in one room must not be worth anything in another one then.
      const isSure = !crowdCodes.includes(failure.code) || scope !== undefined;
      if (room === undefined ? !isSure : !proofs.some((proof) => proof.room === markOf(room))) {
        ctx.note?.("the cookie keeps a place in another waiting room, or perhaps in another one");
        return undefined;
      }
      return { action: "admit", reason: "grace/kept" };
    },

    headers(ctx, _response, { decision, failure }) {
      const { facts } = decision;
      if (failure !== undefined) return undefined;
      const sent = sentBy(ctx);
      if (decision.action === "admit" && facts?.proven !== undefined && !facts.ends) {
        const line = keep(ctx, facts, sent);
        return line === undefined ? undefined : [["set-cookie", line]];
      }
      if (sent.length === 0 || !isOver(ctx, decision, sent)) return undefined;
      return forgotten.slice(0, sent.length).map((line) => ["set-cookie", line]);
    },
  };

  /** Whether the provider took the place away for which the cookies are. */
  function isOver(ctx: Context, { action, facts }: Outcome["decision"], sent: readonly string[]): boolean {
    if (facts?.ends) return true;
    if (action !== "queue") return false;
    const room = facts?.room;
    const proofs = room === undefined ? [] : proofsOf(ctx, sent, subjectOf(ctx));
    return proofs.length === 0 || proofs.some((proof) => proof.room === markOf(room));
  }
}

/** Makes what writes the cookie, and tells the owner once where no browser keeps it. */
function writerOf(
  name: string,
  cookies: GraceCookies,
  attributes: CookieDefaults,
): (ctx: Context, subject: GraceSubject, room: string) => string {
  const watch = cookieWatch((message) => console.warn(message));
  return (ctx, subject, room) => {
    const line = writeCookie(name, cookies.write(subject, room, ctx.now()), attributes);
    watch(ctx, line);
    return line;
  };
}

/** What cookies prove that are still good. Browsers may have one of the host and one of its domain. */
function goodProofs(
  cookies: GraceCookies,
  sent: readonly string[],
  subject: GraceSubject,
  now: number,
  forMs: number,
): readonly GraceProof[] {
  return sent.map((value) => cookies.read(subject, value)).filter((proof) => proof !== undefined)
    .filter(({ provenAtMs }) => now - provenAtMs >= -skewMs && now - provenAtMs < forMs);
}

function scopeOf(ctx: Context, scope: GraceOptions["scope"]): string {
  const asked: unknown = typeof scope === "function" ? atOnce("scope", scope(ctx)) : scope ?? hostOf(ctx);
  if (typeof asked !== "string" || asked.length > maxScope) {
    throw new GateError("internal", `"scope" must return a text of at most ${maxScope} characters`);
  }
  return asked.toWellFormed();
}

function hostOf({ href }: Context): string {
  const start = href.indexOf("//") + 2;
  const authority = href.slice(start, href.indexOf("/", start));
  return authority.slice(authority.lastIndexOf("@") + 1);
}
