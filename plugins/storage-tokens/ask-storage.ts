import { withDeadline } from "../../src/async/deadline.ts";
import { pass, type Watch, watchTraffic } from "../../src/async/traffic.ts";
import { isPromise } from "../../src/async/maybe-promise.ts";
import { ServiceError } from "../../src/errors.ts";
import { type IsShortage, watchShortage } from "../../src/pipeline/shortage.ts";

/** Calls a storage. */
export type AskStorage = (call: () => unknown) => unknown;

/** Calls a storage: at most for so long, and with no error that quotes what was stored. */
export function storageWithin(timeoutMs: number): AskStorage {
  const watch = watchTraffic();
  const isShortage = watchShortage();
  return (call) => ask(call, timeoutMs, watch, isShortage);
}

function ask(call: () => unknown, timeoutMs: number, watch: Watch, isShortage: IsShortage): unknown {
  let answer: unknown;
  try {
    answer = call();
  } catch (cause) {
    throw unreachable(cause);
  }
  if (!isPromise(answer)) return answer;
  const work = Promise.resolve(answer).catch(async (cause: unknown) => {
    throw unreachable(cause, await isShortage(cause));
  });
  return pass(watch.enter(what, timeoutMs), withDeadline(work, timeoutMs, what));
}

const what = "The token storage";

/** Errors of clients quote commands, and with them keys and tokens: only their kind is passed on. */
function unreachable(cause: unknown, isLacking = false): ServiceError {
  const kinds = cause instanceof Error ? [cause.name, "code" in cause ? cause.code : ""] : [typeof cause];
  const kind = kinds.filter((word) => typeof word === "string" && /^\w{1,40}$/.test(word)).join(" ");
  return new ServiceError(
    isLacking ? "overloaded" : "unreachable",
    `The token storage failed (${kind || "unknown cause"})`,
  );
}
