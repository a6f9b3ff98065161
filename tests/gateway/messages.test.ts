import { strict as assert } from "node:assert";
import { test } from "node:test";
import { messageRequest } from "../../adapters/node/mod.ts";
import type { Door } from "../../gateway/proxy/mod.ts";
import { createGate, failClosed, type PlainAnswer } from "../../mod.ts";
import { answering, ask, between, closedDoor, openDoor } from "./_wire.ts";
import { slowStream } from "../support/slow-stream.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** The lines of a head without those that only our own hop has. */
function linesOf(message: string): readonly string[] {
  const [head = ""] = message.split("\r\n\r\n");
  return head.split("\r\n").filter((line) =>
    !/^(?:connection|keep-alive|x-forwarded|forwarded|x-real-ip)/i.test(line)
  );
}

/** Bun puts lines of one name beside each other, in the spelling of the first; those of different names have no order. */
function arranged(lines: readonly string[]): readonly string[] {
  if (!("Bun" in globalThis)) return lines;
  const split = lines.map((line) =>
    [line.split(":")[0]?.toLowerCase() ?? "", line.slice(line.indexOf(":"))] as const
  );
  return split.toSorted(([one], [other]) => one < other ? -1 : one > other ? 1 : 0).map((line) =>
    line.join("")
  );
}

test("the gateway hands a request on byte for byte: spelling, order, latin-1, and adds no header of a client", async () => {
  await between({ serve: answering(ok) }, async (gateway, origin) => {
    await ask(
      gateway,
      "GET /a?b=%2e HTTP/1.1\r\nhOsT: Shop.example.com\r\nX-CaSe: 1\r\nX-L: caf\xe9\r\nX-Two: a\r\nX-Two: b\r\nConnection: close\r\n\r\n",
    );
    const got = origin.connections[0]?.got() ?? "";
    assert.deepEqual(linesOf(got), [
      "GET /a?b=%2e HTTP/1.1",
      "Host: Shop.example.com",
      "X-CaSe: 1",
      "X-L: caf\xe9",
      "X-Two: a",
      "X-Two: b",
    ]);
  });
});

test("the gateway hands an answer back as it came: reason, spelling, latin-1, cookies and links one by one", async () => {
  const answer =
    "HTTP/1.1 200 Fine Thing\r\nX-CaSe: caf\xe9\r\nSet-Cookie: a=1\r\nLink: <a>\r\nSet-Cookie: b=2\r\nLink: <b>\r\nCache-Control: public, s-maxage=9\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x00\xff";
  await between({ serve: answering(answer) }, async (gateway) => {
    const got = await ask(gateway, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.deepEqual(arranged(linesOf(got)), arranged(linesOf(answer)));
    assert.equal(got.split("\r\n\r\n")[1], "\x1f\x8b\x00\xff");
  });
});

test("the gateway keeps a reason beyond ASCII, whether a body is there with the head or not", async () => {
  for (const framing of ["Content-Length: 2", "Transfer-Encoding: chunked"]) {
    await between({}, async (gateway, origin) => {
      const client = await gateway.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      const { socket, until } = await origin.next();
      await until("\r\n\r\n");
      socket.write(`HTTP/1.1 404 Introuvable \xe9\r\n${framing}\r\n\r\n`, "latin1");
      // Bun sends such a head with the first piece behind it.
      if (!("Bun" in globalThis)) await client.until("\r\n\r\n");
      socket.write(framing.endsWith("2") ? "ok" : "2\r\nok\r\n");
      await client.until("ok");
      // Bun writes it in UTF-8.
      const reason = "Bun" in globalThis ? "Introuvable \xc3\xa9" : "Introuvable \xe9";
      assert.equal(client.got().split("\r\n")[0], `HTTP/1.1 404 ${reason}`);
    });
  }
});

test("the gateway takes the gate's changes into the answer: cookies are added, other headers replaced", async () => {
  const answer =
    "HTTP/1.1 200 OK\r\nCache-Control: public\r\nSet-Cookie: a=1\r\nVary: a\r\nContent-Length: 0\r\n\r\n";
  const changes = [["set-cookie", "g=1"], ["cache-control", "private"], ["vary", "b"]] as const;
  await between({ serve: answering(answer), options: { door: openDoor(changes) } }, async (gateway) => {
    const got = await ask(gateway, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.deepEqual(
      arranged(linesOf(got)),
      arranged([
        "HTTP/1.1 200 OK",
        "Set-Cookie: a=1",
        "Vary: a",
        "Content-Length: 0",
        "set-cookie: g=1",
        "cache-control: private",
        "vary: b",
      ]),
    );
  });
});

test("the gateway keeps the length of HEAD, and frames neither 204 nor 304", async () => {
  const cases = [
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "Content-Length: 500"],
    ["GET", "HTTP/1.1 204 No Content\r\n\r\n", ""],
    ["GET", 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n', 'ETag: "x"'],
  ] as const;
  for (const [method, answer, has] of cases) {
    await between({ serve: answering(answer) }, async (gateway) => {
      const got = await ask(gateway, `${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.ok(got.includes(has), got);
      assert.doesNotMatch(got.replace(has, ""), /content-length|transfer-encoding/i, got);
      assert.ok(got.endsWith("\r\n\r\n"), got);
    });
  }
});

test("the gateway takes a body where none can be for no part of the answer, nor of the next one", async () => {
  const heads = [
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"],
    ["GET", "HTTP/1.1 204 No Content\r\n\r\n"],
    ["GET", "HTTP/1.1 304 Not Modified\r\n\r\n"],
  ] as const;
  for (const [method, head] of heads) {
    // What an origin sends behind the head by mistake may look like an answer.
    for (const body of ["oops", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\noops"]) {
      await between({ serve: answering(head + body) }, async (gateway, origin) => {
        const client = await gateway.send(`${method} /a HTTP/1.1\r\nHost: x\r\n\r\n`);
        await client.until("\r\n\r\n");
        client.socket.write(`${method} /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        await client.closed;
        assert.doesNotMatch(client.got(), /oops/);
        const statuses = client.got().match(/^HTTP\/1\.1 \d+/gm);
        assert.deepEqual(statuses, [head.slice(0, 12), head.slice(0, 12)], client.got());
        assert.equal(origin.connections.length, 2, "the connection is not used again");
      });
    }
  }
});

test("the gateway frames no request that has no body, and keeps a length of nothing", async () => {
  const cases = [
    ["GET", "", ""],
    ["GET", "Content-Length: 0\r\n", "Content-Length: 0"],
    ["DELETE", "", ""],
    ["POST", "", "Content-Length: 0"],
    ["POST", "Content-Length: 0\r\n", "Content-Length: 0"],
  ] as const;
  for (const [method, sent, framing] of cases) {
    await between({ serve: answering(ok) }, async (gateway, origin) => {
      await ask(gateway, `${method} / HTTP/1.1\r\nHost: x\r\n${sent}Connection: close\r\n\r\n`);
      const got = origin.connections[0]?.got() ?? "";
      const framings = got.match(/^(?:content-length|transfer-encoding):.*$/gim) ?? [];
      assert.deepEqual(framings.join(), framing, `${method} ${sent}`);
    });
  }
});

test("the gateway drops what is between neighbours, and what Connection names, in both directions", async () => {
  const answer =
    "HTTP/1.1 200 OK\r\nConnection: x-mine, keep-alive\r\nX-Mine: 1\r\nKeep-Alive: timeout=9\r\nProxy-Authenticate: a\r\nUpgrade: h2\r\nX-Stays: 1\r\nContent-Length: 0\r\n\r\n";
  await between({ serve: answering(answer) }, async (gateway, origin) => {
    const got = await ask(
      gateway,
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 1\r\nTE: trailers\r\nProxy-Connection: a\r\nProxy-Authorization: a\r\nProxy: a\r\nX-Stays: 1\r\n\r\n",
    );
    assert.deepEqual(linesOf(got), ["HTTP/1.1 200 OK", "X-Stays: 1", "Content-Length: 0"]);
    assert.deepEqual(linesOf(origin.connections[0]?.got() ?? ""), [
      "GET / HTTP/1.1",
      "Host: x",
      "X-Stays: 1",
    ]);
  });
});

test("the gateway tells the origin of the visitor anew, and adds to what a trusted proxy tells", async () => {
  const claims =
    "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\nForwarded: for=9.9.9.9\r\nX-Real-IP: 9.9.9.9\r\nCF-Connecting-IP: 9.9.9.9\r\nTrue-Client-IP: 9.9.9.9\r\nX-Original-URL: /admin\r\n";
  const told = (got: string) =>
    got.split("\r\n").filter((line) => /^(?:x-|forwarded|cf-|true-)/i.test(line)).toSorted();
  const request =
    `GET / HTTP/1.1\r\nHost: x:81\r\n${claims}Connection: close, X-Forwarded-For, X-Forwarded-Proto\r\n\r\n`;
  await between({ serve: answering(ok) }, async (gateway, origin) => {
    await ask(gateway, request);
    assert.deepEqual(told(origin.connections[0]?.got() ?? ""), [
      'Forwarded: for=127.0.0.1;host="x:81";proto=http',
      "X-Forwarded-For: 127.0.0.1",
      "X-Forwarded-Host: x:81",
      "X-Forwarded-Port: 81",
      "X-Forwarded-Proto: http",
      "X-Real-IP: 127.0.0.1",
    ]);
  });
  await between({ serve: answering(ok), options: { trusts: () => true } }, async (gateway, origin) => {
    await ask(gateway, request);
    assert.deepEqual(told(origin.connections[0]?.got() ?? ""), [
      "CF-Connecting-IP: 9.9.9.9",
      'Forwarded: for=9.9.9.9, for=127.0.0.1;host="x:81";proto=http',
      "True-Client-IP: 9.9.9.9",
      "X-Forwarded-For: 9.9.9.9, 127.0.0.1",
      "X-Forwarded-Host: shop.example",
      "X-Forwarded-Port: 81",
      "X-Forwarded-Proto: https",
      "X-Original-URL: /admin",
      "X-Real-IP: 9.9.9.9",
    ]);
  });
});

test("the gateway gives the origin its own Host where it is told to", async () => {
  await between({ serve: answering(ok), options: { host: "origin" } }, async (gateway, origin) => {
    await ask(gateway, "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    assert.match(
      origin.connections[0]?.got() ?? "",
      new RegExp(`^Host: 127\\.0\\.0\\.1:${origin.port}\r$`, "m"),
    );
  });
});

test("the gateway hands trailers on, both ways", async () => {
  await between({}, async (gateway, origin) => {
    const client = await gateway.send(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\nHost: evil\r\n\r\n",
    );
    const { until, socket } = await origin.next();
    const got = await until("0\r\nX-Sum: 1\r\n\r\n");
    assert.match(got, /^Trailer: X-Sum\r$/m);
    assert.match(got, /\r\n5\r\nhello\r\n0\r\n/);
    socket.write(
      "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 2\r\n\r\n",
    );
    await client.closed;
    assert.match(client.got(), /\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 2\r\n\r\n$/);
  });
});

test("the gateway hands on no promise of trailers that cannot follow, and lives on", async () => {
  await between({ serve: answering(ok) }, async (gateway, origin) => {
    for (const framing of ["", "Content-Length: 2\r\n"]) {
      const body = framing === "" ? "" : "hi";
      const head =
        `POST / HTTP/1.1\r\nHost: x\r\nTrailer: X-Sum\r\n${framing}Connection: close\r\n\r\n${body}`;
      assert.match(await ask(gateway, head), /^HTTP\/1\.1 200 /);
    }
    const opening =
      "GET / HTTP/1.1\r\nHost: x\r\nTrailer: X-Sum\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    assert.match(await ask(gateway, opening), /^HTTP\/1\.1 200 /);
    for (const { got } of origin.connections) assert.doesNotMatch(got(), /^trailer/im);
  });
});

test("the gateway answers HTTP/1.0 without Host and without pieces", async () => {
  const pieces = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: a\r\n\r\n2\r\nok\r\n0\r\n\r\n";
  await between({ serve: answering(pieces) }, async (gateway, origin) => {
    const got = await ask(gateway, "GET / HTTP/1.0\r\n\r\n");
    assert.match(got, /\r\n\r\nok$/);
    assert.doesNotMatch(got, /chunked/i);
    assert.match(
      origin.connections[0]?.got() ?? "",
      new RegExp(`^Host: 127\\.0\\.0\\.1:${origin.port}\r$`, "m"),
    );
  });
});

test("the gateway sends no 100 of its own, and passes the origin's and its early hints", async () => {
  await between({}, async (gateway, origin) => {
    const client = await gateway.send(
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n",
    );
    const { until, socket } = await origin.next();
    assert.match(await until("\r\n\r\n"), /^Expect: 100-continue\r$/m);
    assert.equal(client.got(), "");
    socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    await client.until("HTTP/1.1 100 Continue\r\n\r\n");
    client.socket.write("body");
    await until("body");
    socket.write(
      "HTTP/1.1 103 Early Hints\r\nKeep-Alive: timeout=9\r\nConnection: x-hop\r\nX-Hop: 1\r\nLink: </a.css>; rel=preload\r\n\r\n",
    );
    assert.match(
      await client.until("\r\n\r\n"),
      /^HTTP\/1\.1 103 .*\r\nlink: <\/a\.css>; rel=preload\r\n\r\n$/is,
    );
    socket.write(ok);
    await client.closed;
    assert.match(client.got(), /HTTP\/1\.1 200 OK\r\n[\s\S]*ok$/);
  });
});

test("the gateway passes headers beyond ASCII byte for byte where a body is only announced", async () => {
  await between({}, async (gateway, origin) => {
    for (const expect of ["", "Expect: 100-continue\r\n"]) {
      const head = `POST / HTTP/1.1\r\nHost: x\r\nX-Name: caf\xe9\r\n${expect}Content-Length: 4\r\n`;
      const client = await gateway.send(`${head}Connection: close\r\n\r\nbody`);
      const { until, socket } = await origin.next();
      assert.match(await until("body"), /^X-Name: caf\xe9\r$/m);
      socket.end(ok);
      await client.closed;
    }
  });
});

test("the gateway passes a refusal of the origin without reading the body that was only announced", async () => {
  const no = "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno";
  await between({ serve: answering(no) }, async (gateway) => {
    const got = await ask(
      gateway,
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
    );
    assert.match(got, /^HTTP\/1\.1 401 No\r\n[\s\S]*\r\n\r\nno$/);
  });
});

/** A gate that refuses everybody, in parts that are all known. */
function refusing(answer: PlainAnswer | undefined): Door {
  const gate = createGate({
    plugins: [failClosed(), {
      name: "shut",
      final: "decide",
      decide: () => ({ action: "queue", reason: "shut/full", location: "https://wait.example/" }),
      respond: () => answer,
    }],
  });
  return { begin: (incoming, outgoing) => gate.begin(messageRequest(incoming, outgoing)) };
}

test("the gateway tells the length of its own answers, as far as it is known", async () => {
  const type = { "content-type": "text/plain;charset=utf-8" };
  const long = "\u00e9".repeat(3000);
  const cases: readonly [
    what: string,
    door: Door,
    method: string,
    framing: RegExp,
    body: string,
  ][] = [
    ["a redirect", refusing(undefined), "GET", /^content-length: 0$/im, ""],
    [
      "a text",
      refusing({ status: 503, headers: type, body: "full" }),
      "GET",
      /^content-length: 4$/im,
      "full",
    ],
    [
      "a text with a length",
      refusing({ status: 503, headers: { ...type, "content-length": "9" }, body: "full" }),
      "GET",
      /^content-length: 4$/im,
      "full",
    ],
    [
      "a text beyond ASCII",
      refusing({ status: 503, headers: type, body: "\u00e9" }),
      "GET",
      /^content-length: 2$/im,
      "\xc3\xa9",
    ],
    [
      "a long text",
      refusing({ status: 503, headers: type, body: long }),
      "GET",
      /^content-length: 6000$/im,
      "\xc3\xa9".repeat(3000),
    ],
    [
      "a text that is not there",
      refusing({ status: 503, headers: type, body: null }),
      "HEAD",
      /^(?![^]*content-length)/i,
      "",
    ],
    [
      "a length that is told",
      refusing({ status: 503, headers: { ...type, "content-length": "7" }, body: null }),
      "HEAD",
      /^content-length: 7$/im,
      "",
    ],
    [
      "a text that is not sent",
      refusing({ status: 503, headers: type, body: "full" }),
      "HEAD",
      /^content-length: 4$/im,
      "",
    ],
    ["nothing", closedDoor(() => new Response(null, { status: 403 })), "GET", /^content-length: 0$/im, ""],
    [
      "no content",
      closedDoor(() => new Response(null, { status: 204 })),
      "GET",
      /^(?![^]*(?:content-length|transfer-encoding))/im,
      "",
    ],
    [
      "a response",
      closedDoor(() => new Response("full", { status: 403 })),
      "GET",
      /^content-length: 4$/im,
      "full",
    ],
    [
      "a stream",
      closedDoor(() => new Response(slowStream("slow", 50), { status: 403 })),
      "GET",
      /^transfer-encoding: chunked$/im,
      "4\r\nslow\r\n0\r\n\r\n",
    ],
  ];
  for (const [what, door, method, framing, body] of cases) {
    await between({ options: { door } }, async (gateway) => {
      const got = await ask(gateway, `${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      const end = got.indexOf("\r\n\r\n");
      assert.match(got.slice(0, end), framing, what);
      assert.equal(
        got.match(/^(?:content-length|transfer-encoding):/gim)?.length ?? 0,
        framing.source.startsWith("^(?!") ? 0 : 1,
        what,
      );
      assert.equal(got.slice(end + 4), body, what);
    });
  }
});
