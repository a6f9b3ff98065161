/**
 * The gate as a middleware of Cloudflare Pages, `functions/_middleware.ts`: before all functions and files of the site. The context tells
 * the address, and takes what goes on behind the answer.
 *
 * In your own project, import from `stanchion` and `stanchion/crowdhandler`. A secret is a variable of the project, here in `env`.
 *
 * @module
 */

import { clientIp, cookieTokens, createGate, failOpen, type Gate } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

/** As much of the context as is used here. */
interface PagesContext {
  readonly request: Request;
  readonly env: { readonly CROWDHANDLER_PUBLIC_KEY: string; readonly CROWDHANDLER_API_URL?: string };
  next(): Promise<Response>;
  waitUntil(work: Promise<unknown>): void;
}

const gates = new Map<string, Gate>();

/** One gate for the life of the isolate: what it has learned serves all requests. */
function gateOf(
  { CROWDHANDLER_PUBLIC_KEY: publicKey, CROWDHANDLER_API_URL: apiUrl }: PagesContext["env"],
): Gate {
  let gate = gates.get(publicKey);
  if (gate === undefined) {
    gate = createGate({
      // The platform sees to it that no other host than yours arrives here, so "publicHosts" may be left out.
      plugins: [clientIp(), cookieTokens(), failOpen(), crowdhandler({ publicKey, apiUrl })],
    });
    gates.set(publicKey, gate);
  }
  return gate;
}

/** What Pages calls. */
export async function onRequest(context: PagesContext): Promise<Response> {
  return await gateOf(context.env)(context.request, () => context.next(), context);
}
