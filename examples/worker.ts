/**
 * Cloudflare Workers. The keys are bindings, which arrive with each request.
 *
 * In your own project, import from `stanchion` and `stanchion/crowdhandler`, and set `compatibility_date` to a date
 * from 2024-10-14 on, so that requests which wait for the same thing may share it.
 *
 * @module
 */

import { clientIp, cookieTokens, createGate, failOpen, type Gate, staticFiles } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

interface Env {
  readonly CROWDHANDLER_PUBLIC_KEY: string;
  readonly CROWDHANDLER_API_URL?: string;
}

const gates = new Map<string, Gate>();

/** One gate for the life of the isolate: what it has learned serves all requests. */
function gateOf({ CROWDHANDLER_PUBLIC_KEY: publicKey, CROWDHANDLER_API_URL: apiUrl }: Env): Gate {
  let gate = gates.get(publicKey);
  if (gate === undefined) {
    gate = createGate({
      // The visitor's address is the one that Cloudflare writes into CF-Connecting-IP.
      // Its routes see to it that no other host than yours arrives here, so "publicHosts" may be left out.
      plugins: [
        staticFiles({ roots: ["/assets"] }),
        clientIp(),
        cookieTokens(),
        failOpen(),
        crowdhandler({ publicKey, apiUrl, warn() {} }),
      ],
    });
    gates.set(publicKey, gate);
  }
  return gate;
}

const worker = {
  fetch(request: Request, env: Env, ctx: unknown): Response | Promise<Response> {
    const page = () => new Response(`Welcome to ${new URL(request.url).pathname}\n`);
    // With `env` and `ctx` the gate finds the address, and keeps its work behind the response alive.
    return gateOf(env)(request, page, env, ctx);
  },
};

export { worker as default };
