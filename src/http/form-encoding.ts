import { ByteWriter } from "./byte-writer.ts";
import { hexDigit, unitAt } from "./json-view.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * A form in which `+` is a blank, `%xx` a byte of UTF-8, and `%uxxxx` a character, as some servers have it; broken encodings
 * stay as they are. Bytes without any are given back as they are.
 */
export function decodeForm(bytes: Bytes): Bytes {
  if (!bytes.includes(37) && !bytes.includes(43)) return bytes;
  const out = new ByteWriter(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === 43 /* + */) {
      out.put(32);
      continue;
    }
    const high = byte === 37 /* % */ ? hexDigit(bytes[at + 1]) : -1;
    const low = high === -1 ? -1 : hexDigit(bytes[at + 2]);
    if (low !== -1) {
      out.put(high << 4 | low);
      at += 2;
      continue;
    }
    const unit = byte === 37 && ((bytes[at + 1] ?? 0) | 32) === 117 /* u */ ? unitAt(bytes, at + 2) : -1;
    if (unit === -1) out.put(byte);
    else {
      out.putChar(unit);
      at += 5;
    }
  }
  return out.bytes;
}

/** The same of a text. */
export function decodeFormText(text: string): string {
  if (!/[%+]/.test(text)) return text;
  if (!asciiOnly.test(text)) return textOf(decodeForm(new TextEncoder().encode(text)));
  return text.replace(
    /\+|%(..)/g,
    (_, hex?: string) => hex === undefined ? " " : String.fromCharCode(parseInt(hex, 16)),
  );
}

/** Fields are many and short: those without other escapes do not take the way through bytes. */
const asciiOnly = /^[^%]*(?:%[0-7][\da-f][^%]*)*$/i;

/** Bytes as UTF-8; what is none becomes U+FFFD. */
export function textOf(bytes: Bytes): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
