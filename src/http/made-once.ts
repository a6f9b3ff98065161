/**
 * What a plugin makes once for many visitors, such as the changes that keep an answer from every cache. Nobody can change it, so that the gate looks
 * at it once, and not for each of them.
 */

/** Makes something unchangeable, with all that stands in it, and lets be remembered what is found out about it. */
export function madeOnce<T extends object>(value: T): T {
  for (const part of Object.values(value)) Object.freeze(part);
  return Object.freeze(Object.defineProperty(value, memory, { value: { owner: value } }));
}

/** Whether something was made or joined once, so that the very same may come again. */
export function comesAgain(value: object): boolean {
  const { [memory]: remembered }: Remembering = value;
  return remembered?.owner === value;
}

/** What is found out about something, once if it was made once; `undefined` if it was not, or if there is nothing, which is looked for again. */
export function foundOnce<T extends object, Found>(value: T, find: (value: T) => Found): Found | undefined {
  const { [memory]: remembered }: T & Remembering = value;
  // It is asked with one question alone.
  return remembered && (remembered.found ??= find(value)) as Found;
}

/** Lets be known of something what was found out about something else. */
export function knownAs<T extends object>(value: T, other: T): T {
  const { [memory]: remembered }: T & Remembering = other;
  const known: T & Remembering = value;
  known[memory] = remembered;
  return known;
}

/** Two things joined, once for such as come together again and again, which were both made once. */
export function joinedOnce<T extends object>(first: T, second: T, join: (first: T, second: T) => T): T {
  const { [memory]: remembered }: T & Remembering = second;
  // What is one visitor's is not kept.
  if (remembered === undefined || !comesAgain(first)) return join(first, second);
  if (remembered.behind === first) return remembered.joined as T;
  const joined: T & Remembering = join(first, second);
  if (joined[memory] !== undefined) joined[memory] = { ...joined[memory], owner: joined };
  Object.assign(remembered, { behind: first, joined });
  return joined;
}

/** Under which it is remembered: copies have nothing there. */
const memory: unique symbol = Symbol("stanchion.memory");

interface Remembering {
  [memory]?: Remembered | undefined;
}

interface Remembered {
  /** What was made once. Others are known as that, and are each a single visitor's. */
  readonly owner: object;
  found?: unknown;
  behind?: unknown;
  joined?: unknown;
}
