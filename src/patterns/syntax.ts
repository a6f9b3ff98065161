/** A range of UTF-16 code units, both ends included. */
export type Range = readonly [from: number, to: number];

/** A regular expression, without what makes no difference to whether it matches. */
export type Pattern =
  | { readonly kind: "set"; readonly ranges: readonly Range[]; readonly isNegative?: boolean }
  | { readonly kind: "at"; readonly place: "start" | "end" | "edge" | "inside" }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Pattern[] }
  | { readonly kind: "repeat"; readonly part: Pattern; readonly min: number; readonly max: number };

/** Longer ones are not read: patterns of rooms are a line. */
const maxLength = 1000;
const maxDepth = 50;
const maxRepeats = 1000;

const digits: readonly Range[] = [[48, 57]];
/** What `\w` stands for. */
export const word: readonly Range[] = [[48, 57], [65, 90], [95, 95], [97, 122]];
const space: readonly Range[] = [
  [9, 13],
  [32, 32],
  [160, 160],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
/** What ends a line. */
export const lineEnds: readonly Range[] = [[10, 10], [13, 13], [0x2028, 0x2029]];
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

/** What cannot be read here. */
class Unreadable extends Error {}

/**
 * Reads the source of a regular expression (ECMA-262, section 22.2.1) that `RegExp` takes.
 *
 * @param dotAll Whether a dot stands for the ends of lines, too.
 *
 * @returns The pattern; `undefined` for what is no regular language, what only annex B of the standard allows and is seldom written, and
 * what is too long.
 */
export function parsePattern(source: string, dotAll: boolean): Pattern | undefined {
  if (source.length > maxLength) return undefined;
  const reader: Reader = { source, dotAll, at: 0, depth: 0 };
  try {
    const pattern = choice(reader);
    return reader.at === source.length ? pattern : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** How far a source was read. */
interface Reader {
  readonly source: string;
  readonly dotAll: boolean;
  at: number;
  depth: number;
}

function choice(reader: Reader): Pattern {
  if (++reader.depth > maxDepth) throw new Unreadable();
  const parts = [sequence(reader)];
  while (reader.source[reader.at] === "|") {
    reader.at++;
    parts.push(sequence(reader));
  }
  reader.depth--;
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "choice", parts };
}

function sequence(reader: Reader): Pattern {
  const parts: Pattern[] = [];
  while (
    reader.at < reader.source.length && reader.source[reader.at] !== "|" && reader.source[reader.at] !== ")"
  ) {
    const part = atom(reader);
    parts.push(part.kind === "at" ? part : repeated(reader, part));
  }
  return { kind: "sequence", parts };
}

function atom(reader: Reader): Pattern {
  const sign = reader.source[reader.at++] ?? "";
  switch (sign) {
    case "^":
      return { kind: "at", place: "start" };
    case "$":
      return { kind: "at", place: "end" };
    case ".":
      return { kind: "set", ranges: without(reader.dotAll ? [] : lineEnds) };
    case "[":
      return set(reader);
    case "(":
      return group(reader);
    case "\\":
      return escape(reader);
    default:
      return single(sign.charCodeAt(0));
  }
}

function group(reader: Reader): Pattern {
  if (reader.source[reader.at] === "?") {
    const opening = /^\?(?::|<[A-Za-z_$][\w$]*>)/.exec(reader.source.slice(reader.at));
    if (opening === null) throw new Unreadable();
    reader.at += opening[0].length;
  }
  const inner = choice(reader);
  if (reader.source[reader.at++] !== ")") throw new Unreadable();
  // A group is no assertion: it can be repeated.
  return { kind: "sequence", parts: [inner] };
}

function repeated(reader: Reader, part: Pattern): Pattern {
  const [sign, from, comma, to] = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(reader.source.slice(reader.at)) ??
    [];
  if (sign === undefined) return part;
  reader.at += sign.length;
  if (reader.source[reader.at] === "?") reader.at++;
  if (sign === "*") return { kind: "repeat", part, min: 0, max: Infinity };
  if (sign === "+") return { kind: "repeat", part, min: 1, max: Infinity };
  if (sign === "?") return { kind: "repeat", part, min: 0, max: 1 };
  const min = Number(from);
  const max = comma === undefined ? min : to === "" ? Infinity : Number(to);
  if (min > maxRepeats || (max > maxRepeats && max !== Infinity)) throw new Unreadable();
  return { kind: "repeat", part, min, max };
}

/** An escape outside of brackets. */
function escape(reader: Reader): Pattern {
  const sign = reader.source[reader.at];
  if (sign === "b" || sign === "B") {
    reader.at++;
    return { kind: "at", place: sign === "b" ? "edge" : "inside" };
  }
  // Back references, and octal numbers of old.
  if (sign === undefined || /[1-9k]/.test(sign)) throw new Unreadable();
  const value = escaped(reader);
  return typeof value === "number" ? single(value) : { kind: "set", ranges: value };
}

/** What stands behind a backslash: a code unit, or a set of them. */
function escaped(reader: Reader): number | readonly Range[] {
  const sign = reader.source[reader.at++] ?? "";
  switch (sign) {
    case "d":
      return digits;
    case "D":
      return without(digits);
    case "w":
      return word;
    case "W":
      return without(word);
    case "s":
      return space;
    case "S":
      return without(space);
    case "x":
    case "u": {
      const code = (sign === "x" ? /^[\da-f]{2}/i : /^[\da-f]{4}/i).exec(reader.source.slice(reader.at))?.[0];
      if (code === undefined) return sign.charCodeAt(0);
      reader.at += code.length;
      return Number.parseInt(code, 16);
    }
    case "c": {
      const letter = /^[a-z]/i.exec(reader.source.slice(reader.at))?.[0];
      if (letter === undefined) throw new Unreadable();
      reader.at++;
      return letter.charCodeAt(0) % 32;
    }
    case "0":
      if (/\d/.test(reader.source[reader.at] ?? "")) throw new Unreadable();
      return 0;
    default:
      return controls[sign] ?? sign.charCodeAt(0);
  }
}

function set(reader: Reader): Pattern {
  const isNegative = reader.source[reader.at] === "^";
  if (isNegative) reader.at++;
  const ranges: Range[] = [];
  while (reader.source[reader.at] !== "]") {
    const from = member(reader);
    if (reader.source[reader.at] !== "-" || reader.source[reader.at + 1] === "]") {
      ranges.push(...rangesOf(from));
      continue;
    }
    reader.at++;
    const to = member(reader);
    if (typeof from === "number" && typeof to === "number") ranges.push([from, to]);
    // Annex B: a set as an end of a range makes the hyphen stand for itself.
    else ranges.push(...rangesOf(from), [45, 45], ...rangesOf(to));
  }
  reader.at++;
  return { kind: "set", ranges, isNegative };
}

function member(reader: Reader): number | readonly Range[] {
  const sign = reader.source[reader.at++];
  if (sign === undefined) throw new Unreadable();
  if (sign !== "\\") return sign.charCodeAt(0);
  if (reader.source[reader.at] === "b") {
    reader.at++;
    return 8;
  }
  if (reader.source[reader.at] === undefined || /[1-9ck]/.test(reader.source[reader.at] ?? "")) {
    throw new Unreadable();
  }
  return escaped(reader);
}

function single(code: number): Pattern {
  return { kind: "set", ranges: [[code, code]] };
}

function rangesOf(value: number | readonly Range[]): readonly Range[] {
  return typeof value === "number" ? [[value, value]] : value;
}

/** All code units that are in none of the ranges. */
function without(ranges: readonly Range[]): readonly Range[] {
  const rest: Range[] = [];
  let from = 0;
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (low > from) rest.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= 0xffff) rest.push([from, 0xffff]);
  return rest;
}
