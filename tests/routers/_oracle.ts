/** What a router is asked. */

/** A router with all routes. */
export interface Oracle {
  readonly name: string;
  /**
   * Tells which protected route it serves.
   *
   * @param target The request target as the server hands it over: path and query.
   * @param url The same with scheme and host in front.
   */
  serves(target: string, url: string): string | undefined;
}

/** What a program finds behind the first `?`, as nearly all of them do. */
export function parametersIn(target: string): (name: string) => string | null {
  const [, query = ""] = /\?([^#]*)/.exec(target) ?? [];
  const parameters = new URLSearchParams(query);
  return (name) => parameters.get(name);
}
