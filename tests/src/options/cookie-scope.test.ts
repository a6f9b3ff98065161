import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { crowdhandler } from "../../../plugins/crowdhandler/mod.ts";
import { grace } from "../../../plugins/grace/mod.ts";
import { queueItEvent } from "../../../plugins/queue-it/mod.ts";
import { storageTokens } from "../../../plugins/storage-tokens/mod.ts";
import { checkCookieScope, type CookieScope } from "../../../src/options/cookie-scope.ts";
import { mapStorage } from "../../support/map-storage.ts";

const shop = ["shop.example.com", "www.example.com:8443"];

test("checkCookieScope() accepts what browsers keep", () => {
  const table: readonly (readonly [scope: CookieScope, hosts?: readonly string[]])[] = [
    [{}],
    [{ domain: "" }, shop],
    [{ domain: "example.com" }, shop],
    [{ domain: ".Example.com" }, shop],
    [{ domain: "www.example.com" }, shop],
    [{ domain: "example.co.uk" }],
    [{ domain: "shop.vercel.app" }],
    [{ domain: "example.com", secure: false }, shop],
    [{ secure: true }, [
      "http://localhost:8080",
      "http://app.localhost",
      "http://127.0.0.1:1",
      "http://[::1]:1",
    ]],
    [{ name: "__Host-a", path: "/", secure: true }],
    [{ name: "__Secure-a", domain: "example.com", secure: true }],
  ];
  for (const [scope, hosts] of table) assert.doesNotThrow(() => checkCookieScope("test", scope, hosts));
});

test("checkCookieScope() refuses what no browser keeps, and says what was given and what to do", () => {
  const table: readonly (readonly [CookieScope, readonly string[], RegExp])[] = [
    [{ domain: "localhost" }, [], /"c\.domain" must be a domain of your own, .*received "localhost"/],
    [{ domain: ".COM" }, [], /must be a domain of your own/],
    [{ domain: "co.uk" }, [], /must be a domain of your own/],
    [{ domain: ".vercel.app" }, [], /must be a domain of your own/],
    [{ domain: "192.0.2.1" }, [], /must be a domain, not an address .*received "192\.0\.2\.1"/],
    [{ domain: "a b" }, [], /must be a host name/],
    [
      { domain: "other.test" },
      shop,
      /one of the public hosts is in \(shop\.example\.com, www\.example\.com\)/,
    ],
    [{ domain: "op.example.com" }, shop, /one of the public hosts is in/],
    [
      { secure: true },
      ["https.test", "http://shop.test"],
      /"c\.secure" must be false .* http:\/\/shop\.test/,
    ],
    [{ secure: false, sameSite: "None" }, [], /"c\.secure" must be true/],
    [{ secure: false, name: "__secure-a" }, [], /"c\.secure" must be true/],
    [{ secure: false, name: "__Host-a" }, [], /"c\.secure" must be true/],
    [{ domain: "example.com", name: "__Host-a" }, [], /"c\.domain" must be ""/],
    [{ path: "/shop", name: "__Host-a" }, [], /"c\.path" must be "\/"/],
  ];
  for (const [scope, hosts, message] of table) {
    assert.throws(() => checkCookieScope("test", scope, hosts, "c."), (error: unknown) => {
      assert.ok(error instanceof RangeError && error.message.startsWith("Cannot create test: "));
      assert.match(error.message, message);
      return true;
    });
  }
  assert.throws(() => checkCookieScope("test", { domain: 1 as never }), TypeError);
});

test("every plugin that writes cookies refuses a domain that is nobody's own", () => {
  const domain = "co.uk";
  const secrets = ["a-secret-of-your-own"];
  const makers: readonly (() => unknown)[] = [
    () => cookieTokens({ domain }),
    () => grace({ secrets, cookie: { domain } }),
    () => storageTokens({ storage: mapStorage().storage, cookie: { domain } }),
    () => crowdhandler({ publicKey: "key", cookie: { domain } }),
    () => crowdhandler({ publicKey: "key", publicHosts: shop, cookie: { domain: "example.org" } }),
    () =>
      queueItEvent({
        customerId: "a",
        secretKeys: secrets,
        eventId: "e",
        queueDomain: "q.test",
        validityMinutes: 20,
        cookieDomain: domain,
      }),
  ];
  for (const make of makers) assert.throws(make, RangeError);
});
