/**
 * Cloudflare Workers. The keys are bindings, which arrive with the first request.
 *
 * @module
 */

import { cookieTokens, createGate, failOpen, type Gate, staticFiles } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

interface Env {
  readonly CROWDHANDLER_PUBLIC_KEY: string;
  readonly CROWDHANDLER_API_URL?: string;
}

const gates = new WeakMap<Env, Gate>();

/** One gate for each set of bindings, which is one for the life of the isolate. */
function gateOf(env: Env): Gate {
  let gate = gates.get(env);
  if (gate === undefined) {
    gate = createGate({
      plugins: [
        staticFiles(),
        cookieTokens(),
        failOpen(),
        crowdhandler({ publicKey: env.CROWDHANDLER_PUBLIC_KEY, apiUrl: env.CROWDHANDLER_API_URL }),
      ],
    });
    gates.set(env, gate);
  }
  return gate;
}

const worker = {
  fetch(request: Request, env: Env, ctx: unknown): Response | Promise<Response> {
    const page = () => new Response(`Welcome to ${new URL(request.url).pathname}\n`);
    return gateOf(env)(request, page, env, ctx);
  },
};

export { worker as default };
