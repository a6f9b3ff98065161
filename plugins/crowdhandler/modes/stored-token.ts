import { chain, isLate } from "../../../src/async/maybe-promise.ts";
import { createMemo } from "../../../src/crypto/memo.ts";
import type { TokenOptions, Tokens } from "../../../src/tokens.ts";
import type { CrowdhandlerOptions } from "../options.ts";
import { isSame, readSession, type VisitorSession } from "../session/session.ts";

/** How many sessions are remembered, and how long those are at most: as long as ours get. */
const maxRemembered = 2048;
const longestRemembered = 1024;

/** Where a visitor's token is kept: under one name, while others are looked at as well. */
export interface StoredToken {
  /** The first readable token of the known names. */
  read(tokens: Tokens): VisitorSession | undefined | Promise<VisitorSession | undefined>;
  /** What the visitor brought beside the token that was read, in cookies of other scopes and under the other names. */
  others(tokens: Tokens, read: VisitorSession): readonly VisitorSession[];
  write(tokens: Tokens, value: string): void | Promise<void>;
  forget(tokens: Tokens): Promise<void>;
}

/** Fixes, from checked options, where tokens are kept. */
export function createStoredToken({ cookie = {}, mode = "full" }: CrowdhandlerOptions): StoredToken {
  const { name = "crowdhandler", alsoRead = ["ch-id"] } = cookie;
  const options: TokenOptions = {
    maxAgeSeconds: cookie.maxAgeSeconds || undefined,
    domain: cookie.domain,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly ?? (mode === "hybrid" ? false : undefined),
    sameSite: cookie.sameSite,
  };
  const names = [...new Set([name, ...alsoRead])];
  const sessionIn = createReader();
  return {
    read: (tokens) => readFirst(sessionIn, tokens, names, 0),
    others(tokens, read) {
      const texts = names.flatMap((name) => allOf(tokens, name));
      return texts.map(sessionIn).filter((session) => session !== undefined)
        .filter((session) => !isSame(session, read));
    },
    write: (tokens, value) => tokens.write(name, value, options),
    async forget(tokens) {
      await tokens.remove(name, options);
      // A token that was read under another name would bring the session back.
      for (const other of names.slice(1)) {
        if (await tokens.read(other) !== undefined) await tokens.remove(other, options);
      }
    },
  };
}

/** Understands a stored token. */
type Reader = (stored: unknown) => VisitorSession | undefined;

/** To read a session takes longer than to look up what it said before. Whether it is valid is found out each time. */
function createReader(): Reader {
  const known = createMemo<VisitorSession>(maxRemembered);
  return (stored) => {
    if (typeof stored !== "string" || !stored.startsWith("{") || stored.length > longestRemembered) {
      return readSession(stored);
    }
    const before = known.get(stored);
    if (before !== undefined) return before;
    const session = readSession(stored);
    if (session !== undefined) known.set(stored, session);
    return session;
  };
}

function readFirst(
  sessionIn: Reader,
  tokens: Tokens,
  names: readonly string[],
  from: number,
): VisitorSession | undefined | Promise<VisitorSession | undefined> {
  const name = names[from];
  if (name === undefined) return undefined;
  return chain(tokens.read(name), (stored) => {
    return sessionIn(stored) ?? firstOf(sessionIn, tokens.others?.(name)) ??
      readFirst(sessionIn, tokens, names, from + 1);
  });
}

/** A cookie that cannot be read does not hide one of another scope that can. */
function firstOf(sessionIn: Reader, texts: readonly string[] = []): VisitorSession | undefined {
  for (const text of texts) {
    const session = sessionIn(text);
    if (session !== undefined) return session;
  }
  return undefined;
}

/** All that is known at once of a name. Who keeps tokens elsewhere has one for each. */
function allOf(tokens: Tokens, name: string): readonly string[] {
  if (tokens.others === undefined) return [];
  const read = tokens.read(name);
  const first = isLate(read) || typeof read !== "string" ? [] : [read];
  return [...first, ...tokens.others(name)];
}
