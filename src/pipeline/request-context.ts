import { platformLoop } from "../async/loop.ts";
import { isPromise } from "../async/maybe-promise.ts";
import type { BodyText, Context, ContextKey, Platform } from "../context.ts";
import { readBody } from "../http/body.ts";
import type { TokenStore } from "../tokens.ts";
import type { PageUrl } from "../url/page-url.ts";
import { isHostField, type Site } from "../url/public-hosts.ts";
import { returnPageOf } from "../url/return-page.ts";
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
  readonly site: Site;
  /** What a URL says at the site. */
  readonly pageUrl: (url: string) => PageUrl;
  readonly caseSensitive: boolean;
  /** Looks whether a proxy says of a page that it is encrypted whose URL is not; nobody does where the proxy is asked. */
  readonly watchScheme?: ((request: Request, url: string) => void) | undefined;
}

/**
 * The context of one request. A handful of slots is searched faster in a list than in a map, and a linked one takes no
 * memory but that of its slots.
 */
export class RequestContext implements Context {
  readonly request: Request;
  readonly dryRun: boolean;
  readonly note: ((remark: string) => void) | undefined;
  readonly #source: ContextSource;
  readonly #args: readonly unknown[];
  /** What the URL says by itself. */
  readonly #own: PageUrl;
  /** What it says with what a proxy tells, once somebody asked. */
  #page: PageUrl | undefined;
  #isWatched = false;
  #readings: readonly string[] | undefined;
  #slots: Slot | undefined;
  #url: URL | undefined;
  #platform: Platform | undefined;
  #cookieHeader: string | undefined;
  #tokens: TokenStore | undefined;
  /** `null` for one that is not known. */
  #address: string | null | undefined;
  #passive: boolean | undefined;
  #body: BodyText | Promise<BodyText> | undefined;
  /** When a body was asked for that does not come at once, and when it was there, in milliseconds. */
  #bodyAskedAt: number | undefined;
  #bodyReadAt: number | undefined;

  constructor(
    request: Request,
    args: readonly unknown[],
    source: ContextSource,
    note?: (remark: string) => void,
  ) {
    this.request = request;
    this.#own = source.pageUrl(request.url);
    this.#args = args;
    this.#source = source;
    this.note = note;
    this.dryRun = note !== undefined;
  }

  /** Whether everybody reads the request's URL alike. */
  get isReadable(): boolean {
    return this.#own.isReadable;
  }

  /** Why nothing can be decided about the request, if so: programs would not agree what it asks for, or where. */
  get fault(): "unreadable-url" | "foreign-host" | undefined {
    const { isReadable, mayHoldPath } = this.#own;
    // A `Host` that reaches into the path pushes the rest into the query, where a server puts the two together.
    if (!isReadable || mayHoldPath && !isHostField(this.request.headers.get("host"))) return "unreadable-url";
    const { site, origin } = this.#source;
    if (!site.isPublic && origin === undefined) return undefined;
    return this.#placed().siteOrigin === undefined ? "foreign-host" : undefined;
  }

  get returnUrl(): string {
    return this.#watched().returnUrl;
  }

  get returnPage(): string {
    return returnPageOf(this.request, this.returnUrl);
  }

  get href(): string {
    return this.#watched().href;
  }

  get readings(): readonly string[] {
    return this.#readings ??= this.#watched().readings;
  }

  get isPublicHost(): boolean {
    return this.#source.site.isPublic;
  }

  get caseSensitive(): boolean {
    return this.#source.caseSensitive;
  }

  get url(): URL {
    return this.#url ??= new URL(this.href);
  }

  get path(): string {
    return this.#watched().path;
  }

  get platform(): Platform {
    return this.#platform ??= platformOf(this.request, this.#args);
  }

  get cookieHeader(): string {
    return this.#cookieHeader ??= this.request.headers.get("cookie") ?? "";
  }

  get tokens(): TokenStore {
    return this.#tokens ??= this.#source.tokens(this);
  }

  /** The tokens, if anybody asked for them. */
  get openTokens(): TokenStore | undefined {
    return this.#tokens;
  }

  /** Whether a plugin left something to others, such as the application. */
  get hasSlots(): boolean {
    return this.#slots !== undefined;
  }

  get address(): string | undefined {
    if (this.#address === undefined) this.#address = this.#source.address(this) ?? null;
    return this.#address ?? undefined;
  }

  get passive(): boolean {
    return this.#passive ??= this.#source.passive(this);
  }

  body(): BodyText | Promise<BodyText> {
    return this.#body ??= this.#readBody();
  }

  /** Whether somebody asked for the body. */
  get isBodyAsked(): boolean {
    return this.#body !== undefined;
  }

  /** How long the body was waited for by now, in milliseconds. */
  get bodyMs(): number {
    if (this.#bodyAskedAt === undefined) return 0;
    return (this.#bodyReadAt ?? platformLoop.now()) - this.#bodyAskedAt;
  }

  #readBody(): BodyText | Promise<BodyText> {
    const body = readBody(this.request, this.#source.body);
    if (!isPromise(body)) return body;
    this.#bodyAskedAt = platformLoop.now();
    return body.then((read) => {
      this.#bodyReadAt = platformLoop.now();
      return read;
    });
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

  /** What the URL says of the origin that the visitor asked for, as far as anybody tells. */
  #placed(): PageUrl {
    return this.#page ??= this.#source.origin === undefined ? this.#own : this.#told(this.#source.origin);
  }

  #told(originTold: NonNullable<Supplied["origin"]>): PageUrl {
    const own = this.#own.ownOrigin;
    const told = originTold(this, own) ?? own;
    return told === own ? this.#own : this.#own.toldTo(told);
  }

  /** The same, of which the owner is told where a proxy says something else of it. */
  #watched(): PageUrl {
    const page = this.#placed();
    if (!this.#isWatched) {
      this.#isWatched = true;
      if (!this.dryRun) this.#source.watchScheme?.(this.request, page.returnUrl);
    }
    return page;
  }

  #find(key: object): Slot | undefined {
    let slot = this.#slots;
    while (slot !== undefined && slot.key !== key) slot = slot.next;
    return slot;
  }
}
