/**
 * A Hono app with a waiting room of our own on some of its routes: `node examples/hono-room.ts`. On Deno, Bun and Workers only the
 * last line differs.
 *
 * In your own project, import from `stanchion`, `stanchion/hono` and `stanchion/waiting-room`.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { honoGate } from "../adapters/hono/mod.ts";
import { clientIp, createGate, failClosed } from "../mod.ts";
import { waitingRoom } from "../plugins/waiting-room/mod.ts";

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names; with `http://` only where there is no TLS, as on this machine.
  publicHosts: [process.env["PUBLIC_HOST"] ?? "http://localhost:8000"],
  plugins: [
    clientIp(),
    failClosed(),
    // In the memory of this process; several of them need a store that they share.
    waitingRoom({
      admitPerMinute: Number(process.env["ADMIT_PER_MINUTE"] ?? 60),
      capacity: Number(process.env["CAPACITY"] ?? 200),
      page: { title: "The Concert Hall" },
    }),
  ],
});

const app = new Hono()
  .get("/", (c) => c.text("What is on this week\n"))
  // The payment service keeps no cookies and would wait for ever: its route has no gate.
  .post("/webhooks/payment", (c) => c.text("thank you\n"))
  // The room's own endpoints, which the waiting page asks.
  .use("/.stanchion/*", honoGate(gate))
  .use("/tickets/*", honoGate(gate))
  .get(
    "/tickets/:concert",
    (c) => c.text(`Welcome to ${c.req.param("concert")} (${c.get("stanchion").decision.reason})\n`),
  );

serve({ port: Number(process.env["PORT"] ?? 8000), fetch: app.fetch });
