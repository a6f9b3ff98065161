// deno-lint-ignore-file require-await -- whether a function is asynchronous is what is tested here
// `gate.wrap()` gives a handler of the kind that it was given, so that each platform takes it.
import { createGate, type Gate } from "../../mod.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_same: Same<A, B>): void {}

declare const gate: Gate;

// Deno
interface Info {
  readonly remoteAddr: { readonly transport: "tcp"; readonly hostname: string; readonly port: number };
  readonly completed: Promise<void>;
}
declare function denoServe(handler: (request: Request, info: Info) => Response | Promise<Response>): void;
denoServe(gate.wrap(() => new Response()));
denoServe(gate.wrap((_request) => new Response()));
denoServe(gate.wrap(async (_request, info: Info) => new Response(info.remoteAddr.hostname)));
const onDeno = gate.wrap((_request: Request, info: Info) => new Response(info.remoteAddr.hostname));
denoServe(onDeno);
same<Parameters<typeof onDeno>, [request: Request, info: Info]>(true);
same<ReturnType<typeof onDeno>, Response | Promise<Response>>(true);

// Bun
interface Server {
  upgrade(request: Request): boolean;
  requestIP(request: Request): { readonly address: string } | null;
}
declare function bunServe(options: {
  readonly fetch: (request: Request, server: Server) => Response | undefined | Promise<Response | undefined>;
}): void;
const onBun = gate.wrap((request: Request, server: Server): Response | undefined =>
  server.upgrade(request) ? undefined : new Response()
);
bunServe({ fetch: onBun });
same<Parameters<typeof onBun>, [request: Request, server: Server]>(true);
same<ReturnType<typeof onBun>, Response | undefined | Promise<Response | undefined>>(true);

// Workers
interface Env {
  readonly KEY: string;
}
interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
  passThroughOnException(): void;
}
interface ExportedHandler {
  readonly fetch: (request: Request, env: Env, ctx: ExecutionContext) => Response | Promise<Response>;
}
const onWorkers = gate.wrap(async (_request: Request, env: Env, _ctx: ExecutionContext): Promise<Response> =>
  new Response(env.KEY)
);
const worker: ExportedHandler = { fetch: onWorkers };
worker.fetch.length;
same<Parameters<typeof onWorkers>, [request: Request, env: Env, ctx: ExecutionContext]>(true);
same<ReturnType<typeof onWorkers>, Response | Promise<Response>>(true);

// The gate itself
same<ReturnType<typeof gate<Response>>, Response | Promise<Response>>(true);
const answer: Response | undefined | Promise<Response | undefined> = gate(
  new Request("https://shop.example"),
  () => undefined,
);
void answer;

// @ts-expect-error The arguments of the platform are those of the handler.
onBun(new Request("https://shop.example"));
// @ts-expect-error A handler is a function.
gate.wrap(new Response());
// @ts-expect-error A handler takes the request first.
gate.wrap((count: number) => new Response(String(count)));
// @ts-expect-error A handler that needs more than the platform gives does not fit.
denoServe(gate.wrap((_request: Request, server: Server) => new Response(String(server))));
const told: Response | Promise<Response> = gate(
  new Request("https://shop.example"),
  (ctx, decision) => new Response(`${ctx?.path} ${decision.reason}`),
);
void told;
// @ts-expect-error What calls the application takes the context, not the request.
gate(new Request("https://shop.example"), (request: Request) => new Response(request.url));
// @ts-expect-error There is no context while the gate is off.
gate(new Request("https://shop.example"), (ctx) => new Response(ctx.path));
// @ts-expect-error The gate cannot be changed.
gate.errors = 0;
// @ts-expect-error The plan cannot be changed.
gate.plan[0] = { hook: "match", plugins: [] };

// @ts-expect-error A gate has plugins.
createGate({});
// @ts-expect-error A gate has options.
createGate();
// @ts-expect-error The option is called "plugins".
createGate({ plugin: [] });
// @ts-expect-error There is no such option.
createGate({ plugins: [], timeout: 5 });
// @ts-expect-error There is no such mode.
createGate({ plugins: [], mode: "on" });
// @ts-expect-error The mode is told at once.
createGate({ plugins: [], mode: async () => "off" });
// @ts-expect-error An option that is left out is not undefined.
createGate({ plugins: [], mode: undefined });
// @ts-expect-error The clock is a function.
createGate({ plugins: [], now: 5 });
// @ts-expect-error The number is no text.
createGate({ plugins: [], maxPending: "10" });
