/**
 * Numbers of JSON, of which each has many spellings, in one: all digits, without an exponent, a sign of zero, or zeros that
 * say nothing. So an expression that counts digits finds `1e21`, and a text that was written as `1.0` finds `1`.
 */

/**
 * Writes a number in its one spelling.
 *
 * @param text What may be a number: JSON's spelling of one (RFC 8259, section 6), or anything.
 * @param isRounded Whether the number is meant that a double holds, as most parsers read it, in place of the one that is written.
 * @returns The number; `text` itself where that is none; `undefined` for one that no double holds: some programs read that as
 * infinite, others digit by digit.
 */
export function plainNumber(text: string, isRounded: boolean = false): string | undefined {
  if (!spelling.test(text)) return text;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  if (value === 0) return "0";
  // A double holds as many digits as they are.
  if (text.length < 16 || isRounded) {
    const written = String(value);
    return written.includes("e") ? withoutExponent(written) : written;
  }
  return withoutExponent(text);
}

const spelling = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function withoutExponent(text: string): string {
  const [number = "", exponent = "0"] = text.split(/e/i);
  const sign = number.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = number.slice(sign.length).split(".");
  const all = whole + fraction;
  let from = 0;
  while (all[from] === "0") from++;
  let to = all.length;
  while (all[to - 1] === "0") to--;
  const digits = all.slice(from, to);
  // The place of the point among the digits.
  const point = whole.length - from + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, "0");
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
