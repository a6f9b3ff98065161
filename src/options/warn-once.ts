import { quietly } from "../async/quietly.ts";

const maxRemembered = 100;

/** Tells the owner of each thing once. What the listener throws is its own affair. */
export function warnOnce(warn: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message) || said.size >= maxRemembered) return;
    said.add(message);
    // A request must not fail because a remark cannot be made.
    quietly(() => warn(message));
  };
}
