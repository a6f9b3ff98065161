/** A part of an address without a zero in front, which would make it octal. */
const octet = "(?:0|1[0-9]{0,2}|[2-9][0-9]?)";

/** The pattern of a host that every parser leaves as it is. */
export const plainHost: string =
  `(?:(?:(?!xn--)[a-z0-9_-]+\\.)*(?!xn--)[a-z][a-z0-9_-]*|(?:${octet}\\.){3}${octet})`;

/** The pattern of a port behind it, or of none. */
export const plainPort = "(?::(?!0|80/|443/)[1-5]?[0-9]{1,4})?";

const plain = new RegExp(`^${plainHost}${plainPort}$`);

/** Tells of a host, with or without a port, that every parser takes it, so that none has to be asked. They take others too. */
export function isPlainHost(host: string): boolean {
  return plain.test(host);
}
