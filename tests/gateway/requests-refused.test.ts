import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { Door } from "../../gateway/proxy/mod.ts";
import type { Passage } from "../../src/begun.ts";
import type { Context } from "../../src/context.ts";
import { answering, ask, between, openDoor } from "./_wire.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** What two servers could read in two ways, by what it is. */
const refused: Readonly<Record<string, readonly [text: string, status: RegExp]>> = {
  "a length and pieces": [
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    /400/,
  ],
  "pieces and a length": [
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    /400/,
  ],
  "two lengths": [
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello1",
    /400/,
  ],
  "a length twice": [
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    /400/,
  ],
  "a list of lengths": ["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello", /400/],
  "a length with a sign": ["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello", /400/],
  "another encoding before chunked": [
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    /400|501/,
  ],
  "an encoding that is not chunked": [
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n",
    /400|501/,
  ],
  "an encoding that looks like chunked": [
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    /400|501/,
  ],
  "two encodings": [
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    /400|501/,
  ],
  "pieces by HTTP/1.0": [
    "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    /400|501/,
  ],
  "a blank before the colon": ["GET / HTTP/1.1\r\nHost: x\r\nX-A : x\r\n\r\n", /400/],
  "a folded line": ["GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n", /400/],
  "a line that begins with a blank": ["GET / HTTP/1.1\r\n Host: x\r\nHost: x\r\n\r\n", /400/],
  "a NUL": ["GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n", /400/],
  "a bare line feed": ["GET / HTTP/1.1\r\nHost: x\nX-A: y\r\n\r\n", /400/],
  "bare line feeds alone": ["GET / HTTP/1.1\nHost: x\n\n", /400/],
  "a bare carriage return": ["GET / HTTP/1.1\r\nHost: x\r\nX-A: a\rb\r\n\r\n", /400/],
  "a bare line feed within pieces": [
    "POST / HTTP/1.1\r\nHost: a@b\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    /400/,
  ],
  "two hosts": ["GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", /400/],
  "no host": ["GET / HTTP/1.1\r\n\r\n", /400/],
  "an empty host": ["GET / HTTP/1.1\r\nHost:\r\n\r\n", /400/],
  "a host with a path": ["GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", /400/],
  "a host with a query": ["GET / HTTP/1.1\r\nHost: localhost/x?\r\n\r\n", /400/],
  "a host with a user": ["GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", /400/],
  "an absolute target of no host": ["GET http:///x HTTP/1.1\r\nHost: x\r\n\r\n", /400/],
  "an absolute target with a user": ["GET http://a@b/x HTTP/1.1\r\nHost: x\r\n\r\n", /400/],
  "an absolute target of another scheme": ["GET ftp://a/x HTTP/1.1\r\nHost: x\r\n\r\n", /400/],
  "a star for GET": ["GET * HTTP/1.1\r\nHost: x\r\n\r\n", /400/],
  "a target of two slashes": ["GET //other/x HTTP/1.1\r\nHost: x\r\n\r\n", /400/],
  "a target without a slash": ["GET a HTTP/1.1\r\nHost: x\r\n\r\n", /400/],
  "a fragment": ["GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", /400/],
  "a blank in the target": ["GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", /400/],
  "bytes beyond ASCII in the target": ["GET /caf\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", /400/],
  "HTTP/0.9": ["GET /\r\n\r\n", /400/],
  "HTTP/1.2": ["GET / HTTP/1.2\r\nHost: x\r\n\r\n", /400/],
  "CONNECT": ["CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", /405/],
  "TRACE": ["TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", /405/],
  "TRACK": ["TRACK / HTTP/1.1\r\nHost: x\r\n\r\n", /405/],
  "a head of 40,000 bytes": [`GET / HTTP/1.1\r\nHost: x\r\nX-A: ${"a".repeat(40_000)}\r\n\r\n`, /431/],
  "a head of 300 lines": [`GET / HTTP/1.1\r\nHost: x\r\n${"X: a\r\n".repeat(300)}\r\n`, /431/],
};

test("the gateway refuses what servers read in several ways, closes, and sends the origin nothing", async (t) => {
  for (const [name, [text, status]] of Object.entries(refused)) {
    await t.test(name, () =>
      between({ serve: answering(ok) }, async (gateway, origin) => {
        const got = await ask(gateway, text);
        assert.match(got.split("\r\n")[0] ?? "", status);
        assert.deepEqual(origin.connections.map((each) => each.got()), []);
      }));
  }
});

/** Targets, with what the origin gets for each. */
const odd: readonly (readonly [sent: string, got?: string])[] = [
  ["/a/../b//c/%2e%2e/d"],
  ["/%2E%2e/%00/%zz"],
  ["/a;b=c\\d|\"<>`{}^'"],
  ["/?"],
  ["/a?b?c=/../"],
  ["/.."],
  ["/a%2fb%5cc"],
  ["http://x/a/../b", "/a/../b"],
  ["http://x", "/"],
  ["http://x?a", "/?a"],
];

test("the gateway keeps a body a body, though Connection names its length", async (t) => {
  const hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const method of ["GET", "HEAD", "OPTIONS", "DELETE", "POST", "QUERY"]) {
    await t.test(method, async () => {
      await between({ serve: answering("HTTP/1.1 204 No Content\r\n\r\n") }, async (gateway, origin) => {
        await ask(
          gateway,
          `${method} / HTTP/1.1\r\nHost: x\r\nConnection: close, Content-Length\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
        );
        const got = origin.connections[0]?.got() ?? "";
        assert.match(got, new RegExp(`^content-length: ${hidden.length}\r$`, "im"));
      });
    });
  }
});

test("the gateway hands odd targets on byte for byte", async (t) => {
  for (const [sent, path = sent] of odd) {
    await t.test(sent, () =>
      between({ serve: answering(ok) }, async (gateway, origin) => {
        const got = await ask(gateway, `GET ${sent} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        const line = origin.connections[0]?.got().split("\r\n")[0];
        if (line === undefined) assert.match(got, /^HTTP\/1\.1 400 /);
        else assert.equal(line, `GET ${path} HTTP/1.1`);
      }));
  }
});

test("the gateway takes the host out of an absolute target, whatever Host says", async () => {
  await between({ serve: answering(ok) }, async (gateway, origin) => {
    await ask(gateway, "GET http://shop.example:81/a HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n");
    assert.match(origin.connections[0]?.got() ?? "", /^GET \/a HTTP\/1\.1\r\nHost: shop\.example:81\r\n/);
  });
});

test("the gateway answers OPTIONS of the whole server itself", async () => {
  await between({ serve: answering(ok) }, async (gateway, origin) => {
    const got = await ask(gateway, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    // Bun's parser takes no star.
    assert.match(got, "Bun" in globalThis ? /^HTTP\/1\.1 400 / : /^HTTP\/1\.1 204 /);
    assert.equal(origin.connections.length, 0);
  });
});

/** What an origin may say that is no HTTP. */
const malformed: Readonly<Record<string, string>> = {
  "a blank in a name": "HTTP/1.1 200 OK\r\nX y: 1\r\nContent-Length: 2\r\n\r\nok",
  "a length and pieces":
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
  "no HTTP": "hello\r\n\r\n",
  "a NUL": "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok",
  "two lengths": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
  "a coding that nobody asked for":
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  "a status of four digits": "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
  "101 that nobody asked for": "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
  "a head of 100,000 bytes": `HTTP/1.1 200 OK\r\nX: ${"a".repeat(100_000)}\r\n\r\n`,
};

test("the gateway refuses what cannot be written, and lives on", async () => {
  const open = openDoor();
  let canBeWritten = false;
  const ctx = {
    get address(): undefined {
      if (!canBeWritten) throw new TypeError("as a runtime does that does not take a header");
      return undefined;
    },
  };
  const door: Door = {
    // Of a context nothing else is read.
    begin: (...asked) => ({ ...open.begin(...asked) as Passage, ctx: ctx as unknown as Context }),
  };
  await between({ serve: answering(ok), options: { door } }, async (gateway) => {
    const plain = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert.match(await ask(gateway, plain), /^HTTP\/1\.1 400 /);
    const opening = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    assert.match(await ask(gateway, opening), /^HTTP\/1\.1 400 /);
    assert.deepEqual(open.ends, ["left", "left"]);
    canBeWritten = true;
    assert.match(await ask(gateway, plain), /^HTTP\/1\.1 200 /);
  });
});

test("the gateway answers 502 where the origin says what is no HTTP, and lives on", async (t) => {
  for (const [name, answer] of Object.entries(malformed)) {
    await t.test(name, () =>
      between({ serve: answering(answer) }, async (gateway) => {
        for (let round = 0; round < 2; round++) {
          const got = await ask(gateway, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
          assert.match(got, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
          assert.match(got, /^cache-control: no-store\r$/im);
        }
      }));
  }
});
