/**
 * When a client may come again, in whole seconds for `Retry-After`: not before the time that is asked for, and at most half of it later,
 * so that those who are refused together do not come back together.
 *
 * @param seconds The shortest time.
 * @param random Gives a number from 0 up to, but without, 1.
 */
export function retryAfter(seconds: number, random: () => number): string {
  return String(seconds + Math.floor(random() * (Math.floor(seconds / 2) + 1)));
}
