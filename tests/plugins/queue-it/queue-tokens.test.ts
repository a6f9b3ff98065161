import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createDecipheriv, createHash } from "node:crypto";
import { test } from "node:test";
import { queueTokens, type QueueTokensOptions } from "../../../plugins/queue-it/queue-tokens.ts";

const customerId = "example";
const secretKey = "0123456789abcdef0123456789abcdef";
const nowMs = 1_900_000_000_000;
const visitor = { roomId: "event1", ip: "198.51.100.7", xForwardedFor: "203.0.113.9" };

/** What a token says to who has the key, read with the machine's own cryptography. */
function opened(token: string | null | undefined): { readonly header: unknown; readonly payload: unknown } {
  assert.ok(token);
  const [header = "", payload = "", hash] = token.split(".");
  assert.match(token, /^[\w.-]+$/);
  const signed = createHash("sha256").update(`${header}.${payload}${secretKey}`).digest("base64url");
  assert.equal(hash, signed);
  const said = JSON.parse(Buffer.from(header, "base64url").toString()) as { readonly ti: string };
  const key = createHash("sha256").update(secretKey).digest();
  const decipher = createDecipheriv("aes-256-cbc", key, createHash("md5").update(said.ti).digest());
  const text = Buffer.concat([decipher.update(Buffer.from(payload, "base64url")), decipher.final()]);
  return { header: said, payload: JSON.parse(text.toString()) };
}

/** Options with a clock that stands and identifiers that count. */
function optionsOf(more: Partial<QueueTokensOptions> = {}): QueueTokensOptions {
  const count = { made: 0 };
  return { customerId, secretKey, now: () => nowMs, randomUUID: () => `id-${++count.made}`, ...more };
}

test("queueTokens() says who may enter which room until when, and from where", async () => {
  const said = {
    typ: "QT1",
    enc: "AES256",
    iss: nowMs,
    exp: nowMs + 240_000,
    ti: "id-1",
    c: customerId,
    e: "event1",
    ip: "198.51.100.7",
    xff: "203.0.113.9",
  };
  const { ip: _, xff: __, ...placeless } = said;
  const { xff: ___, ...unforwarded } = said;
  const table: [Partial<QueueTokensOptions>, Partial<typeof visitor>, header: unknown, payload: unknown][] = [
    [{}, {}, said, { o: "Connector" }],
    [{ validityMs: 1 }, {}, { ...said, exp: nowMs + 1 }, { o: "Connector" }],
    [{ identifierPrefix: "shop" }, {}, { ...said, ti: "shop~id-1" }, { o: "Connector" }],
    [{ withKey: false }, {}, said, { o: "Connector" }],
    [{ withKey: true }, {}, said, { k: "id-2", o: "Connector" }],
    [{ customData: {} }, {}, said, { o: "Connector" }],
    [{ customData: { lang: "ö" } }, {}, said, { cd: { lang: "ö" }, o: "Connector" }],
    [{}, { ip: "", xForwardedFor: "" }, placeless, { o: "Connector" }],
    [{}, { xForwardedFor: "9".repeat(1024) }, { ...said, xff: "9".repeat(1024) }, { o: "Connector" }],
    [{}, { xForwardedFor: "9".repeat(1025) }, unforwarded, { o: "Connector" }],
  ];
  for (const [options, from, header, payload] of table) {
    const token = await queueTokens(optionsOf(options))({ ...visitor, ...from });
    assert.deepEqual(opened(token), { header, payload });
  }
});

test("queueTokens() makes each token by the platform's clock and with an identifier of its own by default", async () => {
  const enqueueToken = queueTokens({ customerId, secretKey });
  const before = Date.now();
  const tokens = [await enqueueToken(visitor), await enqueueToken(visitor)];
  // This file knows what a token says.
  const [one, two] = tokens.map((token) =>
    opened(token).header as { readonly iss: number; readonly ti: string }
  );
  assert.ok(one !== undefined && two !== undefined && one.iss >= before && one.iss <= Date.now());
  assert.match(one.ti, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/);
  assert.notEqual(one.ti, two.ti);
});

test("queueTokens() refuses wrong options at construction, and quotes no secret", () => {
  const table: [unknown, typeof TypeError | typeof RangeError, string][] = [
    [null, TypeError, "options must be an object, received null"],
    [{ room: "x" }, TypeError, 'unknown option "room"'],
    [{ customerId: undefined }, TypeError, '"customerId" must be a text'],
    [{ customerId: 1 }, TypeError, '"customerId" must be a text, received 1'],
    [{ customerId: "" }, RangeError, '"customerId" must be a text that is not empty'],
    [{ identifierPrefix: 1 }, TypeError, '"identifierPrefix" must be a text, received 1'],
    [{ identifierPrefix: "" }, RangeError, '"identifierPrefix" must be a text that is not empty'],
    [{ secretKey: "" }, TypeError, '"secretKey" must be the secret key, a text that is not empty'],
    [{ secretKey: 0x5ec7e7 }, TypeError, '"secretKey" must be the secret key, a text that is not empty'],
    [{ validityMs: 0 }, RangeError, '"validityMs" must be'],
    [{ validityMs: "1" }, TypeError, '"validityMs" must be'],
    [{ now: 1 }, TypeError, '"now" must be a function'],
    [{ randomUUID: "x" }, TypeError, '"randomUUID" must be a function'],
    [{ withKey: "yes" }, TypeError, '"withKey" must be true or false, received "yes"'],
    [{ customData: "x" }, TypeError, '"customData" must be an object of texts, received "x"'],
    [{ customData: null }, TypeError, '"customData" must be an object of texts, received null'],
  ];
  for (const [wrong, kind, message] of table) {
    const options = wrong === null ? null : { ...optionsOf(), ...wrong as object };
    assert.throws(() => queueTokens(options as unknown as QueueTokensOptions), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.ok(error.message.startsWith("Cannot create queue tokens: "), error.message);
      assert.ok(error.message.includes(message), error.message);
      assert.ok(error instanceof kind, `${error.name}: ${error.message}`);
      assert.ok(!error.message.includes(String(0x5ec7e7)));
      return true;
    });
  }
});
