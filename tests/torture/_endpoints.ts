/** What stands beside a gate in an application: the operators' endpoints, and helpers that take requests as they are. */

import { modeSwitch } from "../../plugins/mode-switch/mod.ts";
import { operations } from "../../plugins/operations/mod.ts";
import { cancelQueueSession, extendQueueSession, queueItEvent } from "../../plugins/queue-it/mod.ts";
import type { Gate } from "../../src/gate.ts";
import { customerId } from "../plugins/queue-it/_helpers.ts";
import { nowMs, olderSecret, secret } from "./_proofs.ts";
import { gateOf, provesQueueIt, watched, type World } from "./_worlds.ts";

/** A gate behind the operators' endpoints, of which nobody has a secret. */
export function operated(): World {
  const { onError, complaint } = watched();
  const modes = modeSwitch();
  const keys = { customerId, secretKeys: [secret, olderSecret] };
  const inner = gateOf(
    queueItEvent({
      ...keys,
      eventId: "event1",
      queueDomain: "ticketania.queue-it.net",
      ajaxHosts: ["shop.example.com"],
    }),
    { onError },
  );
  const endpoints = operations(inner, { secrets: ["a-secret-of-the-operators-alone"], modes });
  let fault: string | undefined;

  /** They answer, whatever it is, and what they say can be sent. */
  function help(request: Request): void {
    const shared = { ...keys, now: () => nowMs, address: "82.192.173.38" };
    const cancelled = cancelQueueSession(request, {
      ...shared,
      eventIds: ["event1"],
      queueDomain: "ticketania.queue-it.net",
    });
    const location = cancelled?.headers.get("location") ?? "https://ticketania.queue-it.net/";
    if (cancelled?.status === 302 && new URL(location).host !== "ticketania.queue-it.net") {
      fault ??= `a cancelled session led to ${location}`;
    }
    for (
      const [, line] of extendQueueSession(request, { ...shared, eventId: "event1", validityMinutes: 20 })
    ) {
      if (!/^[ -~]*$/.test(line)) fault ??= `an extended session is ${line}`;
    }
  }

  const gate: Pick<Gate, "idle"> & ((...args: Parameters<Gate>) => unknown) = Object.assign(
    (request: Request, next: Parameters<Gate>[1], ...platform: readonly unknown[]) => {
      help(request);
      return endpoints.route((routed: Request) => inner(routed, next, ...platform))(request);
    },
    { idle: () => inner.idle() },
  );
  return {
    name: "queue-it, operated",
    // Nothing else of a gate is used here.
    gate: gate as unknown as Gate,
    isSync: false,
    readsBodies: true,
    proves: provesQueueIt,
    complaint() {
      const { mode } = modes.state();
      const said = mode === "enforce" ? fault : `the mode was changed to ${mode}`;
      fault = undefined;
      return said ?? complaint();
    },
  };
}
