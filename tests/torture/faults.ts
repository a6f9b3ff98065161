/**
 * The fault matrix: each provider, each fault of its service on the wire, each failure policy. The outcome is what the
 * policy says of the cause, it comes within the timeout, and nothing stays behind.
 */

import assert from "node:assert/strict";
import {
  cookieTokens,
  createGate,
  failClosed,
  failOpen,
  type FailureCode,
  failurePolicy,
  type Gate,
  type GateError,
  type Outcome,
  type Plugin,
  type Policy,
  type Provider,
} from "../../mod.ts";
import { circuitBreaker } from "../../plugins/circuit-breaker/circuit-breaker.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { failover } from "../../plugins/failover.ts";
import { pulledSource, queueIt, queueItEvent } from "../../plugins/queue-it/mod.ts";
import { privateKey, promoted, publicKey, room, token } from "../plugins/crowdhandler/_helpers.ts";
import { type FaultServer, startFaultServer, type WireFault, wireFaults } from "./_fault-server.ts";
import { type Lateness, putOffBy, watchLateness } from "./_lateness.ts";
import type { Budget, Part } from "./_part.ts";

const timeoutMs = 150;
const maxLateMs = 50;
/** How many times a gate may say that it was kept from looking. */
const maxUnseen = 10;
const customerId = "customer";
const secretKeys = ["4e1db821-a825-49da-acd0-5d376f2068db4e1db821-a825-49da-acd0-5d376f20"];

/** What happens to the service: a fault of the wire, nobody listens, or its name is unknown. */
type Fault = WireFault | "refused" | "unknown-name";

/** What a fault is to the gate. Runtimes word some of them differently; a sentence of HTTP that ends early is one. */
const codes: Readonly<Record<Exclude<Fault, "none">, readonly FailureCode[]>> = {
  "hang": ["timeout"],
  "reset": ["unreachable"],
  "close": ["unreachable", "timeout"],
  "half-open": ["timeout"],
  "drip": ["timeout"],
  "promises-more": ["unreachable", "malformed", "timeout"],
  "promises-less": ["malformed", "unreachable"],
  "no-http": ["unreachable", "timeout"],
  "endless-head": ["unreachable", "timeout"],
  "interim-only": ["timeout", "unreachable"],
  "status-500": ["unreachable"],
  "status-503": ["unreachable"],
  "status-401": ["rejected"],
  "status-403": ["rejected"],
  "status-404": ["rejected"],
  "status-429": ["throttled"],
  "redirect": ["unreachable"],
  "html": ["malformed"],
  "empty": ["malformed"],
  "truncated": ["malformed"],
  "oversized": ["malformed", "timeout"],
  "endless-body": ["malformed", "timeout"],
  "not-gzip": ["unreachable", "malformed"],
  "null": ["malformed"],
  "list": ["malformed"],
  "wrong-types": ["malformed"],
  "refused": ["unreachable"],
  "unknown-name": ["unreachable", "timeout"],
};

const policies: Readonly<Record<string, { readonly make: () => Policy; readonly does: string }>> = {
  failOpen: { make: () => failOpen(), does: "admit" },
  failClosed: { make: () => failClosed({ location: "https://status.example.com/" }), does: "queue" },
  rejecting: { make: () => failurePolicy({ otherwise: "reject" }), does: "reject" },
};

/** A provider in front of a broken service. */
interface Case {
  readonly name: string;
  /** `onEnd` is told what must be closed. */
  make(url: string, onEnd: (close: () => void) => void): Provider;
  readonly cookie?: string;
  /** How many calls one after the other a page may need, each with its own timeout. @default {1} */
  readonly calls?: number;
  /** The codes where they are not those of the fault: a source that could not be loaded is just absent. */
  readonly code?: FailureCode;
  /** Whether the fault is no failure at all, because somebody else decides. */
  readonly survives?: boolean;
}

const crowd = (url: string, more: object = {}) =>
  crowdhandler({
    publicKey,
    apiUrl: url,
    timeoutMs,
    publicHosts: ["shop.example.com"],
    warn: () => {},
    ...more,
  });

const cases: readonly Case[] = [
  { name: "crowdhandler full, a new visitor", make: (url) => crowd(url) },
  { name: "crowdhandler full, a known visitor", make: (url) => crowd(url), cookie: `crowdhandler=${token}` },
  { name: "crowdhandler hybrid", make: (url) => crowd(url, { mode: "hybrid", privateKey }), calls: 2 },
  { name: "crowdhandler lite", make: (url) => crowd(url, { lite: true }), calls: 2 },
  {
    name: "queueIt, a pulled configuration",
    make(url, onEnd) {
      const integrationConfig = pulledSource({
        customerId,
        apiKey: "key",
        url: `${url}/config`,
        timeoutMs,
        attempts: 1,
        warn: () => {},
      });
      onEnd(() => integrationConfig.close());
      return queueIt({ customerId, secretKeys, integrationConfig });
    },
    code: "unreachable",
  },
  { name: "circuitBreaker(crowdhandler)", make: (url) => circuitBreaker(crowd(url)) },
  {
    name: "failover([crowdhandler, queueItEvent])",
    make: (url) => failover([crowd(url), queueItEvent({ customerId, secretKeys, ...event })]),
    survives: true,
  },
];

const event = { eventId: "event1", queueDomain: "customer.queue-it.net" };

export const part: Part = {
  name: "faults",
  describe:
    "each provider, each fault of its service on the wire, each failure policy; and clocks that are wrong",
  runtimes: ["node", "deno", "bun"],
  share: 1.5,
  leastMs: 15_000,
  beside: "waiting",
  async run(budget) {
    const timers = watchTimers();
    const lateness = watchLateness();
    const server = await startFaultServer((path) =>
      path.startsWith("/v1/rooms") ? { result: [room] } : { result: { ...promoted, promoted: 0 } }
    );
    const figures = { combinations: 0, wrong: 0, latest: -Infinity, unanswered: 0, timers: 0 };
    try {
      for (const one of cases) {
        for (const fault of [...wireFaults, "refused", "unknown-name"] as readonly Exclude<Fault, "none">[]) {
          const name = `${one.name}, ${fault}`;
          if (budget.only !== undefined && budget.only !== name) continue;
          // All policies beside each other: the slow faults take the timeout once.
          await Promise.all(
            Object.keys(policies).map((policy) =>
              tryOne(budget, server, one, fault, policy, figures, lateness)
            ),
          );
          await settle();
          figures.unanswered = Math.max(figures.unanswered, await waitingConnections(server));
        }
      }
      if (budget.only === undefined) await skewedClocks(budget);
    } finally {
      await server.close();
    }
    lateness.stop();
    await settle();
    figures.timers = timers.stop();
    budget.report({
      name: "combinations of provider, fault and policy",
      value: figures.combinations,
      unit: "combinations",
      held: true,
    });
    const none = { target: "none", unit: "combinations" };
    budget.report({
      name: "another outcome than the policy's",
      value: figures.wrong,
      ...none,
      held: figures.wrong === 0,
    });
    const late = Math.max(0, Math.round(figures.latest));
    budget.report({
      name: "the latest answer, beyond its timeout and what the machine was late",
      value: late,
      unit: "ms",
      target: `at most ${maxLateMs} ms`,
      held: late <= maxLateMs,
    });
    budget.report({
      name: "connections that still waited for an answer",
      value: figures.unanswered,
      unit: "connections",
      target: "none",
      held: figures.unanswered === 0,
    });
    budget.report({
      name: "timers left behind",
      value: figures.timers,
      unit: "timers",
      target: "none",
      held: figures.timers === 0,
    });
  },
};

type Figures = { combinations: number; wrong: number; latest: number };

async function tryOne(
  budget: Budget,
  server: FaultServer,
  one: Case,
  fault: Exclude<Fault, "none">,
  policy: string,
  figures: Figures,
  lateness: Lateness,
): Promise<void> {
  const url = fault === "refused"
    ? "http://127.0.0.1:1"
    : fault === "unknown-name"
    ? "http://service.invalid"
    : server.url;
  if (fault !== "refused" && fault !== "unknown-name") server.set(fault);
  const { make, does } = policies[policy] ?? assert.fail(policy);
  const limit = (one.calls ?? 1) * timeoutMs;
  const name = `${one.name}, ${fault}`;
  let lateMs = Infinity;
  let unseen = 0;
  // A late answer counts if it is late three times, and a gate that could not look if that is so many times more.
  for (let attempt = 0; attempt < 3 + unseen && lateMs > maxLateMs; attempt++) {
    const outcomes: Outcome[] = [];
    const errors: GateError[] = [];
    const ends: (() => void)[] = [];
    const recorder: Plugin = { name: "recorder", settled: (_ctx, outcome) => void outcomes.push(outcome) };
    const gate: Gate = createGate({
      plugins: [
        recorder,
        cookieTokens({ secure: false }),
        make(),
        one.make(url, (close) => ends.push(close)),
      ],
      onError: (error) => errors.push(error),
    });
    const headers: Record<string, string> = { "user-agent": "torture" };
    if (one.cookie !== undefined) headers["cookie"] = one.cookie;
    const begun = performance.now();
    const response = await gate(
      new Request("https://shop.example.com/tickets", { headers }),
      () => new Response("page"),
      { remoteAddr: { hostname: "203.0.113.9" } },
    );
    const ended = performance.now();
    lateMs = Math.min(lateMs, ended - begun - limit - putOffBy(lateness.between(begun, ended), limit));
    await gate.idle();
    for (const end of ends) end();
    figures.combinations += attempt === 0 ? 1 : 0;
    const outcome = outcomes[0];
    // A crowd is not an outage: nobody else decides, and who is trusted otherwise waits, or is turned down where no place is known.
    const isCrowd = fault === "status-429";
    const survives = one.survives === true && !isCrowd;
    // A token that the service does not know is the visitor's own affair.
    const isRefused = one.cookie !== undefined && fault === "status-404";
    const forCrowd = one.code === undefined ? "queue" : "reject";
    const expected = survives || isRefused ? "queue" : isCrowd && does === "admit" ? forCrowd : does;
    const allowed = one.code === undefined || isCrowd ? codes[fault] : [one.code];
    const problem = outcome === undefined || outcomes.length !== 1
      ? `${outcomes.length} outcomes`
      : outcome.decision.action !== expected
      ? `the decision was ${outcome.decision.action}, ${outcome.decision.reason}`
      : survives || isRefused
      ? undefined
      : outcome.failure === undefined || !allowed.includes(outcome.failure.code)
      ? `the failure was ${outcome.failure?.code ?? "none"}: ${outcome.failure?.message}`
      : response.headers.get("cache-control")?.includes("no-store") !== true && expected !== "admit"
      ? "the answer could be stored"
      : undefined;
    if (problem === undefined) continue;
    // A gate that was kept from looking says so. That is no answer to what was tried.
    if (outcome?.failure?.code === "overloaded" && unseen < maxUnseen) {
      lateMs = Infinity;
      unseen++;
      continue;
    }
    figures.wrong++;
    return budget.fail(`${name}, ${policy}: ${problem}`, { only: name });
  }
  figures.latest = Math.max(figures.latest, lateMs);
  if (lateMs > maxLateMs) {
    budget.fail(`${name}, ${policy}: ${Math.round(lateMs)} ms later than the timeout`, { only: name });
  }
}

/** Clocks of servers are wrong by minutes, and jump. Nobody enters for it, and it is no failure. */
async function skewedClocks(budget: Budget): Promise<void> {
  const minute = 60_000;
  const skews = [0, -5 * minute, 5 * minute, -60 * minute, 60 * minute, -86_400_000, 10 * 86_400_000];
  let visits = 0;
  let wrong = 0;
  for (const jump of skews) {
    const clock = { offset: 0 };
    const errors: GateError[] = [];
    const answer = (path: string) =>
      Response.json(path.includes("/rooms") ? { result: [room] } : { result: { ...promoted, promoted: 0 } });
    const providers: readonly Provider[] = [
      crowd("http://api.example", { fetch: (url: string) => Promise.resolve(answer(url)) }),
      crowd("http://api.example", {
        mode: "hybrid",
        privateKey,
        fetch: (url: string) => Promise.resolve(answer(url)),
      }),
      queueItEvent({ customerId, secretKeys, ...event }),
    ];
    for (const provider of providers) {
      const gate = createGate({
        plugins: [cookieTokens(), failOpen(), provider],
        now: () => Date.now() + clock.offset,
        onError: (error) => errors.push(error),
      });
      // Before the jump, after it, and after it went back.
      for (const offset of [0, jump, 0, -jump]) {
        clock.offset = offset;
        const response = await gate(
          new Request("https://shop.example.com/tickets", { headers: { "user-agent": "torture" } }),
          () => new Response("page"),
        );
        visits++;
        if (response.status === 302 && errors.length === 0) continue;
        wrong++;
        budget.fail(
          `a clock that jumps by ${
            jump / minute
          } minutes: ${provider.name} gave ${response.status}, ${errors}`,
        );
      }
      await gate.idle();
    }
  }
  budget.report({ name: "visits while clocks jump", value: visits, unit: "visits", held: true });
  budget.report({
    name: "visits that a jump let in or made a failure",
    value: wrong,
    unit: "visits",
    target: "none",
    held: wrong === 0,
  });
}

/** What gives up is ended at once, but not within the same turn. */
async function waitingConnections(server: FaultServer): Promise<number> {
  for (let turn = 0; turn < 40 && server.unanswered > 0; turn++) await settle();
  return server.unanswered;
}

function settle(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => realTimeout(resolve, 25)));
}

const realTimeout = globalThis.setTimeout;

/** Counts the timers that were neither cleared nor came to their end. */
function watchTimers(): { stop(): number } {
  const active = new Set<unknown>();
  const { setTimeout, clearTimeout } = globalThis;
  globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer = setTimeout(() => {
      active.delete(timer);
      run(...args);
    }, ms);
    active.add(timer);
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = ((timer?: Parameters<typeof clearTimeout>[0]) => {
    active.delete(timer);
    clearTimeout(timer);
  }) as typeof clearTimeout;
  return {
    stop() {
      Object.assign(globalThis, { setTimeout, clearTimeout });
      return active.size;
    },
  };
}
