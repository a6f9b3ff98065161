import { platformLoop } from "../async/loop.ts";
import { isPromise } from "../async/maybe-promise.ts";
import type { BodyText, Context, ContextKey, Platform } from "../context.ts";
import { readBody } from "../http/body.ts";
import type { TokenStore } from "../tokens.ts";
import { isOriginOf, originOf } from "../url/origin.ts";
import { isHostField, type Site } from "../url/public-hosts.ts";
import { canonicalUrl, hidesDots, plainReadings, readingsOf } from "../url/readings.ts";
import { isCanonical, requestUrl } from "../url/request-url.ts";
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
  readonly caseSensitive: boolean;
  /** Looks whether a proxy says of a page that it is encrypted whose URL is not; nobody does where the proxy is asked. */
  readonly watchScheme?: ((headers: Headers, url: string) => void) | undefined;
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
  /** The request's URL as it was written, parsed where others would read it in another way; `undefined` for one that is none. */
  readonly #written: string | undefined;
  /** Whether there is nothing more to find out about it, but where it is. */
  readonly #isCanonical: boolean;
  /** The origin of the site for which the URL stands, once it was looked for and found. */
  #siteOrigin: string | undefined;
  #returnUrl: string | undefined;
  #href: string | undefined;
  #readings: readonly string[] | undefined;
  #slots: Slot | undefined;
  #url: URL | undefined;
  #path: string | undefined;
  #platform: Platform | undefined;
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
    const { url } = request;
    this.#isCanonical = isCanonical(url);
    this.#written = this.#isCanonical ? url : agreedUrl(request);
    this.#args = args;
    this.#source = source;
    this.note = note;
    this.dryRun = note !== undefined;
  }

  /** Whether everybody reads the request's URL alike. */
  get isReadable(): boolean {
    return this.#written !== undefined;
  }

  /** Why nothing can be decided about the request, if so: programs would not agree what it asks for, or where. */
  get fault(): "unreadable-url" | "foreign-host" | undefined {
    const written = this.#written;
    if (written === undefined || !this.#hasHost(written)) return "unreadable-url";
    const { site, origin } = this.#source;
    if (!site.isPublic && origin === undefined) return undefined;
    this.#siteOrigin = this.#siteOriginOf(written);
    return this.#siteOrigin === undefined ? "foreign-host" : undefined;
  }

  /** A `Host` that reaches into the path pushes the rest into the query, where a server puts the two together. */
  #hasHost(written: string): boolean {
    return !written.includes("?/") || isHostField(this.request.headers.get("host"));
  }

  get returnUrl(): string {
    if (this.#returnUrl === undefined) {
      this.#returnUrl = this.#placed(this.#written ?? parsed(this.request.url));
      if (!this.dryRun) this.#source.watchScheme?.(this.request.headers, this.#returnUrl);
    }
    return this.#returnUrl;
  }

  get returnPage(): string {
    return returnPageOf(this.request, this.returnUrl);
  }

  get href(): string {
    return this.#href ??= this.#isCanonical ? this.returnUrl : canonicalUrl(this.returnUrl);
  }

  get readings(): readonly string[] {
    return this.#readings ??= this.#read();
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

  /** A URL on its public host, below the base path. */
  #placed(url: string): string {
    const { site, origin: told } = this.#source;
    if (!site.isPublic && site.basePath === "" && told === undefined) return url;
    // Who asks for a page of a foreign host is turned down before; plugins that look at it all the same must not throw.
    const origin = this.#siteOrigin ?? this.#siteOriginOf(url) ?? this.#origin(url);
    if (site.basePath === "" && isOriginOf(origin, url)) return url;
    return origin + site.basePath + url.slice(originOf(url).length);
  }

  /** The origin of the site for which a URL stands; `undefined` for a foreign one. */
  #siteOriginOf(url: string): string | undefined {
    const { site, origin } = this.#source;
    return origin === undefined ? site.pageOriginOf(url) : site.originOf(this.#origin(url));
  }

  /** The origin that the visitor asked for, as far as anybody tells. */
  #origin(url: string): string {
    const own = originOf(url);
    return this.#source.origin?.(this, own) ?? own;
  }

  /** The readings of what the server handed over, which a platform may have left with its dot segments. */
  #read(): readonly string[] {
    const { returnUrl } = this;
    if (this.#isCanonical) return plainReadings(returnUrl);
    const { url } = this.request;
    if (this.#written === undefined || url === returnUrl) return readingsOf(returnUrl);
    const path = /^[^:]*:\/\/[^/?#\\]*/.exec(url)?.[0].length ?? 0;
    const forms = readingsOf(originOf(returnUrl) + this.#source.site.basePath + url.slice(path));
    return url.slice(path) === this.#written.slice(originOf(this.#written).length)
      ? forms
      : [...new Set([this.href, ...forms, ...readingsOf(returnUrl)])];
  }

  #find(key: object): Slot | undefined {
    let slot = this.#slots;
    while (slot !== undefined && slot.key !== key) slot = slot.next;
    return slot;
  }
}

/** The URL of a request in which all programs see one page, parsed where the server left that to others. */
function agreedUrl(request: Request): string | undefined {
  const url = requestUrl(request);
  return url === undefined || hidesDots(canonicalUrl(url)) ? undefined : url;
}

/** What a program makes of a URL that others read in another way, or not at all. Asking for it must not throw. */
function parsed(url: string): string {
  return URL.canParse(url) ? new URL(url).href : "http://localhost/";
}

/** The path of a URL that was parsed. */
function pathOf(href: string): string {
  const text = href.slice(originOf(href).length);
  const end = text.search(/[?#]/);
  return end === -1 ? text : text.slice(0, end);
}
