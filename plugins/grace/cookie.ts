import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { createSigner } from "../../src/crypto/signer.ts";

/** Whom and what a cookie is good for. */
export interface GraceSubject {
  readonly scope: string;
  /** The visitor's address; `""` where it does not matter. */
  readonly address: string;
}

/** A cookie that was signed with one of the secrets. */
export interface GraceProof {
  /** When the visitor was proven to be promoted, in Unix milliseconds. */
  readonly provenAtMs: number;
  /** The mark of the waiting room; `""` where it was not known. */
  readonly room: string;
}

/** Writes and reads the values of grace cookies. */
export interface GraceCookies {
  write(subject: GraceSubject, room: string, nowMs: number): string;
  /** Gives what a cookie proves, however old it is; `undefined` for whatever is not exactly what was signed. */
  read(subject: GraceSubject, value: string): GraceProof | undefined;
}

/**
 * `1.<seconds>.<room>.<signature>`: the version, when it was proven in base 36, a mark of the room, and HMAC-SHA256 of all
 * of it with scope and address, which everybody knows who checks it. There is one spelling of each.
 */
const grammar = /^1\.([1-9a-z][0-9a-z]{0,8})\.([0-9a-f]{16}|)\.([0-9a-f]{64})$/;
/** The longest value that the grammar allows. */
const longest = 1 + 1 + 9 + 1 + 16 + 1 + 64;

/** Prepares the secrets: the first signs, all verify. */
export function graceCookies(secrets: readonly string[]): GraceCookies {
  const signer = createSigner(secrets);

  function signed(seconds: string, room: string, { scope, address }: GraceSubject): string {
    // In JSON no character of one part can pass for one of the next.
    return JSON.stringify(["stanchion-grace", 1, seconds, room, scope, address]);
  }

  return {
    write(subject, room, nowMs) {
      const seconds = Math.floor(nowMs / 1000).toString(36);
      return `1.${seconds}.${room}.${signer.sign(signed(seconds, room, subject))}`;
    },
    read(subject, value) {
      if (value.length > longest) return undefined;
      const [, seconds = "", room = "", signature = ""] = grammar.exec(value) ?? [];
      if (signature === "" || !signer.verifies(signed(seconds, room, subject), signature)) return undefined;
      return { provenAtMs: Number.parseInt(seconds, 36) * 1000, room };
    },
  };
}

/** A mark of a waiting room, of a length that does not depend on its name. */
export function markOf(room: string | undefined): string {
  return room === undefined ? "" : bytesToHex(sha256(utf8ToBytes(room.toWellFormed()))).slice(0, 16);
}
