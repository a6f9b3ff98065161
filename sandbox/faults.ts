/**
 * Faults on demand: what a network or a service in trouble does, one endpoint at a time.
 *
 * @module
 */
import * as v from "valibot";
import { dripping, halfOpen, MAX_WAIT_MS, pause } from "./slow-answers.ts";

/**
 * What can be made to fail. CrowdHandler: the API's four resources, and `wait`, the waiting rooms' pages. Queue-it:
 * `queue`, all of its pages, and the three endpoints for connectors.
 */
export type SandboxEndpoint =
  | "requests"
  | "responses"
  | "rooms"
  | "redirect"
  | "wait"
  | "queue"
  | "integrationconfig"
  | "verify"
  | "directpass";

/** The kinds of fault. */
export type FaultKind = Fault["kind"];

/** One fault; `times` limits it to that many calls, otherwise it lasts until cleared. */
export type Fault =
  | { readonly kind: "delay"; readonly ms: number; readonly times?: number | undefined }
  /** The real answer, a byte every `ms` milliseconds (default 100). */
  | { readonly kind: "drip"; readonly ms?: number | undefined; readonly times?: number | undefined }
  | {
    readonly kind: "429";
    readonly retryAfterSeconds?: number | undefined;
    readonly times?: number | undefined;
  }
  | {
    readonly kind:
      | "timeout"
      | "reset"
      | "401"
      | "500"
      | "html"
      | "half-open"
      | "wrong-length"
      | "truncated"
      | "oversized"
      | "empty"
      | "redirect";
    readonly times?: number | undefined;
  };

/** The faults of a sandbox. */
export interface Faults {
  /**
   * Plays a fault on every call of an endpoint, or on the next `times` calls.
   *
   * @param endpoint Where.
   * @param fault What.
   * @throws {TypeError} If the endpoint or the fault is unknown.
   */
  set(endpoint: SandboxEndpoint, fault: Fault): void;
  /**
   * Ends the fault of one endpoint, or all of them.
   *
   * @param endpoint Where; everywhere when left out.
   */
  clear(endpoint?: SandboxEndpoint): void;
}

/** The endpoints, for checks and messages. */
export const ENDPOINTS: readonly SandboxEndpoint[] = [
  "requests",
  "responses",
  "rooms",
  "redirect",
  "wait",
  "queue",
  "integrationconfig",
  "verify",
  "directpass",
];

const times = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));

const FaultSchema = v.variant("kind", [
  v.strictObject({
    kind: v.literal("delay"),
    ms: v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_WAIT_MS)),
    times,
  }),
  v.strictObject({
    kind: v.literal("drip"),
    ms: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_WAIT_MS))),
    times,
  }),
  v.strictObject({
    kind: v.literal("429"),
    retryAfterSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    times,
  }),
  v.strictObject({
    kind: v.picklist([
      "timeout",
      "reset",
      "401",
      "500",
      "html",
      "half-open",
      "wrong-length",
      "truncated",
      "oversized",
      "empty",
      "redirect",
    ]),
    times,
  }),
]);

/** @internal */
export interface FaultBox extends Faults {
  /** The fault to play on this call, counted down. */
  take(endpoint: SandboxEndpoint): Fault | undefined;
  list(): Partial<Record<SandboxEndpoint, Fault>>;
}

/** Creates the faults of a sandbox. @internal */
export function createFaults(): FaultBox {
  const active = new Map<SandboxEndpoint, Fault>();
  return {
    set(endpoint, fault): void {
      if (!ENDPOINTS.includes(endpoint)) {
        throw new TypeError(
          `Cannot set fault: endpoint must be one of ${ENDPOINTS.join(", ")}, received "${endpoint}"`,
        );
      }
      const result = v.safeParse(FaultSchema, fault);
      if (!result.success) {
        const [issue] = result.issues;
        throw new TypeError(
          `Cannot set fault: "${v.getDotPath(issue) ?? "fault"}" is wrong. ${issue.message}`,
        );
      }
      active.set(endpoint, result.output);
    },
    clear(endpoint): void {
      if (endpoint === undefined) active.clear();
      else active.delete(endpoint);
    },
    take(endpoint): Fault | undefined {
      const fault = active.get(endpoint);
      if (fault?.times === undefined) return fault;
      if (fault.times <= 1) active.delete(endpoint);
      else active.set(endpoint, { ...fault, times: fault.times - 1 });
      return fault;
    },
    list: () => Object.fromEntries(active),
  };
}

/** What looks like a good answer of any endpoint to whoever does not look closely. @internal */
export const FOOLING: Readonly<Record<string, unknown>> = {
  result: { status: 0, promoted: 1, token: null, responseID: null },
  actionAllowed: true,
  hasPassed: true,
  Version: 1,
  Integrations: [],
};

/**
 * Plays a fault instead of, or around, the real answer.
 *
 * @param fault What to play.
 * @param call The request, the platform's argument to `fetch`, what ends a wait early, and the real answer.
 * @returns What the caller gets.
 * @throws {TypeError} For a reset in process, as `fetch` would.
 * @internal
 */
export async function playFault(
  fault: Fault,
  call: {
    signal: AbortSignal;
    env: unknown;
    answer: () => Response | Promise<Response>;
    /** How much nobody should read. */
    maxBytes: number;
  },
): Promise<Response> {
  switch (fault.kind) {
    case "delay":
      await pause(fault.ms, call.signal);
      return call.answer();
    case "timeout":
      await pause(MAX_WAIT_MS, call.signal);
      if (call.signal.aborted) throw call.signal.reason;
      return json({ error: "The sandbox never answers this call" }, 504);
    case "drip":
      return dripping(await call.answer(), fault.ms ?? 100, call.signal);
    case "half-open":
      return halfOpen(call.signal);
    case "wrong-length":
      return json({ result: { status: 1, promoted: 1 } }, 200, { "content-length": "4096" });
    case "reset":
      return reset(call.env);
    case "401":
      return json({ error: "Invalid API key" }, 401);
    case "429":
      return json({ error: "Too many requests" }, 429, {
        "retry-after": String(fault.retryAfterSeconds ?? 1),
      });
    case "500":
      return json({ error: "Internal server error" }, 500);
    case "html":
      return new Response("<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>", {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
    case "truncated":
      return new Response('{"result":{"status":1,"promoted":1,"token":"tok', {
        headers: { "content-type": "application/json" },
      });
    case "oversized":
      return json({ ...FOOLING, padding: "x".repeat(call.maxBytes) }, 200);
    case "empty":
      return new Response(null, { status: 200 });
    case "redirect":
      return new Response(null, { status: 302, headers: { location: "/sandbox/moved" } });
  }
}

/** Tears the connection down where the platform lets us, otherwise breaks the body off. */
function reset(env: unknown): Response {
  if (env === undefined) throw new TypeError("fetch failed: the sandbox reset the connection");
  const socket = nodeSocket(env);
  if (socket !== undefined) {
    socket.destroy();
    // The header by which @hono/node-server knows that nothing is left to be written.
    return new Response(null, { headers: { "x-hono-already-sent": "true" } });
  }
  const body = new ReadableStream({
    start: (controller) => controller.error(new TypeError("connection reset")),
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
}

function nodeSocket(env: unknown): { destroy(): void } | undefined {
  const { incoming } = Object(env) as { incoming?: { socket?: { destroy?: unknown } } };
  const socket = incoming?.socket;
  // The check proves the cast: `destroy` is all we call.
  return typeof socket?.destroy === "function" ? socket as { destroy(): void } : undefined;
}

function json(body: unknown, status: number, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}
