/** The pipeline of the README as a Worker, with the board and webhooks: the gate is made in global scope, where there is no randomness and no time. */

import { clientIp, createGate, failClosed, staticFiles } from "../../mod.ts";
import { roomBoard } from "../../plugins/waiting-room/board/mod.ts";
import { waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { roomWebhooks } from "../../plugins/waiting-room/webhooks/mod.ts";

const line = waitingRoom({ admitPerMinute: 0, warn() {} });
const board = roomBoard({
  rooms: line.rooms,
  auth: { secrets: ["a-long-secret-from-a-vault"] },
  onEvent() {},
});
const webhooks = roomWebhooks({
  rooms: line.rooms,
  url: "http://127.0.0.1:9/hooks",
  secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
});

const gate = createGate({
  publicHosts: ["127.0.0.1"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    clientIp({ trustedProxies: 1 }),
    failClosed(),
    line,
    webhooks,
  ],
});

const worker = { fetch: board.route(gate.wrap((..._: unknown[]) => new Response("the shop"))) };

export { worker as default };
