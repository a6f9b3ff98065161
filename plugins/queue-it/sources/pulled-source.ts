/**
 * The integration configuration from Queue-it.
 *
 * @module
 */

import {
  checkFunction,
  checkNumber,
  checkOptions,
  checkSyncFunction,
  secretError,
  shapeError,
  textError,
  valueError,
} from "../../../src/options/check.ts";
import { createKeyWatch } from "../../../src/options/key-watch.ts";
import { warnOnce } from "../../../src/options/warn-once.ts";
import { isUnset, kindOfSecret } from "../../../src/options/secret-kind.ts";
import { ServiceError } from "../../../src/errors.ts";
import { isLabel } from "../configuration/mod.ts";
import { fetchService, type ServiceRequest } from "../../../src/http/fetch-service.ts";
import { callsBehind } from "../../../src/pipeline/calls.ts";
import { type Schedule, schedule } from "../../../src/async/schedule.ts";
import { createFeed, type RefreshingSource } from "./integration-source.ts";
import { keepFresh } from "./keep-fresh.ts";

/** The options of {@linkcode pulledSource}. */
export interface PulledSourceOptions {
  /** The customer's id. */
  readonly customerId: string;
  /** The key of the secured endpoint. */
  readonly apiKey: string;
  /**
   * The endpoint.
   *
   * @default {"https://<customerId>.queue-it.net/status/integrationconfig/secure/<customerId>"}
   */
  readonly url?: string;
  /** How long a configuration is used before the next one is asked for, in milliseconds. @default {300000} */
  readonly refreshMs?: number;
  /** The part of `refreshMs` that is left to chance, so that servers do not ask all at once. @default {0.1} */
  readonly jitter?: number;
  /** How long an answer may take, body included, in milliseconds. @default {4000} */
  readonly timeoutMs?: number;
  /** How often an answer is asked for before it is given up until the next refresh. @default {5} */
  readonly attempts?: number;
  /** How long to wait before another attempt, in milliseconds. @default {5000} */
  readonly retryMs?: number;
  /** How long an answer may be, in bytes. @default {4194304} */
  readonly maxBytes?: number;
  /** Sends requests. @default {the platform's fetch} */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Tells the time in Unix milliseconds. @default {the platform's clock} */
  readonly now?: () => number;
  /** A number from 0 up to, but without, 1. @default {Math.random} */
  readonly random?: () => number;
  /** Calls back later and returns what calls that off. @default {setTimeout, which does not keep a process alive} */
  readonly schedule?: Schedule;
  /** Is told when no usable configuration could be had. @default {console.warn} */
  readonly warn?: (message: string) => void;
}

/**
 * Takes the integration configuration from Queue-it, in the background and never within a request. A configuration
 * that cannot be had or used leaves the last good one in use; `status()` tells its age.
 *
 * While there is none at all, requests wait for the first call, at most `timeoutMs`. Where nothing runs between requests, as
 * on Workers, the requests see to the refresh themselves, without waiting for it.
 *
 * @param options Whose configuration it is, and how often it is asked for.
 * @returns The source, which begins to ask when a provider uses it.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { pulledSource, queueIt } from "stanchion/queue-it";
 *
 * const source = pulledSource({ customerId: "example", apiKey: "your-api-key" });
 * const provider = queueIt({ customerId: "example", secretKeys: ["your-secret-key"], integrationConfig: source });
 * await source.refresh().catch(() => {}); // the first visitors need not wait, and an outage does not stop the start
 * ```
 */
export function pulledSource(options: PulledSourceOptions): RefreshingSource {
  checkPulledSource(options);
  const { customerId, apiKey, refreshMs = 300_000, jitter = 0.1, timeoutMs = 4000 } = options;
  const { attempts = 5, retryMs = 5000, maxBytes = 4_194_304 } = options;
  const { fetch = globalThis.fetch, now = Date.now, random = Math.random, warn = console.warn } = options;
  const later = options.schedule ?? schedule;
  const keys = createKeyWatch("queue-it", { apiKey }, "apiKey", warnOnce(warn));
  const url = options.url ??
    `https://${customerId}.queue-it.net/status/integrationconfig/secure/${encodeURIComponent(customerId)}`;
  const headers = { "api-key": apiKey, "user-agent": "queueit-connector", accept: "application/json" };

  // No provider stands between, whose guards could refuse them. What one endpoint does says nothing of another.
  const calls = callsBehind();

  async function ask(): Promise<string> {
    keys.used();
    const request: ServiceRequest = { what, url, method: "GET", headers, maxBytes };
    try {
      return (await calls.run({ what, timeoutMs, make: (signal) => fetchService(fetch, request, signal) }))
        .body;
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status === undefined) throw error;
      const { code, status } = error;
      const about = status === 401 || status === 403
        ? `; with it it refused "apiKey", ${kindOfSecret(apiKey)}: is it the one of this customer?`
        : "";
      const message = `Queue-it answered ${status} to the request for the integration configuration${about}`;
      throw new ServiceError(code, message, { status });
    }
  }

  async function load(): Promise<string> {
    for (let attempt = 1;; attempt++) {
      try {
        return await ask();
      } catch (error) {
        // A key that was refused will be refused again.
        const isFinal = error instanceof ServiceError && error.code === "rejected";
        if (isFinal || attempt >= attempts) throw error;
      }
      await new Promise<void>((resolve) => later(resolve, retryMs));
    }
  }

  const nextMs = () => Math.max(1, Math.round(refreshMs * (1 + jitter * (random() - 0.5))));
  const attemptMs = attempts * timeoutMs + (attempts - 1) * retryMs;
  const feed = createFeed(now);
  return keepFresh({ feed, load, nextMs, attemptMs, waitMs: timeoutMs, now, schedule: later, warn });
}

const what = "The integration configuration's endpoint";

function checkPulledSource(options: PulledSourceOptions): void {
  const subject = "pulled source";
  const numbers = {
    refreshMs: [1, 2_147_483_647],
    timeoutMs: [1, 60_000],
    attempts: [1, 100],
    retryMs: [0, 600_000],
    maxBytes: [1, 67_108_864],
  } as const;
  const functions = ["fetch", "schedule", "warn"] as const;
  const numberFunctions = ["now", "random"] as const;
  checkOptions(subject, options, [
    "customerId",
    "apiKey",
    "url",
    "jitter",
    ...Object.keys(numbers),
    ...functions,
    ...numberFunctions,
  ]);
  const { customerId, apiKey, url, jitter } = options;
  const must = "the customer's id: letters, digits and hyphens";
  if (typeof customerId !== "string" || !isLabel(customerId) || isUnset(customerId)) {
    throw textError(subject, "customerId", must, customerId);
  }
  if (typeof apiKey !== "string" || !/^[!-~]{1,1024}$/.test(apiKey) || isUnset(apiKey)) {
    throw secretError(subject, "apiKey", "the API key, one word of printable characters", apiKey);
  }
  if (url !== undefined) {
    const urlMust = "an absolute http or https URL";
    if (typeof url !== "string") throw shapeError(subject, "url", urlMust, url);
    const isHttp = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
    if (!isHttp) throw valueError(subject, "url", urlMust, url);
  }
  if (jitter !== undefined) checkNumber(subject, "jitter", jitter, 0, 1, false);
  for (const [name, [min, max]] of Object.entries(numbers)) {
    // The names are those of the options.
    const value = options[name as keyof typeof numbers];
    if (value !== undefined) checkNumber(subject, name, value, min, max);
  }
  for (const name of functions) if (options[name] !== undefined) checkFunction(subject, name, options[name]);
  for (const name of numberFunctions) {
    if (options[name] !== undefined) checkSyncFunction(subject, name, options[name]);
  }
}
