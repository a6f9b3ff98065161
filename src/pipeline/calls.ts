import { withDeadline } from "../async/deadline.ts";
import { GateError, ServiceError } from "../errors.ts";
import type { Call, Calls, Guard } from "../service.ts";
import { pass, type Passage, watchTraffic } from "../async/traffic.ts";

/** Makes calls within their time limit, behind guards: the first is the farthest from the service, and is asked first. */
export function callsBehind(guards: readonly Guard[] = []): Calls {
  return behind(guards, watchTraffic());
}

function behind(guards: readonly Guard[], enter: (service: string) => Passage): Calls {
  return {
    run: (call) => guardedRun(guards, 0, () => make(call, enter)),
    refuses: () => guards.some((guard) => guard.refuses?.() === true),
    behind: (guard) => behind([...guards, guard], enter),
  };
}

function guardedRun<T>(guards: readonly Guard[], from: number, make: () => Promise<T>): Promise<T> {
  const guard = guards[from];
  return guard === undefined ? make() : guard.run(() => guardedRun(guards, from + 1, make));
}

async function make<T>(call: Call<T>, enter: (service: string) => Passage): Promise<T> {
  const { what, service = what, timeoutMs, make } = call;
  const abort = new AbortController();
  const answer = async () => {
    try {
      const made = Promise.resolve(make(abort.signal));
      return await withDeadline(made, timeoutMs, what, () => abort.abort());
    } catch (cause) {
      throw failureOf(what, cause);
    }
  };
  return await pass(enter(service), answer());
}

function failureOf(what: string, cause: unknown): GateError {
  if (cause instanceof GateError) return cause;
  // Who opens so many connections that there is none left for the service must not be let in for it.
  const code = isShortage(cause) ? "overloaded" : "unreachable";
  return new ServiceError(code, `${what} failed: ${faultOf(cause)}`);
}

/** What this machine lacks when it can open no further connection: files, ports or memory for them. */
const shortages: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]);
/** The same as Deno tells it, which has no codes there: by their numbers on Linux and on others. */
const shortage = /\(os error (?:12|23|24|49|55|99|105)\)/;

function isShortage(cause: unknown): boolean {
  for (let at = cause, depth = 0; at !== undefined && depth < 4; at = fieldOf(at, "cause"), depth++) {
    const message = fieldOf(at, "message");
    if (shortages.has(fieldOf(at, "code")) || (typeof message === "string" && shortage.test(message))) {
      return true;
    }
  }
  return false;
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
