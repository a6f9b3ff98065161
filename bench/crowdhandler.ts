/**
 * How many decisions per second, and how much CPU for each, with CrowdHandler's API on the loopback?
 *
 * Ours is the whole gate, from request to response. `crowdhandler-sdk` 2.5.0 is used as its README shows, with
 * Express-like objects that cost next to nothing, up to the result of `validateRequest`. The API answers at once and
 * runs in a process of its own, whose CPU does not count.
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
import { budgetOf, type Median, type Question, type Target, type Values } from "./_question.ts";

const ours = "ours";
const sdk = "crowdhandler-sdk 2.5.0";
/** Ours with a `fetch` that an application on Node may give it. */
const overHttp = "ours, over node:http";
/** What no integration on `fetch` can do without in full mode. */
const fetchAlone = "fetch alone";
const url = "https://shop.example.com/tickets/quartet?from=poster";
const agent = "Mozilla/5.0 (X11; Linux x86_64) bench/1.0";
/** More visitors than anybody remembers. */
const visitors = 4096;
/** How many decisions are under way at a time. */
const lanes = 8;

/** What one takes in full mode, by what the SDK takes. */
function cpu(state: string): Pick<Target, "value" | "floor"> {
  const at = `full, ${state}: µs of CPU per decision`;
  const of = (name: string) => (median: Median) => median(name, at) / median(sdk, at);
  return { value: of(ours), floor: { of: "the platform's fetch alone", value: of(fetchAlone) } };
}
const rate = (state: string) => (median: Median) =>
  median(ours, `hybrid, ${state}: decisions per second`) /
  median(sdk, `hybrid, ${state}: decisions per second`);

/** The question, its variants and its targets. */
export const question: Question = {
  title: "CrowdHandler",
  unit: "as each case says",
  variants: [ours, overHttp, sdk, fetchAlone],
  rounds: { full: 2, quick: 1 },
  targets: [
    {
      claim: "full mode, known visitor: CPU per decision, ours ÷ SDK",
      ...cpu("warm"),
      atMost: 0.25,
    },
    {
      claim: "full mode, new visitor: CPU per decision, ours ÷ SDK",
      ...cpu("cold"),
      atMost: 0.25,
    },
    {
      claim: "hybrid, visitor seen before: decisions per second, ours ÷ SDK",
      value: rate("warm"),
      atLeast: 20,
    },
    {
      claim: "hybrid, visitor not seen before: decisions per second, ours ÷ SDK",
      value: rate("cold"),
      atLeast: 20,
    },
  ],
  async measure(variant, isQuick): Promise<Values> {
    if (variant === overHttp && "navigator" in globalThis && !/^Node/.test(navigator.userAgent)) return {};
    const api = await startApi();
    try {
      const values: Record<string, number> = {};
      for (const mode of ["full", "hybrid"] as const) {
        for (const state of ["cold", "warm"] as const) {
          if ((variant === fetchAlone || variant === overHttp) && mode === "hybrid") continue;
          const cookies = cookiesOf(mode, state);
          const decide = variant === ours || variant === overHttp
            ? await oursOf(mode, api.url, cookies, variant === overHttp ? { fetch: nodeFetch } : {})
            : variant === fetchAlone
            ? fetchOf(api.url, state)
            : await sdkOf(mode, api.url, cookies);
          const { perSecond, cpuMicros } = await load(decide, budgetOf(isQuick) * 10);
          values[`${mode}, ${state}: decisions per second`] = perSecond;
          values[`${mode}, ${state}: µs of CPU per decision`] = cpuMicros;
        }
      }
      return values;
    } finally {
      api.stop();
    }
  },
};

type Mode = "full" | "hybrid";
type Decide = (visitor: number) => unknown;

/** Cold is a new visitor in full mode, and one who was not seen before in hybrid mode. */
function cookiesOf(mode: Mode, state: "cold" | "warm"): readonly string[] {
  if (mode === "full") {
    return state === "cold" ? [""] : Array.from({ length: visitors }, (_, at) => token(at));
  }
  const now = Date.now();
  return Array.from({ length: state === "cold" ? visitors : 1 }, (_, at) => sessionCookie(at, now));
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

function fetchOf(apiUrl: string, state: "cold" | "warm"): Decide {
  const headers = { "x-api-key": publicKey, "content-type": "application/json" };
  const query = new URLSearchParams({ url, ip: "198.51.100.23", agent, lang: "en" });
  const body = JSON.stringify(Object.fromEntries(query));
  return async (visitor) => {
    const response = state === "cold"
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
 * Decides in several lanes for a while, after as long to warm up: engines compile in threads whose CPU counts, which
 * would be as much as half of a second's.
 */
async function load(decide: Decide, budgetMs: number) {
  await phase(decide, budgetMs);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const count = await phase(decide, budgetMs);
  const seconds = (performance.now() - start) / 1000;
  // The difference is taken here: not every runtime takes it in `cpuUsage`.
  const { user, system } = process.cpuUsage();
  return { perSecond: count / seconds, cpuMicros: (user - cpu.user + system - cpu.system) / count };
}

async function phase(decide: Decide, budgetMs: number): Promise<number> {
  const end = performance.now() + budgetMs;
  let count = 0;
  await Promise.all(Array.from({ length: lanes }, async () => {
    while (performance.now() < end) {
      const result = decide(count++);
      // A decision that is there at once is not waited for.
      if (result instanceof Promise) await result;
    }
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
