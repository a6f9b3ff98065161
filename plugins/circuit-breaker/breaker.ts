import { quietly } from "../../src/async/quietly.ts";
import type { Context } from "../../src/context.ts";
import { type FailureCode, GateError, ServiceError } from "../../src/errors.ts";
import type { Health } from "../../src/health.ts";
import type { Guard } from "../../src/service.ts";

/**
 * What a breaker does: `closed` lets all calls through, `open` refuses all of them at once, and `half-open` lets one
 * through, the probe, and refuses the others until its end.
 */
export type BreakerState = "closed" | "open" | "half-open";

/** A change of state. */
export interface BreakerChange {
  /** The state before. */
  readonly from: BreakerState;
  /** The state from now on. */
  readonly to: BreakerState;
  /** The cause of the failure that opened it; `undefined` when it did not open. */
  readonly code: FailureCode | undefined;
  /** How long it stays open, in milliseconds; `undefined` when it did not open. */
  readonly openMs: number | undefined;
}

/** The options of a breaker with nothing left open. */
export interface BreakerLimits {
  readonly failures: number;
  readonly windowMs: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
  readonly probeMs: number;
  readonly jitter: number;
  readonly codes: ReadonlySet<FailureCode>;
  readonly random: () => number;
  readonly timer: () => number;
  readonly onState: ((change: BreakerChange) => unknown) | undefined;
}

/** Codes of failures that are answers: whoever gives them can be reached. */
const answers: ReadonlySet<FailureCode> = new Set(["rejected", "throttled", "unidentified", "malformed"]);

/**
 * The states of a breaker. Nothing is timed: each call compares times. A call knows in which period it began, and what
 * becomes of it counts in that period only.
 */
export class Breaker implements Guard {
  readonly #limits: BreakerLimits;
  #state: BreakerState = "closed";
  /** Grows with each change of state, and with each probe. */
  #period = 0;
  /** When the last calls failed, since one did not. */
  #faults: number[] = [];
  #failures = 0;
  /** How often it opened since it was closed. */
  #openings = 0;
  #openedAt = 0;
  #openMs = 0;
  #code: FailureCode = "unreachable";
  #status: number | undefined;
  #isProbing = false;
  #probedAt = 0;
  #refused = 0;

  constructor(limits: BreakerLimits) {
    this.#limits = limits;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    const period = this.#enter();
    let result: T;
    try {
      result = await call();
    } catch (cause) {
      this.#failed(period, cause);
      throw cause;
    }
    if (period === this.#period) this.#answered();
    return result;
  }

  refuses(): boolean {
    const now = this.#limits.timer();
    return this.#state === "open" ? this.#leftMs(now) > 0 : this.#state === "half-open" && this.#waits(now);
  }

  health(): Health {
    return {
      state: this.#state,
      failures: this.#state === "closed" ? this.#recent(this.#limits.timer()).length : this.#failures,
      nextProbeInMs: this.#state === "open" ? Math.ceil(Math.max(0, this.#leftMs(this.#limits.timer()))) : 0,
      refused: this.#refused,
    };
  }

  /** Lets a call through, and gives the period in which its end counts. */
  #enter(): number {
    if (this.#state === "closed") return this.#period;
    const now = this.#limits.timer();
    // Should the clock have gone back, the wait begins anew: it never gets longer than that.
    if (now < this.#openedAt) this.#openedAt = now;
    if (now < this.#probedAt) this.#probedAt = now;
    if (this.refuses()) {
      this.#refused++;
      throw this.#refusal(now);
    }
    if (this.#state === "open") this.#turn("half-open", undefined);
    // A probe that was given up counts no more, whatever becomes of it.
    else this.#period++;
    this.#isProbing = true;
    this.#probedAt = now;
    return this.#period;
  }

  #answered(): void {
    this.#faults = [];
    if (this.#state === "half-open") this.#close();
  }

  #failed(period: number, cause: unknown): void {
    if (period !== this.#period) return;
    const code = cause instanceof GateError ? cause.code : "internal";
    const isHalfOpen = this.#state === "half-open";
    if (!this.#limits.codes.has(code)) {
      if (!isHalfOpen) return;
      if (answers.has(code)) return this.#close();
      // Nobody knows more than before: the next call probes.
      this.#isProbing = false;
      return;
    }
    const now = this.#limits.timer();
    this.#faults = [...this.#recent(now), now];
    if (!isHalfOpen && this.#faults.length < this.#limits.failures) return;
    this.#failures = this.#faults.length;
    this.#code = code;
    this.#status = cause instanceof ServiceError ? cause.status : undefined;
    this.#open(now);
  }

  /** The failures in a row that are recent enough to count. */
  #recent(now: number): number[] {
    return this.#faults.filter((at) => at <= now && now - at <= this.#limits.windowMs)
      .slice(-this.#limits.failures);
  }

  #open(now: number): void {
    const { openMs, maxOpenMs, jitter, random } = this.#limits;
    const longest = Math.min(openMs * 2 ** Math.min(this.#openings, 32), maxOpenMs);
    this.#openings++;
    this.#openedAt = now;
    this.#openMs = longest * (1 - jitter * Math.min(Math.max(random() || 0, 0), 1));
    this.#turn("open", this.#code);
  }

  #close(): void {
    this.#faults = [];
    this.#openings = 0;
    this.#turn("closed", undefined);
  }

  #turn(to: BreakerState, code: FailureCode | undefined): void {
    const from = this.#state;
    this.#state = to;
    this.#period++;
    this.#isProbing = false;
    const { onState } = this.#limits;
    if (onState === undefined) return;
    // Whoever listens must not keep visitors out.
    quietly(() => onState({ from, to, code, openMs: to === "open" ? this.#openMs : undefined }));
  }

  #leftMs(now: number): number {
    return this.#openMs - Math.max(0, now - this.#openedAt);
  }

  /** Whether a probe is under way that is not given up yet. */
  #waits(now: number): boolean {
    return this.#isProbing && now - this.#probedAt < this.#limits.probeMs;
  }

  #refusal(now: number): ServiceError {
    const next = this.#state === "open"
      ? `the next attempt is made in ${Math.ceil(this.#leftMs(now))} ms`
      : "an attempt is under way";
    return new ServiceError(this.#code, `The service is not asked because it failed before; ${next}`, {
      status: this.#status,
    });
  }

  /** Sees what the others see, and neither probes nor counts. */
  looking(ctx: Context): Guard {
    return {
      run: (call) => {
        if (this.#state === "closed") return call();
        const now = this.#limits.timer();
        ctx.note?.(
          this.refuses()
            ? `the circuit breaker is ${this.#state}: the service is not asked`
            : "the circuit breaker is due for an attempt, which the next visitor makes: the service is not asked",
        );
        return Promise.reject(this.#refusal(now));
      },
      refuses: () => this.#state !== "closed",
      looking: (ctx) => this.looking(ctx),
      health: () => this.health(),
    };
  }
}
