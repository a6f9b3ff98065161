import { ByteWriter } from "./byte-writer.ts";
import { namesOtherCharset } from "./charset.ts";
import { compactJson, hexDigit, unescapeJson, unitAt } from "./json-view.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The forms in which a body is looked at, so that no spelling of the same data escapes: as it was sent, as a form and as
 * JSON would be read. What the visitor's headers say of the format is not asked, for they are the visitor's choice.
 *
 * Each is made when it is asked for, in one pass over the bytes, whatever they are: a body is work that anybody can send.
 *
 * @returns The text itself, then its other forms; `undefined` for one that cannot be had.
 */
export function* bodyViews(text: string): Generator<string | undefined> {
  yield text;
  // Most bodies are of a kind that has no other forms.
  if (!special.test(text)) return;
  const sent: Bytes = new TextEncoder().encode(text);
  const plain = sent.includes(0) ? withoutNuls(sent) : sent;
  const plainText = plain === sent ? text : textOf(plain);
  if (plain !== sent) yield plainText;
  if (hasEncodedParts(plainText)) yield undefined;
  yield* jsonViews(plain, plainText);
  const decoded = decodeForm(plain);
  const decodedText = decoded === plain ? plainText : textOf(decoded);
  if (decodedText === plainText) return;
  yield decodedText;
  yield* jsonViews(decoded, decodedText);
}

/** What other forms begin with: NUL, escapes, the quotes and brackets of JSON, and the headers of parts. */
const special = /[\0\\%+"[{]|content-t|_charset_/i;

/** JSON without its escapes, and without its blanks. */
function* jsonViews(bytes: Bytes, text: string): Generator<string> {
  const isJson = mayBeJson(bytes);
  const compact = isJson ? textOf(compactJson(bytes, true)) : text;
  if (compact !== text) yield compact;
  let inner = bytes;
  let innerText = text;
  for (let depth = 0; depth <= nesting; depth++) {
    const squeezed = isJson ? textOf(compactJson(inner, false)) : innerText;
    if (squeezed !== innerText && squeezed !== compact) yield squeezed;
    const unescaped = depth === nesting ? inner : unescapeJson(inner);
    if (unescaped === inner) return;
    inner = unescaped;
    innerText = textOf(inner);
    yield innerText;
  }
}

/** How often escapes are undone: JSON may hold other JSON as a string. */
const nesting = 2;

/** Whether there is a quote or a bracket, without which there is nothing to rewrite. */
function mayBeJson(bytes: Bytes): boolean {
  return bytes.includes(34) || bytes.includes(91) || bytes.includes(123);
}

/**
 * Parts of a form may be in an encoding or a charset of their own, and a form may name one in a field of that name (HTML,
 * section 4.10.21.5, and RFC 7578, section 4.6).
 */
function hasEncodedParts(text: string): boolean {
  if (/content-transfer-encoding\s*:(?!\s*(?:7bit|8bit|binary))/i.test(text)) return true;
  if (/_charset_"?[=\s]*(?!["=\s]|utf-?8)/i.test(text)) return true;
  for (const [, type = ""] of text.matchAll(/^content-type[\t ]*:([^\r\n]*(?:\r?\n[\t ][^\r\n]*)*)/gim)) {
    if (namesOtherCharset(type)) return true;
  }
  return false;
}

/** Parsers that guess the encoding read UTF-16 and UTF-32 too, in which ASCII has NULs between, and U+FFFD for a mark. */
function withoutNuls(bytes: Bytes): Bytes {
  const out = new ByteWriter(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) at += 2;
    else if (byte !== 0) out.put(byte);
  }
  return out.bytes;
}

/**
 * A form in which `+` is a blank, `%xx` a byte of UTF-8, and `%uxxxx` a character, as some servers have it; broken encodings
 * stay as they are. Bytes without any are given back as they are.
 */
function decodeForm(bytes: Bytes): Bytes {
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

function textOf(bytes: Bytes): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
