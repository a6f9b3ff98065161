import { type ContextKey, contextKey } from "../../src/context.ts";
import type { CheckResult } from "./api/check-result.ts";

/** What the provider learned about the visitor of one request. */
export interface CrowdhandlerVisit {
  /** The service's answer. */
  readonly result: CheckResult;
  /** When the check began, in Unix milliseconds. */
  readonly startedAt: number;
  /** The answer's id, under which the page's performance is recorded. */
  readonly responseId: string | undefined;
  /** The page's time in milliseconds, where the application knows it better than the gate. */
  readonly timeMs?: number;
}

/**
 * The slot with the answer of the service: its room, position and so on. A plugin may replace it, for instance to
 * record a page's performance under another id. It is empty when the service was not asked.
 */
export const crowdhandlerVisit: ContextKey<CrowdhandlerVisit> = contextKey("CrowdHandler visit");
