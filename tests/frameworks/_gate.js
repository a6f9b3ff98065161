// The gate of every project, in the place of the documentation's: a room that holds everybody until it is told otherwise, by a server of
// its own, which also tells what became of requests.
import { createServer } from "node:http";
import process from "node:process";
import { clientIp, createGate, failClosed } from "stanchion";
import { waitingRoom } from "stanchion/waiting-room";

const { MODE: mode = "enforce", CONTROL_PORT: controlPort } = process.env;
const outcomes = [];
const log = {
  name: "log",
  settled(ctx, { decision, status, threw }) {
    outcomes.push({ path: ctx.path, reason: decision.reason, status, threw });
  },
};
const room = waitingRoom({
  warn() {},
  rooms: [{ name: "tickets", match: { path: "/tickets" }, admitPerMinute: 0 }],
});

export const gate = createGate({ plugins: [log, clientIp(), failClosed(), room], mode });

// A build that imports this has no port, and needs none.
const control = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://control");
  if (pathname === "/limit") {
    const [tickets] = room.rooms;
    const { revision } = await tickets.status();
    const order = { admitPerMinute: Number(searchParams.get("admitPerMinute")) };
    response.end(JSON.stringify(await tickets.change(order, { by: "test", revision })));
  } else response.end(JSON.stringify({ outcomes, errors: gate.errors }));
});
if (controlPort !== undefined) control.listen(Number(controlPort), "127.0.0.1");
