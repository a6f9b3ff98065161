import { isPromise } from "../async/maybe-promise.ts";

const maxRemembered = 100;

/** Tells the owner of each thing once. What the listener throws is its own affair. */
export function warnOnce(warn: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message) || said.size >= maxRemembered) return;
    said.add(message);
    try {
      const told: unknown = warn(message);
      if (isPromise(told)) Promise.resolve(told).catch(() => {});
    } catch {
      // A request must not fail because a remark cannot be made.
    }
  };
}
