/**
 * Three servers in one process, a bare one, one with the gate and one that does no more than no gate can do without, loaded in turns by other
 * processes. What counts is the processor time of their process for a request, with what the system does for it.
 */

import type { Median, Target, Values } from "./_question.ts";
import { cpuInTurns } from "./_loaded-turns.ts";
import { type Handler, listen } from "./_server.ts";

/** The names of the three. */
export const bare = "bare server of the same bytes: CPU, µs a request";
export const gated = "with the gate: CPU, µs a request";
export const needed = "bare server that also does what no gate can do without: CPU, µs a request";

/** What of the bare server's speed is to be kept, and what the floor keeps of it. */
export function keeps(
  { kind, claim, atLeast, floor }: {
    readonly kind: string;
    readonly claim: string;
    readonly atLeast: number;
    readonly floor: string;
  },
): Target {
  const kept = (name: string) => (median: Median) => median(kind, bare) / median(kind, name);
  return { claim, value: kept(gated), atLeast, floor: { of: floor, value: kept(needed) } };
}

/** What is asked, and of which handlers. */
export interface Sides {
  /** The address, of a host that both servers are told. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bare: Handler;
  readonly gated: Handler;
  readonly needed: Handler;
  /** How long each of them is loaded, in turns. */
  readonly seconds: number;
  /** Whether every answer is to be an error. @default {false} */
  readonly isError?: boolean;
}

/** Measures all of them. */
export async function sideBySide(
  { target, headers, seconds, isError = false, ...handlers }: Sides,
): Promise<Values> {
  const { host } = new URL(target);
  const at = async (fetch: Handler) => target.replace(host, `127.0.0.1:${await listen(fetch)}`);
  const all = { Host: host, ...headers };
  const servers = [
    { name: bare, target: await at(handlers.bare), headers: all },
    { name: needed, target: await at(handlers.needed), headers: all },
    { name: gated, target: await at(handlers.gated), headers: all },
  ];
  return await cpuInTurns(servers, { connections: 64, seconds, isError });
}

/** A handler that first reads the least that any gate reads of a request. */
export function reading(handler: (request: Request) => Response): (request: Request) => Response {
  return (request) => request.url === request.headers.get("cookie") ? new Response() : handler(request);
}

/** A handler that sends an answer again and again, of a plain object unless a header comes twice. */
export async function repeating(answer: Response): Promise<() => Response> {
  const { status } = answer;
  const fields = [...answer.headers];
  const record = Object.fromEntries(fields);
  const headers = Object.keys(record).length === fields.length ? record : fields;
  const text = await answer.text();
  return () => new Response(text === "" ? null : text, { status, headers });
}
