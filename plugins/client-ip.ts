/**
 * The address of the visitor, of which only what a trusted proxy wrote counts.
 *
 * @module
 */

import { quietly } from "../src/async/quietly.ts";
import {
  checkBoolean,
  checkFunction,
  checkNumber,
  checkOptions,
  checkStrings,
  shapeError,
  valueError,
} from "../src/options/check.ts";
import type { Context } from "../src/context.ts";
import type { Helper } from "../src/plugin.ts";
import { type Address, parseAddress, spell, trustOf } from "../src/url/ip-address.ts";
import { forwardedOrigin } from "../src/url/forwarded-origin.ts";
import { forwardedFormat } from "../src/url/forwarded.ts";

/** The options of {@linkcode clientIp}. */
export interface ClientIpOptions {
  /**
   * Who may say where a request came from: the number of proxies in front of this server, or their addresses, CIDRs
   * and ranges by their names (`loopback`, `linkLocal`, `private`, `uniqueLocal`, `carrierGradeNat`;
   * `private` is the IPv4 one).
   *
   * @default {nobody: the address of the connection, whatever the headers say}
   */
  readonly trustedProxies?: number | readonly string[];
  /**
   * The header that the proxies write: `x-forwarded-for`, `forwarded` (RFC 7239), or one that holds a single address,
   * such as `cf-connecting-ip`, which counts when the connection comes from a trusted proxy. An address may have a port behind
   * it, also IPv6 without brackets: in `cloudfront-viewer-address` the last number always is one, elsewhere where the whole is no
   * address.
   *
   * @default {"x-forwarded-for"}
   */
  readonly header?: string;
  /**
   * Whether the trusted proxies also say which host and scheme the visitor asked for, in `X-Forwarded-Host` and
   * `X-Forwarded-Proto`, or in `Forwarded` where that is the `header`. They must write them anew for every request:
   * what a visitor sent would count otherwise.
   *
   * @default {false}
   */
  readonly forwardedHost?: boolean;
  /**
   * Is told once when no address of a visitor is known.
   *
   * @default {console.warn}
   */
  readonly warn?: (message: string) => void;
}

/** Tells whether the entry left of the last one counts, which is at this distance from the end of the list. */
type Reach = (last: Address | undefined, distance: number) => boolean;

const subject = "client-ip plugin";

/** Entries of a list that are looked at. No chain of proxies is that long. */
const maxEntries = 100;

/**
 * Finds the address of the visitor behind proxies.
 *
 * The list is what the header says from left to right, and the address of the connection at its end. With a number
 * of proxies the visitor is that many places left of the end; with a list of them, the first from the right that is
 * none. What is no address, also `unknown` and obfuscated names, ends the walk at the last one that is.
 *
 * It supplies `ctx.address`: IPv4 in decimal, IPv6 compressed and in lower case (RFC 5952), without port, brackets and zone
 * id; `undefined` when no address is known.
 *
 * @param options Whom to trust, and what they write.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape, or when `header` is given without `trustedProxies`.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { clientIp, type Plugin } from "stanchion";
 *
 * const office: Plugin = {
 *   name: "office",
 *   decide(ctx) {
 *     return ctx.address === "198.51.100.7" ? { action: "admit", reason: "office/address" } : undefined;
 *   },
 * };
 *
 * const plugins = [clientIp({ trustedProxies: ["loopback", "10.0.0.0/8"] }), office];
 * ```
 */
export function clientIp(options: ClientIpOptions = {}): Helper {
  const { trustedProxies = 0, header, forwardedHost = false, warn = say } = checked(options);
  const trustsNobody = typeof trustedProxies === "number"
    ? trustedProxies === 0
    : trustedProxies.length === 0;
  const reaches = reachOf(trustedProxies);
  const name = (header ?? "x-forwarded-for").toLowerCase();
  const format = forwardedFormat(name);
  let warned = false;

  function address(ctx: Context): string | undefined {
    const peer = ctx.platform.peerAddress;
    const value = trustsNobody ? null : ctx.request.headers.get(name);
    const found = walk(peer === "" ? undefined : peer, value);
    if (found !== undefined) return spell(found);
    ctx.note?.("no address of the visitor is known");
    if (!warned && !ctx.dryRun) {
      warned = true;
      const message = "Plugin client-ip: the address of a visitor is not known; " +
        "nothing that the gate is handed beside the request tells it, as platform() would, " +
        'and "trustedProxies" allows no other source';
      quietly(() => warn(message));
    }
    return undefined;
  }

  function walk(peer: string | undefined, value: string | null): Address | undefined {
    let last = peer === undefined ? undefined : parseAddress(peer);
    // A connection whose address is not told has its place in the list; one that makes no sense ends the walk.
    if (value === null || (peer !== undefined && last === undefined)) return last;
    let distance = 0;
    for (const entry of format.entries(value)) {
      if (distance === maxEntries || !reaches(last, distance)) break;
      const address = format.parse(entry);
      if (address === undefined) break;
      last = address;
      distance++;
    }
    return last;
  }

  /** What is told by a connection that does not come from a trusted proxy counts for nothing. */
  function origin(
    { platform: { peerAddress }, request }: Pick<Context, "platform" | "request">,
    own: string,
  ): string | undefined {
    const peer = peerAddress === undefined ? undefined : parseAddress(peerAddress);
    return reaches(peer, 0) ? forwardedOrigin(request.headers, name, own) : undefined;
  }

  return { name: "client-ip", supplies: { address, ...(forwardedHost && { origin }) } };
}

function reachOf(trustedProxies: number | readonly string[]): Reach {
  if (typeof trustedProxies === "number") return (_last, distance) => distance < trustedProxies;
  const trusts = trustOf(subject, "trustedProxies", trustedProxies);
  return (last) => last !== undefined && trusts(last);
}

function checked(options: ClientIpOptions): ClientIpOptions {
  checkOptions(subject, options, ["trustedProxies", "header", "forwardedHost", "warn"]);
  const { trustedProxies, header, forwardedHost, warn } = options;
  const must = "a non-negative integer or a list of CIDRs";
  if (typeof trustedProxies === "number") {
    if (!Number.isInteger(trustedProxies) || trustedProxies < 0) {
      throw valueError(subject, "trustedProxies", must, trustedProxies);
    }
    checkNumber(subject, "trustedProxies", trustedProxies, 0, maxEntries);
  } else if (trustedProxies !== undefined) {
    checkStrings(subject, "trustedProxies", trustedProxies, must);
  }
  if (header !== undefined) {
    const name = 'the name of a header, such as "x-forwarded-for"';
    if (typeof header !== "string") throw shapeError(subject, "header", name, header);
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(header)) throw valueError(subject, "header", name, header);
    if (trustedProxies === undefined) {
      throw shapeError(
        subject,
        "header",
        'given together with "trustedProxies", who alone may write it',
        header,
      );
    }
  }
  if (forwardedHost !== undefined) checkBoolean(subject, "forwardedHost", forwardedHost);
  if (forwardedHost === true && !trustedProxies) {
    const must = 'given together with "trustedProxies", who alone may say so';
    throw shapeError(subject, "forwardedHost", must, forwardedHost);
  }
  if (warn !== undefined) checkFunction(subject, "warn", warn);
  return options;
}

function say(message: string): void {
  console.warn(message);
}
