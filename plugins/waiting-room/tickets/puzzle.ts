import { sha256 } from "@noble/hashes/sha2.js";
import { type RandomBytes, randomBytes } from "./drawn.ts";
import { checkKeys, createSeals } from "./seals.ts";
import { newTag } from "./tags.ts";

/** How hard the puzzle is, and how random texts are drawn. */
export interface PuzzleOptions {
  /**
   * How many zero bits each hash begins with: one more doubles the work. With the default a browser computes 2^21 hashes on average,
   * which takes a core of a laptop about a second.
   *
   * @default {18}
   */
  readonly bits?: number;
  /** Of how many parts the puzzle consists: more of them make its time less a matter of luck. @default {8} */
  readonly parts?: number;
  /** @default {crypto.getRandomValues} */
  readonly random?: RandomBytes;
}

/** What the page of a puzzle needs. */
export interface PuzzleView {
  /** A text of `A-Z a-z 0-9 _ - .`, of at most 120 characters. */
  readonly challenge: string;
  readonly bits: number;
  readonly parts: number;
  /** After how many seconds the challenge itself is good, without any work: for browsers without JavaScript. */
  readonly waitSeconds: number;
  /** After how many seconds nothing of it is good any more. */
  readonly endsSeconds: number;
}

/** How somebody has earned a number. */
export interface Solved {
  /** `work`: the puzzle was solved. `patience`: somebody waited. */
  readonly by: "work" | "patience";
  /**
   * The tag with which the number is to be asked for. It belongs to the challenge, and a store gives one tag one number within a minute,
   * which is as long as a challenge is good: so each is good for one number, on whichever node it is shown, and showing it again
   * after a lost answer does no harm.
   */
  readonly tag: string;
}

/** Asks for proof of work. It remembers nothing. */
export interface Puzzle {
  /** Makes a challenge for a room and a binding, such as the visitor's address. */
  show(room: string, binding: string, now: number): PuzzleView;
  /**
   * Checks what was brought: a challenge, or one with its solution.
   *
   * @param room The room's name.
   * @param text Whatever a visitor sent.
   * @param binding The binding with which the challenge was made.
   * @param now Unix milliseconds.
   * @returns What was earned, or `undefined` for every text that is not, not yet, or no longer good. It never throws.
   */
  check(room: string, text: string, binding: string, now: number): Solved | undefined;
}

const waitMs = 15_000;
/** No longer than a store remembers the tag of a number. */
const endsMs = 60_000;
/** How far the clock of the node that asks may be behind that of the node that asked before. */
const skewMs = 2000;
const longest = 320;
const macLength = 43;
const body = /^c\.(\d{1,2})\.(\d{1,2})\.(\d{1,16})\.([\w-]{8})$/;

/**
 * Makes the puzzle: a number is found for each part, so that SHA-256 of what signs the challenge, the part and the number begins with
 * zero bits. Nobody can begin before the challenge is made, for nobody else can make what signs it.
 *
 * @param secretKeys The keys, of at least 32 bytes each: the first signs, all verify.
 * @param options How hard it is.
 * @returns The puzzle.
 * @throws {TypeError} When there is no key, or one that is too short.
 */
export function createPuzzle(secretKeys: readonly string[], options: PuzzleOptions = {}): Puzzle {
  checkKeys("waiting-room plugin", secretKeys);
  const { bits = 18, parts = 8, random = randomBytes } = options;
  const seals = createSeals(secretKeys);
  return {
    show(room, binding, now) {
      const said = `c.${bits}.${parts}.${now}.${newTag(random)}`;
      const challenge = seals.close({ use: "puzzle", room, binding }, said);
      return { challenge, bits, parts, waitSeconds: waitMs / 1000, endsSeconds: endsMs / 1000 };
    },
    check(room, text, binding, now) {
      if (text.length > longest) return undefined;
      const [challenge = "", solution, ...others] = text.split("~");
      if (others.length > 0) return undefined;
      const said = seals.open({ use: "puzzle", room, binding }, challenge);
      const [, hardness, count, made, tag] = body.exec(said ?? "") ?? [];
      if (tag === undefined) return undefined;
      const age = now - Number(made);
      if (age < -skewMs || age >= endsMs) return undefined;
      if (solution === undefined) return age >= waitMs ? { by: "patience", tag } : undefined;
      const isSolved = solves(challenge.slice(-macLength), solution, Number(hardness), Number(count));
      return isSolved ? { by: "work", tag } : undefined;
    },
  };
}

/** Whether a solution, numbers of base 32 with full stops between them, has one for each part. */
function solves(mac: string, solution: string, bits: number, parts: number): boolean {
  const numbers = solution.split(".");
  if (numbers.length !== parts) return false;
  return numbers.every((number, part) =>
    /^[\da-v]{1,7}$/.test(number) && zeroBits(sha256(blockOf(mac, part, Number.parseInt(number, 32)))) >= bits
  );
}

/** What is hashed: 43 characters, the part in a byte, and the number in four. It fits one block of SHA-256. */
function blockOf(mac: string, part: number, number: number): Uint8Array {
  const bytes = new Uint8Array(macLength + 5);
  new TextEncoder().encodeInto(mac, bytes);
  bytes[macLength] = part;
  new DataView(bytes.buffer).setUint32(macLength + 1, number);
  return bytes;
}

/** How many zero bits a hash begins with, up to 32. */
function zeroBits(hash: Uint8Array): number {
  return Math.clz32(new DataView(hash.buffer, hash.byteOffset).getUint32(0));
}
