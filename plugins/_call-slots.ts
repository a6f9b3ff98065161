import type { Context } from "../src/context.ts";
import { GateError } from "../src/errors.ts";
import type { Health } from "../src/plugin.ts";
import type { CallGuard } from "../src/service.ts";
import type { ProviderGuard } from "./_guarded.ts";

/** The options of a bulkhead with nothing left open. */
export interface SlotLimits {
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
export class CallSlots implements CallGuard, ProviderGuard {
  readonly #limits: SlotLimits;
  /** The oldest first. */
  readonly #held = new Set<Held>();
  /** Those who wait, the first of them first. Each function gives its visitor a slot. */
  readonly #line = new Set<() => void>();
  #overloaded = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    const slot = this.#take() ?? await this.#wait();
    try {
      return await call();
    } finally {
      this.#free(slot);
    }
  }

  guardFor(ctx: Context): CallGuard {
    return ctx.dryRun ? this.#onlooker(ctx) : this;
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
    if (first === undefined || this.#held.size >= this.#limits.maxConcurrent) return;
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
        clearTimeout(timeout);
        resolve(this.#hold());
      };
      const timeout = setTimeout(() => {
        this.#line.delete(admit);
        this.#overloaded++;
        reject(overloaded(`No call of the service was possible for ${waitMs} ms`));
      }, waitMs);
      this.#line.add(admit);
    });
  }

  /** Takes no slot and no place in the line. */
  #onlooker({ note }: Context): CallGuard {
    return {
      run: (call) => {
        const { maxConcurrent, maxWaiting } = this.#limits;
        if (this.#held.size < maxConcurrent) return call();
        const waits = this.#line.size < maxWaiting;
        note?.(
          `the bulkhead is full: ${waits ? "the visitor would wait" : "the service would not be asked"}`,
        );
        if (waits) return call();
        return Promise.reject(overloaded(`${maxConcurrent} calls of the service are under way`));
      },
    };
  }
}

function overloaded(message: string): GateError {
  return new GateError("overloaded", message);
}
