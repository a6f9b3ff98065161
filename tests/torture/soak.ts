/**
 * Soak: mixed traffic for a long time, while the service fails now and then in every way. Memory, open files and timers
 * stay what they were.
 */

import { readdirSync } from "node:fs";
import process from "node:process";
import {
  clientIp,
  cookieTokens,
  createGate,
  failOpen,
  type Gate,
  type Plugin,
  requestBody,
  staticFiles,
} from "../../mod.ts";
import { circuitBreaker } from "../../plugins/circuit-breaker/circuit-breaker.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { queueIt } from "../../plugins/queue-it/mod.ts";
import { privateKey, publicKey, room } from "../plugins/crowdhandler/_helpers.ts";
import {
  configOf,
  cookieName,
  cookieOf,
  customerId,
  integration,
  secret,
  tokenOf,
  trigger,
} from "../plugins/queue-it/_helpers.ts";
import { serve, type Served } from "../src/_serve.ts";
import { type FaultServer, startFaultServer, wireFaults } from "./_fault-server.ts";
import { type Part, seedOf } from "./_part.ts";
import { middle, pause, randomOf } from "./_tools.ts";

const clients = 24;
const timeoutMs = 60;
/** How much of its heap a process may gain in the second half. */
const maxGrowth = 0.05;
const maxGrowthBytes = 1_500_000;
/** In a short run, what is remembered of visitors is still filling up to its bound. */
const maxShortGrowthBytes = 8_000_000;
const shortMs = 240_000;

export const part: Part = {
  name: "soak",
  describe: "mixed traffic with faults for a long time: memory, files and timers stay what they were",
  runtimes: ["deno", "bun", "node"],
  leastMs: 8000,
  async run(budget) {
    const random = randomOf(seedOf(budget, "soak"));
    const service = await startFaultServer(answerOf);
    const errors = { unknown: 0 };
    const gates = gatesOf(service, random, errors);
    const page = () => new Response("page");
    const server = await serve((request: Request, ...platform: unknown[]) => {
      const name = new URL(request.url).pathname.split("/")[1] ?? "";
      return (gates[name] ?? gates["full"])?.(request, page, ...platform);
    });
    const samples: Sample[] = [];
    const state = { requests: 0, wrong: 0, visitor: 0, isOver: false };
    // Some seconds are left for the end.
    const length = Math.max(budget.ms - 10_000, budget.ms * 0.7, 6000);
    const begun = performance.now();
    const traffic = Array.from({ length: clients }, () => surf(server, random, state));
    // A fault for a while, then none.
    const rounds = Math.max(12, Math.min(120, Math.round(length / 5000)));
    for (let round = 0; round < rounds; round++) {
      const isCalm = round % 2 === 0;
      service.set(isCalm ? "none" : wireFaults[Math.floor(random() * wireFaults.length)] ?? "hang");
      await pause(Math.max(50, begun + length * (round + 1) / rounds - performance.now()));
      if (isCalm) samples.push(await sample());
    }
    state.isOver = true;
    await Promise.all(traffic);
    for (const gate of Object.values(gates)) await gate.idle();
    await server.close();
    await service.close();

    const half = samples.slice(Math.floor(samples.length / 3));
    const early = middle(half.slice(0, Math.ceil(half.length / 3)).map(({ heap }) => heap), 0);
    const late = middle(half.slice(-Math.ceil(half.length / 3)).map(({ heap }) => heap), 0);
    const growth = late - early;
    const bound = Math.max(length < shortMs ? maxShortGrowthBytes : maxGrowthBytes, early * maxGrowth);
    const files = Math.max(...half.slice(-3).map(({ files }) => files)) -
      Math.max(...half.slice(0, 3).map(({ files }) => files));
    budget.report({ name: "requests", value: state.requests, unit: "requests", held: state.requests > 0 });
    budget.report({
      name: "answers that were neither a page nor a decision",
      value: state.wrong,
      unit: "answers",
      target: "none",
      held: state.wrong === 0,
    });
    budget.report({
      name: "failures without a cause of the service",
      value: errors.unknown,
      unit: "failures",
      target: "none",
      held: errors.unknown === 0,
    });
    budget.report({ name: "heap in the middle", value: Math.round(early / 1000), unit: "kB", held: true });
    budget.report({
      name: "growth of the heap in the second half",
      value: Math.round(growth / 1000),
      unit: "kB",
      target: `at most ${Math.round(bound / 1000)} kB`,
      held: growth <= bound,
    });
    budget.report({
      name: "more open files than in the middle",
      value: Math.max(0, files),
      unit: "files",
      target: `at most ${clients}`,
      held: files <= clients,
    });
  },
};

interface Sample {
  readonly heap: number;
  readonly files: number;
}

async function sample(): Promise<Sample> {
  const { gc, Bun } = globalThis as { readonly gc?: () => void; readonly Bun?: { gc(force: boolean): void } };
  await pause(20);
  for (let at = 0; at < 3; at++) Bun === undefined ? gc?.() : Bun.gc(true);
  return { heap: process.memoryUsage().heapUsed, files: openFiles() };
}

/** Open files and sockets of this process, where the system tells. */
function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

/** The service answers by the token: every second visitor may enter. */
function answerOf(path: string): unknown {
  if (path.startsWith("/v1/rooms")) return { result: [{ ...room, urlPattern: "/hybrid" }] };
  const token = /tok\w+/.exec(path)?.[0] ?? "tok00000000new";
  const promoted = /[02468]$/.test(token) ? 1 : 0;
  return { result: { status: promoted, promoted, token, slug: room.slug, responseID: "0a1b2c3d" } };
}

function gatesOf(
  service: FaultServer,
  random: () => number,
  errors: { unknown: number },
): Readonly<Record<string, Gate>> {
  const shared = {
    publicKey,
    timeoutMs,
    warn() {},
    apiUrl: service.url,
    publicHosts: ["shop.example.com"],
    random,
  };
  const gate = (provider: Plugin) =>
    createGate({
      plugins: [
        staticFiles(),
        clientIp({ warn() {} }),
        requestBody({ timeoutMs: 50 }),
        cookieTokens({ secure: false }),
        failOpen(),
        provider,
      ] as never,
      onError(error) {
        if (error.code === "internal") errors.unknown++;
      },
    });
  return {
    full: gate(crowdhandler(shared)),
    hybrid: gate(crowdhandler({ ...shared, mode: "hybrid", privateKey })),
    breaker: gate(circuitBreaker(crowdhandler(shared), { openMs: 200 })),
    queue: gate(queueIt({
      customerId,
      secretKeys: [secret],
      integrationConfig: configOf(integration({ ExtendCookieValidity: true, Triggers: [trigger("/queue")] })),
      onConfiguration() {},
    })),
  };
}

/** One client after the other, each somebody new: this is what fills whatever is remembered. */
async function surf(
  server: Served,
  random: () => number,
  state: { requests: number; wrong: number; visitor: number; isOver: boolean },
): Promise<void> {
  while (!state.isOver) {
    const visitor = state.visitor++;
    const id = visitor.toString(36).padStart(8, "0");
    const place = ["full", "hybrid", "breaker", "queue"][Math.floor(random() * 4)] ?? "full";
    const now = Math.floor(Date.now() / 1000);
    const guid = `944c1f44-60dd-4e37-aabc-${visitor.toString(16).padStart(12, "0")}`;
    const session = encodeURIComponent(cookieOf({ QueueId: guid, IssueTime: now - visitor % 600 }));
    const url = [
      `${server.url}/${place}/tickets?visitor=${id}`,
      `${server.url}/${place}/app.${id}.css`,
      `${server.url}/${place}?queueittoken=${tokenOf({ q: guid, ts: now + 180 })}`,
      `${server.url}/${place}?ch-id=tok${id}&ch-code=${id}`,
    ][Math.floor(random() * 4)] ?? server.url;
    const cookie = [
      `crowdhandler=tok${id}${visitor % 10}`,
      `${cookieName()}=${session}`,
      `${cookieName()}=${session.slice(0, -3)}`,
      `crowdhandler=%7B%22tokens${id}`,
      "",
    ][Math.floor(random() * 5)] ?? "";
    const isPost = random() < 0.1;
    try {
      const response = await fetch(url, {
        method: isPost ? "POST" : "GET",
        ...(isPost ? { body: `{"visitor":"${id}"}` } : {}),
        headers: {
          host: "shop.example.com",
          "user-agent": `surfer ${id}`,
          ...(cookie === "" ? {} : { cookie }),
        },
        redirect: "manual",
      });
      await response.arrayBuffer();
      if (![200, 302].includes(response.status)) state.wrong++;
    } catch {
      state.wrong++;
    }
    state.requests++;
  }
}
