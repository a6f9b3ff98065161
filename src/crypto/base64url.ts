const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Spells bytes in base64url without padding (RFC 4648, section 5). There is one spelling of each: whoever compares texts need not
 * decode what somebody sent.
 */
export function base64Url(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let count = 0;
  for (let at = 0; at < bytes.length; at++) {
    // Fewer than 14 bits are left of one byte and the next: what is above them falls off.
    bits = bits << 8 | (bytes[at] as number);
    for (count += 8; count >= 6; count -= 6) text += digits.charAt(bits >> count - 6 & 63);
  }
  return count === 0 ? text : text + digits.charAt(bits << 6 - count & 63);
}
