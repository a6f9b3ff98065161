import { isPromise } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import type { TokenPlace, TokenStore } from "../../src/tokens/store.ts";
import type { TriggerMatch } from "../../src/triggers/matcher.ts";
import { passiveVisit } from "../../src/visit.ts";
import { clientAddress } from "../client-ip.ts";
import type { Action, SessionCookieAttributes } from "./configuration/mod.ts";
import { sessionMs } from "./protocol/session-cookie.ts";
import type { Diagnostics, SessionChange, Visit } from "./validation/visit.ts";
import { decoded } from "./protocol/encode.ts";
import { ajaxHeader } from "./validation/locations.ts";

/** A visit to a page, whose request came through the gate. */
export class PageVisit implements Visit {
  readonly ctx: Context;
  readonly nowMs: number;
  readonly url: string;
  readonly originalUrl: string;
  readonly token: string;
  action: Action | undefined = undefined;
  match: TriggerMatch | undefined = undefined;
  cookies: readonly string[] = [];
  diagnostics: Diagnostics | undefined = undefined;
  hasFailed = false;
  readonly changes: SessionChange[] = [];
  /** Whether nobody looks at the page yet: then no session begins, is prolonged or ends. */
  readonly isPassive: boolean;
  readonly #store: TokenStore;
  readonly #hosts: ReadonlySet<string> | undefined;

  constructor(
    ctx: Context,
    store: TokenStore,
    originalUrl: string,
    url: string,
    token: string,
    hosts: ReadonlySet<string> | undefined,
  ) {
    this.ctx = ctx;
    this.nowMs = ctx.now();
    this.isPassive = ctx.get(passiveVisit) === true;
    this.originalUrl = originalUrl;
    this.url = url;
    this.token = token;
    this.#store = store;
    this.#hosts = hosts;
  }

  address(): string {
    return this.ctx.get(clientAddress) ?? this.ctx.platform.peerAddress ?? "";
  }

  header(name: string): string {
    const value = this.ctx.request.headers.get(name) ?? "";
    // Where a script may return its visitor to is the owner's choice; a page elsewhere is one without an address.
    if (name !== ajaxHeader || value === "" || this.#hosts === undefined) return value;
    const page = URL.parse(decoded(value) ?? "");
    return page !== null && this.#hosts.has(page.host) && /^https?:$/.test(page.protocol) ? value : nowhere;
  }

  read(name: string): string | undefined | Promise<string | undefined> {
    return this.#store.read(this.ctx, name);
  }

  /** Hands the changed sessions to the store, one after the other. */
  carryOut(): void | Promise<void> {
    const { changes, action } = this;
    if (this.ctx.dryRun || this.isPassive || action === undefined || action.kind === "ignore") {
      return undefined;
    }
    const works: Promise<void>[] = [];
    for (const change of changes.splice(0)) {
      const place = tokenPlaceOf(change, action.cookieAttributes, this.nowMs);
      const kept = change.value === undefined
        ? this.#store.remove(this.ctx, place)
        : this.#store.write(this.ctx, place, change.value);
      if (isPromise(kept)) works.push(kept);
    }
    return works.length === 0 ? undefined : Promise.all(works).then(() => {});
  }
}

/** A header that tells of a script, and of no page: it cannot be decoded. */
const nowhere = "%";

function tokenPlaceOf(
  { room }: SessionChange,
  attributes: SessionCookieAttributes,
  nowMs: number,
): TokenPlace {
  const { domain, httpOnly, secure } = attributes;
  return { name: room.cookieName, expiresAtMs: sessionMs(nowMs), domain, httpOnly, secure, sameSite: "omit" };
}
