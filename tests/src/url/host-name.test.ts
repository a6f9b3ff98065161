import assert from "node:assert/strict";
import { test } from "node:test";

import { covers, isHostName, isLoopback, withoutPort } from "../../../src/url/host-name.ts";

test("withoutPort() gives a host without its port", () => {
  for (
    const [host, name] of [
      ["a", "a"],
      ["a:80", "a"],
      ["a:", "a"],
      ["[::1]:80", "[::1]"],
      ["[::1]", "[::1]"],
      ["a:80.b", "a:80.b"],
    ] as const
  ) {
    assert.equal(withoutPort(host), name);
  }
});

test("covers() tells whether a host is a domain or in it", () => {
  const table: [domain: string, host: string, covered: boolean][] = [
    ["example.com", "example.com", true],
    [".Example.COM", "example.com", true],
    ["example.com", "shop.example.com", true],
    ["example.com", "a.shop.example.com", true],
    ["example.com", "badexample.com", false],
    ["shop.example.com", "example.com", false],
    ["example.com", "example.com.evil", false],
    ["a.example", "axexample", false],
    ["..example.com", "example.com", false],
  ];
  for (const [domain, host, covered] of table) {
    assert.equal(covers(domain, host), covered, `${domain} ${host}`);
  }
});

test("isLoopback() knows the names and addresses of this machine", () => {
  for (const host of ["localhost", "app.localhost", "a.b.localhost", "127.0.0.1", "127.255.10.3", "[::1]"]) {
    assert.equal(isLoopback(host), true, host);
  }
  for (
    const host of [
      "xlocalhost",
      ".localhost",
      "localhost.test",
      "127.0.0.1.test",
      "x127.0.0.1",
      "127.0.0",
      "127.0.0.0.1",
      "127.0.0.x",
      "128.0.0.1",
      "[::2]",
      "[::1]x",
      "::1",
      "",
    ]
  ) assert.equal(isLoopback(host), false, host);
});

test("isHostName() takes the names of hosts and domains", () => {
  for (
    const name of ["a", "A1", "example.com", ".example.com", "a-b.c", "a--b", "1.2.3.4", "x".repeat(253)]
  ) {
    assert.equal(isHostName(name), true, name);
  }
  for (
    const name of [
      "",
      ".",
      "..a",
      "a..b",
      "-a",
      "a-",
      "a.",
      "a_b",
      "a b",
      " a",
      "a\n",
      "a;b",
      "é",
      "a:80",
      "*.a",
      "x".repeat(254),
    ]
  ) assert.equal(isHostName(name), false, name);
});
