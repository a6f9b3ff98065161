import { leave } from "./maybe-promise.ts";

/** Calls somebody who is told something and must not disturb, whatever they throw, now or later. */
export function quietly(call: () => unknown): void {
  try {
    leave(call());
  } catch {
    // It is the listener's own affair.
  }
}
