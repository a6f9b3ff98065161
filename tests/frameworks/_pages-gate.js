// The gate of each project here, which gets a copy of this file: a room over /tickets, and /_control, by which its test rules it.
import { clientIp, createGate, failClosed, problemAnswers } from "stanchion";
import { crowdhandler } from "stanchion/crowdhandler";
import { queueIt } from "stanchion/queue-it";
import { waitingRoom } from "stanchion/waiting-room";

/** The options of the provider of a hosted service, whose room takes the place of our own; given by the test. */
const hosted = process.env.HOSTED ? JSON.parse(process.env.HOSTED) : undefined;

// What Next, for one, loads twice is one room all the same.
const shared = globalThis.stanchionOfTheTest ??= { reasons: [], room: undefined };
shared.room ??= hosted === undefined
  ? waitingRoom({
    match: [{ path: "/tickets" }, { path: "/_app/remote" }],
    admitPerMinute: 0,
    eventStreams: 20,
    warn() {},
  })
  : undefined;

const control = {
  name: "control",
  async decide(ctx) {
    // A build visits nobody: the test looks for this line.
    console.log(`the gate was asked for ${ctx.path}`);
    if (ctx.path !== "/_control") return undefined;
    const rate = ctx.url.searchParams.get("rate");
    if (rate !== null && shared.room !== undefined) {
      const [room] = shared.room.rooms;
      const { revision } = await room.status();
      // What was saved up before is of no use in a room that pauses.
      const order = rate === "0" ? { mode: "paused" } : { mode: "open", admitPerMinute: Number(rate) };
      await room.change(order, { by: "the test", revision });
    }
    const reasons = shared.reasons.splice(0);
    return {
      action: "respond",
      reason: "control/done",
      response: Response.json({ reasons, address: ctx.address ?? null }),
    };
  },
  settled(_ctx, { decision }) {
    shared.reasons.push(decision.reason);
  },
};

const provider = hosted === undefined
  ? shared.room
  : hosted.customerId === undefined
  ? crowdhandler(hosted)
  : queueIt(hosted);
// The first answers scripts itself.
const answers = hosted === undefined ? [] : [problemAnswers()];

// A service wants to know the address, which some frameworks do not tell: then a proxy writes it, here the test.
const address = clientIp(hosted === undefined ? {} : { trustedProxies: 1 });

// Servers do not know whether the visitor's connection was encrypted, nor by which name: the owner says it.
const publicHosts = process.env.ORIGIN ? { publicHosts: [process.env.ORIGIN] } : {};

export const gate = createGate({
  // Behind the gateway there is none.
  ...(process.env.GATE === "off" && { mode: "off" }),
  ...publicHosts,
  plugins: [control, address, failClosed(), provider, ...answers],
});
