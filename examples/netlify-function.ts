/**
 * The gate in a function of Netlify, `netlify/functions/shop.mts`. Its context tells the address, and takes what goes on behind the answer.
 *
 * In your own project, import from `stanchion` and `stanchion/crowdhandler`. An Edge Function is the same, with its own `config`, and with
 * `context.next()` in the place of the shop.
 *
 * @module
 */

import process from "node:process";
import { clientIp, cookieTokens, createGate, failOpen } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

const gate = createGate({
  publicHosts: [process.env["PUBLIC_HOST"] ?? "shop.example.com"],
  plugins: [
    clientIp(),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: process.env["CROWDHANDLER_PUBLIC_KEY"] ?? "",
      apiUrl: process.env["CROWDHANDLER_API_URL"],
    }),
  ],
});

/** What Netlify calls. */
export default gate.wrap((request: Request, _context: object) =>
  new Response(`Welcome to ${new URL(request.url).pathname}\n`)
);

/** Where it stands. */
export const config: { readonly path: string } = { path: "/tickets/*" };
