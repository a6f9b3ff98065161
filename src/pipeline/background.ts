import { inTime } from "../async/deadline.ts";
import type { GateError } from "../errors.ts";

/** Keeps the work that goes on after responses: bounded in number and in time, reported when it fails. */
export class Background {
  readonly #pending = new Set<Promise<void>>();
  readonly #isQuick = new WeakMap<object, boolean>();
  readonly #maxPending: number;
  readonly #timeoutMs: number;
  readonly #report: (error: GateError) => void;

  constructor(maxPending: number, timeoutMs: number, report: (error: GateError) => void) {
    this.#maxPending = maxPending;
    this.#timeoutMs = timeoutMs;
    this.#report = report;
  }

  /** How many pieces of work are under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Whether a hook may run. One that was always done at once may: what counts requests goes on in an outage. */
  takes(hook: object): boolean {
    return this.#pending.size < this.#maxPending || this.#isQuick.get(hook) === true;
  }

  /** Notes whether a hook made a promise. One that ever did is not quick again. */
  note(hook: object, promised: boolean): void {
    if (promised || !this.#isQuick.has(hook)) this.#isQuick.set(hook, !promised);
  }

  /**
   * Watches over work already begun.
   *
   * @returns A promise that is never rejected and is settled within the time limit.
   */
  watch(work: Promise<void>, failed: (cause: unknown) => GateError): Promise<void> {
    const watched = inTime(Promise.resolve(work), this.#timeoutMs, "not done")
      .catch((cause: unknown) => this.#report(failed(cause)))
      .then(() => {
        this.#pending.delete(watched);
      });
    this.#pending.add(watched);
    return watched;
  }

  /** Resolves when nothing is pending. */
  async idle(): Promise<void> {
    do await Promise.all(this.#pending); while (this.#pending.size > 0);
  }
}
