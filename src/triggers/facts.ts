/**
 * What triggers ask of a request: read when first asked for, computed once.
 *
 * @module
 */

import { requestUrl } from "../url/request-url.ts";
import { normalizeUrl } from "./normalize-url.ts";
import { fewNames, RequestSource } from "./request-source.ts";
import type { Subject, Target } from "./target.ts";
import { hostnameOf, splitUrl, type UrlParts } from "./split-url.ts";

export type { Subject, Target } from "./target.ts";

/** Where {@linkcode RequestFacts} come from. An absent header or cookie is `""`, `null` or `undefined`. */
export interface FactSource {
  /** The URL to match, as the browser sees it and without a provider's token. */
  readonly url: string;

  /**
   * All forms in which programs may know the URL, the canonical one first and `url` last. Whatever protects holds by any
   * of them, and whatever exempts only by all. Two requests with one URL may have others, where the server left it as it was written.
   *
   * @default {the rules are compared with `url` alone and exactly as they are written, as the vendors' connectors do}
   */
  readonly readings?: readonly string[] | undefined;

  /**
   * Whether the application tells pages apart by the case of letters in their URLs. It matters where there are `readings`.
   *
   * @default {false}
   */
  readonly caseSensitive?: boolean | undefined;

  /**
   * Reads a header.
   *
   * @param name Its name, in lower case.
   * @returns Its value.
   */
  header(name: string): string | null | undefined;

  /**
   * Reads a cookie.
   *
   * @param name Its name, in its exact case.
   * @returns Its value, percent-decoded.
   */
  cookie(name: string): string | null | undefined;

  /**
   * Lists the headers that there are, so that many rules about many headers cost no more than the request has.
   *
   * @returns Their names, in lower case.
   */
  headerNames?(): Iterable<string>;

  /**
   * Lists the cookies that there are, so that many rules about many cookies cost no more than the request has.
   *
   * @returns Their names, in their exact case.
   */
  cookieNames?(): Iterable<string>;

  /**
   * Normalises the URL for the rules that ask for it; left out, {@linkcode normalizeUrl} does.
   *
   * @param url The URL.
   * @returns The normalised URL; when it is empty, the URL is matched as it is.
   */
  normalize?(url: string): string;
}

/** The facts of one request. Make them with {@linkcode requestFacts} or {@linkcode factsOf}. */
export interface RequestFacts {
  /** Where they come from. */
  readonly source: FactSource;
  /** The URL that is compared. */
  readonly url: string;
  /** Whether rules are compared with this URL alone, exactly as they are written. */
  readonly isExact: boolean;
  /** All forms of the request's URL, the canonical one first. They are found out when they are first asked for. */
  readonly readings: readonly string[];

  /**
   * Gives the same facts by another form of the URL. Cookies and headers are read once for all of them.
   *
   * @param url The form.
   * @returns The facts; the same ones where the URL is theirs.
   */
  by(url: string): RequestFacts;

  /**
   * Gives the text that a part of a trigger compares. Matchers call it.
   *
   * @param target What the part looks at.
   * @param upper Whether the text is wanted in upper case.
   * @param body The body; `""` if there is none.
   * @returns The text, `""` if there is none.
   */
  text(target: Target, upper: boolean, body?: string): string;
}

/** What can be said about a request's facts beforehand. */
export interface FactOptions {
  /**
   * The URL to match, where it is not the request's own.
   *
   * @default {request.url, parsed where the server left it as the visitor wrote it}
   */
  readonly url?: string;
  /**
   * How URLs are normalised for the rules that ask for it.
   *
   * @default {normalizeUrl}
   */
  readonly normalize?: (url: string) => string;
  /**
   * All forms in which programs may know the URL, the canonical one first and the URL itself last.
   *
   * @default {found out from the URL}
   */
  readonly readings?: readonly string[];
  /**
   * Whether the application tells pages apart by the case of letters in their URLs.
   *
   * @default {false}
   */
  readonly caseSensitive?: boolean;
  /**
   * The `Cookie` header, where it was read already; `""` where there is none.
   *
   * @default {read from the request}
   */
  readonly cookieHeader?: string;
}

/**
 * Makes the facts of a request. Rules are compared with every form of its URL; the strictest answer counts.
 *
 * @param request The request.
 * @param options The URL to match, its forms, and how it is normalised.
 * @returns Its facts; nothing is read yet.
 *
 * @example
 * ```ts
 * import { compileRules, requestFacts } from "stanchion/triggers";
 *
 * const matcher = compileRules([{ name: "shop", any: [{ path: { contains: "/tickets" } }] }]);
 * matcher.match(requestFacts(new Request("https://shop.example/tickets/7"))); // { name: "shop", trigger: 0, … }
 * ```
 */
export function requestFacts(request: Request, options: FactOptions = {}): RequestFacts {
  const { url = requestUrl(request) ?? request.url, normalize = normalizeUrl } = options;
  return new LazyFacts(new RequestSource(request, url, normalize, options), url, false);
}

/**
 * Makes facts from anything that can tell them. Without `readings` they are exact: one URL, and its letters as they are.
 *
 * @param source What tells them. Each is asked for at most once.
 * @returns The facts; nothing is read yet.
 *
 * @example
 * ```ts
 * import { factsOf } from "stanchion/triggers";
 *
 * const facts = factsOf({ url: "https://shop.example/", header: () => "", cookie: () => "" });
 * ```
 */
export function factsOf(source: FactSource): RequestFacts {
  return new LazyFacts(source, source.url, source.readings === undefined);
}

/** A text and, once asked for, its upper-case form. */
interface Entry {
  readonly text: string;
  upper: string | undefined;
}

/** A cookie or a header, and what was asked for before it. */
interface Named extends Entry {
  readonly subject: Subject;
  readonly name: string;
  readonly before: Named | undefined;
}

/** RequestFacts that are computed once. The URL's have places in a list, cheaper than a map for the many rules on them. */
class LazyFacts implements RequestFacts {
  readonly source: FactSource;
  readonly url: string;
  /** The facts of the request, from which cookies, headers and the body are taken; `undefined` for these themselves. */
  readonly #root: LazyFacts | undefined;
  readonly isExact: boolean;
  // Most pages are known, and then nothing but a cookie is asked for.
  #texts: (string | undefined)[] | undefined;
  #parts: UrlParts | undefined;
  #normalizedParts: UrlParts | undefined;
  #latest: Named | undefined;
  #named = 0;
  #many: Map<string, Named> | undefined;
  #body: Entry | undefined;
  #agent: Entry | undefined;

  constructor(source: FactSource, url: string, isExact: boolean, root?: LazyFacts) {
    this.source = source;
    this.url = url;
    this.isExact = isExact;
    this.#root = root;
  }

  get readings(): readonly string[] {
    return this.source.readings ?? [this.url];
  }

  by(url: string): RequestFacts {
    return url === this.url ? this : new LazyFacts(this.source, url, this.isExact, this.#root ?? this);
  }

  text(target: Target, upper: boolean, body: string = ""): string {
    switch (target.subject) {
      case "userAgent":
      case "cookie":
      case "header":
      case "body":
        return this.#root === undefined
          ? this.#ownText(target, upper, body)
          : this.#root.text(target, upper, body);
      default: {
        const texts = this.#texts ??= emptyTexts();
        const place = places[target.subject] + (target.normalized ? 2 : 0);
        const text = texts[place] ??= this.#read(target.subject, target.normalized);
        return upper ? texts[place + 1] ??= text.toUpperCase() : text;
      }
    }
  }

  /** A text that is not of the URL. */
  #ownText(target: Target, upper: boolean, body: string): string {
    if (target.subject === "userAgent") {
      return cased(this.#agent ??= { text: this.source.header("user-agent") || "", upper: undefined }, upper);
    }
    if (target.subject !== "body") return cased(this.#find(target), upper);
    if (this.#body?.text !== body) this.#body = { text: body, upper: undefined };
    return cased(this.#body, upper);
  }

  #read(subject: keyof typeof places, normalized: boolean): string {
    const { url } = this;
    if (subject === "url") return normalized ? (this.source.normalize ?? normalizeUrl)(url) || url : url;
    const { host, path } = normalized
      ? this.#normalizedParts ??= splitUrl(this.text(normal, false))
      : this.#parts ??= splitUrl(url);
    return subject === "path" ? path : subject === "host" ? host : hostnameOf(host);
  }

  /** A few are gone through, which is cheaper than a map. */
  #find({ subject, name }: Target): Named {
    for (let one = this.#latest; one !== undefined; one = one.before) {
      if (one.name === name && one.subject === subject) return one;
    }
    const key = this.#named < fewNames ? "" : `${subject}:${name}`;
    const known = key === "" ? undefined : this.#many?.get(key);
    if (known !== undefined) return known;
    const text = (subject === "cookie" ? this.source.cookie(name) : this.source.header(name)) || "";
    const made = { subject, name, text, upper: undefined, before: this.#latest };
    if (key === "") {
      this.#named++;
      this.#latest = made;
    } else (this.#many ??= new Map()).set(key, made);
    return made;
  }
}

/** Where each text of the URL is kept: as it is, in upper case, then both normalised. */
const places = { url: 0, path: 4, host: 8, hostname: 12 } satisfies Partial<
  Record<Subject, number>
>;

const normal: Target = { subject: "url", name: "", normalized: true };

/** Written out, because a literal is copied in one piece. */
// deno-fmt-ignore
function emptyTexts(): undefined[] {
  return [
    undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
    undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
  ];
}

function cased(entry: Entry, upper: boolean): string {
  return upper ? entry.upper ??= entry.text.toUpperCase() : entry.text;
}
