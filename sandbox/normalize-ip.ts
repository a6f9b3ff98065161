import { parseAddress, spell } from "../src/url/ip-address.ts";

/** The usual text of an address, IPv4-mapped ones unwrapped; `undefined` for anything else. */
export function normalizeIp(value: string): string | undefined {
  const address = parseAddress(value);
  return address === undefined ? undefined : spell(address);
}
