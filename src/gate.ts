/**
 * The gate: `(request, next) => Response`, a pipeline of plugins in front of an application.
 *
 * @module
 */

import { chain, leave } from "./async/maybe-promise.ts";
import { quietly } from "./async/quietly.ts";
import type { Begun } from "./begun.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decision.ts";
import { GateError, type HookName } from "./errors.ts";
import { checkGate, type Complete, type GateOptions, type Listed } from "./gate-options.ts";
import { isMode, type Mode, modeNames } from "./mode.ts";
import { show } from "./options/check.ts";
import { createSchemeWatch } from "./options/unencrypted-url.ts";
import { Background } from "./pipeline/background.ts";
import { callsBehind } from "./pipeline/calls.ts";
import { checkCall, checkRequest, hintOf } from "./pipeline/check-call.ts";
import { bypassOf, compile } from "./pipeline/compile.ts";
import { hookNames } from "./pipeline/hook-names.ts";
import { explain, type Explanation } from "./pipeline/explain.ts";
import { healthOf } from "./pipeline/health.ts";
import { HeldAnswer } from "./pipeline/held-answer.ts";
import { HeldPassage, hold } from "./pipeline/held-passage.ts";
import { hookTimeoutOf, hookWaiter } from "./pipeline/hook-time.ts";
import type { Machinery } from "./pipeline/machinery.ts";
import { type ContextSource, RequestContext } from "./pipeline/request-context.ts";
import { AnswerHead } from "./pipeline/plain-answer.ts";
import { reportToConsole } from "./pipeline/report-error.ts";
import { type Next, Run } from "./pipeline/run.ts";
import { answerOf } from "./pipeline/sendable.ts";
import { hostsOf, suppliesOf } from "./pipeline/supplies.ts";
import { pageUrlsAt } from "./url/page-url.ts";
import { siteOf } from "./url/public-hosts.ts";
import type { GateHealth } from "./health.ts";

export type { ExplainedStep, Explanation } from "./pipeline/explain.ts";

/** The hooks in their order, each with the names of the plugins that take part. */
export type Plan = readonly { readonly hook: HookName; readonly plugins: readonly string[] }[];

/** A gate. It is a function of a request and of what calls the application. */
export interface Gate {
  /**
   * Decides about a request, then calls the application or answers itself.
   *
   * @param request The request.
   * @param next Calls the application. It is called at most once, with the request's context, so that adapters can
   * hand on what the plugins found, and with what was decided, which is a refusal when the gate only reports. While
   * the gate is off there is no context.
   * @param platform What the platform hands over beside the request, or the framework: its event, its context, its request. Where
   * you know better, what `platform()` made is the last argument.
   * @returns The response; a promise only if a hook or the application gave one.
   * @throws {TypeError} When the first argument is no request, or the second no function.
   */
  <R>(
    request: Request,
    next: (ctx: Context | undefined, decision: Decision) => R,
    ...platform: readonly unknown[]
  ): R | Response | Promise<Awaited<R> | Response>;

  /**
   * Decides about a request for a server that writes its response itself, such as those of Node, and calls nobody: whoever begins sends the
   * gate's answer, or calls the application and tells the gate of its response, before the head is written. All else is as where the gate
   * calls the application.
   *
   * @param request The request, or an object that has what is asked of one: `url`, `method`, `headers`, `signal`, `body`, `bodyUsed` and
   * `clone()`. `nodeGate` of `stanchion/node` has one.
   * @param platform What the platform hands over beside the request, as above.
   * @returns The gate's answer, or the visitor's passage; a promise only if a hook gave one, which is never rejected.
   * @throws {TypeError} When the first argument is no request.
   *
   * @example
   * ```ts
   * import { createGate, failOpen } from "stanchion";
   * import { crowdhandler } from "stanchion/crowdhandler";
   *
   * const gate = createGate({ plugins: [failOpen(), crowdhandler({ publicKey: "your-public-key" })], mode: "off" });
   * const begun = await gate.begin(new Request("https://shop.example.com/tickets"));
   * if (begun.answer === undefined) {
   *   const changes = begun.finish(200, new Headers({ "cache-control": "public" }));
   *   changes.length; // 0
   * }
   * ```
   */
  begin(request: Request, ...platform: readonly unknown[]): Begun | Promise<Begun>;

  /** The compiled pipeline as data. */
  readonly plan: Plan;

  /** How many faults were reported since the gate was created. */
  readonly errors: number;

  /**
   * Puts the gate in front of a handler. WebSockets that are upgraded within it are gated as well, as on Deno, Bun and
   * Workers; Node emits an event for them, which no handler sees: use `gateUpgrade` of `stanchion/node` there.
   *
   * @param handler The application; the platform's extra arguments are handed on to it. Whoever calls the handler may add what
   * `platform()` made as the last one.
   * @returns A handler of the same kind.
   * @throws {TypeError} When the handler is no function, and, from the handler of the same kind, when it is handed no request.
   */
  wrap<A extends readonly unknown[], R>(
    handler: (request: Request, ...args: A) => R,
  ): (request: Request, ...args: A) => R | Response | Promise<Awaited<R> | Response>;

  /**
   * Tells what each hook says of a request and why, without calling the application and without changing anything.
   *
   * @param request The request.
   * @param platform What the platform hands over beside the request.
   * @returns What would be done.
   */
  explain(request: Request, ...platform: readonly unknown[]): Promise<Explanation>;

  /**
   * Tells how the gate and its plugins are doing, for a health check and for metrics.
   *
   * @returns Plain values.
   */
  health(): GateHealth;

  /**
   * Waits for the work that goes on after responses, for a clean shutdown.
   *
   * @returns A promise that is fulfilled when none is pending.
   */
  idle(): Promise<void>;
}

/**
 * Creates a gate from plugins.
 *
 * @param options The plugins and how to run them.
 * @returns The gate.
 * @throws {TypeError} When an option or a plugin has the wrong shape, when no plugin decides, when one would never be asked,
 * or when none says what happens after a fault.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const gate = createGate({
 *   plugins: [
 *     staticFiles({ roots: ["/assets"] }),
 *     clientIp({ trustedProxies: 1 }),
 *     cookieTokens(),
 *     failOpen(),
 *     crowdhandler({ publicKey: "your-public-key" }),
 *   ],
 * });
 *
 * export default { fetch: gate.wrap(() => new Response("Welcome")) };
 * ```
 */
export function createGate<const P extends readonly Listed[]>(options: GateOptions<P> & Complete<P>): Gate {
  const plugins = checkGate(options);
  const { mode = "enforce", now = Date.now, onError = reportToConsole(now) } = options;
  const { maxPending = 1000, settledTimeoutMs = 10_000, timer = () => performance.now() } = options;
  const { warn = (message) => console.warn(message) } = options;
  const counter = { errors: 0 };

  function report(error: GateError): void {
    counter.errors++;
    // Whoever listens to faults must not cause any.
    quietly(() => onError(error));
  }

  const pipeline = compile(plugins);
  const background = new Background(maxPending, settledTimeoutMs, report);
  const measures = pipeline.settled.length > 0 || plugins.some(({ timed }) => timed);
  const machinery: Machinery = {
    pipeline,
    calls: callsBehind(),
    background,
    report,
    waitForHook: hookWaiter(hookTimeoutOf(plugins, options.hookTimeoutMs)),
    timer: measures ? timer : undefined,
  };
  const { publicHosts = hostsOf(plugins), basePath, caseSensitive = false } = options;
  const supplied = suppliesOf(plugins, report);
  const site = siteOf(publicHosts, basePath);
  const watchScheme = supplied.origin === undefined ? createSchemeWatch(site.isPublic, warn) : undefined;
  const pageUrl = pageUrlsAt(site);
  const source: ContextSource = { ...supplied, clock: now, site, pageUrl, caseSensitive, watchScheme };

  function run<R>(request: Request, next: Parameters<typeof gate<R>>[1], args: readonly unknown[]) {
    checkCall(request, next);
    const wanted = typeof mode === "string" ? mode : modeFor(request, mode, report);
    if (wanted === "off") return next(undefined, off);
    const ctx = new RequestContext(request, args, source);
    const bypass = bypassOf(pipeline, ctx, report);
    if (bypass !== undefined) return next(ctx, bypass);
    // `next` returns R, a promise or not; Run names the two separately.
    const call = next as Next<Awaited<R>>;
    return new Run(machinery, ctx, call, wanted === "enforce").begin();
  }

  function gate<R>(
    request: Request,
    next: (ctx: Context | undefined, decision: Decision) => R,
    ...platform: readonly unknown[]
  ) {
    return run(request, next, platform);
  }

  const members: Pick<Gate, "begin" | "wrap" | "explain" | "health" | "idle"> = {
    begin: (request, ...platform) => chain(run(request, hold, platform), begunWith),
    wrap(handler) {
      if (typeof handler !== "function") {
        throw new TypeError(
          `Cannot wrap handler: it must be a function, received ${show(handler)}${hintOf(handler)}`,
        );
      }
      return (request, ...args) => run(request, () => answerOf(handler(request, ...args), args), args);
    },
    async explain(request, ...platform) {
      checkRequest(request);
      return await explain(machinery, modeFor(request, mode, ignore), request, platform, source);
    },
    health: () => ({ errors: counter.errors, pending: background.pending, plugins: healthOf(plugins) }),
    idle: () => background.idle(),
  };
  const plan: Plan = hookNames.map((hook) => ({ hook, plugins: pipeline[hook].map((step) => step.plugin) }));
  Object.defineProperties(gate, {
    plan: { value: plan, enumerable: true },
    errors: { get: () => counter.errors, enumerable: true },
  });
  // The two properties defined above complete the interface.
  return Object.assign(gate, members) as unknown as Gate;
}

/** The mode for one request. A function that does not say it clearly never opens the gate. */
function modeFor(request: Request, mode: GateOptions["mode"], report: (error: GateError) => void): Mode {
  let wanted: unknown = mode;
  if (typeof mode === "function") {
    try {
      wanted = mode(request);
    } catch (cause) {
      report(new GateError("internal", '"mode" threw; the gate enforces', { cause }));
      return "enforce";
    }
  }
  if (isMode(wanted)) return wanted;
  leave(wanted);
  report(
    new GateError(
      "internal",
      `"mode" returned ${show(wanted)}, not ${modeNames.map(show).join(", ")}; the gate enforces`,
    ),
  );
  return "enforce";
}

function begunWith(said: HeldPassage | Response): Begun {
  if (said instanceof HeldPassage) return said;
  return said instanceof AnswerHead ? new HeldAnswer(said) : { answer: said };
}

/** The decision while the gate is off. */
const off: Decision = { action: "bypass", reason: "gate/off" };

function ignore(): void {}
