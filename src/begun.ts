/**
 * What a gate began with a request, for servers that write their own response.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { Decision, HeaderChange } from "./decision.ts";

/** The gate answers itself: the application is not called. */
export interface GateAnswer {
  /** The gate's answer. */
  readonly answer: Response;
}

/**
 * The visitor is let in. Whoever began calls the application, and ends the passage once it is known what became of it: by
 * {@linkcode Passage.finish} when the head of a response is about to be written, by {@linkcode Passage.failed} when the application failed, by
 * {@linkcode Passage.left} when the visitor went before. A passage that nobody ends costs nothing: nothing waits for it and nothing is kept,
 * but its visit is not told to `settled` hooks, and so to no report, metric or log.
 */
export interface Passage {
  /** There is none: the application answers. */
  readonly answer: undefined;
  /** What the plugins found; `undefined` while the gate is off. */
  readonly ctx: Context | undefined;
  /** What was decided, which is a refusal when the gate only reports. */
  readonly decision: Decision;

  /**
   * Tells the gate what the application answers, before the head of the response is written. It answers at once and counts once: whoever asks
   * again is given no changes. It never throws.
   *
   * @param status The status of the response.
   * @param headers All headers that the application set, or a function that makes them, which is called only if somebody looks at them.
   * @returns The changes to the headers that the response gets. Their names are in lower case; `set-cookie` and `vary` are added to what is
   * there, all others replace it and come once. They can be written as they are: no line breaks, and no characters beyond Latin-1.
   */
  finish(status: number, headers: Headers | (() => Headers)): readonly HeaderChange[];

  /**
   * Tells the gate that the application failed: it threw, or the server behind a proxy gave no answer. A response that is made of that may be
   * told to {@linkcode Passage.finish} afterwards, which still gives the changes, so that an error page keeps the gate's cookies.
   */
  failed(): void;

  /** Tells the gate that the visitor went before the application answered. It is no failure. */
  left(): void;
}

/** What {@linkcode Gate.begin} gives: an answer of the gate where `answer` is one, otherwise the visitor's passage. */
export type Begun = GateAnswer | Passage;
