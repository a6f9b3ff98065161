/**
 * What is left of a server's throughput, and what becomes of its latency, with the gate in front of the handler? And
 * how much processor time does the server take for a request, which other work on the machine changes far less?
 *
 * The server of each runtime answers a known visitor with a short page, on the loopback, with one connection and with
 * many. The load comes from wrk, or from autocannon where wrk is not installed.
 *
 * @module
 */

import process from "node:process";
import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { queueIt } from "../plugins/queue-it/mod.ts";
import type { Median, Question, Target, Values } from "./_question.ts";
import { configuration, cookieName, customerId, pageOf, secret, sessionOf } from "./_queue-it.ts";
import { listen, load } from "./_server.ts";

const bare = "bare server";
/** What no gate can do without, and what servers do only when asked: making the URL and the headers. */
const reading = "server that reads URL and cookie";
const gated = "with the gate";
const connections = [1, 64];

/** What becomes of a figure of the bare server. */
function ratio(at: string): Pick<Target, "value" | "floor"> {
  const of = (name: string) => (median: Median) => median(name, at) / median(bare, at);
  return { value: of(gated), floor: { of: "a bare server that reads URL and cookie", value: of(reading) } };
}

/** The question, its variants and its targets. */
export const question: Question = {
  title: "HTTP",
  unit: "as each case says",
  variants: [bare, reading, gated],
  rounds: { full: 2, quick: 1 },
  targets: connections.flatMap((count) => {
    const name = namesOf(count);
    return [
      { claim: `${name.rate}, with the gate ÷ bare`, ...ratio(name.rate), atLeast: 0.97 },
      { claim: `${name.p99}, with the gate ÷ bare`, ...ratio(name.p99), atMost: 1.05 },
    ];
  }),
  async measure(variant, isQuick): Promise<Values> {
    const port = await listen(variant === gated ? gate() : variant === reading ? reader : handler);
    const { value } = sessionOf("event19", { visitor: 1, issuedAt: Math.floor(Date.now() / 1000) - 60 });
    const headers = {
      cookie: `theme=dark; ${cookieName("event19")}=${encodeURIComponent(value)}; basket=17`,
    };
    const { pathname, search } = new URL(pageOf(19));
    const values: Record<string, number> = {};
    for (const count of connections) {
      const name = namesOf(count);
      const target = `http://127.0.0.1:${port}${pathname}${search}`;
      // The first load compiles the server's code.
      if (count === connections[0]) await load(target, { headers, connections: 16, seconds: 1 });
      const before = process.cpuUsage();
      const found = await load(target, { headers, connections: count, seconds: isQuick ? 1 : 2 });
      // Of this process alone, which is the server: what loads it is another.
      const { user, system } = process.cpuUsage(before);
      values[name.cpu] = (user + system) / found.requests;
      values[name.rate] = found.perSecond;
      values[name.p50] = found.p50;
      values[name.p99] = found.p99;
    }
    return values;
  },
};

function namesOf(count: number) {
  const suffix = count === 1 ? "1 connection" : `${count} connections`;
  return {
    rate: `requests per second, ${suffix}`,
    cpu: `server's CPU per request in µs, ${suffix}`,
    p50: `p50 in µs, ${suffix}`,
    p99: `p99 in µs, ${suffix}`,
  };
}

function handler(_request: Request): Response {
  return new Response("page");
}

function reader({ url, headers }: Request): Response {
  return new Response(url === "" || headers.get("cookie") === null ? "nobody" : "page");
}

function gate() {
  return createGate({
    plugins: [
      staticFiles(),
      clientIp(),
      cookieTokens(),
      failOpen(),
      queueIt({ customerId, secretKeys: [secret], integrationConfig: configuration(20, false) }),
    ],
  }).wrap(handler);
}
