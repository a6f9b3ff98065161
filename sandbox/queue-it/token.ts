/**
 * The token that returns a visitor to the site, as the connectors check it.
 *
 * @module
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { constantTimeEqual } from "../../src/crypto/constant-time.ts";

/** What a token says. */
export interface Pass {
  readonly eventId: string;
  readonly queueId: string;
  /** `queue`, `safetynet`, `afterevent`, `disabled`, `idle`, `directlink`, or `debug` for diagnostics. */
  readonly redirectType: string;
  /** Until when the token is accepted, in Unix seconds. */
  readonly expiresAt: number;
  /** A session of this many minutes, instead of an extendable one. */
  readonly fixedCookieMinutes?: number | null | undefined;
  /** Address that the token is bound to. */
  readonly address?: string | undefined;
}

/** What is to be said of a token that somebody brings. */
export interface TokenReport {
  readonly signature: "valid" | "wrong";
  readonly eventId: string | undefined;
  readonly queueId: string | undefined;
  readonly redirectType: string | undefined;
  /** In Unix seconds. */
  readonly expiresAt: number | undefined;
}

/** The keeper of the secret key. */
export interface Signer {
  /** HMAC-SHA256 in lower-case hex. */
  hmac(text: string): string;
  /** Issues a token. */
  issue(pass: Pass): string;
  /** Reads a token, whatever it is. */
  inspect(token: string): TokenReport;
}

/**
 * Creates the signer of tokens.
 *
 * @param secretKey The customer's secret key.
 * @returns The signer.
 */
export function createSigner(secretKey: string): Signer {
  const key = utf8ToBytes(secretKey);
  const sign = (text: string): string => bytesToHex(hmac(sha256, key, utf8ToBytes(text)));
  return {
    hmac: sign,
    issue(pass): string {
      const { fixedCookieMinutes: fixed = null, address } = pass;
      const unsigned = [
        `e_${pass.eventId}`,
        `q_${pass.queueId}`,
        `ts_${pass.expiresAt}`,
        `ce_${fixed === null}`,
        ...(fixed === null ? [] : [`cv_${fixed}`]),
        `rt_${pass.redirectType}`,
        ...(address === undefined ? [] : [`hip_${sign(address)}`]),
      ].join("~");
      return `${unsigned}~h_${sign(unsigned)}`;
    },
    inspect(token): TokenReport {
      const fields = new Map<string, string>();
      for (const part of token.split("~")) {
        const [name, value, ...rest] = part.split("_");
        if (name !== undefined && value !== undefined && rest.length === 0) fields.set(name, value);
      }
      const hash = fields.get("h");
      const valid = hash !== undefined && constantTimeEqual(sign(token.replace(`~h_${hash}`, "")), hash);
      const seconds = Number.parseInt(fields.get("ts") ?? "", 10);
      return {
        signature: valid ? "valid" : "wrong",
        eventId: fields.get("e"),
        queueId: fields.get("q"),
        redirectType: fields.get("rt"),
        expiresAt: Number.isNaN(seconds) ? undefined : seconds,
      };
    },
  };
}
