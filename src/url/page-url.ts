import { isOriginOf, originOf } from "./origin.ts";
import type { Site } from "./public-hosts.ts";
import { canonicalUrl, hidesDots, plainReadings, readingsOf } from "./readings.ts";
import { isCanonical, requestUrl } from "./request-url.ts";
import { rememberingUrls } from "./url-memo.ts";

/** How many forms of a page are remembered; hardly one that is no attack has more. */
const mostKept = 16;

/** How programs read the URL of a request. */
interface ReadUrl {
  /** As the server handed it over. */
  readonly url: string;
  /** Whether there is nothing more to find out about it, but where it is. */
  readonly isCanonical: boolean;
  /** As it was written, parsed where others would read it in another way; `undefined` for one that is none. */
  readonly written: string | undefined;
  /** Whether a `Host` may have reached into the path and pushed the rest into the query. */
  readonly mayHoldPath: boolean;
}

/**
 * What the URL of a request says of the page that is asked for. It follows from the URL, the site and the origin that a proxy tells, and from
 * nothing else of the request, so that it is found out once for pages that are asked for again and again.
 */
export class PageUrl {
  readonly #read: ReadUrl;
  readonly #site: Site;
  /** The origin that the visitor asked for, where a proxy tells another one. */
  readonly #told: string | undefined;
  #siteOrigin: string | null | undefined;
  #returnUrl: string | undefined;
  #href: string | undefined;
  #readings: readonly string[] | undefined;
  #path: string | undefined;

  constructor(read: ReadUrl, site: Site, told?: string) {
    this.#read = read;
    this.#site = site;
    this.#told = told;
  }

  /** Whether everybody reads the URL alike. */
  get isReadable(): boolean {
    return this.#read.written !== undefined;
  }

  /** Whether a `Host` may have reached into the path and pushed the rest into the query. */
  get mayHoldPath(): boolean {
    return this.#read.mayHoldPath;
  }

  /** The URL, or what a program makes of it that others read in another way. */
  get #url(): string {
    return this.#read.written ?? parsed(this.#read.url);
  }

  /** The origin in the URL. */
  get ownOrigin(): string {
    return originOf(this.#url);
  }

  /** The same page, where a proxy says that the visitor asked for another origin. */
  toldTo(origin: string): PageUrl {
    return new PageUrl(this.#read, this.#site, origin);
  }

  /** The origin of the site for which the URL stands; `undefined` for a foreign one. */
  get siteOrigin(): string | undefined {
    if (this.#siteOrigin === undefined) {
      const { pageOriginOf, originOf } = this.#site;
      this.#siteOrigin = (this.#told === undefined ? pageOriginOf(this.#url) : originOf(this.#told)) ?? null;
    }
    return this.#siteOrigin ?? undefined;
  }

  /** The URL on its public host, below the base path. */
  get returnUrl(): string {
    return this.#returnUrl ??= this.#placed();
  }

  /** The same in canonical form. */
  get href(): string {
    return this.#href ??= this.#read.isCanonical ? this.returnUrl : canonicalUrl(this.returnUrl);
  }

  /** The path of that. */
  get path(): string {
    return this.#path ??= pathOf(this.href);
  }

  /**
   * All forms in which programs may know the page. Plugins get the same list for each visitor, so none can change it. Of an odd URL there may be
   * a hundred forms as long as itself: who asks for one gets them found out anew, or visitors could fill the memory with them.
   */
  get readings(): readonly string[] {
    if (this.#readings !== undefined) return this.#readings;
    const all = Object.freeze(this.#allReadings());
    if (all.length <= mostKept) this.#readings = all;
    return all;
  }

  #placed(): string {
    const url = this.#url;
    const { isPublic, basePath } = this.#site;
    if (!isPublic && basePath === "" && this.#told === undefined) return url;
    // Who asks for a page of a foreign host is turned down before; plugins that look at it all the same must not throw.
    const origin = this.siteOrigin ?? this.#told ?? originOf(url);
    if (basePath === "" && isOriginOf(origin, url)) return url;
    return origin + basePath + url.slice(originOf(url).length);
  }

  /** The readings of what the server handed over, which a platform may have left with its dot segments. */
  #allReadings(): readonly string[] {
    const { returnUrl } = this;
    const { url, written, isCanonical } = this.#read;
    if (isCanonical) return plainReadings(returnUrl);
    if (written === undefined || url === returnUrl) return readingsOf(returnUrl);
    const path = /^[^:]*:\/\/[^/?#\\]*/.exec(url)?.[0].length ?? 0;
    const forms = readingsOf(originOf(returnUrl) + this.#site.basePath + url.slice(path));
    return url.slice(path) === written.slice(originOf(written).length)
      ? forms
      : [...new Set([this.href, ...forms, ...readingsOf(returnUrl)])];
  }
}

/** Tells what URLs say at a site. What is no text, in a request that a program made by itself, is taken for what it is as one. */
export function pageUrlsAt(site: Site): (url: string) => PageUrl {
  const pageUrl = rememberingUrls((url) => new PageUrl(readUrl(url), site));
  return (given) => pageUrl(String(given));
}

function readUrl(url: string): ReadUrl {
  const isPlain = isCanonical(url);
  const written = isPlain ? url : agreedUrl(url);
  return { url, isCanonical: isPlain, written, mayHoldPath: written?.includes("?/") ?? false };
}

/** A URL in which all programs see one page, parsed where the server left that to others. */
function agreedUrl(given: string): string | undefined {
  const url = requestUrl({ url: given });
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
