import { isPromise } from "../async/maybe-promise.ts";
import type { BodyText, Context, ContextKey, Platform } from "../context.ts";
import { readBody } from "../http/body.ts";
import type { TokenStore } from "../tokens.ts";
import { requestUrl } from "../url/request-url.ts";
import { platformOf } from "./platform.ts";
import type { Supplied } from "./supplies.ts";

/** A slot that is filled. */
interface Slot {
  readonly key: object;
  value: unknown;
  readonly next: Slot | undefined;
}

/** What all contexts of one gate share. */
export interface ContextSource extends Supplied {
  readonly clock: () => number;
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
  readonly #source: ContextSource;
  readonly #args: readonly unknown[];
  #slots: Slot | undefined;
  #url: URL | undefined;
  #path: string | undefined;
  #platform: Platform | undefined;
  #tokens: TokenStore | undefined;
  /** `null` for one that is not known. */
  #address: string | null | undefined;
  #passive: boolean | undefined;
  #body: BodyText | Promise<BodyText> | undefined;

  constructor(
    request: Request,
    args: readonly unknown[],
    source: ContextSource,
    note?: (remark: string) => void,
  ) {
    this.request = request;
    const href = requestUrl(request);
    this.isReadable = href !== undefined;
    this.href = href ?? parsed(request.url);
    this.#args = args;
    this.#source = source;
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

  get tokens(): TokenStore {
    return this.#tokens ??= this.#source.tokens(this);
  }

  /** The tokens, if anybody asked for them. */
  get openTokens(): TokenStore | undefined {
    return this.#tokens;
  }

  get address(): string | undefined {
    if (this.#address === undefined) this.#address = this.#source.address(this) ?? null;
    return this.#address ?? undefined;
  }

  get passive(): boolean {
    return this.#passive ??= this.#source.passive(this);
  }

  body(): BodyText | Promise<BodyText> {
    return this.#body ??= readBody(this.request, this.#source.body);
  }

  /** The body, if somebody asked for it and it does not come at once. It is never rejected. */
  get openBody(): Promise<BodyText> | undefined {
    return isPromise(this.#body) ? this.#body : undefined;
  }

  now(): number {
    return this.#source.clock();
  }

  get<T>(key: ContextKey<T>): T | undefined {
    // `set` puts only what `key` is typed for into its slot, and T is invariant in the key.
    return this.#find(key)?.value as T | undefined;
  }

  set<T>(key: ContextKey<T>, value: T): void {
    const slot = this.#find(key);
    if (slot === undefined) this.#slots = { key, value, next: this.#slots };
    else slot.value = value;
  }

  #find(key: object): Slot | undefined {
    let slot = this.#slots;
    while (slot !== undefined && slot.key !== key) slot = slot.next;
    return slot;
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
