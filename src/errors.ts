/**
 * The faults of the gate's own work. What a visitor sent is never one of them, nor is an error of the application.
 *
 * @module
 */

import type { Facts, HeaderChange, PlainAnswer } from "./decision.ts";
import { kindOf } from "./pipeline/kind-of.ts";

/**
 * The cause of a failure, by which the failure policy chooses.
 *
 * | code | when |
 * |---|---|
 * | `timeout` | a service or a store did not answer in time |
 * | `unreachable` | no connection, a broken one, or an answer that says the service is down (5xx) |
 * | `throttled` | the service asked to be called less often |
 * | `rejected` | the service refused the call, for instance because of a wrong key |
 * | `unidentified` | the service refused to judge a visitor of whom the gate can tell too little, such as no address |
 * | `malformed` | the answer cannot be understood |
 * | `overloaded` | the gate or its service has as much under way as it can do: it was too busy to look at what arrived in time, others were answered meanwhile, or it waited for what comes from the visitor; visitors can bring that about |
 * | `internal` | anything else: a bug in a plugin, or a pipeline in which nobody decided |
 *
 * Those of {@linkcode crowdCodes} are no outage: visitors can bring them about.
 */
export type FailureCode =
  | "timeout"
  | "unreachable"
  | "throttled"
  | "rejected"
  | "unidentified"
  | "malformed"
  | "overloaded"
  | "internal";

/** All failure codes, in the order of their documentation. */
export const failureCodes: readonly FailureCode[] = [
  "timeout",
  "unreachable",
  "throttled",
  "rejected",
  "unidentified",
  "malformed",
  "overloaded",
  "internal",
];

/**
 * The causes that a crowd, or a single visitor, can bring about: a crowd is not an outage. Nothing admits for one of them, takes
 * it for an outage or asks another provider instead, unless the owner names it. List them where you choose by the code.
 *
 * @example
 * ```ts
 * import { crowdCodes, type Policy } from "stanchion";
 *
 * export const trusting: Policy = {
 *   name: "trusting",
 *   recover(_ctx, { code }) {
 *     return crowdCodes.includes(code) ? undefined : { action: "admit", reason: "trusting/outage" };
 *   },
 * };
 * ```
 */
export const crowdCodes: readonly FailureCode[] = ["throttled", "unidentified", "overloaded"];

/** Where a visitor may wait whom a provider could not check: in a waiting room elsewhere, or in a page in the place of the one asked for. */
export interface Fallback {
  /** The address of the waiting room. */
  readonly location?: string;
  /** Headers of the answer that sends the visitor there. */
  readonly headers?: readonly HeaderChange[];
  /** The page, which counts before an address: not to be stored, of a status that says what it is, and best one that tries again by itself. */
  readonly page?: Response | PlainAnswer;
}

/** What a failure tells of its visit. */
export interface FailureDetails {
  /** What the provider knew of the visit when it failed. */
  readonly facts?: Facts | undefined;
  /** Where the visitor may wait meanwhile. A failure policy that queues sends the visitor there. */
  readonly fallback?: Fallback | undefined;
  /** The error that caused this one. */
  readonly cause?: unknown;
}

/** The base class of every fault of the gate. */
export class GateError extends Error {
  /** The name of the class. */
  override readonly name: string = "GateError";
  /** The literal cause. */
  readonly code: FailureCode;
  // Private, so that whoever writes a whole error into a log writes no visitor's token.
  readonly #facts: Facts | undefined;
  readonly #fallback: Fallback | undefined;

  /**
   * Creates the fault.
   *
   * @param code The literal cause.
   * @param message What failed. It must not contain tokens, keys or addresses of visitors.
   * @param details What is known of the visit, and the error that caused this one.
   */
  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.#facts = details.facts;
    this.#fallback = details.fallback;
  }

  /** What the provider knew of the visit when it failed. It may hold the visitor's token. */
  get facts(): Facts | undefined {
    return this.#facts;
  }

  /** Where the visitor may wait meanwhile; `undefined` where nobody knows. */
  get fallback(): Fallback | undefined {
    return this.#fallback;
  }
}

/** A service or a store that a plugin depends on did not do its part. */
export class ServiceError extends GateError {
  /** The name of the class. */
  override readonly name: string = "ServiceError";
  /** The HTTP status of the answer, where there was one. */
  readonly status: number | undefined;

  /**
   * Creates the fault of a service.
   *
   * @param code The literal cause.
   * @param message What failed, without tokens, keys or addresses of visitors.
   * @param details The HTTP status of the answer, what is known of the visit, and the error that caused this one.
   */
  constructor(
    code: FailureCode,
    message: string,
    details: FailureDetails & { readonly status?: number | undefined } = {},
  ) {
    super(code, message, details);
    this.status = details.status;
  }
}

/**
 * Makes the failure of one visit of whatever was thrown: with the same cause and the same words, and what the provider
 * knows of the visit. An error may be everybody's, such as the last answer of a service; this one is the visitor's own.
 *
 * @param cause What was thrown.
 * @param details What the provider knows of the visit, and where the visitor may wait meanwhile.
 * @returns The failure, to be thrown.
 *
 * @example
 * ```ts
 * import { GateError, withFallback } from "stanchion";
 *
 * const failure = withFallback(new GateError("timeout", "The doorman did not answer"), {
 *   facts: { room: "hall" },
 *   fallback: { location: "https://wait.example.com/hall" },
 * });
 * failure.code; // "timeout"
 * ```
 */
export function withFallback(cause: unknown, details: Pick<FailureDetails, "facts" | "fallback">): GateError {
  if (cause instanceof ServiceError) {
    const { code, message, status } = cause;
    return new ServiceError(code, message, { ...details, status, cause });
  }
  return new GateError(codeOf(cause), messageOf(cause), { ...details, cause });
}

/** The hooks of a plugin, in the order in which they run. */
export type HookName = "match" | "prepare" | "decide" | "recover" | "respond" | "headers" | "settled";

/**
 * A hook threw. Its `code`, `facts` and `fallback` are those of the {@linkcode GateError} that it threw; otherwise its code is
 * `internal`.
 */
export class HookError extends GateError {
  /** The name of the class. */
  override readonly name: string = "HookError";
  /** The plugin whose hook threw. */
  readonly plugin: string;
  /** The hook that threw. */
  readonly hook: HookName;

  /**
   * Creates the fault of a hook.
   *
   * @param plugin The name of the plugin.
   * @param hook The hook that threw.
   * @param cause What it threw.
   */
  constructor(plugin: string, hook: HookName, cause: unknown) {
    const { facts, fallback } = cause instanceof GateError ? cause : nothing;
    super(codeOf(cause), `Plugin ${plugin}, hook ${hook}: ${messageOf(cause)}`, { facts, fallback, cause });
    this.plugin = plugin;
    this.hook = hook;
  }
}

const nothing: FailureDetails = {};

/** What is no fault of the gate is a bug. */
function codeOf(cause: unknown): FailureCode {
  return cause instanceof GateError ? cause.code : "internal";
}

/** Messages of errors that are not ours may quote anything: only their kind is told. */
function messageOf(cause: unknown): string {
  return cause instanceof GateError ? cause.message : `threw ${kindOf(cause)}`;
}
