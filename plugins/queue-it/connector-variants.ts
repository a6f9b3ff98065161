import { withDeadline } from "../../src/async/deadline.ts";
import { isPromise } from "../../src/async/maybe-promise.ts";
import type { CallGuard } from "../../src/service.ts";
import type { Connector } from "./validation/connector.ts";

type Services = Pick<Connector, "verifyAction" | "enqueueToken">;

/** A connector whose services have a time limit, which their functions need not keep. */
export function limited(connector: Connector, timeoutMs: number): Connector {
  return {
    ...connector,
    ...around(connector, (what, ask) => {
      const answer = ask();
      return isPromise(answer) ? withDeadline(Promise.resolve(answer), timeoutMs, what) : answer;
    }),
  };
}

/** A connector whose services are asked under the guard of whoever stands around the provider. */
export function guardedBy(connector: Connector, guard: CallGuard): Connector {
  if (connector.verifyAction === undefined && connector.enqueueToken === undefined) return connector;
  return { ...connector, ...around(connector, (_, ask) => guard.run(async () => await ask())) };
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

/**
 * A connector that asks nobody for anything: none of it can be taken back.
 *
 * @param allows Whether a visit that would be counted counts as allowed. For a page that is served it must not.
 */
export function harmless(connector: Connector, allows: boolean): Connector {
  return {
    ...connector,
    verifyAction: connector.verifyAction && (() => allows),
    directPass: undefined,
    // Asked for nothing, it still shows whether it could be asked.
    enqueueToken: allows && connector.enqueueToken ? () => undefined : undefined,
  };
}
