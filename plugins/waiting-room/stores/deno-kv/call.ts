import { withDeadline } from "../../../../src/async/deadline.ts";
import type { Loop } from "../../../../src/async/loop.ts";
import { GateError, ServiceError } from "../../../../src/errors.ts";
import { kindOf } from "../../../../src/pipeline/kind-of.ts";

/** Calls KV. */
export type Call = <T>(make: () => Promise<T>) => Promise<T>;

/**
 * Calls KV, and gives a call up after a time. What KV throws may quote what was to be kept: only its kind is told. Nearly all of it is a
 * `TypeError`, also where the database cannot be reached: only what is too much for KV is a fault of ours.
 */
export function callsWithin(callMs: number, loop: Loop): Call {
  return async (make) => {
    try {
      return await withDeadline((async () => await make())(), callMs, "Deno KV", undefined, loop);
    } catch (cause) {
      if (cause instanceof GateError) throw cause;
      const said = String(cause);
      // Several processes write to one file.
      const isLocked = / locked$/.test(said);
      const code = isLocked ? "overloaded" : /too (?:large|many) /i.test(said) ? "internal" : "unreachable";
      const what = isLocked ? "is locked by other processes" : `failed (${kindOf(cause)})`;
      throw new ServiceError(code, `Deno KV ${what}`, { cause });
    }
  };
}
