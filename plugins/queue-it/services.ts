/**
 * The remote parts of the Queue-it provider, whose transport is the integrator's.
 *
 * @module
 */

/** The question whether a queue id may be used once more. */
export interface VerifyCall {
  /** The customer's id. */
  readonly customerId: string;
  /** The waiting room of the action, also when the visitor holds a session of another one that it allows. */
  readonly roomId: string;
  /** The visitor's queue id. */
  readonly queueId: string;
  /** How often a queue id may be used; `null` where the configuration does not say. */
  readonly usageLimit: number | null;
  /** The provider's `apiKey`. */
  readonly apiKey: string | undefined;
  /** The name of the integration. */
  readonly actionName: string;
  /** The page that was asked for. */
  readonly url: string;
  /** The visitor's address; `""` if it is unknown. */
  readonly ip: string;
  /** The visitor's user agent; `""` if it is unknown. */
  readonly userAgent: string;
}

/**
 * Asks whether a queue id may be used once more. What it throws is a failure: a `GateError` by its code, such as `throttled`, and
 * anything else is `internal`. Take care that no visitor can make it throw.
 */
export type VerifyAction = (call: VerifyCall) => boolean | Promise<boolean>;

/** The question whether a visitor may pass without having waited. */
export interface DirectPassCall {
  /** The customer's id. */
  readonly customerId: string;
  /** The waiting room. */
  readonly roomId: string;
  /** The name of the integration. */
  readonly actionName: string;
  /** The page that was asked for. */
  readonly url: string;
  /** The key from the options. */
  readonly proxyKey: string | undefined;
  /** The visitor's address; `""` if it is unknown. */
  readonly ip: string;
  /** The visitor's user agent; `""` if it is unknown. */
  readonly userAgent: string;
  /** The page that led here; `""` if it is unknown. */
  readonly referer: string;
  /** How long the answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How this software calls itself. */
  readonly sdk: string;
}

/** The answer of a direct pass. */
export interface DirectPassAnswer {
  /** Whether the visitor may pass. */
  readonly hasPassed: boolean;
  /** The token with which the visitor passes. It is checked like any other. */
  readonly queueitToken?: string | null | undefined;
}

/** Lets visitors pass without waiting while the room is idle. */
export interface DirectPass {
  /** Whether nobody is asked. @default {false} */
  readonly disabled?: boolean;
  /** The key of the service. @default {none} */
  readonly proxyKey?: string;
  /** How long an answer may take, in milliseconds, held within 800 and 5000. @default {3000} */
  readonly timeoutMs?: number | null | undefined;
  /**
   * What happens to the visitor when the call fails or takes too long: `pass` lets them in for three minutes, as
   * the deployed connectors do, `queue` sends them to the waiting room, and `fail` leaves it to the failure policy. Nobody
   * passes because the call was `throttled`, `unidentified` or `overloaded`, which it is as well where this process was too
   * busy to look at the answer: throw a `GateError` with that code.
   *
   * @default {"pass"}
   */
  readonly onFailure?: "pass" | "queue" | "fail";

  /**
   * Asks. Take care that no visitor can make it throw, where `onFailure` lets visitors pass.
   *
   * @param call The question.
   * @returns The answer.
   */
  attempt(call: DirectPassCall): DirectPassAnswer | Promise<DirectPassAnswer>;
}

/** What an enqueue token is made of. */
export interface EnqueueCall {
  /** The waiting room. */
  readonly roomId: string;
  /** The visitor's address; `""` if it is unknown. */
  readonly ip: string;
  /** The header `x-forwarded-for`; `""` if it is absent. */
  readonly xForwardedFor: string;
}

/**
 * Makes the token with which a visitor may enter the queue; `undefined` or `""` for none. What it throws is a failure, as of
 * {@linkcode VerifyAction}.
 */
export type EnqueueToken = (
  call: EnqueueCall,
) => string | null | undefined | Promise<string | null | undefined>;
