import type { Context } from "../../src/context.ts";
import type { HeaderChange } from "../../src/decision.ts";
import { isProgram } from "../../src/http/client-kind.ts";
import { madePrivate } from "../../src/pipeline/answer.ts";
import { type Pass, type Proof, proofCookie, type Sealer, type Ticket } from "./tickets/mod.ts";

/** The header in which programs without cookies keep a ticket or a pass. */
export const ticketHeader = "stanchion-ticket";

/** One request to a room, and what its answer is to carry. */
export class Visit {
  readonly ctx: Context;
  readonly room: string;
  /** The time by the store's clock, in Unix milliseconds. */
  readonly now: number;
  /** What the visitor brought that counts. */
  readonly proof: Proof | undefined;
  readonly #sealer: Sealer;
  readonly #binding: string;
  readonly #domain: string;
  /** What the visitor gets; `null` to forget what there was. */
  #kept: Proof | null | undefined;
  #isInside = false;

  constructor(
    ctx: Context,
    { room, now, proof, sealer, binding, domain }: {
      readonly room: string;
      readonly now: number;
      readonly proof: Proof | undefined;
      readonly sealer: Sealer;
      readonly binding: string;
      readonly domain: string;
    },
  ) {
    this.ctx = ctx;
    this.room = room;
    this.now = now;
    this.proof = proof;
    this.#sealer = sealer;
    this.#binding = binding;
    this.#domain = domain;
  }

  /** The tag of the visitor, as it is going to be known. */
  get tag(): string | undefined {
    return (this.#kept ?? this.proof)?.tag;
  }

  /** Says something to `explain`; nothing is put together where nobody listens. */
  note(remark: () => string): void {
    this.ctx.note?.(`room "${this.room}": ${remark()}`);
  }

  /** Gives the visitor a ticket or a pass. */
  keep(proof: Ticket | Pass): this {
    this.#kept = proof;
    return this;
  }

  /** Takes away what the visitor has. */
  without(): this {
    this.#kept = null;
    return this;
  }

  /** Says that the page is that of somebody inside, and nobody else's. */
  isInside(): void {
    this.#isInside = true;
  }

  /** The headers of the answer. */
  headers(response: Response | undefined): readonly HeaderChange[] {
    const kept = this.#headersOfProof();
    if (response === undefined || !this.#isInside) return kept;
    return madePrivate(response, kept);
  }

  #headersOfProof(): readonly HeaderChange[] {
    const kept = this.#kept;
    if (kept === undefined) return none;
    const { headers } = this.ctx.request;
    const text = kept === null ? "" : this.#sealer.seal(this.room, kept, this.#binding);
    const seconds = kept?.kind === "pass" ? Math.ceil((kept.until - this.now) / 1000) + 60 : 86_400;
    void this.#domain;
    const changes: HeaderChange[] = [["set-cookie", proofCookie(this.ctx, this.room, text, seconds)]];
    const isNative = headers.has(ticketHeader) || (!headers.has("sec-fetch-mode") && isProgram(headers));
    if (isNative) changes.push([ticketHeader, text]);
    return changes;
  }
}

const none: readonly HeaderChange[] = [];
