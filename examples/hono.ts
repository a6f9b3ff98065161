/**
 * A Hono app with the gate on some of its routes: `node examples/hono.ts`. On Deno, Bun and Workers only the last
 * line differs.
 *
 * In your own project, import from `stanchion`, `stanchion/crowdhandler` and `stanchion/hono`.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { honoGate } from "../adapters/hono/mod.ts";
import { clientIp, cookieTokens, createGate, failOpen } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";
import { guestList } from "./guest-list.ts";

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names.
  publicHosts: [process.env["PUBLIC_HOST"] ?? "localhost:8000"],
  plugins: [
    clientIp(),
    guestList(new Set(["192.0.2.7"])),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: process.env["CROWDHANDLER_PUBLIC_KEY"] ?? "",
      apiUrl: process.env["CROWDHANDLER_API_URL"],
    }),
  ],
});

const app = new Hono()
  .get("/", (c) => c.text("What is on this week\n"))
  // The payment service keeps no cookies and would wait for ever: its route has no gate.
  .post("/webhooks/payment", (c) => c.text("thank you\n"))
  .use("/tickets/*", honoGate(gate))
  .get(
    "/tickets/:concert",
    (c) => c.text(`Welcome to ${c.req.param("concert")} (${c.get("stanchion").decision.reason})\n`),
  );

serve({ port: Number(process.env["PORT"] ?? 8000), fetch: app.fetch });
