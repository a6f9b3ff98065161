import type { Context } from "../../src/context.ts";

/** A request for an endpoint: of which room, and which one, as the path says. */
export interface EndpointPath {
  readonly room: string;
  readonly endpoint: string;
}

/** Reads paths such as `/.stanchion/tickets/status`. */
export function endpointReader(path: string): (ctx: Context) => EndpointPath | undefined {
  const start = `${path}/`;
  return (ctx) => {
    // Most requests are none of these, and are not looked at closely.
    if (!ctx.request.url.includes(start)) return undefined;
    const { path: whole } = ctx;
    const at = whole.indexOf(start);
    if (at === -1) return undefined;
    const [room = "", endpoint = "", ...more] = whole.slice(at + start.length).split("/");
    return room === "" || endpoint === "" || more.length > 0 ? undefined : { room, endpoint };
  };
}
