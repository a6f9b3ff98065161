import { plainNumber } from "./json-number.ts";

/**
 * Writes the values within JSON as a form has them: `{"a":{"b":["x"]}}` as `a.b=x` and as `a[b][]=x`. Values within JSON that
 * is a string there are included. Nothing fails: what is nearly JSON is read as far as it goes, and members of the same name are
 * all kept.
 *
 * @returns The forms; `undefined` where they would be out of proportion to the text, as those of what nests without end.
 */
export function jsonAsForm(text: string): readonly string[] | undefined {
  const out: Out = { dotted: [], inBrackets: [], room: text.length * largestGrowth + 1024, nests: false };
  if (!scan(text, nesting, out)) return undefined;
  if (out.dotted.length === 0) return [];
  return out.nests ? [written(out.dotted), written(out.inBrackets)] : [written(out.dotted)];
}

function written(namesAndValues: readonly string[]): string {
  let text = "";
  for (let at = 0; at < namesAndValues.length; at += 2) {
    text += (at === 0 ? "" : "&") + namesAndValues[at] + "=" + namesAndValues[at + 1];
  }
  return text;
}

/** How many times as long as the text the form may be. */
const largestGrowth = 16;

/** How often JSON that is a string is looked into. */
const nesting = 2;

interface Out {
  /** Names and values in turn. */
  readonly dotted: string[];
  readonly inBrackets: string[];
  nests: boolean;
  room: number;
}

/** What names a value: the members around it, as they stand before the value. */
interface Place {
  readonly dotted: string;
  readonly inBrackets: string;
}

const root: Place = { dotted: "", inBrackets: "" };

/** Writes one value after the other; tells whether there was room for them. */
function scan(text: string, depth: number, out: Out): boolean {
  const around: Place[] = [];
  let place = root;
  let key: string | undefined;

  function say(value: string): boolean {
    // What has no name is in no form.
    const { dotted, inBrackets } = key === undefined ? place : memberOf(place, key);
    key = undefined;
    if (inBrackets === "") return true;
    out.dotted.push(dotted, value);
    out.inBrackets.push(inBrackets, value);
    out.room -= inBrackets.length + value.length + 2;
    return out.room >= 0;
  }

  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === 34 /* " */) {
      const end = endOfString(text, at + 1);
      const raw = text.slice(at + 1, end);
      const value = raw.includes("\\") ? unescaped(raw) : raw;
      at = skipBlanks(text, end + 1);
      if (text.charCodeAt(at) === 58 /* : */) {
        key = value;
        at++;
        continue;
      }
      if (depth > 0 && value.includes("{") && !scan(value, depth - 1, out)) return false;
      if (!say(value)) return false;
    } else if (code === 123 /* { */ || code === 91 /* [ */) {
      around.push(place);
      if (key !== undefined) place = memberOf(place, key);
      if (code === 91 && place !== root) {
        place = { dotted: place.dotted, inBrackets: `${place.inBrackets}[]` };
      }
      if (place !== root) out.nests = true;
      key = undefined;
      at++;
    } else if (code === 125 || code === 93) {
      place = around.pop() ?? root;
      key = undefined;
      at++;
    } else if (code === 44 /* , */ || code === 58 || isBlank(code)) {
      if (code === 44) key = undefined;
      at++;
    } else {
      const end = endOfWord(text, at);
      if ((key !== undefined || place !== root) && !say(plain(text.slice(at, end)))) return false;
      at = end;
    }
  }
  return true;
}

function memberOf({ dotted, inBrackets }: Place, key: string): Place {
  return inBrackets === ""
    ? { dotted: key, inBrackets: key }
    : { dotted: `${dotted}.${key}`, inBrackets: `${inBrackets}[${key}]` };
}

/** Most numbers have no other spelling. */
function plain(word: string): string {
  return word.length < 16 && !/[eE]|0$|^-0/.test(word) ? word : plainNumber(word) ?? word;
}

function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) return at;
    if (code === 92 /* \ */) at++;
  }
  return text.length;
}

function endOfWord(text: string, from: number): number {
  let at = from + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (
      code === 34 || code === 44 || code === 58 || (code | 32) === 123 || (code | 32) === 125 || isBlank(code)
    ) break;
  }
  return at;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code <= 32;
}

/** A string without its escapes, by the text: they are many, and short. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([\da-f]{4})|(.))/gis, (whole, unit?: string, letter: string = "") => {
    if (unit !== undefined) return String.fromCharCode(parseInt(unit, 16));
    return controls[letter] ?? (letter === '"' || letter === "\\" || letter === "/" ? letter : whole);
  });
}

const controls: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
