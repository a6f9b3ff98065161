import type { Platform } from "../context.ts";
import { type Execution, executionOf } from "./execution.ts";
import { field, runtimesOf } from "./hand-over.ts";
import { peerAddressOf } from "./peer-address.ts";
import { SaidPlatform } from "./said-platform.ts";

/** Nothing is known of the connection: the platform gave no extra arguments, or unknown ones. */
const unknownPlatform: Platform = { peerAddress: undefined, waitUntil: undefined };

/**
 * Finds out what the platform tells of the connection: what `platform()` says, which counts first, and else by the shape of
 * what is handed over beside the request.
 *
 * | platform | arguments | peer address |
 * |---|---|---|
 * | Deno, Deno Deploy | `info` | `info.remoteAddr.hostname` |
 * | Bun, Elysia | `server`, `{ server }` | `server.requestIP(request).address` |
 * | Workers | `env, ctx` | `CF-Connecting-IP`, which the platform itself writes |
 * | Workers | the `WorkerEntrypoint`, or the context of a Pages function | the same |
 * | Node | the request of its server; `{ incoming, outgoing }` of `@hono/node-server` | `socket.remoteAddress` |
 * | Express, Fastify, Koa, h3 1 | the request, context or event | `socket.remoteAddress` of the request within |
 * | h3 2, srvx | nothing; the event | that of the server below, by `request.runtime` |
 * | SvelteKit | the event | `event.getClientAddress()` |
 * | Astro | the context | `context.clientAddress` |
 * | Netlify | the context | `context.ip` |
 * | AWS Lambda | the event of API Gateway, of a function URL, of Lambda@Edge | `sourceIp`, `clientIp` |
 * | Fastly Compute | the event | `event.client.address` |
 *
 * Nothing is read of what a visitor writes (headers, query, parameters, cookies, body), nor of what a framework may have
 * read there (`ip` of Express, Fastify and srvx).
 */
export function platformOf(request: Request, args: readonly unknown[]): Platform {
  const runtimes = runtimesOf(request, args);
  return args.length === 0 && runtimes.length === 0
    ? unknownPlatform
    : new RecognisedPlatform(request, args, runtimes);
}

/** What one platform tells. Each half is looked for when it is first asked for. */
class RecognisedPlatform implements Platform {
  readonly #request: Request;
  readonly #args: readonly unknown[];
  readonly #runtimes: readonly unknown[];
  readonly #said: SaidPlatform | undefined;
  /** `""` for one that is not known. */
  #peerAddress: string | undefined;
  /** `null` where there is none. */
  #execution: Execution | null | undefined;

  constructor(request: Request, args: readonly unknown[], runtimes: readonly unknown[]) {
    this.#request = request;
    this.#args = args;
    this.#runtimes = runtimes;
    this.#said = saidIn(args);
  }

  get peerAddress(): string | undefined {
    const said = this.#said;
    if (said?.says("peerAddress")) return said.peerAddress || undefined;
    this.#peerAddress ??= peerAddressOf(
      this.#request,
      this.#runtimes.length === 0 ? this.#args : [...this.#args, ...this.#runtimes],
      () => this.#found()?.isWorkers === true,
    ) ?? "";
    return this.#peerAddress || undefined;
  }

  get waitUntil(): Platform["waitUntil"] {
    const said = this.#said;
    return said?.says("waitUntil") ? said.waitUntil : this.#found()?.waitUntil;
  }

  #found(): Execution | undefined {
    if (this.#execution === undefined) {
      this.#execution = executionOf(this.#request, this.#args, this.#runtimes) ?? null;
    }
    return this.#execution ?? undefined;
  }
}

/** The last one counts: an adapter may stand before another one. */
function saidIn(args: readonly unknown[]): SaidPlatform | undefined {
  for (let place = args.length - 1; place >= 0; place--) {
    const arg = args[place];
    if (SaidPlatform.is(arg)) return arg;
    const inside = field(arg, "platform");
    if (SaidPlatform.is(inside)) return inside;
  }
  return undefined;
}
