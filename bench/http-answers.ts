/**
 * What does a server take for a request with the gate, beside one that gives the same answer without a thought?
 *
 * Each process has both servers, the gated one and a bare one that repeats its answer with all headers. They are loaded in turns.
 *
 * @module
 */

import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { queueIt } from "../plugins/queue-it/mod.ts";
import type { Median, Question, Values } from "./_question.ts";
import { configuration, cookieName, customerId, pageOf, secret, sessionOf } from "./_queue-it.ts";
import { bare, gated, repeating, sideBySide } from "./_side-by-side.ts";

const kinds = {
  refused: "refused: sent to the waiting room",
  prolonged: "inside, a cookie is set",
  inside: "inside, no cookie is set",
  noRoom: "page of no room",
  bypass: "static file bypasses",
} as const;
/** The name of the site, without a port, as browsers ask for one: a URL with a port takes longer to read. */
const host = "shop.example.com";
const page = "x".repeat(500);

const kept = (kind: string) => (median: Median) => median(kind, bare) / median(kind, gated);

/** The question, its variants and its targets. */
export const question: Question = {
  title: "The gate's answers over HTTP",
  unit: "CPU of the server's process, µs a request",
  variants: Object.values(kinds),
  rounds: { full: 2, quick: 1 },
  targets: [
    { claim: "refused, bare server ÷ gate", value: kept(kinds.refused), atLeast: 0.9 },
    { claim: "inside with a cookie to set, bare server ÷ gate", value: kept(kinds.prolonged), atLeast: 0.9 },
    { claim: "page of no room, bare server ÷ gate", value: kept(kinds.noRoom), atLeast: 0.95 },
    { claim: "static bypass, bare server ÷ gate", value: kept(kinds.bypass), atLeast: 0.95 },
  ],
  async measure(kind, isQuick): Promise<Values> {
    const gate = createGate({
      publicHosts: [host],
      plugins: [
        staticFiles({ roots: ["/assets"] }),
        clientIp(),
        cookieTokens(),
        failOpen(),
        queueIt({
          customerId,
          secretKeys: [secret],
          integrationConfig: configuration(20, kind === kinds.prolonged),
        }),
      ],
    }).wrap(application);
    const target = targetOf(kind);
    const headers: Record<string, string> = { cookie: cookiesOf(kind) };
    const answer = await gate(new Request(target, { headers }));
    check(kind, answer);
    return await sideBySide({
      target,
      headers,
      bare: kind === kinds.inside || kind === kinds.noRoom || kind === kinds.bypass
        ? application
        : await repeating(answer),
      gated: gate,
      turns: isQuick ? 3 : 6,
    });
  },
};

function application(_request: Request): Response {
  return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function targetOf(kind: string): string {
  const { pathname, search } = new URL(pageOf(19));
  if (kind === kinds.bypass) return `http://${host}/assets/app.4f3a.js?v=3`;
  // The query alone is what some rooms are about.
  if (kind === kinds.noRoom) return `http://${host}/about/us${search.replace("campaign", "source")}`;
  return `http://${host}${pathname}${search}`;
}

/** Cookies of the application, and of whoever is inside the session between them. */
function cookiesOf(kind: string): string {
  if (kind !== kinds.prolonged && kind !== kinds.inside) return "theme=dark; basket=17";
  const { value } = sessionOf("event19", { visitor: 1, issuedAt: Math.floor(Date.now() / 1000) - 60 });
  return `theme=dark; ${cookieName("event19")}=${encodeURIComponent(value)}; basket=17`;
}

/** What is answered otherwise than it is measured for is not measured. */
function check(kind: string, { status, headers }: Response): void {
  const found = [status, headers.has("set-cookie")].join();
  const expected = [kind === kinds.refused ? 302 : 200, kind === kinds.prolonged].join();
  if (found !== expected) throw new Error(`${kind}: status and cookie were ${found} instead of ${expected}`);
}
