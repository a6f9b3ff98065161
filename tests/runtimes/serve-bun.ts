/** The application under test on Bun: `bun serve-bun.ts`, with its settings in the environment. */

import { createApp, type Settings } from "../conformance/app.ts";

/** What of Bun is used here; the other runtimes' type checks know none of it. */
interface BunLike {
  readonly env: Readonly<Record<string, string | undefined>>;
  serve(options: object): { readonly port: number };
}

// This program runs on Bun alone.
const { Bun } = globalThis as unknown as { readonly Bun: BunLike };
// The suite writes the settings.
const settings = JSON.parse(Bun.env["CONFORMANCE"] ?? "{}") as Settings;

function upgrade(request: Request, [server]: readonly unknown[]): Response | undefined {
  // Bun hands its server over beside the request.
  const done = (server as { upgrade(request: Request): boolean }).upgrade(request);
  return done ? undefined : new Response("no upgrade", { status: 400 });
}

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  // Otherwise an error is answered with a page that quotes the source.
  development: false,
  fetch: createApp(settings, upgrade),
  websocket: { message: (socket: WebSocket, text: string) => socket.send(`${text} back`) },
});
console.log(`listening on ${server.port}`);
