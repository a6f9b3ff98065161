import { withDeadline } from "../../src/async/deadline.ts";
import { GateError, ServiceError } from "../../src/errors.ts";
import { kindOf } from "../../src/pipeline/kind-of.ts";
import type { RoomStore } from "./stores/store.ts";
import { newSecretKey } from "./tickets/mod.ts";

/** How keys are come by. */
export interface KeysOptions {
  readonly secretKeys: readonly string[] | undefined;
  readonly store: RoomStore;
  readonly timeoutMs: number;
  readonly warn: (message: string) => void;
}

/** Gives the keys: at once where they are known. */
export type Keys = () => readonly string[] | Promise<readonly string[]>;

/**
 * Comes by the keys that sign: those of the owner, one that is made for this process, or one that is made once in the store that others
 * share.
 *
 * @throws {TypeError} Where a shared store cannot keep one.
 */
export function createKeys({ secretKeys, store, timeoutMs, warn }: KeysOptions): Keys {
  if (secretKeys !== undefined) return () => secretKeys;
  const made = newSecretKey();
  if (!store.isShared && store.secret === undefined) {
    warn(
      "waiting-room: there are no secretKeys, so one was made up for this process; after a restart nobody's place is known",
    );
    return () => [made];
  }
  if (store.secret === undefined) {
    throw new TypeError(
      `Cannot create waiting-room plugin: "secretKeys" must be given, because the store "${store.name}" keeps no secret for all processes`,
    );
  }
  let known: readonly string[] | undefined;
  let asking: Promise<readonly string[]> | undefined;
  const ask = async () => {
    try {
      const kept = await withDeadline(
        Promise.resolve(store.secret?.(made)),
        timeoutMs,
        `The store "${store.name}", asked for its key,`,
      );
      if (typeof kept !== "string" || kept.length < 32) {
        throw new ServiceError("malformed", `The store "${store.name}" keeps a key that is too short`);
      }
      return known = [kept];
    } catch (cause) {
      if (cause instanceof GateError) throw cause;
      throw new ServiceError("unreachable", `The store "${store.name}" failed: ${kindOf(cause)}`, { cause });
    } finally {
      asking = undefined;
    }
  };
  return () => known ?? (asking ??= ask());
}
