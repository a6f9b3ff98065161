/** A room whose events anybody may hear, as a Worker. */

import { createGate, failClosed, type Gate } from "../../mod.ts";
import { waitingRoom } from "../../plugins/waiting-room/mod.ts";

const gates: Gate[] = [];

/** The gate is made with the first request: in global scope there is no randomness. */
function gateOf(): Gate {
  const [made] = gates;
  if (made !== undefined) return made;
  const room = waitingRoom({ admitPerMinute: 60, eventStreams: 1, warn() {} });
  const gate = createGate({ plugins: [failClosed(), room] });
  gates.push(gate);
  return gate;
}

const worker = {
  fetch: (request: Request, env: unknown, ctx: unknown) =>
    gateOf()(request, () => new Response("the shop"), env, ctx),
};

export { worker as default };
