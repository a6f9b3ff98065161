import type { Context } from "../../src/context.ts";
import { isLate } from "../../src/async/maybe-promise.ts";
import type { Calls } from "../../src/service.ts";
import type { TokenOptions } from "../../src/tokens.ts";
import { readingsOf } from "../../src/url/readings.ts";
import { returnPageOf } from "../../src/url/return-page.ts";
import { requestFacts } from "../../src/triggers/facts.ts";
import type { TriggerMatch, TriggerMatcher } from "../../src/triggers/matcher.ts";
import type { Action, SessionCookieAttributes } from "./configuration/mod.ts";
import { sessionMs } from "./protocol/session-cookie.ts";
import type { Diagnostics, SessionChange, Visit } from "./validation/visit.ts";
import { decoded } from "./protocol/encode.ts";
import { takeToken } from "./protocol/token-in-url.ts";
import { ajaxHeader } from "./validation/locations.ts";

/** A visit to a page, whose request came through the gate. */
export class PageVisit implements Visit {
  readonly ctx: Context;
  readonly url: string;
  readonly originalUrl: string;
  readonly token: string;
  action: Action | undefined = undefined;
  match: TriggerMatch | undefined = undefined;
  /** By what is found out whether another address of the page is protected by the same integration. */
  matcher: TriggerMatcher | undefined = undefined;
  cookies: readonly string[] = [];
  diagnostics: Diagnostics | undefined = undefined;
  hasFailed = false;
  /** Where the visitor is sent, to wait or to an error page; `""` for nowhere. */
  location = "";
  changes: SessionChange[] = [];
  readonly #calls: Calls;
  readonly #hosts: ReadonlySet<string> | undefined;
  #nowMs: number | undefined;
  #ajaxPage: string | undefined;

  constructor(
    ctx: Context,
    calls: Calls,
    originalUrl: string,
    url: string,
    token: string,
    hosts: ReadonlySet<string> | undefined,
  ) {
    this.ctx = ctx;
    this.#calls = calls;
    this.originalUrl = originalUrl;
    this.url = url;
    this.token = token;
    this.#hosts = hosts;
  }

  /** Whether nobody looks at the page yet: then no session begins, is prolonged or ends. */
  get isPassive(): boolean {
    return this.ctx.passive;
  }

  /** What a service is told cannot be taken back: a page that nobody looks at asks nobody. */
  get calls(): Calls | undefined {
    return this.isPassive && !this.ctx.dryRun ? undefined : this.#calls;
  }

  /** Visitors come back to another address of the page without a body. */
  get covers(): ((url: string) => boolean) | undefined {
    const { matcher, match, ctx: { request, caseSensitive } } = this;
    if (matcher === undefined) return undefined;
    return (url) => {
      const other = matcher.match(
        requestFacts(request, { url, readings: readingsOf(url), caseSensitive }),
        "",
      );
      return typeof other === "object" && other.integration === match?.integration;
    };
  }

  /** One moment for the whole visit. Most pages are in no room, and need none. */
  get nowMs(): number {
    return this.#nowMs ??= this.ctx.now();
  }

  get returnPage(): string {
    const page = returnPageOf(this.ctx.request, this.url);
    return page === this.url ? page : takeToken(page).url;
  }

  /** All forms in which the application may know the page. */
  get readings(): readonly string[] {
    const { url, ctx, originalUrl } = this;
    if (url === ctx.returnUrl) return ctx.readings;
    if (originalUrl !== ctx.returnUrl) return readingsOf(url);
    // Without the token the page is the same, and may have been written in the same odd ways.
    const forms = new Set([...readingsOf(url), ...ctx.readings.map((reading) => takeToken(reading).url)]);
    forms.delete(url);
    return [...forms, url];
  }

  /** Whether a redirect leads to the same page: of other methods than these it would lose the body. */
  get isRepeatable(): boolean {
    const { method } = this.ctx.request;
    return method === "GET" || method === "HEAD";
  }

  get caseSensitive(): boolean {
    return this.ctx.caseSensitive;
  }

  get cookieHeader(): string {
    return this.ctx.cookieHeader;
  }

  address(): string {
    return this.ctx.address ?? "";
  }

  header(name: string): string {
    return name === ajaxHeader ? this.#ajaxPage ??= this.#readAjaxPage() : this.#read(name);
  }

  #read(name: string): string {
    return this.ctx.request.headers.get(name) ?? "";
  }

  /** Where a script may return its visitor to is the owner's choice; a page elsewhere is one without an address. */
  #readAjaxPage(): string {
    const value = this.#read(ajaxHeader);
    if (value === "" || this.#hosts === undefined) return value;
    const text = decoded(value) ?? "";
    const page = URL.canParse(text) ? new URL(text) : undefined;
    const isOwn = page !== undefined && this.#hosts.has(page.host) && /^https?:$/.test(page.protocol);
    return isOwn ? value : nowhere;
  }

  read(name: string): string | undefined | Promise<string | undefined> {
    return this.ctx.tokens.read(name);
  }

  others(name: string): readonly string[] {
    return this.ctx.tokens.others?.(name) ?? [];
  }

  get dryRun(): boolean {
    return this.ctx.dryRun;
  }

  /** Hands the changed sessions to the store, one after the other. */
  carryOut(): void | Promise<void> {
    const { changes, action } = this;
    if (this.ctx.dryRun || this.isPassive || action === undefined || action.kind === "ignore") {
      return undefined;
    }
    // Each is handed over once.
    this.changes = [];
    const works: Promise<void>[] = [];
    const { tokens } = this.ctx;
    for (const { room: { cookieName }, value } of changes) {
      const options = tokenOptionsOf(action.cookieAttributes, this.nowMs);
      const kept = value === undefined
        ? tokens.remove(cookieName, options)
        : tokens.write(cookieName, value, options);
      // Should the next one throw at once, nobody else would look after this one.
      if (isLate(kept)) works.push(Promise.resolve(kept));
    }
    return works.length === 0 ? undefined : Promise.all(works).then(() => {});
  }
}

/** A header that tells of a script, and of no page: it cannot be decoded. */
const nowhere = "%";

/** A session is written for who brought a signed token or a genuine session. */
function tokenOptionsOf({ domain, httpOnly, secure }: SessionCookieAttributes, nowMs: number): TokenOptions {
  return { expiresAtMs: sessionMs(nowMs), domain, httpOnly, secure, sameSite: "omit", proven: true };
}
