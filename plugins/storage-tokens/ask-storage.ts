import { withDeadline } from "../../src/async/deadline.ts";
import { pass, type Passage, watchTraffic } from "../../src/async/traffic.ts";
import { isPromise } from "../../src/async/maybe-promise.ts";
import { ServiceError } from "../../src/errors.ts";

/** Calls a storage. */
export type AskStorage = (call: () => unknown) => unknown;

/** Calls a storage: at most for so long, and with no error that quotes what was stored. */
export function storageWithin(timeoutMs: number): AskStorage {
  const enter = watchTraffic();
  return (call) => ask(call, timeoutMs, enter);
}

function ask(call: () => unknown, timeoutMs: number, enter: (service: string) => Passage): unknown {
  let answer: unknown;
  try {
    answer = call();
  } catch (cause) {
    throw unreachable(cause);
  }
  if (!isPromise(answer)) return answer;
  const work = Promise.resolve(answer).catch((cause: unknown) => {
    throw unreachable(cause);
  });
  return pass(enter(what), withDeadline(work, timeoutMs, what));
}

const what = "The token storage";

/** Errors of clients quote commands, and with them keys and tokens: only their kind is passed on. */
function unreachable(cause: unknown): ServiceError {
  const kinds = cause instanceof Error ? [cause.name, "code" in cause ? cause.code : ""] : [typeof cause];
  const kind = kinds.filter((word) => typeof word === "string" && /^\w{1,40}$/.test(word)).join(" ");
  return new ServiceError("unreachable", `The token storage failed (${kind || "unknown cause"})`);
}
