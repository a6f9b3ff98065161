import { leave } from "../async/maybe-promise.ts";

const maxRemembered = 100;

/** Tells the owner of each thing once. What the listener throws is its own affair. */
export function warnOnce(warn: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message) || said.size >= maxRemembered) return;
    said.add(message);
    try {
      leave(warn(message));
    } catch {
      // A request must not fail because a remark cannot be made.
    }
  };
}
