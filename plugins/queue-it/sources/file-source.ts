/**
 * The integration configuration from a file, or from anything else that is read.
 *
 * @module
 */

import { checkFunction, checkNumber, checkOptions, checkSyncFunction } from "../../../src/options/check.ts";
import { type Schedule, schedule } from "../../../src/async/schedule.ts";
import { createFeed, type RefreshingSource } from "./integration-source.ts";
import { keepFresh } from "./keep-fresh.ts";

/** The options of {@linkcode fileSource}. */
export interface FileSourceOptions {
  /** How often the file is read again, in milliseconds; `0` for never. @default {60000} */
  readonly watchMs?: number;
  /** Tells the time in Unix milliseconds. @default {the platform's clock} */
  readonly now?: () => number;
  /** Calls back later and returns what calls that off. @default {setTimeout, which does not keep a process alive} */
  readonly schedule?: Schedule;
  /** Is told when the file cannot be read or used. @default {console.warn} */
  readonly warn?: (message: string) => void;
}

/**
 * Takes the integration configuration from a file. A file that was not changed costs its reading and no more; one that
 * cannot be read or used leaves the last good one in use.
 *
 * @param read Reads the text. One that returns it at once, instead of a promise, is in use from the first request on.
 * @param options How often the file is read.
 * @returns The source, which begins to read when a provider uses it.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { fileSource, queueIt } from "stanchion/queue-it";
 *
 * const source = fileSource(() => readFileSync("integrations.json", "utf8"), { watchMs: 10_000 });
 * const provider = queueIt({ customerId: "example", secretKeys: ["your-secret-key"], integrationConfig: source });
 * ```
 */
export function fileSource(
  read: () => string | Promise<string>,
  options: FileSourceOptions = {},
): RefreshingSource {
  const subject = "file source";
  checkFunction(subject, "read", read);
  checkOptions(subject, options, ["watchMs", "now", "schedule", "warn"]);
  const { watchMs = 60_000, now = Date.now, warn = console.warn } = options;
  checkNumber(subject, "watchMs", watchMs, 0, 2_147_483_647);
  for (const name of ["schedule", "warn"] as const) {
    if (options[name] !== undefined) checkFunction(subject, name, options[name]);
  }
  checkSyncFunction(subject, "now", now);
  const later = options.schedule ?? schedule;
  const feed = createFeed(now);
  return keepFresh({
    feed,
    load: read,
    nextMs: () => watchMs,
    attemptMs: 10_000,
    waitMs: 2000,
    now,
    schedule: later,
    warn,
  });
}
