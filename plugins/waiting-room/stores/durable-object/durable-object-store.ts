/**
 * Rooms in Durable Objects.
 *
 * @module
 */

import { type FailureCode, failureCodes, ServiceError } from "../../../../src/errors.ts";
import { checkFunction, shapeError } from "../../../../src/options/check.ts";
import { kindOf } from "../../../../src/pipeline/kind-of.ts";
import type { RoomStatus } from "../../machine/mod.ts";
import type { BatchResult, RoomStore } from "../store.ts";
import type { ObjectAnswer, ObjectNamespace } from "./platform.ts";

/** How many people a minute may come to a room: an object is one thread. */
const mostAdmissions = 10_000;
/** How many may be present and inside: an object has 128 MB of memory. */
const mostPeople = 100_000;
/** The name of the object that keeps the secret. No room's key has a slash. */
const secretName = "stanchion/secret";

/**
 * Keeps each room in a Durable Object of its own: it is one thread with an SQLite database, so that all Workers see one room.
 *
 * Its class is {@linkcode roomObject}. An object that is moved, updated or evicted goes on where it was.
 *
 * @param namespace The binding of that class.
 * @returns The store.
 * @throws {TypeError} When the binding is none.
 *
 * @example
 * ```ts
 * import { durableObjectStore, type ObjectNamespace } from "stanchion/waiting-room/durable-object";
 *
 * export function storeOf(env: { readonly ROOMS: ObjectNamespace }) {
 *   return durableObjectStore(env.ROOMS);
 * }
 * ```
 */
export function durableObjectStore<Id>(namespace: ObjectNamespace<Id>): RoomStore {
  const subject = "Durable Object store";
  if (typeof namespace !== "object" || namespace === null) {
    throw shapeError(subject, "namespace", "the binding of a Durable Object's class", namespace);
  }
  for (const method of ["idFromName", "get"] as const) {
    checkFunction(subject, `namespace.${method}`, namespace[method]);
  }

  /** Asks an object once more where the platform says that this is of use: after it was moved or updated. What it did is not done twice. */
  async function reach(name: string, path: string, body: string): Promise<ObjectAnswer> {
    try {
      return await ask(name, path, body);
    } catch (cause) {
      if (!isTrue(cause, "retryable") || isTrue(cause, "overloaded")) throw cause;
      return await ask(name, path, body);
    }
  }

  /** A stub that failed once may fail for ever: each call has its own. */
  function ask(name: string, path: string, body: string): Promise<ObjectAnswer> {
    const stub = namespace.get(namespace.idFromName(name));
    return stub.fetch(`https://room.invalid${path}`, { method: "POST", body });
  }

  async function call(name: string, path: string, body: unknown): Promise<unknown> {
    let answer: ObjectAnswer;
    let told: unknown;
    try {
      answer = await reach(name, path, JSON.stringify(body));
      told = await answer.json();
    } catch (cause) {
      const code = isTrue(cause, "overloaded") ? "overloaded" : "unreachable";
      throw new ServiceError(code, `The Durable Object of the room failed (${kindOf(cause)})`, { cause });
    }
    if (answer.ok) return told;
    const { code, message } = told as { readonly code?: unknown; readonly message?: unknown };
    const known = failureCodes.find((each): each is FailureCode => each === code);
    throw new ServiceError(known ?? "malformed", String(message));
  }

  return {
    name: "durable-object",
    isShared: true,
    batchesItself: true,
    timeoutMs: 1500,
    bounds: { people: mostPeople, admissionsPerMinute: mostAdmissions },
    async run(room, batch) {
      // The class is roomObject()'s, which answers what the machine answers.
      return await call(room, "/run", batch) as BatchResult;
    },
    async status(room) {
      return (await call(room, "/status", {}) as { readonly status?: RoomStatus }).status;
    },
    async record(room, text) {
      await call(room, "/record", { text });
    },
    async records(room) {
      return (await call(room, "/records", {}) as { readonly records: readonly string[] }).records;
    },
    async secret(offered) {
      return (await call(secretName, "/secret", { offered }) as { readonly secret: string }).secret;
    },
  };
}

function isTrue(cause: unknown, name: string): boolean {
  return typeof cause === "object" && cause !== null && name in cause &&
    (cause as Readonly<Record<string, unknown>>)[name] === true;
}
