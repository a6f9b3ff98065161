import assert from "node:assert/strict";
import { test } from "node:test";
import { readPageUrl, textsOf, withUnvouchedHost } from "../../../plugins/crowdhandler/page-url.ts";
import { readingsOf } from "../../../src/url/readings.ts";
import { other, site, token } from "./_helpers.ts";

const plain = {
  host: "shop.example.com",
  token: undefined,
  code: undefined,
  signature: undefined,
  requested: undefined,
  fresh: false,
};

test("readPageUrl() divides a URL without parameters of its own", () => {
  const table: [written: string, text: string][] = [
    ["", "/"],
    ["/", "/"],
    ["/a?b=c&d", "/a?b=c&d"],
    ["/a?b=ch-id", "/a?b=ch-id"],
    ["/a?xch-id=1", "/a?xch-id=1"],
    ["/ch-id=1&ch-code=2", "/ch-id=1&ch-code=2"],
    ["/a?ch-ids=1&ch-&ch-i=2&ch-public=3", "/a?ch-ids=1&ch-&ch-i=2&ch-public=3"],
  ];
  for (const [written, text] of table) {
    assert.deepEqual(readPageUrl(site + written), { ...plain, url: site + text, text }, written);
  }
  assert.equal(readPageUrl("http://[::1]:8080/a").host, "[::1]:8080");
  for (const end of ["", "?b=1", "#b", "/#b"]) {
    assert.equal(readPageUrl(site + end).host, "shop.example.com", end);
    assert.equal(readPageUrl(site + end).text, end === "?b=1" ? "/?b=1" : "/");
  }
  assert.equal(readPageUrl(`${site}/😀 \ud800`).text, "/%F0%9F%98%80%20%EF%BF%BD");
});

test("readPageUrl() reads each of the six parameters, decoded, in any case, once", () => {
  const query =
    `?a=1&ch-id=${token}&ch-code=x%2By+z&CH-ID-SIGNATURE=%73ig&ch-requested=2030%3a&ch-fresh&ch-public-key=k&b`;
  const page = {
    url: `${site}/p?a=1&b`,
    text: "/p?a=1&b",
    host: "shop.example.com",
    token,
    code: "x+y z",
    signature: "sig",
    requested: "2030:",
    fresh: true,
  };
  assert.deepEqual(readPageUrl(`${site}/p${query}`), page);
  const twice = `${query}&ch-id=${other}&ch-code=2&ch-id-signature=2&ch-requested=2&ch-fresh=0`;
  assert.deepEqual(readPageUrl(`${site}/p${twice}`), page);
});

test("readPageUrl() goes on to the first token and the first code that are one", () => {
  const { token: found, code } = readPageUrl(
    `${site}/?ch-id&ch-id=&ch-id=nobody&ch-id=${token}&ch-code&ch-code=null&ch-code=undefined&ch-code=a%00&ch-code=b`,
  );
  assert.deepEqual([found, code], [token, "b"]);
  const { signature, requested } = readPageUrl(
    `${site}/?ch-id-signature&ch-id-signature=2&ch-requested=&ch-requested=2`,
  );
  assert.deepEqual([signature, requested], ["", ""], "of these the first counts, whatever it is");
  assert.equal(readPageUrl(`${site}/?ch-code=%zz+1`).code, "%zz 1", "what cannot be decoded stays");
});

test("readPageUrl() takes codes of 256 characters in their encoded form", () => {
  const codeOf = (code: string) => readPageUrl(`${site}/?ch-code=${encodeURIComponent(code)}`).code;
  for (const code of ["x".repeat(256), "%".repeat(85), "nullify", "0"]) assert.equal(codeOf(code), code);
  for (const code of ["x".repeat(257), "%".repeat(86), "null", "undefined", "", "\t"]) {
    assert.equal(codeOf(code), undefined);
  }
});

test("textsOf() gives the canonical text first, and each reading once, without the parameters", () => {
  const texts = (written: string) => {
    const url = site + written;
    return textsOf(readPageUrl(url), readingsOf(url));
  };
  assert.deepEqual(texts(`/a?ch-id=${token}&b=1`), ["/a?b=1"]);
  const [canonical, ...others] = texts(`/%61/?ch-id=${token}&b=%31`);
  assert.equal(canonical, "/a/?b=1");
  for (const text of ["/a?b=1", "/%61/?b=%31"]) assert.ok(others.includes(text), others.join(" "));
  assert.equal(new Set([canonical, ...others]).size, others.length + 1);
  assert.ok(![canonical, ...others].some((text = "") => text.includes("ch-id")));
});

test("withUnvouchedHost() gives a page an origin by https, by a name that is none of a visitor's making", () => {
  const table = [
    ["http://shop.example/a?b=//c", "https://shop.example/a?b=//c"],
    ["https://Shop.Example:8443/", "https://shop.example:8443/"],
    ["http://shop.example:443/a", "https://shop.example/a"],
    ["http://127.0.0.1:3000/a", "https://127.0.0.1:3000/a"],
    ["http://a%00b/a", "https://localhost/a"],
    ["http://a:99999/a", "https://localhost/a"],
  ] as const;
  for (const [url, placed] of table) assert.equal(withUnvouchedHost(url), placed);
});
