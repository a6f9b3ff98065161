const alphabet = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijklmnpqrstuvwxyz";
const staleMs = 12 * 60 * 60 * 1000;

/**
 * Tells whether a token is older than 12 hours. Only tokens that begin with `tok0` carry their date: year since
 * 2000, month, day, hour, minute and second in UTC, one digit each in base 60. Others are never stale, and a date
 * that cannot be read is.
 */
export function isStale(token: string, now: number): boolean {
  if (!token.startsWith("tok0")) return false;
  const digits = Array.from(token.slice(4, 10), (digit) => alphabet.indexOf(digit));
  const [year = -1, month = -1, day = -1, hour = -1, minute = -1, second = -1] = digits;
  if (
    Math.min(year, month, day, hour, minute, second) < 0 || month < 1 || month > 12 || day < 1 || hour > 23
  ) {
    return true;
  }
  const made = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  return now - made > staleMs;
}
