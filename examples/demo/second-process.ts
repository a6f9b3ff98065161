/**
 * The second process of the shop: the same program, which is told by its parent what to do, and ends with it.
 *
 * @module
 */

import { type ChildProcess, fork } from "node:child_process";
import process from "node:process";
import { StoreError } from "./redis.ts";
import { type RoomShopOptions, startRoomShop } from "./room-shop.ts";

/** A second process. */
export interface SecondProcess {
  /** The address of its shop. */
  readonly url: string;
  /** Ends it. */
  close(): Promise<void>;
}

/** What the second process says once it runs, or why it does not. */
type Said =
  | { readonly url: string }
  | { readonly message: string; readonly isStore: boolean; readonly code?: unknown; readonly port?: unknown };

/** By this the program knows that it is the second process. What it does comes by a message, since an address may have a password. */
const mark = "STANCHION_DEMO_SECOND";
const startMs = 15_000;
const endMs = 5000;

/**
 * Starts the program once more.
 *
 * @param program The file of the program.
 * @param options How its shop runs.
 * @returns The running process.
 */
export async function startSecond(program: string, options: RoomShopOptions): Promise<SecondProcess> {
  const child = fork(program, [], { env: { ...process.env, [mark]: "1" } });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    const url = await started(child, options);
    let isEnding = false;
    child.once(
      "exit",
      () => isEnding || console.warn(`  The process of ${url} has ended; the other one goes on.`),
    );
    return {
      url,
      async close() {
        isEnding = true;
        if (child.connected) child.disconnect();
        const timer = setTimeout(() => child.kill("SIGKILL"), endMs);
        await ended;
        clearTimeout(timer);
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

function started(child: ChildProcess, options: RoomShopOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the second process does not start")), startMs);
    const end = (then: () => void) => (clearTimeout(timer), then());
    child.once("error", (error) => end(() => reject(error)));
    child.once("exit", (code) => end(() => reject(new Error(`the second process ended with code ${code}`))));
    // It is this program that says it.
    child.on("message", (message) => {
      const said = message as Said | "ready";
      if (said === "ready") return void child.send(options);
      if ("url" in said) return end(() => resolve(said.url));
      const { isStore, message: text, code, port } = said;
      end(() => reject(isStore ? new StoreError(text) : Object.assign(new Error(text), { code, port })));
    });
  });
}

/** Whether this is the second process. */
export function isSecond(): boolean {
  return process.env[mark] !== undefined && process.send !== undefined;
}

/** Runs the shop as the parent says, until the parent ends. */
export async function runSecond(): Promise<void> {
  // A terminal interrupts both; the parent says when it is time.
  process.on("SIGINT", () => {});
  const options = await new Promise<RoomShopOptions>((resolve) => {
    // It is this program that says it.
    process.once("message", (message) => resolve(message as RoomShopOptions));
    process.send?.("ready");
  });
  try {
    const shop = await startRoomShop(options);
    const end = () => void shop.close().then(() => process.exit(0));
    process.once("SIGTERM", end);
    process.once("disconnect", end);
    say({ url: shop.url });
  } catch (error) {
    const { message, code, port } = error as Error & { readonly code?: unknown; readonly port?: unknown };
    say({ message, isStore: error instanceof StoreError, code, port });
  }
}

function say(said: Said): void {
  process.send?.(said);
}
