/**
 * The plugin: a plain object with a name and any of seven hooks.
 *
 * @module
 */

import type { Context, Slot } from "./context.ts";
import type { Decision, HeaderChange, Refusal } from "./decision.ts";
import type { GateError } from "./errors.ts";

/** How a request ended. */
export interface Outcome {
  /** What was decided. */
  readonly decision: Decision;
  /** `false` when the gate only reports: whatever was decided, the application answered. */
  readonly enforced: boolean;
  /** The fault from which the pipeline recovered, if there was one. */
  readonly failure: GateError | undefined;
  /** The status of the response; `undefined` when there is none, after an upgrade or an error. */
  readonly status: number | undefined;
  /** Whether the application was called. */
  readonly served: boolean;
  /** Whether the application failed with an error, which went on to the platform. */
  readonly threw: boolean;
  /** The name of the plugin that decided or recovered; `gate` where it was the gate itself. */
  readonly decidedBy: string;
  /** How long the gate took to decide, in milliseconds with fractions: from the first `prepare` hook on. */
  readonly durationMs: number;
}

/** How a plugin is doing, as plain values under names in camel case; numbers end in their unit. */
export type Health = Readonly<Record<string, string | number | boolean>>;

/**
 * A part of the pipeline. The hooks run in the order in which they stand here; within a hook, plugins run in the
 * order in which they were given to `createGate`.
 *
 * @example
 * ```ts
 * import type { Plugin } from "@stanchion/stanchion";
 *
 * export function officeHours(): Plugin {
 *   return {
 *     name: "office-hours",
 *     decide(ctx) {
 *       const hour = new Date(ctx.now()).getUTCHours();
 *       return hour < 8 ? { action: "reject", reason: "office-hours/closed", status: 503 } : undefined;
 *     },
 *   };
 * }
 * ```
 */
export interface Plugin {
  /** The plugin's name, in kebab-case; it starts the reasons of its decisions. */
  readonly name: string;

  /** The slots that this plugin fills for others, so that `createGate` can check what they require. */
  readonly provides?: readonly Slot[];

  /** The slots that an earlier plugin must fill. `createGate` refuses a pipeline in which none does. */
  readonly requires?: readonly Slot[];

  /** Whether the plugin makes the calls of its service by `callService`, so that wrappers can stand guard over them. */
  readonly guards?: boolean;

  /**
   * Whether `recover` decides whatever the failure is, so that nobody behind is asked. `createGate` refuses another
   * `recover` there.
   */
  readonly recoversAll?: boolean;

  /**
   * Tells whether the gate concerns this request. One `false` lets the request bypass the gate: nothing else
   * runs. A `match` that throws protects the request.
   */
  match?(ctx: Context): boolean;

  /** Gathers what the deciding plugins need. Every one runs. */
  prepare?(ctx: Context): void | Promise<void>;

  /** Decides, or leaves it to the next by returning `undefined`. The first decision wins. */
  decide?(ctx: Context): Decision | undefined | Promise<Decision | undefined>;

  /** Decides after a fault in `prepare` or `decide`. The first decision wins. */
  recover?(ctx: Context, failure: GateError): Decision | undefined;

  /** Answers a visitor who was not admitted, or leaves it to the next. The first response wins. */
  respond?(ctx: Context, refusal: Refusal): Response | undefined | Promise<Response | undefined>;

  /**
   * Returns the headers that the response gets. Every one runs, also after a refusal; the response itself is to
   * be looked at only. It is `undefined` when the application answered with something else, as Bun's WebSocket
   * upgrades do.
   */
  headers?(ctx: Context, response: Response | undefined): readonly HeaderChange[] | undefined;

  /** Does what remains once the response is on its way. Every one runs, and nobody waits for it. */
  settled?(ctx: Context, outcome: Outcome): void | Promise<void>;

  /** Tells how the plugin is doing, such as the age of what it works with. No hook: it belongs to no request. */
  health?(): Health;
}

/**
 * A plugin that decides nothing. The factories say by these three types what their plugins leave to others, so that
 * the compiler refuses a pipeline in which nobody decides or recovers; a plugin of type {@linkcode Plugin} may do both.
 */
export type Helper = Plugin & { readonly decide?: undefined; readonly recover?: undefined };

/** A plugin that says what happens after a fault, and decides nothing before one. */
export type Policy = Plugin & { readonly decide?: undefined };

/** A plugin that decides, and leaves it to a policy what happens after a fault. */
export type Provider = Plugin & { readonly recover?: undefined };
