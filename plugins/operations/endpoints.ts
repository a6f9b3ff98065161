import * as v from "valibot";
import { withDeadline } from "../../src/async/deadline.ts";
import { isLate } from "../../src/async/maybe-promise.ts";
import type { Gate } from "../../src/gate.ts";
import type { GateHealth } from "../../src/health.ts";
import { readJsonBody } from "../../src/http/json-body.ts";
import { type Answer, answer, problem } from "../../src/http/problem.ts";
import type { ModeControl } from "../../src/mode.ts";
import { plainExplanation } from "../../src/telemetry/plain-explanation.ts";
import type { MetricsText, OperationsOptions } from "./options.ts";
import { changeSchema, type Question, questionSchema, requestOf } from "./requests.ts";

/** What an endpoint does, by method. */
export type Endpoint = Readonly<
  Partial<Record<"GET" | "POST" | "PUT", (request: Request) => Answer | Promise<Answer>>>
>;

/** How long what is sent may be, and how long anything may take. */
interface Limits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** Makes the endpoints by their paths, from checked options. */
export function endpointsOf(gate: Gate, options: OperationsOptions): ReadonlyMap<string, Endpoint> {
  const { metrics, modes, isHealthy = seemsHealthy } = options;
  const { maxExplains = 4, maxBytes = 65_536, timeoutMs = 5000 } = options;
  const limits = { maxBytes, timeoutMs };
  return new Map<string, Endpoint>([
    ["/health", { GET: () => health(gate, isHealthy, modes) }],
    ["/explain", { POST: explainer(gate, limits, maxExplains) }],
    ...(metrics === undefined ? [] : [["/metrics", metricsEndpoint(gate, metrics, limits)] as const]),
    ...(modes === undefined ? [] : [["/mode", modeEndpoint(modes, limits)] as const]),
  ]);
}

function health(
  gate: Gate,
  isHealthy: (health: GateHealth) => boolean,
  modes: ModeControl | undefined,
): Answer {
  const health = gate.health();
  const isFit = finds(isHealthy, health);
  const mode = modes?.state();
  const isFull = !says(health, "state", "open", "half-open");
  const status = !isFit ? "failed" : isFull && (mode?.mode ?? "enforce") === "enforce" ? "ok" : "degraded";
  return answer(isFit ? 200 : 503, { status, ...(mode && { mode }), health, plan: gate.plan });
}

/** A test that throws finds nothing healthy. */
function finds(isHealthy: (health: GateHealth) => boolean, health: GateHealth): boolean {
  try {
    const said: unknown = isHealthy(health);
    return !isLate(said) && said === true;
  } catch {
    return false;
  }
}

function seemsHealthy(health: GateHealth): boolean {
  return !says(health, "failed", true) && !says(health, "ready", false);
}

/** Whether a plugin says so. */
function says({ plugins }: GateHealth, name: string, ...values: readonly unknown[]): boolean {
  return Object.values(plugins).some((health) => values.includes(health[name]));
}

function metricsEndpoint(gate: Gate, metrics: MetricsText, { timeoutMs }: Limits): Endpoint {
  return {
    async GET() {
      const body = await withDeadline(Promise.resolve(metrics.text(gate)), timeoutMs, "The metrics");
      if (typeof body !== "string") throw new TypeError("The metrics are no text");
      return { status: 200, body, type: "text/plain; version=0.0.4; charset=utf-8" };
    },
  };
}

/** Explains requests that are described to it, so many at a time. */
function explainer(gate: Gate, limits: Limits, maxExplains: number): (request: Request) => Promise<Answer> {
  const explaining = { count: 0 };
  return async (request) => {
    if (explaining.count >= maxExplains) {
      const detail = "As many explanations are being made as may be";
      return problem(503, { detail }, { "retry-after": "1" });
    }
    explaining.count++;
    try {
      const question = await read(request, limits, questionSchema);
      return "problem" in question ? question.problem : await explained(gate, question.value, limits);
    } finally {
      explaining.count--;
    }
  };
}

async function explained(gate: Gate, question: Question, { timeoutMs }: Limits): Promise<Answer> {
  const described = requestOf(question);
  if (described === undefined) {
    return problem(400, { detail: "There is no request with this method and these headers" });
  }
  const connection = question.address === undefined ? [] : [{ remoteAddr: { hostname: question.address } }];
  const explanation = await withDeadline(
    gate.explain(described, ...connection),
    timeoutMs,
    "The explanation",
  );
  return answer(200, plainExplanation(explanation, described));
}

function modeEndpoint(modes: ModeControl, limits: Limits): Endpoint {
  return {
    GET: () => answer(200, modes.state()),
    async PUT(request) {
      const change = await read(request, limits, changeSchema);
      if ("problem" in change) return change.problem;
      const { mode, ...how } = change.value;
      const state = await modes.set(mode, how);
      // What is set may be anything that has the function.
      if (state?.saved !== false) return answer(200, state);
      const detail = "This process follows, but the storage did not take the mode: others do not";
      return problem(503, { detail, state });
    },
  };
}

async function read<T>(
  request: Request,
  limits: Limits,
  schema: v.GenericSchema<unknown, T>,
): Promise<{ readonly value: T } | { readonly problem: Answer }> {
  const body = await readJsonBody(request, limits);
  if ("status" in body) return { problem: problem(body.status, { detail: body.detail }) };
  const parsed = v.safeParse(schema, body.value, { abortPipeEarly: true });
  if (parsed.success) return { value: parsed.output };
  const errors = parsed.issues.slice(0, 20).map((issue) => ({
    path: v.getDotPath(issue) ?? "",
    message: issue.message,
  }));
  return { problem: problem(400, { detail: "The body is not what this endpoint takes", errors }) };
}
