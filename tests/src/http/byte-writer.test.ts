import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { ByteWriter } from "../../../src/http/byte-writer.ts";

describe("ByteWriter", () => {
  test("it holds what was put, and grows where that is more than was thought", () => {
    for (const expected of [0, 1, 64, 300]) {
      const out = new ByteWriter(expected);
      assert.deepEqual([...out.bytes], []);
      const bytes = Array.from({ length: 300 }, (_, at) => at & 255);
      for (const byte of bytes) out.put(byte);
      assert.deepEqual([...out.bytes], bytes);
    }
  });

  test("it takes no more room than was thought, where that is enough", () => {
    const out = new ByteWriter(3);
    out.putText("abc");
    assert.equal(out.bytes.buffer.byteLength, 3);
    out.put(100);
    assert.deepEqual([...out.bytes], [97, 98, 99, 100]);
  });

  test("putAll() puts the bytes from one place to another", () => {
    const out = new ByteWriter(0);
    out.putAll(Uint8Array.from([1, 2, 3, 4, 5]), 1, 4);
    out.putAll(Uint8Array.from([6]), 0, 0);
    assert.deepEqual([...out.bytes], [2, 3, 4]);
  });

  test("putChar() puts UTF-8, and U+FFFD for half of a pair", () => {
    const codes = [
      0,
      0x41,
      0x7f,
      0x80,
      0xff,
      0x100,
      0x7ff,
      0x800,
      0xfff,
      0x1000,
      0xd7ff,
      0xd800,
      0xdbff,
      0xdc00,
    ];
    for (const code of [...codes, 0xdfff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x1f600, 0x54321, 0x10ffff]) {
      const out = new ByteWriter(0);
      out.putChar(code);
      // Halves of pairs are what the encoder of the platform replaces, too.
      assert.deepEqual(
        [...out.bytes],
        [...new TextEncoder().encode(String.fromCodePoint(code))],
        code.toString(16),
      );
    }
  });
});
