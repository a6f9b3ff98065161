/**
 * Limits how many calls of a service are under way at the same time.
 *
 * @module
 */

import { startDeadline } from "../src/async/deadline.ts";
import { checkRules, checkSyncFunction, integer } from "../src/options/check.ts";
import type { Context } from "../src/context.ts";
import { GateError } from "../src/errors.ts";
import { checkServiceProvider } from "../src/options/check-provider.ts";
import type { Provider } from "../src/plugin.ts";
import type { Health } from "../src/health.ts";
import { guarded } from "../src/guarded.ts";
import type { Guard } from "../src/service.ts";
export type * from "../src/contract.ts";

/** The options of {@linkcode bulkhead}. */
export interface BulkheadOptions {
  /** How many calls may be under way at the same time. */
  readonly maxConcurrent: number;
  /**
   * How many further calls may wait for their turn, first come, first served.
   *
   * @default {0}
   */
  readonly maxWaiting?: number;
  /**
   * How long one waits at most, in milliseconds.
   *
   * @default {500}
   */
  readonly waitMs?: number;
  /**
   * After how long a call without an end no longer counts, in milliseconds: some platforms end what a request began when
   * its visitor hangs up. Choose more than the time limit of the provider's calls.
   *
   * @default {30_000}
   */
  readonly holdMs?: number;
  /**
   * The clock by which `holdMs` is measured, in milliseconds. It need not tell the time, and should not jump.
   *
   * @default {performance.now}
   */
  readonly timer?: () => number;
}

/**
 * Wraps a provider, and limits how many of its calls are under way at the same time, so that a slow service does not fill
 * the process with waiting requests. A call beyond the limit is a failure with the code `overloaded`, for which `failOpen()`
 * does not admit: visitors themselves can bring it about.
 *
 * Only calls are counted: a visitor whom the provider can check without its service waits for nobody.
 *
 * Each bulkhead counts for itself, in this process. `gate.health()` tells `active`, `waiting` and `overloaded`, the number of
 * calls that were turned down.
 *
 * @param provider The provider, perhaps in another wrapper.
 * @param options The limits.
 * @returns The provider with a bulkhead, under the same name.
 * @throws {TypeError} When there is no provider that calls a service, or an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen } from "stanchion";
 * import { bulkhead } from "stanchion/bulkhead";
 * import { circuitBreaker } from "stanchion/circuit-breaker";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const provider = bulkhead(crowdhandler({ publicKey: "your-public-key" }), { maxConcurrent: 200, maxWaiting: 100 });
 * const gate = createGate({ plugins: [cookieTokens(), failOpen(), circuitBreaker(provider)] });
 * ```
 */
export function bulkhead(provider: Provider, options: BulkheadOptions): Provider {
  const subject = "bulkhead plugin";
  checkServiceProvider(subject, "what is wrapped", provider);
  checkRules(subject, options, {
    maxConcurrent: integer(1),
    maxWaiting: integer(0, 1_000_000),
    waitMs: integer(1, 600_000),
    holdMs: integer(1),
    timer: checkSyncFunction,
  });
  const { maxConcurrent, maxWaiting = 0, waitMs = 500, holdMs = 30_000, timer = () => performance.now() } =
    options;
  // It has no default: how much a service takes is the owner's to know.
  integer(1)(subject, "maxConcurrent", maxConcurrent);
  return guarded(provider, new CallSlots({ maxConcurrent, maxWaiting, waitMs, holdMs, timer }));
}

/** The options of a bulkhead with nothing left open. */
interface SlotLimits {
  readonly maxConcurrent: number;
  readonly maxWaiting: number;
  readonly waitMs: number;
  readonly holdMs: number;
  readonly timer: () => number;
}

/** A call that is under way. */
interface Held {
  readonly since: number;
}

/** A limited number of slots for calls, and a line of bounded length and time before them: first come, first served. */
class CallSlots implements Guard {
  readonly #limits: SlotLimits;
  /** The oldest first. */
  readonly #held = new Set<Held>();
  /** Those who wait, the first of them first. Each function gives its visitor a slot. */
  readonly #line = new Set<() => void>();
  #overloaded = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  get waitMs(): number {
    const { maxWaiting, waitMs } = this.#limits;
    return maxWaiting === 0 ? 0 : waitMs;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    const slot = this.#take() ?? await this.#wait();
    try {
      return await call();
    } finally {
      this.#free(slot);
    }
  }

  health(): Health {
    return { active: this.#held.size, waiting: this.#line.size, overloaded: this.#overloaded };
  }

  /** Takes a slot if one is free. Nobody waits then, for a slot that becomes free is given on at once. */
  #take(): Held | undefined {
    if (this.#held.size >= this.#limits.maxConcurrent) this.#takeBack();
    return this.#held.size < this.#limits.maxConcurrent ? this.#hold() : undefined;
  }

  #hold(): Held {
    const slot: Held = { since: this.#limits.timer() };
    this.#held.add(slot);
    return slot;
  }

  #free(slot: Held): void {
    // One that was taken back is somebody else's.
    if (this.#held.delete(slot)) this.#admitNext();
  }

  #admitNext(): void {
    const [first] = this.#line;
    if (first === undefined) return;
    this.#line.delete(first);
    first();
  }

  /** A call whose request was ended by the platform never ends: its slot is not lost. */
  #takeBack(): void {
    const now = this.#limits.timer();
    for (const slot of this.#held) {
      if (Math.abs(now - slot.since) < this.#limits.holdMs) return;
      this.#free(slot);
    }
  }

  #wait(): Promise<Held> {
    const { maxConcurrent, maxWaiting, waitMs } = this.#limits;
    if (this.#line.size >= maxWaiting) {
      this.#overloaded++;
      throw overloaded(`${maxConcurrent} calls of the service are under way and ${this.#line.size} wait`);
    }
    return new Promise((resolve, reject) => {
      const admit = () => {
        cancel();
        resolve(this.#hold());
      };
      // After a loop that stood still, the calls that have long been answered free their slots first.
      const cancel = startDeadline(waitMs, () => {
        this.#line.delete(admit);
        this.#overloaded++;
        reject(overloaded(`No call of the service was possible for ${waitMs} ms`));
      });
      this.#line.add(admit);
    });
  }

  /** Takes no slot and no place in the line. */
  looking(ctx: Context): Guard {
    return {
      run: (call) => {
        const { maxConcurrent, maxWaiting } = this.#limits;
        if (this.#held.size < maxConcurrent) return call();
        const waits = this.#line.size < maxWaiting;
        ctx.note?.(
          `the bulkhead is full: ${waits ? "the visitor would wait" : "the service would not be asked"}`,
        );
        if (waits) return call();
        return Promise.reject(overloaded(`${maxConcurrent} calls of the service are under way`));
      },
      looking: (ctx) => this.looking(ctx),
      health: () => this.health(),
    };
  }
}

function overloaded(message: string): GateError {
  return new GateError("overloaded", message);
}
