import type { Context } from "../../src/context.ts";
import { detached } from "../../src/crypto/detached.ts";
import { rememberingUrls } from "../../src/url/url-memo.ts";

/** A request for an endpoint: of which room, and which one, as the path says. */
export interface EndpointPath {
  readonly room: string;
  readonly endpoint: string;
}

/** Reads paths such as `/.stanchion/tickets/status`. */
export function endpointReader(path: string): (ctx: Context) => EndpointPath | undefined {
  const start = `${path}/`;
  // Those who wait ask for the same few again and again.
  const read = rememberingUrls((whole: string): EndpointPath | undefined => {
    const at = whole.indexOf(start);
    if (at === -1) return undefined;
    // What is cut out of the path keeps all that the path was cut out of, such as a URL with a token.
    const [room = "", endpoint = "", ...more] = detached(whole).slice(at + start.length).split("/");
    return room === "" || endpoint === "" || more.length > 0 ? undefined : { room, endpoint };
  });
  // Most requests are none of these, and are not looked at closely.
  return (ctx) => ctx.request.url.includes(start) ? read(ctx.path) : undefined;
}
