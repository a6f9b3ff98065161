/** What the parts of `npm run torture` have in common. Each is a file of its name that exports `part`. */

/** The runtimes on which parts run. */
export type TortureRuntime = "node" | "deno" | "bun";

/** Something that was measured or counted. */
export interface Figure {
  /** What it is, in a few words; with the part it says what was proved. */
  readonly name: string;
  readonly value: number;
  /** The unit, such as `inputs` or `ms`. */
  readonly unit: string;
  /** What is demanded, in words such as `at most 5 ms`. Without one it is for information. */
  readonly target?: string;
  /** Whether the value is as it must be; `true` where nothing is demanded. */
  readonly held: boolean;
}

/** How a failure is seen again. The part, the runtime and the seed are added by the harness. */
export interface Replay {
  /** The case, which comes back as {@linkcode Budget.only}. */
  readonly only?: string;
  /** The path that fast-check prints, which comes back as {@linkcode Budget.path}. */
  readonly path?: string;
}

/** What a part may spend, and whom it tells. */
export interface Budget {
  readonly runtime: TortureRuntime;
  /** How long the part may take, in milliseconds. Somewhat later it is ended and counted as failed. */
  readonly ms: number;
  /** The seed of all randomness. The same one with the same runtime gives the same inputs. */
  readonly seed: number;
  /** The case to which a replay is restricted. */
  readonly only: string | undefined;
  /** The path of fast-check from which a replay starts. */
  readonly path: string | undefined;
  /** Prints a figure. One that was not held fails the run. */
  report(figure: Figure): void;
  /** Fails the run, and prints how to see the failure again. The part may go on. */
  fail(what: string, replay?: Replay): void;
}

/** What a part bears beside it. */
export type Company = "anything" | "waiting" | "nothing";

/** One part. It runs in a process of its own, on each of its runtimes. */
export interface Part {
  /** The name, which is the file's. */
  readonly name: string;
  /** What is tried, in a sentence. */
  readonly describe: string;
  readonly runtimes: readonly TortureRuntime[];
  /** Its share of the time, where 1 is that of an ordinary part on one runtime. @default {1} */
  readonly share?: number;
  /** The least time that makes sense, in milliseconds, also where the share is shorter. @default {1000} */
  readonly leastMs?: number;
  /**
   * What may run beside it: anything; only another one that mostly waits as well, because it takes times that a part at work
   * would make longer; or nothing. @default {"anything"}
   */
  readonly beside?: Company;
  /**
   * Does it. Whatever it started is ended when the promise is settled. A rejection, an uncaught error or an unhandled
   * rejection fails the run.
   */
  run(budget: Budget): Promise<void>;
}

/** What a part's process tells the harness: lines of JSON behind this word. */
export const marker = "@torture ";

/** A line. */
export type Message =
  | { readonly kind: "figure"; readonly figure: Figure }
  | { readonly kind: "failure"; readonly what: string; readonly replay: Replay }
  | { readonly kind: "done" };

/** The seed of one case: other inputs on each runtime and in each case, the same ones for the same words. */
export function seedOf({ seed, runtime }: Pick<Budget, "seed" | "runtime">, name: string): number {
  let hash = seed | 0;
  for (const char of `${runtime}/${name}`) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash | 0;
}
