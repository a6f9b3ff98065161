/**
 * What a gate can decide about a request. Expected outcomes are values; only faults throw.
 *
 * @module
 */

/**
 * Why a decision was taken: `"<plugin>/<word>"`, such as `"crowdhandler/promoted"`. Logs, metrics and
 * {@linkcode Gate.explain} share it.
 */
export type Reason = `${string}/${string}`;

/**
 * A change to the headers of the response. `set-cookie` and `vary` are appended to what is there, every other
 * header is replaced.
 */
export type HeaderChange = readonly [name: string, value: string];

/** What the refusals share that the gate itself puts into words. */
export interface SpokenRefusal {
  /** Why. */
  readonly reason: Reason;
  /** Headers of the answer, such as the provider's own form of `Cache-Control`. */
  readonly headers?: readonly HeaderChange[];
}

/** The visitor is served. */
export type Admission =
  /** The request is none of the provider's business: it is served without a question. */
  | { readonly action: "bypass"; readonly reason: Reason }
  /** The visitor may enter. */
  | { readonly action: "admit"; readonly reason: Reason };

/** The visitor is not served: the gate answers itself. */
export type Refusal =
  /** The visitor must wait, at `location`. */
  | SpokenRefusal & { readonly action: "queue"; readonly location: string }
  /** The visitor comes back at `location`, the same page under its clean URL. */
  | SpokenRefusal & { readonly action: "redirect"; readonly location: string }
  /** The request is turned down with this HTTP status, from 400 to 599. */
  | SpokenRefusal & { readonly action: "reject"; readonly status: number }
  /** The plugin answers with a response of its own. */
  | { readonly action: "respond"; readonly reason: Reason; readonly response: Response };

/** The value that a `decide` or `recover` hook returns. */
export type Decision = Admission | Refusal;

/**
 * Tells whether a decision lets the application answer.
 *
 * @param decision A decision.
 * @returns `true` for `bypass` and `admit`.
 *
 * @example
 * ```ts
 * import { isAdmission } from "@stanchion/stanchion";
 *
 * isAdmission({ action: "admit", reason: "guest-list/staff" }); // true
 * ```
 */
export function isAdmission(decision: Decision): decision is Admission {
  return decision.action === "admit" || decision.action === "bypass";
}
