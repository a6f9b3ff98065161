import { cookieDefaults } from "../cookie-options.ts";
import { defaultLimits } from "../http/body.ts";
import type { Context } from "../context.ts";
import { GateError } from "../errors.ts";
import type { BodyLimits, Plugin, Supplies } from "../plugin.ts";
import { cookieStore } from "../tokens/cookie-store.ts";
import type { TokenStore } from "../tokens.ts";

/** What the context of every request of one gate finds out when it is asked: by a plugin, or by default. */
export interface Supplied {
  readonly tokens: (ctx: Context) => TokenStore;
  readonly address: (ctx: Context) => string | undefined;
  readonly passive: (ctx: Context) => boolean;
  readonly body: BodyLimits;
}

/** The names of what plugins may supply. */
export const supplyNames: readonly (keyof Supplies)[] = ["tokens", "address", "passive", "body"];

/** Gathers what plugins supply, and fills up what none does. */
export function suppliesOf(plugins: readonly Plugin[], report: (error: GateError) => void): Supplied {
  const supplied: Supplies = Object.assign({}, ...plugins.map(({ supplies }) => supplies));
  return {
    tokens: supplied.tokens ?? cookieStore(cookieDefaults),
    address: supplied.address ?? socketAddress,
    passive: passiveOf(plugins, report),
    body: supplied.body ?? defaultLimits,
  };
}

/** An IPv4 address in the form that IPv6 sockets give it. */
const mapped = /^::ffff:(?=[\d.]+$)/i;

function socketAddress({ platform: { peerAddress } }: Context): string | undefined {
  return peerAddress?.replace(mapped, "") || undefined;
}

/** A test that throws is told to the owner and opens nothing: the visit counts as any other. */
function passiveOf(plugins: readonly Plugin[], report: (error: GateError) => void): Supplied["passive"] {
  const plugin = plugins.find(({ supplies }) => supplies?.passive);
  if (plugin === undefined) return () => false;
  return (ctx) => {
    try {
      return plugin.supplies?.passive?.(ctx) === true;
    } catch (cause) {
      const kind = cause instanceof Error ? cause.name : typeof cause;
      if (!ctx.dryRun) {
        report(new GateError("internal", `Plugin ${plugin.name}, passive: threw ${kind}`, { cause }));
      }
      return false;
    }
  };
}
