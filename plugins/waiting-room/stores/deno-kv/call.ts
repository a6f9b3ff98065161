import { withDeadline } from "../../../../src/async/deadline.ts";
import type { Loop } from "../../../../src/async/loop.ts";
import { GateError, ServiceError } from "../../../../src/errors.ts";
import { kindOf } from "../../../../src/pipeline/kind-of.ts";

/** Calls KV. */
export type Call = <T>(make: () => Promise<T>) => Promise<T>;

/** Calls KV, and gives a call up after a time. What KV throws may quote what was to be kept: only its kind is told. */
export function callsWithin(callMs: number, loop: Loop): Call {
  return async (make) => {
    try {
      return await withDeadline((async () => await make())(), callMs, "Deno KV", undefined, loop);
    } catch (cause) {
      if (cause instanceof GateError) throw cause;
      // That is how KV refuses values that it does not take.
      const code = cause instanceof TypeError || cause instanceof RangeError ? "internal" : "unreachable";
      throw new ServiceError(code, `Deno KV failed (${kindOf(cause)})`, { cause });
    }
  };
}
