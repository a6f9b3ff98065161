import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clientIp, createGate, failOpen, type GateError, type Plugin } from "../../../mod.ts";
import { forwardedOrigin } from "../../../src/url/forwarded-origin.ts";

describe("forwardedOrigin()", () => {
  const own = "http://10.0.0.5:3000";
  const table: [header: string, headers: Record<string, string>, origin: string | undefined][] = [
    ["x-forwarded-for", {}, undefined],
    ["x-forwarded-for", { "x-forwarded-host": "Shop.Example." }, "http://shop.example"],
    ["x-forwarded-for", { "x-forwarded-proto": "https" }, "https://10.0.0.5:3000"],
    [
      "x-forwarded-for",
      { "x-forwarded-host": "a.example, b.example", "x-forwarded-proto": "http, HTTPS" },
      "https://b.example",
    ],
    [
      "x-forwarded-for",
      { "x-forwarded-host": "a.example:443", "x-forwarded-proto": "https" },
      "https://a.example",
    ],
    ["x-forwarded-for", { "x-forwarded-host": "a@b", "x-forwarded-proto": "https" }, undefined],
    ["x-forwarded-for", { "x-forwarded-host": "a/b?", "x-forwarded-proto": "https" }, undefined],
    ["x-forwarded-for", { "x-forwarded-host": "a.example", "x-forwarded-proto": "javascript" }, undefined],
    ["x-forwarded-for", { forwarded: "host=a.example" }, undefined],
    ["forwarded", { forwarded: 'for=1.2.3.4;host="a.example:8443";proto=https' }, "https://a.example:8443"],
    [
      "forwarded",
      { forwarded: "host=a.example, for=1.2.3.4; Host=b.example ;proto=https" },
      "https://b.example",
    ],
    ["forwarded", { forwarded: "for=1.2.3.4", "x-forwarded-host": "a.example" }, undefined],
    ["x-forwarded-for", { "x-forwarded-host": "a.example," }, undefined],
    ["x-forwarded-for", { "x-forwarded-proto": "HTTP" }, "http://10.0.0.5:3000"],
    ["x-forwarded-for", { "x-forwarded-host": "a.example:80" }, "http://a.example"],
    [
      "x-forwarded-for",
      { "x-forwarded-host": "a.example:80", "x-forwarded-proto": "https" },
      "https://a.example:80",
    ],
    ["x-real-ip", { "x-forwarded-host": "a.example", forwarded: "host=b.example" }, "http://a.example"],
    ["forwarded", {}, undefined],
    ["forwarded", { forwarded: "host;proto=https" }, "https://10.0.0.5:3000"],
    ["forwarded", { forwarded: "host=;proto=" }, undefined],
    ["forwarded", { forwarded: ' proto = "https" ; HOST = a.example ' }, "https://a.example"],
    ["forwarded", { forwarded: 'host="a.example' }, undefined],
    ["forwarded", { forwarded: 'host=a.example"' }, undefined],
    ["forwarded", { forwarded: 'host=x"a.example"' }, undefined],
    ["forwarded", { forwarded: "host=a.example=b" }, undefined],
    ["forwarded", { forwarded: "hosta;proto=https" }, "https://10.0.0.5:3000"],
    ["forwarded", { forwarded: 'host="a.example"b' }, undefined],
    ["forwarded", { forwarded: "xhost=a.example;hostx=b.example;proto=http" }, "http://10.0.0.5:3000"],
  ];
  for (const [header, headers, origin] of table) {
    test(`gives ${origin} for ${JSON.stringify(headers)}`, () => {
      assert.equal(forwardedOrigin(new Headers(headers), header, own), origin);
    });
  }
});

describe("clientIp({ forwardedHost })", () => {
  const seen: string[] = [];
  const look: Plugin = {
    name: "look",
    decide(ctx) {
      seen.push(ctx.href);
      return { action: "admit", reason: "look/seen" };
    },
  };
  const from = (hostname: string) => ({ remoteAddr: { hostname } });
  const headers = { "x-forwarded-host": "www.example.com", "x-forwarded-proto": "https" };
  const ask = (helper: Plugin, peer: string, faults: GateError[] = []) => {
    const gate = createGate({
      publicHosts: ["shop.example.com", "www.example.com"],
      plugins: [helper, failOpen(), look],
      onError: (error) => faults.push(error),
    });
    seen.length = 0;
    const answer = gate(
      new Request("http://10.0.0.5:3000/a", { headers }),
      () => new Response("page"),
      from(peer),
    );
    assert.ok(answer instanceof Response);
    return answer.status;
  };

  test("goes by the host that a trusted proxy tells, among those of the site", () => {
    assert.equal(ask(clientIp({ trustedProxies: ["loopback"], forwardedHost: true }), "127.0.0.1"), 200);
    assert.deepEqual(seen, ["https://www.example.com/a"]);
  });

  test("believes nobody else", () => {
    assert.equal(ask(clientIp({ trustedProxies: ["loopback"], forwardedHost: true }), "192.0.2.1"), 421);
    assert.equal(ask(clientIp({ trustedProxies: ["loopback"] }), "127.0.0.1"), 421);
    assert.equal(ask(clientIp(), "127.0.0.1"), 421);
  });

  test("is given together with those who may say so", () => {
    for (const trustedProxies of [undefined, 0]) {
      assert.throws(
        () => clientIp({ ...(trustedProxies !== undefined && { trustedProxies }), forwardedHost: true }),
        /"forwardedHost" must be given together with "trustedProxies"/,
      );
    }
    assert.throws(
      () => clientIp({ trustedProxies: 1, forwardedHost: "yes" as unknown as boolean }),
      /must be true or false/,
    );
  });

  test("a plugin that tells no origin tells nothing, and the owner hears of it", () => {
    for (
      const said of ["www.example.com", "https://www.example.com/", 5, Promise.reject(new Error("late")), {}]
    ) {
      const faults: GateError[] = [];
      const odd = { name: "odd", supplies: { origin: () => said as string } };
      assert.equal(ask(odd, "127.0.0.1", faults), 421);
      assert.match(faults[0]?.message ?? "", /Plugin odd, origin/);
    }
  });
});
