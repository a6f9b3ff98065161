/** A room whose events anybody may hear, as a Worker. */

import { createGate, failClosed } from "../../mod.ts";
import { waitingRoom } from "../../plugins/waiting-room/mod.ts";

const room = waitingRoom({ admitPerMinute: 60, eventStreams: 1, warn() {} });
const gate = createGate({ plugins: [failClosed(), room] });

const worker = { fetch: gate.wrap(() => new Response("the shop")) };

export { worker as default };
