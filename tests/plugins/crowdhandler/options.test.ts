import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crowdhandler } from "../../../plugins/crowdhandler/mod.ts";
import { privateKey, publicKey } from "./_helpers.ts";

const hosts = 'a list of hosts such as "shop.example.com", or "http://localhost:8080" for development';
const name = "a cookie name, made of letters, digits and !#$%&'*+-.^_`|~";
const api = "an absolute http or https URL without query and without /v1";
const wait = "an absolute http or https URL without query";
const key = "key, one word of printable characters, received ";
const unset = "is the variable set?";
const slug = 'the slug of a room, such as "queen-victoria-hall"';
const safe = 'true with SameSite "None" and with this cookie name';

/** Wrong options beside a right key, and what is said of them after `Cannot create crowdhandler plugin: `. */
const wrong: [Record<string, unknown>, typeof TypeError | typeof RangeError, string][] = [
  [{ publicKey: undefined }, TypeError, `"publicKey" must be the account's public ${key}undefined: ${unset}`],
  [{ publicKey: "" }, TypeError, `"publicKey" must be the account's public ${key}an empty text: ${unset}`],
  [
    { publicKey: "secret key" },
    TypeError,
    `"publicKey" must be the account's public ${key}a text of 10 characters with a blank (not shown)`,
  ],
  [
    { publicKey: "key\r\nx: y" },
    TypeError,
    `"publicKey" must be the account's public ${key}a text of 9 characters with a line break (not shown)`,
  ],
  [
    { publicKey: "x".repeat(257) },
    TypeError,
    `"publicKey" must be the account's public ${key}a text of 257 characters (not shown)`,
  ],
  [
    { publicKey: "clé" },
    TypeError,
    `"publicKey" must be the account's public ${key}a text of 3 characters with others than those of ASCII (not shown)`,
  ],
  [
    { publicKey: "undefined" },
    TypeError,
    `"publicKey" must be the account's public ${key}the text "undefined": ${unset}`,
  ],
  [{ privateKey: "" }, TypeError, `"privateKey" must be the account's private ${key}an empty text: ${unset}`],
  [
    { privateKey: 5 },
    TypeError,
    `"privateKey" must be the account's private ${key}something of the type number (not shown)`,
  ],
  [{ mode: "lite" }, RangeError, '"mode" must be one of "full", "hybrid", received "lite"'],
  [{ mode: "hybrid" }, TypeError, `"privateKey" must be given in hybrid mode, received undefined: ${unset}`],
  [{ auth: "bearer" }, RangeError, '"auth" must be one of "x-api-key", "basic", received "bearer"'],
  [
    { cleanUrl: true },
    RangeError,
    '"cleanUrl" must be one of "first", "after-check", "never", received true',
  ],
  [
    { mode: "hybrid", privateKey, cleanUrl: "first" },
    RangeError,
    '"cleanUrl" must be one of "after-check", "never", received "first"',
  ],
  [{ timeoutMs: "2000" }, TypeError, '"timeoutMs" must be an integer from 1 to 60000, received "2000"'],
  [{ timeoutMs: 0 }, RangeError, '"timeoutMs" must be an integer from 1 to 60000, received 0'],
  [
    { timeoutMs: NaN },
    RangeError,
    '"timeoutMs" must be an integer from 1 to 60000, received NaN',
  ],
  [{ timeoutMs: 60_001 }, RangeError, '"timeoutMs" must be an integer from 1 to 60000, received 60001'],
  [{ fallbackSlug: 5 }, TypeError, `"fallbackSlug" must be ${slug}, received 5`],
  [{ fallbackSlug: "" }, RangeError, `"fallbackSlug" must be ${slug}, received ""`],
  [{ fallbackSlug: ".." }, RangeError, `"fallbackSlug" must be ${slug}, received ".."`],
  [{ fallbackSlug: "hall?" }, RangeError, `"fallbackSlug" must be ${slug}, received "hall?"`],
  [{ fallbackSlug: "/hall" }, RangeError, `"fallbackSlug" must be ${slug}, received "/hall"`],
  [{ apiUrl: 5 }, TypeError, `"apiUrl" must be ${api}, received 5`],
  [{ apiUrl: "api.test" }, RangeError, `"apiUrl" must be ${api}, received "api.test"`],
  [{ apiUrl: "xhttps://api.test" }, RangeError, `"apiUrl" must be ${api}, received "xhttps://api.test"`],
  [{ apiUrl: "https://" }, RangeError, `"apiUrl" must be ${api}, received "https://"`],
  [{ apiUrl: "https://a b.test" }, RangeError, `"apiUrl" must be ${api}, received "https://a b.test"`],
  [{ apiUrl: "https://api.test:x" }, RangeError, `"apiUrl" must be ${api}, received "https://api.test:x"`],
  [{ apiUrl: "ftp://api.test" }, RangeError, `"apiUrl" must be ${api}, received "ftp://api.test"`],
  [{ apiUrl: "https://api.test/?" }, RangeError, `"apiUrl" must be ${api}, received "https://api.test/?"`],
  [
    { apiUrl: "https://api.test/v1" },
    RangeError,
    `"apiUrl" must be ${api}, received "https://api.test/v1"`,
  ],
  [
    { apiUrl: "https://api.test/v1//" },
    RangeError,
    `"apiUrl" must be ${api}, received "https://api.test/v1//"`,
  ],
  [
    { apiUrl: "https://api.test/v1/" },
    RangeError,
    `"apiUrl" must be ${api}, received "https://api.test/v1/"`,
  ],
  [
    { apiUrl: "https://:secret@api.test" },
    RangeError,
    `"apiUrl" must be ${api}, received one with credentials`,
  ],
  [{ waitingRoomUrl: "/ch" }, RangeError, `"waitingRoomUrl" must be ${wait}, received "/ch"`],
  [
    { waitingRoomUrl: "https://x.test/#" },
    RangeError,
    `"waitingRoomUrl" must be ${wait}, received "https://x.test/#"`,
  ],
  [{ publicHosts: "shop.test" }, TypeError, `"publicHosts" must be ${hosts}, received "shop.test"`],
  [{ publicHosts: [] }, RangeError, `"publicHosts" must be ${hosts}, received []`],
  [{ publicHosts: [5] }, TypeError, `"publicHosts" must be ${hosts}, received 5`],
  [
    { publicHosts: ["https://a.test"] },
    RangeError,
    `"publicHosts" must be ${hosts}, received "https://a.test"`,
  ],
  [{ publicHosts: ["a.test:99999"] }, RangeError, `"publicHosts" must be ${hosts}, received "a.test:99999"`],
  [{ publicHosts: ["*.a.test"] }, RangeError, `"publicHosts" must be ${hosts}, received "*.a.test"`],
  [{ loopGuard: 1 }, TypeError, '"loopGuard" must be true or false, received 1'],
  [{ lite: "yes" }, TypeError, '"lite" must be true or false, received "yes"'],
  [{ checkout: {} }, TypeError, '"checkout" must be true or false, received {}'],
  [{ visitor: {} }, TypeError, '"visitor" must be a function, received {}'],
  [{ parameters: {} }, TypeError, '"parameters" must be a function, received {}'],
  [{ fetch: null }, TypeError, '"fetch" must be a function, received null'],
  [{ random: 0.5 }, TypeError, '"random" must be a function, received 0.5'],
  [{ warn: true }, TypeError, '"warn" must be a function, received true'],
  [
    { cookie: "crowdhandler" },
    TypeError,
    '"cookie" must be an object, received a text (not shown)',
  ],
  [{ cookie: { name: "a b" } }, RangeError, `"cookie.name" must be ${name}, received "a b"`],
  [{ cookie: { name: 5 } }, TypeError, `"cookie.name" must be ${name}, received 5`],
  [
    { cookie: { alsoRead: "ch-id" } },
    TypeError,
    `"cookie.alsoRead" must be a list of ${name}, received "ch-id"`,
  ],
  [{ cookie: { alsoRead: [""] } }, RangeError, `"cookie.alsoRead" must be a list of ${name}, received ""`],
  [
    { cookie: { alsoRead: ["x".repeat(257)] } },
    RangeError,
    `"cookie.alsoRead" must be a list of ${name}, received "${"x".repeat(56)}...`,
  ],
  [
    { cookie: { maxAgeSeconds: 34_560_001 } },
    RangeError,
    '"cookie.maxAgeSeconds" must be an integer from 0 to 34560000, received 34560001',
  ],
  [
    { cookie: { maxAgeSeconds: -1 } },
    RangeError,
    '"cookie.maxAgeSeconds" must be an integer from 0 to 34560000, received -1',
  ],
  [
    { cookie: { domain: "a.test; x" } },
    RangeError,
    '"cookie.domain" must be a host name, received "a.test; x"',
  ],
  [{ cookie: { secure: 1 } }, TypeError, '"cookie.secure" must be true or false, received 1'],
  [{ cookie: { httpOnly: "no" } }, TypeError, '"cookie.httpOnly" must be true or false, received "no"'],
  [
    { cookie: { sameSite: "Strict" } },
    RangeError,
    '"cookie.sameSite" must be one of "Lax", "None", received "Strict"',
  ],
  [
    { cookie: { sameSite: "None", secure: false } },
    RangeError,
    `"cookie.secure" must be ${safe}, received false`,
  ],
  [
    { cookie: { name: "__Host-ch", secure: false } },
    RangeError,
    `"cookie.secure" must be ${safe}, received false`,
  ],
  [
    { cookie: { name: "__Host-ch", domain: "a.test" } },
    RangeError,
    '"cookie.domain" must be "" with this cookie name, received "a.test"',
  ],
  [
    { cookie: { maxAge: 5 } },
    TypeError,
    'unknown option "cookie.maxAge", the options are name, alsoRead, maxAgeSeconds, domain, secure, httpOnly, sameSite',
  ],
  [{ rooms: [] }, TypeError, '"rooms" must be an object, received a list (not shown)'],
  [{ rooms: { ttl: 5 } }, TypeError, 'unknown option "rooms.ttl", the options are ttlMs, maxStaleMs'],
  [
    { rooms: { ttlMs: -1 } },
    RangeError,
    '"rooms.ttlMs" must be an integer from 0 to 9007199254740991, received -1',
  ],
  [
    { rooms: { maxStaleMs: "1" } },
    TypeError,
    '"rooms.maxStaleMs" must be an integer from 0 to 9007199254740991, received "1"',
  ],
  [{ performance: null }, TypeError, '"performance" must be an object, received null'],
  [
    { performance: { rate: 1 } },
    TypeError,
    'unknown option "performance.rate", the options are sample, dialect, timeoutMs',
  ],
  [{ performance: { sample: "1" } }, TypeError, '"performance.sample" must be a number, received "1"'],
  [{ performance: { sample: NaN } }, RangeError, '"performance.sample" must be a number, received NaN'],
  [
    { performance: { dialect: "status" } },
    RangeError,
    '"performance.dialect" must be one of "both", "code", "httpCode", received "status"',
  ],
  [
    { performance: { timeoutMs: 0 } },
    RangeError,
    '"performance.timeoutMs" must be an integer from 1 to 60000, received 0',
  ],
];

describe("crowdhandler() refuses wrong options at construction", () => {
  for (const [options, kind, text] of wrong) {
    test(`crowdhandler() refuses ${JSON.stringify(options)}`, () => {
      // What is passed is wrong on purpose.
      assert.throws(() => crowdhandler({ publicKey, ...options } as never), (error: unknown) => {
        assert.ok(error instanceof kind, `${String(error)} is no ${kind.name}`);
        assert.equal(error.message, `Cannot create crowdhandler plugin: ${text}`);
        return true;
      });
    });
  }
});

test("crowdhandler() refuses options that are no object, and names it does not know", () => {
  // What is passed is wrong on purpose.
  assert.throws(() => crowdhandler(undefined as never), {
    name: "TypeError",
    message: "Cannot create crowdhandler plugin: options must be an object, received undefined",
  });
  assert.throws(
    () => crowdhandler({ publicKey, trustOnFail: true } as never),
    /^TypeError: Cannot create crowdhandler plugin: unknown option "trustOnFail", the options are publicKey, /,
  );
});

test("crowdhandler() shows no key in a message", () => {
  for (const options of [{ publicKey: "my secret" }, { publicKey, privateKey: "my secret" }]) {
    assert.throws(() => crowdhandler(options), (error: unknown) => !String(error).includes("secret"));
  }
});

test("crowdhandler() takes options at their limits", () => {
  const table: Partial<Parameters<typeof crowdhandler>[0]>[] = [
    {},
    { mode: "full", privateKey, auth: "basic", cleanUrl: "never", timeoutMs: 1 },
    { mode: "hybrid", privateKey, cleanUrl: "after-check", timeoutMs: 60_000 },
    { publicHosts: ["shop.test", "SHOP.test.", "shop.test:8443", "[::1]:3000", "http://localhost:8000"] },
    { publicKey: "x".repeat(256), privateKey: "!~" },
    { apiUrl: "HTTPS://api.test/v1x", waitingRoomUrl: "https://shop.test/v1" },
    { apiUrl: "https://api.test/xv1", fallbackSlug: "..." },
    { cookie: { name: "x".repeat(256), alsoRead: ["x".repeat(256)] } },
    { apiUrl: "http://127.0.0.1:1/api/", waitingRoomUrl: "https://shop.test/ch/", fallbackSlug: "hall" },
    { performance: { sample: Infinity } },
    { performance: { sample: -1, dialect: "code", timeoutMs: 1 } },
    { rooms: { ttlMs: 0, maxStaleMs: 0 }, lite: true, checkout: true, loopGuard: true },
    { cookie: { name: "__Host-ch", alsoRead: [], maxAgeSeconds: 0, domain: "", sameSite: "None" } },
    { cookie: { domain: ".example.com", maxAgeSeconds: 34_560_000, secure: false, httpOnly: false } },
  ];
  for (const options of table) assert.equal(crowdhandler({ publicKey, ...options }).name, "crowdhandler");
});
