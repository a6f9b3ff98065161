import type { Context } from "../../src/context.ts";
import type { HeaderChange } from "../../src/decision.ts";
import { isProgram } from "../../src/http/client-kind.ts";
import { madePrivate } from "../../src/pipeline/answer.ts";
import {
  cookieNameOf,
  type CookiePlace,
  forgetProof,
  type Identities,
  type Line,
  nativeHeader,
  type Proof,
  proofCookie,
  type ProofQuestion,
  readProof,
  type Sealer,
  type SentProofs,
  surplusCookies,
} from "./tickets/mod.ts";

/** Where and when somebody comes. */
export interface Arrival {
  readonly ctx: Context;
  readonly room: string;
  /** The time by the store's clock, in Unix milliseconds. */
  readonly now: number;
  readonly sealer: Sealer;
  /** What tickets and passes are signed for: the room's key in the store, so that staging's are good nowhere else. */
  readonly key: string;
  /** What the owner binds tickets and passes to; `""` for nothing. */
  readonly binding: string;
  /** Who it is by what the owner says; `""` for nobody in particular. */
  readonly identity: () => string;
  readonly identities: Identities;
  /** The `Domain` of the cookies; `""` for the host alone. */
  readonly domain: string;
  /** Whether the owner lets the visitor in without waiting; `undefined` where nobody asked. */
  readonly passesBy: boolean | undefined;
  /** The room's times, and its epoch where it is known. */
  readonly line: Line & { readonly epoch?: number };
}

/** One request to a room: what the visitor brings, and what the answer is to carry. */
export class Visit {
  readonly ctx: Context;
  /** The time by the store's clock, in Unix milliseconds. */
  readonly now: number;
  /** What the visitor brought that counts. */
  readonly sent: SentProofs;
  readonly #arrival: Arrival;
  readonly #place: CookiePlace;
  readonly #question: ProofQuestion;
  #kept: Proof | undefined;
  #isForgotten = false;
  #isInside = false;
  #cookies: readonly string[] = [];

  /** Looks at what somebody brings. */
  constructor(arrival: Arrival) {
    const { ctx, room, now, sealer, key, binding, domain, line } = arrival;
    this.ctx = ctx;
    this.now = now;
    this.#arrival = arrival;
    this.#place = { isEncrypted: ctx.href.startsWith("https:"), domain };
    this.#question = {
      room: key,
      binding,
      cookieName: cookieNameOf(room, this.#place),
      epoch: line.epoch,
      line,
      now,
      isOwn: (proof) => this.#isOwn(proof),
    };
    const native = ctx.request.headers.get(nativeHeader);
    this.sent = readProof(sealer, { native, cookieHeader: ctx.cookieHeader }, this.#question);
  }

  /** What the owner binds tickets and passes to; `""` for nothing. */
  get binding(): string {
    return this.#arrival.binding;
  }

  /** Whether the visitor is let in without waiting, and counted. */
  get passesBy(): boolean {
    return this.#arrival.passesBy === true;
  }

  /** What the answer gives the visitor; `undefined` for nothing. */
  kept(): Proof | undefined {
    return this.#kept;
  }

  /** Reads what somebody says to be a ticket or pass, as if it were brought in their place. */
  read(text: string): SentProofs {
    return readProof(this.#arrival.sealer, { native: text, cookieHeader: "" }, this.#question);
  }

  /** Signs a ticket or pass of the visitor's. */
  seal(proof: Proof): string {
    const { sealer, key, binding } = this.#arrival;
    return sealer.seal(key, proof, binding);
  }

  /** The tag of the visitor's identity; `undefined` for nobody in particular. */
  identityTag(): string | undefined {
    const { identity, identities, room } = this.#arrival;
    const who = identity();
    return who === "" ? undefined : identities.tagOf(room, who);
  }

  /** The tag of the visitor, as it is going to be known; `undefined` for somebody without a place. */
  tag(): string | undefined {
    return (this.#kept ?? this.sent.proof)?.tag;
  }

  /** Says something to `explain`; nothing is put together where nobody listens. */
  note(remark: () => string): void {
    this.ctx.note?.(`room "${this.#arrival.room}": ${remark()}`);
  }

  /** Gives the visitor a ticket or a pass. */
  keep(proof: Proof): void {
    this.#kept = proof;
  }

  /** Takes away what the visitor has. */
  forget(): void {
    this.#kept = undefined;
    this.#isForgotten = true;
  }

  /** Writes another cookie. */
  cookie(line: string): void {
    this.#cookies = [...this.#cookies, line];
  }

  /** Says that the answer is a page of somebody inside, and nobody else's. */
  isInside(): void {
    this.#isInside = true;
  }

  /** The headers of the answer. */
  headers(response: Response | undefined): readonly HeaderChange[] {
    const changes = this.#changes();
    return response === undefined || !this.#isInside ? changes : madePrivate(response, changes);
  }

  #changes(): readonly HeaderChange[] {
    const own = this.#ownChanges();
    return this.#cookies.length === 0
      ? own
      : [...own, ...this.#cookies.map((text): HeaderChange => ["set-cookie", text])];
  }

  #ownChanges(): readonly HeaderChange[] {
    const { room, line } = this.#arrival;
    const { headers } = this.ctx.request;
    const kept = this.#kept;
    if (kept === undefined) {
      // What nobody sent need not be forgotten.
      const isAny = this.#isForgotten && this.sent.sent > 0;
      return isAny ? [["set-cookie", forgetProof(room, this.#place)]] : none;
    }
    const text = this.seal(kept);
    const written = [
      proofCookie(room, text, kept, this.#place, line, this.now),
      ...surplusCookies(room, this.ctx.cookieHeader, this.#place),
    ].map((text): HeaderChange => ["set-cookie", text]);
    const isNative = this.sent.isNative || (!headers.has("sec-fetch-mode") && isProgram(headers));
    return isNative ? [...written, [nativeHeader, text]] : written;
  }

  /** Whether a ticket or pass is the visitor's: of the same identity, and a pass of who need not wait is theirs alone. */
  #isOwn(proof: Proof): boolean {
    const { room, passesBy, identity, identities } = this.#arrival;
    const { kind, tag } = proof;
    if (kind === "pass" && proof.isBypass === true && passesBy === false) {
      this.note(() => "a pass of somebody who need not wait does not count for others");
      return false;
    }
    const counts = identities.counts(room, tag, identity);
    if (!counts) this.note(() => `a ${kind} of another identity does not count`);
    return counts;
  }
}

const none: readonly HeaderChange[] = [];
