import { _SHA256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Spelling } from "./spelling.ts";

/** Computes HMAC-SHA256 of a text's UTF-8 bytes into a buffer of its own, which the next call overwrites. */
export type KeyedHash = (text: string) => Uint8Array;

/** The longest text that is encoded without allocating: cookies and most tokens are shorter. */
const short = 1024;
const blockBytes = 64;

/**
 * noble's SHA-256, one block at a time. A session's signature takes three blocks, and with the key prepared noble's own
 * bookkeeping around them would take as long as two of them.
 */
class Blocks extends _SHA256 {
  /** Goes on from a state of eight words. */
  begin(state: Int32Array): void {
    this.A = state[0] as number;
    this.B = state[1] as number;
    this.C = state[2] as number;
    this.D = state[3] as number;
    this.E = state[4] as number;
    this.F = state[5] as number;
    this.G = state[6] as number;
    this.H = state[7] as number;
  }

  /** Hashes the block at a place. */
  add(view: DataView, at: number): void {
    this.process(view, at);
  }

  /** Writes the state to a place. */
  write(view: DataView, at: number): void {
    view.setInt32(at, this.A);
    view.setInt32(at + 4, this.B);
    view.setInt32(at + 8, this.C);
    view.setInt32(at + 12, this.D);
    view.setInt32(at + 16, this.E);
    view.setInt32(at + 20, this.F);
    view.setInt32(at + 24, this.G);
    view.setInt32(at + 28, this.H);
  }
}

/** Computes HMAC-SHA256 with one secret. */
export interface Mac {
  readonly hash: KeyedHash;
  /** Tells in constant time whether somebody who has the secret signed a text, of whose hash there is a spelling. */
  verifies(text: string, spelled: string, spelling: Spelling): boolean;
}

/** Prepares a secret (RFC 2104), so that a hash costs the blocks of its text, one more, and little else. */
export function createMac(secret: string): Mac {
  const bytes = utf8ToBytes(secret);
  const key = new Uint8Array(blockBytes);
  key.set(bytes.length > blockBytes ? new _SHA256().update(bytes).digest() : bytes);
  const inner = new Texts(stateAfter(key, 0x36));
  const outer = stateAfter(key, 0x5c);
  // The second hash is that of one block: the first hash, and what ends it.
  const last = new Uint8Array(blockBytes);
  const lastView = viewOf(last);
  finish(last, lastView, 0, 32);
  const output = new Uint8Array(32);
  const outputView = viewOf(output);
  const finished = (blocks: Blocks): Uint8Array => {
    blocks.write(lastView, 0);
    blocks.begin(outer);
    blocks.add(lastView, 0);
    blocks.write(outputView, 0);
    return output;
  };
  return {
    hash: (text) => finished(inner.hash(text, 0)),
    verifies(text, spelled, spelling) {
      if (spelled.length !== spelling.length) return false;
      // One call gives the bytes of both. Whatever is longer in bytes is no spelling either.
      const hash = finished(inner.hash(spelled + text, spelling.length));
      return spelling.isOf(inner.bytes, hash);
    },
  };
}

/** Prepares a secret for hashes alone. */
export function keyedHash(secret: string): KeyedHash {
  return createMac(secret).hash;
}

/**
 * Prepares 64 characters of ASCII that stand before texts whose SHA-256 is asked for, which are a block: they are hashed once.
 *
 * @returns Hashes them with a text's UTF-8 bytes behind, into a buffer of its own, which the next call overwrites.
 */
export function hashBehind(prefix: string): KeyedHash {
  const texts = new Texts(stateAfter(utf8ToBytes(prefix), 0));
  const output = new Uint8Array(32);
  const view = viewOf(output);
  return (text) => {
    texts.hash(text, 0).write(view, 0);
    return output;
  };
}

/** Hashes the rest of what begins with one block. */
class Texts {
  /** The last text, in UTF-8. */
  bytes: Uint8Array;
  readonly #state: Int32Array;
  // One working copy and its buffers serve all calls: none of them is interrupted.
  readonly #blocks = new Blocks();
  readonly #encoder = new TextEncoder();
  readonly #usual = new Uint8Array(roomFor(short));
  readonly #usualView = viewOf(this.#usual);

  constructor(state: Int32Array) {
    this.#state = state;
    this.bytes = this.#usual;
  }

  /** Hashes a text from a byte on. Nothing else may be done with the blocks until they have been written. */
  hash(text: string, from: number): Blocks {
    const isUsual = text.length <= short;
    const bytes = isUsual ? this.#usual : new Uint8Array(roomFor(text.length));
    const view = isUsual ? this.#usualView : viewOf(bytes);
    const end = finish(bytes, view, from, this.#encoder.encodeInto(text, bytes).written);
    const blocks = this.#blocks;
    blocks.begin(this.#state);
    for (let at = from; at < end; at += blockBytes) blocks.add(view, at);
    this.bytes = bytes;
    return blocks;
  }
}

/** How many bytes a text may need, and what ends it: a UTF-16 unit is three bytes at most. */
function roomFor(units: number): number {
  return 3 * units + 2 * blockBytes;
}

/** Ends what stands between two places behind the first block, as SHA-256 wants it, and gives the place behind the last block. */
function finish(bytes: Uint8Array, view: DataView, from: number, to: number): number {
  const length = to - from;
  const end = from + Math.ceil((length + 9) / blockBytes) * blockBytes;
  bytes[to] = 0x80;
  bytes.fill(0, to + 1, end);
  const bits = 8 * (blockBytes + length);
  view.setUint32(end - 8, Math.floor(bits / 2 ** 32));
  view.setUint32(end - 4, bits >>> 0);
  return end;
}

function stateAfter(key: Uint8Array, pad: number): Int32Array {
  const blocks = new Blocks();
  blocks.add(viewOf(key.map((byte) => byte ^ pad)), 0);
  const state = new DataView(new ArrayBuffer(32));
  blocks.write(state, 0);
  return Int32Array.from({ length: 8 }, (_, word) => state.getInt32(4 * word));
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
