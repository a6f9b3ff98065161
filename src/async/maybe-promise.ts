/**
 * Whether a value is to be waited for: a promise of any kind, or whatever else has a `then`. One that does not even let
 * itself be looked at is waited for as well, and so becomes a promise that is rejected.
 */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  try {
    return "then" in value && typeof value.then === "function";
  } catch {
    return true;
  }
}

/** Leaves what nobody waits for to itself, so that its rejection is nobody's fault. */
export function leave(value: unknown): void {
  if (isPromise(value)) Promise.resolve(value).catch(() => {});
}

/** Whether something is promised that must be there at once. It is left to itself. */
export function isLate(value: unknown): boolean {
  leave(value);
  return isPromise(value);
}

/** Goes on with a value now if it is there, later if it is promised. */
export function chain<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}
