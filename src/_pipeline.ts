import type { Context } from "./context.ts";
import { type GateError, HookError, type HookName } from "./errors.ts";
import type { Plugin } from "./plugin.ts";

/** A hook of a plugin, ready to be called. */
export interface Step<H extends HookName> {
  readonly plugin: string;
  readonly run: NonNullable<Plugin[H]>;
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
      return run === undefined ? [] : [{ plugin: plugin.name, run }];
    })
  );
}

/** Makes a pipeline of one list for each hook. */
export function byHook(
  list: (hook: HookName) => readonly { readonly plugin: string; readonly run: unknown }[],
): Pipeline {
  // Each list is made for the hook under whose name it is put; `fromEntries` forgets that.
  return Object.fromEntries(hookNames.map((hook) => [hook, list(hook)])) as unknown as Pipeline;
}

/**
 * Asks the `match` hooks. One that throws protects the request, for it cannot say that it is harmless.
 *
 * @returns The plugin that lets the request bypass the gate, if there is one.
 */
export function unconcerned(
  pipeline: Pipeline,
  ctx: Context,
  report: (error: GateError) => void,
): string | undefined {
  for (const { plugin, run } of pipeline.match) {
    try {
      if (run(ctx) === false) return plugin;
    } catch (cause) {
      report(new HookError(plugin, "match", cause));
    }
  }
  return undefined;
}
