import { _SHA256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

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

/** Prepares a secret (RFC 2104), so that a hash costs the blocks of its text, one more, and little else. */
export function keyedHash(secret: string): KeyedHash {
  const bytes = utf8ToBytes(secret);
  const key = new Uint8Array(blockBytes);
  key.set(bytes.length > blockBytes ? new _SHA256().update(bytes).digest() : bytes);
  const inner = textsBehind(stateAfter(key, 0x36));
  const outer = stateAfter(key, 0x5c);
  // The second hash is that of one block: the first hash, and what ends it.
  const last = new Uint8Array(blockBytes);
  const lastView = viewOf(last);
  finish(last, lastView, 32);
  const output = new Uint8Array(32);
  const outputView = viewOf(output);
  return (text) => {
    const blocks = inner(text);
    blocks.write(lastView, 0);
    blocks.begin(outer);
    blocks.add(lastView, 0);
    blocks.write(outputView, 0);
    return output;
  };
}

/**
 * Prepares 64 characters of ASCII that stand before texts whose SHA-256 is asked for, which are a block: they are hashed once.
 *
 * @returns Hashes them with a text's UTF-8 bytes behind, into a buffer of its own, which the next call overwrites.
 */
export function hashBehind(prefix: string): KeyedHash {
  const hash = textsBehind(stateAfter(utf8ToBytes(prefix), 0));
  const output = new Uint8Array(32);
  const view = viewOf(output);
  return (text) => {
    hash(text).write(view, 0);
    return output;
  };
}

/** Hashes the rest of what begins with one block. Nothing else may be done with the blocks until they have been written. */
function textsBehind(state: Int32Array): (text: string) => Blocks {
  // One working copy and its buffers serve all calls: none of them is interrupted.
  const blocks = new Blocks();
  const encoder = new TextEncoder();
  const usual = new Uint8Array(roomFor(short));
  const usualView = viewOf(usual);
  return (text) => {
    const isUsual = text.length <= short;
    const input = isUsual ? usual : new Uint8Array(roomFor(text.length));
    const view = isUsual ? usualView : viewOf(input);
    const end = finish(input, view, encoder.encodeInto(text, input).written);
    blocks.begin(state);
    for (let at = 0; at < end; at += blockBytes) blocks.add(view, at);
    return blocks;
  };
}

/** How many bytes a text may need, and what ends it: a UTF-16 unit is three bytes at most. */
function roomFor(units: number): number {
  return 3 * units + 2 * blockBytes;
}

/** Ends a text of so many bytes behind the first block, as SHA-256 wants it, and gives the place behind the last block. */
function finish(bytes: Uint8Array, view: DataView, length: number): number {
  const end = Math.ceil((length + 9) / blockBytes) * blockBytes;
  bytes[length] = 0x80;
  bytes.fill(0, length + 1, end);
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
