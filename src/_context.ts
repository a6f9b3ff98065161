import { platformOf } from "./_platform.ts";
import type { Context, ContextKey, Platform } from "./context.ts";

/** Marks a slot whose value is still to be computed. */
class Lazy {
  readonly compute: (ctx: Context) => unknown;

  constructor(compute: (ctx: Context) => unknown) {
    this.compute = compute;
  }
}

/** The context of one request. A handful of slots is searched faster in a list than in a map. */
export class RequestContext implements Context {
  readonly request: Request;
  readonly dryRun: boolean;
  readonly note: ((remark: string) => void) | undefined;
  readonly #clock: () => number;
  readonly #args: readonly unknown[];
  readonly #keys: object[] = [];
  readonly #values: unknown[] = [];
  #url: URL | undefined;
  #path: string | undefined;
  #platform: Platform | undefined;

  constructor(
    request: Request,
    args: readonly unknown[],
    clock: () => number,
    note?: (remark: string) => void,
  ) {
    this.request = request;
    this.#args = args;
    this.#clock = clock;
    this.note = note;
    this.dryRun = note !== undefined;
  }

  get url(): URL {
    return this.#url ??= new URL(this.request.url);
  }

  get path(): string {
    return this.#path ??= pathOf(this.request.url) ?? this.url.pathname;
  }

  get platform(): Platform {
    return this.#platform ??= platformOf(this.request, this.#args);
  }

  now(): number {
    return this.#clock();
  }

  get<T>(key: ContextKey<T>): T | undefined {
    const index = this.#keys.indexOf(key);
    if (index === -1) return undefined;
    const held = this.#values[index];
    // `set` and `provide` put only what `key` is typed for at its index, and T is invariant in the key.
    if (!(held instanceof Lazy)) return held as T;
    const value = held.compute(this) as T;
    this.#values[index] = value;
    return value;
  }

  set<T>(key: ContextKey<T>, value: T): void {
    this.#put(key, value);
  }

  provide<T>(key: ContextKey<T>, compute: (ctx: Context) => T): void {
    this.#put(key, new Lazy(compute));
  }

  #put(key: object, value: unknown): void {
    const index = this.#keys.indexOf(key);
    if (index === -1) {
      this.#keys.push(key);
      this.#values.push(value);
    } else {
      this.#values[index] = value;
    }
  }
}

/**
 * The path of a request's URL, without parsing the rest where that gives the same. Deno leaves the URL as the visitor
 * wrote it: what must be normalised, such as `/assets/../checkout`, is left to the parser, as the application does.
 */
function pathOf(url: string): string | undefined {
  const path = /^https?:\/\/[^/?#\\]+(\/[\w/.~!$&'()*+,;=:@-]*)(?:[?#]|$)/.exec(url)?.[1];
  return path?.includes("/.") ? undefined : path;
}
