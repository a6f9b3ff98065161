/** Bytes that are put together one after the other, and grow where that is more than was thought. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(expected: number) {
    this.#bytes = new Uint8Array(expected);
  }

  /** What was put so far. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** How many bytes were put so far. */
  get length(): number {
    return this.#length;
  }

  put(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow();
    this.#bytes[this.#length++] = byte;
  }

  /** Puts some of the bytes of another list. */
  putAll(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) this.put(bytes[at] as number);
  }

  /** Puts a text of ASCII. */
  putText(text: string): void {
    for (let at = 0; at < text.length; at++) this.put(text.charCodeAt(at));
  }

  /** Puts a character as UTF-8; half of a pair of surrogates is none, and becomes U+FFFD. */
  putChar(code: number): void {
    if (code < 0x80) return this.put(code);
    if (code < 0x800) {
      this.put(0xc0 | (code >> 6));
      return this.put(0x80 | (code & 63));
    }
    const char = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    if (char < 0x10000) this.put(0xe0 | (char >> 12));
    else {
      this.put(0xf0 | (char >> 18));
      this.put(0x80 | ((char >> 12) & 63));
    }
    this.put(0x80 | ((char >> 6) & 63));
    this.put(0x80 | (char & 63));
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2 + 64);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
