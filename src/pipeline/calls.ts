import { withDeadline } from "../async/deadline.ts";
import { GateError, ServiceError } from "../errors.ts";
import type { Call, Calls, Guard } from "../service.ts";
import { field } from "./hand-over.ts";
import { isAbsence, type IsShortage, watchShortage } from "./shortage.ts";
import { type Loop, platformLoop } from "../async/loop.ts";
import { Absence, pass, type Passage, probes, type Watch, watchTraffic } from "../async/traffic.ts";

/** Makes calls within their time limit, behind guards: the first is the farthest from the service, and is asked first. */
export function callsBehind(guards: readonly Guard[] = [], loop: Loop = platformLoop): Calls {
  return behind(guards, { ...watchTraffic(() => loop.now()), isShortage: watchShortage(), loop });
}

/** What is seen of services, and of this machine. */
interface Sight extends Watch {
  readonly loop: Loop;
  readonly isShortage: IsShortage;
}

function behind(guards: readonly Guard[], watch: Sight): Calls {
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

async function make<T>(call: Call<T>, watch: Sight): Promise<T> {
  const { what, service = what, timeoutMs, make } = call;
  const { passage, leftMs } = watch.refusal(service, timeoutMs) === undefined
    ? { passage: watch.enter(service, timeoutMs), leftMs: timeoutMs }
    : await turnOf(call, watch);
  const abort = new AbortController();
  const answer = async () => {
    try {
      const made = Promise.resolve(make(abort.signal));
      return await withDeadline(made, leftMs, what, () => abort.abort(), watch.loop);
    } catch (cause) {
      throw await failureOf(what, cause, watch.isShortage);
    }
  };
  return await pass(passage, answer());
}

/**
 * Waits while a service is silent and others ask it already: no longer than the call may take, of which that is a part.
 *
 * @throws {ServiceError} `overloaded` where the service is behind, and `timeout` where it answered nobody all the time.
 */
async function turnOf(
  { what, service = what, timeoutMs }: Call<unknown>,
  { loop, ...watch }: Sight,
): Promise<{ readonly passage: Passage; readonly leftMs: number }> {
  const begun = loop.now();
  for (let isAnswered = false;;) {
    const waitedMs = loop.now() - begun;
    const refusal = watch.refusal(service, timeoutMs);
    if (refusal === "behind") {
      throw new ServiceError(
        "overloaded",
        `${what} was not asked: its service is behind with what it was asked before`,
      );
    }
    // Who has little time left learns nothing by asking.
    if (refusal === undefined && (isAnswered || waitedMs <= timeoutMs / 2)) {
      return { passage: watch.enter(service, timeoutMs), leftMs: Math.max(1, timeoutMs - waitedMs) };
    }
    if (waitedMs >= timeoutMs) {
      const silence = `its service answered nobody within ${timeoutMs} ms`;
      throw new ServiceError("timeout", `${what} was not asked: ${silence}`);
    }
    const ms = Math.min(timeoutMs / probes, timeoutMs - waitedMs);
    isAnswered = await new Promise<boolean>((resolve) => {
      const cancel = loop.wait(() => (forget(), resolve(false)), ms);
      const forget = watch.whenAnswered(service, () => (cancel(), resolve(true)));
    });
  }
}

async function failureOf(what: string, cause: unknown, isShortage: IsShortage): Promise<GateError> {
  if (cause instanceof GateError) return cause;
  // Who opens so many connections that there is none left for the service must not be let in for it.
  const code = await isShortage(cause) ? "overloaded" : "unreachable";
  const message = `${what} failed: ${faultOf(cause)}`;
  return isAbsence(cause) ? new Absence(code, message) : new ServiceError(code, message);
}

/** The kind of a fault. Its message is left out: platforms put the whole URL there, token included. */
function faultOf(cause: unknown): string {
  const words = [field(cause, "code"), field(field(cause, "cause"), "code"), field(cause, "name")];
  const word = words.find((text) => typeof text === "string");
  const isWord = typeof word === "string" && /^[A-Za-z_]{1,40}$/.test(word);
  // Deno has no codes for it.
  if (isAbsence(cause) && !(isWord && /^E[A-Z_]+$/.test(word))) return "ConnectionRefused";
  return isWord ? word : "unknown fault";
}
