/**
 * The faults of the gate's own work. What a visitor sent is never one of them, nor is an error of the application.
 *
 * @module
 */

/**
 * The cause of a failure, by which the failure policy chooses.
 *
 * | code | when |
 * |---|---|
 * | `timeout` | a service or a store did not answer in time |
 * | `unreachable` | no connection, a broken one, or an answer that says the service is down (5xx) |
 * | `throttled` | the service asked to be called less often |
 * | `rejected` | the service refused the call, for instance because of a wrong key |
 * | `malformed` | the answer cannot be understood |
 * | `overloaded` | the gate itself has as much under way as it may; many visitors at once can bring that about |
 * | `internal` | anything else: a bug in a plugin, or a pipeline in which nobody decided |
 */
export type FailureCode =
  | "timeout"
  | "unreachable"
  | "throttled"
  | "rejected"
  | "malformed"
  | "overloaded"
  | "internal";

/** All failure codes, in the order of their documentation. */
export const failureCodes: readonly FailureCode[] = [
  "timeout",
  "unreachable",
  "throttled",
  "rejected",
  "malformed",
  "overloaded",
  "internal",
];

/** The base class of every fault of the gate. */
export class GateError extends Error {
  /** The name of the class. */
  override readonly name: string = "GateError";
  /** The literal cause. */
  readonly code: FailureCode;

  /**
   * Creates the fault.
   *
   * @param code The literal cause.
   * @param message What failed. It must not contain tokens, keys or addresses of visitors.
   * @param options The error that caused this one.
   */
  constructor(code: FailureCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
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
   * @param options The HTTP status of the answer and the error that caused this one.
   */
  constructor(
    code: FailureCode,
    message: string,
    options?: { readonly status?: number | undefined; readonly cause?: unknown },
  ) {
    super(code, message, options);
    this.status = options?.status;
  }
}

/** The hooks of a plugin, in the order in which they run. */
export type HookName = "match" | "prepare" | "decide" | "recover" | "respond" | "headers" | "settled";

/** A hook threw. Its `code` is that of the {@linkcode GateError} that it threw, otherwise `internal`. */
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
    const known = cause instanceof GateError;
    const text = known ? cause.message : `threw ${cause instanceof Error ? cause.name : typeof cause}`;
    super(known ? cause.code : "internal", `Plugin ${plugin}, hook ${hook}: ${text}`, { cause });
    this.plugin = plugin;
    this.hook = hook;
  }
}
