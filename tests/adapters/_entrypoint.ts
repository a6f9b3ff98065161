/** A Worker that is a class, as Cloudflare's newer ones are, and tells what its gate knows. */

import { WorkerEntrypoint } from "cloudflare:workers";
import { createGate, failClosed, type Plugin } from "../../mod.ts";

const settled: string[] = [];
const slow: Plugin = {
  name: "slow",
  async settled(ctx) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    settled.push(ctx.path);
  },
};
const gate = createGate({
  plugins: [
    {
      name: "tell",
      decide: (ctx) => ({
        action: "respond",
        reason: "tell/told",
        response: Response.json({ address: String(ctx.address), settled }),
      }),
    },
    failClosed(),
    slow,
  ],
});

/** What the class has of its platform. */
interface Entrypoint {
  readonly ctx: unknown;
  readonly env: unknown;
}

export default class extends (WorkerEntrypoint as new () => Entrypoint) {
  fetch(request: Request): Response | Promise<Response> {
    return gate(request, () => new Response("page"), this);
  }
}
