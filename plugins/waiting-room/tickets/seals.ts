import { base64Url } from "../../../src/crypto/base64url.ts";
import { createMac, type Mac } from "../../../src/crypto/hmac.ts";
import { base64 } from "../../../src/crypto/spelling.ts";
import type { Subject } from "../../../src/options/check.ts";
import { checkSecretList } from "../../../src/options/check-secrets.ts";

/** What a signed text is for, beside what it says: no text counts for anything else. */
export interface Meant {
  /** `proof`, `puzzle`, `identity`: one kind of text never passes for another. */
  readonly use: string;
  readonly room: string;
  /** What the owner binds it to; `""` for nothing. */
  readonly binding: string;
}

/** Signs texts, and finds out what somebody signed who has one of the keys. */
export interface Seals {
  /** Signs with the first key: `<key id>.<body>.<HMAC-SHA-256 in base64url>`. The body consists of `A-Z a-z 0-9 _ - . !`. */
  close(meant: Meant, body: string): string;
  /** Gives the body of a text that was signed so by any of the keys; `undefined` for every other text. */
  open(meant: Meant, text: string): string | undefined;
}

/** One key, prepared, with the name that its texts bear. */
interface Key {
  readonly id: string;
  readonly mac: Mac;
}

const idLength = 4;
const text = /^[\w-]{4}\.[\w.!-]+\.[\w-]{43}$/;
/** The shortest key, in bytes: as long as its hash (RFC 2104, section 3). */
const leastKeyBytes = 32;

/** Prepares the keys: the first signs, all verify. */
export function createSeals(secretKeys: readonly string[]): Seals {
  const keys = [...new Set(secretKeys)].map(keyOf);
  const [first] = keys;
  return {
    close(meant, body) {
      if (first === undefined) throw new TypeError("There is no key to sign with");
      const signed = `${first.id}.${body}`;
      return `${signed}.${base64Url(first.mac.hash(contextOf(meant) + signed))}`;
    },
    open(meant, sealed) {
      if (!text.test(sealed)) return undefined;
      const signed = sealed.slice(0, -1 - base64.length);
      const signature = sealed.slice(-base64.length);
      // Whose the id is, is no secret. Two keys may have one by chance.
      const found = keys.some(({ id, mac }) =>
        signed.startsWith(id) && mac.verifies(contextOf(meant) + signed, signature, base64)
      );
      return found ? signed.slice(idLength + 1) : undefined;
    },
  };
}

/** Refuses keys that are too short, or none. What is wrong with them is told, but not what they are. */
export function checkKeys(subject: Subject, secretKeys: unknown): void {
  const must = `a list of secret keys of at least ${leastKeyBytes} bytes each`;
  const isLong = (key: string) => new TextEncoder().encode(key).length >= leastKeyBytes;
  checkSecretList(subject, "secretKeys", secretKeys, must, isLong);
}

function keyOf(secret: string): Key {
  const mac = createMac(secret);
  return { id: base64Url(mac.hash("stanchion key id").subarray(0, 3)), mac };
}

/** What stands before every signed text. Each part says how long it is, so no character of one passes for one of the next. */
export function contextOf({ use, room, binding }: Meant): string {
  return `stanchion 1 ${part(use)}${part(room)}${part(binding)}`;
}

/** A part with its length. Half a character would be hashed as if it were another one, and is spelled out. */
function part(value: string): string {
  return value.isWellFormed() ? `${value.length}:${value}` : `${value.length}!${JSON.stringify(value)}`;
}
