import type { Health, Plugin } from "./plugin.ts";

/** Asks each plugin that tells of itself. Several of one name are numbered, and one that fails says that it does. */
export function healthOf(plugins: readonly Plugin[]): Readonly<Record<string, Health>> {
  const told: Record<string, Health> = {};
  for (const plugin of plugins) {
    if (plugin.health === undefined) continue;
    let name = plugin.name;
    for (let count = 2; Object.hasOwn(told, name); count++) name = `${plugin.name}-${count}`;
    try {
      told[name] = plugin.health();
    } catch {
      told[name] = { failed: true };
    }
  }
  return told;
}
