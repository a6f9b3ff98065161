/** A Redis as the waiting room uses it: it runs the script, and keeps what it is given. */

import { quietly } from "../../../../src/async/quietly.ts";
import { GateError } from "../../../../src/errors.ts";
import type { RedisCommands } from "./clients.ts";
import { faultOf, isMissingScript } from "./faults.ts";
import { script } from "./script/mod.ts";

/** What is asked of a Redis. Whatever fails is a `GateError`. */
export interface Server {
  /** Sends one command. */
  send(...args: string[]): Promise<unknown>;
  /** Runs the script, and loads it where the server does not have it. */
  evaluate(keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Makes sure, until that was said once, that Redis keeps what it is given. */
  check(): Promise<void>;
}

/** Makes a server of what sends commands. */
export function connect(client: RedisCommands, warn: (message: string) => void): Server {
  let isChecked = false;
  let hash: string | undefined;

  async function sent(args: string[]): Promise<unknown> {
    try {
      return await client(args);
    } catch (error) {
      throw isMissingScript(error) ? error : faultOf(error);
    }
  }

  return {
    send: (...args) => sent(args),
    async evaluate(keys, args) {
      hash ??= await hashOf(script);
      const all = [String(keys.length), ...keys, ...args];
      try {
        return await sent(["EVALSHA", hash, ...all]);
      } catch (error) {
        if (!isMissingScript(error)) throw error;
        // This loads it as well, at whichever server has the keys.
        return await sent(["EVAL", script, ...all]);
      }
    },
    async check() {
      if (isChecked) return;
      const policy = policyOf(await sent(["INFO", "memory"]).catch(unlessLockedOut));
      if (policy !== undefined && policy !== "noeviction") {
        throw new GateError(
          "rejected",
          `Redis has the maxmemory-policy "${policy}" and may drop people's places: set it to "noeviction", or use a Redis of its own`,
        );
      }
      // Another batch may have been here meanwhile.
      if (isChecked) return;
      isChecked = true;
      if (policy !== undefined) return;
      quietly(() =>
        warn(
          'waiting-room: Redis does not tell its maxmemory-policy. Make sure that it is "noeviction", or people may lose their places',
        )
      );
    },
  };
}

/** A server that does not say how it is doing may do its work all the same, unless nothing else will do either. */
function unlessLockedOut(error: unknown): undefined {
  const isForbidden = error instanceof GateError && error.code === "rejected";
  if (isForbidden && !/\b(?:NOAUTH|WRONGPASS)\b/.test(error.message)) return undefined;
  throw error;
}

function policyOf(info: unknown): string | undefined {
  return typeof info === "string" ? /^maxmemory_policy:([\w-]+)/m.exec(info)?.[1] : undefined;
}

/** SHA-1, by which Redis names scripts. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
