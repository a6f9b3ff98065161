/**
 * The application under test, with Web types only: each platform's own server gets its requests from the network and
 * hands them over together with whatever it adds.
 *
 * The first segment of a path names the gate, the rest the page; `/bare/...` has none. `/control/...` is the suite's.
 */

import { createGates, type Log, type Settings } from "./_gates.ts";
import { createBodies } from "./_bodies.ts";
import { createPages } from "./_pages.ts";

export type { Settings } from "./_gates.ts";

/** A handler, as a platform calls it. Bun's answers an upgrade with `undefined`. */
export type App = (request: Request, ...platform: readonly unknown[]) => unknown;

/** What the suite asks about what happened within. */
export interface Seen extends Log {
  /** The streams whose readers have gone. */
  readonly cancelled: readonly string[];
}

/**
 * Makes the application.
 *
 * @param settings Where the services are.
 * @param upgrade Upgrades a request to a WebSocket in the platform's own way.
 */
export function createApp(
  settings: Settings,
  upgrade: (request: Request, platform: readonly unknown[]) => unknown,
): App {
  const log: Log = { faults: [], outcomes: [], settled: [] };
  const gates = createGates(settings, log);
  const pages = createPages(upgrade, createBodies(settings.originUrl));

  function control(path: string): Response | Promise<Response> {
    const [, what, detail = ""] = path.split("/");
    if (what === "refresh") {
      return gates.refresh().then(
        () => new Response("done"),
        (error) => new Response(String(error), { status: 500 }),
      );
    }
    if (what === "release") pages.release(detail);
    const seen: Seen = { ...log, cancelled: pages.cancelled };
    return Response.json(seen);
  }

  return (request, ...platform) => {
    const { pathname, search } = new URL(request.url);
    const [, name = "", id = ""] = pathname.split("/");
    const path = pathname.slice(name.length + 1) + search;
    if (name === "control") return control(path);
    const page = (_request: Request, ...rest: readonly unknown[]) => pages.serve(request, path, rest);
    if (name === "bare") return page(request, ...platform);
    // Without the platform's arguments nobody keeps what goes on behind the response.
    if (name === "forgetful") return gates.find("settling", id)?.(request, () => page(request, ...platform));
    const gate = gates.find(name, id);
    if (gate === undefined) return new Response("There is no such gate", { status: 404 });
    return gate.wrap(page)(request, ...platform);
  };
}
