/**
 * What does a server take for a request with the gate, beside one that gives the same answer without a thought?
 *
 * Each process has three servers: the gated one, a bare one that repeats its answer with all headers, and a bare one that first reads and checks what
 * no gate can do without. They are loaded in turns.
 *
 * @module
 */

import { clientIp, cookieTokens, createGate, failOpen, type Gate, staticFiles } from "../mod.ts";
import { queueIt } from "../plugins/queue-it/mod.ts";
import { createSigner } from "../src/crypto/signer.ts";
import type { Question, Values } from "./_question.ts";
import { configuration, cookieName, customerId, pageOf, rooms, secret, sessionOf } from "./_queue-it.ts";
import { keeps, reading, repeating, sideBySide } from "./_side-by-side.ts";

/** The kinds of requests. */
export const kinds = {
  refused: "refused: sent to the waiting room",
  prolonged: "inside, a cookie is set",
  inside: "inside, no cookie is set",
  noRoom: "page of no room",
  bypass: "static file bypasses",
} as const;
/** The name of the site, without a port, as browsers ask for one: a URL with a port takes longer to read. */
export const host = "shop.example.com";
/** The application's page. */
export const page = "x".repeat(500);

/** The question, its variants and its targets. */
export const question: Question = {
  title: "The gate's answers over HTTP",
  unit: "CPU of the server's process, µs a request",
  variants: Object.values(kinds),
  rounds: { full: 2, quick: 1 },
  targets: [
    keeps({
      kind: kinds.refused,
      claim: "refused, bare server ÷ gate",
      atLeast: 0.9,
      floor:
        "a bare server that reads URL and cookie, looks once for 20 rooms in the URL, and names the page to come back to",
    }),
    keeps({
      kind: kinds.prolonged,
      claim: "inside with a cookie to set, bare server ÷ gate",
      atLeast: 0.9,
      floor:
        "a bare server that reads URL and cookie, checks one HMAC, makes another, and adds a cookie to its page",
    }),
    keeps({
      kind: kinds.noRoom,
      claim: "page of no room, bare server ÷ gate",
      atLeast: 0.95,
      floor: "a bare server that reads URL and cookie, and looks once for 20 rooms in the URL",
    }),
    keeps({
      kind: kinds.bypass,
      claim: "static bypass, bare server ÷ gate",
      atLeast: 0.95,
      floor: "a bare server that reads the URL, and passes once over the headers",
    }),
  ],
  async measure(kind, isQuick): Promise<Values> {
    const gate = gateOf(kind).wrap(application);
    const target = targetOf(kind);
    const headers: Record<string, string> = { cookie: cookiesOf(kind) };
    const answer = await gate(new Request(target, { headers }));
    check(kind, answer);
    const bare = kind === kinds.inside || kind === kinds.noRoom || kind === kinds.bypass
      ? application
      : await repeating(answer);
    return await sideBySide({
      target,
      headers,
      bare,
      gated: gate,
      needed: floorOf(kind, bare, answer),
      seconds: isQuick ? 2 : 6,
    });
  },
};

/** A gate with all that the README puts in front of Queue-it. */
export function gateOf(kind: string): Gate {
  return createGate({
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
  });
}

function application(_request: Request): Response {
  return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
}

/** The least that a gate has to do for a request, in front of the answer that it comes to. */
function floorOf(kind: string, bare: Handler, { status, headers }: Response): Handler {
  if (kind === kinds.bypass) return (request) => isPage(request) ? new Response() : bare(request);
  if (kind === kinds.prolonged) return reading(prolonging(headers.get("set-cookie") ?? ""));
  if (kind === kinds.noRoom) {
    return reading((request) => rooms.test(request.url) ? new Response() : bare(request));
  }
  if (kind !== kinds.refused) return reading(bare);
  const fields = Object.fromEntries(headers);
  // Browsers come by https, whatever the server itself hears.
  const spelled = (url: string) => encodeURIComponent(`https${url.slice("http".length)}`);
  const [before, after] = fields["location"]?.split(spelled(targetOf(kind))) ?? [];
  if (after === undefined) throw new Error(`The page is not in ${fields["location"]}`);
  return reading(({ url }) => {
    if (!rooms.test(url)) return new Response();
    fields["location"] = before + spelled(url) + after;
    return new Response(null, { status, headers: fields });
  });
}

/** What a client router asks for looks like a file, but for a header that no file is asked for with. */
function isPage({ url, headers }: Request): boolean {
  let isOne = url.endsWith("/");
  headers.forEach((_value, name) => {
    if (name === "rsc") isOne = true;
  });
  return isOne;
}

type Handler = (request: Request) => Response;

/** The least that prolongs a session: one hash checked, one made, and the application's answer with one more header. */
function prolonging(cookie: string): Handler {
  const signer = createSigner([secret]);
  const { message, hash } = sessionOf("event19", { visitor: 1, issuedAt: 1_800_000_000 });
  return (request) => {
    if (!signer.verifies(message, hash)) return new Response();
    const answer = application(request);
    answer.headers.append("set-cookie", signer.sign(message) === "" ? "" : cookie);
    return answer;
  };
}

/** What is asked for. */
export function targetOf(kind: string): string {
  const { pathname, search } = new URL(pageOf(19));
  if (kind === kinds.bypass) return `http://${host}/assets/app.4f3a.js?v=3`;
  // The query alone is what some rooms are about.
  if (kind === kinds.noRoom) return `http://${host}/about/us${search.replace("campaign", "source")}`;
  return `http://${host}${pathname}${search}`;
}

/** Cookies of the application, and of whoever is inside the session between them. */
export function cookiesOf(kind: string): string {
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
