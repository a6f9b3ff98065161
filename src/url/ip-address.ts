import ipaddr from "ipaddr.js";
import { type Subject, valueError } from "../options/check.ts";

/** An address in the form in which it is compared; IPv4-mapped IPv6 is IPv4. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Tells whether an address belongs to a trusted proxy. */
export type Trust = (address: Address) => boolean;

/** Longest text that can be an address: IPv6 with an embedded IPv4, and a zone id. */
const maxLength = 45 + 65;

/** The names of ranges in which proxies stand. Others of ipaddr.js, such as "unicast", would trust the internet. */
const rangeNames: readonly string[] = ["loopback", "linkLocal", "private", "uniqueLocal", "carrierGradeNat"];

/**
 * Parses an address strictly: IPv4 in four decimal parts without leading zeros (what reads octal, hexadecimal or
 * short forms differently from us could be talked into another address), IPv6 with or without a zone id.
 *
 * A zone id is dropped. It names an interface of the host that wrote it and means nothing elsewhere, and Node writes
 * one behind the address of a link-local peer, which must not make that peer unknown.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > maxLength) return undefined;
  if (!text.includes(":")) {
    // The library's parser tries each form in which an IPv4 address was ever written.
    const parts = fourPartDecimal.exec(text);
    return parts === null ? undefined : new ipaddr.IPv4(parts.slice(1).map(Number));
  }
  const zone = text.indexOf("%");
  if (zone !== -1 && !/^%[\w.~-]{1,64}$/.test(text.slice(zone))) return undefined;
  const bare = zone === -1 ? text : text.slice(0, zone);
  if (!/^[\da-f:.]+$/i.test(bare) || !ipaddr.IPv6.isValid(bare)) return undefined;
  if (bare.includes(".") && !fourPartDecimal.test(bare.slice(bare.lastIndexOf(":") + 1))) return undefined;
  // The library takes an address of zeros with an IPv4 behind them, such as "::1.2.3.4", for an IPv4-mapped one.
  const address = ipaddr.IPv6.parse(bare.replace(/^::(?=\d+\.)/, "::0:"));
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Spells an address: IPv4 in decimal, IPv6 as RFC 5952 has it, compressed and in lower case. */
export function spell(address: Address): string {
  return address.toString();
}

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

/** Makes the test for trusted proxies of addresses, CIDRs and names of ranges. */
export function trustOf(subject: Subject, option: string, list: readonly string[]): Trust {
  const names = list.filter((item) => rangeNames.includes(item));
  const ranges = list.filter((item) => !rangeNames.includes(item)).map((item) =>
    rangeOf(subject, option, item)
  );
  return (address) =>
    (names.length > 0 && names.includes(address.range())) ||
    ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
}

function rangeOf(subject: Subject, option: string, text: string): readonly [Address, number] {
  const slash = text.indexOf("/");
  const written = slash === -1 ? text : text.slice(0, slash);
  const base = written.includes("%") ? undefined : parseAddress(written);
  if (base === undefined) {
    throw valueError(
      subject,
      option,
      `a list of addresses, CIDRs such as "10.0.0.0/8", or names among ${rangeNames.join(", ")}`,
      text,
    );
  }
  const width = base.kind() === "ipv4" ? 32 : 128;
  if (slash === -1) return [base, width];
  const suffix = text.slice(slash + 1);
  // The length of an IPv4-mapped range counts the 96 bits in front of the IPv4 address.
  const bits = Number(suffix) - (width === 32 && written.includes(":") ? 96 : 0);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(suffix) || bits < 0 || bits > width) {
    throw valueError(subject, option, "a list of CIDRs whose length fits their address", text);
  }
  if (bits === 0) {
    throw valueError(
      subject,
      option,
      "a list of proxies, not every address there is; a number counts them",
      text,
    );
  }
  return [base, bits];
}

const fourPartDecimal = new RegExp(`^${Array(4).fill("(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)").join("\\.")}$`);
