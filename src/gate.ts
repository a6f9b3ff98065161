/**
 * The gate: `(request, next) => Response`, a pipeline of plugins in front of an application.
 *
 * @module
 */

import { checkGate } from "./gate-options.ts";
import { RequestContext } from "./pipeline/request-context.ts";
import { explain } from "./pipeline/explain.ts";
import { healthOf } from "./pipeline/health.ts";
import { show } from "./options/check.ts";
import { isPromise } from "./async/maybe-promise.ts";
import { type Machinery, type Next, Passage } from "./pipeline/run.ts";
import { compile, hookNames, unconcerned } from "./pipeline/compile.ts";
import { complain } from "./pipeline/report-error.ts";
import { Settler } from "./pipeline/background.ts";
import type { Context } from "./context.ts";
import { decided } from "./decided.ts";
import type { Decision, HeaderChange } from "./decision.ts";
import { GateError, type HookName } from "./errors.ts";
import { isMode, type Mode } from "./mode.ts";
import type { Health, Plugin } from "./plugin.ts";

export type { Mode } from "./mode.ts";

/** The options of {@linkcode createGate}. */
export interface GateOptions<P extends readonly Plugin[] = readonly Plugin[]> {
  /** The plugins, in the order in which their hooks run. */
  readonly plugins: P;
  /**
   * The mode, or a function that is asked on each request.
   *
   * @default {"enforce"}
   */
  readonly mode?: Mode | ((request: Request) => Mode);
  /**
   * The clock, in Unix milliseconds.
   *
   * @default {Date.now}
   */
  readonly now?: () => number;
  /**
   * The clock by which durations are measured, in milliseconds with fractions. It need not tell the time.
   *
   * @default {performance.now}
   */
  readonly timer?: () => number;
  /**
   * Is told of every fault. What it throws itself is ignored.
   *
   * @default {a line on the console, at most one a second for each plugin and cause}
   */
  readonly onError?: (error: GateError) => void;
  /**
   * How many pieces of work may be pending after their responses; more are dropped and reported. Hooks that were always
   * done at once run all the same.
   *
   * @default {1000}
   */
  readonly maxPending?: number;
  /**
   * How long one piece of work after a response is waited for, in milliseconds.
   *
   * @default {10000}
   */
  readonly settledTimeoutMs?: number;
}

/** What the types of the plugins show to be missing: somebody who decides, or somebody who recovers. */
export type Complete<P extends readonly Plugin[]> =
  & ([P[number]["decide"]] extends [undefined] ? { readonly plugins: "no plugin decides: add a provider" }
    : unknown)
  & ([P[number]["recover"]] extends [undefined]
    ? { readonly plugins: "no plugin recovers: add failOpen() or failClosed()" }
    : unknown);

/** One thing that happened while a request was explained. */
export interface ExplainedStep {
  /** The hook that ran. */
  readonly hook: HookName;
  /** The plugin that it belongs to. */
  readonly plugin: string;
  /** What it returned, in words. */
  readonly said: string;
  /** Its remarks. */
  readonly notes: readonly string[];
}

/** What the gate would do with a request, and why. */
export interface Explanation {
  /** The mode in which a real request would be treated. */
  readonly mode: Mode;
  /** Each hook that ran, in order. */
  readonly steps: readonly ExplainedStep[];
  /** What would be decided. */
  readonly decision: Decision;
  /** The fault from which the pipeline recovered, if there was one. */
  readonly failure: GateError | undefined;
  /** The headers that the response would get. */
  readonly headers: readonly HeaderChange[];
}

/** How a gate is doing. */
export interface GateHealth {
  /** How many faults were reported since the gate was created. */
  readonly errors: number;
  /** How many pieces of work are pending after their responses. */
  readonly pending: number;
  /** What each plugin says that tells of itself, by its name. */
  readonly plugins: Readonly<Record<string, Health>>;
}

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
   * @param platform What the platform hands over beside the request.
   * @returns The response; a promise only if a hook or the application gave one.
   */
  <R>(
    request: Request,
    next: (ctx: Context | undefined, decision: Decision) => R,
    ...platform: readonly unknown[]
  ): R | Response | Promise<Awaited<R> | Response>;

  /** The compiled pipeline as data. */
  readonly plan: Plan;

  /** How many faults were reported since the gate was created. */
  readonly errors: number;

  /**
   * Puts the gate in front of a handler.
   *
   * @param handler The application; the platform's extra arguments are handed on to it.
   * @returns A handler of the same kind.
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
 * @throws {TypeError} When an option or a plugin has the wrong shape, when no plugin decides, or when none says
 * what happens after a fault.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "@stanchion/stanchion";
 * import { crowdhandler } from "@stanchion/stanchion/crowdhandler";
 *
 * const gate = createGate({
 *   plugins: [
 *     staticFiles(),
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
export function createGate<const P extends readonly Plugin[]>(options: GateOptions<P> & Complete<P>): Gate {
  checkGate(options);
  const { plugins, mode = "enforce", now = Date.now, onError = complain(now) } = options;
  const { maxPending = 1000, settledTimeoutMs = 10_000, timer = () => performance.now() } = options;
  const pipeline = compile(plugins);
  const tells = plugins.some(({ requires }) => requires?.includes(decided));
  const settler = new Settler(maxPending, settledTimeoutMs, report);
  const measures = tells || pipeline.settled.length > 0;
  const machinery: Machinery = { pipeline, settler, report, timer: measures ? timer : undefined, tells };
  const counter = { errors: 0 };

  function report(error: GateError): void {
    counter.errors++;
    try {
      const told: unknown = onError(error);
      if (isPromise(told)) told.then(undefined, ignore);
    } catch {
      // Whoever listens to faults must not cause any.
    }
  }

  function run<R>(request: Request, next: Parameters<typeof gate<R>>[1], args: readonly unknown[]) {
    const wanted = typeof mode === "string" ? mode : modeFor(request, mode, report);
    if (wanted === "off") return next(undefined, off);
    const ctx = new RequestContext(request, args, now);
    const bypass = unconcerned(pipeline, ctx, report);
    if (bypass !== undefined) return next(ctx, bypass);
    // `next` returns R, a promise or not; Passage names the two separately.
    const call = next as Next<Awaited<R>>;
    return new Passage(machinery, ctx, call, wanted === "enforce").begin();
  }

  function gate<R>(
    request: Request,
    next: (ctx: Context | undefined, decision: Decision) => R,
    ...platform: readonly unknown[]
  ) {
    return run(request, next, platform);
  }

  const members: Pick<Gate, "wrap" | "explain" | "health" | "idle"> = {
    wrap(handler) {
      if (typeof handler !== "function") {
        throw new TypeError(`Cannot wrap handler: it must be a function, received ${show(handler)}`);
      }
      return (request, ...args) => run(request, () => handler(request, ...args), args);
    },
    explain(request, ...platform) {
      return explain(machinery, modeFor(request, mode, ignore), request, platform, now);
    },
    health: () => ({ errors: counter.errors, pending: settler.pending, plugins: healthOf(plugins) }),
    idle: () => settler.idle(),
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
  report(new GateError("internal", `"mode" returned ${show(wanted)}; the gate enforces`));
  return "enforce";
}

/** The decision while the gate is off. */
const off: Decision = { action: "bypass", reason: "gate/off" };

function ignore(): void {}
