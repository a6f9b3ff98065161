/** A field of a body: what stands before the equals sign of a form, and behind it. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/**
 * The fields of a form with parts (RFC 7578), files included, by a grammar that is narrow enough to be read in one way by
 * all parsers: what browsers and the usual clients write. Parsers differ in everything beyond it.
 *
 * The boundary is the first line's, for the headers are the visitor's choice; a part that stands between others is found out
 * because it has a disposition as well.
 *
 * @returns No fields where no part has a disposition; `undefined` where it cannot be told what the fields are.
 */
export function multipartFields(text: string): readonly Field[] | undefined {
  const dispositions = text.match(disposition)?.length ?? 0;
  if (dispositions === 0) return [];
  const boundary = /^[\r\n]*(--[^\r\n]+)\r?\n/.exec(text)?.[1]?.trimEnd() ?? "--";
  if (boundary === "--") return undefined;
  const pieces = `\n${text}`.split(`\n${boundary}`);
  const fields: Field[] = [];
  // Of what breaks off, some parsers leave out the end.
  if (!pieces.pop()?.startsWith("--")) return undefined;
  for (const piece of pieces.slice(1)) {
    const field = readPart(piece.replace(/\r$/, ""));
    if (field === undefined) return undefined;
    fields.push(field);
  }
  // A disposition elsewhere is one to a parser that knows another boundary.
  return fields.length === dispositions ? fields : undefined;
}

/** It begins a line, or stands in that of a boundary, behind which some need no new line. */
const disposition = /^(?:--.*|[\t ]*)content-disposition[\t ]*:/gim;

/** Reads what stands between two boundaries. */
function readPart(part: string): Field | undefined {
  const start = /^[\t ]*\r?\n/.exec(part)?.[0].length;
  const [blank] = /\n\r?\n/.exec(part) ?? [];
  if (start === undefined || blank === undefined) return undefined;
  const end = part.indexOf(blank);
  let name: string | undefined;
  for (const line of part.slice(start, end).split("\n")) {
    const [, header = "", value = ""] = /^([\w-]+):([^\r]*)\r?$/.exec(line) ?? [];
    // Lines that go on in the next one, and what else is no header, are read in many ways.
    if (header === "") return undefined;
    if (header.toLowerCase() !== "content-disposition") continue;
    if (name !== undefined) return undefined;
    name = nameIn(value);
    if (name === undefined) return undefined;
  }
  return name === undefined ? undefined : { name, value: part.slice(end + blank.length) };
}

/** The name that a disposition gives; one in an encoding of its own (RFC 2047, RFC 2231), or a second one, is none. */
function nameIn(header: string): string | undefined {
  const type = /^[\t ]*[\w-]+[\t ]*/.exec(header)?.[0] ?? "";
  const parameter = /;[\t ]*([\w-]+\*?)=("[^"\\]*"|[^\s";,\\]+)[\t ]*/y;
  let name: string | undefined;
  let at = type.length;
  while (at < header.length) {
    parameter.lastIndex = at;
    const [whole, key = "", value = ""] = parameter.exec(header) ?? [];
    if (whole === undefined) return /^;[\t ]*$/.test(header.slice(at)) ? name : undefined;
    at += whole.length;
    // Some end a parameter at any semicolon, whatever quotes there are.
    if (/;[\t ]*name/i.test(value)) return undefined;
    if (!/^name\b/i.test(key)) continue;
    if (name !== undefined || key.length > "name".length || /=\?|;|^[^"]*['()=]/.test(value)) {
      return undefined;
    }
    name = value.replaceAll('"', "");
  }
  return name;
}
