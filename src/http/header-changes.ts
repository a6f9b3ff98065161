import type { HeaderChange } from "../decision.ts";

/** Whether a change of a header is added to what is there, where every other takes its place. */
export function isAdded(name: string): boolean {
  return name === "set-cookie" || name === "vary";
}

/** Carries changes out on headers that take them, and gives these back. */
export function applyChanges(headers: Headers, changes: Iterable<HeaderChange>): Headers {
  for (const [name, value] of changes) {
    if (isAdded(name)) headers.append(name, value);
    else headers.set(name, value);
  }
  return headers;
}
