/**
 * The application under test as a Worker. Its gates are made in global scope, where workerd allows neither timers nor
 * randomness nor I/O.
 */

import { env } from "cloudflare:workers";
import { createApp, type Settings } from "../conformance/app.ts";

interface Pair {
  readonly 0: WebSocket;
  readonly 1: WebSocket & { accept(): void };
}

// The suite writes the settings.
const settings = JSON.parse((env as { readonly CONFORMANCE: string }).CONFORMANCE) as Settings;

function upgrade(): Response {
  // The class is a global of workerd.
  const { WebSocketPair } = globalThis as unknown as { readonly WebSocketPair: new () => Pair };
  const pair = new WebSocketPair();
  pair[1].accept();
  pair[1].addEventListener("message", (event) => pair[1].send(`${event.data} back`));
  return new Response(null, { status: 101, webSocket: pair[0] } as ResponseInit);
}

const worker = { fetch: createApp(settings, upgrade) };

export { worker as default };
