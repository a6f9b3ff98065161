import type { HookName } from "./errors.ts";
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
  return {
    match: steps(plugins, "match"),
    prepare: steps(plugins, "prepare"),
    decide: steps(plugins, "decide"),
    recover: steps(plugins, "recover"),
    respond: steps(plugins, "respond"),
    headers: steps(plugins, "headers"),
    settled: steps(plugins, "settled"),
  };
}

function steps<H extends HookName>(plugins: readonly Plugin[], hook: H): readonly Step<H>[] {
  return plugins.flatMap((plugin) => {
    const run = plugin[hook];
    // Binding keeps `this` for plugins written with methods; the bound function has the hook's own type.
    return run === undefined
      ? []
      : [{ plugin: plugin.name, run: run.bind(plugin) as NonNullable<Plugin[H]> }];
  });
}
