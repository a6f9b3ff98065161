import { isPromise } from "../src/async/maybe-promise.ts";
import { show, type Subject } from "../src/options/check.ts";
import type { Context } from "../src/context.ts";
import type { Decision } from "../src/decision.ts";
import type { Health, Plugin, Provider } from "../src/plugin.ts";
import { type CallGuard, serviceCalls } from "../src/service.ts";
import { passiveVisit } from "../src/visit.ts";
import { ContextView } from "./_context-view.ts";

/** A guard that tells of itself. */
export interface ProviderGuard {
  /** The guard for a request. While the gate explains, it changes nothing. */
  guardFor(ctx: Context): CallGuard;
  health(): Health;
}

/** Refuses what cannot be wrapped. */
export function checkProvider(subject: Subject, place: string, provider: unknown): void {
  const { name, decide, recover, match } = typeof provider === "object" && provider !== null
    ? provider as Partial<Record<keyof Plugin, unknown>>
    : {};
  if (typeof name !== "string" || name === "" || typeof decide !== "function") {
    throw new TypeError(
      `Cannot create ${subject}: ${place} must be a provider, a plugin with a name and a "decide" hook, received ${
        show(provider)
      }`,
    );
  }
  if (recover !== undefined || match !== undefined) {
    const hook = recover === undefined ? "match" : "recover";
    throw new TypeError(
      `Cannot create ${subject}: ${place} (${name}) has a "${hook}" hook, which belongs into a plugin of its own`,
    );
  }
}

/**
 * Stands guard over a provider. One that makes its calls by `callService` finds the guard there, so that it goes on
 * deciding whatever it can decide alone; of any other one, deciding itself is the call.
 */
export function guarded(provider: Provider, guard: ProviderGuard): Provider {
  const own = provider.health?.bind(provider);
  const shared = { ...membersOf(provider), health: () => ({ ...own?.(), ...guard.health() }) };
  const decide = provider.decide?.bind(provider);
  if (!provider.guards) return { ...shared, decide: (ctx) => decideBehind(guard.guardFor(ctx), ctx, decide) };

  /** The provider's own view of a request. Who wraps the wrapper is asked first. */
  function view(ctx: Context): Context {
    const outer = ctx.get(serviceCalls);
    const inner = guard.guardFor(ctx);
    const seen = new ContextView(ctx, guardSlot);
    seen.set(serviceCalls, outer === undefined ? inner : within(outer, inner));
    return seen;
  }

  const { prepare, respond, settled } = shared;
  return {
    ...shared,
    ...(prepare && { prepare: (ctx) => prepare(view(ctx)) }),
    ...(decide && { decide: (ctx) => decide(view(ctx)) }),
    ...(respond && { respond: (ctx, refusal) => respond(view(ctx), refusal) }),
    ...(settled && { settled: (ctx, outcome) => settled(view(ctx), outcome) }),
  };
}

const guardSlot = [serviceCalls];

/** The members of a provider but `decide` and `health`, bound, so that it may be written with methods that use `this`. */
function membersOf(provider: Provider): Omit<Provider, "decide" | "health" | "recover" | "match"> {
  const { name, guards, provides, requires } = provider;
  const prepare = provider.prepare?.bind(provider);
  const respond = provider.respond?.bind(provider);
  const headers = provider.headers?.bind(provider);
  const settled = provider.settled?.bind(provider);
  return {
    name,
    ...(guards !== undefined && { guards }),
    ...(provides && { provides }),
    ...(requires && { requires }),
    ...(prepare && { prepare }),
    ...(respond && { respond }),
    ...(headers && { headers }),
    ...(settled && { settled }),
  };
}

function within(outer: CallGuard, inner: CallGuard): CallGuard {
  return {
    run: (call) => outer.run(() => inner.run(call)),
    refuses: () => outer.refuses?.() === true || inner.refuses?.() === true,
  };
}

/** A decision that says nothing about the service. Thrown within the guard and caught outside, it counts as neither. */
class Alone {
  readonly decision: Decision | undefined;

  constructor(decision: Decision | undefined) {
    this.decision = decision;
  }
}

async function decideBehind(
  guard: CallGuard,
  ctx: Context,
  decide: Provider["decide"],
): Promise<Decision | undefined> {
  try {
    return await guard.run(async () => {
      const said = decide?.(ctx);
      const decision = await said;
      if (!isPromise(said) || !isAnswer(ctx, decision)) throw new Alone(decision);
      return decision;
    });
  } catch (cause) {
    if (cause instanceof Alone) return cause.decision;
    throw cause;
  }
}

/** Whether a decision shows that the service was asked: visitors must not end an outage by what they send. */
function isAnswer(ctx: Context, decision: Decision | undefined): boolean {
  if (decision === undefined || decision.action === "bypass" || decision.action === "redirect") return false;
  if (decision.action === "reject" && (decision.status === 400 || decision.status === 414)) return false;
  return ctx.get(passiveVisit) !== true;
}
