/**
 * Tells whether a text is the name of a host or a domain, as the `Domain` of a cookie has it: in any case, with or without
 * a dot before it.
 */
export function isHostName(text: string): boolean {
  return /^\.?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text) && !text.includes("..");
}

/** A host without its port. */
export function withoutPort(host: string): string {
  return host.replace(/:[0-9]*$/, "");
}

/** Whether a host may set a cookie for a domain: it is that domain, or in it. */
export function covers(domain: string, host: string): boolean {
  const name = domain.replace(/^\./, "").toLowerCase();
  return host === name || host.endsWith(`.${name}`);
}

/**
 * Whether a host name stands for this machine whatever the name service says.
 *
 * @param host As `URL` has it, without its port: in lower case, an IPv6 address in brackets.
 */
export function isLoopback(host: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(host);
}
