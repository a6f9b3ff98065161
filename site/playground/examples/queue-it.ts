import { clientIp, createGate, failClosed } from "stanchion";
import { pulledSource, queueIt } from "stanchion/queue-it";
import { createSandbox } from "stanchion/sandbox";

// The sandbox stands in for the service. Nobody is ahead, so that following the
// redirects leads through the queue and back, with a token.
const { queueIt: side, fetch: ask } = createSandbox({
  queueIt: {
    queueDomain: "queue.test",
    rooms: [{ eventId: "hall", domains: ["https://shop.example.com"], path: "/tickets" }],
  },
});
const source = pulledSource({
  customerId: side.customerId,
  apiKey: side.apiKey,
  fetch: (url, init) => ask(new Request(url, init)),
});
await source.refresh();

export const gate = createGate({
  publicHosts: ["shop.example.com"],
  plugins: [
    clientIp(),
    failClosed(),
    queueIt({
      customerId: side.customerId,
      secretKeys: [side.secretKey],
      integrationConfig: source,
    }),
  ],
});

export default (request: Request) => new Response(`Welcome to ${request.url}`);

export const services = {
  "https://queue.test": (request: Request) => ask(request),
};
