import { ByteWriter } from "./byte-writer.ts";
import { namesOtherCharset } from "./charset.ts";
import { fieldNotations } from "./field-notations.ts";
import { decodeForm, textOf } from "./form-encoding.ts";
import { compactJson, unescapeJson } from "./json-view.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A form of a body. */
export interface BodyForm {
  readonly text: string;
  /** The body as it was sent. */
  readonly sent: string;
  /** Whether all of the body is in it. Otherwise it says what may be in the body, and nothing of what is not. */
  readonly isReading: boolean;
}

/**
 * The forms in which a body is looked at, so that no spelling of the same data escapes: as it was sent, as a form and as
 * JSON would be read, and the fields of either in the notation of the other. What the visitor's headers say of the format is
 * not asked, for they are the visitor's choice.
 *
 * Each is made when it is asked for, in time that grows with the length, whatever the bytes are: a body is work that
 * anybody can send.
 *
 * @returns The text itself, then its other forms; `undefined` for one that cannot be had.
 */
export function* bodyForms(sent: string): Generator<BodyForm | undefined> {
  for (const text of bodyViews(sent)) yield text === undefined ? undefined : { text, sent, isReading: true };
  if (!/[={]|content-d/i.test(sent)) return;
  for (const text of fieldNotations(sent.replace(/\0|^\uFEFF/g, ""))) {
    yield text === undefined ? undefined : { text, sent, isReading: false };
  }
}

/** The forms in which a text may occur that an owner looks for in bodies: as it is, and without its own escapes and blanks. */
export function needleForms(needle: string): readonly string[] {
  const bytes: Bytes = new TextEncoder().encode(needle);
  const form = textOf(decodeForm(bytes));
  const [, path = "", rest = ""] = /^([\w[\].-]+)(=.*)$/s.exec(form) ?? [];
  const compact = [true, false].map((isRounded) => compactJson(bytes, true, isRounded));
  const others = [
    form,
    ...compact.map((text) => text === undefined ? "" : textOf(text)),
    path.replace(/\[\d+\]/g, "[]") + rest,
  ];
  return [...new Set([needle, ...others])].filter((text) => text !== "");
}

/** The forms of a body as a whole: the text itself, as forms and as JSON are read; `undefined` for one that cannot be had. */
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

/** What other forms begin with: NUL, escapes, the quotes and brackets of JSON, the headers of parts; and numbers alone. */
const special = /[\0\\%+"[{]|content-t|_charset_|^\s*-?\d[\d.e+-]*\s*$/i;

/** JSON without its escapes, and without its blanks. */
function* jsonViews(bytes: Bytes, text: string): Generator<string | undefined> {
  const isJson = mayBeJson(bytes, text);
  const compact = isJson ? [...compactForms(bytes, text, true)] : [];
  yield* compact;
  let inner = bytes;
  let innerText = text;
  for (let depth = 0; depth <= nesting; depth++) {
    if (isJson) {
      for (const form of compactForms(inner, innerText, false)) if (!compact.includes(form)) yield form;
    }
    const unescaped = depth === nesting ? inner : unescapeJson(inner);
    if (unescaped === inner) return;
    inner = unescaped;
    innerText = textOf(inner);
    yield innerText;
  }
}

/** How often escapes are undone: JSON may hold other JSON as a string. */
const nesting = 2;

/** JSON without blanks, with its numbers as they are and as a double holds them, where that is not what it is already. */
function* compactForms(bytes: Bytes, text: string, keepsStrings: boolean): Generator<string | undefined> {
  for (const isRounded of longNumber.test(text) ? [false, true] : [false]) {
    const compact = compactJson(bytes, keepsStrings, isRounded);
    const form = compact && textOf(compact);
    if (form !== text) yield form;
  }
}

/** A double holds fifteen digits as they are. */
const longNumber = /\d[\d.]{15}/;

/** Whether there is a quote or a bracket, without which there is nothing to rewrite, or nothing but a number. */
function mayBeJson(bytes: Bytes, text: string): boolean {
  return bytes.includes(34) || bytes.includes(91) || bytes.includes(123) ||
    /^\s*-?\d[\d.eE+-]*\s*$/.test(text);
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
