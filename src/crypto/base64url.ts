const codes = Uint8Array.from(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
  (digit) => digit.charCodeAt(0),
);

/** The code of the digit for the last six bits of a number. */
export function base64UrlCode(bits: number): number {
  return codes[bits & 63] as number;
}

/** How many digits a text is made of at once: a call takes some ten thousand arguments everywhere. */
const atOnce = 4096;

/** Spells bytes in base64url without padding (RFC 4648, section 5). */
export function base64Url(bytes: Uint8Array): string {
  let text = "";
  let digits: number[] = [];
  let bits = 0;
  let count = 0;
  for (let at = 0; at < bytes.length; at++) {
    // Fewer than 14 bits are left of one byte and the next: what is above them falls off.
    bits = bits << 8 | (bytes[at] as number);
    for (count += 8; count >= 6; count -= 6) digits.push(base64UrlCode(bits >> count - 6));
    if (digits.length < atOnce) continue;
    text += String.fromCharCode(...digits);
    digits = [];
  }
  if (count > 0) digits.push(base64UrlCode(bits << 6 - count));
  // Digit by digit it would be a text of many pieces, which whoever looks at it first puts together.
  return text + String.fromCharCode(...digits);
}
