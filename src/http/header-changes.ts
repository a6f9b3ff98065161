import type { HeaderChange } from "../decision.ts";

/** Whether a change of a header is added to what is there, where every other takes its place. */
export function isAdded(name: string): boolean {
  return name === "set-cookie" || name === "vary";
}

/** Carries changes out on headers that take them, and gives these back. */
export function applyChanges(headers: Headers, changes: Iterable<HeaderChange>): Headers {
  for (const change of changes) {
    const name = change[0];
    if (isAdded(name)) headers.append(name, change[1]);
    else headers.set(name, change[1]);
  }
  return headers;
}

/**
 * Refuses a value with characters that no header carries (RFC 9110, section 5.5), though `Headers` take them. Deno's server ends the process by one, and
 * a plugin may have it from a visitor. Line breaks at its ends are taken away there, and others refused.
 *
 * @throws {TypeError} Where there is one.
 */
export function refuseControls(value: string): void {
  // Most values are ASCII, of which a look for anything else takes a third of the time.
  // deno-lint-ignore no-control-regex
  if (/[^ -~]/.test(value) && /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(value)) {
    throw new TypeError("Control characters");
  }
}
