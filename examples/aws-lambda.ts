/**
 * The gate in a function of AWS Lambda, behind a function URL or an API Gateway, with `hono/aws-lambda` (or `@hono/aws-lambda`, which
 * follows it) between: it makes a request of the event, and of the response what Lambda sends.
 *
 * A room of our own needs a store that all instances of a function share, such as `redisStore()`: each has a memory of its own.
 *
 * In your own project, import from `stanchion`, `stanchion/crowdhandler` and `stanchion/hono`.
 *
 * @module
 */

import process from "node:process";
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { honoGate } from "../adapters/hono/mod.ts";
import { clientIp, cookieTokens, createGate, failOpen } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

const gate = createGate({
  publicHosts: [process.env["PUBLIC_HOST"] ?? "shop.example.com"],
  plugins: [
    // The event tells the address; behind CloudFront it is that of CloudFront, see docs/proxies.md.
    clientIp(),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: process.env["CROWDHANDLER_PUBLIC_KEY"] ?? "",
      apiUrl: process.env["CROWDHANDLER_API_URL"],
    }),
  ],
});

const app = new Hono()
  // Before all routes. The event, which is in Hono's bindings, tells the address.
  .use(honoGate(gate))
  .get("/tickets", (c) => c.text("Welcome to /tickets\n"))
  .get(
    "/picture",
    (c) => c.body(new Uint8Array([0xff, 0xd8, 0, 0x80]), 200, { "content-type": "image/jpeg" }),
  );

/** What Lambda calls. */
export const handler = handle(app);
