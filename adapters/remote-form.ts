import type { Decision } from "../src/decision.ts";
import type { Gate } from "../src/gate.ts";
import { viewOf } from "./router-call.ts";

/**
 * A remote form of SvelteKit that is sent to a page, as a request to the function itself; `undefined` for all else. Any page takes those of the whole
 * application: which one it is is the visitor's word.
 *
 * @param path The path of the page, as SvelteKit reads it.
 * @param remotes The path below which remote functions have their addresses, with a slash at the end.
 */
export function remoteFormOf(request: Request, path: string, remotes: string): Request | undefined {
  const id = request.method === "POST" ? new URL(request.url).searchParams.get("/remote") : null;
  if (!id) return undefined;
  // Behind its hash and its name there is what the form is made for, which might lead elsewhere.
  const address = id.split("/").slice(0, 2).map(encodeURIComponent).join("/");
  const headers = new Headers(request.headers);
  // Nobody can come back to the address of a function.
  if (!headers.has("referer")) headers.set("referer", path);
  return viewOf(request, { url: new URL(remotes + address, request.url).href, headers });
}

/**
 * Whether who was let in to a function is let in to the page of the form by the same: it is behind the same room. Decided about twice, a visitor
 * without a place would take two.
 *
 * @param decision What was decided about the function.
 * @param page The request for the page.
 */
export async function isLetInto(
  gate: Gate,
  decision: Decision,
  page: Request,
  ...platform: readonly unknown[]
): Promise<boolean> {
  if (decision.action !== "admit" || decision.facts?.proven === undefined || !decision.facts.room) {
    return false;
  }
  const explained = await gate.explain(page, ...platform);
  return explained.decision.facts?.room === decision.facts.room;
}
