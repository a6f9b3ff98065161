import { RequestContext } from "../../src/pipeline/request-context.ts";
import type { Context } from "../../mod.ts";

/** The context in which a gate would run a request; with `notes` it is that of an explanation. */
export function contextOf(
  request: Request,
  platform: readonly unknown[] = [],
  now: () => number = Date.now,
  notes?: string[],
): Context {
  return new RequestContext(request, platform, now, notes && ((remark) => notes.push(remark)));
}
