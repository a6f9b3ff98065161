/** Rooms that let nobody in, with stores that take their time, as a Worker: of `/batched` one that wants its commands put together, of `/alone` one that does not. */

import { createGate, failOpen } from "../../mod.ts";
import { memoryStore, type RoomStore, waitingRoom } from "../../plugins/waiting-room/mod.ts";

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function slowStore(batchesItself: boolean): RoomStore {
  const memory = memoryStore();
  return {
    ...memory,
    name: "slow",
    isShared: true,
    batchesItself,
    timeoutMs: 1500,
    run: (room, batch) => later(200).then(() => memory.run(room, batch)),
    status: (room) => later(400).then(() => memory.status(room)),
  };
}

const secretKeys = ["a secret of at least thirty-two bytes"];
const rooms = [true, false].map((batchesItself) =>
  waitingRoom({
    admitPerMinute: 0,
    store: slowStore(batchesItself),
    path: batchesItself ? "/alone/room" : "/batched/room",
    secretKeys,
    warn() {},
  })
);
const [alone, batched] = rooms.map((room) =>
  createGate({ plugins: [failOpen(), room] }).wrap((..._: unknown[]) => new Response("the shop"))
);

const worker = {
  async fetch(request: Request, ...platform: unknown[]): Promise<Response> {
    const shop = new URL(request.url).pathname.startsWith("/alone") ? alone : batched;
    return await shop?.(request, ...platform) ?? new Response();
  },
};

export { worker as default };
