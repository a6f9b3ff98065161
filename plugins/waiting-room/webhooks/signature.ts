import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/** A secret as receivers' libraries know it: `whsec_` and 24 to 64 bytes in base64. */
export function keyOf(secret: string): Uint8Array | undefined {
  const text = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/.exec(secret)?.[1];
  if (text === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return bytes.length >= 24 && bytes.length <= 64 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes the headers of a message, by the specification "Standard Webhooks": the id, the time in Unix seconds, and a signature by each secret of
 * both and the body, so that nobody can send it once more later, or as another one.
 */
export function createHeaders(
  secrets: readonly string[],
): (id: string, seconds: number, body: string) => Readonly<Record<string, string>> {
  // They were checked before.
  const keys = secrets.map((secret) => keyOf(secret) ?? new Uint8Array());
  return (id, seconds, body) => {
    const text = utf8ToBytes(`${id}.${seconds}.${body}`);
    const signatures = keys.map((key) => `v1,${btoa(String.fromCharCode(...hmac(sha256, key, text)))}`);
    return {
      "webhook-id": id,
      "webhook-timestamp": String(seconds),
      "webhook-signature": signatures.join(" "),
    };
  };
}
