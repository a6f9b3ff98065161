/**
 * The one way in which a provider calls its service, and those who stand guard over these calls.
 *
 * @module
 */

import { bindHooks } from "./pipeline/bind-hooks.ts";
import type { Context } from "./context.ts";
import type { Health, Provider } from "./plugin.ts";

/** One call of a service. */
export interface Call<T> {
  /** What is called, for messages: `"GET /v1/rooms"`, without tokens and parameters. */
  readonly what: string;
  /** How long it may take, in milliseconds, from when it is made. Waiting for a turn does not count. */
  readonly timeoutMs: number;
  /**
   * Makes the call.
   *
   * @param signal Is aborted when the time is over.
   * @returns What the service answers.
   */
  readonly make: (signal: AbortSignal) => Promise<T>;
}

/** The calls of a provider, behind whoever stands guard over them. */
export interface Calls {
  /**
   * Makes a call, if it may be made now.
   *
   * @param call The call.
   * @returns What it gives.
   * @throws {GateError} When a guard refuses the call, when it takes too long, and when it fails.
   */
  run<T>(call: Call<T>): Promise<T>;

  /**
   * Tells whether a call would be refused now, for work that is left out then. It changes nothing.
   *
   * @returns `true` while calls are refused.
   */
  refuses(): boolean;

  /**
   * Puts a further guard before the service, behind those that stand there already.
   *
   * @param guard The guard.
   * @returns The calls behind it.
   */
  behind(guard: Guard): Calls;
}

/** Stands between a provider and its service: it lets a call through, makes it wait, or refuses it. */
export interface Guard {
  /**
   * Makes a call, if it may be made now.
   *
   * @param call Makes the call, under its time limit.
   * @returns What the call gives.
   * @throws {GateError} When the call is refused, and whatever the call throws.
   */
  run<T>(call: () => Promise<T>): Promise<T>;

  /**
   * Tells whether a call would be refused now, for work that is left out then. It changes nothing. A guard that never
   * refuses for long leaves it out.
   *
   * @returns `true` while calls are refused.
   */
  refuses?(): boolean;

  /**
   * Gives a guard that does the same and changes nothing, while the gate explains.
   *
   * @param ctx The request that is explained.
   * @returns The guard for it.
   */
  looking(ctx: Context): Guard;

  /**
   * Tells how the guard is doing.
   *
   * @returns Plain values; `state` is that of a guard that has states.
   */
  health(): Health;
}

/**
 * Puts a guard over the calls of a provider, so that it goes on deciding whatever it can decide without its service.
 *
 * @param provider The provider, perhaps behind a guard already, which then stands nearer to the service.
 * @param guard The guard.
 * @returns The provider under the same name, whose health is told with that of the guard.
 *
 * @example
 * ```ts
 * import { type Guard, guarded, type Provider } from "@stanchion/stanchion";
 *
 * export function counted(provider: Provider): Provider {
 *   let calls = 0;
 *   const guard: Guard = {
 *     run(call) {
 *       calls++;
 *       return call();
 *     },
 *     looking: () => ({ ...guard, run: (call) => call() }),
 *     health: () => ({ calls }),
 *   };
 *   return guarded(provider, guard);
 * }
 * ```
 */
export function guarded(provider: Provider, guard: Guard): Provider {
  const { decide, settled, health, ...others } = bindHooks(provider);
  let outer: Calls | undefined;
  let inner: Calls | undefined;

  /** All requests of a gate come with the same calls, so the guard is put before them once. */
  function around(calls: Calls): Calls {
    if (inner === undefined || calls !== outer) {
      outer = calls;
      inner = calls.behind(guard);
    }
    return inner;
  }

  function callsFor(ctx: Context, calls: Calls): Calls {
    return ctx.dryRun ? calls.behind(guard.looking(ctx)) : around(calls);
  }

  return {
    ...others,
    decide: (ctx, calls) => decide(ctx, callsFor(ctx, calls)),
    ...(settled && { settled: (ctx, outcome, calls) => settled(ctx, outcome, callsFor(ctx, calls)) }),
    health: () => ({ ...health?.(), ...guard.health() }),
  };
}
