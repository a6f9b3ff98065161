import { createGate, type Decider, failOpen } from "stanchion";

// A plugin of your own: a plain object with a name and hooks. Ask for /tickets at
// night and by day, by changing the hour.
const hour = 3;

const closedAtNight: Decider = {
  name: "closed-at-night",
  decide(ctx) {
    ctx.note?.(`it is ${hour} o'clock`);
    return hour < 6 && ctx.path.startsWith("/tickets")
      ? { action: "reject", reason: "closed-at-night/asleep", status: 503 }
      : { action: "admit", reason: "closed-at-night/awake" };
  },
};

export const gate = createGate({ plugins: [failOpen(), closedAtNight] });

export default () => new Response("Good day!");
