import { withDeadline } from "../../src/async/deadline.ts";
import { isPromise } from "../../src/async/maybe-promise.ts";
import type { CallGuard } from "../../src/service.ts";
import type { Core } from "./validation/connector.ts";

type Services = Pick<Core, "verifyAction" | "enqueueToken">;

/** A core whose services have a time limit, which their functions need not keep. */
export function limited(core: Core, timeoutMs: number): Core {
  return {
    ...core,
    ...around(core, (what, ask) => {
      const answer = ask();
      return isPromise(answer) ? withDeadline(Promise.resolve(answer), timeoutMs, what) : answer;
    }),
  };
}

/** A core whose services are asked under the guard of whoever stands around the provider. */
export function guardedBy(core: Core, guard: CallGuard): Core {
  if (core.verifyAction === undefined && core.enqueueToken === undefined) return core;
  return { ...core, ...around(core, (_, ask) => guard.run(async () => await ask())) };
}

function around(
  { verifyAction, enqueueToken }: Services,
  carryOut: <T>(what: string, ask: () => T | Promise<T>) => T | Promise<T>,
): Services {
  return {
    verifyAction: verifyAction && ((call) => carryOut("verifyAction", () => verifyAction(call))),
    enqueueToken: enqueueToken && ((call) => carryOut("enqueueToken", () => enqueueToken(call))),
  };
}
