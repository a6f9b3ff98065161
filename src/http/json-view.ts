/**
 * JSON in other spellings, as UTF-8. The work grows with the length alone, and nothing fails: what is nearly JSON, or has
 * JSON within, is rewritten as far as it goes. The parser of the language would not do: it takes whole documents only, and
 * of two members of the same name it keeps the last, where an application may keep the first.
 */

import { ByteWriter } from "./byte-writer.ts";
import { plainNumber } from "./json-number.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const quote = 34;
const backslash = 92;

/** What a byte is to JSON outside of strings: bits of one number, for every byte is looked at. */
const structure = 1;
const valueNext = 2;
const blank = 4;
const numeric = 8;
const kinds: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return ("{}[]:,".includes(char) ? structure : 0) | (":,[".includes(char) ? valueNext : 0) |
    (" \t\n\r".includes(char) ? blank : 0) | ("-0123456789".includes(char) ? numeric : 0);
});

/** The control characters that have a letter of their own behind the backslash. */
const letters: ReadonlyMap<number, number> = new Map([[8, 98], [9, 116], [10, 110], [12, 102], [13, 114]]);
const controls: ReadonlyMap<number, number> = new Map([...letters].map(([code, letter]) => [letter, code]));

/** Undoes the escapes, whether they stand in a string or not. Bytes without any are given back as they are. */
export function unescapeJson(bytes: Bytes): Bytes {
  if (!bytes.includes(backslash)) return bytes;
  const out = new ByteWriter(bytes.length);
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] as number;
    if (byte !== backslash) {
      out.put(byte);
      at++;
      continue;
    }
    const read = readEscape(bytes, at);
    out.putChar(read >> 4);
    at += read & 15;
  }
  return out.bytes;
}

/**
 * Leaves out the blanks beside `{}[]:,`, writes numbers in their one spelling, and escapes only what needs it.
 *
 * @param keepsStrings Whether what stands in quotes keeps its blanks. Otherwise quotes mean nothing: so are strings rewritten
 * that hold JSON themselves, or that are no strings because of a quote before them.
 * @param isRounded Whether numbers are what a double holds of them.
 * @returns `undefined` where that cannot be had: there is a number that no double holds, or so many with large exponents that
 * all their digits would be out of proportion.
 */
export function compactJson(
  bytes: Bytes,
  keepsStrings: boolean,
  isRounded: boolean = false,
): Bytes | undefined {
  const most = bytes.length * largestGrowth + 1024;
  const out = new ByteWriter(bytes.length);
  let isString = false;
  // What `out` ends with: an end of the text counts as something with structure.
  let last = structure | valueNext;
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] as number;
    const kind = kinds[byte] as number;
    // No string goes on in the next line, however many quotes there were before.
    if (isString && byte !== 10 && byte !== 13) {
      if (byte === quote) isString = false;
      if (byte === backslash) at = copyEscape(bytes, at, out);
      else {
        out.put(byte);
        at++;
      }
      last = kind;
      continue;
    }
    isString = keepsStrings && byte === quote;
    if ((kind & blank) !== 0) {
      const end = skipBlanks(bytes, at);
      const next = end === bytes.length ? structure : kinds[bytes[end] as number] as number;
      if (((last | next) & structure) === 0) {
        out.putAll(bytes, at, end);
        last = blank;
      }
      at = end;
    } else if ((kind & numeric) !== 0 && (last & valueNext) !== 0) {
      at = copyNumber(bytes, at, out, isRounded);
      if (at === -1 || out.length > most) return undefined;
      last = numeric;
    } else {
      out.put(byte);
      at++;
      last = kind;
    }
  }
  return out.bytes;
}

/**
 * Reads an escape. Both parts of the result are in one number, so that none of thousands makes an object: the character, and
 * in the last four bits how many bytes it took. A backslash that begins no escape stands for itself.
 */
function readEscape(bytes: Bytes, at: number): number {
  const letter = bytes[at + 1];
  if (letter === quote || letter === backslash || letter === 47 /* / */) return letter << 4 | 2;
  if (letter !== 117 /* u */ && letter !== 85) {
    const control = letter === undefined ? undefined : controls.get(letter);
    return control === undefined ? backslash << 4 | 1 : control << 4 | 2;
  }
  const high = unitAt(bytes, at + 2);
  if (high === -1) return backslash << 4 | 1;
  const isPair = high >> 10 === 0x36 && bytes[at + 6] === backslash && ((bytes[at + 7] ?? 0) | 32) === 117;
  const low = isPair ? unitAt(bytes, at + 8) : -1;
  return low >> 10 === 0x37 ? 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff)) << 4 | 12 : high << 4 | 6;
}

/** Copies an escape of a string, undone unless JSON needs it. Gives the place behind it. */
function copyEscape(bytes: Bytes, at: number, out: ByteWriter): number {
  const read = readEscape(bytes, at);
  const code = read >> 4;
  const length = read & 15;
  const letter = code === quote || (code === backslash && length > 1) ? code : letters.get(code);
  if (letter !== undefined) {
    out.put(backslash);
    out.put(letter);
  } else if (code < 32) out.putText(`\\u${code.toString(16).padStart(4, "0")}`);
  else out.putChar(code);
  return at + length;
}

/** Copies a number in its one spelling. Gives the place behind it, or -1 where there is no such spelling. */
function copyNumber(bytes: Bytes, at: number, out: ByteWriter, isRounded: boolean): number {
  let hasPoint = false;
  let hasExponent = false;
  let end = at;
  for (; end < bytes.length; end++) {
    const byte = bytes[end] as number;
    if (byte >= 48 && byte <= 57) continue;
    if (byte === 46 /* . */) hasPoint = true;
    else if ((byte | 32) === 101 /* e */) hasExponent = true;
    else if (byte !== 45 && byte !== 43) break;
  }
  // Most numbers have no other spelling.
  const isPlain = !hasExponent && end - at < 16 && !(hasPoint && bytes[end - 1] === 48) &&
    !(bytes[at] === 45 && bytes[at + 1] === 48);
  if (isPlain) out.putAll(bytes, at, end);
  else {
    const text = plainNumber(latin.decode(bytes.subarray(at, end)), isRounded);
    if (text !== undefined) out.putText(text);
    else if (endsValue(bytes[end])) return -1;
    else out.putAll(bytes, at, end);
  }
  return end;
}

/** What looks like a number is one only if a value can end behind it. */
function endsValue(byte: number | undefined): boolean {
  return byte === undefined || byte === quote || ((kinds[byte] as number) & (structure | blank)) !== 0;
}

const latin = new TextDecoder("latin1");

/** How many times as long as it was JSON may become by the digits of its numbers. */
const largestGrowth = 8;

/** A code unit in four hexadecimal digits, or -1. */
export function unitAt(bytes: Bytes, at: number): number {
  let unit = 0;
  for (let digits = 0; digits < 4; digits++) {
    const digit = hexDigit(bytes[at + digits]);
    if (digit === -1) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function skipBlanks(bytes: Bytes, at: number): number {
  let end = at;
  while (end < bytes.length && ((kinds[bytes[end] as number] as number) & blank) !== 0) end++;
  return end;
}
