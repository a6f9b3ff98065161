import type { HookName } from "../errors.ts";
import type { Plugin, Provider } from "../plugin.ts";
import { hookNames } from "./hook-names.ts";

/** All that a plugin may have, its methods bound, so that it may be written with methods that use `this`. */
export function bindHooks(plugin: Provider): Provider;
export function bindHooks(plugin: Plugin): Plugin;
export function bindHooks(plugin: Plugin | Provider): Plugin | Provider {
  const bound: Record<string, unknown> = {};
  for (const member of members) {
    const value: unknown = plugin[member as keyof Plugin];
    if (value !== undefined) bound[member] = typeof value === "function" ? value.bind(plugin) : value;
  }
  // Each member is the plugin's own, under the same name.
  return bound as unknown as Plugin;
}

/** Whatever else there is, so that the compiler misses none. */
const others: Readonly<Record<Exclude<keyof Provider, HookName>, true>> = {
  name: true,
  supplies: true,
  final: true,
  service: true,
  callsInTurn: true,
  longestMs: true,
  timed: true,
  wraps: true,
  publicHosts: true,
  health: true,
};
const members: readonly string[] = [...Object.keys(others), ...hookNames];
