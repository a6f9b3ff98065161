/**
 * The options of a gate, and which pipelines it refuses.
 *
 * @module
 */

import type { GateError } from "./errors.ts";
import { isMode, type Mode } from "./mode.ts";
import {
  anything,
  checkBoolean,
  checkFunction,
  checkRules,
  checkSyncFunction,
  integer,
  shapeError,
  show,
  type Subject,
  text,
  valueError,
} from "./options/check.ts";
import { isNear } from "./options/edit-distance.ts";
import { isPathPattern } from "./options/path-pattern.ts";
import { hookNames } from "./pipeline/hook-names.ts";
import { hostsOf, supplyNames } from "./pipeline/supplies.ts";
import type { BodyLimits, Plugin } from "./plugin.ts";
import { checkPublicHosts } from "./options/check-hosts.ts";

/** What stands in a list of plugins: one, or what is left of one that is not wanted, as in `isLive && metrics()`. */
export type Listed = Plugin | false | null | undefined | 0 | 0n | "";

/** The options of {@linkcode createGate}. */
export interface GateOptions<P extends readonly Listed[] = readonly Listed[]> {
  /** The plugins, in the order in which their hooks run. What is falsy is skipped: `isLive && metrics()`. */
  readonly plugins: P;
  /**
   * The mode, or a function that is asked on each request.
   *
   * @default {"enforce"}
   */
  readonly mode?: Mode | ((request: Request) => Mode);
  /**
   * The hosts under which visitors know the site: `"shop.example.com"`, with a port where it is not 443, or
   * `"http://localhost:8000"` for development. Rules and return addresses then go by them, with https, whatever stands in
   * the request. A foreign host counts as the public one where there is one only, and is turned down with 421 where there
   * are several.
   *
   * @default {those of the provider, otherwise every host is what it says}
   */
  readonly publicHosts?: readonly string[];
  /**
   * What stands before the path of every page and is missing in the URL of the request, because a router in front has
   * taken it off, as `app.mount("/shop", …)` of Hono does: `"/shop"`.
   *
   * @default {nothing}
   */
  readonly basePath?: string;
  /**
   * Whether the application tells upper from lower case in URLs. While it is `false`, `/Tickets` is protected as `/tickets`
   * is, for routers such as those of Express, NestJS and React Router.
   *
   * @default {false}
   */
  readonly caseSensitive?: boolean;
  /**
   * The clock, in Unix milliseconds.
   *
   * @default {Date.now}
   */
  readonly now?: () => number;
  /**
   * The clock by which durations are measured, in milliseconds with fractions. It need not tell the time.
   *
   * @default {performance.now}
   */
  readonly timer?: () => number;
  /**
   * Is told of every fault. What it throws itself is ignored.
   *
   * @default {a line on the console, at most one a second for each plugin and cause}
   */
  readonly onError?: (error: GateError) => void;
  /** Is told once of each thing that the owner should know. @default {console.warn} */
  readonly warn?: (message: string) => void;
  /**
   * How long a `prepare`, `decide` or `respond` hook is waited for that does not answer at once, in milliseconds, up to 600,000.
   * Beyond, it is a failure with the code `timeout`, or `overloaded` where this process was too busy to look, where the same hook
   * ended for another visitor meanwhile, or where the visitor's body was not there to its end; what comes of the hook later is
   * ignored. Each hook has this time for itself. How long it waits for `ctx.body()` does not count; where nobody asked for the
   * body of a request, it is looked for at the end, and if it is there the hook has its time once more. It cannot be turned off: a
   * hook without an end would hold its visitor for ever.
   *
   * @default {5000, or a second more than the time limits of the plugins add up to, if that is longer}
   */
  readonly hookTimeoutMs?: number;
  /**
   * How many pieces of work may be pending after their responses; more are dropped and reported. Hooks that were always
   * done at once run all the same.
   *
   * @default {1000}
   */
  readonly maxPending?: number;
  /**
   * How long one piece of work after a response is waited for, in milliseconds.
   *
   * @default {10000}
   */
  readonly settledTimeoutMs?: number;
}

/** What the types of the plugins show to be missing: somebody who decides, or somebody who recovers. */
export type Complete<P extends readonly Listed[]> =
  & ([Extract<P[number], Plugin>["decide"]] extends [undefined]
    ? { readonly plugins: "no plugin decides: add a provider" }
    : unknown)
  & ([Extract<P[number], Plugin>["recover"]] extends [undefined]
    ? { readonly plugins: "no plugin recovers: add failOpen() or failClosed()" }
    : unknown);

const subject = "gate";

/**
 * Refuses wrong options of `createGate` and pipelines that cannot do their work.
 *
 * @param options The options.
 * @returns The plugins.
 * @throws {TypeError} When an option or a plugin has the wrong shape, or the pipeline cannot do its work.
 * @throws {RangeError} When an option has a wrong value.
 */
export function checkGate(options: GateOptions): readonly Plugin[] {
  checkRules(subject, options, {
    plugins: anything,
    mode: checkMode,
    publicHosts: checkPublicHosts,
    basePath: text('a path such as "/shop", without a slash at its end', isBasePath),
    caseSensitive: checkBoolean,
    now: checkSyncFunction,
    timer: checkSyncFunction,
    onError: checkFunction,
    warn: checkFunction,
    hookTimeoutMs: integer(1, 600_000),
    maxPending: integer(1),
    settledTimeoutMs: integer(1, 600_000),
  });
  const { plugins: listed } = options;
  if (!Array.isArray(listed)) throw shapeError(subject, "plugins", "a list of plugins", listed);
  listed.forEach(checkPlugin);
  const plugins = listed.filter((plugin) => Boolean(plugin));
  for (const [hook, why] of needed) {
    if (!plugins.some((plugin) => plugin[hook])) refuse(`no plugin has a "${hook}" hook${why}`);
  }
  checkOrder(plugins);
  checkSupplies(plugins);
  if (options.publicHosts !== undefined && hostsOf(plugins) !== undefined) {
    refuse('"publicHosts" were given to the gate and to a provider; leave them to the gate');
  }
  return plugins;
}

/** A path whose last segment has an end, and which everybody reads alike. */
function isBasePath(path: string): boolean {
  return !isPathPattern(path) && /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~!$&'()*+,=:@-]+)+$/.test(path);
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
  if (!plugin) return;
  const place = `plugins[${index}]`;
  if (typeof plugin !== "object") {
    throw shapeError(subject, place, "a plugin object", plugin);
  }
  if (!("name" in plugin) || typeof plugin.name !== "string" || plugin.name === "") {
    throw shapeError(subject, place, 'a plugin with a "name"', plugin);
  }
  const { name } = plugin;
  // What is a plugin so far may still be of any shape.
  const given = plugin as Plugin;
  for (const hook of hookNames) {
    const value: unknown = given[hook];
    if (value === undefined || typeof value === "function") continue;
    refuse(`hook "${hook}" of plugin ${name} must be a function, received ${show(value)}`);
  }
  // A plugin may have further functions for its owner, but none whose name was meant for a hook that it lacks.
  const lacking = hookNames.filter((hook) => given[hook] === undefined);
  for (const key of functionsOf(plugin)) {
    if (!lacking.some((hook) => isNear(hook, key))) continue;
    refuse(`plugin ${name} has an unknown hook "${key}", the hooks are ${hookNames.join(", ")}`);
  }
  if (given.longestMs !== undefined) integer(0)(subject, `${place}.longestMs`, given.longestMs);
  checkFinal(given);
  checkSupply(given);
}

/** The names of all functions of an object, and of its class; those that are hooks are among them. */
function functionsOf(plugin: object): readonly string[] {
  const names: string[] = [];
  for (let holder: object | null = plugin; holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (holder === Object.prototype) break;
    const own = Object.entries(Object.getOwnPropertyDescriptors(holder));
    names.push(...own.filter(([, { value }]) => typeof value === "function").map(([key]) => key));
  }
  return names;
}

function checkFinal(plugin: Plugin): void {
  const { name, final } = plugin;
  if (final === undefined) return;
  if (final !== "decide" && final !== "recover") {
    refuse(`"final" of plugin ${name} must be "decide" or "recover", received ${show(final)}`);
  }
  if (!plugin[final]) {
    refuse(`plugin ${name} says that it always answers in "${final}", but has no such hook`);
  }
}

function checkSupply({ name, supplies }: Plugin): void {
  if (supplies === undefined) return;
  if (typeof supplies !== "object" || supplies === null) {
    refuse(`"supplies" of plugin ${name} must be an object, received ${show(supplies)}`);
  }
  for (const [key, value] of Object.entries(supplies)) {
    const supply = supplyNames.find((known) => known === key);
    if (supply === undefined) {
      refuse(
        `plugin ${name} supplies "${key}", which nobody asks for; the supplies are ${supplyNames.join(", ")}`,
      );
    }
    const shape = supply === "body" ? "object" : "function";
    if (typeof value !== shape || value === null) {
      refuse(`"supplies.${key}" of plugin ${name} must be of type ${shape}, received ${show(value)}`);
    }
    if (supply !== "body") continue;
    // Without numbers a body would be read to its end, however long it is and takes.
    const { maxBytes, timeoutMs }: Partial<BodyLimits> = value;
    integer(1)(subject, "supplies.body.maxBytes", maxBytes);
    integer(1, 600_000)(subject, "supplies.body.timeoutMs", timeoutMs);
  }
}

/** Who is never asked would be missed for the first time during an on-sale, or an outage. */
function checkOrder(plugins: readonly Plugin[]): void {
  for (const hook of ["decide", "recover"] as const) {
    const last = plugins.findIndex(({ final }) => final === hook);
    if (last === -1) continue;
    const idle = plugins.find((plugin, index) => index > last && plugin[hook]);
    if (idle === undefined) continue;
    const before = plugins[last]?.name;
    refuse(
      hook === "recover"
        ? `plugin ${idle.name} comes after ${before}, which decides after every failure; list it before`
        : idle.final === "decide"
        ? `plugin ${idle.name} comes after ${before}, and both always decide; make one of the two with failover()`
        : `plugin ${idle.name} comes after ${before}, which always decides, so it would never be asked; list it before`,
    );
  }
}

/** Two stores of tokens, or two addresses of one visitor, are one too many. */
function checkSupplies(plugins: readonly Plugin[]): void {
  for (const key of supplyNames) {
    const [first, second] = plugins.filter(({ supplies }) => supplies?.[key] !== undefined);
    if (first === undefined || second === undefined) continue;
    refuse(`plugins ${first.name} and ${second.name} both supply ${key}; keep one of them`);
  }
}

function refuse(what: string): never {
  throw new TypeError(`Cannot create ${subject}: ${what}`);
}
