import { createHash } from "node:crypto";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { crowdhandler, type CrowdhandlerOptions } from "../../../plugins/crowdhandler/mod.ts";
import { failClosed, failOpen, type FailOptions } from "../../../plugins/failure-policy/failure-policy.ts";
import type { Decision } from "../../../src/decision.ts";
import type { GateError } from "../../../src/errors.ts";
import { createGate, type Gate } from "../../../src/gate.ts";
import type { GateOptions } from "../../../src/gate-options.ts";
import type { Mode } from "../../../src/mode.ts";
import type { Plugin } from "../../../src/plugin.ts";

export const publicKey = "9f2c7c1d5b0e4a6f8d3b2a1908f7e6d5c4b3a2918070605f4e3d2c1b0a998877";
export const privateKey = "priv_3b1f0c9a7d5e42668f10aa55cc77ee99";
export const site = "https://shop.example.com";
export const token = "tok_7pDi5dRB2nUi";
export const other = "tok_6ihQ7XNw0GmS";
export const start: number = Date.parse("2030-01-15T12:00:00Z");
export const room = {
  domain: "https://shop.example.com",
  slug: "queen-victoria-hall",
  patternType: "contains",
  urlPattern: "/tickets",
  queueActivatesOn: "2029-12-01T09:00:00Z",
  timeout: 20,
};
export const promoted = {
  status: 1,
  promoted: 1,
  token,
  slug: "queen-victoria-hall",
  responseID: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
};
export const queued = { ...promoted, promoted: 0, position: 648 };

/** What the provider asked of the service. */
export interface Call {
  readonly method: string;
  readonly url: string;
  /** Behind `/v1/`, still encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  readonly redirect: string | undefined;
}

type Answer = object | ((call: Call) => Response | Promise<Response>);

/** What the service answers: a `result`, or a function that makes the whole response. */
export interface Answers {
  readonly requests?: Answer;
  readonly rooms?: Answer;
  readonly responses?: Answer;
}

export interface BenchOptions {
  readonly options?: Partial<CrowdhandlerOptions>;
  readonly answers?: Answers;
  /** Before the provider; cookies and an open policy by default. */
  readonly plugins?: readonly Plugin[];
  readonly policy?: "open" | "closed" | FailOptions;
  readonly mode?: Mode;
  /** Further options of the gate. */
  readonly gate?: Pick<GateOptions, "caseSensitive">;
  /** The visitor's address, as the platform tells it; by default it does not. */
  readonly address?: string;
}

export interface Visit {
  readonly response: Response;
  readonly decision: Decision | undefined;
  readonly served: boolean;
  readonly location: string;
  /** The cookies that the response sets, decoded. */
  readonly cookies: Readonly<Record<string, string>>;
}

export interface Bench {
  readonly gate: Gate;
  readonly calls: Call[];
  readonly errors: GateError[];
  readonly warnings: string[];
  readonly clock: { now: number };
  /** Decides about a request and may be synchronous. */
  handle(request: Request): Response | Promise<Response>;
  visit(path: string, init?: RequestInit & { readonly cookie?: string }): Promise<Visit>;
}

/** A gate in front of a small page, with a service that answers in the same process. */
export function benchOf(setup: BenchOptions = {}): Bench {
  const { options = {}, answers = {}, policy = "open", mode = "enforce", address = "" } = setup;
  const calls: Call[] = [];
  const errors: GateError[] = [];
  const warnings: string[] = [];
  const clock = { now: start };
  const decisions = new WeakMap<Request, Decision>();
  const served = new WeakSet<Request>();
  const fail = policy === "closed" ? failClosed() : policy === "open" ? failOpen() : failOpen(policy);
  const gate = createGate({
    ...setup.gate,
    plugins: [
      ...setup.plugins ?? [cookieTokens()],
      fail,
      {
        name: "observer",
        settled(ctx, outcome) {
          decisions.set(ctx.request, outcome.decision);
        },
      },
      crowdhandler({
        publicKey,
        publicHosts: ["shop.example.com"],
        fetch: fakeFetch(answers, calls),
        random: () => 0.5,
        warn: (message) => warnings.push(message),
        ...options,
      }),
    ],
    mode,
    now: () => clock.now,
    onError: (error) => errors.push(error),
  });
  const handle = gate.wrap((request: Request, _info?: unknown): Response | Promise<Response> => {
    served.add(request);
    return new Response("page");
  });
  return {
    gate,
    calls,
    errors,
    warnings,
    clock,
    handle,
    async visit(path, { cookie, ...init } = {}) {
      const headers = new Headers(init.headers);
      if (cookie !== undefined) headers.set("cookie", cookie);
      const request = new Request(path.startsWith("/") ? site + path : path, { ...init, headers });
      const response = await handle(request, { remoteAddr: { hostname: address } });
      await gate.idle();
      return {
        response,
        decision: decisions.get(request),
        served: served.has(request),
        location: response.headers.get("location") ?? "",
        cookies: cookiesOf(response),
      };
    },
  };
}

/** A bench in hybrid mode, with one room. */
export function hybridBench(setup: BenchOptions = {}): Bench {
  return benchOf({
    ...setup,
    options: { mode: "hybrid", privateKey, ...setup.options },
    answers: { rooms: [room], ...setup.answers },
  });
}

/** A `fetch` that answers in the same process. */
export function fakeFetch(answers: Answers, calls: Call[] = []): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const url = new URL(String(input));
    const path = url.pathname.replace(/^.*?\/v1\//, "");
    const call: Call = {
      method: init.method ?? "GET",
      url: url.href,
      path,
      query: Object.fromEntries(url.searchParams),
      body: typeof init.body === "string" ? JSON.parse(init.body) : {},
      headers: new Headers(init.headers),
      signal: init.signal ?? new AbortController().signal,
      redirect: init.redirect,
    };
    calls.push(call);
    const kind = path.split("/")[0];
    const answer = kind === "rooms"
      ? answers.rooms ?? []
      : kind === "responses"
      ? answers.responses ?? {}
      : answers.requests ?? promoted;
    return await (typeof answer === "function" ? answer(call) : json(answer));
  };
}

export function json(result: unknown): Response {
  return Response.json({ result });
}

export function cookiesOf(response: Response): Record<string, string> {
  const cookies: Record<string, string> = {};
  for (const line of response.headers.getSetCookie()) {
    const [pair = ""] = line.split(";");
    const equals = pair.indexOf("=");
    cookies[pair.slice(0, equals)] = decodeURIComponent(pair.slice(equals + 1));
  }
  return cookies;
}

export function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The signature that the service would give. */
export function signature(
  visitor: string = token,
  gen: string = requested,
  slug: string = room.slug,
): string {
  return hash(hash(privateKey) + slug + room.queueActivatesOn + visitor + gen);
}

export const requested = "2030-01-15T11:59:30Z";

/** The parts of a hybrid cookie that are signed. */
export interface Parts {
  readonly token: string;
  readonly touched: string;
  readonly touchedSig: string;
  readonly gen: string;
  readonly sig: string;
}

export function validParts(visitor: string = token, touched: number = start - 60_000): Parts {
  return {
    token: visitor,
    touched: String(touched),
    touchedSig: hash(hash(privateKey) + touched),
    gen: requested,
    sig: signature(visitor),
  };
}

/** The cookie header of a visitor with these parts. */
export function hybridCookie(parts: Parts = validParts()): string {
  const { gen, sig, touchedSig } = parts;
  const text = `{"integration":"JSDK","tokens":[{"token":${JSON.stringify(parts.token)},` +
    `"touched":${parts.touched},"touchedSig":${JSON.stringify(touchedSig)},` +
    `"signatures":${JSON.stringify([{ gen, sig }])}}]}`;
  return `crowdhandler=${encodeURIComponent(text)}`;
}

/** Everything that a fault says, its causes included. */
export function saidBy(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const own = Object.getOwnPropertyNames(error).filter((name) => name !== "stack");
  return own.map((name) => `${name}: ${saidBy(Reflect.get(error, name))}`).join("\n");
}
