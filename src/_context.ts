import { platformOf } from "./_platform.ts";
import { requestUrl } from "./_request-url.ts";
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
  readonly href: string;
  /** Whether everybody reads the request's URL alike. */
  readonly isReadable: boolean;
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
    const href = requestUrl(request);
    this.isReadable = href !== undefined;
    this.href = href ?? parsed(request.url);
    this.#args = args;
    this.#clock = clock;
    this.note = note;
    this.dryRun = note !== undefined;
  }

  get url(): URL {
    return this.#url ??= new URL(this.href);
  }

  get path(): string {
    return this.#path ??= pathOf(this.href);
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

/** What a program makes of a URL that others read in another way, or not at all. Asking for it must not throw. */
function parsed(url: string): string {
  return URL.canParse(url) ? new URL(url).href : "http://localhost/";
}

/** The path of a URL that was parsed. */
function pathOf(href: string): string {
  const start = href.indexOf("/", href.indexOf("//") + 2);
  const end = href.slice(start).search(/[?#]/);
  return end === -1 ? href.slice(start) : href.slice(start, start + end);
}
