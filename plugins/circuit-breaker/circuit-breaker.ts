/**
 * Stops asking a service that fails, so that an outage does not add its timeout to every page.
 *
 * @module
 */

import {
  checkFunction,
  checkNumber,
  checkRules,
  checkSyncFunction,
  integer,
  type Subject,
  valueError,
} from "../../src/options/check.ts";
import { crowdCodes, type FailureCode, failureCodes } from "../../src/errors.ts";
import { checkServiceProvider } from "../../src/options/check-provider.ts";
import type { Provider } from "../../src/plugin.ts";
import { guarded } from "../../src/guarded.ts";
import { Breaker, type BreakerChange } from "./breaker.ts";
import { checkCodes } from "../../src/options/check-codes.ts";

/** The options of {@linkcode circuitBreaker}. */
export interface CircuitBreakerOptions {
  /**
   * After how many failures in a row it opens. A call that succeeds begins the row anew.
   *
   * @default {5}
   */
  readonly failures?: number;
  /**
   * How long a failure counts, in milliseconds.
   *
   * @default {10_000}
   */
  readonly windowMs?: number;
  /**
   * How long it stays open at first, in milliseconds. Each probe that fails doubles it.
   *
   * @default {5_000}
   */
  readonly openMs?: number;
  /**
   * How long it stays open at most, in milliseconds.
   *
   * @default {60_000, or openMs if that is longer}
   */
  readonly maxOpenMs?: number;
  /**
   * By which share of it, from 0 to 1, the time for which it is open is shortened at random, so that not all processes
   * probe at once.
   *
   * @default {0.2}
   */
  readonly jitter?: number;
  /**
   * After how long a probe without an end is given up, in milliseconds: then another call probes. Choose more than the
   * time limit of the provider's calls.
   *
   * @default {10_000}
   */
  readonly probeMs?: number;
  /**
   * Which failures count. `rejected` is an answer about one call, and `internal` says nothing about the service.
   * `throttled`, `unidentified` and `overloaded` never count, for a crowd can bring them about: to name one is an error.
   *
   * @default {["timeout", "unreachable", "malformed"]}
   */
  readonly codes?: readonly FailureCode[];
  /**
   * The jitter's chance: a number from 0 up to, but without, 1.
   *
   * @default {Math.random}
   */
  readonly random?: () => number;
  /**
   * The clock by which it waits, in milliseconds. It need not tell the time, and should not jump.
   *
   * @default {performance.now}
   */
  readonly timer?: () => number;
  /**
   * Is told of each change of state. What it throws, or promises in vain, is ignored.
   *
   * @default {none}
   */
  readonly onState?: (change: BreakerChange) => unknown;
}

/**
 * Wraps a provider, and stops making its calls for a while after several of them failed. Meanwhile each call fails at
 * once, with the cause of the failure that opened the breaker, so that the failure policy goes on doing what it did.
 * Then one call probes whether the service is back.
 *
 * Meanwhile the provider goes on admitting visitors whom it can check without its service.
 *
 * Each breaker has a state of its own, in this process. `gate.health()` tells `state`, `failures`, `nextProbeInMs` and
 * `refused`.
 *
 * @param provider The provider, perhaps in another wrapper.
 * @param options When it opens, and for how long.
 * @returns The provider with a breaker, under the same name.
 * @throws {TypeError} When there is no provider that calls a service, or an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen } from "stanchion";
 * import { circuitBreaker } from "stanchion/circuit-breaker";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const provider = crowdhandler({ publicKey: "your-public-key", timeoutMs: 1000 });
 * const gate = createGate({ plugins: [cookieTokens(), failOpen(), circuitBreaker(provider)] });
 * ```
 */
export function circuitBreaker(provider: Provider, options: CircuitBreakerOptions = {}): Provider {
  checkServiceProvider(subject, "what is wrapped", provider);
  checkRules(subject, options, {
    failures: integer(1, 1000),
    windowMs: integer(1),
    openMs: integer(1),
    maxOpenMs: integer(options?.openMs ?? 5000),
    jitter: (subject, option, value) => checkNumber(subject, option, value, 0, 1, false),
    probeMs: integer(1),
    codes: checkOutageCodes,
    random: checkSyncFunction,
    timer: checkSyncFunction,
    onState: checkFunction,
  });
  const { failures = 5, windowMs = 10_000, openMs = 5000, jitter = 0.2, probeMs = 10_000 } = options;
  const { maxOpenMs = Math.max(60_000, openMs), random = Math.random, onState } = options;
  const { timer = () => performance.now(), codes = ["timeout", "unreachable", "malformed"] } = options;
  const limits = { failures, windowMs, openMs, maxOpenMs, jitter, probeMs, random, timer, onState };
  return guarded(provider, new Breaker({ ...limits, codes: new Set(codes) }));
}

const subject = "circuit-breaker plugin";

/** Refuses what a crowd can bring about: a breaker that it opens would be open for everybody else. */
function checkOutageCodes(subject: Subject, option: string, value: unknown): void {
  checkCodes(subject, option, value);
  // It is a list of codes, as was just checked.
  if (!(value as readonly FailureCode[]).some((code) => crowdCodes.includes(code))) return;
  const allowed = failureCodes.filter((code) => !crowdCodes.includes(code));
  const must = `a list of ${allowed.join(", ")}, without ${
    crowdCodes.join(", ")
  }, which visitors can bring about`;
  throw valueError(subject, option, must, value);
}
