/**
 * Tells whether a text is the name of a host or a domain, as the `Domain` of a cookie has it: in any case, with or without
 * a dot before it.
 */
export function isHostName(text: string): boolean {
  return /^\.?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text) && !text.includes("..");
}
