import type { Context, ContextKey, Platform, Slot } from "../src/context.ts";

/**
 * A request as one plugin sees it: a few slots are its own, everything else is everybody's. What a wrapper tells the
 * plugin that it wraps is never told to others, and holds for work that goes on later as well.
 */
export class ContextView implements Context {
  readonly #ctx: Context;
  readonly #keys: readonly Slot[];
  /** What the plugin put into its own slots: functions that give it. */
  readonly #values = new Map<Slot, () => unknown>();

  constructor(ctx: Context, keys: readonly Slot[]) {
    this.#ctx = ctx;
    this.#keys = keys;
  }

  get request(): Request {
    return this.#ctx.request;
  }

  get href(): string {
    return this.#ctx.href;
  }

  get url(): URL {
    return this.#ctx.url;
  }

  get path(): string {
    return this.#ctx.path;
  }

  get platform(): Platform {
    return this.#ctx.platform;
  }

  get dryRun(): boolean {
    return this.#ctx.dryRun;
  }

  get note(): ((remark: string) => void) | undefined {
    return this.#ctx.note;
  }

  now(): number {
    return this.#ctx.now();
  }

  get<T>(key: ContextKey<T>): T | undefined {
    // A view has few slots of its own, and most have one.
    if (!this.#keys.includes(key)) return this.#ctx.get(key);
    // `set` and `provide` put only what `key` is typed for under it, and T is invariant in the key.
    return this.#values.get(key)?.() as T | undefined;
  }

  set<T>(key: ContextKey<T>, value: T): void {
    if (this.#keys.includes(key)) this.#values.set(key, () => value);
    else this.#ctx.set(key, value);
  }

  provide<T>(key: ContextKey<T>, compute: (ctx: Context) => T): void {
    if (!this.#keys.includes(key)) return this.#ctx.provide(key, compute);
    this.#values.set(key, () => {
      const value = compute(this);
      this.set(key, value);
      return value;
    });
  }

  /** Tells everybody what the plugin put into its own slots. */
  share(except?: Slot): void {
    for (const [key, value] of this.#values) {
      // A slot of whatever type takes what was put into it before.
      if (key !== except) this.#ctx.set(key as ContextKey<unknown>, value());
    }
  }
}
