import { isLate } from "../async/maybe-promise.ts";
import type { Decision } from "../decision.ts";
import { GateError, HookError, type HookName } from "../errors.ts";
import type { Plugin } from "../plugin.ts";
import { bindHooks } from "./bind-hooks.ts";
import type { RequestContext } from "./request-context.ts";

/** A hook of a plugin, ready to be called. */
export interface Step<H extends HookName> {
  readonly plugin: string;
  readonly run: NonNullable<Plugin[H]>;
}

/** The same of `match`, and what is decided when the plugin says that the gate does not concern a request. */
export interface MatchStep extends Step<"match"> {
  readonly bypass: Decision;
}

/** The hooks of all plugins by name, each list in the order of the plugins. */
export interface Pipeline {
  readonly match: readonly MatchStep[];
  readonly prepare: readonly Step<"prepare">[];
  readonly decide: readonly Step<"decide">[];
  readonly recover: readonly Step<"recover">[];
  readonly respond: readonly Step<"respond">[];
  readonly headers: readonly Step<"headers">[];
  readonly settled: readonly Step<"settled">[];
}

/** Compiles plugins into lists of hooks. */
export function compile(plugins: readonly Plugin[]): Pipeline {
  const bound = plugins.map((plugin) => bindHooks(plugin));
  return {
    match: stepsOf(bound, "match").map((step) => ({
      ...step,
      bypass: { action: "bypass", reason: `${step.plugin}/unmatched` },
    })),
    prepare: stepsOf(bound, "prepare"),
    decide: stepsOf(bound, "decide"),
    recover: stepsOf(bound, "recover"),
    respond: stepsOf(bound, "respond"),
    headers: stepsOf(bound, "headers"),
    settled: stepsOf(bound, "settled"),
  };
}

function stepsOf<H extends HookName>(plugins: readonly Plugin[], hook: H): readonly Step<H>[] {
  return plugins.flatMap((plugin) => {
    const run = plugin[hook];
    return run === undefined ? [] : [{ plugin: plugin.name, run }];
  });
}

/**
 * Asks the `match` hooks, unless nobody can tell what is asked for. One that throws protects the request, for it cannot
 * say that it is harmless.
 *
 * @returns The decision of the plugin that lets the request bypass the gate, if there is one.
 */
export function bypassOf(
  pipeline: Pipeline,
  ctx: RequestContext,
  report: (error: GateError) => void,
): Decision | undefined {
  if (ctx.isReadable) {
    for (const { plugin, run, bypass } of pipeline.match) {
      try {
        const said: unknown = run(ctx);
        if (said === false) return bypass;
        if (isLate(said)) throw new GateError("internal", "must answer at once");
      } catch (cause) {
        report(new HookError(plugin, "match", cause));
      }
    }
  }
  return undefined;
}
