import { clientIp, createGate, failClosed, staticFiles } from "stanchion";
import { waitingRoom } from "stanchion/waiting-room";

// Two people fit in, and one is let in every ten seconds. Send a request as each
// of the visitors: the third one waits. Send again, and see the place change.
export const gate = createGate({
  publicHosts: ["shop.example.com"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    clientIp(),
    failClosed(),
    waitingRoom({ admitPerMinute: 6, capacity: 2, match: { path: "/tickets" } }),
  ],
});

// The application. It never hears of whoever waits.
export default (request: Request) => new Response(`Welcome to ${new URL(request.url).pathname}`);
