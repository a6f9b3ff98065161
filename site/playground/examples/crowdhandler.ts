import { clientIp, createGate, failClosed, staticFiles } from "stanchion";
import { crowdhandler } from "stanchion/crowdhandler";
import { createSandbox } from "stanchion/sandbox";

// The sandbox stands in for the service: no account, and no network. Nobody fits
// in, so that everybody waits; follow the redirect to see the waiting room.
const sandbox = createSandbox({
  rooms: [{ slug: "hall", domain: "https://shop.example.com", capacity: 0, crowd: 3 }],
});

export const gate = createGate({
  publicHosts: ["shop.example.com"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    clientIp(),
    failClosed(),
    crowdhandler({
      publicKey: sandbox.publicKey,
      fetch: (url, init) => sandbox.fetch(new Request(url, init)),
    }),
  ],
});

export default (request: Request) => new Response(`Welcome to ${request.url}`);

// Who answers for other sites. Send a request to https://organiser.example.com/ to
// let everybody in.
export const services = {
  "https://wait.crowdhandler.com": (request: Request) => sandbox.fetch(request),
  "https://organiser.example.com": () =>
    new Response(`${sandbox.promote()} let in. Send the request to the shop again.`),
};
