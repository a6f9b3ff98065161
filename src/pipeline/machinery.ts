import type { GateError } from "../errors.ts";
import type { Outcome } from "../plugin.ts";
import type { Calls } from "../service.ts";
import type { Background } from "./background.ts";
import type { Pipeline } from "./compile.ts";
import type { WaitForHook } from "./hook-time.ts";

/** What all runs through one gate share. */
export interface Machinery {
  readonly pipeline: Pipeline;
  readonly calls: Calls;
  readonly background: Background;
  readonly report: (error: GateError) => void;
  /** Waits for a hook that does not answer at once. */
  readonly waitForHook: WaitForHook;
  /** Measures how long decisions take, in milliseconds; `undefined` where nobody wants to know. */
  readonly timer: (() => number) | undefined;
}

/** The outcome while it is being filled. */
export type Filling = { -readonly [K in keyof Outcome]: Outcome[K] };
