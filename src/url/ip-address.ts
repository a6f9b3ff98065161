import { type Subject, valueError } from "../options/check.ts";

/** An address as it is compared: four octets of IPv4, or eight groups of IPv6. IPv4-mapped IPv6 is IPv4. */
export type Address = readonly number[];

/** Tells whether an address belongs to a trusted proxy. */
export type Trust = (address: Address) => boolean;

/** Longest text that can be an address: IPv6 with an embedded IPv4, and a zone id. */
const maxLength = 45 + 65;

/** The names of ranges in which proxies stand (RFC 6890). */
const namedRanges: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1"]],
  ["linkLocal", ["169.254.0.0/16", "fe80::/10"]],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]],
  ["uniqueLocal", ["fc00::/7"]],
  ["carrierGradeNat", ["100.64.0.0/10"]],
]);

/** Further ranges from which nobody on the internet comes, and no proxy either. */
const nobodysRanges: ReadonlyMap<string, readonly string[]> = new Map([
  ["unspecified", ["0.0.0.0/8", "::"]],
  ["broadcast", ["255.255.255.255"]],
  ["multicast", ["224.0.0.0/4", "ff00::/8"]],
]);

/** A base and how many of its bits count. */
type Range = readonly [base: Address, bits: number];

/**
 * Parses an address strictly: IPv4 in four decimal parts without leading zeros (what reads octal, hexadecimal or
 * short forms differently from us could be talked into another address), IPv6 with or without a zone id.
 *
 * A zone id is dropped. It names an interface of the host that wrote it and means nothing elsewhere, and Node writes
 * one behind the address of a link-local peer, which must not make that peer unknown.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > maxLength) return undefined;
  if (!text.includes(":")) return parseFour(text);
  // So a socket that listens for both versions names all who come by the older one.
  const four = mapped.exec(text)?.[1];
  if (four !== undefined) return parseFour(four);
  const zone = text.indexOf("%");
  if (zone !== -1 && !/^%[\w.~-]{1,64}$/.test(text.slice(zone))) return undefined;
  const groups = parseGroups(zone === -1 ? text : text.slice(0, zone));
  const [high = 0, low = 0] = groups?.slice(6) ?? [];
  const isMapped = groups?.[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return isMapped ? [high >> 8, high & 0xff, low >> 8, low & 0xff] : groups;
}

/** IPv4-mapped as it is usually written. Without a dot it is a short IPv6: `::ffff:1` ends in a group of its own. */
const mapped = /^::ffff:(\d+\.[\d.]+)$/i;

function parseFour(text: string): Address | undefined {
  const found = fourPartDecimal.exec(text);
  return found === null
    ? undefined
    : [Number(found[1]), Number(found[2]), Number(found[3]), Number(found[4])];
}

/** IPv6 by RFC 4291, section 2.2: `::` stands for one group of zeros or more, and the last two may be written as IPv4. */
function parseGroups(text: string): Address | undefined {
  const last = text.lastIndexOf(":") + 1;
  if (text.includes(".", last)) {
    const four = parseFour(text.slice(last));
    if (four === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = four;
    return parseGroups(`${text.slice(0, last)}${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`);
  }
  const [left = [], right, ...others] = text.split("::").map((half) => half === "" ? [] : half.split(":"));
  const given = [...left, ...(right ?? [])];
  const missing = 8 - given.length;
  const fits = right === undefined ? missing === 0 : missing > 0;
  if (!fits || others.length > 0 || !given.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return given.toSpliced(left.length, 0, ...Array<string>(missing).fill("0")).map((group) =>
    parseInt(group, 16)
  );
}

/** Spells an address: IPv4 in decimal, IPv6 as RFC 5952 has it, compressed and in lower case. */
export function spell(address: Address): string {
  if (isFour(address)) return address.join(".");
  const text = address.map((group) => group.toString(16)).join(":");
  let [zeros, at] = ["", 0];
  for (const { 0: run, index } of text.matchAll(/\b0(?::0)+\b/g)) {
    if (run.length > zeros.length) [zeros, at] = [run, index];
  }
  if (zeros === "") return text;
  return `${text.slice(0, at).replace(/:$/, "")}::${text.slice(at + zeros.length).replace(/^:/, "")}`;
}

function isFour(address: Address): boolean {
  return address.length === 4;
}

/**
 * Shortens an address to its network, /24 or /48, so that it tells about a neighbourhood and not about a person. What is
 * no address gives `undefined`.
 */
export function shortAddress(text: string): string | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  if (isFour(address)) return `${address.with(3, 0).join(".")}/24`;
  // 6to4 writes a whole IPv4 address behind its first 16 bits: 40 bits hold the first 24 of it.
  const bits = address[0] === 0x2002 ? 40 : 48;
  const masks = bits === 40 ? [0xffff, 0xffff, 0xff00] : [0xffff, 0xffff, 0xffff];
  return `${spell(address.map((group, at) => group & (masks[at] ?? 0)))}/${bits}`;
}

/** Makes the test for trusted proxies of addresses, CIDRs and names of ranges. */
export function trustOf(subject: Subject, option: string, list: readonly string[]): Trust {
  const ranges = list.flatMap((item) => namedRanges.get(item) ?? [item])
    .map((item) => rangeOf(subject, option, item));
  return (address) => ranges.some((range) => isWithin(address, range));
}

/** The name of the range of an address that is none of the internet; `undefined` for all others. */
export function localRange(address: Address): string | undefined {
  for (const [name, list] of [...namedRanges, ...nobodysRanges]) {
    if (list.some((item) => isWithin(address, rangeOf("address", "ranges", item)))) return name;
  }
  return undefined;
}

function isWithin(address: Address, [base, bits]: Range): boolean {
  if (address.length !== base.length) return false;
  const width = isFour(base) ? 8 : 16;
  return base.every((part, at) => {
    const counted = Math.min(Math.max(bits - at * width, 0), width);
    return ((part ^ (address[at] ?? 0)) >> (width - counted)) === 0;
  });
}

function rangeOf(subject: Subject, option: string, text: string): Range {
  const slash = text.indexOf("/");
  const written = slash === -1 ? text : text.slice(0, slash);
  const base = written.includes("%") ? undefined : parseAddress(written);
  if (base === undefined) {
    throw valueError(
      subject,
      option,
      `a list of addresses, CIDRs such as "10.0.0.0/8", or names among ${[...namedRanges.keys()].join(", ")}`,
      text,
    );
  }
  const width = isFour(base) ? 32 : 128;
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
