/**
 * What somebody does who has just installed the package: a gate, a visitor who waits, and one who is let in.
 *
 * `npm run pack:check` copies this file into empty projects, type-checks it there and runs it on each runtime.
 */

import {
  clientIp,
  cookieTokens,
  createGate,
  failClosed,
  HookError,
  type Plugin,
  ServiceError,
  staticFiles,
} from "stanchion";
import { circuitBreaker } from "stanchion/circuit-breaker";
import { crowdhandler } from "stanchion/crowdhandler";
import { createSandbox } from "stanchion/sandbox";

const sandbox = createSandbox({
  rooms: [{ slug: "hall", domain: "https://shop.example", capacity: 0, crowd: 3 }],
});
const greeting: Plugin = { name: "greeting", headers: () => [["x-greeting", "hello"]] };
const gate = createGate({
  plugins: [
    staticFiles(),
    clientIp({ trustedProxies: 1 }),
    cookieTokens(),
    failClosed(),
    greeting,
    crowdhandler({
      publicKey: sandbox.publicKey,
      fetch: (input: string | URL | Request, init?: RequestInit) =>
        sandbox.fetch(input instanceof Request ? input : new Request(input.toString(), init)),
    }),
  ],
  onError: (error) => {
    throw error;
  },
});
const fetchPage = gate.wrap((request: Request) =>
  new Response(`Welcome to ${new URL(request.url).pathname}`)
);

const headers = { "x-forwarded-for": "198.51.100.7", "user-agent": "visitor", accept: "text/html" };
const image = { ...headers, accept: "image/*" };
const file = await fetchPage(new Request("https://shop.example/logo.svg", { headers: image }));
equal(await file.text(), "Welcome to /logo.svg");

const queued = await fetchPage(new Request("https://shop.example/tickets", { headers }));
equal(queued.status, 302);
equal(new URL(queued.headers.get("location") ?? "").pathname, "/hall");
equal(queued.headers.get("x-greeting"), "hello");

sandbox.promote();
const cookie = queued.headers.get("set-cookie")?.split(";")[0] ?? "";
const admitted = await fetchPage(
  new Request("https://shop.example/tickets", { headers: { ...headers, cookie } }),
);
equal(await admitted.text(), "Welcome to /tickets");

const explained = await gate.explain(new Request("https://shop.example/tickets", { headers }));
equal(explained.failure instanceof HookError, false);
equal(gate.errors, 0);

// The classes of errors are the same, whichever way they are imported.
const down = createGate({
  plugins: [
    failClosed(),
    circuitBreaker(
      crowdhandler({ publicKey: sandbox.publicKey, fetch: () => Promise.reject(new TypeError("down")) }),
    ),
  ],
});
const { failure } = await down.explain(
  new Request("https://shop.example/tickets", { headers: { ...headers, cookie } }),
);
equal(failure instanceof HookError && failure.cause instanceof ServiceError, true);
await gate.idle();
console.log("used");

function equal(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) {
    throw new Error(`expected ${String(expected)}, received ${String(actual)}`);
  }
}
