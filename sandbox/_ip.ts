import ipaddr from "ipaddr.js";

/** The usual text of an address, IPv4-mapped ones unwrapped; `undefined` for anything else. */
export function normalizeIp(value: string): string | undefined {
  try {
    return ipaddr.process(value).toString();
  } catch {
    return undefined;
  }
}
