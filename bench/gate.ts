/**
 * What does the gate cost? The bare handler is the floor; everything else is measured above it.
 *
 * @module
 */

import { bench, do_not_optimize, run, summary } from "mitata";
import {
  clientIp,
  cookieTokens,
  createGate,
  failOpen,
  type Plugin,
  requestBody,
  staticFiles,
} from "../mod.ts";

const page = new Response("page");
const handler = (_request: Request) => page;

/** A provider that answers at once: what remains is the pipeline's own cost. */
const instant: Plugin = {
  name: "instant",
  decide: () => ({ action: "admit", reason: "instant/promoted" }),
};

const plugins = [
  staticFiles(),
  clientIp({ trustedProxies: 1 }),
  requestBody(),
  cookieTokens(),
  failOpen(),
  instant,
];
const gate = createGate({ plugins }).wrap(handler);
const off = createGate({ plugins, mode: "off" }).wrap(handler);

const headers = {
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) bench/1.0",
  "accept-language": "en",
  "x-forwarded-for": "198.51.100.23",
  cookie: "theme=dark; crowdhandler=tok0Q1AB2CabcdefABCDEF; basket=17",
};

/** A fresh request each time, as a server gives it; its construction is measured on its own. */
function request(path: string): Request {
  return new Request(`https://shop.example.com${path}`, { headers });
}

const admitted = request("/tickets/quartet?from=poster");
const bypassed = request("/assets/app.4f3a.js?v=3");

summary(() => {
  bench("bare handler", () => do_not_optimize(handler(admitted)));
  bench("gate, mode off", () => do_not_optimize(off(admitted)));
  bench("gate, static file bypassed", () => do_not_optimize(gate(bypassed)));
  bench("gate, admitted through all plugins", () => do_not_optimize(gate(admitted)));
});

summary(() => {
  bench("new Request + bare handler", () => do_not_optimize(handler(request("/assets/app.4f3a.js?v=3"))));
  bench(
    "new Request + static file bypassed",
    () => do_not_optimize(gate(request("/assets/app.4f3a.js?v=3"))),
  );
  bench("new Request + admitted", () => do_not_optimize(gate(request("/tickets/quartet?from=poster"))));
});

await run();
