/**
 * A Hono app, served on Node; on Deno, Bun and Workers it is wrapped in the same way.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";
import { guestList } from "./guest-list.ts";

const app = new Hono();
app.get("/", (c) => c.text("Welcome\n"));
app.post("/webhooks/payment", (c) => c.text("thank you\n"));

const gate = createGate({
  plugins: [
    // The payment service keeps no cookies and would wait for ever.
    staticFiles({ paths: ["/webhooks"] }),
    guestList(new Set(["192.0.2.7"])),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: process.env["CROWDHANDLER_PUBLIC_KEY"] ?? "",
      apiUrl: process.env["CROWDHANDLER_API_URL"],
    }),
  ],
});

serve({ port: Number(process.env["PORT"] ?? 8000), fetch: gate.wrap(app.fetch) });
