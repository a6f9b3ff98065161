import type { Signer } from "../../../src/crypto/signer.ts";

/** What a `queueittoken` says. Nothing of it may be trusted before its hash was verified. */
export interface Token {
  /** The token as it came. */
  readonly text: string;
  /** The token without its hash: what was signed. */
  readonly signed: string;
  readonly hash: string | undefined;
  /** The waiting room, `e`. */
  readonly roomId: string | undefined;
  readonly queueId: string | undefined;
  readonly redirectType: string | undefined;
  /** The signed address of the visitor, `hip`. */
  readonly hashedAddress: string | undefined;
  /** Until when the visitor may come back with it, `ts`, in Unix seconds. */
  readonly deadline: number;
  /** How long the session lasts, `cv`, in minutes; `undefined` where the configuration decides. */
  readonly fixedMinutes: number | undefined;
}

/**
 * Takes a token apart. A segment counts if it has exactly one underscore; unknown names are ignored, and the last of
 * several segments of a name counts. `ce` is read by no decision.
 */
export function parseToken(text: string): Token {
  const fields: Partial<Record<string, string>> = {};
  let start = 0;
  let mark = 0;
  let marks = 0;
  // One pass over the characters, whatever a visitor sends.
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? tilde : text.charCodeAt(at);
    if (code === underscore && marks++ === 0) mark = at;
    if (code !== tilde) continue;
    if (marks === 1) {
      const name = text.slice(start, mark);
      if (names.has(name)) fields[name] = text.slice(mark + 1, at);
    }
    start = at + 1;
    marks = 0;
  }
  const { e, q, rt, hip, h, ts, cv } = fields;
  return {
    text,
    signed: h === undefined ? text : without(text, `~h_${h}`),
    hash: h,
    roomId: e,
    queueId: q,
    redirectType: rt,
    hashedAddress: hip,
    // Without a radix, as the deployed connectors read numbers: "0x1F" is 31.
    deadline: ts === undefined ? 0 : Number.parseInt(ts) || 0,
    fixedMinutes: cv === undefined ? undefined : Number.parseInt(cv) || undefined,
  };
}

/** Tells whether a token was signed by one of the secrets. */
export function isSigned(token: Token, signer: Signer, ignoreCase: boolean): boolean {
  if (token.hash === undefined) return false;
  return signer.verifies(token.signed, ignoreCase ? token.hash.toLowerCase() : token.hash);
}

const tilde = 126;
const underscore = 95;
const names: ReadonlySet<string> = new Set(["e", "q", "rt", "hip", "h", "ts", "cv"]);

function without(text: string, part: string): string {
  const at = text.indexOf(part);
  return at === -1 ? text : text.slice(0, at) + text.slice(at + part.length);
}
