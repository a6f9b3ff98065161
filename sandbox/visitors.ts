/** The visitors known to a service, by the token or queue id that each was given. */
export interface Visitors {
  readonly size: number;
  /** Whether a token is valid; looking does not keep it alive. */
  has(token: string, now: number): boolean;
  /** The visitor's token if it is valid, otherwise a new one; remembers the address if there is one. */
  resolve(
    token: string | undefined,
    now: number,
    ip?: string,
  ): { readonly token: string; readonly ip?: string };
  /** Forgets a visitor; says whether there was one. */
  drop(token: string): boolean;
}

interface Known {
  readonly seenAt: number;
  readonly ip: string | undefined;
}

/**
 * Creates the register of visitors. It is bounded: tokens expire, and the one unseen for longest makes room.
 *
 * @param options Lifetime of an unused token in milliseconds, the bound, the maker of new tokens, and who is told of a
 * dropped one.
 * @returns The register.
 */
export function createVisitors(options: {
  readonly lifetimeMs: number;
  readonly max: number;
  readonly createToken: (now: number) => string;
  readonly onDrop: (token: string) => void;
}): Visitors {
  // In the order in which they were last seen.
  const known = new Map<string, Known>();

  function expire(now: number, max: number): void {
    for (const [token, { seenAt }] of known) {
      if (known.size <= max && seenAt + options.lifetimeMs > now) return;
      drop(token);
    }
  }

  function drop(token: string): boolean {
    const found = known.delete(token);
    if (found) options.onDrop(token);
    return found;
  }

  return {
    get size(): number {
      return known.size;
    },
    has(token, now): boolean {
      expire(now, options.max);
      return known.has(token);
    },
    resolve(given, now, ip): { token: string; ip?: string } {
      expire(now, options.max);
      const before = given === undefined ? undefined : known.get(given);
      const token = given !== undefined && before !== undefined ? given : options.createToken(now);
      if (before === undefined) expire(now, options.max - 1);
      const lastIp = ip ?? before?.ip;
      known.delete(token);
      known.set(token, { seenAt: now, ip: lastIp });
      return lastIp === undefined ? { token } : { token, ip: lastIp };
    },
    drop,
  };
}
