/** The application under test on Deno: `deno run -A serve-deno.ts`, with its settings in the environment. */

import { createApp, type Settings } from "../conformance/app.ts";

/** What of Deno is used here; the other runtimes' type checks know none of it. */
interface DenoLike {
  readonly env: { get(name: string): string | undefined };
  serve(options: object, handler: unknown): unknown;
  upgradeWebSocket(request: Request): { readonly socket: WebSocket; readonly response: Response };
}

// This program runs on Deno alone.
const { Deno } = globalThis as unknown as { readonly Deno: DenoLike };
// The suite writes the settings.
const settings = JSON.parse(Deno.env.get("CONFORMANCE") ?? "{}") as Settings;

function upgrade(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = (event) => socket.send(`${event.data} back`);
  return response;
}

const onListen = ({ port }: { readonly port: number }) => console.log(`listening on ${port}`);
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen }, createApp(settings, upgrade));
