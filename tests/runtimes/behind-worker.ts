/** A lottery whose beacon is slow, and webhooks whose receiver is: what goes on behind the answers of a Worker. Its clock goes on when it is told to. */

import { createGate, failClosed } from "../../mod.ts";
import { memoryStore, waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { roomWebhooks } from "../../plugins/waiting-room/webhooks/mod.ts";

let ahead = 0;
const now = () => Date.now() + ahead;
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const told: string[] = [];

const line = waitingRoom({
  admitPerMinute: 60,
  order: "lottery",
  opensAt: new Date(2_000_000_000_000),
  lottery: { beacon: () => later(300).then(() => "17-4") },
  store: memoryStore({ now }),
  secretKeys: ["a secret of at least thirty-two bytes"],
  now,
  warn() {},
});
const webhooks = roomWebhooks({
  rooms: line.rooms,
  url: "http://127.0.0.1:9/hooks",
  secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  timeoutMs: 1000,
  now,
  async fetch(_, init) {
    await later(300);
    told.push((JSON.parse(String(init.body)) as { event: string }).event);
    return new Response(null, { status: 204 });
  },
});
const gate = createGate({ plugins: [failClosed(), line, webhooks] });
const shop = gate.wrap((..._: unknown[]) => new Response("the shop"));

const worker = {
  async fetch(request: Request, ...platform: unknown[]): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [room] = line.rooms;
    switch (pathname) {
      case "/at":
        ahead = Number(searchParams.get("time")) - Date.now();
        return new Response();
      case "/pause":
        await room.change({ mode: "paused" }, { by: "a test", revision: (await room.status()).revision });
        return new Response();
      case "/told":
        return Response.json(told);
      case "/lost":
        // Nobody tells the platform of it, which ends it with this request.
        void webhooks.look();
        return new Response();
      case "/look":
        await Promise.race([webhooks.look(), later(1000)]);
        return new Response();
      default:
        return await shop(request, ...platform);
    }
  },
};

export { worker as default };
