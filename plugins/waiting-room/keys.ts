import { withDeadline } from "../../src/async/deadline.ts";
import { endsWithRequest } from "../../src/async/ends-with-request.ts";
import type { Loop } from "../../src/async/loop.ts";
import { GateError, ServiceError } from "../../src/errors.ts";
import { kindOf } from "../../src/pipeline/kind-of.ts";
import { lazily } from "./lazily.ts";
import type { RoomStore } from "./stores/store.ts";
import { newSecretKey } from "./tickets/mod.ts";

/** How keys are come by. */
export interface KeysOptions {
  readonly secretKeys: readonly string[] | undefined;
  readonly store: RoomStore;
  readonly timeoutMs: number;
  readonly warn: (message: string) => void;
  readonly loop: Loop;
}

/** After how long a shared store is asked again, in milliseconds. */
const againMs = 10_000;
/** How many keys are kept of those that the store had one after the other. */
const mostKept = 4;

/** Gives the keys: at once where they are known. */
export type Keys = () => readonly string[] | Promise<readonly string[]>;

/**
 * Comes by the keys that sign: those of the owner, one that is made for this process, or one that is made once in the store that others
 * share.
 *
 * A shared store that was wiped has no key any more, and whoever comes first puts one there. So it is offered the one that is known now
 * and then; where it has another one, that signs from then on, and both verify. Otherwise processes that began before and after that
 * would know nobody of the other ones, and give everybody a new number at each request.
 *
 * @throws {TypeError} Where a shared store cannot keep one.
 */
export function createKeys({ secretKeys, store, timeoutMs, warn, loop }: KeysOptions): Keys {
  if (secretKeys !== undefined) return () => secretKeys;
  const own = lazily((): readonly [string] => [newSecretKey()]);
  if (!store.isShared && store.secret === undefined) {
    warn(
      "waiting-room: there are no secretKeys, so one was made up for this process; after a restart nobody's place is known",
    );
    return own;
  }
  if (store.secret === undefined) {
    throw new TypeError(
      `Cannot create waiting-room plugin: "secretKeys" must be given, because the store "${store.name}" keeps no secret for all processes`,
    );
  }
  let known: readonly string[] | undefined;
  let asking: Promise<readonly string[]> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  const ask = async () => {
    try {
      const kept = await withDeadline(
        Promise.resolve(store.secret?.(known?.[0] ?? own()[0])),
        timeoutMs,
        `The store "${store.name}", asked for its key,`,
      );
      if (typeof kept !== "string" || kept.length < 32) {
        throw new ServiceError("malformed", `The store "${store.name}" keeps a key that is too short`);
      }
      // Whoever has the list sees by it whether it changed.
      if (known?.[0] !== kept) known = [...new Set([kept, ...known ?? []])].slice(0, mostKept);
      return known;
    } catch (cause) {
      if (cause instanceof GateError) throw cause;
      throw new ServiceError("unreachable", `The store "${store.name}" failed: ${kindOf(cause)}`, { cause });
    } finally {
      asking = undefined;
    }
  };
  return () => {
    const sinceMs = loop.now() - askedAt;
    if (known !== undefined && (!store.isShared || sinceMs < againMs)) return known;
    // Some platforms end timers and answers with the request that began them: what is long overdue is given up, or each asks for itself.
    const goesOn = !endsWithRequest && sinceMs < 4 * timeoutMs;
    if (known === undefined && asking !== undefined && goesOn) return asking;
    askedAt = loop.now();
    asking = ask();
    if (known === undefined) return asking;
    // What is known is good meanwhile, and when that fails.
    asking.catch(() => {});
    return known;
  };
}
