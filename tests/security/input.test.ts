import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Buffer } from "node:buffer";
import { message, type RawAnswer, sendRaw, valuesOf } from "./_raw.ts";
import { fullHall, hallProvider, openShop, queueProvider, type Shop } from "./_shop.ts";

const room = "QueueITAccepted-SDFrts345E-V3_event1";
/** Values that break parsers, written as they go over the wire. */
const values: readonly string[] = [
  "",
  '"',
  '""',
  "%",
  "%zz".repeat(2000),
  "%25".repeat(2000),
  "%ED%A0%80",
  "%00",
  "%0d%0aset-cookie:%20evil=1",
  "\u00ff\u00fe",
  "{",
  "[".repeat(4000),
  '{"tokens":'.repeat(300),
  '{"__proto__":{"promoted":1},"tokens":[{"__proto__":{"token":"tok_abcdefghijkl"}}]}',
  '{"tokens":[{"token":{"toString":1},"touched":1e999,"touchedSig":null,"signatures":{"length":1e9}}]}',
  "constructor",
  "tok_" + "a".repeat(200),
  "tok_../../rooms",
  "EventId=event1&QueueId=x&RedirectType=queue&IssueTime=9999999999&Hash=" + "0".repeat(64),
  "EventId%3Devent1%26Hash%3D",
  "&".repeat(4000),
  "=".repeat(4000),
];
const names: readonly string[] = ["crowdhandler", "ch-id", room, "campaignx", "__proto__"];
/** Header lines of which plugins read the values. */
const lines: readonly (readonly string[])[] = [
  ["Sec-Fetch-Dest: document"],
  ["Sec-Fetch-Dest: image", "Sec-Fetch-Mode: no-cors"],
  ["X-Forwarded-For: 127.0.0.1, ::1", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: gopher"],
  ['Forwarded: for=127.0.0.1;host=evil.example, for="[::1", for="\\'],
  ["X-Original-URL: /about", "X-Rewrite-URL: /about", "X-HTTP-Method-Override: OPTIONS"],
  ["x-queueit-ajaxpageurl: https%3A%2F%2Fevil.example%2F%0d%0aset-cookie%3A%20a%3Db"],
  ["x-queueit-ajaxpageurl: %"],
  ["x-queueittoken: e_event1~rt_debug~h_0"],
  ["Accept: " + "application/json;".repeat(400)],
  ["Accept-Language: " + "\u00e9".repeat(3000)],
  ["Purpose: prefetch"],
  ["CF-Connecting-IP: 127.0.0.1"],
  ["Content-Encoding: gzip"],
];

/** Nobody gets in, and nothing counts as a failure. */
async function check(shop: Shop, bytes: string | Uint8Array, what: string): Promise<RawAnswer> {
  const answer = await sendRaw(shop.server.port, bytes);
  assert.deepEqual(shop.served, [], `${what} was served`);
  assert.deepEqual(shop.faults.map((fault) => fault.message), [], what);
  assert.ok(
    answer.status < 500 || answer.status === 503 || answer.status === 501,
    `${what}: ${answer.status}`,
  );
  for (const line of valuesOf(answer, "set-cookie")) {
    assert.match(line, /^(?:crowdhandler=(?:tok[\w-]{1,124}|%7B[!-~]*)|QueueITAccepted-[!-~]*);/, what);
  }
  assert.ok(!/^(?:evil|a)=/mi.test(answer.head) && !/^set-cookie: *(?:evil|a)=/mi.test(answer.head), what);
  return answer;
}

const shops: readonly (readonly [name: string, open: () => Promise<Shop>])[] = [
  ["CrowdHandler's full mode", () => openShop(hallProvider(fullHall()))],
  ["CrowdHandler's hybrid mode", () => openShop(hallProvider(fullHall(), { mode: "hybrid" }))],
  ["Queue-it", () => openShop(...queueProvider())],
];

for (const [name, open] of shops) {
  describe(`behind the platform's own server, ${name}`, () => {
    test("admits nobody for a cookie, and no cookie is a failure", async () => {
      const shop = await open();
      try {
        for (const value of values) {
          for (const cookie of names) {
            const line = Buffer.from(`Cookie: a=1; ${cookie}=${value}; b="2`, "latin1").toString("latin1");
            await check(shop, Buffer.from(raw(line), "latin1"), `${cookie}=${value.slice(0, 40)}`);
          }
        }
        await check(shop, raw(`Cookie: ${"a=b; ".repeat(2500)}`), "many pairs");
        await check(shop, raw(`Cookie: ${"a=b; ".repeat(10_000)}`), "ten thousand pairs");
        await check(shop, raw(`Cookie: crowdhandler=${"x".repeat(61_440)}`), "60 KB");
        await check(shop, raw(`Cookie: ${`crowdhandler=1; `.repeat(500)}`), "one name");
        await check(shop, raw("Cookie: crowdhandler=1\r\nCookie: crowdhandler=2"), "two lines");
      } finally {
        await shop.server.close();
      }
    });

    test("admits nobody for a header or a method, and none is a failure", async () => {
      const shop = await open();
      try {
        for (const more of lines) {
          await check(shop, Buffer.from(raw(more.join("\r\n")), "latin1"), more[0] ?? "");
          await check(shop, Buffer.from(raw([...more, ...more].join("\r\n")), "latin1"), `twice ${more[0]}`);
        }
        for (const method of ["HEAD", "OPTIONS", "TRACE", "get", "PROPFIND", "PUT", "DELETE", "X"]) {
          await check(shop, message("/tickets", undefined, ["Host: shop.example.com"], method), method);
        }
        await check(shop, message(`/tickets?${"a".repeat(15_000)}`), "a long query");
      } finally {
        await shop.server.close();
      }
    });
  });
}

function raw(line: string): string {
  return `GET /tickets HTTP/1.1\r\nHost: shop.example.com\r\nUser-Agent: test\r\n${line}\r\nConnection: close\r\n\r\n`;
}

test("queueIt() queues for a body trigger also whoever hides the body", async () => {
  const [provider, more] = queueProvider();
  const shop = await openShop(provider, more);
  function post(path: string, headers: readonly string[], body: string): string {
    const lines = [
      "Host: shop.example.com",
      ...headers,
      `Content-Length: ${body.length}`,
      "Connection: close",
    ];
    return `POST ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
  }
  const chunked =
    "POST /buy HTTP/1.1\r\nHost: shop.example.com\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
  try {
    const table: readonly (readonly [what: string, bytes: string, wait?: number])[] = [
      ["plain", post("/buy", [], "a ticket")],
      ["chunked", `${chunked}6\r\nticket\r\n0\r\n\r\n`],
      ["compressed", post("/buy", ["Content-Encoding: gzip"], "ticket")],
      ["another encoding", post("/buy", ["Content-Type: text/plain; charset=utf-16"], "ticket")],
      ["behind a lot else", post("/buy", [], "-".repeat(70_000) + "ticket")],
      ["stalling", `${chunked}6\r\nticket\r\n`, 2000],
      ["stalling before it is said", `${chunked}6\r\nti`, 2000],
    ];
    for (const [what, bytes, wait] of table) {
      assert.equal((await sendRaw(shop.server.port, bytes, wait)).status, 302, what);
    }
    await sendRaw(shop.server.port, `${chunked}zz\r\nticket\r\n`, 500);
    assert.deepEqual(shop.served, []);
    assert.equal((await sendRaw(shop.server.port, post("/buy", [], "nothing"))).status, 200);
    assert.equal(
      (await sendRaw(shop.server.port, post("/about", ["Content-Encoding: gzip"], "ticket"))).status,
      200,
    );
    assert.deepEqual(shop.served, ["/buy", "/about"]);
    assert.deepEqual(shop.faults, []);
  } finally {
    await shop.server.close();
  }
});
