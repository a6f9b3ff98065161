/** Texts of visitors and plugins in a form that may be written into a log: bounded, of printable ASCII, without secrets. */

const redacted = "[redacted]";

/** How much of a text is looked at. No page of a site has a longer path. */
const maxLooked = 4096;

/** How often a text may be encoded upon itself. What is, more often, was done to hide something. */
const maxEncodings = 4;

/** How long a part is at least that can be an id, the beginning of a UUID. */
const shortest = 13;

/**
 * A path without query: what looks like a token, an id, a query or an e-mail address is redacted by segments, also where
 * it is percent-encoded.
 */
export function logPath(path: string): string {
  return cleaned(path, "/", 256);
}

/** A host. */
export function logHost(host: string): string {
  return cleaned(host, ".", 100);
}

/** What a plugin says: a reason or a name. */
export function logWords(text: unknown): string {
  return typeof text === "string" ? cleaned(text, "/", 100) : "other";
}

/** A method as it is registered, in capitals. */
export function logMethod(method: string): string {
  return /^[A-Z][A-Z-]{0,15}$/.test(method) ? method : "other";
}

function cleaned(text: string, separator: string, maxLength: number): string {
  const parts = text.slice(0, maxLooked).split(separator);
  // A part that was cut could be the beginning of a token that nobody knows any more.
  if (text.length > maxLooked) parts.splice(-1, 1, "...");
  let whole = "";
  for (const [at, part] of parts.entries()) {
    whole += (at === 0 ? "" : separator) + cleanPart(part);
    // Nobody looks at what comes behind.
    if (whole.length > maxLength) return `${whole.slice(0, maxLength - 3)}...`;
  }
  return whole;
}

/** A part without its parameters. Most parts are short words, in which there is room for nothing else. */
function cleanPart(part: string): string {
  if (part.length < shortest && /^[\w.:-]*$/.test(part) && !/tok[_0]/i.test(part)) return part;
  const end = part.search(/[;?#]/);
  const name = end === -1 ? part : part.slice(0, end);
  const shown = isTelling(name) ? redacted : printable(name);
  return end === -1 ? shown : `${shown};${redacted}`;
}

/** Whether a text tells more than the name of a page. */
function isTelling(text: string): boolean {
  let plain = text;
  for (let turn = 0; plain.includes("%"); turn++) {
    const decoded = plain.replaceAll(
      /%([\da-f]{2})/gi,
      (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (decoded === plain) break;
    if (turn === maxEncodings) return true;
    plain = decoded;
  }
  const at = plain.indexOf("@");
  if (at !== -1 && plain.includes(".", at)) return true;
  return /tok[_0]|[?&=;#]|[\da-f]{16}|[\da-f]{8}-[\da-f]{4}/i.test(plain) || runsOf(plain).some(isOpaque);
}

/** Whatever is long and without a gap, which tokens are. */
function runsOf(text: string): readonly string[] {
  return text.match(/[\w-]{20,}/g) ?? [];
}

/** Random characters, unlike words between dashes. */
function isOpaque(run: string): boolean {
  const mixed = /[A-Z]/.test(run) && /[a-z]/.test(run) && /[A-Za-z]\d+[A-Za-z]/.test(run);
  return mixed ||
    run.split(/[_-]/).some((piece) => piece.length >= 20 && /\d/.test(piece) && /[A-Za-z]/.test(piece));
}

/** What ends a line, moves a cursor or begins a tag is percent-encoded. */
function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[^\x21-\x7e]|["'<>\\`]/gu, encoded);
}

function encoded(char: string): string {
  // `encodeURIComponent` leaves the apostrophe alone.
  return char === "'" ? "%27" : encodeURIComponent(char);
}
