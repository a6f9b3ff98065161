/**
 * Writes one structured record for each decision, without anything by which a visitor could be recognised.
 *
 * @module
 */

import { atOnce } from "../../src/async/at-once.ts";
import { isPromise } from "../../src/async/maybe-promise.ts";
import {
  checkFunction,
  checkNumber,
  checkOptions,
  checkSyncFunction,
  type Subject,
} from "../../src/options/check.ts";
import type { Context } from "../../src/context.ts";
import type { Decision } from "../../src/decision.ts";
import { type FailureCode, GateError } from "../../src/errors.ts";
import type { Helper, Outcome } from "../../src/plugin.ts";
import { codeLabel, pluginOf } from "../../src/telemetry/labels.ts";
import { logHost, logMethod, logPath, logWords } from "./redact.ts";
import { shortAddress } from "../../src/url/ip-address.ts";

/** What is written of a decision. All texts are of printable ASCII and bounded. */
export interface DecisionRecord {
  /** When, in ISO 8601. */
  readonly time: string;
  /** What was decided. */
  readonly action: Decision["action"];
  /** Why. */
  readonly reason: string;
  /** The plugin that decided or recovered. */
  readonly provider: string;
  /** The waiting room that covers the page, as the provider calls it; `undefined` where there is none. */
  readonly room: string | undefined;
  /** `false` when the gate only reports: this is what would have happened. */
  readonly enforced: boolean;
  /** Whether the application was called. */
  readonly served: boolean;
  /** Whether the application failed with an error. */
  readonly threw: boolean;
  /** The status of the response; `undefined` when there is none. */
  readonly status: number | undefined;
  /** How long the gate took to decide, in milliseconds. */
  readonly durationMs: number;
  /** The cause of the fault from which the gate recovered. */
  readonly failure: FailureCode | undefined;
  /** The plugin in which it occurred. */
  readonly failedPlugin: string | undefined;
  /** The method of the request. */
  readonly method: string;
  /** The host of the request. */
  readonly host: string;
  /** The path of the request, without query; what looks like a token or an id is redacted. */
  readonly path: string;
  /** The network of the visitor's address, /24 or /48, where it is known. */
  readonly address: string | undefined;
}

/** The options of {@linkcode decisionLog}. */
export interface DecisionLogOptions {
  /**
   * Writes a record. What it throws or rejects with is reported to the gate's `onError`, and harms no request.
   *
   * @default {a line of JSON by console.log}
   */
  readonly write?: (record: DecisionRecord) => unknown;
  /**
   * Tells which records are written.
   *
   * @default {all}
   */
  readonly only?: (record: DecisionRecord) => boolean;
  /**
   * The share of the decisions that are looked at, chosen at random: a number from 0 to 1.
   *
   * @default {1}
   */
  readonly sample?: number;
  /**
   * The randomness of `sample`: from 0 to 1, without 1.
   *
   * @default {Math.random}
   */
  readonly random?: () => number;
}

const subject: Subject = "decision-log plugin";

/** How many records may be on their way. A log that does not keep up must not fill the memory, nor the gate's own bound. */
const maxPending = 100;

/** After how long a record that is on its way is given up, in milliseconds. */
const giveUpMs = 10_000;

/**
 * Writes a record for each decision, once the response is on its way. There are no tokens, cookies and queries in it,
 * and of the address only the network. While the gate reports, `enforced: false` says that the decision is what would
 * have happened.
 *
 * @param options Where records go, and which.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { clientIp, cookieTokens, createGate, failOpen } from "stanchion";
 * import { decisionLog } from "stanchion/decision-log";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const gate = createGate({
 *   plugins: [
 *     clientIp(),
 *     cookieTokens(),
 *     failOpen(),
 *     crowdhandler({ publicKey: "your-public-key" }),
 *     decisionLog({ only: ({ action, failure }) => action !== "admit" || failure !== undefined }),
 *   ],
 *   mode: "report",
 * });
 * ```
 */
export function decisionLog(options: DecisionLogOptions = {}): Helper {
  const { write = writeLine, only, sample = 1, random = Math.random } = checked(options);
  const counts = { written: 0, failed: 0, dropped: 0 };
  /** The records on their way, the oldest first. */
  const pending = new Set<{ readonly since: number }>();

  function makeRoom(now: number): void {
    if (pending.size < maxPending) return;
    for (const record of pending) {
      if (now - record.since < giveUpMs) break;
      pending.delete(record);
    }
    if (pending.size < maxPending) return;
    counts.dropped++;
    throw new GateError("overloaded", `a record was dropped, ${maxPending} are on their way`);
  }

  function deliver(record: DecisionRecord, now: number): Promise<void> | undefined {
    makeRoom(now);
    let work: unknown;
    try {
      work = write(record);
    } catch (cause) {
      counts.failed++;
      throw cause;
    }
    if (!isPromise(work)) {
      counts.written++;
      return undefined;
    }
    const ticket = { since: now };
    pending.add(ticket);
    return Promise.resolve(work).then(() => {
      pending.delete(ticket);
      counts.written++;
    }, (cause: unknown) => {
      pending.delete(ticket);
      counts.failed++;
      throw cause;
    });
  }

  return {
    name: "decision-log",
    settled(ctx, outcome) {
      if (sample < 1 && random() >= sample) return undefined;
      const now = ctx.now();
      const record = recordOf(ctx, outcome, now);
      return only === undefined || atOnce("only", only(record)) ? deliver(record, now) : undefined;
    },
    health: () => ({ ...counts, pending: pending.size }),
  };
}

function recordOf(ctx: Context, outcome: Outcome, now: number): DecisionRecord {
  const { decision: { action, reason, facts }, failure, durationMs } = outcome;
  const { address } = ctx;
  return {
    time: new Date(now).toISOString(),
    action,
    reason: logWords(reason),
    provider: logWords(outcome.decidedBy),
    room: facts?.room ? logWords(facts.room) : undefined,
    enforced: outcome.enforced,
    served: outcome.served,
    threw: outcome.threw,
    status: outcome.status,
    durationMs: Math.round(durationMs * 1000) / 1000,
    failure: failure && codeLabel(failure),
    failedPlugin: failure && logWords(pluginOf(failure)),
    method: logMethod(ctx.request.method),
    host: logHost(ctx.url.host),
    path: logPath(ctx.path),
    address: address === undefined ? undefined : shortAddress(address),
  };
}

function writeLine(record: DecisionRecord): void {
  console.log(JSON.stringify(record));
}

function checked(options: DecisionLogOptions): DecisionLogOptions {
  checkOptions(subject, options, ["write", "only", "sample", "random"]);
  const { write, only, sample, random } = options;
  if (write !== undefined) checkFunction(subject, "write", write);
  if (only !== undefined) checkFunction(subject, "only", only);
  if (sample !== undefined) checkNumber(subject, "sample", sample, 0, 1, false);
  if (random !== undefined) checkSyncFunction(subject, "random", random);
  return options;
}
