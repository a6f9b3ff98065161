/** What a check of the conformance suite works with. */

import assert from "node:assert/strict";
import type { Sandbox } from "../../sandbox/mod.ts";
import { send } from "./_http.ts";
import type { Seen } from "./app.ts";

/** The runtimes on which the suite passes. */
export type Runtime = "deno" | "bun" | "node" | "workerd";

/** A runtime that serves the application, and the services next to it. */
export interface World {
  readonly runtime: Runtime;
  /** Where the application listens, on the loopback. */
  readonly port: number;
  readonly sandbox: Sandbox;
  readonly sandboxUrl: string;
}

/** One thing that holds on every runtime. */
export interface Check {
  /** A sentence about a symbol. */
  readonly name: string;
  /** The runtimes for which it does not apply. */
  readonly not?: readonly Runtime[];
  run(world: World): Promise<void>;
}

/** Asks the application what it has seen. */
export async function seenBy({ port }: World): Promise<Seen> {
  const { text } = await send(port, { path: "/control/seen" });
  // The application writes it.
  return JSON.parse(text) as Seen;
}

/** Waits until something holds. Its limit is there for what never holds; a busy machine is given all the time that it takes. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  if (!await waitUpTo(120_000, holds)) assert.fail(`It never happened that ${what}`);
}

/** Waits until something holds, and says whether it does. Only what may as well never hold is waited for no longer than that. */
export async function waitUpTo(ms: number, holds: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < ms; waitedMs += 25) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

/** A word that no other check uses. */
export function unique(): string {
  return Math.random().toString(36).slice(2);
}
