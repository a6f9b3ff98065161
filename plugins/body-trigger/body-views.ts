/**
 * The forms in which a body is looked at, so that no spelling of the same data escapes. What the visitor's headers say
 * of the format is not asked: they are the visitor's choice.
 *
 * @returns The text itself, then its other forms; `undefined` for one that cannot be had.
 */
export function* bodyViews(text: string): Generator<string | undefined> {
  yield text;
  // Parsers that guess the encoding read UTF-16 and UTF-32 too, in which ASCII has NULs between.
  const plain = text.includes("\0") ? text.replace(/[\0\uFFFD]/g, "") : text;
  if (plain !== text) yield plain;
  // Parts of a form may be encoded once more, as base64 for instance.
  if (/content-transfer-encoding\s*:(?!\s*(?:7bit|8bit|binary))/i.test(plain)) yield undefined;
  yield* jsonViews(plain);
  if (/[%+]/.test(plain)) {
    const decoded = decodeForm(plain);
    yield decoded;
    yield* jsonViews(decoded);
  }
}

/** JSON without its escapes: as it stands, for what is nearly JSON or has it within, and parsed. */
function* jsonViews(text: string): Generator<string | undefined> {
  if (text.includes("\\")) yield text.replace(/\\(?:u([\da-f]{4})|([/"\\]))/gi, unescapeOne);
  try {
    yield JSON.stringify(JSON.parse(text));
  } catch (error) {
    // What is no JSON has no such form. What is nested too deep to be written may still be read by the application.
    if (!(error instanceof SyntaxError)) yield undefined;
  }
}

function unescapeOne(_escape: string, hex: string | undefined, char: string | undefined): string {
  return hex === undefined ? char ?? "" : String.fromCharCode(Number.parseInt(hex, 16));
}

/** Text in which `+` is a blank and `%xx` a byte of UTF-8; broken encodings stay as they are. */
function decodeForm(text: string): string {
  return text.replaceAll("+", " ").replace(/(?:%[\da-f]{2})+/gi, (run) => {
    const bytes = run.slice(1).split("%").map((hex) => Number.parseInt(hex, 16));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  });
}
