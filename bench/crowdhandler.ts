/**
 * How much CPU does a decision take beside CrowdHandler's SDK, and how many are made a second, with its API on the loopback?
 *
 * Ours is the whole gate, from request to response. `crowdhandler-sdk` 2.5.0 is used as its README shows, with
 * Express-like objects that cost next to nothing, up to the result of `validateRequest`. The API answers at once and
 * runs in a process of its own, whose CPU does not count. All of them decide in turns in one process, and the median of the turns
 * counts.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { clientIp, cookieTokens, createGate, failClosed } from "../mod.ts";
import { crowdhandler, type CrowdhandlerOptions } from "../plugins/crowdhandler/mod.ts";
import { privateKey, publicKey, sessionCookie, token } from "./_crowdhandler.ts";
import { nodeFetch } from "./_node-fetch.ts";
import { inTurns, type Median, middle, type Question, type Target, type Values } from "./_question.ts";
import { ownCpuUs } from "./_turns.ts";

const kinds = {
  known: "full, known visitor",
  new: "full, new visitor",
  seen: "hybrid, seen before",
  unseen: "hybrid, not seen before",
} as const;
type Kind = typeof kinds[keyof typeof kinds];
const ours = "ours";
const sdk = "crowdhandler-sdk 2.5.0";
/** Ours with a `fetch` that an application on Node may give it. */
const overHttp = "ours, over node:http";
/** What no integration on `fetch` can do without in full mode. */
const fetchAlone = "fetch alone";
/** What all of a gate takes but its call of the service. */
const answeredAtOnce = "ours, with a fetch that answers at once";
const url = "https://shop.example.com/tickets/quartet?from=poster";
const agent = "Mozilla/5.0 (X11; Linux x86_64) bench/1.0";
/** More visitors than anybody remembers. */
const visitors = 4096;
/** How many decisions are under way at a time. */
const lanes = 8;
const cpuOf = (name: string) => `${name}: CPU, µs a decision`;
const rateOf = (name: string) => `${name}: decisions a second`;

/** What one takes in full mode, by what the SDK takes. */
function cpu(kind: Kind): Pick<Target, "value" | "floor"> {
  const of = (name: string) => (median: Median) => median(kind, cpuOf(name)) / median(kind, cpuOf(sdk));
  return { value: of(ours), floor: { of: "the platform's fetch alone", value: of(fetchAlone) } };
}
const rate = (kind: Kind) => (median: Median) => median(kind, rateOf(ours)) / median(kind, rateOf(sdk));

/** The question, its variants and its targets. */
export const question: Question = {
  title: "CrowdHandler",
  unit: "as each case says",
  variants: Object.values(kinds),
  rounds: { full: 2, quick: 1 },
  targets: [
    {
      claim: "full mode, known visitor: CPU per decision, ours ÷ SDK",
      ...cpu(kinds.known),
      atMost: 0.25,
    },
    {
      claim: "full mode, new visitor: CPU per decision, ours ÷ SDK",
      ...cpu(kinds.new),
      atMost: 0.25,
    },
    {
      claim: "hybrid, visitor seen before: decisions per second, ours ÷ SDK",
      value: rate(kinds.seen),
      atLeast: 20,
    },
    {
      claim: "hybrid, visitor not seen before: decisions per second, ours ÷ SDK",
      value: rate(kinds.unseen),
      atLeast: 20,
    },
  ],
  async measure(kind, isQuick): Promise<Values> {
    const api = await startApi();
    try {
      return await mediansOf(await decisionsOf(kind, api.url), isQuick);
    } finally {
      api.stop();
    }
  },
};

type Mode = "full" | "hybrid";
type Decide = (visitor: number) => unknown;

/** What decides, by its name. */
async function decisionsOf(kind: string, apiUrl: string): Promise<Readonly<Record<string, Decide>>> {
  const mode = kind === kinds.known || kind === kinds.new ? "full" : "hybrid";
  const cookies = cookiesOf(kind);
  const both = { [ours]: await oursOf(mode, apiUrl, cookies, {}), [sdk]: await sdkOf(mode, apiUrl, cookies) };
  if (mode === "hybrid") return both;
  const isNode = !("navigator" in globalThis) || /^Node/.test(navigator.userAgent);
  return {
    ...both,
    ...(isNode && { [overHttp]: await oursOf(mode, apiUrl, cookies, { fetch: nodeFetch }) }),
    [answeredAtOnce]: await oursOf(mode, apiUrl, cookies, { fetch: await repeatingFetch(apiUrl) }),
    [fetchAlone]: fetchOf(apiUrl, kind),
  };
}

function cookiesOf(kind: string): readonly string[] {
  const now = Date.now();
  const many = (make: (visitor: number) => string) => Array.from({ length: visitors }, (_, at) => make(at));
  switch (kind) {
    case kinds.known:
      return many(token);
    case kinds.seen:
      return [sessionCookie(0, now)];
    case kinds.unseen:
      return many((at) => sessionCookie(at, now));
    default:
      return [""];
  }
}

/** A `fetch` that has the answer already. */
async function repeatingFetch(apiUrl: string): Promise<() => Promise<Response>> {
  const answer = await fetch(`${apiUrl}/v1/requests/${token(0)}`);
  const headers = Object.fromEntries(answer.headers);
  const text = await answer.text();
  return () => Promise.resolve(new Response(text, { headers }));
}

async function oursOf(
  mode: Mode,
  apiUrl: string,
  cookies: readonly string[],
  more: Pick<CrowdhandlerOptions, "fetch">,
): Promise<Decide> {
  const page = new Response("page");
  const gate = createGate({
    plugins: [
      clientIp({ trustedProxies: 1 }),
      cookieTokens(),
      failClosed(),
      crowdhandler({
        publicKey,
        apiUrl,
        publicHosts: ["shop.example.com"],
        performance: { sample: 0 },
        ...(mode === "hybrid" ? { mode, privateKey } : {}),
        ...more,
      }),
    ],
  }).wrap((_request: Request) => page);
  const headers = { "user-agent": agent, "accept-language": "en", "x-forwarded-for": "198.51.100.23" };
  // Made beforehand, as the objects of the SDK cost next to nothing either.
  const requests = cookies.map((cookie) => {
    const session = cookie === "" ? "" : `; crowdhandler=${encodeURIComponent(cookie)}`;
    return new Request(url, { headers: { ...headers, cookie: `theme=dark${session}` } });
  });
  const decide = (visitor: number) => {
    const request = requests[visitor % requests.length];
    if (request === undefined) throw new Error("There is no request");
    return gate(request);
  };
  const answer = await decide(0);
  if (answer.status !== 200) throw new Error("Ours does not promote");
  return decide;
}

function fetchOf(apiUrl: string, kind: string): Decide {
  const headers = { "x-api-key": publicKey, "content-type": "application/json" };
  const query = new URLSearchParams({ url, ip: "198.51.100.23", agent, lang: "en" });
  const body = JSON.stringify(Object.fromEntries(query));
  return async (visitor) => {
    const response = kind === kinds.new
      ? await fetch(`${apiUrl}/v1/requests`, { method: "POST", headers, body })
      : await fetch(`${apiUrl}/v1/requests/${token(visitor % visitors)}?${query}`, { headers });
    return await response.json();
  };
}

async function sdkOf(mode: Mode, apiUrl: string, cookies: readonly string[]): Promise<Decide> {
  const name: string = "crowdhandler-sdk";
  const { init } = await import(name);
  const { pathname, search } = new URL(url);
  const decide = async (visitor: number) => {
    const cookie = cookies[visitor % cookies.length] ?? "";
    const session = cookie === "" ? "" : `; crowdhandler=${encodeURIComponent(cookie)}`;
    const headers: Readonly<Record<string, string>> = {
      host: "shop.example.com",
      cookie: `theme=dark${session}`,
      "user-agent": agent,
      "accept-language": "en",
    };
    const get = (name: string) => headers[name.toLowerCase()];
    const request = {
      header: get,
      get,
      headers,
      protocol: "https",
      originalUrl: pathname + search,
      ip: "198.51.100.23",
    };
    const response = { setHeader() {}, end() {} };
    const options = { mode, apiUrl, trustOnFail: false };
    const { gatekeeper } = init({ publicKey, privateKey, request, response, options });
    return await gatekeeper.validateRequest();
  };
  const { promoted } = await decide(0);
  if (!promoted) throw new Error("The SDK does not promote");
  return decide;
}

/**
 * Decides in several lanes, each way for a while in its turn, after a while to warm up: engines compile in threads whose CPU counts,
 * which would be as much as half of a second's.
 */
async function mediansOf(ways: Readonly<Record<string, Decide>>, isQuick: boolean): Promise<Values> {
  const [warmMs, turns, turnMs] = isQuick ? [1000, 12, 50] : [2500, 36, 50];
  const all = Object.entries(ways);
  for (const [, decide] of all) await phase(decide, warmMs);
  const taken: Record<string, number[]> = {};
  for (const [, [name, decide]] of inTurns(all, turns)) {
    const cpuUs = ownCpuUs();
    const start = performance.now();
    const count = await phase(decide, turnMs);
    const seconds = (performance.now() - start) / 1000;
    const micros = (ownCpuUs() - cpuUs) / count;
    (taken[cpuOf(name)] ??= []).push(micros);
    (taken[rateOf(name)] ??= []).push(count / seconds);
  }
  return Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, middle(values)]));
}

async function phase(decide: Decide, budgetMs: number): Promise<number> {
  const end = performance.now() + budgetMs;
  let count = 0;
  await Promise.all(Array.from({ length: lanes }, async () => {
    // One that is there at once is waited for as well: between two requests a server comes to what was put off to the end of the turn, and keeps
    // nothing of the one before.
    while (performance.now() < end) await decide(count++);
  }));
  return count;
}

/** The API runs on Node, whatever is measured. */
async function startApi(): Promise<{ readonly url: string; stop(): void }> {
  const node = process.env["BENCH_NODE"] ?? "node";
  const child = spawn(node, [fileURLToPath(new URL("_api.ts", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk) => resolve(String(chunk).trim()));
    child.once("exit", () => reject(new Error("The API ended before it listened")));
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill() };
}
