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
  readonly line: Line & { readonly epoch: number | undefined };
}

/** One request to a room: what the visitor brings, and what the answer is to carry. */
export interface Visit {
  readonly ctx: Context;
  /** The time by the store's clock, in Unix milliseconds. */
  readonly now: number;
  readonly binding: string;
  /** Whether the visitor is let in without waiting, and counted. */
  readonly passesBy: boolean;
  /** What the visitor brought that counts. */
  readonly sent: SentProofs;
  /** What the answer gives the visitor; `undefined` for nothing. */
  kept(): Proof | undefined;
  /** Reads what somebody says to be a ticket or pass, as if it were brought in their place. */
  read(text: string): SentProofs;
  /** Signs a ticket or pass of the visitor's. */
  seal(proof: Proof): string;
  /** The tag of the visitor's identity; `undefined` for nobody in particular. */
  identityTag(): string | undefined;
  /** The tag of the visitor, as it is going to be known; `undefined` for somebody without a place. */
  tag(): string | undefined;
  /** Says something to `explain`; nothing is put together where nobody listens. */
  note(remark: () => string): void;
  /** Gives the visitor a ticket or a pass. */
  keep(proof: Proof): void;
  /** Takes away what the visitor has. */
  forget(): void;
  /** Writes another cookie. */
  cookie(line: string): void;
  /** Says that the answer is a page of somebody inside, and nobody else's. */
  isInside(): void;
  /** The headers of the answer. */
  headers(response: Response | undefined): readonly HeaderChange[];
}

/** Looks at what somebody brings. */
export function createVisit(arrival: Arrival): Visit {
  const { ctx, room, now, sealer, key, binding, identity, identities, domain, passesBy, line } = arrival;
  const { headers } = ctx.request;
  const place: CookiePlace = { isEncrypted: ctx.href.startsWith("https:"), domain };
  const question = {
    room: key,
    binding,
    cookieName: cookieNameOf(room, place),
    epoch: line.epoch,
    line,
    now,
    isOwn: (proof: Proof) => isOwn(arrival, proof, note),
  };

  function note(remark: () => string): void {
    ctx.note?.(`room "${room}": ${remark()}`);
  }

  const sent = readProof(sealer, headers, question);
  let kept: Proof | undefined;
  let isForgotten = false;
  let isInside = false;
  let cookies: readonly string[] = [];

  function changes(): readonly HeaderChange[] {
    const own = ownChanges();
    return cookies.length === 0
      ? own
      : [...own, ...cookies.map((text): HeaderChange => ["set-cookie", text])];
  }

  function ownChanges(): readonly HeaderChange[] {
    if (kept === undefined) {
      // What nobody sent need not be forgotten.
      return isForgotten && sent.sent > 0 ? [["set-cookie", forgetProof(room, place)]] : none;
    }
    const text = sealer.seal(key, kept, binding);
    const written = [
      proofCookie(room, text, kept, place, line, now),
      ...surplusCookies(room, headers.get("cookie"), place),
    ].map((text): HeaderChange => ["set-cookie", text]);
    const isNative = sent.isNative || (!headers.has("sec-fetch-mode") && isProgram(headers));
    return isNative ? [...written, [nativeHeader, text]] : written;
  }

  return {
    ctx,
    now,
    binding,
    passesBy: passesBy === true,
    sent,
    kept: () => kept,
    read: (text) => readProof(sealer, { get: (name) => name === nativeHeader ? text : null }, question),
    seal: (proof) => sealer.seal(key, proof, binding),
    tag: () => (kept ?? sent.proof)?.tag,
    note,
    identityTag() {
      const who = identity();
      return who === "" ? undefined : identities.tagOf(room, who);
    },
    keep(proof) {
      kept = proof;
    },
    forget() {
      kept = undefined;
      isForgotten = true;
    },
    cookie(text) {
      cookies = [...cookies, text];
    },
    isInside() {
      isInside = true;
    },
    headers: (response) => response === undefined || !isInside ? changes() : madePrivate(response, changes()),
  };
}

const none: readonly HeaderChange[] = [];

/** Whether a ticket or pass is the visitor's: of the same identity, and a pass of who need not wait is theirs alone. */
function isOwn(
  { room, passesBy, identity, identities }: Arrival,
  proof: Proof,
  note: (remark: () => string) => void,
): boolean {
  const { kind, tag } = proof;
  if (kind === "pass" && proof.isBypass === true && passesBy === false) {
    note(() => "a pass of somebody who need not wait does not count for others");
    return false;
  }
  const counts = identities.counts(room, tag, identity);
  if (!counts) note(() => `a ${kind} of another identity does not count`);
  return counts;
}
