/**
 * The gate in a function of Vercel, `api/tickets.ts`. Vercel writes the address into `X-Real-IP` anew, so that it counts; `waitUntil` of
 * `@vercel/functions` would take what goes on behind the answer, by `platform({ waitUntil })`.
 *
 * In your own project, import from `stanchion` and `stanchion/crowdhandler`. In Next.js, the gate stands in `proxy.ts` instead.
 *
 * @module
 */

import process from "node:process";
import { clientIp, cookieTokens, createGate, failOpen } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

const gate = createGate({
  publicHosts: [process.env["PUBLIC_HOST"] ?? "shop.example.com"],
  plugins: [
    clientIp({ trustedProxies: 1, header: "x-real-ip" }),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: process.env["CROWDHANDLER_PUBLIC_KEY"] ?? "",
      apiUrl: process.env["CROWDHANDLER_API_URL"],
    }),
  ],
});

/** What Vercel calls. */
export const GET: (request: Request) => Response | Promise<Response> = gate.wrap((request: Request) =>
  new Response(`Welcome to ${new URL(request.url).pathname}\n`)
);
