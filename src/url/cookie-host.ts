/** The name of a host without its port. */
export function nameOf(host: string): string {
  return host.replace(/:\d*$/, "");
}

/** Whether a host may set a cookie for a domain: it is that domain, or in it. */
export function covers(domain: string, host: string): boolean {
  const name = domain.replace(/^\./, "").toLowerCase();
  return host === name || host.endsWith(`.${name}`);
}

/** Whether a host is this machine, from which most browsers take `Secure` cookies without encryption. */
export function isLocal(host: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(host);
}
