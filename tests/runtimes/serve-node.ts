/** The application under test on Node, through `@hono/node-server`: `node serve-node.ts`, settings in the environment. */

import process from "node:process";
import { serve, upgradeWebSocket } from "@hono/node-server";
import { Hono } from "hono";
import { createApp, type Settings } from "../conformance/app.ts";
import { createSocketServer } from "./_socket-server.ts";

// The suite writes the settings.
const settings = JSON.parse(process.env["CONFORMANCE"] ?? "{}") as Settings;
const sockets = new Hono();
const echo = upgradeWebSocket(() => ({ onMessage: (event, socket) => socket.send(`${event.data} back`) }));
sockets.get("*", echo);

function upgrade(request: Request, [env]: readonly unknown[]): Response | Promise<Response> {
  // The server hands its own environment over beside the request; Hono asks for any object.
  return sockets.fetch(request, env as object);
}

const app = createApp(settings, upgrade);
serve({
  port: 0,
  hostname: "127.0.0.1",
  // Nothing but a response leaves the application on Node.
  fetch: (request, env) => app(request, env) as Response | Promise<Response>,
  // The type is that of the package ws; what of it the server uses is all that there is here.
  websocket: { server: createSocketServer() as never },
}, ({ port }) => console.log(`listening on ${port}`));
