/** What fragments of the documentation take for granted: values for the run, types for the compiler. */

import { Redis, type RedisOptions } from "ioredis";
import { createGate, failOpen, type Gate } from "../../mod.ts";
import { kvStandIn } from "../support/kv.ts";

type Handler = (request: Request, ...platform: never[]) => unknown;

interface Application {
  (request: Request): Response;
  readonly fetch: (request: Request) => Response;
}

declare global {
  /** The application, as a function. */
  var handler: (request: Request) => Response;
  /** The application, as a Hono app. */
  var app: Application;
  /** Of @hono/node-server. */
  var serve: (options: { readonly fetch: (request: Request) => Response | Promise<Response> }) => void;
  var publicKey: string;
  var privateKey: string;
  var gateOfA: Gate;
  var gateOfB: Gate;
}

function page(): Response {
  return new Response("page");
}

const gate: Gate = createGate({
  plugins: [failOpen(), { name: "open", decide: () => ({ action: "admit", reason: "open/always" }) }],
});
Object.assign(globalThis, {
  handler: page,
  app: Object.assign(() => page(), { fetch: page }),
  serve: (options: { readonly fetch: Handler }) => ask(options.fetch),
  publicKey: "your-public-key",
  privateKey: "your-private-key",
  gateOfA: gate,
  gateOfB: gate,
});

const asked: Promise<void>[] = [];

/** Asks a handler for a file, which no gate of the documentation stops, and expects a response. */
export function ask(handler: Handler): void {
  // What the platform would hand over is left out, as in a test.
  const answer = (handler as (request: Request) => unknown)(new Request("https://shop.example.com/logo.svg"));
  asked.push(
    Promise.resolve(answer).then((response) => {
      if (!(response instanceof Response)) throw new Error("the handler gave no response");
    }),
  );
}

/** Waits for what was asked. */
export async function answers(): Promise<void> {
  await Promise.all(asked.splice(0));
}

/** The client itself, with the options of the block, which waits to be told to connect. */
class UnconnectedRedis extends Redis {
  constructor(url: string | RedisOptions, options: RedisOptions = {}) {
    const [address, others] = typeof url === "string" ? [url, options] : ["redis://127.0.0.1", url];
    super(address, { ...others, lazyConnect: true });
  }
}

/** The platforms as blocks see them when they run. */
export const standIns = {
  Deno: {
    serve: (...args: readonly unknown[]): void => ask(args.at(-1) as Handler),
    env: { get: (_name: string): string | undefined => undefined },
    openKv: (): Promise<unknown> => Promise.resolve(kvStandIn()),
  },
  ioredis: { Redis: UnconnectedRedis },
  workers: { DurableObject: class {} },
  Bun: { serve: (options: { readonly fetch: Handler }): void => ask(options.fetch), env: {} },
  same(actual: unknown, expected: unknown): void {
    if (!Object.is(actual, expected)) {
      throw new Error(`the comment says ${JSON.stringify(expected)}, it is ${JSON.stringify(actual)}`);
    }
  },
};
