/**
 * The enqueue token `QT1`, by which a site vouches for a visitor whom it sends to the queue.
 *
 * @module
 */
import { md5 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { constantTimeEqual } from "../../src/crypto/constant-time.ts";

/** Why an enqueue token is refused. */
export type EnqueueRefusal =
  | "missing"
  | "malformed"
  | "signature"
  | "customer"
  | "event"
  | "expired"
  | "address"
  | "used"
  | "payload";

/** What an enqueue token is checked against. */
export interface EnqueueExpectation {
  readonly customerId: string;
  readonly secretKey: string;
  readonly eventId: string;
  /** Unix milliseconds. */
  readonly now: number;
  /** The visitor's address, if it is known. */
  readonly address: string | undefined;
  /** Notes an identifier; says whether it is new. */
  readonly spend: (identifier: string) => boolean;
}

const MAX_CHARS = 4096;
const text = v.optional(v.string());
const Header = v.object({
  typ: v.literal("QT1"),
  enc: v.literal("AES256"),
  iss: v.number(),
  exp: v.optional(v.number()),
  ti: v.string(),
  c: v.string(),
  e: text,
  ip: text,
});

/**
 * Checks an enqueue token.
 *
 * @param token The token.
 * @param expected What it must say.
 * @returns Why it is refused, or `undefined` if it is good.
 */
export async function refuseEnqueueToken(
  token: string | undefined,
  expected: EnqueueExpectation,
): Promise<EnqueueRefusal | undefined> {
  if (token === undefined || token === "") return "missing";
  const [head = "", payload = "", signature = "", ...rest] = token.split(".");
  if (token.length > MAX_CHARS || rest.length > 0) return "malformed";
  const header = v.safeParse(Header, parseJson(decode(head)));
  if (!header.success) return "malformed";
  const { ti, c, e, ip, exp } = header.output;
  const wanted = encode(sha256(utf8ToBytes(`${head}.${payload}${expected.secretKey}`)));
  if (!constantTimeEqual(wanted, signature)) return "signature";
  if (c !== expected.customerId) return "customer";
  if (e !== undefined && e !== expected.eventId) return "event";
  if (exp !== undefined && exp < expected.now) return "expired";
  if (ip !== undefined && expected.address !== undefined && ip !== expected.address) return "address";
  if (payload !== "" && !await isReadable(payload, ti, expected.secretKey)) return "payload";
  return expected.spend(ti) ? undefined : "used";
}

async function isReadable(payload: string, identifier: string, secretKey: string): Promise<boolean> {
  const bytes = decode(payload);
  if (bytes === undefined) return false;
  // Both are copies over plain buffers, which is what Web Crypto's types ask for.
  const rawKey = new Uint8Array(sha256(utf8ToBytes(secretKey)));
  const iv = new Uint8Array(md5(utf8ToBytes(identifier)));
  try {
    const key = await crypto.subtle.importKey("raw", rawKey, "AES-CBC", false, ["decrypt"]);
    const plain = await crypto.subtle.decrypt({ name: "AES-CBC", iv }, key, bytes);
    return parseJson(new Uint8Array(plain)) !== undefined;
  } catch {
    return false;
  }
}

function parseJson(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Decodes base64url without padding. */
function decode(value: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(value)) return undefined;
  try {
    const binary = atob(value.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
