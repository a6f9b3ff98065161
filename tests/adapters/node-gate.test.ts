/** The gate before listeners of Node's server, over raw sockets, on every runtime that has such a server. */

import { strict as assert } from "node:assert";
import type { RequestListener } from "node:http";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { nodeGate, visitOf } from "../../adapters/node/mod.ts";
import { contextKey, type Gate, type Outcome, type PlainAnswer, platform, type Plugin } from "../../mod.ts";
import { admitted, gateOf, page, provider, queued, turn, untyped } from "../src/_gates.ts";
import { ask, exchange, open, type received, requestText, valuesOf, withListener } from "./_node-server.ts";
import { slowStream } from "../support/slow-stream.ts";

const cookie: Plugin = {
  name: "cookie",
  headers: () => [["set-cookie", "ours=1"], ["x-ours", "1"], ["vary", "x-ours"]],
};
const late: Plugin = { name: "late", prepare: () => turn() };
/** Sends away who asks for a page below `/wait`. */
const room: Plugin = {
  name: "room",
  decide: ({ path }) => path.startsWith("/wait") ? queued : admitted,
};

function gated(gate: Gate, listener: RequestListener): RequestListener {
  const enter = nodeGate(gate);
  return (incoming, outgoing) => enter(incoming, outgoing, () => listener(incoming, outgoing));
}

/** Keeps what is told of requests. */
function told(): {
  readonly outcomes: Outcome[];
  readonly log: Plugin;
  readonly next: () => Promise<Outcome>;
} {
  const outcomes: Outcome[] = [];
  const waiting: ((outcome: Outcome) => void)[] = [];
  const log: Plugin = {
    name: "log",
    settled(_ctx, outcome) {
      outcomes.push(outcome);
      waiting.shift()?.(outcome);
    },
  };
  return { outcomes, log, next: () => new Promise((resolve) => waiting.push(resolve)) };
}

/** What an application keeps for all its pages. */
const cookies: string[] = ["a=1", "b=2"];

/** Every way in which a program for Node writes a response. */
const pages: Readonly<Record<string, RequestListener>> = {
  "end without a head": (_, outgoing) => outgoing.end("page"),
  "nothing but an end": (_, outgoing) => outgoing.end(),
  "write, then end": (_, outgoing) => {
    outgoing.write("one");
    outgoing.end("two");
  },
  "headers that are set": (_, outgoing) => {
    outgoing.statusCode = 404;
    outgoing.setHeader("Cache-Control", "public, max-age=60");
    outgoing.setHeader("Vary", "Origin");
    outgoing.setHeader("Set-Cookie", ["a=1", "b=2"]);
    outgoing.end("page");
  },
  "a head with an object": (_, outgoing) => {
    outgoing.setHeader("x-set", "1");
    outgoing.writeHead(500, "Broken", {
      "Content-Type": "text/x",
      "X-Set": "2",
      "set-cookie": ["a=1", "b=2"],
    });
    outgoing.end("page");
  },
  "a head with an object that has a name in two spellings, beside what was set before": (_, outgoing) => {
    outgoing.setHeader("x-set", "1");
    outgoing.writeHead(200, { "Content-Length": "9", "content-length": "4", "X-Set": "2", "x-set": "3" }).end(
      "page",
    );
  },
  "a head with a list": (_, outgoing) => {
    outgoing.setHeader("X-One", "0");
    const list = ["X-One", "1", "X-One", "2", "Set-Cookie", "a=1", "set-cookie", "b=2"];
    outgoing.writeHead(200, list).end("page");
  },
  "a head with lists in a list": (_, outgoing) => {
    // The types know texts only.
    outgoing.writeHead(200, untyped(["Set-Cookie", cookies, "X-One", 1])).end("page");
  },
  "a head with pairs": (_, outgoing) => {
    outgoing.writeHead(200, untyped([["Set-Cookie", cookies], ["X-One", "1"], ["X-One", "2"]])).end("page");
  },
  "a head with nothing behind its headers": (_, outgoing) => {
    const headers = { "Cache-Control": "public", "Set-Cookie": cookies };
    Reflect.apply(outgoing.writeHead, outgoing, [200, headers, undefined]).end("page");
  },
  "a head with nothing before its headers": (_, outgoing) => {
    Reflect.apply(outgoing.writeHead, outgoing, [200, undefined, { "X-One": "1" }]).end("page");
  },
  "a head with two kinds of headers, of which the last count": (_, outgoing) => {
    Reflect.apply(outgoing.writeHead, outgoing, [200, { "X-One": "1" }, { "X-Two": "2" }]).end("page");
  },
  "a head with more than it takes": (_, outgoing) => {
    const headers = { "Cache-Control": "public", "Set-Cookie": cookies };
    Reflect.apply(outgoing.writeHead, outgoing, [200, "Fine", headers, { "X-More": "1" }]).end("page");
  },
  "a wrapper around writeHead that hands all places on": (_, outgoing) => {
    const { writeHead } = outgoing;
    outgoing.writeHead = (status: number, reason?: unknown, headers?: unknown) =>
      Reflect.apply(writeHead, outgoing, [status, reason, headers]);
    outgoing.writeHead(200, { "Cache-Control": "public", "Set-Cookie": cookies }).end("page");
  },
  "a head with a reason": (_, outgoing) => outgoing.writeHead(201, "Made").end("page"),
  "a head that is flushed": (_, outgoing) => {
    outgoing.setHeader("content-type", "text/event-stream");
    outgoing.flushHeaders();
    outgoing.end("data: 1\n\n");
  },
  "early hints": (_, outgoing) => {
    outgoing.writeEarlyHints({ link: "</a.css>; rel=preload" }, () => outgoing.end("page"));
  },
  "a pipe": (_, outgoing) => void Readable.from(["one", "two"]).pipe(outgoing),
  "a length": (_, outgoing) => {
    outgoing.setHeader("content-length", 4);
    outgoing.end("page");
  },
  "not modified": (_, outgoing) => {
    outgoing.writeHead(304, { etag: '"1"' }).end();
  },
  "no content": (_, outgoing) => outgoing.writeHead(204).end(),
  "trailers": ({ method }, outgoing) => {
    // Nobody sends trailers behind no body.
    outgoing.writeHead(200, method === "HEAD" ? {} : { trailer: "x-sum" });
    outgoing.write("page");
    outgoing.addTrailers({ "x-sum": "1" });
    outgoing.end();
  },
  "a wrapper around writeHead, as for compression": (_, outgoing) => {
    const writeHead = outgoing.writeHead.bind(outgoing);
    outgoing.writeHead = (...args: never[]) => {
      outgoing.setHeader("x-wrapped", "1");
      return Reflect.apply(writeHead, outgoing, args);
    };
    outgoing.end("page");
  },
};

/** What of an answer must be as without a gate. */
function bare(answer: ReturnType<typeof received>): unknown {
  const { line, headers, body } = answer;
  const ours = ["x-ours", "cache-control", "vary"];
  const kept = headers.filter(([name, value]) => !ours.includes(name) && value !== "ours=1");
  // Their order among each other is nobody's business, but that of a name's values is.
  return [line, kept.toSorted(([one], [other]) => one < other ? -1 : one > other ? 1 : 0), body];
}

describe("nodeGate() leaves a page as it is and adds the gate's headers", () => {
  for (const [what, listener] of Object.entries(pages)) {
    for (const method of ["GET", "HEAD"]) {
      test(`${method}: ${what}`, async () => {
        const { outcomes, log } = told();
        const { gate, faults } = gateOf([cookie, log]);
        const answers: ReturnType<typeof received>[] = [];
        for (const each of [listener, gated(gate, listener)]) {
          await withListener(each, async (port) => void answers.push(await ask(port, "/", { method })));
        }
        const [own, ours] = answers;
        assert.ok(own && ours);
        assert.deepEqual(bare(ours), bare(own));
        assert.deepEqual(valuesOf(ours, "set-cookie"), [...valuesOf(own, "set-cookie"), "ours=1"]);
        assert.deepEqual(valuesOf(ours, "x-ours"), ["1"]);
        const vary = [...valuesOf(own, "vary"), "x-ours"];
        assert.deepEqual(valuesOf(ours, "vary").join(), vary.join(", "));
        assert.match(valuesOf(ours, "cache-control").join(), /^(?:max-age=60, )?private$/);
        await gate.idle();
        assert.deepEqual(outcomes.map(({ status, threw }) => [status, threw]), [[own.status, false]]);
        assert.deepEqual(faults, []);
      });
    }
  }

  test("a head with an object that has a name in two spellings loses neither where nothing was set before", async () => {
    const listener: RequestListener = (_, outgoing) => {
      outgoing.writeHead(200, { "X-One": "1", "x-one": "2", "Set-Cookie": "a=1", "set-cookie": cookies })
        .end();
    };
    const kept: (readonly string[])[] = [];
    for (const each of [listener, gated(gateOf([cookie]).gate, listener)]) {
      await withListener(each, async (port) => {
        const answer = await ask(port, "/");
        kept.push(["x-one", "set-cookie"].flatMap((name) => valuesOf(answer, name)));
      });
    }
    const [own = [], ours = []] = kept;
    assert.ok(own.length > 0);
    // Some runtimes send the last one alone.
    for (const value of own) assert.ok(ours.includes(value), value);
  });

  test("a page that nobody may store stays one, and one without a cookie of ours keeps its caches", async () => {
    const table: readonly [plugins: readonly Plugin[], given: string, expected: string][] = [
      [[cookie], "no-store", "no-store"],
      [[cookie], "private, max-age=5", "private, max-age=5"],
      [[cookie], "public, s-maxage=60", "private"],
      [[], "public, s-maxage=60", "public, s-maxage=60"],
    ];
    for (const [plugins, given, expected] of table) {
      const listener: RequestListener = (_, outgoing) =>
        outgoing.writeHead(200, { "Cache-Control": given }).end();
      await withListener(gated(gateOf(plugins).gate, listener), async (port) => {
        assert.deepEqual(valuesOf(await ask(port, "/"), "cache-control"), [expected]);
      });
    }
  });

  test("a head that Node refuses is the application's error, and the page after it has the gate's headers", async () => {
    const { outcomes, log } = told();
    const { gate } = gateOf([cookie, log]);
    const listener: RequestListener = (_, outgoing) => {
      assert.throws(() => outgoing.writeHead(99));
      assert.throws(() => outgoing.writeHead(200, { "x-odd": "a\r\nb: c" }));
      outgoing.writeHead(500).end("error page");
    };
    await withListener(gated(gate, listener), async (port) => {
      const answer = await ask(port, "/");
      assert.equal(answer.status, 500);
      assert.deepEqual(valuesOf(answer, "set-cookie"), ["ours=1"]);
    });
    assert.deepEqual(outcomes.map(({ status }) => status), [500]);
  });

  test("a head that Node refuses leaves nothing in the one after it, which is as private as a first one", async () => {
    const { gate } = gateOf([cookie]);
    const listener: RequestListener = (_, outgoing) => {
      outgoing.setHeader("content-type", "text/x");
      const odd = { "content-length": "3", "content-type": "text/y", "x-odd": "a\r\nb: c" };
      assert.throws(() => outgoing.writeHead(200, odd));
      const trailer = { "content-length": "4", "cache-control": "no-store", "trailer": "x-sum" };
      assert.throws(() => outgoing.writeHead(200, trailer));
      outgoing.writeHead(500, { "cache-control": "public, max-age=60" }).end("error page");
    };
    await withListener(gated(gate, listener), async (port) => {
      const answer = await ask(port, "/");
      assert.match(answer.body, /error page/);
      assert.deepEqual(valuesOf(answer, "content-type"), ["text/x"]);
      assert.deepEqual(valuesOf(answer, "trailer"), []);
      assert.notDeepEqual(valuesOf(answer, "content-length"), ["3"]);
      assert.deepEqual(valuesOf(answer, "set-cookie"), ["ours=1"]);
      assert.deepEqual(valuesOf(answer, "cache-control"), ["max-age=60, private"]);
    });
  });

  test("a head that Node refuses takes no date from the one after it", async () => {
    const listener: RequestListener = (_, outgoing) => {
      const date = "Mon, 01 Jan 2024 00:00:00 GMT";
      assert.throws(() => outgoing.writeHead(200, { date, "x-odd": "a\r\nb: c" }));
      outgoing.writeHead(500).end("error page");
    };
    await withListener(gated(gateOf([cookie]).gate, listener), async (port) => {
      const answer = await exchange(port, requestText("/"));
      assert.match(answer, /^date: (?!Mon, 01 Jan 2024)\w{3}, /im);
    });
  });

  test("a token that the application writes, by what a plugin left in a slot, where nothing else is to be said", async () => {
    const keep = contextKey<(value: string) => void>("keep");
    const lending: Plugin = {
      name: "lending",
      prepare: (ctx) => ctx.set(keep, (value) => void ctx.tokens.write("lent", value)),
    };
    const { gate } = gateOf([lending]);
    const listener: RequestListener = (incoming, outgoing) => {
      visitOf(incoming)?.get(keep)?.("book");
      outgoing.end("page");
    };
    await withListener(gated(gate, listener), async (port) => {
      assert.match(`${valuesOf(await ask(port, "/"), "set-cookie")}`, /^lent=book;/);
    });
  });

  test("requests on one connection do not meet", async () => {
    const listener: RequestListener = (incoming, outgoing) => {
      incoming.resume();
      outgoing.end(incoming.url);
    };
    await withListener(gated(gateOf([cookie, late]).gate, listener), async (port) => {
      const first = "GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n";
      const answer = await exchange(port, first + requestText("/b"));
      assert.deepEqual(answer.match(/ours=1/g)?.length, 2);
      assert.match(answer, /\/a[^]*\/b$/);
    });
  });
});

describe("nodeGate() calls the application", () => {
  test("at once where no plugin waits, with what plugins found", async () => {
    const { gate } = gateOf([cookie]);
    const enter = nodeGate(gate);
    const seen: unknown[] = [];
    await withListener((incoming, outgoing) => {
      assert.equal(visitOf(incoming), undefined);
      enter(incoming, outgoing, () => {
        seen.push(visitOf(incoming)?.decision.reason, visitOf(incoming)?.address);
        outgoing.end();
      });
      seen.push("returned");
    }, async (port) => void await ask(port, "/"));
    assert.deepEqual(seen, ["test/admitted", "127.0.0.1", "returned"]);
  });

  test("in every mode, whoever is refused only where it enforces", async () => {
    for (const mode of ["enforce", "report", "off"] as const) {
      const { gate } = gateOf([provider(queued)], { mode });
      await withListener(gated(gate, (_, outgoing) => outgoing.end("page")), async (port) => {
        assert.equal((await ask(port, "/")).status, mode === "enforce" ? 302 : 200);
      });
    }
  });

  test("once where a request meets the gate twice, and of two gates each", async () => {
    const asked: string[] = [];
    const counting = (name: string): Plugin => ({ name, prepare: () => void asked.push(name) });
    const one = nodeGate(gateOf([cookie, counting("one")]).gate);
    const two = nodeGate(gateOf([cookie, counting("two")]).gate);
    await withListener((incoming, outgoing) => {
      one(
        incoming,
        outgoing,
        () => one(incoming, outgoing, () => two(incoming, outgoing, () => outgoing.end())),
      );
    }, async (port) => {
      assert.deepEqual(valuesOf(await ask(port, "/"), "x-ours"), ["1"]);
    });
    assert.deepEqual(asked, ["one", "two"]);
  });

  test("with the URL that was asked for, below a mounted path too, and the address that platform() says", async () => {
    const seen: unknown[] = [];
    const look: Plugin = { name: "look", prepare: (ctx) => void seen.push(ctx.href, ctx.address) };
    const enter = nodeGate(gateOf([look]).gate);
    await withListener((incoming, outgoing) => {
      Object.assign(incoming, { originalUrl: incoming.url, url: "/" });
      enter(incoming, outgoing, () => outgoing.end(), platform({ peerAddress: "192.0.2.7" }));
    }, async (port) => void await ask(port, "/shop/tickets?a=1"));
    assert.deepEqual(seen, ["http://shop.example/shop/tickets?a=1", "192.0.2.7"]);
  });

  test("and not for a visitor who went while the gate decided", async () => {
    const { log, next } = told();
    let decide = () => {};
    let asked = () => {};
    const deciding = new Promise<void>((resolve) => asked = resolve);
    const slow: Plugin = {
      name: "slow",
      prepare: ({ request }) => {
        const left = new Promise<void>((resolve) =>
          request.signal.addEventListener("abort", () => resolve())
        );
        asked();
        return left.then(() => new Promise<void>((resolve) => resolve(decide())));
      },
    };
    decide = () => {};
    const { gate } = gateOf([log, slow]);
    const settled = next();
    await withListener(gated(gate, () => assert.fail("the application was called")), async (port) => {
      const { socket } = await open(port);
      socket.write(requestText("/"));
      await deciding;
      socket.destroy();
      const { status, threw, served } = await settled;
      assert.deepEqual([status, threw, served], [undefined, false, true]);
    });
  });
});

describe("nodeGate() tells of the application", () => {
  test("that the visitor left before it answered, which is no failure", async () => {
    const { log, next } = told();
    const settled = next();
    const { gate } = gateOf([log]);
    let called = () => {};
    const calling = new Promise<void>((resolve) => called = resolve);
    await withListener(gated(gate, () => called()), async (port) => {
      const { socket } = await open(port);
      socket.write(requestText("/"));
      await calling;
      socket.destroy();
      const { status, threw } = await settled;
      assert.deepEqual([status, threw], [undefined, false]);
    });
  });

  test("that it failed, at once or later; the error goes on as without a gate", async () => {
    for (const isLate of [false, true]) {
      const { outcomes, log } = told();
      const enter = nodeGate(gateOf([log, cookie]).gate);
      const error = new Error("broken");
      await withListener((incoming, outgoing) => {
        const heard = (run: () => void) => {
          assert.throws(run, error);
          outgoing.writeHead(500).end("error page");
        };
        // It stands for a promise, whose rejection nobody would hear of in a test.
        const late = { then: (_: unknown, fail: (error: unknown) => void) => heard(() => fail(error)) };
        const failing = () => {
          throw error;
        };
        if (isLate) enter(incoming, outgoing, () => late);
        else heard(() => enter(incoming, outgoing, failing));
      }, async (port) => {
        const answer = await ask(port, "/");
        assert.equal(answer.status, 500);
        assert.deepEqual(valuesOf(answer, "set-cookie"), ["ours=1"]);
      });
      assert.deepEqual(outcomes.map(({ threw, status }) => [threw, status]), [[true, undefined]]);
    }
  });
});

describe("nodeGate() answers itself", () => {
  test("with the headers that were set before, its own in front, and the body's length", async () => {
    const answers: Readonly<Record<string, Response>> = {
      text: new Response("sorry", { status: 503, statusText: "Full", headers: { "x-both": "gate" } }),
      json: Response.json({ a: 1 }),
      empty: new Response(""),
      bytes: new Response(new Uint8Array(10_000)),
    };
    for (const [what, response] of Object.entries(answers)) {
      const answer: Plugin = provider({
        action: "respond",
        reason: "test/answer",
        response: response.clone(),
      });
      const enter = nodeGate(gateOf([cookie, answer]).gate);
      await withListener((incoming, outgoing) => {
        outgoing.setHeader("access-control-allow-origin", "*");
        outgoing.setHeader("x-both", "application");
        outgoing.setHeader("set-cookie", "theirs=1");
        outgoing.setHeader("vary", "origin");
        enter(incoming, outgoing, () => assert.fail("the application was called"));
      }, async (port) => {
        const given = await ask(port, "/");
        const bytes = await response.arrayBuffer();
        assert.equal(given.line, `HTTP/1.1 ${response.status} ${response.statusText || "OK"}`, what);
        assert.deepEqual(valuesOf(given, "set-cookie"), ["theirs=1", "ours=1"]);
        assert.deepEqual(valuesOf(given, "vary"), ["origin, x-ours"]);
        assert.deepEqual(valuesOf(given, "access-control-allow-origin"), ["*"]);
        assert.deepEqual(valuesOf(given, "x-both"), [what === "text" ? "gate" : "application"]);
        assert.deepEqual(valuesOf(given, "cache-control"), ["no-store"]);
        assert.deepEqual(valuesOf(given, "content-length"), [String(bytes.byteLength)], what);
        assert.equal(given.body.length, bytes.byteLength);
      });
    }
  });

  test("without what was set of another content, which would frame or decode its own", async () => {
    const other: Readonly<Record<string, string>> = {
      "Content-Length": "3",
      "Content-Encoding": "gzip",
      "Content-Disposition": "attachment",
      "Content-Type": "image/png",
      "ETag": '"page"',
      "Trailer": "x-sum",
    };
    const table: readonly [method: string, plugins: readonly Plugin[]][] = [
      ["GET", [provider(queued)]],
      ["HEAD", [provider(queued)]],
      ["GET", [provider({ action: "respond", reason: "test/answer", response: new Response("refused") })]],
      ["GET", [provider({ action: "reject", reason: "test/rejected", status: 403 })]],
    ];
    for (const [method, plugins] of table) {
      const enter = nodeGate(gateOf(plugins).gate);
      await withListener((incoming, outgoing) => {
        for (const [name, value] of Object.entries(other)) outgoing.setHeader(name, value);
        outgoing.setHeader("Content-Security-Policy", "default-src 'self'");
        enter(incoming, outgoing, () => assert.fail("the application was called"));
      }, async (port) => {
        const answer = await ask(port, "/", { method });
        for (const [name, value] of Object.entries(other)) {
          assert.ok(!valuesOf(answer, name.toLowerCase()).includes(value), name);
        }
        assert.deepEqual(valuesOf(answer, "content-security-policy"), ["default-src 'self'"]);
        assert.match(answer.body, answer.status === 302 ? /^$|^0\r\n/ : /refused/);
      });
    }
  });

  test("framed as if nothing had been set before, and kept by no cache that was allowed to keep another answer", async () => {
    const text = {
      status: 403,
      headers: { "content-type": "text/plain", "content-length": "9" },
      body: "refused",
    };
    const answers: readonly [what: string, make: () => Response | PlainAnswer, framing: readonly string[]][] =
      [
        ["a text", () => text, ["7", ""]],
        ["a response", () => new Response("refused", { status: 403 }), ["7", ""]],
        ["nothing", () => new Response(null, { status: 403 }), ["0", ""]],
        [
          "a stream",
          () => new Response(slowStream("slow", 30), { status: 403, headers: { "content-length": "2" } }),
          [
            "",
            "chunked",
          ],
        ],
      ];
    const sets = [["Content-Length"], ["Transfer-Encoding"], ["Content-Length", "Transfer-Encoding"], []];
    for (const [what, make, framing] of answers) {
      for (const set of sets) {
        const enter = nodeGate(gateOf([provider(queued), { name: "own", respond: make }]).gate);
        await withListener((incoming, outgoing) => {
          for (const name of set) outgoing.setHeader(name, name === "Content-Length" ? "3" : "chunked");
          outgoing.setHeader("CDN-Cache-Control", "max-age=60");
          outgoing.setHeader("Expires", "Fri, 01 Jan 2100 00:00:00 GMT");
          enter(incoming, outgoing, () => assert.fail("the application was called"));
        }, async (port) => {
          const answer = await ask(port, "/");
          const found = ["content-length", "transfer-encoding"].map((name) => valuesOf(answer, name).join());
          assert.deepEqual(found, framing, `${what} after ${set.join()}`);
          assert.deepEqual(valuesOf(answer, "cdn-cache-control"), []);
          assert.match(valuesOf(answer, "cache-control").join(), /no-store/);
          assert.ok(!valuesOf(answer, "expires").join().includes("2100"));
        });
      }
    }
  });

  test("with headers beyond ASCII that were set before as they were set, whatever its text", async () => {
    for (const body of ["one", "\u20ac", ""]) {
      const response = { status: 403, headers: { "content-type": "text/plain; charset=utf-8" }, body };
      const { gate } = gateOf([provider({ action: "respond", reason: "test/answer", response })]);
      await withListener((incoming, outgoing) => {
        outgoing.setHeader("x-title", "caf\xe9");
        nodeGate(gate)(incoming, outgoing, () => {});
      }, async (port) => {
        const answer = await ask(port, "/");
        assert.deepEqual(valuesOf(answer, "x-title"), ["caf\xe9"]);
        assert.equal(answer.body.length, new TextEncoder().encode(body).length);
      });
    }
  });

  test("HEAD without a body, and what was sent along unread", async () => {
    const { gate } = gateOf([provider(queued)]);
    await withListener(gated(gate, () => assert.fail()), async (port) => {
      for (const method of ["HEAD", "POST"]) {
        const body = method === "POST" ? "x".repeat(1000) : "";
        const more = method === "POST" ? "Content-Length: 1000\r\n" : "";
        const answer = await ask(port, "/", { method, more, body });
        assert.deepEqual([answer.status, answer.body], [302, ""]);
        assert.deepEqual(valuesOf(answer, "location"), [queued.location]);
      }
    });
  });

  test("without what Node refuses, and with its own reason in the place of one that was set before", async () => {
    const table: Readonly<Record<string, string>> = {
      "trailer": "x-sum",
      "transfer-encoding": "chunked",
    };
    for (const [name, value] of Object.entries(table)) {
      for (const [method, text] of [["GET", "full"], ["GET", null], ["HEAD", "full"]] as const) {
        const response = new Response(text, { status: 503, headers: { [name]: value, "x-good": "1" } });
        const { gate } = gateOf([provider({ action: "respond", reason: "test/answer", response }), cookie]);
        const enter = nodeGate(gate);
        await withListener((incoming, outgoing) => {
          outgoing.statusMessage = "Fine";
          enter(incoming, outgoing, () => assert.fail("the application was called"));
        }, async (port) => {
          const answer = await ask(port, "/", { method });
          assert.equal(answer.line, "HTTP/1.1 503 Service Unavailable", name);
          assert.equal(answer.body, method === "HEAD" ? "" : text ?? "", name);
          assert.deepEqual(["x-good", "set-cookie"].flatMap((each) => valuesOf(answer, each)), [
            "1",
            "ours=1",
          ]);
          assert.deepEqual(valuesOf(answer, name), [], name);
        });
      }
    }
  });

  test("and where its body is in somebody's hands, goes without it or breaks the connection", async () => {
    const response = new Response("full");
    response.body?.getReader();
    const { gate } = gateOf([provider({ action: "respond", reason: "test/answer", response })]);
    await withListener(gated(gate, () => assert.fail("the application was called")), async (port) => {
      // Some runtimes say of such a body that it was used.
      assert.match(await exchange(port, requestText("/")), /^$|^HTTP\/1\.1 503 /);
    });
  });

  test("a stream as it comes, to its end, to its break, or until the visitor goes", async () => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    let cancelled = () => {};
    const leaving = new Promise<void>((resolve) => cancelled = resolve);
    const stream: Plugin = {
      name: "stream",
      decide: () => ({
        action: "respond",
        reason: "stream/opened",
        response: new Response(
          new ReadableStream<Uint8Array>({
            start: (given) => void (controller = given).enqueue(new TextEncoder().encode("one")),
            cancel: () => cancelled(),
          }),
        ),
      }),
    };
    await withListener(gated(gateOf([stream]).gate, () => assert.fail()), async (port) => {
      for (const end of ["close", "error", "leave"] as const) {
        const { socket, ended } = await open(port);
        const first = new Promise((resolve) =>
          socket.on("data", (text) => `${text}`.includes("one") && resolve(text))
        );
        socket.write(requestText("/"));
        await first;
        if (end === "leave") {
          socket.destroy();
          await leaving;
        } else {
          if (end === "close") controller?.enqueue(new TextEncoder().encode("two"));
          controller?.[end]();
          const isWhole = (await ended).endsWith("0\r\n\r\n");
          assert.equal(isWhole, end === "close", end);
        }
      }
    });
  });
});

test("nodeGate() refuses what is no gate", () => {
  for (const [wrong, received] of [[{}, "{}"], [undefined, "undefined"], [page, "a function"]] as const) {
    assert.throws(() => nodeGate(untyped(wrong)), (error: Error) =>
      error.name === "TypeError" &&
      error.message.startsWith(
        `Cannot put gate before a server of Node: the gate must be what createGate() made, received ${received}`,
      ));
  }
});

test("nodeGate() shows pages of the application to nobody who must wait", async () => {
  const { gate } = gateOf([room]);
  await withListener(gated(gate, (_, outgoing) => outgoing.end("page")), async (port) => {
    const table: readonly [target: string, status: number][] = [
      ["/", 200],
      ["/wait", 302],
      ["/%77ait", 302],
      ["/x/../wait", 302],
      ["http://shop.example/wait", 302],
      ["HTTP://SHOP.example:80/wait", 302],
      ["http://other.example/", 400],
      ["//x/wait", 400],
      // Who composes a URL of these reads the page of this very host.
      ["//shop.example/wait", 400],
      ["///shop.example/wait", 400],
      ["/\\shop.example/wait", 400],
      ["/\\x/wait", 400],
      ["/wait/..%2fx", 400],
      ["*", 400],
      ["wait", 400],
    ];
    for (const [target, status] of table) assert.equal((await ask(port, target)).status, status, target);
  });
});
