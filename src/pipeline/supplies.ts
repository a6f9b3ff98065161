import { isLate, leave } from "../async/maybe-promise.ts";
import { cookieDefaults } from "../cookie-options.ts";
import { defaultLimits } from "../http/body.ts";
import { neverReturns } from "../http/never-returns.ts";
import type { Context } from "../context.ts";
import { GateError } from "../errors.ts";
import type { BodyLimits, Plugin, Supplies } from "../plugin.ts";
import { kindOf } from "./kind-of.ts";
import { cookieStore } from "../tokens/cookie-store.ts";
import type { TokenStore } from "../tokens.ts";

/** What the context of every request of one gate finds out when it is asked: by a plugin, or by default. */
export interface Supplied {
  readonly tokens: (ctx: Context) => TokenStore;
  readonly address: (ctx: Context) => string | undefined;
  readonly origin:
    | ((ctx: Pick<Context, "request" | "platform" | "dryRun">, own: string) => string | undefined)
    | undefined;
  readonly passive: (ctx: Context) => boolean;
  readonly body: BodyLimits;
}

/** The names of what plugins may supply. */
export const supplyNames: readonly (keyof Supplies)[] = ["tokens", "address", "origin", "passive", "body"];

/** Gathers what plugins supply, and fills up what none does. */
export function suppliesOf(plugins: readonly Plugin[], report: (error: GateError) => void): Supplied {
  return {
    tokens: supplied(plugins, "tokens") ?? cookieStore(cookieDefaults),
    address: supplied(plugins, "address") ?? socketAddress,
    origin: originOf(plugins, report),
    passive: passiveOf(plugins, report),
    body: supplied(plugins, "body") ?? defaultLimits,
  };
}

/** What a plugin supplies under a name, bound to the object that holds it, which may be of a class. */
function supplied<K extends keyof Supplies>(plugins: readonly Plugin[], key: K): Supplies[K] {
  const supplies = plugins.find(({ supplies }) => supplies?.[key] !== undefined)?.supplies;
  const value: unknown = supplies?.[key];
  // It is the supply of that name, bound or as it is.
  return (typeof value === "function" ? value.bind(supplies) : value) as Supplies[K];
}

/** An IPv4 address in the form that IPv6 sockets give it. */
const mapped = /^::ffff:(?=\d+\.[\d.]+$)/i;

function socketAddress({ platform: { peerAddress } }: Context): string | undefined {
  return peerAddress?.replace(mapped, "") || undefined;
}

/** What is no origin, or throws, is told to the owner and tells nothing: the URL of the request is what it says. */
function originOf(plugins: readonly Plugin[], report: (error: GateError) => void): Supplied["origin"] {
  const plugin = plugins.find(({ supplies }) => supplies?.origin);
  if (plugin === undefined) return undefined;
  return (ctx, own) => {
    try {
      const said: unknown = plugin.supplies?.origin?.(ctx, own);
      if (said === undefined || (typeof said === "string" && isOrigin(said))) return said;
      leave(said);
      throw new TypeError("It must be an origin, and known at once");
    } catch (cause) {
      if (!ctx.dryRun) report(failureOf(plugin, "origin", cause));
      return undefined;
    }
  };
}

function failureOf({ name }: Plugin, supply: keyof Supplies, cause: unknown): GateError {
  return new GateError("internal", `Plugin ${name}, ${supply}: threw ${kindOf(cause)}`, { cause });
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/**
 * What never comes back is passive without anybody's word. A test that throws is told to the owner and opens nothing: the visit counts
 * as any other.
 */
function passiveOf(plugins: readonly Plugin[], report: (error: GateError) => void): Supplied["passive"] {
  const plugin = plugins.find(({ supplies }) => supplies?.passive);
  return (ctx) => {
    if (neverReturns(ctx.request)) {
      ctx.note?.("never comes back from a waiting room, by its destination or type");
      return true;
    }
    if (plugin === undefined) return false;
    try {
      const said = plugin.supplies?.passive?.(ctx);
      if (isLate(said)) throw new TypeError("It must be known at once");
      return said === true;
    } catch (cause) {
      if (!ctx.dryRun) report(failureOf(plugin, "passive", cause));
      return false;
    }
  };
}

/** The public hosts that a provider was given, also one that is wrapped. */
export function hostsOf(plugins: readonly Plugin[]): readonly string[] | undefined {
  for (const { publicHosts, wraps } of plugins) {
    const hosts = publicHosts ?? (wraps && hostsOf(wraps));
    if (hosts !== undefined) return hosts;
  }
  return undefined;
}
