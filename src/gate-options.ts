import {
  anything,
  checkFunction,
  checkRules,
  integer,
  shapeError,
  show,
  type Subject,
  valueError,
} from "./options/check.ts";
import { hookNames } from "./pipeline/compile.ts";
import type { Slot } from "./context.ts";
import { decided } from "./decided.ts";
import type { GateOptions } from "./gate.ts";
import { isMode } from "./mode.ts";
import type { Plugin } from "./plugin.ts";

const subject = "gate";

/** Refuses wrong options of `createGate` and pipelines that cannot do their work. */
export function checkGate(options: GateOptions): void {
  checkRules(subject, options, {
    plugins: anything,
    mode: checkMode,
    now: checkFunction,
    timer: checkFunction,
    onError: checkFunction,
    maxPending: integer(1),
    settledTimeoutMs: integer(1, 600_000),
  });
  const { plugins } = options;
  if (!Array.isArray(plugins)) throw shapeError(subject, "plugins", "a list of plugins", plugins);
  plugins.forEach(checkPlugin);
  for (const [hook, why] of needed) {
    if (!plugins.some((plugin) => plugin[hook])) refuse(`no plugin has a "${hook}" hook${why}`);
  }
  checkPolicies(plugins);
  checkSlots(plugins);
}

function checkMode(subject: Subject, option: string, mode: unknown): void {
  if (typeof mode === "function" || isMode(mode)) return;
  const wrong = typeof mode === "string" ? valueError : shapeError;
  throw wrong(subject, option, '"enforce", "report", "off" or a function that returns one of them', mode);
}

/** The hooks that somebody must have. */
const needed = [
  ["decide", ", so nobody would ever be let in; add a provider, such as crowdhandler({ publicKey })"],
  [
    "recover",
    "; add failOpen() or failClosed() to say what happens to visitors when the provider fails",
  ],
] as const;

function checkPlugin(plugin: unknown, index: number): void {
  const place = `plugins[${index}]`;
  if (typeof plugin !== "object" || plugin === null) {
    throw shapeError(subject, place, "a plugin object", plugin);
  }
  if (!("name" in plugin) || typeof plugin.name !== "string" || plugin.name === "") {
    throw shapeError(subject, place, 'a plugin with a "name"', plugin);
  }
  const { name } = plugin;
  for (const [key, value] of Object.entries(plugin)) {
    const isFunction = typeof value === "function";
    if (!hookNames.some((hook) => hook === key)) {
      if (isFunction && key !== "health") {
        refuse(`plugin ${name} has an unknown hook "${key}", the hooks are ${hookNames.join(", ")}`);
      }
    } else if (value !== undefined && !isFunction) {
      refuse(`hook "${key}" of plugin ${name} must be a function, received ${show(value)}`);
    }
  }
  for (const key of ["provides", "requires"] as const) {
    const slots: unknown = (plugin as Plugin)[key] ?? [];
    if (!Array.isArray(slots)) {
      refuse(`"${key}" of plugin ${name} must be a list of slots, received ${show(slots)}`);
    }
  }
}

/** A policy that is never asked would be missed for the first time during an outage. */
function checkPolicies(plugins: readonly Plugin[]): void {
  const last = plugins.findIndex(({ recoversAll }) => recoversAll);
  const idle = plugins.find(({ recover }, index) => last !== -1 && index > last && recover);
  if (idle === undefined) return;
  refuse(
    `plugin ${idle.name} comes after ${
      plugins[last]?.name
    }, which decides after every failure; list it before`,
  );
}

/** Slots are filled in the order of the plugins: what one requires, an earlier one must provide. */
function checkSlots(plugins: readonly Plugin[]): void {
  const filled = new Set<Slot>([decided]);
  for (const { name, provides = [], requires = [] } of plugins) {
    const missing = requires.find((slot) => !filled.has(slot));
    if (missing !== undefined) {
      refuse(`plugin ${name} requires a ${missing.name}, which no plugin before it provides`);
    }
    for (const slot of provides) filled.add(slot);
  }
}

function refuse(what: string): never {
  throw new TypeError(`Cannot create ${subject}: ${what}`);
}
