import { RequestContext } from "../../src/pipeline/request-context.ts";
import { suppliesOf } from "../../src/pipeline/supplies.ts";
import type { Context, GateError, Plugin } from "../../mod.ts";

/** The context in which a gate of such plugins would run a request; with `notes` it is that of an explanation. */
export function contextOf(
  request: Request,
  platform: readonly unknown[] = [],
  now: () => number = Date.now,
  notes?: string[],
  plugins: readonly Plugin[] = [],
  report: (error: GateError) => void = () => {},
): Context {
  const source = { ...suppliesOf(plugins, report), clock: now };
  return new RequestContext(request, platform, source, notes && ((remark) => notes.push(remark)));
}
