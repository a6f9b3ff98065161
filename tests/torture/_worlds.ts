/** Gates behind which every page is protected, each with a service that is healthy unless it says otherwise. */

import { isIP } from "node:net";
import {
  clientIp,
  cookieTokens,
  createGate,
  failClosed,
  type Gate,
  type GateError,
  type Plugin,
  prefetch,
  preflight,
  problemAnswers,
  staticFiles,
} from "../../mod.ts";
import { storageTokens } from "../../plugins/storage-tokens/mod.ts";
import { crowdhandler, type CrowdhandlerOptions } from "../../plugins/crowdhandler/mod.ts";
import {
  integrationSource,
  pushEndpoint,
  queueIt,
  queueItEvent,
  type QueueItOptions,
  queueTokens,
} from "../../plugins/queue-it/mod.ts";
import { configOf, customerId, integration, trigger } from "../plugins/queue-it/_helpers.ts";
import { publicKey } from "../plugins/crowdhandler/_helpers.ts";
import { excluded, extensions } from "./_invariants.ts";
import {
  address,
  cookiesIn,
  decoded,
  nowMs,
  olderSecret,
  privateKey,
  promotedToken,
  queueItSessions,
  readFreshLink,
  readHybridSession,
  readQueueItSession,
  readQueueItToken,
  room,
  secret,
  sessionName,
  start,
  tokenIn,
  unescaped,
} from "./_proofs.ts";
import type { Input } from "./_requests.ts";

/** A gate and what is known of it. */
export interface World {
  readonly name: string;
  readonly gate: Gate;
  /** Whether it decides without a promise, whatever comes. */
  readonly isSync: boolean;
  /** Whether its visitors come from the connection's address, whatever their headers say. */
  readonly isDirect?: boolean;
  /** Whether it reads bodies. */
  readonly readsBodies?: boolean;
  /** Tells whether an input proves a promotion; it is asked about whoever was admitted, or given a session. */
  proves(input: Input, from: string): boolean;
  /** Tells whether an input may bypass the gate, where more may than what is excluded. */
  mayBypass?(input: Input): boolean;
  /** Tells whether an admission for this reason needs no proof. */
  excuses?(reason: string, input: Input): boolean;
  /** Tells what went wrong aside of the answers, and forgets what was kept. */
  complaint(): string | undefined;
}

/** What a gate found out about a request. */
export interface Finding {
  readonly address: string | undefined;
  readonly reason: string;
}

/** What was found out, by request. */
export const findings: WeakMap<Request, Finding> = new WeakMap();

/** What every gate has: it excludes, finds addresses, tells prefetches apart, and answers programs. */
export function gateOf(
  provider: Plugin,
  options: {
    readonly now?: number;
    readonly policy?: Plugin;
    readonly tokens?: Plugin;
    readonly before?: readonly Plugin[];
    readonly around?: readonly Plugin[];
    readonly trustedProxies?: number | readonly string[];
    readonly header?: string;
    readonly onError?: (error: GateError) => void;
  } = {},
): Gate {
  const { now = nowMs, tokens = cookieTokens(), before = [], around = [], policy = failClosed() } = options;
  const { trustedProxies = 0, header } = options;
  const witness: Plugin = {
    name: "witness",
    headers(ctx, _response, { decision }) {
      findings.set(ctx.request, { address: ctx.address, reason: decision.reason });
      return undefined;
    },
  };
  return createGate({
    plugins: [
      ...around,
      preflight(),
      staticFiles({ extensions, paths: [excluded] }),
      clientIp({ trustedProxies, ...(header === undefined ? {} : { header }), warn() {} }),
      prefetch(),
      tokens,
      ...before,
      policy,
      provider,
      problemAnswers({ allowOrigins: ["https://app.example.com"] }),
      witness,
    ],
    now: () => now,
    onError: options.onError ?? (() => {}),
  });
}

/** The faults of a gate whose service is healthy: there must be none. */
export function watched(): { readonly onError: (error: GateError) => void; complaint(): string | undefined } {
  let first: string | undefined;
  return {
    onError: (error) => void (first ??= `${error.message}: ${String(error.cause)}`),
    complaint() {
      const said = first;
      first = undefined;
      const wrong = complaints.splice(0)[0];
      return said === undefined ? wrong : `a visitor caused the fault "${said}" ${wrong ?? ""}`;
    },
  };
}

/** CrowdHandler's API: whoever is not known to be promoted waits. What it is asked must be in order. */
export function api(): typeof fetch {
  const rooms = JSON.stringify({ result: [{ ...room, patternType: "all", checkout: "^/thanks" }] });
  return (input, init = {}) => Promise.resolve(answer(String(input), init));

  function answer(called: string, init: RequestInit): Response {
    const url = new URL(called);
    if (called.length > 16_384) complaints.push(`the API was asked for a URL of ${called.length} characters`);
    const [, version, kind, id, ...more] = url.pathname.split("/");
    if (version !== "v1" || more.length > 0) throw new TypeError(`the path ${url.pathname} was asked for`);
    if (kind === "rooms") return new Response(rooms);
    if (kind === "responses") return new Response('{"result":{}}');
    const asked = id === undefined
      // The provider writes it.
      ? JSON.parse(String(init.body)) as Record<string, string>
      : Object.fromEntries(url.searchParams);
    const fault = faultOf(asked);
    if (fault !== undefined) return new Response(JSON.stringify({ error: fault }), { status: 400 });
    const promoted = id === promotedToken ? 1 : 0;
    const token = id ?? "tok_given";
    return new Response(
      JSON.stringify({ result: { status: 1, promoted, token, slug: room.slug, responseID: "r1" } }),
    );
  }

  /** What is wrong with a call. Who sends no user agent is refused, which the provider must cope with. */
  function faultOf({ url = "", ip, agent }: Record<string, string | undefined>): string | undefined {
    if (agent === undefined) return "an agent is needed";
    const page = URL.parse(url);
    // Names of its parameters are compared as they are written, and it is told the canonical URL: one that was escaped is left.
    if (page?.origin === "https://shop.example.com" && (ip === undefined || isIP(ip) !== 0)) return undefined;
    complaints.push(`the API was asked about ${url} of ${ip}`);
    return "wrong";
  }
}

/** What the service has to reportToConsole of. */
const complaints: string[] = [];

function crowd(name: string, options: Partial<CrowdhandlerOptions>): World {
  const { onError, complaint } = watched();
  const provider = crowdhandler({
    publicKey,
    publicHosts: ["shop.example.com"],
    fetch: api(),
    random: () => 0.5,
    performance: { sample: 1 },
    warn() {},
    ...options,
  });
  const gate = gateOf(provider, { now: start, onError, trustedProxies: 1 });
  return {
    name,
    gate,
    isSync: false,
    complaint,
    proves(input) {
      const { url } = input.request;
      if (unescaped(`${url} ${input.cookie ?? ""}`).includes(promotedToken)) return true;
      if (options.mode !== "hybrid") return false;
      const cookies = input.request.headers.get("cookie");
      const query = url.slice(url.indexOf("?") + 1);
      return ["crowdhandler", "ch-id"].flatMap((name) => [...cookiesIn(cookies, name), undefined]).some((
        cookie,
      ) => readHybridSession(cookie) !== undefined || readFreshLink(query, tokenIn(cookie)) !== undefined);
    },
  };
}

/** Whether a session or a token opens the door of Queue-it's room. */
export function provesQueueIt({ request }: Input, from: string): boolean {
  const cookies = cookiesIn(request.headers.get("cookie"), sessionName);
  if (cookies.some((cookie) => readQueueItSession(cookie, from) !== undefined)) return true;
  const tokens = request.url.split(/[?&#]/).filter((part) => /^queueittoken=/i.test(part));
  const header = request.headers.get("x-queueittoken") ?? "";
  return [...tokens.map((part) => part.slice(13)), header].some((text) =>
    readQueueItToken(decoded(text), from) !== undefined
  );
}

const everywhere = configOf(integration({ ExtendCookieValidity: true, Triggers: [trigger("*")] }));
const queueItOptions: QueueItOptions = {
  customerId,
  secretKeys: [secret, olderSecret],
  integrationConfig: everywhere,
  onConfiguration() {},
  ajaxHosts: ["shop.example.com"],
};

function queue(
  name: string,
  make: () => Plugin,
  more: Partial<World> & Parameters<typeof gateOf>[1] = {},
): World {
  const { onError, complaint } = watched();
  return {
    name,
    gate: gateOf(make(), { ...more, onError }),
    isSync: true,
    isDirect: more.trustedProxies === undefined,
    complaint,
    proves: provesQueueIt,
    ...("proves" in more || "isSync" in more ? more : {}),
  };
}

/** All of them. */
export function worlds(): readonly World[] {
  const stored = new Map<string, string>();
  const storedId = "AAAAAAAAAAAAAAAAAAAAAA";
  const restore = () => {
    stored.clear();
    stored.set(`stanchion:${storedId}:+`, "~");
    stored.set(`stanchion:${storedId}:${sessionName}`, `~${queueItSessions[0]}`);
  };
  restore();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  };
  const source = integrationSource();
  source.deliver(JSON.stringify(everywhere));
  return [
    queue("queue-it", () => queueIt(queueItOptions)),
    queue("queue-it, one event", () =>
      queueItEvent({
        customerId,
        secretKeys: [secret, olderSecret],
        eventId: "event1",
        queueDomain: "ticketania.queue-it.net",
        tokenHeader: true,
        ajaxHosts: ["shop.example.com"],
        platform: { name: "test", version: "1" },
        cookieHttpOnly: true,
        cookieSecure: true,
      }), { trustedProxies: ["82.192.0.0/16", "loopback"], header: "forwarded" }),
    queue("queue-it, stored tokens", () => queueIt(queueItOptions), {
      tokens: storageTokens({ storage }),
      isSync: true,
      proves(input, from) {
        restore();
        return cookiesIn(input.request.headers.get("cookie"), "__Host-stanchion").includes(storedId) ||
          provesQueueIt(input, from);
      },
    }),
    queue("queue-it, pushed to", () => queueIt({ ...queueItOptions, integrationConfig: source }), {
      before: [pushEndpoint({ secretKeys: [secret], source, timeoutMs: 5 })],
      isSync: false,
      readsBodies: true,
    }),
    queue(
      "queue-it, enqueue tokens",
      () => queueIt({ ...queueItOptions, enqueueToken: queueTokens({ customerId, secretKey: secret }) }),
      { isSync: false },
    ),
    crowd("crowdhandler, full", {}),
    crowd("crowdhandler, full, cleaned after the check", {
      cleanUrl: "after-check",
      loopGuard: true,
      checkout: true,
    }),
    crowd("crowdhandler, hybrid", { mode: "hybrid", privateKey }),
    crowd("crowdhandler, lite", { mode: "hybrid", privateKey, lite: true }),
  ];
}

/** The address of the connection of every visitor. */
export const connection = { remoteAddr: { hostname: address } };
