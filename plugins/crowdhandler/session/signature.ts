import { _SHA256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { constantTimeEqual } from "../../../src/crypto/constant-time.ts";
import { hashBehind, type KeyedHash } from "../../../src/crypto/hmac.ts";
import { createMemo, type Memo } from "../../../src/crypto/memo.ts";
import type { Room, Rooms } from "../rooms/rooms.ts";
import type { Signature, VisitorSession } from "./session.ts";

/** How many signatures a cookie keeps. */
export const maxSignatures = 5;
const maxCookieBytes = 1024;
/**
 * The time of a session that was never promoted. A time that is signed is good for any token, so a recent one would let
 * a visitor whose promotion is over go on with its old signatures.
 */
export const never = 0;
/** An entry has about 250 bytes. */
const maxRemembered = 2048;
const toleranceMs = 60_000;
/** How many hashes are made for one cookie to find the rooms of its signatures. What is not found by then is dropped. */
const maxTrials = 64;

/** Checks and makes the signatures of one account. */
export class SessionSigner {
  readonly #digest: KeyedHash;
  /** What the signatures sign that were made or found valid: visitors who come again are spared the hash. */
  readonly #signed: Memo<string> = createMemo(maxRemembered);
  /** The last moment that was signed: many visitors share a millisecond. */
  #moment: { readonly touched: number; readonly sig: string } | undefined;

  constructor(privateKey: string) {
    // The prefix of everything that is hashed: 64 digits.
    this.#digest = hashBehind(bytesToHex(new _SHA256().update(utf8ToBytes(privateKey)).digest()));
  }

  /** Tells whether a signature proves a promotion for this room, whatever its age. */
  proves(room: Room, token: string, { gen, sig }: Signature): boolean {
    return room.activates !== undefined && this.#verifies(room.slug + room.activates + token + gen, sig);
  }

  /** Tells whether a session is valid for a room now. Whatever is not explicitly valid is not. */
  isValid(room: Room, { token, touched, touchedSig, signatures }: VisitorSession, now: number): boolean {
    if (touched === undefined || touchedSig === undefined || !isYoung(touched, now, room)) return false;
    return this.#verifies(String(touched), touchedSig) &&
      signatures.some((signature) => this.proves(room, token, signature));
  }

  /**
   * The signatures of a session that are valid now, each for its own room. One whose session has ended must not be written
   * again: the new time would bring it back to life. One of a room that nobody knows any more cannot be told from it.
   */
  living(
    rooms: Rooms,
    { token, touched, touchedSig, signatures }: VisitorSession,
    now: number,
  ): readonly Signature[] {
    if (signatures.length === 0 || touched === undefined || touchedSig === undefined) return [];
    if (!this.#verifies(String(touched), touchedSig)) return [];
    const trials = { left: maxTrials };
    return signatures.slice(-maxSignatures).filter((signature) => {
      const text = this.#signedText(rooms, token, signature, trials);
      return text !== undefined && isAlive(rooms, token + signature.gen, text, touched, now);
    });
  }

  /** Writes a session into its stored form, touched now. The oldest signatures give way. */
  write({ token, signatures, deployment }: VisitorSession, now: number): string {
    const touched = Math.trunc(now);
    const touchedSig = this.#signMoment(touched);
    const kept = signatures.slice(-maxSignatures);
    // What JSON.stringify() would write, for every part but the last has a form in which nothing is escaped.
    const start = `{"integration":"JSDK","tokens":[{"token":"${token}","touched":${touched},` +
      `"touchedSig":"${touchedSig}","signatures":[`;
    const end = deployment === undefined ? "]}]}" : `]}],"deployment":${JSON.stringify(deployment)}}`;
    for (;;) {
      const text = start + kept.map(({ gen, sig }) => `{"gen":"${gen}","sig":"${sig}"}`).join() + end;
      if (text.length <= maxCookieBytes || kept.length === 0) return text;
      kept.shift();
    }
  }

  /** The text of the room that a signature signs; `undefined` for one that proves nothing in any of them. */
  #signedText(
    rooms: Rooms,
    token: string,
    { gen, sig }: Signature,
    trials: { left: number },
  ): string | undefined {
    const known = this.#signed.get(sig);
    if (known !== undefined) return known;
    for (const { slug, activates } of rooms) {
      if (activates === undefined) continue;
      if (trials.left-- <= 0) return undefined;
      const text = slug + activates + token + gen;
      if (this.#verifies(text, sig)) return text;
    }
    return undefined;
  }

  #verifies(text: string, sig: string): boolean {
    const known = this.#signed.get(sig);
    // Nobody finds a second text of the same hash.
    if (known !== undefined) return known === text;
    const expected = this.#hash(text);
    if (!constantTimeEqual(expected, sig)) return false;
    this.#signed.set(expected, text);
    return true;
  }

  #hash(text: string): string {
    return bytesToHex(this.#digest(text));
  }

  #signMoment(touched: number): string {
    if (this.#moment?.touched !== touched) {
      const text = String(touched);
      this.#moment = { touched, sig: this.#hash(text) };
      this.#signed.set(this.#moment.sig, text);
    }
    return this.#moment.sig;
  }
}

/** Whether a session that was touched then is young in every room that the text names; a feed may name one twice. */
function isAlive(rooms: Rooms, end: string, text: string, touched: number, now: number): boolean {
  let isNamed = false;
  for (const room of rooms) {
    const { slug, activates } = room;
    if (activates === undefined || !text.startsWith(slug) || text !== slug + activates + end) continue;
    if (!isYoung(touched, now, room)) return false;
    isNamed = true;
  }
  return isNamed;
}

/** Tells whether a time is younger than the room's timeout, by minutes with one decimal. */
export function isYoung(time: number, now: number, room: Room): boolean {
  if (room.timeoutMinutes === undefined || time > now + toleranceMs) return false;
  return Math.round((now - time) / 6000) / 10 < room.timeoutMinutes;
}
