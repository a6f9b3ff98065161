import { RequestContext } from "../../src/pipeline/request-context.ts";
import { hostsOf, suppliesOf } from "../../src/pipeline/supplies.ts";
import { pageUrlsAt } from "../../src/url/page-url.ts";
import { siteOf } from "../../src/url/public-hosts.ts";
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
  const site = siteOf(hostsOf(plugins));
  const source = {
    ...suppliesOf(plugins, report),
    clock: now,
    site,
    pageUrl: pageUrlsAt(site),
    caseSensitive: false,
  };
  return new RequestContext(request, platform, source, notes && ((remark) => notes.push(remark)));
}
