import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { after, before, describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { serve } from "@hono/node-server";
import { isClaim } from "../../examples/claimed-headers.ts";
import { forwardTo } from "../../examples/forward.ts";

test("the example, which is to be copied, and the gateway know the same claims", () => {
  const [example, gateway] = ["examples/claimed-headers.ts", "gateway/proxy/claimed-headers.ts"].map(
    (path) => {
      const text = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
      return text.slice(text.indexOf("const claims"));
    },
  );
  assert.ok(example?.startsWith("const claims"));
  assert.equal(gateway, example);
});

/** What a server listens on. */
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

/** What the origin got: the headers as they came, by name, and the body. */
interface Got {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

const address = "198.51.100.23";
let origin: Server;
let proxy: ReturnType<typeof serve>;

before(async () => {
  origin = createServer((request, response) => {
    void read(request).then((got) => response.end(JSON.stringify(got)));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => origin.once("listening", resolve));
  const forward = forwardTo(`http://127.0.0.1:${portOf(origin)}`);
  await new Promise<void>((resolve) => {
    proxy = serve({
      fetch: (request) => forward(request, address),
      port: 0,
      hostname: "127.0.0.1",
      overrideGlobalObjects: false,
    }, () => resolve());
  });
});

after(() => {
  proxy.close();
  origin.closeAllConnections();
  origin.close();
});

async function read(request: IncomingMessage): Promise<Got> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const raw = request.rawHeaders;
  const headers = raw.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1] ?? ""]] : []
  );
  return { method: request.method ?? "", url: request.url ?? "", headers, body };
}

/** Sends such headers as they are written, and gives what the origin got. */
async function sent(headers: readonly string[], first = "GET /tickets HTTP/1.1", body = ""): Promise<Got> {
  const text = await new Promise<string>((resolve, reject) => {
    let answer = "";
    const socket = connect(portOf(proxy), "127.0.0.1", () => {
      socket.write([first, "Host: shop.example.com", "Connection: close", ...headers, "", body].join("\r\n"));
    });
    socket.on("data", (data) => answer += String(data)).on("error", reject);
    socket.on("close", () => resolve(answer));
  });
  const json = /\{.*\}/s.exec(text)?.[0];
  assert.ok(json !== undefined, text);
  // It is what `read` made.
  return JSON.parse(json) as Got;
}

const own = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/** By which visitors claim an address, a host, a path, a method, an identity. */
const claims = `
  X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Server X-Forwarded-Prefix
  X-Forwarded-Scheme X-Forwarded-Ssl X-Forwarded Forwarded Forwarded-For X-Original-Forwarded-For Via X-Real-IP
  X-Original-URL X-Original-URI X-Original-Host X-Original-Method X-Rewrite-URL X-Host X-HTTP-Host-Override
  X-HTTP-Method-Override X-HTTP-Method X-Method-Override X-Scheme X-Url-Scheme Front-End-Https X-Script-Name
  CF-Connecting-IP CF-Connecting-IPv6 CF-Pseudo-IPv4 CF-IPCountry CF-Visitor True-Client-IP Fastly-Client-IP X-Client-IP
  Client-IP X-Cluster-Client-IP Fly-Client-IP X-Azure-ClientIP X-Azure-SocketIP X-Appengine-User-IP X-Appengine-Country
  X-Nf-Client-Connection-IP X-Vercel-Forwarded-For X-Envoy-External-Address CloudFront-Viewer-Address WL-Proxy-Client-IP
  Proxy-Client-IP X-ProxyUser-IP X-Originating-IP X-Remote-IP X-Remote-Addr Remote-Addr Ali-CDN-Real-IP CDN-Src-IP
  Remote-User X-Remote-User X-Authenticated-User X-Auth-Request-Email X-SSL-Client-Verify SSL-Client-Cert Client-Cert
  X-Client-Cert X-Ms-Client-Principal X-Goog-IAP-JWT-Assertion X-Amzn-Oidc-Identity X-Middleware-Subrequest
  X-Accel-Mapping X-Sendfile-Type Proxy Proxy-Host X-Proxy-Host
`.trim().split(/\s+/);

describe("forwardTo()", () => {
  test("forwardTo() hands on nothing that a visitor could claim, and tells what it knows itself", async () => {
    const got = await sent(claims.map((name) => `${name}: evil.example`));
    const names = got.headers.map(([name]) => name);
    for (const name of claims) {
      assert.equal(names.includes(name.toLowerCase()), own.includes(name.toLowerCase()), name);
    }
    assert.ok(!JSON.stringify(got.headers).includes("evil.example"));
    const told = got.headers.filter(([name]) => own.includes(name)).toSorted();
    assert.deepEqual(told, [
      ["x-forwarded-for", address],
      ["x-forwarded-host", "shop.example.com"],
      ["x-forwarded-proto", "http"],
      ["x-real-ip", address],
    ]);
  });

  test("forwardTo() hands on no name that servers take for another", async () => {
    for (
      const spelt of [(name: string) => name.replaceAll("-", "_"), (name: string) => name.replace("-", ".")]
    ) {
      const names = [...claims.map(spelt), "Remote_User", "a_b", "a.b"].filter((name) => /[_.]/.test(name));
      const got = await sent(names.map((name) => `${name}: evil.example`));
      assert.ok(!JSON.stringify(got.headers).includes("evil.example"), JSON.stringify(got.headers));
    }
  });

  test("forwardTo() hands on nothing that is between two neighbours, and nothing that Connection names", async () => {
    const got = await sent([
      "Connection: x-secret, Cookie ,X-Forwarded-For",
      "X-Secret: evil.example",
      "Cookie: evil.example",
      "Keep-Alive: evil.example",
      "TE: evil.example",
      "Trailer: evil.example",
      "HTTP2-Settings: evil.example",
      "Proxy-Authorization: evil.example",
      "Proxy-Connection: evil.example",
    ]);
    assert.ok(!JSON.stringify(got.headers).includes("evil.example"), JSON.stringify(got.headers));
    assert.deepEqual(got.headers.filter(([name]) => name === "x-forwarded-for"), [[
      "x-forwarded-for",
      address,
    ]]);
  });

  test("forwardTo() hands on what is the visitor's to say", async () => {
    const headers: readonly (readonly [string, string])[] = [
      ["cookie", "a=1; b=2"],
      ["authorization", "Bearer abc"],
      ["accept", "text/html"],
      ["accept-language", "fr"],
      ["origin", "https://shop.example.com"],
      ["referer", "https://shop.example.com/a"],
      ["user-agent", "test"],
      ["range", "bytes=0-5"],
      ["if-none-match", '"1"'],
      ["x-requested-with", "XMLHttpRequest"],
      ["x-csrf-token", "abc"],
      ["x-membership", "gold"],
      ["x-zip", "75001"],
      ["x-request-id", "1"],
      ["traceparent", "00-1-2-01"],
      ["cdn-loop", "a"],
      ["sec-fetch-site", "same-origin"],
      ["idempotency-key", "1"],
      ["x-shipping-address-id", "5"],
      ["x-report", "1"],
    ];
    const got = new Map((await sent(headers.map(([name, value]) => `${name}: ${value}`))).headers);
    for (const [name, value] of headers) assert.equal(got.get(name), value, name);
  });

  test("forwardTo() cannot take a method out of a form or a query, and leaves it there", async () => {
    const body = "_method=DELETE";
    const got = await sent(
      [
        "Content-Type: application/x-www-form-urlencoded",
        `Content-Length: ${body.length}`,
        "X-HTTP-Method-Override: DELETE",
      ],
      "POST /tickets?_method=PUT HTTP/1.1",
      body,
    );
    assert.deepEqual([got.method, got.url, got.body], ["POST", "/tickets?_method=PUT", body]);
    assert.ok(!got.headers.some(([name]) => name === "x-http-method-override"));
  });
});

test("isClaim() knows a claim however its parts are joined, and whatever platform makes the name its own", () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const name = fc.tuple(
    fc.constantFrom("x-", "", "true-", "my-cdn-"),
    part,
    fc.constantFrom("client-ip", "real-ip", "forwarded-for", "remote-addr"),
  )
    .map(([before, vendor, what]) => `${before}${vendor}-${what}`);
  fc.assert(fc.property(name, fc.constantFrom("_", ".", "!", "'"), (name, separator) => {
    assert.equal(isClaim(name), true, name);
    assert.equal(isClaim(name.replace("-", separator)), true);
    assert.equal(isClaim(name.replaceAll("-", separator)), true);
  }));
});
