/**
 * Lets a second provider decide where the first one fails.
 *
 * @module
 */

import { isPromise } from "../src/async/maybe-promise.ts";
import { checkRules, shapeError } from "../src/options/check.ts";
import { type Context, type ContextKey, contextKey, type Slot } from "../src/context.ts";
import type { Decision, Refusal } from "../src/decision.ts";
import { type FailureCode, failureCodes, GateError } from "../src/errors.ts";
import type { Health, Outcome, Provider } from "../src/plugin.ts";
import { fallbackLocation } from "../src/tokens/store.ts";
import { promoted, returnParameter, visitorToken, waitingRoom } from "../src/visit.ts";
import { ContextView } from "./_context-view.ts";
import { checkCodes } from "../src/options/check-codes.ts";
import { checkProvider } from "./_guarded.ts";
import { mergedHealth, missingSlots } from "./_merged.ts";

/** The options of {@linkcode failover}. */
export interface FailoverOptions {
  /**
   * After which failures of a provider the next one is asked. All others go to the failure policy.
   *
   * @default {all}
   */
  readonly codes?: readonly FailureCode[];
}

const subject = "failover plugin";

/** What a provider tells about a visitor counts only if it is the one that decides. */
const told: readonly Slot[] = [fallbackLocation, returnParameter, visitorToken, waitingRoom, promoted];

/** A request as each of the providers sees it, and which of them decided. */
interface Turn {
  readonly views: readonly ContextView[];
  /** Who could not prepare, and why. */
  readonly unprepared: Map<number, unknown>;
  decider: number | undefined;
}

/**
 * Makes one provider of several: the first one decides, and where it fails the next one does. Where all fail, the failure
 * policy learns the cause of the last failure, and sends visitors to the place that the first one names.
 *
 * Reasons of decisions remain those of the provider that decided. Visitors who were let in by one provider are unknown to
 * the next. Put a `circuitBreaker()` around the first one, so that an outage does not add its timeout to every page.
 *
 * @param providers The providers in the order in which they are asked, perhaps in wrappers.
 * @param options After which failures the next one is asked.
 * @returns The provider. `gate.health()` tells what each of them tells, under names that begin with its own, and
 * `takeovers`, how often a later one was asked.
 * @throws {TypeError} When fewer than two providers are given, or an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { circuitBreaker, cookieTokens, createGate, failClosed, failover } from "@stanchion/stanchion";
 * import { crowdhandler } from "@stanchion/stanchion/crowdhandler";
 * import { queueItEvent } from "@stanchion/stanchion/queue-it";
 *
 * const first = circuitBreaker(crowdhandler({ publicKey: "your-public-key", timeoutMs: 1000 }));
 * const second = queueItEvent({
 *   customerId: "example",
 *   secretKeys: ["your-secret-key"],
 *   eventId: "reserve",
 *   queueDomain: "example.queue-it.net",
 * });
 * const gate = createGate({ plugins: [cookieTokens(), failClosed(), failover([first, second])] });
 * ```
 */
export function failover(providers: readonly Provider[], options: FailoverOptions = {}): Provider {
  if (!Array.isArray(providers)) {
    throw shapeError(subject, "providers", "a list of at least two providers", providers);
  }
  providers.forEach((provider, index) => checkProvider(subject, `providers[${index}]`, provider));
  if (providers.length < 2) {
    throw new TypeError(
      `Cannot create ${subject}: it needs at least two providers, received ${providers.length}`,
    );
  }
  if (new Set(providers).size < providers.length) {
    throw new TypeError(`Cannot create ${subject}: the same provider was given twice`);
  }
  checkRules(subject, options, { codes: checkCodes });
  const codes = new Set(options.codes ?? failureCodes);
  const slot: ContextKey<Turn> = contextKey("failover");
  const counter = { takeovers: 0 };

  function turnOf(ctx: Context): Turn {
    const known = ctx.get(slot);
    if (known !== undefined) return known;
    const views = providers.map(() => new ContextView(ctx, told));
    const turn: Turn = { views, unprepared: new Map(), decider: undefined };
    ctx.set(slot, turn);
    return turn;
  }

  function decide(ctx: Context): Decision | undefined | Promise<Decision | undefined> {
    return ask(ctx, turnOf(ctx), 0, []);
  }

  function ask(
    ctx: Context,
    turn: Turn,
    at: number,
    failures: readonly unknown[],
  ): Decision | undefined | Promise<Decision | undefined> {
    const provider = providers[at];
    const view = turn.views[at];
    // `failed` ends the way behind the last one.
    if (provider === undefined || view === undefined) throw failures.at(-1);
    const decided = (decision: Decision | undefined) => {
      if (decision !== undefined) turn.decider = at;
      view.share();
      return decision;
    };
    const failed = (cause: unknown) => afterFailure(ctx, turn, at, [...failures, cause]);
    let decision: Decision | undefined | Promise<Decision | undefined>;
    try {
      if (turn.unprepared.has(at)) throw turn.unprepared.get(at);
      decision = provider.decide?.(view);
    } catch (cause) {
      return failed(cause);
    }
    return isPromise(decision) ? Promise.resolve(decision).then(decided, failed) : decided(decision);
  }

  function afterFailure(
    ctx: Context,
    turn: Turn,
    at: number,
    failures: readonly unknown[],
  ): Decision | undefined | Promise<Decision | undefined> {
    const cause = failures.at(-1);
    const code = cause instanceof GateError ? cause.code : "internal";
    const next = providers[at + 1];
    if (next === undefined || !codes.has(code)) {
      // The policy may send visitors to one place, of which everything is told: none was let in there.
      const asked = turn.views.slice(0, at + 1);
      (asked.find((view) => view.get(fallbackLocation) !== undefined) ?? asked[0])?.share(promoted);
      throw failures.length === 1 ? cause : allFailed(cause, failures);
    }
    ctx.note?.(`${providers[at]?.name} failed (${code}), so ${next.name} is asked`);
    if (!ctx.dryRun) counter.takeovers++;
    return ask(ctx, turn, at + 1, failures);
  }

  function respond(
    ctx: Context,
    refusal: Refusal,
    from: number = 0,
  ): Response | undefined | Promise<Response | undefined> {
    const { views, decider } = turnOf(ctx);
    // Who decided answers; a refusal of somebody else is for all of them.
    for (let at = decider ?? from; at < (decider === undefined ? providers.length : decider + 1); at++) {
      const answer = providers[at]?.respond?.(views[at] ?? ctx, refusal);
      if (isPromise(answer)) {
        return decider === undefined
          ? answer.then((response) => response ?? respond(ctx, refusal, at + 1))
          : answer;
      }
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  function settled(ctx: Context, outcome: Outcome): void | Promise<void> {
    const { views } = turnOf(ctx);
    const works: Promise<void>[] = [];
    const faults: unknown[] = [];
    providers.forEach((provider, at) => {
      try {
        const work = provider.settled?.(views[at] ?? ctx, outcome);
        if (isPromise(work)) works.push(work);
      } catch (cause) {
        faults.push(cause);
      }
    });
    if (faults.length > 0) works.push(Promise.reject(faults[0]));
    return works.length === 0 ? undefined : Promise.allSettled(works).then((ended) => {
      const fault = ended.find((each) => each.status === "rejected");
      if (fault !== undefined) throw fault.reason;
    });
  }

  return {
    name: "failover",
    ...(providers.every(({ guards }) => guards) && { guards: true }),
    provides: [...new Set(providers.flatMap(({ provides = [] }) => provides))],
    requires: missingSlots(providers),
    ...(providers.some(({ prepare }) => prepare) && {
      prepare: (ctx) => prepareAll(providers, turnOf(ctx)),
    }),
    decide,
    respond: (ctx, refusal) => respond(ctx, refusal),
    headers(ctx, response) {
      const { views } = turnOf(ctx);
      return providers.flatMap((provider, at) => provider.headers?.(views[at] ?? ctx, response) ?? []);
    },
    settled,
    health: (): Health => ({ ...mergedHealth(providers), takeovers: counter.takeovers }),
  };
}

/** Prepares all of them. Who cannot does not decide, and fails in its turn. */
function prepareAll(providers: readonly Provider[], turn: Turn, from: number = 0): void | Promise<void> {
  for (let at = from; at < providers.length; at++) {
    const failed = (cause: unknown) => void turn.unprepared.set(at, cause);
    try {
      const view = turn.views[at];
      const work = view && providers[at]?.prepare?.(view);
      if (!isPromise(work)) continue;
      return Promise.resolve(work).then(undefined, failed).then(() => prepareAll(providers, turn, at + 1));
    } catch (cause) {
      failed(cause);
    }
  }
}

/** The last failure, which knows the others. */
function allFailed(last: unknown, failures: readonly unknown[]): GateError {
  const code = last instanceof GateError ? last.code : "internal";
  const message = last instanceof GateError
    ? last.message
    : `threw ${last instanceof Error ? last.name : typeof last}`;
  const cause = new AggregateError(failures, "No provider could decide");
  return new GateError(code, `All ${failures.length} providers failed, the last one because: ${message}`, {
    cause,
  });
}
