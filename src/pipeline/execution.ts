import { leave } from "../async/maybe-promise.ts";
import { at, field, hasMethod, hasObject, text } from "./hand-over.ts";

/** What keeps a platform alive after a response. */
export interface Execution {
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** Whether it is that of Cloudflare's platform, which itself writes `CF-Connecting-IP` into the request. */
  readonly isWorkers: boolean;
}

/** Where frameworks keep the execution context of the platform below. */
const paths: readonly (readonly string[])[] = [
  ["ctx"], // WorkerEntrypoint and Durable Objects of Workers
  ["context"], // Hono on Netlify; srvx on Cloudflare, Netlify and Vercel
  ["platform", "ctx"], // SvelteKit on Cloudflare
  ["platform", "context"], // SvelteKit on Cloudflare and Netlify
  ["locals", "cfContext"], // Astro on Cloudflare, since version 6
  ["locals", "runtime", "ctx"], // Astro on Cloudflare, before
  ["locals", "netlify", "context"], // Astro on Netlify
  ["locals", "vercel", "edge"], // Astro on Vercel, in its middleware at the edge
  ["cloudflare", "ctx"], // React Router on Cloudflare
  ["context", "cloudflare", "context"], // Nitro 2 on Cloudflare
  ["req"], // h3 2
];

/**
 * Finds what has `waitUntil`: an argument, the last one first, then what frameworks keep in them, then the request of srvx. The
 * platform is Cloudflare's if any of them is.
 */
export function executionOf(
  request: Request,
  args: readonly unknown[],
  runtimes: readonly unknown[],
): Execution | undefined {
  let found: Host | undefined;
  for (let place = args.length - 1; place >= 0; place--) {
    const host = args[place];
    if (!hasMethod(host, "waitUntil")) continue;
    found ??= host;
    if (isWorkers(host) && (place > 0 || isFirst(request, host))) return execution(found, true);
  }
  for (const holder of [...args, ...runtimes]) {
    for (const path of paths) {
      const host = at(holder, path);
      if (!hasMethod(host, "waitUntil")) continue;
      found ??= host;
      if (isWorkers(host)) return execution(found, true);
    }
  }
  const last: unknown = request;
  if (hasMethod(last, "waitUntil")) found ??= last;
  return found && execution(found, false);
}

interface Host {
  readonly waitUntil: (promise: unknown) => unknown;
}

function execution(host: Host, isWorkers: boolean): Execution {
  return { waitUntil: (promise) => leave(host.waitUntil(promise)), isWorkers };
}

/** The event of Next's proxy has the same methods, on any server; it alone names a page. */
function isWorkers(host: unknown): boolean {
  return hasMethod(host, "passThroughOnException") && text(host, "sourcePage") === undefined;
}

/**
 * Whether a first argument is one of Cloudflare: the context of a Pages function (`EventContext` of its types), or the event of
 * a service worker, whose request has `cf`. Others have events of that form.
 */
function isFirst(request: Request, arg: unknown): boolean {
  return text(arg, "functionPath") !== undefined ||
    (hasObject(request, "cf") && field(arg, "request") === request);
}
