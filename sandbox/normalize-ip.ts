import ipaddr from "ipaddr.js";

/** The usual text of an address, IPv4-mapped ones unwrapped; `undefined` for anything else. */
export function normalizeIp(value: string): string | undefined {
  const valid = ipaddr.IPv4.isValidFourPartDecimal(value) || ipaddr.IPv6.isValid(value);
  return valid ? ipaddr.process(value).toString() : undefined;
}
