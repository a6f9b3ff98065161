/** What Redis and its clients fail with. */

import { type FailureCode, GateError } from "../../../../src/errors.ts";

/** What the word means that an error of Redis begins with. Errors without one are those of connections. */
const words: Readonly<Record<string, readonly [code: FailureCode, meaning: string]>> = {
  LOADING: ["unreachable", "it is still loading its data"],
  READONLY: [
    "unreachable",
    "it is a replica, which takes no changes: is a failover under way, or is the address that of a replica?",
  ],
  MASTERDOWN: ["unreachable", "it has lost its master"],
  CLUSTERDOWN: ["unreachable", "its cluster is down"],
  TRYAGAIN: ["unreachable", "its cluster is moving the room's keys"],
  NOREPLICAS: ["unreachable", "too few of its replicas answer"],
  MISCONF: ["unreachable", "it cannot write to its disk, and takes no changes"],
  BUSY: ["overloaded", "another script has been running there for too long"],
  OOM: ["overloaded", 'its memory is full: raise "maxmemory"'],
  NOAUTH: ["rejected", "it asks for a password"],
  WRONGPASS: ["rejected", "the user or the password is wrong"],
  NOPERM: [
    "rejected",
    "the user may not run what the waiting room needs: EVALSHA, EVAL, GET and SET on its keys",
  ],
  MOVED: ["rejected", "it is a node of a cluster, and the client is not one for clusters"],
  ASK: ["rejected", "it is a node of a cluster, and the client is not one for clusters"],
  CROSSSLOT: ["rejected", "it does not know the hash tag that keeps a room's keys together"],
  WRONGTYPE: [
    "malformed",
    "one of the room's keys holds something else: another program uses the same prefix",
  ],
  ERR: ["rejected", "it does not understand the script: is it older than 6.2, or no Redis?"],
};

/**
 * Makes a fault of what a client threw. Its text says what Redis said by the first word only, and the error itself is not handed on:
 * clients quote addresses in them, and the arguments of the call.
 */
export function faultOf(error: unknown): GateError {
  if (error instanceof GateError) return error;
  const word = wordOf(error);
  const line = word === "ERR" ? lineOf(error) : undefined;
  if (line !== undefined) {
    return new GateError("internal", `The script of the waiting room failed in its line ${line}`);
  }
  if (word === undefined) {
    return new GateError("unreachable", "The connection to Redis failed, or there is none");
  }
  const [code, meaning] = Object.hasOwn(words, word) ? words[word] ?? unknown : unknown;
  return new GateError(code, `Redis refused with ${word}: ${meaning}`);
}

const unknown: readonly [FailureCode, string] = ["rejected", "a reason that is not known here"];

/** Whether Redis does not have the script, as after a restart. */
export function isMissingScript(error: unknown): boolean {
  return wordOf(error) === "NOSCRIPT";
}

/** The word in capitals that an error of Redis begins with. */
function wordOf(error: unknown): string | undefined {
  const message = messageOf(error);
  const [, word] = /^-?([A-Z]{3,})(?: |$)/.exec(message) ?? [];
  // Those of connections, such as ECONNRESET, begin like this as well.
  if (word === undefined || /^E[A-Z]{4,}$/.test(word)) return undefined;
  // Before 7.0 what happened in a script is told by the line where it did.
  return word === "ERR" ? /@user_script:? ?\d+: -?([A-Z]{3,}) /.exec(message)?.[1] ?? word : word;
}

/** Where the script itself failed. */
function lineOf(error: unknown): string | undefined {
  return /user_script: ?(\d+): /.exec(messageOf(error))?.[1];
}

function messageOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("message" in error)) return "";
  return typeof error.message === "string" ? error.message : "";
}
