/** A gate with a waiting room in front of a shop, a clock of the test's own, and browsers with cookies. */

import assert from "node:assert/strict";
import { failClosed } from "../../../plugins/failure-policy/mod.ts";
import type { WaitingRoomOptions } from "../../../plugins/waiting-room/mod.ts";
import { waitingRoomOn } from "../../../plugins/waiting-room/waiting-room.ts";
import { platformLoop } from "../../../src/async/loop.ts";
import type { GateError } from "../../../src/errors.ts";
import { createGate, type Gate } from "../../../src/gate.ts";
import type { GateOptions } from "../../../src/gate-options.ts";
import type { Outcome, Plugin, Provider } from "../../../src/plugin.ts";
import { type FakeStore, fakeStore, settle, start } from "./_node.ts";

export const site = "https://shop.example.com";
/** As long as the machine wants a key. */
export const secret = "0123456789abcdef0123456789abcdef";

/** How many times slower the clock of a bench goes than that of the machine. */
const slower = 20;

/** What came of a request. */
export interface Answer {
  readonly response: Response;
  readonly status: number;
  readonly text: string;
  readonly served: boolean;
  readonly reason: string;
  readonly outcome: Outcome;
  readonly isSync: boolean;
}

/** A browser with a jar of cookies. */
export interface Browser {
  readonly jar: Map<string, string>;
  /** Opens a page. */
  open(path: string, init?: RequestInit): Promise<Answer>;
  /** Asks from a page by script. */
  fetch(path: string, init?: RequestInit): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface RoomBench {
  readonly gate: Gate;
  readonly provider: Provider;
  readonly store: FakeStore;
  readonly errors: GateError[];
  readonly warnings: string[];
  /** The store's clock. */
  readonly clock: { now: number };
  /** Lets the store's time pass. */
  pass(ms: number): Promise<void>;
  browser(headers?: Record<string, string>): Browser;
  ask(request: Request, platform?: unknown): Promise<Answer>;
}

/** Makes a gate. Its timers are those of the platform; its clocks go ahead when a test says so, and hardly by themselves. */
export function roomBench(
  options: Partial<WaitingRoomOptions> = {},
  plugins: readonly Plugin[] = [],
  policy: Plugin = failClosed(),
  handler: (request: Request) => Response | Promise<Response> = () => new Response("the shop"),
  more: Pick<GateOptions, "hookTimeoutMs"> = {},
): RoomBench {
  const clock = { now: start };
  const store = fakeStore(() => clock.now);
  const warnings: string[] = [];
  const errors: GateError[] = [];
  const limits = "rooms" in options || "admitPerMinute" in options || "capacity" in options
    ? {}
    : { admitPerMinute: 60 };
  // What is left out of several rooms the types cannot tell here.
  const all = { secretKeys: [secret], store, now: () => clock.now, random: () => 0.5, ...limits, ...options };
  let ahead = 0;
  // What is fresh for a second is so on a machine that takes ten seconds for it.
  const began = platformLoop.now();
  const loop = { ...platformLoop, now: () => began + (platformLoop.now() - began) / slower + ahead };
  const provider = waitingRoomOn(loop, {
    ...all,
    warn: (message) => void warnings.push(message),
  } as WaitingRoomOptions);
  const outcomes = new WeakMap<Request, Outcome>();
  const witness: Plugin = {
    name: "witness",
    settled: (ctx, outcome) => void outcomes.set(ctx.request, outcome),
  };
  const gate = createGate({
    plugins: [...plugins, policy, provider, witness],
    publicHosts: ["shop.example.com"],
    now: () => clock.now,
    onError: (error) => void errors.push(error),
    ...more,
  });

  async function ask(request: Request): Promise<Answer> {
    let served = false;
    const answer = gate(request, () => {
      served = true;
      return handler(request);
    });
    const response = await answer;
    await gate.idle();
    await settle();
    const outcome = outcomes.get(request);
    assert.ok(outcome);
    const text = await response.clone().text();
    const { status } = response;
    return {
      response,
      status,
      text,
      served,
      outcome,
      reason: outcome.decision.reason,
      isSync: answer instanceof Response,
    };
  }

  function browser(own: Record<string, string> = {}): Browser {
    const jar = new Map<string, string>();
    async function send(path: string, init: RequestInit, more: Record<string, string>): Promise<Answer> {
      const headers = new Headers({ "user-agent": "a browser", ...more, ...own });
      for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
      if (jar.size > 0) headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
      const answer = await ask(new Request(site + path, { ...init, headers }));
      for (const line of answer.response.headers.getSetCookie()) {
        const [pair = ""] = line.split(";");
        const equals = pair.indexOf("=");
        if (/max-age=0/i.test(line)) jar.delete(pair.slice(0, equals));
        else jar.set(pair.slice(0, equals), pair.slice(equals + 1));
      }
      return answer;
    }
    const script = { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin" };
    return {
      jar,
      open: (path, init = {}) =>
        send(path, init, {
          "accept": "text/html",
          "sec-fetch-mode": "navigate",
          "sec-fetch-dest": "document",
          "sec-fetch-site": "none",
        }),
      fetch: (path, init = {}) => send(path, init, script),
      post: (path, body = {}, headers = {}) =>
        send(path, { method: "POST", body: JSON.stringify(body) }, {
          ...script,
          origin: site,
          "content-type": "application/json",
          ...headers,
        }),
    };
  }

  return {
    gate,
    provider,
    store,
    errors,
    warnings,
    clock,
    async pass(ms) {
      clock.now += ms;
      ahead += ms;
      await settle();
    },
    browser,
    ask,
  };
}
