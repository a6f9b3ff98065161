import { platformOf } from "./platform.ts";
import { requestUrl } from "../url/request-url.ts";
import type { Context, ContextKey, Platform } from "../context.ts";

/** A slot that is filled, or will be when it is first asked for. */
interface Slot {
  readonly key: object;
  value: unknown;
  /** Computes the value; `undefined` once that is done. */
  compute: ((ctx: Context) => unknown) | undefined;
  readonly next: Slot | undefined;
}

/**
 * The context of one request. A handful of slots is searched faster in a list than in a map, and a linked one takes no
 * memory but that of its slots.
 */
export class RequestContext implements Context {
  readonly request: Request;
  readonly href: string;
  /** Whether everybody reads the request's URL alike. */
  readonly isReadable: boolean;
  readonly dryRun: boolean;
  readonly note: ((remark: string) => void) | undefined;
  readonly #clock: () => number;
  readonly #args: readonly unknown[];
  #slots: Slot | undefined;
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
    const slot = this.#find(key);
    if (slot === undefined) return undefined;
    if (slot.compute !== undefined) {
      slot.value = slot.compute(this);
      slot.compute = undefined;
    }
    // `set` and `provide` put only what `key` is typed for into its slot, and T is invariant in the key.
    return slot.value as T;
  }

  set<T>(key: ContextKey<T>, value: T): void {
    this.#put(key, value, undefined);
  }

  provide<T>(key: ContextKey<T>, compute: (ctx: Context) => T): void {
    this.#put(key, undefined, compute);
  }

  #find(key: object): Slot | undefined {
    let slot = this.#slots;
    while (slot !== undefined && slot.key !== key) slot = slot.next;
    return slot;
  }

  #put(key: object, value: unknown, compute: Slot["compute"]): void {
    const slot = this.#find(key);
    if (slot === undefined) {
      this.#slots = { key, value, compute, next: this.#slots };
    } else {
      slot.value = value;
      slot.compute = compute;
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
