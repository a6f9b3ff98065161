/** Gates with guards, observers and triggers, and gates whose service is down. */

import { bodyTrigger, failClosed, failOpen, type Plugin, requestBody } from "../../mod.ts";
import { bulkhead } from "../../plugins/bulkhead.ts";
import { circuitBreaker } from "../../plugins/circuit-breaker/mod.ts";
import { decisionLog, type DecisionRecord } from "../../plugins/decision-log/mod.ts";
import { failover } from "../../plugins/failover.ts";
import { grace } from "../../plugins/grace/mod.ts";
import { metrics } from "../../plugins/metrics/mod.ts";
import { serverTiming } from "../../plugins/server-timing.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { queueItEvent } from "../../plugins/queue-it/mod.ts";
import { triggers } from "../../plugins/triggers.ts";
import { publicKey } from "../plugins/crowdhandler/_helpers.ts";
import { customerId } from "../plugins/queue-it/_helpers.ts";
import { operated } from "./_endpoints.ts";
import { mayBypass } from "./_invariants.ts";
import {
  cookiesIn,
  graceCookies,
  graceName,
  graceSecret,
  olderSecret,
  secret,
  start,
  unescaped,
} from "./_proofs.ts";
import type { Input } from "./_requests.ts";
import { api, gateOf, provesQueueIt, watched, type World } from "./_worlds.ts";

/** What a log may hold: nothing that ends a line, nothing that proves anything. */
const loggable = /^[ -~]*$/;
const sensitive = /queueittoken|[0-9a-f]{64}|tok_promoted/i;

/** All of them. */
export function moreWorlds(): readonly World[] {
  return [observed(), operated(), guarded(), ...outages(), ...triggered()];
}

const event = {
  customerId,
  secretKeys: [secret, olderSecret],
  eventId: "event1",
  queueDomain: "ticketania.queue-it.net",
  ajaxHosts: ["shop.example.com"],
};

/** Each decision is counted, timed and logged. */
function observed(): World {
  const { onError, complaint } = watched();
  const counted = metrics();
  let leak: string | undefined;
  function write(record: DecisionRecord): void {
    const { durationMs: _, ...texts } = record;
    for (const [name, value] of Object.entries(texts)) {
      const text = String(value);
      if (!loggable.test(text) || text.length > 4096 || sensitive.test(text)) {
        leak ??= `${name} was logged as ${text}`;
      }
    }
  }
  return {
    name: "queue-it, observed",
    gate: gateOf(queueItEvent(event), {
      around: [counted, decisionLog({ write }), serverTiming({ details: "reason" })],
      onError,
    }),
    isSync: true,
    proves: provesQueueIt,
    complaint() {
      const text = counted.text();
      const lines = text.split("\n");
      if (lines.length > 500) leak ??= `there are ${lines.length} lines of metrics`;
      const odd = lines.find((line) =>
        !/^(?:#.*|[a-z_]+(?:\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})? [0-9.e+-]+|)$/.test(
          line.replace("+Inf", "9"),
        )
      );
      if (odd !== undefined) leak ??= `there is a metric ${odd}`;
      const said = leak;
      leak = undefined;
      return said ?? complaint();
    },
  };
}

/** A provider behind all guards, and another one behind it that nobody comes to. */
function guarded(): World {
  const { onError, complaint } = watched();
  const first = crowdhandler({
    publicKey,
    publicHosts: ["shop.example.com"],
    fetch: api(),
    cleanUrl: "never",
    warn() {},
  });
  const limits = { maxConcurrent: 10_000 };
  return {
    name: "crowdhandler, guarded",
    gate: gateOf(failover([circuitBreaker(bulkhead(first, limits)), queueItEvent(event)]), {
      now: start,
      around: [grace({ secrets: [graceSecret], scope: "shop" })],
      onError,
    }),
    isSync: false,
    // The service alone says who is promoted: its stand-in knows one token.
    proves: ({ request, cookie }) => unescaped(`${request.url} ${cookie}`).includes("tok_promoted"),
    complaint,
  };
}

/** The service does not answer in any way that helps. */
function outages(): readonly World[] {
  let turn = 0;
  const answers: readonly (() => Response | Promise<Response>)[] = [
    () => Promise.reject(new TypeError("connection refused")),
    () => new Response("oops", { status: 500 }),
    () => new Response(null, { status: 429 }),
    () => new Response("<html>"),
    () => new Response('{"result":{"promoted":"maybe"}}'),
    () => new Response('{"result":{"__proto__":{"promoted":1}}}'),
    () => new Response('{"__proto__":{"result":{"promoted":1}}}'),
    () => new Response("[]"),
    () => new Response("{".repeat(70_000)),
  ];
  const down = () =>
    crowdhandler({
      publicKey,
      publicHosts: ["shop.example.com"],
      fetch: () => Promise.resolve(answers[turn++ % answers.length]?.() ?? Response.error()),
      warn() {},
    });
  const isKept = ({ request }: Input) =>
    cookiesIn(request.headers.get("cookie"), graceName).some((cookie) => cookie === graceCookies[0]);
  const shared = { isSync: false, proves: isKept, complaint: () => undefined };
  return [
    {
      ...shared,
      name: "crowdhandler down, closed but for grace",
      gate: gateOf(circuitBreaker(down(), { failures: 1000 }), {
        now: start,
        around: [grace({ secrets: [graceSecret], scope: "shop" })],
        policy: failClosed(),
      }),
      excuses: (reason, input) => reason === "grace/kept" && isKept(input),
    },
    {
      ...shared,
      name: "crowdhandler down, open",
      gate: gateOf(down(), { now: start, policy: failOpen({ throttled: "reject", rejected: "queue" }) }),
      excuses: (reason) => /^failure-policy\/admitted-(?:timeout|unreachable|malformed)$/.test(reason),
    },
  ];
}

/** Whoever meets the rule has to wait. */
function triggered(): readonly World[] {
  const queue: Plugin = {
    name: "queue",
    decide: () => ({ action: "queue", reason: "queue/queued", location: "https://wait.crowdhandler.com/x" }),
  };
  const shared = { isSync: false, readsBodies: true, proves: () => false };
  /** Whether a body is one of which nothing is known, or has the text in it. */
  const meets = ({ request, body }: Input, text: string) =>
    request.body !== null && body !== undefined &&
    (body.kind === "broken" || body.kind === "stalled" || body.kind === "endless" ||
      body.text.includes(text));
  const [one, two] = [watched(), watched()];
  return [
    {
      ...shared,
      ...one,
      name: "triggers",
      gate: gateOf(queue, {
        before: [
          requestBody({ maxBytes: 512, timeoutMs: 5 }),
          triggers([
            { name: "tickets", any: [{ path: { contains: ["/tickets"] } }] },
            {
              name: "checkout",
              any: [{ body: { contains: ["checkout"] } }, {
                cookie: { name: "crowdhandler", contains: ["tok_"] },
              }],
            },
          ]),
        ],
        onError: one.onError,
      }),
      mayBypass: (input) =>
        mayBypass(input) ||
        (URL.parse(input.request.url)?.pathname.includes("/tickets") === false && !meets(input, "checkout")),
    },
    {
      ...shared,
      ...two,
      name: "body trigger",
      gate: gateOf(queue, {
        before: [requestBody({ maxBytes: 512, timeoutMs: 5 }), bodyTrigger({ contains: "action=checkout" })],
        onError: two.onError,
      }),
      mayBypass: (input) => mayBypass(input) || !meets(input, "action=checkout"),
    },
  ];
}
