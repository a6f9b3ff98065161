/**
 * Tokens with which visitors may enter a queue (QT1), for waiting rooms that ask for one.
 *
 * @module
 */

import { md5 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { base64Url } from "../../src/crypto/base64url.ts";
import {
  checkNumber,
  checkOptions,
  checkSyncFunction,
  secretError,
  shapeError,
  textError,
} from "../../src/options/check.ts";
import { isUnset } from "../../src/options/secret-kind.ts";
import type { EnqueueToken } from "./services.ts";

/** What a token tells the waiting room, encrypted. */
export interface QueueTokenPayload {
  /** The visitor's place compared with that of others, from 0 to 1. */
  readonly relativeQuality?: number;
  /** What may enter the queue once only, such as an account's number. */
  readonly key?: string;
  /** Further data for the waiting room. */
  readonly customData?: Readonly<Record<string, string>>;
  /** Who made the token. @default {"Connector"} */
  readonly origin?: "Connector" | "InviteOnly" | "AkamaiBotManagerHeaderValidator";
}

/** What a token says. */
export interface QueueTokenContent {
  /** The customer's id. */
  readonly customerId: string;
  /** The secret of the waiting room if the token is for one, otherwise the customer's. */
  readonly secretKey: string;
  /** The waiting room; left out, the token is good for all of the customer's. */
  readonly roomId?: string | undefined;
  /** When it was made, in Unix milliseconds. */
  readonly issuedAtMs: number;
  /** How long it may be used, in milliseconds; left out, there is no limit. */
  readonly validityMs?: number | undefined;
  /** Its identifier, which no other token may have. */
  readonly identifier: string;
  /** The address of the visitor who alone may use it. */
  readonly ip?: string | undefined;
  /** The addresses behind which the visitor is. */
  readonly xForwardedFor?: string | undefined;
  /** Left out, the token has none. */
  readonly payload?: QueueTokenPayload | undefined;
}

/** The options of {@linkcode queueTokens}. */
export interface QueueTokensOptions {
  /** The customer's id. */
  readonly customerId: string;
  /** The secret of the waiting rooms. */
  readonly secretKey: string;
  /** How long a token may be used, in milliseconds. @default {240000} */
  readonly validityMs?: number;
  /** Whether each token gets a random key, so that it may be used once only. @default {false} */
  readonly withKey?: boolean;
  /** Further data for the waiting room. */
  readonly customData?: Readonly<Record<string, string>>;
  /** What identifiers begin with, for your own statistics. */
  readonly identifierPrefix?: string;
  /** Tells the time in Unix milliseconds. @default {the platform's clock} */
  readonly now?: () => number;
  /** Makes identifiers. @default {crypto.randomUUID} */
  readonly randomUUID?: () => string;
}

/**
 * Makes tokens with which visitors may enter the queue, one for each visitor who is sent there. It works with
 * WebCrypto, so a redirect to the waiting room becomes asynchronous; visitors with a session do not wait for it.
 *
 * Protocol: the public package `@queue-it/queue-token`.
 *
 * @param options Whose tokens they are, and how long they may be used.
 * @returns The option `enqueueToken` of `queueIt` and `queueItEvent`.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { queueTokens } from "stanchion/queue-it";
 *
 * const enqueueToken = queueTokens({ customerId: "example", secretKey: "your-secret-key", validityMs: 60_000 });
 * await enqueueToken({ roomId: "event1", ip: "198.51.100.7", xForwardedFor: "" }); // "eyJ0eXAiOiJRVDEi…"
 * ```
 */
export function queueTokens(options: QueueTokensOptions): EnqueueToken {
  checkQueueTokens(options);
  const { customerId, secretKey, validityMs = 240_000, withKey = false, customData, identifierPrefix } =
    options;
  const { now = Date.now, randomUUID = () => crypto.randomUUID() } = options;
  return ({ roomId, ip, xForwardedFor }) =>
    createQueueToken({
      customerId,
      secretKey,
      roomId,
      issuedAtMs: now(),
      validityMs,
      identifier: (identifierPrefix ? `${identifierPrefix}~` : "") + randomUUID(),
      ip: ip || undefined,
      // No chain of proxies is that long, and the token has to fit into a redirect.
      xForwardedFor: xForwardedFor.length <= maxForwarded ? xForwardedFor || undefined : undefined,
      payload: {
        ...(withKey ? { key: randomUUID() } : {}),
        ...(customData === undefined ? {} : { customData }),
      },
    });
}

const maxForwarded = 1024;

/**
 * Makes one token with which a visitor may enter the queue.
 *
 * @param content What it says.
 * @returns The token, which needs no encoding in a URL.
 *
 * @example
 * ```ts
 * import { createQueueToken } from "stanchion/queue-it";
 *
 * await createQueueToken({
 *   customerId: "example",
 *   secretKey: "your-secret-key",
 *   issuedAtMs: Date.now(),
 *   identifier: crypto.randomUUID(),
 * });
 * ```
 */
export async function createQueueToken(content: QueueTokenContent): Promise<string> {
  const { customerId, secretKey, roomId, issuedAtMs, validityMs, identifier, ip, xForwardedFor, payload } =
    content;
  const header = base64Url(json({
    typ: "QT1",
    enc: "AES256",
    iss: issuedAtMs,
    exp: validityMs === undefined ? undefined : issuedAtMs + validityMs,
    ti: identifier,
    c: customerId,
    e: roomId,
    ip,
    xff: xForwardedFor,
  }));
  const secret = payload === undefined
    ? ""
    : base64Url(await encrypted(payloadOf(payload), secretKey, identifier));
  const signed = `${header}.${secret}`;
  return `${signed}.${base64Url(sha256(utf8ToBytes(signed + secretKey)))}`;
}

function payloadOf(
  { relativeQuality, key, customData, origin = "Connector" }: QueueTokenPayload,
): Uint8Array {
  const isEmpty = customData === undefined || Object.keys(customData).length === 0;
  return json({ r: relativeQuality, k: key, cd: isEmpty ? undefined : customData, o: origin });
}

async function encrypted(text: Uint8Array, secretKey: string, identifier: string): Promise<Uint8Array> {
  const name = "AES-CBC";
  const key = await crypto.subtle.importKey("raw", bytes(sha256(utf8ToBytes(secretKey))), name, false, [
    "encrypt",
  ]);
  const iv = bytes(md5(utf8ToBytes(identifier)));
  return new Uint8Array(await crypto.subtle.encrypt({ name, iv }, key, bytes(text)));
}

/** Bytes in memory that is theirs alone, which WebCrypto asks for. */
function bytes(source: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(source);
}

function json(value: Readonly<Record<string, unknown>>): Uint8Array {
  return utf8ToBytes(JSON.stringify(value));
}

function checkQueueTokens(options: QueueTokensOptions): void {
  const subject = "queue tokens";
  const texts = ["customerId", "identifierPrefix"] as const;
  const known = [...texts, "now", "randomUUID", "secretKey", "validityMs", "withKey", "customData"];
  checkOptions(subject, options, known);
  for (const name of texts) {
    const value: unknown = options[name];
    if (value === undefined && name !== "customerId") continue;
    if (typeof value !== "string") throw textError(subject, name, "a text", value);
    if (value === "") throw textError(subject, name, "a text that is not empty", value);
  }
  const { secretKey } = options;
  if (typeof secretKey !== "string" || isUnset(secretKey)) {
    throw secretError(subject, "secretKey", "the secret key, a text that is not empty", secretKey);
  }
  if (options.validityMs !== undefined) checkNumber(subject, "validityMs", options.validityMs, 1);
  const { now, randomUUID } = options;
  if (now !== undefined) checkSyncFunction(subject, "now", now);
  if (randomUUID !== undefined) checkSyncFunction(subject, "randomUUID", randomUUID);
  if (options.withKey !== undefined && typeof options.withKey !== "boolean") {
    throw shapeError(subject, "withKey", "true or false", options.withKey);
  }
  const { customData } = options;
  if (customData !== undefined && (typeof customData !== "object" || customData === null)) {
    throw shapeError(subject, "customData", "an object of texts", customData);
  }
}
