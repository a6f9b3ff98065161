import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { crowdhandler } from "../../../plugins/crowdhandler/mod.ts";
import { grace } from "../../../plugins/grace/mod.ts";
import { queueItEvent } from "../../../plugins/queue-it/mod.ts";
import { storageTokens } from "../../../plugins/storage-tokens/mod.ts";
import { checkCookieScope, checkDomain, type CookieScope } from "../../../src/options/cookie-scope.ts";
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

test("checkCookieScope() says which option is wrong, what it must be and what it was", () => {
  const own = 'a domain of your own, such as "example.com" ("" keeps the cookie on the host alone)';
  const name = 'a domain, not an address ("" keeps the cookie on the host alone)';
  const open = (origin: string) =>
    `false for pages that are not encrypted, such as those of ${origin}: browsers keep no such cookie there`;
  const secure = 'true with SameSite "None" and with this cookie name';
  const table: [
    scope: CookieScope,
    hosts: readonly string[],
    option: string,
    must: string,
    received: string,
  ][] = [
    [{ domain: "test" }, [], "domain", own, '"test"'],
    [{ domain: "1.2.3.4" }, [], "domain", name, '"1.2.3.4"'],
    [{ domain: "a_b" }, [], "domain", "a host name", '"a_b"'],
    [
      { domain: "b.test" },
      ["a.test"],
      "domain",
      '"" or a domain that one of the public hosts is in (a.test)',
      '"b.test"',
    ],
    [{ secure: false, sameSite: "None" }, [], "secure", secure, "false"],
    [{ domain: "a.test", name: "__host-" }, [], "domain", '"" with this cookie name', '"a.test"'],
    [{ path: "", name: "__Host-a" }, [], "path", '"/" with this cookie name', '""'],
    [{ secure: true }, ["http://a.test:80"], "secure", open("http://a.test"), "true"],
    [{ secure: true }, ["http://localhost", "http://a.test:81"], "secure", open("http://a.test:81"), "true"],
  ];
  for (const [scope, hosts, option, must, received] of table) {
    for (const prefix of ["", "cookie."]) {
      assert.throws(() => checkCookieScope("test plugin", scope, hosts, prefix), {
        name: "RangeError",
        message: `Cannot create test plugin: "${prefix}${option}" must be ${must}, received ${received}`,
      });
    }
  }
  assert.throws(() => checkDomain("test plugin", "domain", null), {
    name: "TypeError",
    message: 'Cannot create test plugin: "domain" must be a host name, received null',
  });
});

test("checkCookieScope() leaves alone what contradicts nothing", () => {
  const table: readonly (readonly [scope: CookieScope, hosts?: readonly string[]])[] = [
    [{ name: "a__Host-", domain: "example.com", path: "/shop", secure: false }],
    [{ name: "a__Secure-", secure: false, sameSite: "Lax" }],
    [{ name: "__Secure-a", domain: "example.com", path: "/shop" }],
    [{ name: "__Host-a", domain: "", path: undefined }],
    [{ secure: false }, ["http://shop.test"]],
    [{ secure: undefined }, ["http://shop.test"]],
    [{ secure: true, sameSite: "None" }, ["shop.test"]],
    [{ secure: true }, ["https.test"]],
    [{ domain: "example.com" }, ["no host"]],
    [{ domain: "example.com" }, ["other.test", "shop.example.com:8443"]],
  ];
  for (const [scope, hosts] of table) assert.doesNotThrow(() => checkCookieScope("test", scope, hosts));
});

test("checkDomain() knows the public suffixes in wide use, and takes what is below them", () => {
  const suffixes = [
    ..."ac.uk co.uk gov.uk org.uk".split(" "),
    ..."co.at co.id co.il co.in co.jp co.kr co.nz co.th co.za ne.jp or.jp".split(" "),
    ..."com.ar com.au com.br com.cn com.co com.hk com.mx com.my com.ph com.pl com.sg com.tr com.tw com.ua com.vn"
      .split(" "),
    ..."net.au org.au github.io gitlab.io deno.dev fly.dev pages.dev workers.dev".split(" "),
    ..."netlify.app railway.app run.app vercel.app web.app".split(" "),
    ..."azurewebsites.net cloudfront.net herokuapp.com myshopify.com onrender.com".split(" "),
  ];
  for (const suffix of suffixes) {
    for (const domain of [suffix, `.${suffix}`, suffix.toUpperCase()]) {
      assert.throws(() => checkDomain("test", "domain", domain), /must be a domain of your own/, domain);
    }
    for (const domain of [`shop.${suffix}`, `x${suffix}`, `${suffix}.test`]) {
      assert.doesNotThrow(() => checkDomain("test", "domain", domain), domain);
    }
  }
  for (const domain of ["1", "a.1", "1.2.3.4", ".1.2.3.4", "a.007"]) {
    assert.throws(() => checkDomain("test", "domain", domain), /must be a domain, not an address/, domain);
  }
  for (const domain of ["1.test", "a.1b", "a1.b1", "1a.b"]) {
    assert.doesNotThrow(() => checkDomain("test", "domain", domain), domain);
  }
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
