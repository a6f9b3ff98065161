import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { clientIp, GateError, type GateOptions, type Plugin, ServiceError } from "../../mod.ts";
import { decisionLog, type DecisionLogOptions, type DecisionRecord } from "../../plugins/decision-log/mod.ts";
import { logHost, logPath, logWords } from "../../plugins/decision-log/redact.ts";
import { shortAddress } from "../../src/url/ip-address.ts";
import { gateOf, page, provider, queued, request, turn, untyped } from "../src/_gates.ts";
import { steadily } from "../support/steadily.ts";

const at = Date.UTC(2030, 0, 15, 12, 30, 1, 5);

/** The records of one request. */
async function logged(
  asked: Request,
  plugins: readonly Plugin[] = [],
  options: Omit<GateOptions, "plugins"> = {},
  platform: readonly unknown[] = [],
): Promise<readonly DecisionRecord[]> {
  const records: DecisionRecord[] = [];
  const log = decisionLog({ write: (record) => records.push(record) });
  const { gate } = gateOf([...plugins, log], { now: () => at, ...options });
  await gate(asked, page, ...platform);
  await turn();
  return records;
}

describe("decisionLog()", () => {
  test("writes what was decided about a request, why, by whom, and what became of it", async () => {
    const times = [10, 11.23456];
    const [record, ...more] = await logged(request("/tickets?ch-id=secret#x"), [clientIp()], {
      timer: () => times.shift() ?? 0,
    }, [{ remoteAddr: { hostname: "203.0.113.77" } }]);
    assert.deepEqual(more, []);
    assert.deepEqual(record, {
      time: "2030-01-15T12:30:01.005Z",
      action: "admit",
      reason: "test/admitted",
      provider: "provider",
      room: undefined,
      enforced: true,
      served: true,
      threw: false,
      status: 200,
      durationMs: 1.235,
      failure: undefined,
      failedPlugin: undefined,
      method: "GET",
      host: "shop.example",
      path: "/tickets",
      address: "203.0.113.0/24",
    });
  });

  test("names the waiting room, as its owner calls it, and none where there is none", async () => {
    const rooms: readonly (readonly [room: string | undefined, found: string | undefined])[] = [
      ["hall", "hall"],
      ["", undefined],
      [undefined, undefined],
      ["a\nb", "a%0Ab"],
      ["tok_0123456789abcdef", "[redacted]"],
      ["tok0M7SBFAxYz", "[redacted]"],
      ["tok0M7SBFAxYz12", "[redacted]"],
    ];
    for (const [room, found] of rooms) {
      const [record] = await logged(request(), [provider({ ...queued, facts: { room } })], {
        mode: "report",
      });
      assert.equal(record?.room, found);
    }
  });

  test("says of a gate that reports what would have happened", async () => {
    const [record] = await logged(request(), [provider(queued)], { mode: "report" });
    assert.deepEqual([record?.action, record?.enforced, record?.served, record?.status], [
      "queue",
      false,
      true,
      200,
    ]);
  });

  test("writes the cause of a failure and the plugin, but not its message", async () => {
    const failing: Plugin = {
      name: "service",
      decide() {
        throw new ServiceError("timeout", "late for tok_secret");
      },
    };
    const [record] = await logged(request(), [failing]);
    assert.deepEqual([record?.failure, record?.failedPlugin, record?.provider], [
      "timeout",
      "service",
      "closing",
    ]);
    assert.doesNotMatch(JSON.stringify(record), /secret/);
    const odd: Plugin = {
      name: "odd\nname",
      decide() {
        throw new GateError(untyped("tok_secret\n"), "odd");
      },
    };
    const [other] = await logged(request(), [odd]);
    assert.deepEqual([other?.failure, other?.failedPlugin], ["internal", "odd%0Aname"]);
  });

  test("writes a line of JSON on the console when nothing else is said", async () => {
    const lines: unknown[][] = [];
    const { log } = console;
    console.log = (...args: unknown[]) => lines.push(args);
    try {
      await gateOf([decisionLog()], { now: () => at }).gate(request("/%25s%0a"), page);
      await turn();
    } finally {
      console.log = log;
    }
    assert.equal(lines.length, 1);
    const [line, ...others] = lines[0] ?? [];
    assert.deepEqual(others, []);
    const { durationMs, ...record } = JSON.parse(String(line));
    assert.equal(typeof durationMs, "number");
    assert.deepEqual(record, {
      time: "2030-01-15T12:30:01.005Z",
      action: "admit",
      reason: "test/admitted",
      provider: "provider",
      enforced: true,
      served: true,
      threw: false,
      status: 200,
      method: "GET",
      host: "shop.example",
      path: "/%25s%0A",
    });
  });

  test("writes nothing of what bypasses the gate, is explained, or passes while it is off", async () => {
    assert.deepEqual(await logged(request(), [{ name: "nobody", match: () => false }]), []);
    assert.deepEqual(await logged(request(), [], { mode: "off" }), []);
    let count = 0;
    await gateOf([decisionLog({ write: () => count++ })]).gate.explain(request());
    await turn();
    assert.equal(count, 0);
  });

  test("writes the records that only() wants", async () => {
    const reasons: string[] = [];
    const log = decisionLog({
      write: ({ path }) => reasons.push(path),
      only: ({ path }) => path !== "/health",
    });
    const { gate } = gateOf([log]);
    for (const path of ["/a", "/health", "/b"]) await gate(request(path), page);
    await turn();
    assert.deepEqual(reasons, ["/a", "/b"]);
  });

  test("writes a share of the records", async () => {
    async function countOf(sample: number): Promise<number> {
      let count = 0;
      let next = 0;
      const log = decisionLog({ write: () => count++, sample, random: () => (next++ % 10) / 10 });
      const { gate } = gateOf([log]);
      for (let turns = 0; turns < 20; turns++) await gate(request(), page);
      await turn();
      return count;
    }
    assert.deepEqual([await countOf(0), await countOf(0.25), await countOf(1)], [0, 6, 20]);
  });
});

describe("a write of decisionLog()", () => {
  test("that throws or rejects harms no request, and is reported and counted", async () => {
    const failing: readonly (() => unknown)[] = [
      () => {
        throw new Error("full");
      },
      () => Promise.reject(new Error("full")),
      // deno-lint-ignore no-throw-literal
      () => {
        throw undefined;
      },
    ];
    for (const write of failing) {
      const { gate, faults } = gateOf([decisionLog({ write })]);
      const response = await gate(request(), page);
      await gate.idle();
      await turn();
      assert.equal(response.status, 200);
      assert.deepEqual(faults.map(({ code }) => code), ["internal"]);
      assert.deepEqual(gate.health().plugins["decision-log"], {
        written: 0,
        failed: 1,
        dropped: 0,
        pending: 0,
      });
    }
  });

  test("that throws from only() harms no request either", async () => {
    const { gate, faults } = gateOf([decisionLog({
      write() {},
      only() {
        throw new Error("broken");
      },
    })]);
    assert.equal((await gate(request(), page)).status, 200);
    await turn();
    assert.equal(faults.length, 1);
  });

  test("that takes its time is waited for by idle(), and by nobody else", async () => {
    const done: (() => void)[] = [];
    const log = decisionLog({ write: () => new Promise<void>((resolve) => done.push(resolve)) });
    const { gate } = gateOf([log]);
    assert.equal((await gate(request(), page)).status, 200);
    await turn();
    assert.deepEqual(log.health?.(), { written: 0, failed: 0, dropped: 0, pending: 1 });
    for (const resolve of done) resolve();
    await gate.idle();
    assert.deepEqual(log.health?.(), { written: 1, failed: 0, dropped: 0, pending: 0 });
  });

  test(
    "that never ends drops records beyond a hundred, and begins again after a while",
    steadily(async () => {
      const clock = { now: at };
      let writes = 0;
      const log = decisionLog({ write: () => (writes++, new Promise(() => {})) });
      const { gate, faults } = gateOf([log], { now: () => clock.now, settledTimeoutMs: 20 });
      const visit = async (count: number) => {
        for (let turns = 0; turns < count; turns++) await gate(request(), page);
        await turn();
      };
      await visit(103);
      assert.deepEqual([writes, log.health?.()], [100, { written: 0, failed: 0, dropped: 3, pending: 100 }]);
      assert.deepEqual(faults.filter(({ code }) => code === "overloaded").length, 3);
      clock.now += 9999;
      await visit(1);
      assert.equal(writes, 100);
      clock.now += 1;
      await visit(1);
      assert.equal(writes, 101);
      await gate.idle();
    }),
  );
});

test("a record holds nothing by which a visitor could be recognised", async () => {
  const headers = {
    cookie: "ch-id=tok_cookiesecret1",
    authorization: "Bearer headersecret2",
    "user-agent": "agentsecret3",
    "x-forwarded-for": "203.0.113.77",
    referer: "https://x.example/?refsecret4",
  };
  const paths = ["/redirect/requests/tok_pathsecret5?ch-id=querysecret6", "/a;jsessionid=paramsecret7/b"];
  for (const path of paths) {
    const asked = request(path, { headers });
    const [record] = await logged(asked, [clientIp({ trustedProxies: 1 })], {}, [{
      remoteAddr: { hostname: "10.0.0.9" },
    }]);
    assert.doesNotMatch(JSON.stringify(record), /secret|113\.77|10\.0\.0/);
    assert.equal(record?.address, "203.0.113.0/24");
  }
});

test("a record of a URL that nobody can read, and of odd methods and hosts, is bounded", async () => {
  const [bad] = await logged(untyped({
    url: "http://a b/",
    method: "TOK_abc\n",
    headers: new Headers(),
  }));
  assert.deepEqual([bad?.reason, bad?.method, bad?.host, bad?.path, bad?.status], [
    "gate/unreadable-url",
    "other",
    "localhost",
    "/",
    400,
  ]);
  const [long] = await logged(
    new Request(`https://${"x".repeat(60)}.${"y".repeat(60)}.example/${"c/".repeat(4000)}`),
  );
  assert.deepEqual([long?.host.length, long?.path.length], [100, 256]);
  assert.match(long?.path ?? "", /^\/c\/c\/.*\.\.\.$/);
});

test("logPath() keeps the names of pages, and redacts what looks like a token, an id or a query", () => {
  const id = "0190a6f2-7b1c-7d3e-8f00-1234567890ab";
  const table: readonly (readonly [path: string, logged: string])[] = [
    ["/", "/"],
    ["", ""],
    ["/tickets/rolling-stones-live-2025-berlin-olympiastadion/order/1234567", "="],
    ["/assets/index-BdV5x2.js", "="],
    ["/de/Veranstaltungen/Elbphilharmonie_Hamburg", "="],
    ["/%C3%BCber-uns", "="],
    ["/@user/posts", "="],
    ["/redirect/requests/tok_abc", "/redirect/requests/[redacted]"],
    ["/x/TOK%5fabc/y", "/x/[redacted]/y"],
    ["/x/tok%255Fabc", "/x/[redacted]"],
    ["/x/%2574%256f%256b%255fabc", "/x/[redacted]"],
    [`/x/${"%25".repeat(8)}74`, "="],
    [`/x/%${"25".repeat(8)}74`, "/x/[redacted]"],
    ["/orders/0123456789abcdef", "/orders/[redacted]"],
    [`/orders/${id}`, "/orders/[redacted]"],
    [`/orders/${id.replaceAll("-", "").toUpperCase()}`, "/orders/[redacted]"],
    ["/s/hJ3kL9mN2pQ5rS8tU1vW", "/s/[redacted]"],
    ["/s/hJ3kL9m-2pQ5rS8tU_vW", "/s/[redacted]"],
    ["/s/eyJhbGciOiJIUzI1NiJ9.e30.dBjftJeZ4CVP", "/s/[redacted]"],
    ["/users/jane.doe@mail.example/edit", "/users/[redacted]/edit"],
    ["/users/jane.doe%40mail.example", "/users/[redacted]"],
    ["/a;jsessionid=1/b", "/a;[redacted]/b"],
    ["/a%3Fch-id=1", "/[redacted]"],
    ["/a%3bx", "/[redacted]"],
    ["/a?b", "/a;[redacted]"],
    ["/a\r\nb\u2028c\u0000<d>\"e'f\\g`", "/a%0D%0Ab%E2%80%A8c%00%3Cd%3E%22e%27f%5Cg%60"],
    ["/\ud800x", "/%EF%BF%BDx"],
    ["/\u001b[31mred", "/%1B[31mred"],
    [`/${"ab/".repeat(2000)}tok_`, `/${"ab/".repeat(84)}...`],
    [`/${"x".repeat(5000)}`, "/..."],
  ];
  for (const [path, expected] of table) assert.equal(logPath(path), expected === "=" ? path : expected, path);
});

test("logHost() and logWords() keep what is ordinary", () => {
  assert.equal(logHost("shop.example.com:8443"), "shop.example.com:8443");
  assert.equal(logHost("[2001:db8::1]:80"), "[2001:db8::1]:80");
  assert.equal(logHost("tok_abc.shop.example"), "[redacted].shop.example");
  assert.equal(logWords("failure-policy/admitted-unreachable"), "failure-policy/admitted-unreachable");
  assert.equal(logWords("a/tok_b\nc"), "a/[redacted]");
  assert.equal(logWords(untyped(null)), "other");
});

test("logPath() gives one bounded line of printable ASCII, whatever it gets", () => {
  const unit = fc.oneof(
    fc.constantFrom(
      "/",
      "%",
      "%25",
      ";",
      "\n",
      "\r",
      "\u2028",
      "\u2029",
      "\u0085",
      '"',
      "\\",
      "tok_",
      "@",
      ".",
    ),
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 400 }), (parts) => {
      const line = logPath(`/${parts.join("")}`);
      assert.match(line, /^[\x21-\x7e]{1,256}$/);
      assert.doesNotMatch(line, /["'<>\\`]|tok_/i);
    }),
    { numRuns: 500 },
  );
});

test("logPath() shows no token, wherever it stands and however it is encoded", () => {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"];
  const secret = fc.array(fc.constantFrom(...letters), { minLength: 12, maxLength: 60 }).map((all) =>
    all.join("")
  );
  const hex = fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: 16, maxLength: 64 })
    .map((all) => all.join(""));
  const token = fc.oneof(
    secret.map((text) => ({ whole: `tok_${text}`, secret: text })),
    hex.map((text) => ({ whole: text, secret: text })),
  );
  const around = fc.oneof(fc.constantFrom("", "/", "/a/", "-", ".", ";", "%2F", "%00", "x"), fc.webPath());
  fc.assert(
    fc.property(
      around,
      token,
      around,
      fc.infiniteStream(fc.nat({ max: 3 })),
      (before, { whole, secret }, after, how) => {
        const encoded = [...whole].map((char) => {
          const times = how.next().value;
          const code = `%${char.charCodeAt(0).toString(16)}`;
          return times === 0 ? char : code.replace("%", `%${"25".repeat(times - 1)}`);
        }).join("");
        for (const spelled of [whole, encoded]) {
          const shown = logPath(`/${before}${spelled}${after}`);
          for (let from = 0; from + 8 <= secret.length; from++) {
            // Where the rest of the path says the same, nothing was told.
            const piece = secret.slice(from, from + 8);
            if (!`${before}/${after}`.includes(piece)) assert.ok(!shown.includes(piece), shown);
          }
          if (spelled !== whole) assert.ok(!shown.includes(spelled), shown);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test("shortAddress() keeps the network only", () => {
  const table: readonly (readonly [address: string, short: string | undefined])[] = [
    ["203.0.113.77", "203.0.113.0/24"],
    ["255.255.255.255", "255.255.255.0/24"],
    ["2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:1234::/48"],
    ["::1", "::/48"],
    ["fe80::1%eth0", "fe80::/48"],
    ["::ffff:203.0.113.77", "203.0.113.0/24"],
    ["2002:cb00:714d::1", "2002:cb00:7100::/40"],
    ["203.0.113", undefined],
    ["0x7f.1", undefined],
    ["unknown", undefined],
    ["203.0.113.77\n", undefined],
    ["", undefined],
    [":".repeat(1000), undefined],
  ];
  for (const [address, short] of table) assert.equal(shortAddress(address), short, address);
});

test("decisionLog() refuses wrong options", () => {
  const table: readonly (readonly [options: unknown, name: string, message: RegExp])[] = [
    [[], "TypeError", /^Cannot create decision-log plugin: options must be an object, received \[\]$/],
    [{ writer() {} }, "TypeError", /unknown option "writer", the options are write, only, sample, random$/],
    [{ write: "console" }, "TypeError", /"write" must be a function, received "console"$/],
    [{ only: true }, "TypeError", /"only" must be a function/],
    [{ sample: "1" }, "TypeError", /"sample" must be a number from 0 to 1, received "1"$/],
    [{ sample: 1.1 }, "RangeError", /"sample" must be a number from 0 to 1, received 1\.1$/],
    [{ sample: Number.NaN }, "RangeError", /"sample"/],
    [{ random: 1 }, "TypeError", /"random" must be a function/],
  ];
  for (const [options, name, message] of table) {
    assert.throws(() => decisionLog(untyped<DecisionLogOptions>(options)), { name, message });
  }
});
