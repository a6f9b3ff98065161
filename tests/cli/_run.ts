/** Runs the command within the test, with files, an environment and a standard input of the test's own. */

import { parseArgs } from "node:util";
import type { Host, Network } from "../../cli/host.ts";
import { run } from "../../cli/run.ts";

/** What the command left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A machine without a network. */
const alone: Network = {
  fetch: () => Promise.reject(new TypeError("fetch failed")),
  lookup: () => Promise.reject(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" })),
  connect: () => Promise.reject(Object.assign(new Error("connect ENETUNREACH"), { code: "ENETUNREACH" })),
};

/** Runs the command. Files are texts or bytes by their names; `-` is the standard input. */
export async function stanchion(
  args: readonly string[],
  files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {},
  env: Readonly<Record<string, string>> = {},
  machine: Partial<Pick<Host, "ask" | "network" | "now">> = {},
): Promise<Ran> {
  const said = { out: "", err: "" };
  const code = await run(args, {
    read(path) {
      const file = files[path];
      if (file === undefined) {
        return Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" }));
      }
      return Promise.resolve(typeof file === "string" ? new TextEncoder().encode(file) : file);
    },
    env: (name) => env[name],
    version: () => Promise.resolve("1.2.3"),
    out: (text) => void (said.out += `${text}\n`),
    err: (text) => void (said.err += `${text}\n`),
    parse: parseArgs,
    network: alone,
    now: Date.now,
    ...machine,
  });
  return { code, ...said };
}

/** A part of a trigger on the path. */
export function onPath(value: string): object {
  return { ValidatorType: "UrlValidator", UrlPart: "PagePath", Operator: "Contains", ValueToCompare: value };
}

/** An integration that can be used. */
export function integration(name: string, parts: readonly object[], more: object = {}): object {
  return {
    Name: name,
    ActionType: "Queue",
    EventId: "gala",
    QueueDomain: "example.queue-it.net",
    CookieValidityMinute: 20,
    Triggers: [{ LogicalOperator: "And", TriggerParts: parts }],
    ...more,
  };
}

/** The text of a configuration. */
export function configuration(integrations: readonly unknown[], more: object = {}): string {
  return JSON.stringify({ Version: 3, CustomerId: "example", Integrations: integrations, ...more });
}
