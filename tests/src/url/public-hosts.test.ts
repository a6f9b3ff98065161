import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canonicalHost,
  isHostField,
  readPublicHost,
  siteOf,
  withoutDots,
} from "../../../src/url/public-hosts.ts";

test("canonicalHost() gives a host in lower case, without dots behind it and without the port of its scheme", () => {
  const table: [host: string, byHttps: string, byHttp: string][] = [
    ["Shop.Example", "shop.example", "shop.example"],
    ["shop.example.", "shop.example", "shop.example"],
    ["shop.example..:8443", "shop.example:8443", "shop.example:8443"],
    ["shop.example:443", "shop.example", "shop.example"],
    ["shop.example:80", "shop.example:80", "shop.example"],
    ["shop.example:4430", "shop.example:4430", "shop.example:4430"],
    ["shop.example:8080", "shop.example:8080", "shop.example:8080"],
    ["443", "443", "443"],
    ["[::1]:443", "[::1]", "[::1]"],
    ["[::80]", "[::80]", "[::80]"],
  ];
  for (const [host, byHttps, byHttp] of table) {
    assert.equal(canonicalHost(host), byHttps);
    assert.equal(canonicalHost(host, true), byHttp);
  }
});

test("withoutDots() takes the dots behind a name, and leaves the port", () => {
  const table: [host: string, bare: string][] = [
    ["a", "a"],
    ["a.", "a"],
    ["a...", "a"],
    ["a.b.:80", "a.b:80"],
    ["a:", "a:"],
    [".", ""],
    ["...:80", ":80"],
    ["", ""],
    ["[::1]", "[::1]"],
    ["[::1].", "[::1]."],
    ["[::1]:80", "[::1]:80"],
  ];
  for (const [host, bare] of table) assert.equal(withoutDots(host), bare, host);
});

test("readPublicHost() reads a host with or without port, and an origin for development", () => {
  const table: [text: string, origin: string | undefined][] = [
    ["shop.example", "https://shop.example"],
    ["SHOP.Example.", "https://shop.example"],
    ["a", "https://a"],
    ["a_b-c.d", "https://a_b-c.d"],
    ["_a", "https://_a"],
    ["shop.example:8443", "https://shop.example:8443"],
    ["shop.example:443", "https://shop.example"],
    ["shop.example:80", "https://shop.example:80"],
    ["http://shop.example", "http://shop.example"],
    ["http://shop.example:80", "http://shop.example"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["192.0.2.1", "https://192.0.2.1"],
    ["[::1]", "https://[::1]"],
    ["[::1]:3000", "https://[::1]:3000"],
    ["[::ffff:192.0.2.1]", "https://[::ffff:192.0.2.1]"],
    ["", undefined],
    ["https://shop.example", undefined],
    ["HTTP://shop.example", undefined],
    ["http://", undefined],
    ["shop.example/", undefined],
    ["shop.example/a", undefined],
    ["shop.example?", undefined],
    ["user@shop.example", undefined],
    ["-shop.example", undefined],
    ["shop.example-", undefined],
    [".shop.example", undefined],
    ["a b", undefined],
    ["a:", undefined],
    ["a:x", undefined],
    ["a:123456", undefined],
    ["a:99999", undefined],
    ["a:1:2", undefined],
    ["[::1", undefined],
    ["x[::1]", undefined],
    ["[::1]x", undefined],
    ["[]", undefined],
    ["[::g]", undefined],
    ["*.shop.example", undefined],
    ["256.1.1.1", undefined],
  ];
  for (const [text, origin] of table) {
    const host = origin?.slice(origin.indexOf("//") + 2);
    assert.deepEqual(readPublicHost(text), origin === undefined ? undefined : { origin, host }, text);
  }
});

test("siteOf() takes every host for what it says where none is given", () => {
  for (const hosts of [undefined, [], ["no host"]]) {
    const site = siteOf(hosts);
    assert.equal(site.isPublic, false);
    assert.equal(site.basePath, "");
    assert.equal(site.originOf("http://Any.thing:1"), "http://Any.thing:1");
  }
  assert.equal(siteOf(undefined, "/shop").basePath, "/shop");
});

test("siteOf() puts every page on the only public host", () => {
  const site = siteOf(["shop.example"], "/shop");
  assert.deepEqual([site.isPublic, site.basePath], [true, "/shop"]);
  for (const origin of ["http://shop.example", "https://shop.example:8080", "http://10.0.0.1:3000"]) {
    assert.equal(site.originOf(origin), "https://shop.example");
  }
});

test("siteOf() finds the public host of a page among several, by host and port before the name alone", () => {
  const site = siteOf(["a.example", "b.example:8443", "http://b.example:8080", "b.example:9443", "no host"]);
  const table: [origin: string, place: string | undefined][] = [
    ["https://a.example", "https://a.example"],
    ["http://a.example", "https://a.example"],
    ["http://a.example.:80", "https://a.example"],
    ["https://a.example:443", "https://a.example"],
    ["https://a.example:80", "https://a.example"],
    ["http://A.example:3000", "https://a.example"],
    ["https://b.example:8443", "https://b.example:8443"],
    ["http://b.example:8443", "https://b.example:8443"],
    ["https://b.example:8080", "http://b.example:8080"],
    ["https://b.example:9443", "https://b.example:9443"],
    // The first of that name.
    ["http://b.example", "https://b.example:8443"],
    ["http://c.example", undefined],
    ["http://x.a.example", undefined],
  ];
  for (const [origin, place] of table) assert.equal(site.originOf(origin), place, origin);
});

test("isHostField() takes the header of a host, and none that reaches beyond one", () => {
  const right = [
    null,
    "shop.example",
    "SHOP.example.",
    "a",
    "shop.example:8080",
    "shop.example:",
    "a_b~c!d$e&f'g(h)i*j+k,l;m=n-o",
    "caf%C3%a9.example",
    "192.0.2.1:80",
    "[::1]",
    "[::1]:8080",
    "[::FFFF:192.0.2.1]:",
    "x".repeat(300),
  ];
  for (const field of right) assert.equal(isHostField(field), true, String(field));
  const wrong = [
    "",
    ":80",
    "a:b",
    "a:80x",
    "a/b",
    "a?b",
    "a#b",
    "a\\b",
    "a@b",
    "a b",
    " a",
    "a\n",
    "%",
    "%zz",
    "a%2",
    "é",
    "[::1",
    "::1]",
    "x[::1]",
    "[::1]x",
    "[::1]:x",
    "[::g]",
    "[]",
    "x".repeat(301),
  ];
  for (const field of wrong) assert.equal(isHostField(field), false, field);
});

test("pageOriginOf() of a site says of each URL what originOf() says of its origin", () => {
  const many = Array.from({ length: 9 }, (_, at) => `s${at}.example`);
  const sites = [undefined, ["shop.example"], ["shop.example", "http://shop.example:8080"], many];
  const origins = [
    "https://shop.example",
    "http://shop.example",
    "https://shop.example.evil.example",
    "https://shop.exampl",
    "https://shop.example:8443",
    "http://shop.example:8080",
    ...many.map((host) => `http://${host}`),
  ];
  for (const hosts of sites) {
    const site = siteOf(hosts);
    for (const origin of origins) {
      for (const tail of ["/", "/a/b?c=/d", ""]) {
        assert.equal(site.pageOriginOf(origin + tail), site.originOf(origin), `${hosts}: ${origin + tail}`);
      }
    }
  }
});
