/**
 * The plugin: a plain object with a name and any of seven hooks.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { Decision, HeaderChange, PlainAnswer, Refusal } from "./decision.ts";
import type { GateError } from "./errors.ts";
import type { Health } from "./health.ts";
import type { Calls } from "./service.ts";
import type { TokenStore } from "./tokens.ts";

/** What became of a request. */
export interface Outcome {
  /** What was decided. */
  readonly decision: Decision;
  /** The name of the plugin that decided or recovered; `gate` where it was the gate itself. */
  readonly decidedBy: string;
  /** `false` when the gate only reports: whatever was decided, the application answered. */
  readonly enforced: boolean;
  /** The fault from which the pipeline recovered, if there was one. */
  readonly failure: GateError | undefined;
  /**
   * How long the gate took to decide, in milliseconds with fractions: from the first `prepare` hook on. It is measured for
   * `settled` hooks and for a plugin that is `timed`; otherwise it is 0.
   */
  readonly durationMs: number;
  /** The status of the response; `undefined` when there is none, after an upgrade or an error. */
  readonly status: number | undefined;
  /** Whether the application was called. */
  readonly served: boolean;
  /** Whether the application failed with an error, which went on to the platform. */
  readonly threw: boolean;
}

/** How much of a body is read, and how long that may take. */
export interface BodyLimits {
  /** How much of a body is read, in bytes. */
  readonly maxBytes: number;
  /** How long a body is waited for, in milliseconds. */
  readonly timeoutMs: number;
}

/** What a plugin supplies to the context of every request, in place of its default. */
export interface Supplies {
  /**
   * Opens the visitor's tokens, when a plugin first asks for them.
   *
   * @param ctx The request.
   * @returns The tokens, and the headers that they add.
   */
  readonly tokens?: (ctx: Context) => TokenStore;
  /**
   * Finds the visitor's address, when a plugin first asks for it.
   *
   * @param ctx The request.
   * @returns The address, or `undefined` where none is known.
   */
  readonly address?: (ctx: Context) => string | undefined;
  /**
   * Finds the origin that the visitor asked for, when a plugin first asks for the URL: its scheme and host, where a proxy in
   * front tells them.
   *
   * @param ctx The request. Its URL is not known yet.
   * @param own The origin in the request's URL.
   * @returns The origin in canonical form, such as `https://shop.example.com`, or `undefined` for the request's own.
   */
  readonly origin?: (ctx: Pick<Context, "request" | "platform">, own: string) => string | undefined;
  /**
   * Finds out whether nobody looks at the answer yet, when a plugin first asks. One that throws is reported, and the visit
   * counts as any other.
   *
   * @param ctx The request.
   * @returns `true` for a visit that opens no place in a waiting room.
   */
  readonly passive?: (ctx: Context) => boolean;
  /** How much of a body `ctx.body()` reads. */
  readonly body?: BodyLimits;
}

/**
 * A part of the pipeline. The hooks run in the order in which they stand here; within a hook, plugins run in the
 * order in which they were given to `createGate`.
 *
 * @example
 * ```ts
 * import type { Plugin } from "stanchion";
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

  /** What the plugin supplies to every context. `createGate` refuses two plugins that supply the same. */
  readonly supplies?: Supplies;

  /**
   * The hook in which the plugin always answers, so that nobody behind it is asked: `createGate` refuses a plugin with
   * that hook there, and so a second provider.
   */
  readonly final?: "decide" | "recover";

  /** Whether the `headers` hook reads how long the gate took to decide. To measure that costs every request a little. */
  readonly timed?: true;

  /**
   * How long one of its hooks may take by time limits of its own, in milliseconds, without the time in which it waits for the
   * visitor's body. What a plugin supplies counts on top of the hooks that use it. `createGate` refuses a `hookTimeoutMs` that is
   * not longer.
   */
  readonly longestMs?: number;

  /** The plugins that this one wraps and that tell of their health under names of their own. */
  readonly wraps?: readonly Plugin[];

  /** The hosts of the site, where this plugin was given them: they are the gate's, as its option of that name is. */
  readonly publicHosts?: readonly string[] | undefined;

  /**
   * Tells whether the gate concerns this request. One `false` lets the request bypass the gate: nothing else
   * runs. A `match` that throws protects the request.
   */
  match?(ctx: Context): boolean;

  /** Gathers what the deciding plugins need. Every one runs. */
  prepare?(ctx: Context): void | Promise<void>;

  /** Decides, or leaves it to the next by returning `undefined`. The first decision wins. */
  decide?(ctx: Context, calls: Calls): Decision | undefined | Promise<Decision | undefined>;

  /** Decides after a fault in `prepare` or `decide`. The first decision wins. */
  recover?(ctx: Context, failure: GateError): Decision | undefined;

  /** Answers a visitor who was not admitted, by a response or by its parts, or leaves it to the next. The first answer wins. */
  respond?(
    ctx: Context,
    refusal: Refusal,
  ): Response | PlainAnswer | undefined | Promise<Response | PlainAnswer | undefined>;

  /**
   * Returns the headers that the response gets. Every one runs, also after a refusal; the response itself is to
   * be looked at only. It is `undefined` when the application answered with something else, as Bun's WebSocket
   * upgrades do; an answer of the gate's own has the shape of a response, and becomes one afterwards.
   */
  headers?(
    ctx: Context,
    response: Response | undefined,
    outcome: Outcome,
  ): readonly HeaderChange[] | undefined;

  /** Does what remains once the response is on its way. Every one runs, and nobody waits for it. */
  settled?(ctx: Context, outcome: Outcome, calls: Calls): void | Promise<void>;

  /** Tells how the plugin is doing, such as the age of what it works with. No hook: it belongs to no request. */
  health?(): Health;
}

/**
 * A plugin that decides nothing. The factories say by these types what their plugins leave to others, so that the
 * compiler refuses a pipeline in which nobody decides or recovers; a plugin of type {@linkcode Plugin} may do both.
 */
export interface Helper extends Plugin {
  /** It decides nothing. */
  readonly decide?: never;
  /** It leaves faults to others. */
  readonly recover?: never;
}

/** A plugin that says what happens after a fault, and decides nothing before one. */
export interface Policy extends Plugin {
  /** It decides nothing before a fault. */
  readonly decide?: never;
}

/** A plugin that decides about some requests, and leaves the others to those behind it. */
export interface Decider extends Plugin {
  /** It leaves faults to others. */
  readonly recover?: never;
}

/**
 * The plugin that knows who may enter: it always decides, so it comes last among those that do, and leaves it to a policy
 * what happens after a fault.
 */
export interface Provider extends Plugin {
  /** It always decides. */
  readonly final: "decide";
  /** The service that it calls, for messages. A provider that calls none leaves it out, and nobody can stand guard over it. */
  readonly service?: string | undefined;
  /** How many calls of its service it makes one behind the other for one decision, at most. @default {1} */
  readonly callsInTurn?: number;
  /** Which requests are protected is not its business. */
  readonly match?: never;
  /** It leaves faults to others. */
  readonly recover?: never;

  /** Decides about every request. Calls of its service are made by `calls`, behind breaker, bulkhead and time limit. */
  decide(ctx: Context, calls: Calls): Decision | Promise<Decision>;
}
