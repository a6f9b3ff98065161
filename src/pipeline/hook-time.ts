import { outOfTime, startDeadline } from "../async/deadline.ts";
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

/**
 * Waits for a hook. What comes of it later is left to itself. A hook that asked for the visitor's body, which comes as slowly as
 * the visitor sends it, has all of its time again once that is there.
 *
 * @param bodyOf Gives the body that is read, if it was asked for.
 * @throws {ServiceError} `timeout`, or `overloaded` when the loop stood still meanwhile.
 */
export function inHookTime<T>(
  work: Promise<T>,
  timeoutMs: number,
  bodyOf: () => Promise<unknown> | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let isAgain = false;
    let cancel = startDeadline(timeoutMs, over);

    function over(isCutShort: boolean): void {
      const body = isAgain ? undefined : bodyOf();
      if (body === undefined) return reject(outOfTime(timeoutMs, "did not answer", isCutShort));
      isAgain = true;
      // It is never rejected.
      void body.then(() => {
        if (!isOver) cancel = startDeadline(timeoutMs, over);
      });
    }

    function end(): void {
      isOver = true;
      cancel();
    }

    work.then((value) => (end(), resolve(value)), (cause: unknown) => (end(), reject(cause)));
  });
}
