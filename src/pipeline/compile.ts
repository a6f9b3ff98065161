import type { RequestContext } from "./request-context.ts";
import type { Decision } from "../decision.ts";
import { type GateError, HookError, type HookName } from "../errors.ts";
import type { Plugin } from "../plugin.ts";

/** A hook of a plugin, ready to be called. */
export interface Step<H extends HookName> {
  readonly plugin: string;
  readonly run: NonNullable<Plugin[H]>;
  /** What is decided when the plugin says that the gate does not concern a request. Made here, once. */
  readonly bypass: Decision;
}

/** The hooks of all plugins by name, each list in the order of the plugins. */
export type Pipeline = { readonly [H in HookName]: readonly Step<H>[] };

/** The hooks in the order in which they run. */
export const hookNames: readonly HookName[] = [
  "match",
  "prepare",
  "decide",
  "recover",
  "respond",
  "headers",
  "settled",
];

/** Compiles plugins into lists of hooks. */
export function compile(plugins: readonly Plugin[]): Pipeline {
  return byHook((hook) =>
    plugins.flatMap((plugin) => {
      // Bound, so that plugins may be written with methods that use `this`.
      const run = plugin[hook]?.bind(plugin);
      const bypass: Decision = { action: "bypass", reason: `${plugin.name}/unmatched` };
      return run === undefined ? [] : [{ plugin: plugin.name, run, bypass }];
    })
  );
}

/** Makes a pipeline of one list for each hook. */
export function byHook(
  list: (
    hook: HookName,
  ) => readonly (Pick<Step<HookName>, "plugin" | "bypass"> & { readonly run: unknown })[],
): Pipeline {
  // Each list is made for the hook under whose name it is put; `fromEntries` forgets that.
  return Object.fromEntries(hookNames.map((hook) => [hook, list(hook)])) as unknown as Pipeline;
}

/**
 * Asks the `match` hooks, unless nobody can tell what is asked for. One that throws protects the request, for it cannot
 * say that it is harmless.
 *
 * @returns The decision of the plugin that lets the request bypass the gate, if there is one.
 */
export function unconcerned(
  pipeline: Pipeline,
  ctx: RequestContext,
  report: (error: GateError) => void,
): Decision | undefined {
  if (ctx.isReadable) {
    for (const { plugin, run, bypass } of pipeline.match) {
      try {
        if (run(ctx) === false) return bypass;
      } catch (cause) {
        report(new HookError(plugin, "match", cause));
      }
    }
  }
  return undefined;
}
