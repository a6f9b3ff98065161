/** What the tests of the wrappers share: providers that do as they are told, and a clock that stands still. */

import { createGate, type Gate } from "../../src/gate.ts";
import type { Decision } from "../../src/decision.ts";
import { type FailureCode, type GateError, ServiceError } from "../../src/errors.ts";
import type { Outcome, Plugin, Provider } from "../../src/plugin.ts";

export const page = "https://shop.example/tickets";

/** A call that ends when it is told to. */
export interface PendingCall {
  answer(): void;
  fail(code: FailureCode, status?: number): void;
  throw(cause: unknown): void;
}

/** A service whose calls are answered by hand, and its provider. */
export interface ManualService {
  readonly calls: PendingCall[];
  readonly provider: Provider;
}

/** Makes a provider that asks for each request. */
export function manualService(name: string = "manual"): ManualService {
  const calls: PendingCall[] = [];
  const make = () =>
    new Promise<void>((resolve, reject) => {
      calls.push({
        answer: resolve,
        fail: (code, status) => reject(new ServiceError(code, "the service failed", { status })),
        throw: reject,
      });
    });
  const decided: Decision = { action: "admit", reason: `${name}/welcome` };
  const decide: Provider["decide"] = async (_ctx, calls) => {
    await calls.run({ what: "GET /manual", timeoutMs: 60_000, make });
    return decided;
  };
  return { calls, provider: { name, final: "decide", service: name, decide } };
}

/** Lets everything go on that need not wait for anything else. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

/** A gate that tells how each request ended. */
export interface Bench {
  readonly gate: Gate;
  readonly errors: GateError[];
  readonly outcomes: Outcome[];
  visit(init?: RequestInit & { readonly url?: string }): Promise<Response>;
}

export function benchOf(plugins: readonly Plugin[], now: () => number = Date.now): Bench {
  const errors: GateError[] = [];
  const outcomes: Outcome[] = [];
  const recorder: Plugin = { name: "recorder", settled: (_ctx, outcome) => void outcomes.push(outcome) };
  const last: Plugin = {
    name: "last",
    recover: (_ctx, { code }) => ({ action: "reject", reason: `last/${code}`, status: 503 }),
  };
  const gate = createGate({
    plugins: [...plugins, last, recorder],
    now,
    onError: (error) => errors.push(error),
  });
  return {
    gate,
    errors,
    outcomes,
    async visit({ url = page, ...init } = {}) {
      const response = await gate(new Request(url, init), () => new Response("page"));
      await gate.idle();
      return response;
    },
  };
}
