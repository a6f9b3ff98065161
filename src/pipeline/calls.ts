import { withDeadline } from "../async/deadline.ts";
import { GateError, ServiceError } from "../errors.ts";
import type { Call, Calls, Guard } from "../service.ts";
import { fieldOf, isShortage } from "./shortage.ts";
import { pass, type Watch, watchTraffic } from "../async/traffic.ts";

/** Makes calls within their time limit, behind guards: the first is the farthest from the service, and is asked first. */
export function callsBehind(guards: readonly Guard[] = []): Calls {
  return behind(guards, watchTraffic());
}

function behind(guards: readonly Guard[], watch: Watch): Calls {
  return {
    run: (call) => guardedRun(guards, 0, () => make(call, watch)),
    refuses: () => guards.some((guard) => guard.refuses?.() === true),
    behind: (guard) => behind([...guards, guard], watch),
  };
}

function guardedRun<T>(guards: readonly Guard[], from: number, make: () => Promise<T>): Promise<T> {
  const guard = guards[from];
  return guard === undefined ? make() : guard.run(() => guardedRun(guards, from + 1, make));
}

async function make<T>(call: Call<T>, watch: Watch): Promise<T> {
  const { what, service = what, timeoutMs, make } = call;
  if (watch.refuses(service, timeoutMs)) {
    throw new ServiceError(
      "overloaded",
      `${what} was not asked: its service is behind with what it was asked before`,
    );
  }
  const abort = new AbortController();
  const answer = async () => {
    try {
      const made = Promise.resolve(make(abort.signal));
      return await withDeadline(made, timeoutMs, what, () => abort.abort());
    } catch (cause) {
      throw await failureOf(what, cause);
    }
  };
  return await pass(watch.enter(service, timeoutMs), answer());
}

async function failureOf(what: string, cause: unknown): Promise<GateError> {
  if (cause instanceof GateError) return cause;
  // Who opens so many connections that there is none left for the service must not be let in for it.
  const code = await isShortage(cause) ? "overloaded" : "unreachable";
  return new ServiceError(code, `${what} failed: ${faultOf(cause)}`);
}

/** The kind of a fault. Its message is left out: platforms put the whole URL there, token included. */
function faultOf(cause: unknown): string {
  const words = [fieldOf(cause, "code"), fieldOf(fieldOf(cause, "cause"), "code"), fieldOf(cause, "name")];
  const word = words.find((text) => typeof text === "string");
  return typeof word === "string" && /^[A-Za-z_]{1,40}$/.test(word) ? word : "unknown fault";
}
