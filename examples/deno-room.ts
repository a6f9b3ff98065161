/**
 * A waiting room of our own on Deno Deploy: any number of isolates and regions, one room, kept in Deno KV.
 * `deno run --unstable-kv --allow-net --allow-env --allow-read --allow-write examples/deno-room.ts`.
 *
 * In your own project, import from `stanchion`, `stanchion/waiting-room` and `stanchion/waiting-room/deno-kv`.
 *
 * @module
 */

import { createGate, failClosed, staticFiles } from "../mod.ts";
import { waitingRoom } from "../plugins/waiting-room/mod.ts";
import { denoKvStore } from "../plugins/waiting-room/stores/deno-kv/mod.ts";

// On Deno Deploy there is one database, without a path.
const kv = await Deno.openKv(Deno.env.get("KV_PATH"));

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names; with `http://` only where there is no TLS, as on this machine.
  publicHosts: [Deno.env.get("PUBLIC_HOST") ?? "http://localhost:8000"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    // While the database is away, whoever is inside stays there, and nobody else comes in.
    failClosed(),
    waitingRoom({
      store: denoKvStore(kv),
      admitPerMinute: Number(Deno.env.get("ADMIT_PER_MINUTE") ?? 60),
      capacity: Number(Deno.env.get("CAPACITY") ?? 200),
    }),
  ],
});

Deno.serve(
  { port: Number(Deno.env.get("PORT") ?? 8000) },
  gate.wrap((request) => new Response(`Welcome to ${new URL(request.url).pathname}\n`)),
);
