import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens, type CookieTokensOptions } from "../../../plugins/cookie-tokens.ts";
import { failOpen, type Plugin } from "../../../mod.ts";
import { grace } from "../../../plugins/grace/mod.ts";
import { storageTokens } from "../../../plugins/storage-tokens/mod.ts";
import { createGate } from "../../../src/gate.ts";
import { cookieWatch } from "../../../src/tokens/cookie-watch.ts";
import { contextOf } from "../../support/context-of.ts";

/** A gate whose pages write a token, and what it warned of. */
function gateOf(options: CookieTokensOptions, listen: (message: string) => void = () => {}) {
  const warnings: string[] = [];
  const warn = (message: string) => {
    warnings.push(message);
    listen(message);
  };
  const gate = createGate({
    plugins: [cookieTokens({ ...options, warn }), {
      name: "writer",
      decide({ tokens }) {
        void tokens.write("a", "1");
        return { action: "admit", reason: "writer/done" };
      },
      recover: () => undefined,
    }],
  });
  return {
    gate,
    warnings,
    visit: (url: string, headers = {}) => gate(new Request(url, { headers }), () => new Response()),
  };
}

test("cookieTokens() warns once of a domain that the page is not in, and names both", () => {
  const { gate, warnings, visit } = gateOf({ domain: "example.com" });
  visit("https://shop.test/");
  visit("https://other.test/");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /domain "example\.com" from a page on "shop\.test"; set a domain/);
  assert.equal(gate.errors, 0, "whatever host a visitor asks for, it is no fault");
});

test("cookieTokens() warns of no host that somebody made up after others have fitted", () => {
  const { warnings, visit } = gateOf({ domain: ".Example.com" });
  visit("https://shop.example.com/");
  visit("https://192.0.2.1/");
  assert.deepEqual(warnings, []);
});

test("cookieTokens() warns once of a secure cookie on a page that is not encrypted", () => {
  const { warnings, visit } = gateOf({});
  visit("http://shop.test/");
  visit("http://other.test/");
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? "",
    /"Secure" cookie from an unencrypted page on "shop\.test".*"secure: false"/,
  );
});

test("cookieTokens() warns of nothing where browsers keep the cookie, or a proxy may encrypt the page", () => {
  const table: readonly (readonly [options: CookieTokensOptions, url: string, headers?: object])[] = [
    [{}, "https://shop.test/"],
    [{}, "http://localhost:8080/"],
    [{}, "http://127.0.0.1/"],
    [{}, "http://[::1]:8080/"],
    [{ secure: false }, "http://shop.test/"],
    [{}, "http://shop.test/", { "x-forwarded-proto": "https" }],
    [{}, "http://shop.test/", { forwarded: "proto=https" }],
  ];
  for (const [options, url, headers] of table) {
    const { warnings, visit } = gateOf(options);
    visit(url, headers);
    assert.deepEqual(warnings, [], url);
  }
});

test("cookieTokens() survives a listener that throws, and refuses one that is none", () => {
  const { gate, visit, warnings } = gateOf({}, () => {
    throw new Error("the log is full");
  });
  visit("http://shop.test/");
  assert.deepEqual([warnings.length, gate.errors], [1, 0]);
  assert.throws(() => cookieTokens({ warn: 1 as never }), /"warn" must be a function/);
});

/** What the watch says of a line on pages, one after the other. */
function saidOf(
  line: string,
  ...pages: readonly (readonly [url: string, headers?: HeadersInit, dryRun?: boolean])[]
) {
  const said: string[] = [];
  const watch = cookieWatch((message) => said.push(message));
  for (const [url, headers = {}, dryRun = false] of pages) {
    watch(contextOf(new Request(url, { headers }), [], Date.now, dryRun ? [] : undefined), line);
  }
  return said;
}

const domainNews = 'cookies: no browser keeps a cookie of the domain "a.test" from a page on "b.test"; ' +
  "set a domain that the host is in, or none";
const secureNews = 'cookies: no browser keeps a "Secure" cookie from an unencrypted page on "b.test"; ' +
  'serve it by https, or set "secure: false" for development';

test("cookieWatch() tells of both faults, each once, by the first page that shows them", () => {
  const line = "a=1; Domain=a.test; Path=/; Secure; HttpOnly";
  assert.deepEqual(saidOf(line, ["http://b.test:8080/"], ["http://c.test/"]), [domainNews, secureNews]);
  assert.deepEqual(saidOf(line, ["https://b.test/"], ["http://c.test/"]), [domainNews]);
  assert.deepEqual(saidOf(line, ["http://a.test/"], ["http://b.test/"]).length, 1);
  assert.deepEqual(saidOf(line, ["http://b.test/", {}, true]), [], "an explanation tells the owner nothing");
  assert.deepEqual(saidOf(line, ["http://b.test/", {}, true], ["https://a.test/"], ["http://b.test/"]), []);
});

test("cookieWatch() reads the attributes of a line, in any case, and nothing else of it", () => {
  for (const line of ["a=1; secure", "a=1; Secure; Path=/", "a=1; Path=/; SECURE"]) {
    assert.deepEqual(saidOf(line, ["http://b.test/"]), [secureNews], line);
  }
  for (const line of ["a=secure", "secure=1", "a=1; SecureX", "a=1; xSecure", "a=1; Path=/secure"]) {
    assert.deepEqual(saidOf(line, ["http://b.test/"]), [], line);
  }
  for (const line of ["a=1; domain=a.test", "a=1; Domain=a.test; Path=/", "a=1; Path=/; DOMAIN=a.test"]) {
    assert.deepEqual(saidOf(line, ["https://b.test/"]), [domainNews], line);
  }
  for (const line of ["a=1; Domain=", "domain=a.test", "a=domain=a.test"]) {
    assert.deepEqual(saidOf(line, ["https://b.test/"]), [], line);
  }
});

test("cookieWatch() knows a proxy by each of its headers", () => {
  const names = ["forwarded", "x-forwarded-proto", "x-forwarded-for", "x-forwarded-ssl", "via", "cf-ray"];
  for (const name of names) {
    assert.deepEqual(saidOf("a=1; Secure", ["http://b.test/", { [name]: "" }]), [], name);
  }
  assert.deepEqual(saidOf("a=1; Secure", ["http://b.test/", { "x-other": "1" }]), [secureNews]);
});

test("every plugin that writes cookies tells of one that no browser keeps from an unencrypted page", async () => {
  const proven: Plugin = {
    name: "proven",
    decide({ tokens }) {
      void tokens.write("a", "1", { proven: true });
      return { action: "admit", reason: "proven/done", facts: { room: "hall", proven: "service" } };
    },
  };
  const storage = { getItem: () => null, setItem() {}, removeItem() {} };
  const open = cookieTokens({ secure: false });
  const table: readonly (readonly [plugins: readonly Plugin[], name: string])[] = [
    [[], "cookies"],
    [[storageTokens({ storage })], "storageTokens"],
    [[open, grace({ secrets: ["a-secret-of-some-length"] })], "grace"],
  ];
  for (const [plugins, name] of table) {
    const lines: string[] = [];
    const { warn } = console;
    console.warn = (line: string) => lines.push(line);
    try {
      const gate = createGate({ publicHosts: ["http://b.test"], plugins: [...plugins, failOpen(), proven] });
      for (let visit = 0; visit < 3; visit++) await gate(new Request("http://b.test/"), () => new Response());
    } finally {
      console.warn = warn;
    }
    assert.deepEqual(lines, [secureNews], name);
  }
});
