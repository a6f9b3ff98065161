import { toldBy } from "../src/pipeline/health.ts";
import type { Slot } from "../src/context.ts";
import type { Health, Provider } from "../src/plugin.ts";

/** The slots that several providers need together, but for those that an earlier one fills for a later one. */
export function missingSlots(providers: readonly Provider[]): readonly Slot[] {
  const filled = new Set<Slot>();
  const missing = new Set<Slot>();
  for (const { requires = [], provides = [] } of providers) {
    for (const slot of requires) if (!filled.has(slot)) missing.add(slot);
    for (const slot of provides) filled.add(slot);
  }
  return [...missing];
}

/** What several providers tell of themselves, each under names that begin with its own, such as `queueItState`. */
export function mergedHealth(providers: readonly Provider[]): Health {
  const merged: Record<string, string | number | boolean> = {};
  const seen = new Map<string, number>();
  for (const provider of providers) {
    const { name } = provider;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const prefix = camelCase(name) + (count === 1 ? "" : count);
    for (const [key, value] of Object.entries(toldBy(provider))) {
      merged[prefix + key.slice(0, 1).toUpperCase() + key.slice(1)] = value;
    }
  }
  return merged;
}

function camelCase(name: string): string {
  return name.replaceAll(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
