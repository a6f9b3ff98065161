/**
 * The contract between a provider, which calls a service, and a wrapper that stands guard over these calls.
 *
 * @module
 */

import { type Context, type ContextKey, contextKey } from "./context.ts";

/** Stands between a provider and its service: it lets a call through, makes it wait, or refuses it. */
export interface CallGuard {
  /**
   * Makes a call, if it may be made now.
   *
   * @param call Makes the call.
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
}

/**
 * The slot in which a wrapper offers its guard to the provider that it wraps. A provider that makes its calls through
 * {@linkcode callService} says so by `guards: true`.
 */
export const serviceCalls: ContextKey<CallGuard> = contextKey("guard over service calls");

/**
 * Makes a call of a service for a request, under the guard of whoever stands around the provider.
 *
 * @param ctx The request.
 * @param call Makes the call.
 * @returns What the call gives.
 * @throws {GateError} When the guard refuses the call, and whatever the call throws.
 *
 * @example
 * ```ts
 * import { callService, type Provider } from "@stanchion/stanchion";
 *
 * export const doorman: Provider = {
 *   name: "doorman",
 *   guards: true,
 *   async decide(ctx) {
 *     const answer = await callService(ctx, () => fetch("https://doorman.example.com/may-enter"));
 *     return answer.ok
 *       ? { action: "admit", reason: "doorman/welcome" }
 *       : { action: "reject", reason: "doorman/full", status: 503 };
 *   },
 * };
 * ```
 */
export function callService<T>(ctx: Context, call: () => Promise<T>): Promise<T> {
  return ctx.get(serviceCalls)?.run(call) ?? call();
}
