/**
 * Endpoints for those who operate a gate: health, metrics, explanations and the mode.
 *
 * @module
 */

import * as v from "valibot";
import { withDeadline } from "../../src/async/deadline.ts";
import { shapeError } from "../../src/options/check.ts";
import { requestUrl } from "../../src/url/request-url.ts";
import { ServiceError } from "../../src/errors.ts";
import type { Gate, GateHealth } from "../../src/gate.ts";
import { bearerCheck } from "./bearer.ts";
import { plainExplanation } from "../../src/telemetry/plain-explanation.ts";
import { readJsonBody } from "../../src/http/json-body.ts";
import { checkOperations, type OperationsOptions, subject } from "./options.ts";
import { changeSchema, type Question, questionSchema, requestOf } from "./requests.ts";
import { type Answer, answer, problem, responseOf } from "../../src/http/problem.ts";

/** The endpoints, as a handler. It answers every request, and never throws. */
export interface Operations {
  /**
   * Answers a request.
   *
   * @param request The request.
   * @returns The answer; 404 for what is no endpoint.
   */
  (request: Request): Promise<Response>;

  /**
   * Puts the endpoints in front of a handler, normally that of `gate.wrap`: they must be reachable while visitors wait.
   *
   * @param handler Answers all other requests; the platform's extra arguments are handed on to it.
   * @returns A handler of the same kind.
   */
  route<A extends readonly unknown[], R>(
    handler: (request: Request, ...args: A) => R,
  ): (request: Request, ...args: A) => R | Promise<Response>;
}

type Endpoint = Readonly<
  Partial<Record<"GET" | "POST" | "PUT", (request: Request) => Answer | Promise<Answer>>>
>;

/**
 * Makes the endpoints `/health`, `/metrics`, `/explain` and `/mode`, under a path of their own, for whoever has one of
 * the secrets: `Authorization: Bearer <secret>`. Nothing else is told without one, not even which endpoints there are.
 *
 * `/explain` asks what the gate would do with a request that is described to it; it is not sent anywhere. Tokens, keys
 * and the values of cookies are left out of what it says.
 *
 * @param gate The gate.
 * @param options The secrets, and what the endpoints show.
 * @returns The handler.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen } from "@stanchion/stanchion";
 * import { modeSwitch } from "@stanchion/stanchion/mode-switch";
 * import { crowdhandler } from "@stanchion/stanchion/crowdhandler";
 * import { operations } from "@stanchion/stanchion/operations";
 *
 * const modes = modeSwitch();
 * const gate = createGate({
 *   mode: modes.mode,
 *   plugins: [cookieTokens(), failOpen(), crowdhandler({ publicKey: "your-public-key" })],
 * });
 * const endpoints = operations(gate, { secrets: ["a-long-secret-from-a-vault"], modes });
 *
 * export default { fetch: endpoints.route(gate.wrap(() => new Response("Welcome"))) };
 * ```
 */
export function operations(gate: Gate, options: OperationsOptions): Operations {
  checkOperations(gate, options);
  const { secrets, metrics, modes, path = "/.stanchion", isHealthy = seemsHealthy } = options;
  const { maxExplains = 4, maxBytes = 65_536, timeoutMs = 5000 } = options;
  const isAuthorized = bearerCheck(secrets);
  const limits = { maxBytes, timeoutMs };
  const explaining = { count: 0 };

  function health(): Answer {
    const health = gate.health();
    const isFit = finds(isHealthy, health);
    const mode = modes?.state();
    const isFull = !says(health, "state", "open", "half-open");
    const status = !isFit ? "failed" : isFull && (mode?.mode ?? "enforce") === "enforce" ? "ok" : "degraded";
    const body = { status, ...(mode && { mode }), health, plan: gate.plan };
    return answer(isFit ? 200 : 503, body);
  }

  async function showMetrics(): Promise<Answer> {
    const body = await withDeadline(Promise.resolve(metrics?.text(gate)), timeoutMs, "The metrics");
    if (typeof body !== "string") throw new TypeError("The metrics are no text");
    return { status: 200, body, type: "text/plain; version=0.0.4; charset=utf-8" };
  }

  async function explain(request: Request): Promise<Answer> {
    if (explaining.count >= maxExplains) {
      return problem(503, "As many explanations are being made as may be", { "retry-after": "1" });
    }
    explaining.count++;
    try {
      const question = await read(request, questionSchema);
      return "problem" in question ? question.problem : await explained(question.value);
    } finally {
      explaining.count--;
    }
  }

  async function explained(question: Question): Promise<Answer> {
    const described = requestOf(question);
    if (described === undefined) {
      return problem(400, "There is no request with this method and these headers");
    }
    const connection = question.address === undefined ? [] : [{ remoteAddr: { hostname: question.address } }];
    const explanation = await withDeadline(
      gate.explain(described, ...connection),
      timeoutMs,
      "The explanation",
    );
    return answer(200, plainExplanation(explanation, described));
  }

  async function setMode(request: Request): Promise<Answer> {
    const change = await read(request, changeSchema);
    if ("problem" in change) return change.problem;
    const { mode, ...how } = change.value;
    // A schema has looked at it; that the switch can be set is why this endpoint is there.
    const state = await modes?.set(mode, how);
    if (state?.saved !== false) return answer(200, state);
    return problem(503, "This process follows, but the storage did not take the mode: others do not", {}, {
      state,
    });
  }

  async function read<T>(
    request: Request,
    schema: v.GenericSchema<unknown, T>,
  ): Promise<{ readonly value: T } | { readonly problem: Answer }> {
    const body = await readJsonBody(request, limits);
    if ("status" in body) return { problem: problem(body.status, body.detail) };
    const parsed = v.safeParse(schema, body.value, { abortPipeEarly: true });
    if (parsed.success) return { value: parsed.output };
    const errors = parsed.issues.slice(0, 20).map((issue) => ({
      path: v.getDotPath(issue) ?? "",
      message: issue.message,
    }));
    return { problem: problem(400, "The body is not what this endpoint takes", {}, { errors }) };
  }

  const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
    ["/health", { GET: health }],
    ["/explain", { POST: explain }],
    ...(metrics === undefined ? [] : [["/metrics", { GET: showMetrics }] as const]),
    ...(modes === undefined
      ? []
      : [["/mode", { GET: () => answer(200, modes.state()), PUT: setMode }] as const]),
  ]);

  async function respond(request: Request): Promise<Answer> {
    if (!isAuthorized(request.headers.get("authorization"))) {
      return problem(401, "A secret is needed", { "www-authenticate": 'Bearer realm="stanchion"' });
    }
    const endpoint = endpoints.get(below(request) ?? "");
    if (endpoint === undefined) return problem(404, "There is no such endpoint");
    const method = request.method === "HEAD" ? "GET" : request.method;
    if (!isMethod(method) || endpoint[method] === undefined) {
      const allow = Object.keys(endpoint).flatMap((name) => name === "GET" ? ["GET", "HEAD"] : [name]);
      return problem(405, "This endpoint does not know the method", { allow: allow.join(", ") });
    }
    return await endpoint[method](request);
  }

  /** The rest of a path that begins as ours; `undefined` for others. */
  function below(request: Request): string | undefined {
    // Most requests are none of ours, and are not looked at closely.
    if (!request.url.includes(path)) return undefined;
    const href = requestUrl(request);
    if (href === undefined) return undefined;
    const start = href.indexOf("/", href.indexOf("//") + 2);
    const rest = href.startsWith(path, start) ? href.slice(start + path.length) : "x";
    return rest === "" || /^[/?#]/.test(rest) ? rest.replace(/[?#].*$/s, "") : undefined;
  }

  async function handle(request: Request): Promise<Response> {
    let given: Answer;
    try {
      given = await respond(request);
    } catch (error) {
      const isLate = error instanceof ServiceError && error.code === "timeout";
      // What went wrong may quote anything: it is not told.
      given = isLate ? problem(504, "It took too long") : problem(500, "It did not work");
    }
    return responseOf(given, request);
  }

  return Object.assign(handle, {
    route<A extends readonly unknown[], R>(handler: (request: Request, ...args: A) => R) {
      if (typeof handler !== "function") throw shapeError(subject, "handler", "a function", handler);
      return (request: Request, ...args: A): R | Promise<Response> =>
        below(request) === undefined ? handler(request, ...args) : handle(request);
    },
  });
}

function isMethod(method: string): method is keyof Endpoint {
  return method === "GET" || method === "POST" || method === "PUT";
}

/** A test that throws finds nothing healthy. */
function finds(isHealthy: (health: GateHealth) => boolean, health: GateHealth): boolean {
  try {
    return isHealthy(health) === true;
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
