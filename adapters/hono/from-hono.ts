import { Hono } from "hono";
import {
  checkBoolean,
  checkFunction,
  checkOptions,
  shapeError,
  valueError,
} from "../../src/options/check.ts";
import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import type { Decision, HeaderChange } from "../../src/decision.ts";
import type { Plugin } from "../../src/plugin.ts";
import { Facts, type StanchionFacts, type StanchionFactVariables } from "../visit.ts";

/** Hono's `MiddlewareHandler`, which may read {@linkcode StanchionFactVariables}. */
export type InspectingMiddleware = (typeof import("./types.ts"))["inspectingMiddleware"];

/** The options of {@linkcode fromHono}. */
export interface FromHonoOptions {
  /**
   * Whether the middleware only looks at the request. One that does more, such as to count requests, is left out when
   * the gate explains.
   *
   * @default {false}
   */
  readonly looksOnly?: boolean;
}

/** What the app of one plugin is handed for one request. */
interface Bindings {
  readonly facts: StanchionFacts;
  /** Whether the middleware let the request on. */
  hasPassed: boolean;
}

type Env = { Bindings: Bindings; Variables: StanchionFactVariables };

const subject = "plugin from a Hono middleware";
/** They describe the empty response that stands for the page. */
const bodyHeaders: readonly string[] = ["content-type", "content-length", "content-encoding"];

/**
 * Makes a plugin of a Hono middleware that looks at a request and lets it on or answers it: `ipRestriction`,
 * `basicAuth`, `bearerAuth`, `csrf`, bot checks. What it answers, by a response or an `HTTPException`, is the gate's
 * answer; any other error is a failure of the plugin.
 *
 * It runs before the application is called, so what it does after `next()` sees an empty response and not the page;
 * the headers that it sets are put on the real one. It sees no body, `c.env` is not the platform's, and for methods other
 * than GET and HEAD the request is a copy. What is about pages, such as `compress` or `etag`, belongs into the app.
 *
 * @param name The plugin's name, in kebab-case.
 * @param middleware The middleware.
 * @param options What the middleware does beside looking.
 * @returns The plugin, whose answers have the reason `<name>/answered`.
 * @throws {TypeError} When an argument has the wrong shape.
 * @throws {RangeError} When the name is not in kebab-case.
 *
 * @example
 * ```ts
 * import { ipRestriction } from "hono/ip-restriction";
 * import { clientIp } from "stanchion";
 * import { fromHono } from "stanchion/hono";
 *
 * const plugins = [
 *   clientIp({ trustedProxies: 1 }),
 *   fromHono(
 *     "blocked-networks",
 *     ipRestriction((c) => c.get("stanchion").address ?? "", { denyList: ["203.0.113.0/24"] }),
 *     { looksOnly: true },
 *   ),
 * ];
 * ```
 */
export function fromHono(
  name: string,
  middleware: InspectingMiddleware,
  options: FromHonoOptions = {},
): Plugin {
  check(name, middleware, options);
  const { looksOnly = false } = options;
  const added: ContextKey<readonly HeaderChange[]> = contextKey(`headers of ${name}`);
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    c.set("stanchion", c.env.facts);
    await next();
  });
  app.use(middleware);
  app.all("*", (c) => {
    c.env.hasPassed = true;
    return c.body(null);
  });
  app.onError((error) => {
    // An HTTPException, of whichever copy of Hono.
    if ("getResponse" in error) return error.getResponse();
    throw error;
  });

  return {
    name,

    async decide(ctx): Promise<Decision | undefined> {
      if (ctx.dryRun && !looksOnly) {
        ctx.note?.("not asked, for it may do more than look");
        return undefined;
      }
      const request = withoutBody(ctx.request);
      if (request === undefined) return { action: "reject", reason: `${name}/method`, status: 405 };
      const env: Bindings = { facts: new Facts(ctx), hasPassed: false };
      const response = await app.fetch(request, env, executionOf(ctx));
      if (!env.hasPassed) return { action: "respond", reason: `${name}/answered`, response };
      const headers = [...response.headers].filter(([name]) => !bodyHeaders.includes(name));
      if (headers.length > 0) ctx.set(added, headers);
      return undefined;
    },

    headers: (ctx) => ctx.get(added),
  };
}

/** The request, or a copy that leaves the body to the application; there is none of a few old methods. */
function withoutBody(request: Request): Request | undefined {
  const { method, url, headers } = request;
  if (method === "GET" || method === "HEAD") return request;
  try {
    return new Request(url, { method, headers });
  } catch {
    return undefined;
  }
}

function executionOf({ platform: { waitUntil } }: Context): ExecutionContext | undefined {
  return waitUntil && { waitUntil, passThroughOnException() {}, props: undefined };
}

type ExecutionContext = NonNullable<Parameters<Hono["fetch"]>[2]>;

function check(name: unknown, middleware: unknown, options: unknown): void {
  const must = 'a name in kebab-case, such as "blocked-networks"';
  if (typeof name !== "string") throw shapeError(subject, "name", must, name);
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) throw valueError(subject, "name", must, name);
  checkFunction(subject, "middleware", middleware);
  checkOptions(subject, options, ["looksOnly"]);
  const { looksOnly } = options as FromHonoOptions;
  if (looksOnly !== undefined) checkBoolean(subject, "looksOnly", looksOnly);
}
