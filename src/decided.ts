/**
 * What was decided, for plugins that write it down: headers, logs and metrics.
 *
 * @module
 */

import { type ContextKey, contextKey } from "./context.ts";
import type { Decision } from "./decision.ts";
import type { GateError } from "./errors.ts";

/** What was decided about a request, by whom, and how long that took. */
export interface Decided {
  /** What was decided. */
  readonly decision: Decision;
  /** The name of the plugin that decided or recovered; `gate` where it was the gate itself. */
  readonly decidedBy: string;
  /** How long the gate took to decide, in milliseconds with fractions: from the first `prepare` hook on. */
  readonly durationMs: number;
  /** The fault from which the pipeline recovered, if there was one. */
  readonly failure: GateError | undefined;
}

/**
 * The slot in which the gate says what was decided, before it answers or calls the application. It is filled for those
 * alone who list it in their `requires`, so that a gate without them takes no time for it.
 */
export const decided: ContextKey<Decided> = contextKey("decision");
