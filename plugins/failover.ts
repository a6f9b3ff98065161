/**
 * Lets a second provider decide where the first one fails.
 *
 * @module
 */

import { chain, isPromise } from "../src/async/maybe-promise.ts";
import { type Context, type ContextKey, contextKey } from "../src/context.ts";
import type { Decision, Refusal } from "../src/decision.ts";
import { crowdCodes, type FailureCode, failureCodes, GateError } from "../src/errors.ts";
import { checkRules, shapeError } from "../src/options/check.ts";
import { checkCodes } from "../src/options/check-codes.ts";
import { checkProvider } from "../src/options/check-provider.ts";
import { bindHooks } from "../src/pipeline/bind-hooks.ts";
import type { Outcome, Plugin, Provider } from "../src/plugin.ts";
import { kindOf } from "../src/pipeline/kind-of.ts";
import type { Calls } from "../src/service.ts";
export type * from "../src/contract.ts";

/** The options of {@linkcode failover}. */
export interface FailoverOptions {
  /**
   * After which failures of a provider the next one is asked. All others go to the failure policy. A crowd must not be able to
   * choose who decides: `throttled`, `unidentified` and `overloaded` have to be named.
   *
   * @default {["timeout", "unreachable", "rejected", "malformed", "internal"]}
   */
  readonly codes?: readonly FailureCode[];
}

const subject = "failover plugin";

/**
 * Makes one provider of several: the first one decides, and where it fails the next one does. Where all fail, the failure
 * policy learns the cause of the last failure, and sends visitors to the place that the first one names. Where one of them
 * failed for what a crowd can bring about, such as `overloaded`, that is the cause.
 *
 * Reasons of decisions remain those of the provider that decided. Visitors who were let in by one provider are unknown to
 * the next. Put a `circuitBreaker()` around the first one, so that an outage does not add its timeout to every page; around
 * all of them it is refused where they call several services, whose outages are not each other's.
 *
 * @param providers The providers in the order in which they are asked, perhaps in wrappers.
 * @param options After which failures the next one is asked.
 * @returns The provider. `gate.health()` tells what each of them tells, under its own name, and `takeovers`, how often a
 * later one was asked.
 * @throws {TypeError} When fewer than two providers are given, or an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { createGate, failClosed } from "stanchion";
 * import { circuitBreaker } from "stanchion/circuit-breaker";
 * import { crowdhandler } from "stanchion/crowdhandler";
 * import { failover } from "stanchion/failover";
 * import { queueItEvent } from "stanchion/queue-it";
 *
 * const first = circuitBreaker(crowdhandler({ publicKey: "your-public-key", timeoutMs: 1000 }));
 * const second = queueItEvent({
 *   customerId: "example",
 *   secretKeys: ["your-secret-key"],
 *   eventId: "reserve",
 *   queueDomain: "example.queue-it.net",
 * });
 * const gate = createGate({ plugins: [failClosed(), failover([first, second])] });
 * ```
 */
export function failover(providers: readonly Provider[], options: FailoverOptions = {}): Provider {
  checkFailover(providers, options);
  const codes = new Set(options.codes ?? failureCodes.filter((code) => !crowdCodes.includes(code)));
  const inOrder = providers.map((provider) => bindHooks(provider));
  /** Who decided answers. */
  const decider: ContextKey<Provider> = contextKey("failover");
  const counter = { takeovers: 0 };

  /** Prepares and asks a provider, and the next one where it fails. `failures` are those of the providers before. */
  function ask(
    ctx: Context,
    calls: Calls,
    provider: Provider,
    at: number,
    failures: readonly unknown[],
  ): Decision | Promise<Decision> {
    const decided = (decision: Decision) => {
      ctx.set(decider, provider);
      return decision;
    };
    const failed = (cause: unknown) => afterFailure(ctx, calls, provider, at, [...failures, cause]);
    let decision: Decision | Promise<Decision>;
    try {
      decision = chain(provider.prepare?.(ctx), () => provider.decide(ctx, calls));
    } catch (cause) {
      return failed(cause);
    }
    return isPromise(decision) ? Promise.resolve(decision).then(decided, failed) : decided(decision);
  }

  function afterFailure(
    ctx: Context,
    calls: Calls,
    provider: Provider,
    at: number,
    failures: readonly unknown[],
  ): Decision | Promise<Decision> {
    const cause = failures.at(-1);
    const code = cause instanceof GateError ? cause.code : "internal";
    const next = inOrder[at + 1];
    if (next === undefined || !codes.has(code)) throw failures.length === 1 ? cause : allFailed(failures);
    ctx.note?.(`${provider.name} failed (${code}), so ${next.name} is asked`);
    if (!ctx.dryRun) counter.takeovers++;
    return ask(ctx, calls, next, at + 1, failures);
  }

  const [first] = inOrder;
  return {
    name: "failover",
    final: "decide",
    service: onlyService(providers),
    longestMs: providers.reduce((sum, { longestMs = 0 }) => sum + longestMs, 0),
    callsInTurn: providers.reduce((sum, { callsInTurn = 1 }) => sum + callsInTurn, 0),
    ...(providers.some(({ timed }) => timed) && { timed: true }),
    wraps: providers,
    // There are two at least.
    decide: (ctx, calls) => ask(ctx, calls, first as Provider, 0, []),
    respond(ctx, refusal) {
      const known = ctx.get(decider);
      // A refusal of somebody else is for all of them.
      return firstAnswer(ctx, refusal, known === undefined ? inOrder : [known]);
    },
    headers: (ctx, response, outcome) =>
      inOrder.flatMap((provider) => provider.headers?.(ctx, response, outcome) ?? []),
    settled: (ctx, outcome, calls) => settleAll(inOrder, ctx, outcome, calls),
    health: () => ({ takeovers: counter.takeovers }),
  };
}

/** A guard around all providers would refuse the calls of the second one for an outage of the first one. */
function onlyService(providers: readonly Provider[]): string | undefined {
  const [service, ...others] = providers.flatMap(({ service }) => service ?? []);
  return others.length === 0 ? service : undefined;
}

function firstAnswer(
  ctx: Context,
  refusal: Refusal,
  providers: readonly Provider[],
): ReturnType<NonNullable<Plugin["respond"]>> {
  for (const [at, provider] of providers.entries()) {
    const answer = provider.respond?.(ctx, refusal);
    if (isPromise(answer)) {
      return Promise.resolve(answer)
        .then((response) => response ?? firstAnswer(ctx, refusal, providers.slice(at + 1)));
    }
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** Lets all of them do what remains. The first fault is the one that is told. */
function settleAll(
  providers: readonly Provider[],
  ctx: Context,
  outcome: Outcome,
  calls: Calls,
): void | Promise<void> {
  const works: Promise<void>[] = [];
  const faults: unknown[] = [];
  for (const provider of providers) {
    try {
      const work = provider.settled?.(ctx, outcome, calls);
      if (isPromise(work)) works.push(work);
    } catch (cause) {
      faults.push(cause);
    }
  }
  if (faults.length > 0) works.push(Promise.reject(faults[0]));
  return works.length === 0 ? undefined : Promise.allSettled(works).then((ended) => {
    const fault = ended.find((each) => each.status === "rejected");
    if (fault !== undefined) throw fault.reason;
  });
}

/** The last failure, which knows the others, with the place that the first provider names who names one. */
function allFailed(failures: readonly unknown[]): GateError {
  const last = failures.at(-1);
  const known = failures.filter((failure) => failure instanceof GateError);
  const { facts, fallback } = known.find((failure) => failure.fallback !== undefined) ?? known[0] ?? {};
  // What visitors can bring about must be worth no more for the failure of another provider.
  const crowd = known.find((failure) => crowdCodes.includes(failure.code));
  const code = crowd?.code ?? (last instanceof GateError ? last.code : "internal");
  const message = last instanceof GateError ? last.message : `threw ${kindOf(last)}`;
  const cause = new AggregateError(failures, "No provider could decide");
  return new GateError(code, `All ${failures.length} providers failed, the last one because: ${message}`, {
    facts,
    fallback,
    cause,
  });
}

function checkFailover(providers: readonly Provider[], options: FailoverOptions): void {
  if (!Array.isArray(providers)) {
    throw shapeError(subject, "providers", "a list of at least two providers", providers);
  }
  [...providers].forEach(checkOne);
  if (providers.length < 2) {
    throw new TypeError(
      `Cannot create ${subject}: it needs at least two providers, received ${providers.length}`,
    );
  }
  if (new Set(providers).size < providers.length) {
    throw new TypeError(`Cannot create ${subject}: the same provider was given twice`);
  }
  checkRules(subject, options, { codes: checkCodes });
}

function checkOne(provider: Provider, index: number): void {
  const place = `providers[${index}]`;
  checkProvider(subject, place, provider);
  if (provider.supplies === undefined) return;
  // It would hold for the requests of all others.
  throw new TypeError(
    `Cannot create ${subject}: ${place} (${provider.name}) supplies something, which belongs into a plugin of its own`,
  );
}
