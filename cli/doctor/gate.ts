import { clientIp } from "../../plugins/client-ip.ts";
import { failClosed } from "../../plugins/failure-policy/mod.ts";
import type { Context } from "../../src/context.ts";
import type { Decision } from "../../src/decision.ts";
import type { GateError } from "../../src/errors.ts";
import { createGate } from "../../src/gate.ts";
import type { Decider, Plugin, Provider } from "../../src/plugin.ts";
import { UsageError } from "../arguments.ts";
import type { DoctorCommand } from "./command.ts";

/** What became of one visit. */
export interface Visited {
  readonly decision: Decision;
  readonly failure: GateError | undefined;
  readonly ctx: Context;
}

/** A page as the gate knows it. */
export interface SeenPage {
  readonly url: string;
  readonly readings: readonly string[];
  readonly caseSensitive: boolean;
  /** The visitor's address, as the service is told it. */
  readonly address: string | undefined;
}

/** Who decides where only the page is looked at. */
const nobody: Provider = {
  name: "nobody",
  final: "decide",
  decide: () => ({ action: "admit", reason: "nobody/looked" }),
};

/** Looks at the page of a command through a gate. Nobody is asked anything. */
export async function seePage(command: DoctorCommand, now: () => number): Promise<SeenPage> {
  const { ctx } = await visit(command, now, nobody, undefined);
  const { returnUrl: url, readings, caseSensitive, address } = ctx;
  return { url, readings, caseSensitive, address };
}

/** Lets a visitor come to the page of a command, for real: the provider asks its service. */
export async function visit(
  command: DoctorCommand,
  now: () => number,
  provider: Provider,
  cookie: string | undefined,
): Promise<Visited> {
  const { url, address } = command;
  let resolve: (visited: Visited) => void = () => {};
  const promise = new Promise<Visited>((done) => resolve = done);
  const watch: Plugin = {
    name: "doctor",
    settled: (ctx, { decision, failure }) => resolve({ decision, failure, ctx }),
  };
  const gate = createGate({
    publicHosts: [new URL(url).host],
    plugins: [watch, addressOf(command), failClosed(), provider],
    now,
    onError: () => {},
  });
  const request = new Request(url, { headers: headersOf(command, cookie) });
  const platform = address === undefined ? [] : [{ remoteAddr: { hostname: address } }];
  await gate(request, () => new Response(null), ...platform);
  return await promise;
}

function addressOf(
  { trustedProxies, addressHeader: header }: DoctorCommand,
): ReturnType<typeof clientIp> | Decider {
  try {
    return clientIp({
      warn: () => {},
      ...(trustedProxies !== undefined && { trustedProxies }),
      ...(header !== undefined && { header }),
    });
  } catch (error) {
    const words = error instanceof Error ? error.message.replace(/^[^:]*: /, "") : "";
    const named = words.replace('"trustedProxies"', "--trusted-proxies").replace(
      '"header"',
      "--address-header",
    );
    throw new UsageError(named);
  }
}

function headersOf({ headers }: DoctorCommand, cookie: string | undefined): Headers {
  const all = new Headers(headers.map(([...pair]) => pair));
  if (!all.has("user-agent")) all.set("user-agent", "stanchion-doctor");
  const own = all.get("cookie");
  if (cookie !== undefined) all.set("cookie", own === null ? cookie : `${own}; ${cookie}`);
  return all;
}
