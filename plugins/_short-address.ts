import ipaddr from "ipaddr.js";
import { parseAddress, spell } from "../src/url/ip-address.ts";

/**
 * Shortens an address to its network, /24 or /48, so that it tells about a neighbourhood and not about a person. What is
 * no address gives `undefined`.
 */
export function shortAddress(text: string): string | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  if (address instanceof ipaddr.IPv4) {
    return `${address.octets.map((octet, at) => at < 3 ? octet : 0).join(".")}/24`;
  }
  // 6to4 writes a whole IPv4 address behind its first 16 bits: 40 bits hold the first 24 of it.
  const bits = address.parts[0] === 0x2002 ? 40 : 48;
  const masks = bits === 40 ? [0xffff, 0xffff, 0xff00] : [0xffff, 0xffff, 0xffff];
  const parts = address.parts.map((part, at) => part & (masks[at] ?? 0));
  return `${spell(new ipaddr.IPv6(parts))}/${bits}`;
}
