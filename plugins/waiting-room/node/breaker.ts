import { crowdCodes, type GateError, ServiceError } from "../../../src/errors.ts";

/** After how many failures in a row the store is left alone, and for how long, in milliseconds. */
const failuresInARow = 3;
const openMs = 1000;

/** Keeps calls from a store that fails, for a second at a time. */
export interface StoreBreaker {
  /** The failure of a call that must not be made now; `undefined` while calls may be made. */
  refusal(): GateError | undefined;
  /** Says that the store answered. */
  answered(): void;
  /** Says that a call failed. What a crowd may bring about keeps no calls from the store. */
  failed(cause: GateError): void;
  /** Whether the last call failed. A store whose memory is full fails as well, whoever filled it. */
  readonly isFailing: boolean;
}

/**
 * Makes a breaker. It has no state of its own for the trial after the second: calls of a room are made one at a time, and the next
 * failure closes the way again at once.
 *
 * @param what What is called, for messages: `store "redis"`.
 * @param now A clock that does not jump, in milliseconds.
 */
export function createStoreBreaker(what: string, now: () => number): StoreBreaker {
  let failures = 0;
  let openedAt = Number.NEGATIVE_INFINITY;
  let last: GateError | undefined;
  let isFailing = false;

  return {
    refusal() {
      if (last === undefined || failures < failuresInARow || now() - openedAt >= openMs) return undefined;
      const message = `The ${what} was not asked: it failed ${failures} times in a row (${last.message})`;
      return new ServiceError(last.code, message, { cause: last });
    },
    answered() {
      failures = 0;
      last = undefined;
      isFailing = false;
    },
    failed(cause) {
      isFailing = true;
      if (crowdCodes.includes(cause.code)) return;
      failures++;
      last = cause;
      if (failures >= failuresInARow) openedAt = now();
    },
    get isFailing() {
      return isFailing;
    },
  };
}
