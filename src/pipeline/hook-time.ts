import { outOfTime, startDeadline } from "../async/deadline.ts";
import { type Loop, platformLoop } from "../async/loop.ts";
import { isPromise } from "../async/maybe-promise.ts";
import type { BodyText } from "../context.ts";
import { type FailureCode, GateError, ServiceError } from "../errors.ts";
import { valueError } from "../options/check.ts";
import type { Plugin } from "../plugin.ts";

/** How long a hook is waited for, in milliseconds, unless its plugin says that it may take longer. */
const usualMs = 5000;
/** What a hook has beyond the time limits of its plugin, in milliseconds, so that those are over first. */
const marginMs = 1000;

/**
 * How long hooks are waited for, in milliseconds: as long as the owner says, or as long as all plugins can do with.
 *
 * @throws {RangeError} When the owner grants a plugin less than its own options do: its hooks would be cut off while they
 * wait for what many visitors at once make slow.
 */
export function hookTimeoutOf(plugins: readonly Plugin[], given: number | undefined): number {
  const suppliers = plugins.filter(({ supplies }) => supplies !== undefined);
  const others = plugins.filter(({ supplies }) => supplies === undefined);
  // What is supplied is waited for within the hooks of the others.
  const suppliedMs = suppliers.reduce((sum, { longestMs = 0 }) => sum + longestMs, 0);
  const slowest = others.toSorted((a, b) => (b.longestMs ?? 0) - (a.longestMs ?? 0))[0];
  const longestMs = suppliedMs + (slowest?.longestMs ?? 0);
  if (given === undefined) return Math.max(usualMs, longestMs + marginMs);
  if (longestMs === 0 || given > longestMs) return given;
  const names = [slowest, ...suppliers].filter((plugin) => plugin?.longestMs).map((plugin) => plugin?.name);
  const must = `more than ${longestMs}, which the time limits of ${names.join(" and ")} add up to`;
  throw valueError("gate", "hookTimeoutMs", must, given);
}

/** What of a request has to do with how long its hooks take. */
interface Visit {
  /** Reads the beginning of the body; never rejected. */
  body(): BodyText | Promise<BodyText>;
  /** Whether somebody asked for the body. */
  readonly isBodyAsked: boolean;
  /** How long the body was waited for by now, in milliseconds. */
  readonly bodyMs: number;
}

/**
 * Waits for a hook. What comes of it later is left to itself.
 *
 * @param hook Names the hook among those of the gate.
 * @throws {ServiceError} `timeout` where nobody but the hook can be to blame, otherwise `overloaded`.
 */
export type WaitForHook = <T>(hook: string, work: Promise<T>, visit: Visit) => Promise<T>;

/** Codes of failures that are answers of somebody whom a hook asked. */
const answers: ReadonlySet<FailureCode> = new Set(["throttled", "rejected", "unidentified", "malformed"]);

/**
 * Waits for the hooks of one gate, each for its time, and finds out who is to blame for one that ran out.
 *
 * - This process, where the loop stood still meanwhile.
 * - The visitor, who may send a body as slowly as it takes. The time for which `ctx.body()` was waited for is no time of the
 *   hook. When a body came that a hook reads by itself nobody knows: if it is there in the end, the hook has its time once more.
 * - The crowd, where the same hook ended for another visitor since this one began. An outage ends it for nobody. What ends
 *   without a turn of the loop asked nobody, and proves nothing.
 *
 * These are `overloaded`. Only what is none of them is `timeout`.
 */
export function hookWaiter(timeoutMs: number, loop: Loop = platformLoop): WaitForHook {
  /** How often each hook ended that had to wait for something. */
  const ends = new Map<string, number>();

  return (hook, work, visit) => {
    let isSameTurn = true;
    const cancelTurn = loop.turn(() => void (isSameTurn = false));
    const endsBefore = ends.get(hook) ?? 0;

    function ended(): void {
      if (!isSameTurn) ends.set(hook, (ends.get(hook) ?? 0) + 1);
    }

    return new Promise((resolve, reject) => {
      let isOver = false;
      /** How much of the time that the body took is no matter any more, in milliseconds. */
      let countedMs = visit.bodyMs;
      let cancel = startDeadline(timeoutMs, over, loop);

      function over(isCutShort: boolean): void {
        if (isCutShort) return fail(outOfTime(timeoutMs, complaint, true));
        const isAsked = visit.isBodyAsked;
        const moreMs = isAsked ? visit.bodyMs - countedMs : timeoutMs;
        const body = visit.body();
        if (isPromise(body)) void body.then((read) => onBody(read, isAsked, moreMs));
        else blame(body);
      }

      function onBody(body: BodyText, isAsked: boolean, moreMs: number): void {
        if (isOver) return;
        countedMs = visit.bodyMs;
        if (moreMs > 0 && (isAsked || body.complete)) cancel = startDeadline(moreMs, over, loop);
        else blame(body);
      }

      function blame({ complete }: BodyText): void {
        if (!complete) return fail(overloaded(timeoutMs, "and the visitor's body was not there to its end"));
        if ((ends.get(hook) ?? 0) > endsBefore) {
          return fail(overloaded(timeoutMs, "while it answered others"));
        }
        fail(outOfTime(timeoutMs, complaint, false));
      }

      function fail(failure: ServiceError): void {
        isOver = true;
        reject(failure);
      }

      function end(): void {
        isOver = true;
        cancelTurn();
        cancel();
      }

      work.then((value) => {
        ended();
        end();
        resolve(value);
      }, (cause: unknown) => {
        if (cause instanceof GateError && answers.has(cause.code)) ended();
        end();
        reject(cause);
      });
    });
  };
}

const complaint = "did not answer";

function overloaded(timeoutMs: number, why: string): ServiceError {
  return new ServiceError("overloaded", `${complaint} within ${timeoutMs} ms, ${why}`);
}
