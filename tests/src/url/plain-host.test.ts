import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "../../support/random-cases.ts";
import { isPlainHost } from "../../../src/url/plain-host.ts";

test("isPlainHost() holds of hosts that a parser takes", () => {
  const parts = fc.constantFrom(
    ..."a b 0 9 1 255 256 0x 0x1f 07 - -- _ . .. xn-- xn--a : :80 :443 :0 :65535 :65536 :99999 [::1] @ / ? # % \\ A é"
      .split(" "),
    "",
    " ",
    "\n",
  );
  const hosts = fc.array(parts, { minLength: 1, maxLength: 6 }).map((list) => list.join(""));
  fc.assert(
    fc.property(hosts, fc.constantFrom("http", "https"), (host, scheme) => {
      if (!isPlainHost(host)) return;
      const { hostname, pathname, search, username } = new URL(`${scheme}://${host}/a`);
      assert.deepEqual([hostname, pathname, search, username], [host.split(":", 1)[0], "/a", "", ""]);
    }),
    { numRuns: 5000 },
  );
});

test("isPlainHost() holds of the hosts that nearly all sites have, and of no others", () => {
  const plain = [
    "shop.example.com",
    "localhost",
    "localhost:8080",
    "127.0.0.1:49152",
    "a-b_c.example:443",
    "10.0.0.1",
  ];
  assert.deepEqual(plain.filter((host) => !isPlainHost(host)), []);
  const others = [
    "",
    "Shop.example",
    "shop.example.",
    "[::1]",
    "xn--bcher-kva.example",
    "1.2.3",
    "010.0.0.1",
    "a:0",
    "a:65536",
    "a\n",
  ];
  assert.deepEqual(others.filter(isPlainHost), []);
});
