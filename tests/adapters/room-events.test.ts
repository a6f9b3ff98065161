/** Events of a room over a socket: each runtime's own server ends a stream when its reader goes. */

import { test } from "node:test";
import { createGate, failClosed } from "../../mod.ts";
import { waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { eventsKeepTheirPlace } from "../conformance/_events.ts";
import { serve } from "../src/_serve.ts";

test("waitingRoom() gives a stream's place back when its reader goes", async () => {
  const room = waitingRoom({ admitPerMinute: 60, eventStreams: 1, warn() {} });
  const gate = createGate({ plugins: [failClosed(), room] });
  const server = await serve(gate.wrap(() => new Response("the shop")));
  try {
    await eventsKeepTheirPlace(server.port);
  } finally {
    await server.close();
  }
});
