/** Events of a room over a socket, in workerd. */

import { test } from "node:test";
import { eventsKeepTheirPlace } from "../conformance/_events.ts";
import { startWorker } from "./_workerd.ts";

test("on workerd, waitingRoom() gives a stream's place back when its reader goes", async () => {
  const worker = await startWorker({ entry: "tests/runtimes/events-worker.ts", bindings: {} });
  try {
    await eventsKeepTheirPlace(worker.port);
  } finally {
    await worker.stop();
  }
});
