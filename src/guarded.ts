/**
 * How a guard is put over the calls of a provider.
 *
 * @module
 */

import { bindHooks } from "./pipeline/bind-hooks.ts";
import type { Context } from "./context.ts";
import type { Provider } from "./plugin.ts";
import type { Calls, Guard } from "./service.ts";

/**
 * Puts a guard over the calls of a provider, so that it goes on deciding whatever it can decide without its service.
 *
 * @param provider The provider, perhaps behind a guard already, which then stands nearer to the service.
 * @param guard The guard.
 * @returns The provider under the same name, whose health is told with that of the guard.
 *
 * @example
 * ```ts
 * import { type Guard, guarded, type Provider } from "stanchion";
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

  const { longestMs = 0, callsInTurn = 1 } = provider;
  return {
    ...others,
    ...(guard.waitMs !== undefined && { longestMs: longestMs + callsInTurn * guard.waitMs }),
    decide: (ctx, calls) => decide(ctx, callsFor(ctx, calls)),
    ...(settled && { settled: (ctx, outcome, calls) => settled(ctx, outcome, callsFor(ctx, calls)) }),
    health: () => ({ ...health?.(), ...guard.health() }),
  };
}
