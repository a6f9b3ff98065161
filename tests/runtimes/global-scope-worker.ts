/** The pipeline of the README as a Worker: the gate is made in global scope, where there is no randomness and no time. */

import { clientIp, createGate, failClosed, staticFiles } from "../../mod.ts";
import { waitingRoom } from "../../plugins/waiting-room/mod.ts";

const gate = createGate({
  publicHosts: ["127.0.0.1"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    clientIp({ trustedProxies: 1 }),
    failClosed(),
    waitingRoom({ admitPerMinute: 0, warn() {} }),
  ],
});

const worker = { fetch: gate.wrap(() => new Response("the shop")) };

export { worker as default };
