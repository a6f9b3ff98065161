import { withDeadline } from "../async/deadline.ts";
import { GateError, ServiceError } from "../errors.ts";
import type { Call, Calls, Guard } from "../service.ts";

/** Makes calls within their time limit, behind guards: the first is the farthest from the service, and is asked first. */
export function callsBehind(guards: readonly Guard[] = []): Calls {
  return {
    run: (call) => guardedRun(guards, 0, call),
    refuses: () => guards.some((guard) => guard.refuses?.() === true),
    behind: (guard) => callsBehind([...guards, guard]),
  };
}

function guardedRun<T>(guards: readonly Guard[], from: number, call: Call<T>): Promise<T> {
  const guard = guards[from];
  return guard === undefined ? make(call) : guard.run(() => guardedRun(guards, from + 1, call));
}

async function make<T>({ what, timeoutMs, make }: Call<T>): Promise<T> {
  const abort = new AbortController();
  try {
    return await withDeadline(Promise.resolve(make(abort.signal)), timeoutMs, what, () => abort.abort());
  } catch (cause) {
    if (cause instanceof GateError) throw cause;
    throw new ServiceError("unreachable", `${what} failed: ${faultOf(cause)}`);
  }
}

/** The kind of a fault. Its message is left out: platforms put the whole URL there, token included. */
function faultOf(cause: unknown): string {
  const words = [fieldOf(cause, "code"), fieldOf(fieldOf(cause, "cause"), "code"), fieldOf(cause, "name")];
  const word = words.find((text) => typeof text === "string");
  return typeof word === "string" && /^[A-Za-z_]{1,40}$/.test(word) ? word : "unknown fault";
}

function fieldOf(value: unknown, name: string): unknown {
  // The property is read as unknown, whatever the object is.
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
