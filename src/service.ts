/**
 * The one way in which a provider calls its service, and those who stand guard over these calls.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { Health } from "./health.ts";

/** One call of a service. */
export interface Call<T> {
  /** What is called, for messages: `"GET /v1/rooms"`, without tokens and parameters. */
  readonly what: string;
  /**
   * The service, such as its base address, by which calls of one are told from those of another. It appears in no message.
   *
   * @default {what}
   */
  readonly service?: string;
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

  /** How long it makes a call wait at most before it is made, in milliseconds. A guard that makes none wait leaves it out. */
  readonly waitMs?: number;

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
