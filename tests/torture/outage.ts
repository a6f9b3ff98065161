/**
 * The outage drill: a real server, 200 requests a second, and a service that hangs for a while and comes back. Whoever
 * was in stays in, whoever must wait goes on waiting, and nobody waits for the service once the breaker is open.
 *
 * A machine that could not do four times as much gets fewer requests: it would be behind with them, whatever the gate does.
 */

import { Agent, request as ask } from "node:http";
import { clientIp, cookieTokens, createGate, failClosed, staticFiles } from "../../mod.ts";
import { bulkhead } from "../../plugins/bulkhead.ts";
import { circuitBreaker } from "../../plugins/circuit-breaker/circuit-breaker.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { grace } from "../../plugins/grace/mod.ts";
import { publicKey, room } from "../plugins/crowdhandler/_helpers.ts";
import { serve } from "../src/_serve.ts";
import { startFaultServer } from "./_fault-server.ts";
import { putOffBy, watchLateness } from "./_lateness.ts";
import type { Part } from "./_part.ts";
import { middle, pause } from "./_tools.ts";

const mostPerSecond = 200;
const timeoutMs = 1000;
const openMs = 1000;
const maxOpenMs = 2000;
/** How many times longer a page may take than a file beside it while the service is not asked. */
const maxTimes = 4;
/** How late a loop may be in all before calls count as cut short, in milliseconds. */
const toleratedMs = 50;
const page = "/tickets";
/** A minute, as the drill demands, where there is time for it. */
const longestMs = 60_000;

/** A visitor with the cookies of a browser. Every second one may enter. */
interface Visitor {
  readonly mayEnter: boolean;
  readonly cookies: Map<string, string>;
}

/** An answer. */
interface Visit {
  readonly visitor: Visitor;
  readonly begunAt: number;
  readonly ms: number;
  /** 0 where there was none. */
  readonly status: number;
  /** Why it was so; empty for a file. */
  readonly reason: string;
}

export const part: Part = {
  name: "outage",
  describe:
    "up to 200 requests a second while the service hangs and returns: nobody waits, nobody loses the place",
  runtimes: ["node", "deno", "bun"],
  share: 2,
  leastMs: 15_000,
  beside: "waiting",
  async run(budget) {
    const service = await startFaultServer((path) => {
      const token = /tok\w+/.exec(path)?.[0] ?? "tok00000001";
      const mayEnter = /[02468]$/.test(token) ? 1 : 0;
      return { result: { status: mayEnter, promoted: mayEnter, token, slug: room.slug, responseID: "0a1b" } };
    });
    const changes: { readonly state: string; readonly at: number }[] = [];
    const provider = crowdhandler({
      publicKey,
      apiUrl: service.url,
      timeoutMs,
      publicHosts: ["shop.example.com"],
      performance: { sample: 0 },
    });
    const gate = createGate({
      plugins: [
        staticFiles(),
        { name: "reason", headers: (_ctx, _response, { decision }) => [["x-reason", decision.reason]] },
        clientIp({ warn() {} }),
        cookieTokens({ secure: false }),
        grace({
          secrets: ["a secret of the drill, long enough to sign"],
          cookie: { secure: false, name: "grace" },
        }),
        failClosed(),
        circuitBreaker(bulkhead(provider, { maxConcurrent: 1000 }), {
          openMs,
          maxOpenMs,
          onState: ({ to }) => changes.push({ state: to, at: performance.now() }),
        }),
      ],
      onError() {},
    });
    const server = await serve(
      gate.wrap((_request: Request, ..._platform: unknown[]) => new Response("page")),
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
    const visitorOf = (at: number): Visitor => ({
      mayEnter: at % 2 === 0,
      cookies: new Map([["crowdhandler", `tok${String(at).padStart(8, "0")}`]]),
    });
    const perSecond = Math.min(
      mostPerSecond,
      await paceOf(() => visit(server.port, agent, visitorOf(0), page)) / 4,
    );
    // Each comes again every two seconds.
    const visitors = Array.from({ length: Math.ceil(2 * perSecond) }, (_, at) => visitorOf(at));
    const visits: Visit[] = [];
    /** Files that pass the gate, asked for beside the pages: what this machine takes for an answer at that time. */
    const files: Visit[] = [];
    const lateness = watchLateness();
    const under: Promise<void>[] = [];
    let next = 0;
    const begun = performance.now();
    const hangMs = Math.min(longestMs, Math.max(7000, budget.ms * 0.5));
    const calmMs = 3000;
    let sent = 0;
    const ticker = setInterval(() => {
      for (const due = (performance.now() - begun) / 1000 * perSecond; sent < due; sent++) {
        const visitor = visitors[next++ % visitors.length];
        if (visitor !== undefined) {
          under.push(visit(server.port, agent, visitor, page).then((done) => void visits.push(done)));
          if (sent % 8 === 0) {
            under.push(visit(server.port, agent, visitor, "/app.css").then((done) => void files.push(done)));
          }
        }
      }
    }, 5);
    await pause(calmMs);
    const hungAt = performance.now();
    service.set("hang");
    await pause(hangMs);
    const backAt = performance.now();
    service.set("none");
    await pause(maxOpenMs + calmMs);
    clearInterval(ticker);
    await Promise.all(under);
    lateness.stop();
    agent.destroy();
    await server.close();
    await gate.idle();
    await service.close();

    const openedAt = changes.find(({ state, at }) => state === "open" && at > hungAt)?.at ??
      hungAt + 2 * longestMs;
    const closedAt = changes.find(({ state, at }) => state === "closed" && at > backAt)?.at ??
      hungAt + 2 * longestMs;
    // Calls from before a stall say nothing of the service: what follows is counted from there on.
    const takenMs = (from: number, to: number) => {
      const begun = Math.max(from, lateness.lastStall(to));
      return to - begun - putOffBy(lateness.between(begun, to), timeoutMs);
    };
    const openedMs = takenMs(hungAt, openedAt);
    const closedMs = takenMs(backAt, closedAt);
    const calm = visits.filter(({ begunAt }) => begunAt > begun + 1000 && begunAt < hungAt - timeoutMs);
    const isDuring = ({ begunAt }: Visit) => begunAt > openedAt && begunAt < backAt;
    const during = visits.filter(isDuring);
    const usual = middle(calm.map(({ ms }) => ms), longestMs);
    const times = middle(during.map(({ ms }) => ms), longestMs) /
      middle(files.filter(isDuring).map(({ ms }) => ms), 1);
    // A gate that was kept from looking says so, and keeps nobody's place for that.
    const isExcused = ({ reason, begunAt, ms }: Visit) =>
      reason.endsWith("-overloaded") && lateness.between(begunAt - timeoutMs, begunAt + ms) > toleratedMs;
    const inside = visits.filter(({ visitor }) => visitor.mayEnter);
    // A visitor has a grace cookie once the first page was served; all have come before the service hangs.
    const lost =
      inside.filter((each) => each.status !== 200 && each.begunAt > hungAt && !isExcused(each)).length;
    const intruders = visits.filter(({ visitor, status }) => !visitor.mayEnter && status === 200).length;
    const odd = visits.filter(({ status }) => status !== 200 && status !== 302).length;
    const calls = service.requests;

    budget.report({ name: "requests", value: visits.length, unit: "requests", held: true });
    budget.report({
      name: "requests a second",
      value: Math.round(perSecond),
      unit: "requests/s",
      held: true,
    });
    budget.report({ name: "the service hung", value: Math.round(backAt - hungAt), unit: "ms", held: true });
    budget.report({ name: "calls of the service", value: calls, unit: "calls", held: true });
    budget.report({
      name: "the breaker opened after",
      value: Math.round(openedMs),
      unit: "ms",
      target: `at most ${2 * timeoutMs} ms`,
      held: openedMs <= 2 * timeoutMs,
    });
    budget.report({ name: "usual latency, median", value: round(usual), unit: "ms", held: true });
    budget.report({
      name: "latency of a page while the breaker is open, in times that of a file beside it, medians",
      value: round(times),
      unit: "times",
      target: `at most ${maxTimes} times`,
      held: times <= maxTimes,
    });
    budget.report({
      name: "slowest answer while the breaker is open",
      value: Math.round(Math.max(...during.map(({ ms }) => ms), 0)),
      unit: "ms",
      held: true,
    });
    const none = { unit: "answers", target: "none" };
    budget.report({ name: "visitors inside who lost their place", value: lost, ...none, held: lost === 0 });
    budget.report({
      name: "visitors who must wait and were let in",
      value: intruders,
      ...none,
      held: intruders === 0,
    });
    budget.report({ name: "other answers", value: odd, ...none, held: odd === 0 });
    budget.report({
      name: "the breaker closed after the service's return",
      value: Math.round(closedMs),
      unit: "ms",
      target: `at most one probe interval, ${maxOpenMs} ms, and a probe`,
      held: closedMs <= maxOpenMs + timeoutMs,
    });
  },
};

function visit(port: number, agent: Agent, visitor: Visitor, path: string): Promise<Visit> {
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const begunAt = performance.now();
  return new Promise((resolve) => {
    const done = (status: number, reason: unknown = "") =>
      resolve({ visitor, begunAt, ms: performance.now() - begunAt, status, reason: String(reason) });
    const call = ask({
      host: "127.0.0.1",
      port,
      agent,
      path,
      headers: { host: "shop.example.com", "user-agent": "drill", cookie },
      timeout: 10_000,
    }, (response) => {
      for (const line of response.headers["set-cookie"] ?? []) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === "") visitor.cookies.delete(name);
        else visitor.cookies.set(name, value);
      }
      response.resume().on("end", () => done(response.statusCode ?? 0, response.headers["x-reason"])).on(
        "error",
        () => done(0),
      );
    });
    call.on("timeout", () => call.destroy()).on("error", () => done(0)).end();
  });
}

/** How many visits a second this machine does, one after the other in ten rows. */
async function paceOf(visitOnce: () => Promise<Visit>): Promise<number> {
  const begun = performance.now();
  let count = 0;
  await Promise.all(Array.from({ length: 10 }, async () => {
    for (; performance.now() - begun < 2000; count++) await visitOnce();
  }));
  return count / (performance.now() - begun) * 1000;
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
