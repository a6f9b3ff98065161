/**
 * Encodes a value for a URL of the waiting room: as `encodeURIComponent`, and `! ' ( ) *` as well. The hexadecimal
 * digit of `*` is in lower case, as all connectors but a few write it. What cannot be encoded is left out.
 */
export function enc(text: string | null | undefined): string {
  if (!text) return "";
  let encoded: string;
  try {
    encoded = encodeURIComponent(text);
  } catch {
    // A lone surrogate.
    return "";
  }
  return /[!'()*]/.test(encoded) ? encoded.replace(/[!'()*]/g, escaped) : encoded;
}

/** Spells each UTF-16 unit of a text in hexadecimal digits, two of them at least. */
export function hexOf(text: string): string {
  let hex = "";
  for (let at = 0; at < text.length; at++) hex += text.charCodeAt(at).toString(16).padStart(2, "0");
  return hex;
}

/** Decodes percent-encoding once; `undefined` if it cannot be decoded. */
export function decoded(text: string): string | undefined {
  if (text.indexOf("%") === -1) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Tells whether a text can stand in a header: printable ASCII, which also keeps other headers out. */
export function isHeaderSafe(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}
