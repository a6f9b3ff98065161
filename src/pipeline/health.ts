import { isLate } from "../async/maybe-promise.ts";
import type { Plugin } from "../plugin.ts";
import type { Health } from "../health.ts";

/** Asks each plugin that tells of itself, those that are wrapped behind who wraps them. Several of one name are numbered. */
export function healthOf(plugins: readonly Plugin[]): Readonly<Record<string, Health>> {
  const told: Record<string, Health> = {};
  for (const plugin of plugins.flatMap(withWrapped)) {
    if (plugin.health === undefined) continue;
    let name = plugin.name;
    for (let count = 2; Object.hasOwn(told, name); count++) name = `${plugin.name}-${count}`;
    told[name] = toldBy(plugin);
  }
  return told;
}

function withWrapped(plugin: Plugin): readonly Plugin[] {
  return [plugin, ...(plugin.wraps ?? []).flatMap(withWrapped)];
}

/** What a plugin tells of itself, if it does; one that fails to says so. */
function toldBy(plugin: Plugin): Health {
  try {
    const told = plugin.health?.() ?? {};
    return isLate(told) ? { failed: true } : told;
  } catch {
    return { failed: true };
  }
}
