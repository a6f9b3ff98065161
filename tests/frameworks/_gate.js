// The gate of every project, in the place of the documentation's: a room that holds everybody until it is told otherwise, by a server of
// its own, which also tells what became of requests.
import { createServer } from "node:http";
import process from "node:process";
import { clientIp, createGate, failClosed } from "stanchion";
import { crowdhandler } from "stanchion/crowdhandler";
import { queueIt } from "stanchion/queue-it";
import { waitingRoom } from "stanchion/waiting-room";

const { MODE: mode = "enforce", CONTROL_PORT: controlPort, HOSTED: options, ORIGIN: origin } = process.env;
/** The options of the provider of a hosted service, whose room takes the place of our own; given by the test. */
const hosted = options === undefined ? undefined : JSON.parse(options);
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

const provider = hosted === undefined
  ? room
  : hosted.customerId === undefined
  ? crowdhandler(hosted)
  : queueIt(hosted);

export const gate = createGate({
  ...(origin !== undefined && { publicHosts: [origin] }),
  plugins: [log, clientIp(), failClosed(), provider],
  mode,
});

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
