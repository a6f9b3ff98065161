/**
 * Endpoints for those who operate a gate: health, metrics, explanations and the mode.
 *
 * @module
 */

import { shapeError } from "../../src/options/check.ts";
import { pathBelow } from "../../src/url/path-below.ts";
import { ServiceError } from "../../src/errors.ts";
import type { Gate } from "../../src/gate.ts";
import { type Answer, problem, responseOf } from "../../src/http/problem.ts";
import { bearerCheck } from "../../src/crypto/bearer.ts";
import { type Endpoint, endpointsOf } from "./endpoints.ts";
import { checkOperations, type OperationsOptions, subject } from "./options.ts";

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
   * Puts the endpoints in front of a handler, normally that of `gate.wrap`: they must be reachable while visitors wait. Those of
   * waiting rooms, such as `/.stanchion/tickets/status`, are handed on to the handler.
   *
   * @param handler Answers all other requests; the platform's extra arguments are handed on to it.
   * @returns A handler of the same kind.
   */
  route<A extends readonly unknown[], R>(
    handler: (request: Request, ...args: A) => R,
  ): (request: Request, ...args: A) => R | Promise<Response>;
}

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
 * import { cookieTokens, createGate, failOpen } from "stanchion";
 * import { modeSwitch } from "stanchion/mode-switch";
 * import { crowdhandler } from "stanchion/crowdhandler";
 * import { operations } from "stanchion/operations";
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
  const { secrets, path = "/.stanchion" } = options;
  const isAuthorized = bearerCheck(secrets);
  const endpoints = endpointsOf(gate, options);

  async function respond(request: Request): Promise<Answer> {
    if (!isAuthorized(request.headers.get("authorization"))) {
      const challenge = { "www-authenticate": 'Bearer realm="stanchion"' };
      return problem(401, { detail: "A secret is needed" }, challenge);
    }
    const endpoint = endpoints.get(pathBelow(path, request) ?? "");
    if (endpoint === undefined) return problem(404, { detail: "There is no such endpoint" });
    const method = request.method === "HEAD" ? "GET" : request.method;
    if (!isMethod(method) || endpoint[method] === undefined) {
      const allow = Object.keys(endpoint).flatMap((name) => name === "GET" ? ["GET", "HEAD"] : [name]);
      const detail = "This endpoint does not know the method";
      return problem(405, { detail }, { allow: allow.join(", ") });
    }
    return await endpoint[method](request);
  }

  async function handle(request: Request): Promise<Response> {
    return responseOf(await respond(request).catch(faultAnswer), request, noPage);
  }

  return Object.assign(handle, {
    route<A extends readonly unknown[], R>(handler: (request: Request, ...args: A) => R) {
      if (typeof handler !== "function") throw shapeError(subject, "handler", "a function", handler);
      return (request: Request, ...args: A): R | Promise<Response> =>
        isOwn(pathBelow(path, request)) ? handle(request) : handler(request, ...args);
    },
  });
}

/** Nobody keeps an answer, and nobody takes it for a page. */
const noPage = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** What went wrong may quote anything: it is not told. */
function faultAnswer(error: unknown): Answer {
  const isLate = error instanceof ServiceError && error.code === "timeout";
  return isLate ? problem(504, { detail: "It took too long" }) : problem(500, { detail: "It did not work" });
}

/** Whether a path below ours may be one of the endpoints. Deeper ones are those of waiting rooms, which visitors ask. */
function isOwn(rest: string | undefined): boolean {
  return rest !== undefined && !/^\/[^/]+\/[^/]/.test(rest);
}

function isMethod(method: string): method is keyof Endpoint {
  return method === "GET" || method === "POST" || method === "PUT";
}
