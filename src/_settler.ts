import { GateError } from "./errors.ts";

/** Keeps the work that goes on after responses: bounded in number and in time, reported when it fails. */
export class Settler {
  readonly #pending = new Set<Promise<void>>();
  readonly #maxPending: number;
  readonly #timeoutMs: number;
  readonly #report: (error: GateError) => void;

  constructor(maxPending: number, timeoutMs: number, report: (error: GateError) => void) {
    this.#maxPending = maxPending;
    this.#timeoutMs = timeoutMs;
    this.#report = report;
  }

  /** Whether more work may be begun. When not, that is reported. */
  hasRoom(): boolean {
    if (this.#pending.size < this.#maxPending) return true;
    this.#report(
      new GateError(
        "internal",
        `Work after the response was dropped: ${this.#maxPending} are pending already`,
      ),
    );
    return false;
  }

  /**
   * Watches over work already begun.
   *
   * @returns A promise that is never rejected and is settled within the time limit.
   */
  watch(work: Promise<void>, failed: (cause: unknown) => GateError): Promise<void> {
    const watched = new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#report(failed(new GateError("timeout", `not done after ${this.#timeoutMs} ms`)));
        resolve();
      }, this.#timeoutMs);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      work.then(done, (cause) => {
        this.#report(failed(cause));
        done();
      });
    });
    this.#pending.add(watched);
    watched.then(() => this.#pending.delete(watched));
    return watched;
  }

  /** Resolves when nothing is pending. */
  async idle(): Promise<void> {
    do await Promise.all(this.#pending); while (this.#pending.size > 0);
  }
}
