import type { GateHealth } from "../health.ts";

/** A value of a plugin's health as a number. */
export interface HealthGauge {
  /** Its name in lower case with underscores, without its unit. */
  readonly name: string;
  readonly unit: "seconds" | "bytes" | "";
  readonly plugin: string;
  /** The state that is on or off, of a plugin that has states. */
  readonly state: string | undefined;
  /** A text, which has no number: the gauge is 1. */
  readonly text: string | undefined;
  readonly value: number;
}

/** States that are always told, those of circuit breakers and of gates. Others are, once they have been seen. */
const knownStates: readonly (readonly string[])[] = [["closed", "open", "half-open"], [
  "enforce",
  "report",
  "off",
]];

/** Bounds whatever a plugin tells of itself. */
const maxPlugins = 64;
const maxKeys = 32;
const maxStates = 8;
const maxTextLength = 64;

/** Makes the function that turns what plugins tell into gauges. It remembers the states that it has seen. */
export function createHealthGauges(): (plugins: GateHealth["plugins"]) => readonly HealthGauge[] {
  const seen = new Map<string, Set<string>>();

  function statesOf(plugin: string, name: string, now: string): readonly string[] {
    const key = `${plugin} ${name}`;
    let states = seen.get(key);
    if (states === undefined) {
      states = new Set(knownStates.find((known) => known.includes(now)));
      if (seen.size < maxPlugins * maxKeys) seen.set(key, states);
    }
    if (states.size < maxStates) states.add(now);
    return states.has(now) ? [...states] : [...states, "other"];
  }

  function gauges(plugin: string, key: string, value: unknown): readonly HealthGauge[] {
    const { name, unit, factor } = named(key);
    const gauge = { name, unit, plugin, state: undefined, text: undefined };
    if (typeof value === "number") return [{ ...gauge, value: value * factor }];
    if (typeof value === "boolean") return [{ ...gauge, unit: "", value: Number(value) }];
    if (typeof value !== "string") return [];
    if (!/(?:^s|S)tate$|(?:^m|M)ode$/.test(key) || !/^[a-z][a-z-]{0,31}$/.test(value)) {
      return [{ ...gauge, unit: "", text: printable(value), value: 1 }];
    }
    const states = statesOf(plugin, name, value);
    const current = states.includes(value) ? value : "other";
    return states.map((state) => ({ ...gauge, state, value: Number(state === current) }));
  }

  return (plugins) =>
    Object.entries(plugins).slice(0, maxPlugins).flatMap(([plugin, health]) =>
      Object.entries(health).filter(([key]) => /^[a-z][A-Za-z\d]{0,47}$/.test(key)).slice(0, maxKeys)
        .flatMap(([key, value]) => gauges(printable(plugin), key, value))
    );
}

/** The unit at the end of a key, in the base unit that monitoring wants. */
function named(key: string): Pick<HealthGauge, "name" | "unit"> & { readonly factor: number } {
  const [, stem = key, ending = ""] = /^(.+?)(Ms|Seconds|Bytes)$/.exec(key) ?? [];
  const name = stem.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  switch (ending) {
    case "Ms":
      return { name, unit: "seconds", factor: 0.001 };
    case "Seconds":
      return { name, unit: "seconds", factor: 1 };
    case "Bytes":
      return { name, unit: "bytes", factor: 1 };
    default:
      return { name, unit: "", factor: 1 };
  }
}

function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ").slice(0, maxTextLength).toWellFormed();
}
