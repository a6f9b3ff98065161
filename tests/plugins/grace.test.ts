import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { clientIp } from "../../plugins/client-ip.ts";
import { cookieTokens } from "../../plugins/cookie-tokens.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { failClosed, failOpen } from "../../plugins/failure-policy/failure-policy.ts";
import { grace, type GraceOptions } from "../../plugins/grace/mod.ts";
import { queueItEvent } from "../../plugins/queue-it/mod.ts";
import { createSandbox } from "../../sandbox/mod.ts";
import type { Decision } from "../../src/decision.ts";
import { crowdCodes, type FailureCode, failureCodes, ServiceError, withFallback } from "../../src/errors.ts";
import { createGate } from "../../src/gate.ts";
import type { Plugin, Provider } from "../../src/plugin.ts";
import { benchOf, page } from "./_guards.ts";
import { steadily } from "../support/steadily.ts";

const secret = "a secret of the tests";
const name = "__Host-stanchion-grace";
const start = Date.parse("2030-01-15T12:00:00Z");

/** What the provider does next. */
interface Script {
  decision: Decision;
  proven: "service" | "signature" | undefined;
  room: string | undefined;
  failure: FailureCode | undefined;
}

const admitted: Decision = { action: "admit", reason: "test/in" };
const queued: Decision = { action: "queue", reason: "test/queued", location: "https://wait.example/" };

function graceBench(options: Partial<GraceOptions> = {}, plugins: readonly Plugin[] = []) {
  const clock = { now: start };
  const script: Script = { decision: admitted, proven: "service", room: undefined, failure: undefined };
  const provider: Provider = {
    name: "test",
    final: "decide",
    decide() {
      const facts = { ...script.decision.facts, room: script.room, proven: script.proven };
      // What a failure says to be proven must not count.
      if (script.failure === undefined) return { ...script.decision, facts };
      throw withFallback(new ServiceError(script.failure, "the service failed"), { facts });
    },
  };
  const make = (more: Partial<GraceOptions>) =>
    benchOf([...plugins, grace({ secrets: [secret], ...options, ...more }), provider], () => clock.now);
  const { gate } = make({});

  async function visit(
    cookie?: string,
    at: { readonly gate?: typeof gate; readonly url?: string; readonly ip?: string } = {},
  ) {
    const request = new Request(at.url ?? page, { ...(cookie && { headers: { cookie } }) });
    const response = await (at.gate ?? gate)(request, () => new Response("page"), {
      remoteAddr: { hostname: at.ip ?? "192.0.2.1" },
    });
    const set = response.headers.getSetCookie();
    return { status: response.status, set, cookie: set[0]?.split(";", 1)[0] };
  }

  /** Gets a cookie, then visits with it while the service fails. */
  async function keep(code: FailureCode = "timeout", cookie?: string, at = {}) {
    const brought = cookie ?? (await visit(undefined, at)).cookie;
    script.failure = code;
    const { status } = await visit(brought, at);
    script.failure = undefined;
    return status === 200;
  }
  return { clock, script, gate, make, visit, keep };
}

describe("grace()", () => {
  test("grace() gives the promoted a signed cookie of the host alone", async () => {
    const { visit } = graceBench();
    const { set } = await visit();
    assert.equal(set.length, 1);
    assert.match(
      set[0] ?? "",
      /^__Host-stanchion-grace=1\.[0-9a-z]+\.\.[0-9a-f]{64}; Max-Age=900; Path=\/; HttpOnly; Secure; SameSite=Lax$|^__Host-stanchion-grace=1\.[0-9a-z]+\.\.[0-9a-f]{64}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=900$/,
    );
  });

  test("grace() gives nobody a cookie who was not proven to be promoted", async () => {
    const { script, visit } = graceBench();
    script.proven = undefined;
    assert.deepEqual((await visit()).set, []);
    script.proven = "service";
    const others: readonly Decision[] = [
      queued,
      { action: "reject", reason: "test/no", status: 403 },
      { action: "redirect", reason: "test/clean-url", location: "/" },
      { action: "bypass", reason: "test/other" },
      { action: "respond", reason: "test/own", response: new Response("own") },
      { action: "admit", reason: "test/checkout", facts: { ends: true } },
    ];
    for (const decision of others) {
      script.decision = decision;
      assert.deepEqual((await visit()).set, []);
    }
    script.failure = "timeout";
    assert.deepEqual((await visit()).set, []);
    script.failure = undefined;
    script.decision = admitted;
    for (const proven of ["service", "signature"] as const) {
      script.proven = proven;
      assert.equal((await visit()).set.length, 1, proven);
    }
  });

  test("grace() admits during an outage who was promoted before, with a reason of its own, and nobody else", async () => {
    const { script, visit, gate } = graceBench();
    const { cookie } = await visit();
    script.failure = "unreachable";
    const kept = await visit(cookie);
    assert.deepEqual([kept.status, kept.set], [200, []], "and the outage prolongs nothing");
    assert.equal((await visit()).status, 503);
    const request = new Request(page, { headers: { cookie: cookie ?? "" } });
    assert.deepEqual((await gate.explain(request)).decision, { action: "admit", reason: "grace/kept" });
  });

  test("grace() keeps a place after faults of the service, and after others only if told to", async () => {
    for (const code of failureCodes) {
      const isFault = code === "timeout" || code === "unreachable" || code === "malformed";
      assert.equal(await graceBench().keep(code), isFault, code);
      assert.equal(await graceBench({ codes: [code], scope: "shop" }).keep(code), true, code);
    }
    assert.equal(await graceBench({ codes: ["timeout"] }).keep("unreachable"), false);
  });

  test("grace() keeps a place after what visitors can bring about only where it is named, and room or scope is certain", async () => {
    for (const code of crowdCodes) {
      const codes = [code];
      assert.equal(await graceBench({ scope: "shop" }).keep(code), false, code);
      assert.equal(await graceBench({ codes }).keep(code), false, code);
      assert.equal(await graceBench({ codes, scope: "shop" }).keep(code), true, code);
      const { script, keep } = graceBench({ codes });
      script.room = "hall";
      assert.equal(await keep(code), true, code);
    }
  });

  test("grace() never keeps a place longer than forMs after the last proof, however clocks go", async () => {
    const { clock, visit, keep } = graceBench({ forMs: 60_000 });
    const { cookie } = await visit();
    for (
      const [ms, isKept] of [[0, true], [59_999, true], [60_000, false], [1e9, false], [-60_000, true], [
        -60_001,
        false,
      ]] as const
    ) {
      clock.now = start + ms;
      assert.equal(await keep("timeout", cookie), isKept, String(ms));
    }
    const shorter = graceBench({ forMs: 30_000 });
    shorter.clock.now = start + 30_000;
    assert.equal(
      await shorter.keep("timeout", cookie),
      false,
      "a shorter time holds for older cookies as well",
    );
  });

  test("grace() renews the cookie when a quarter of its time is over, and not before", async () => {
    const { clock, visit } = graceBench({ forMs: 400_000 });
    const { cookie } = await visit();
    clock.now += 99_999;
    assert.deepEqual((await visit(cookie)).set, []);
    clock.now += 1;
    const renewed = await visit(cookie);
    assert.equal(renewed.set.length, 1);
    assert.notEqual(renewed.cookie, cookie);
  });

  test("grace() keeps a place in one room out of another", async () => {
    const { script, visit, keep } = graceBench();
    script.room = "small";
    const { cookie } = await visit();
    assert.equal(await keep("timeout", cookie), true);
    script.room = "large";
    assert.equal(await keep("timeout", cookie), false);
    assert.equal((await visit(cookie)).set.length, 1, "whoever is let in there as well gets another one");
    script.room = undefined;
    assert.equal(
      await keep("timeout", cookie),
      true,
      "where only the service knows the room, the scope counts",
    );
    const { cookie: anywhere } = await visit();
    script.room = "large";
    assert.equal(await keep("timeout", anywhere), false);
  });

  test("grace() keeps a place in its scope alone: the host, a text, or what a function says", async () => {
    const hosts = graceBench();
    const { cookie } = await hosts.visit();
    const other = { url: "https://other.example/tickets" };
    assert.equal(await hosts.keep("timeout", cookie, other), false);
    assert.equal(await hosts.keep("timeout", cookie, { url: "https://shop.example:8443/" }), false);
    const site = graceBench({ scope: "site" });
    assert.equal(await site.keep("timeout", (await site.visit()).cookie, other), true);
    const parts = graceBench({ scope: (ctx) => ctx.path.split("/")[1] ?? "" });
    const mine = (await parts.visit()).cookie;
    assert.equal(await parts.keep("timeout", mine, { url: "https://shop.example/tickets/7" }), true);
    assert.equal(await parts.keep("timeout", mine, { url: "https://shop.example/backstage" }), false);
  });

  test("grace() admits nobody by a scope that throws or is none", async () => {
    for (const scope of [() => assert.fail("scope"), () => 5 as never, () => "x".repeat(2000)]) {
      const { visit, keep } = graceBench({ scope });
      assert.deepEqual((await visit()).set, []);
      assert.equal(await keep("timeout", `${name}=1.abc..${"0".repeat(64)}`), false);
    }
  });

  test("grace() binds a place to the visitor's address where it is told to", async () => {
    const bound = graceBench({ bindAddress: true }, [clientIp({ warn() {} })]);
    const { cookie } = await bound.visit(undefined, { ip: "192.0.2.1" });
    assert.equal(await bound.keep("timeout", cookie, { ip: "192.0.2.1" }), true);
    assert.equal(await bound.keep("timeout", cookie, { ip: "192.0.2.2" }), false);
    assert.equal(await bound.keep("timeout", cookie, { ip: "none" }), false);
    assert.deepEqual(
      (await bound.visit(undefined, { ip: "none" })).set,
      [],
      "an unknown address binds nothing",
    );
    const behindNothing = graceBench({ bindAddress: true });
    const mine = (await behindNothing.visit(undefined, { ip: "192.0.2.1" })).cookie;
    assert.equal(await behindNothing.keep("timeout", mine, { ip: "192.0.2.1" }), true, "the socket's own");
    assert.equal(await behindNothing.keep("timeout", mine, { ip: "192.0.2.2" }), false);
    assert.equal(await behindNothing.keep("timeout", mine, { ip: "" }), false);
  });

  test("grace() verifies by every secret and signs by the first, so that secrets can be rotated", async () => {
    const [old, next] = ["the old secret of the tests", "the new secret of the tests"];
    const { make, visit, keep } = graceBench();
    const before = make({ secrets: [old] }).gate;
    const both = make({ secrets: [next, old] }).gate;
    const after = make({ secrets: [next] }).gate;
    const early = (await visit(undefined, { gate: before })).cookie;
    const late = (await visit(undefined, { gate: both })).cookie;
    assert.deepEqual([
      await keep("timeout", early, { gate: both }),
      await keep("timeout", early, { gate: after }),
      await keep("timeout", late, { gate: both }),
      await keep("timeout", late, { gate: after }),
      await keep("timeout", late, { gate: before }),
    ], [true, false, true, true, false]);
  });

  test("grace() takes a place back when the provider does, or when the visit ends", async () => {
    const { script, visit } = graceBench();
    const { cookie } = await visit();
    script.proven = undefined;
    const forgotten = /^__Host-stanchion-grace=; .*Max-Age=0$/;
    const table: readonly (readonly [decision: Decision, isForgotten: boolean])[] = [
      [queued, true],
      [{ action: "admit", reason: "test/checkout", facts: { ends: true } }, true],
      [{ action: "redirect", reason: "test/cancelled", location: "/", facts: { ends: true } }, true],
      [{ action: "redirect", reason: "test/clean-url", location: "/" }, false],
      [{ action: "admit", reason: "test/unprotected" }, false],
      [{ action: "reject", reason: "test/passive", status: 503 }, false],
    ];
    for (const [decision, isForgotten] of table) {
      script.decision = decision;
      const { set } = await visit(cookie);
      assert.equal(set.length, isForgotten ? 1 : 0, decision.reason);
      if (isForgotten) assert.match(set[0] ?? "", forgotten);
    }
    script.proven = "service";
    script.decision = { action: "admit", reason: "test/checkout", facts: { ends: true } };
    assert.match((await visit(cookie)).set[0] ?? "", forgotten, "though it was proven once more");
    script.decision = queued;
    assert.match((await visit(cookie)).set[0] ?? "", forgotten);
    assert.deepEqual((await visit()).set, [], "nothing is forgotten where nothing is");
    script.failure = "timeout";
    assert.deepEqual((await visit(cookie)).set, [], "a fault takes nothing away");
  });

  test("grace() does not take back a place when another room makes its visitor wait", async () => {
    const { script, visit } = graceBench();
    script.room = "small";
    const { cookie } = await visit();
    script.decision = queued;
    script.proven = undefined;
    script.room = "large";
    assert.deepEqual((await visit(cookie)).set, []);
    script.room = "small";
    assert.equal((await visit(cookie)).set.length, 1);
  });

  test("grace() keeps a place, and takes it back, by any of the cookies that a browser sends", async () => {
    const { script, visit, keep } = graceBench();
    script.room = "a";
    const { cookie: inA = "" } = await visit();
    script.room = "b";
    const { cookie: inB = "" } = await visit();
    for (const cookie of [`${inA}; ${inB}`, `${inB}; ${inA}`]) {
      for (const room of ["a", "b"]) {
        script.room = room;
        assert.equal(await keep("timeout", cookie), true, room);
        script.decision = queued;
        const { set } = await visit(cookie);
        script.decision = admitted;
        assert.equal(set.length, 1, "there is one scope");
        assert.match(set[0] ?? "", /; Max-Age=0/);
      }
      script.room = "c";
      assert.equal(await keep("timeout", cookie), false);
    }
  });

  test("grace() says in an explanation why a cookie keeps no place, and takes nothing back after a failure", async () => {
    const { script, visit, gate } = graceBench();
    script.room = "a";
    const { cookie = "" } = await visit();
    script.failure = "timeout";
    const noted = async (cookie: string) => {
      const { steps } = await gate.explain(new Request(page, { headers: { cookie } }));
      return steps.filter(({ plugin }) => plugin === "grace").flatMap((step) => step.notes);
    };
    assert.deepEqual(await noted(cookie), []);
    assert.deepEqual(await noted(`${cookie}x`), [
      "the cookie that would keep the visitor's place is not valid, or no longer",
    ]);
    script.room = "b";
    assert.deepEqual(await noted(cookie), [
      "the cookie keeps a place in another waiting room, or perhaps in another one",
    ]);
    assert.deepEqual((await visit(`${cookie}x`)).set, []);
  });

  test("grace() tells the owner of a scope that is none", async () => {
    for (const said of [5, undefined, "x".repeat(1025)]) {
      const { gate, outcomes, errors } = graceBench().make({ scope: (() => said) as never });
      await gate(new Request(page), () => new Response("page"));
      assert.ok(outcomes.length <= 1);
      const causes = errors.map(({ message, cause }) => `${message} ${String(cause)}`).join("; ");
      assert.match(causes, /"scope" must return a text of at most \d+ characters/, String(said).slice(0, 9));
    }
  });

  test("grace() is refused behind a policy that decides after every failure", () => {
    const provider: Provider = { name: "test", final: "decide", decide: () => admitted };
    const own = grace({ secrets: [secret] });
    for (const policy of [failOpen(), failClosed()]) {
      assert.throws(
        () => createGate({ plugins: [policy, own, provider] }),
        /^TypeError: Cannot create gate: plugin grace comes after failure-policy, which decides after every failure; list it before$/,
      );
      createGate({ plugins: [own, policy, provider] });
    }
  });

  test("grace() may stand anywhere before that policy, behind the provider too", async () => {
    let isDown = false;
    const provider: Provider = {
      name: "test",
      final: "decide",
      decide() {
        if (isDown) throw new ServiceError("timeout", "the service failed");
        return { ...admitted, facts: { proven: "service" } };
      },
    };
    const own = grace({ secrets: [secret] });
    const orders = [[own, provider, failClosed()], [provider, own, failClosed()], [
      own,
      failClosed(),
      provider,
    ]];
    for (const plugins of orders) {
      isDown = false;
      const gate = createGate({
        plugins,
        onError: () => {},
      });
      const visit = (cookie = "") =>
        gate(new Request(page, { headers: { cookie } }), (_ctx, { reason }) => new Response(reason));
      const cookie = (await visit()).headers.getSetCookie()[0]?.split(";", 1)[0];
      isDown = true;
      assert.equal(await (await visit(cookie)).text(), "grace/kept");
      assert.equal((await visit()).status, 503);
    }
  });

  test("grace() takes a cookie of one's own, with the safe attributes of its name", async () => {
    const { visit } = graceBench({ cookie: { domain: "shop.example", name: "kept", sameSite: "Strict" } });
    const { set } = await visit();
    assert.match(set[0] ?? "", /^kept=1\.[^;]+; .*Domain=shop\.example;.*SameSite=Strict/);
    const plain = graceBench({ cookie: { path: "/tickets" } });
    assert.match((await plain.visit()).set[0] ?? "", /^stanchion-grace=/);
  });

  test("grace() refuses wrong options, and never shows a secret", () => {
    const wrong: readonly (readonly [options: unknown, error: RegExp])[] = [
      [undefined, /options must be an object/],
      [
        {},
        /^TypeError: Cannot create grace plugin: "secrets" must be .*, received undefined: is the variable set\?$/,
      ],
      [{ secrets: [] }, /"secrets"/],
      [{ secrets: secret }, /"secrets"/],
      [{ secrets: ["too short"] }, /^(?!.*too short).*"secrets"/],
      [{ secrets: [secret, 5] }, /"secrets"/],
      [{ secrets: [secret], forMs: 999 }, /^RangeError: .*"forMs"/],
      [{ secrets: [secret], forMs: 86_400_001 }, /"forMs"/],
      [{ secrets: [secret], codes: [] }, /"codes"/],
      [{ secrets: [secret], scope: "" }, /"scope"/],
      [{ secrets: [secret], scope: 5 }, /^TypeError: .*"scope"/],
      [{ secrets: [secret], bindAddress: 1 }, /"bindAddress"/],
      [{ secrets: [secret], cookie: null }, /"cookie"/],
      [{ secrets: [secret], cookie: { maxAgeSeconds: 5 } }, /"cookie.maxAgeSeconds" is what "forMs" says/],
      [{ secrets: [secret], cookie: { name: "__Host-x", path: "/a" } }, /"cookie.name"/],
      [{ secrets: [secret], cookie: { name: "a b" } }, /"cookie.name"/],
      [{ secrets: [secret], forms: 5 }, /unknown option "forms"/],
    ];
    for (const [options, error] of wrong) assert.throws(() => grace(options as GraceOptions), error);
  });

  test("grace() says what an option must be", () => {
    const wrong: readonly (readonly [options: Record<string, unknown>, message: string])[] = [
      [
        { secrets: [] },
        '"secrets" must be a list of secrets, each of them of at least 16 characters, received',
      ],
      [
        { scope: 5 },
        '"scope" must be a text of 1 to 1024 characters, or a function that returns one, received 5',
      ],
      [{ cookie: 5 }, '"cookie" must be an object, received 5'],
      [
        { cookie: { name: 5 } },
        `"cookie.name" must be a cookie's name; __Host- and __Secure- fit certain attributes only, received 5`,
      ],
      [{ cookie: { path: 5 } }, '"cookie.path" must be a path that starts with a slash'],
    ];
    for (const [options, message] of wrong) {
      assert.throws(() => grace({ secrets: [secret], ...options } as GraceOptions), (error: unknown) => {
        assert.ok(error instanceof TypeError || error instanceof RangeError);
        assert.ok(error.message.startsWith(`Cannot create grace plugin: ${message}`), error.message);
        return true;
      });
    }
  });

  test("grace() takes secrets and scopes of exactly the lengths that it names, and none beyond", async () => {
    const longest = "s".repeat(1024);
    assert.ok(await graceBench({ secrets: ["0123456789abcdef"] }).keep());
    assert.throws(() => graceBench({ secrets: ["0123456789abcde"] }), /"secrets"/);
    assert.ok(await graceBench({ scope: longest }).keep());
    assert.throws(() => graceBench({ scope: `${longest}s` }), /^RangeError: .*"scope"/);
    assert.ok(await graceBench({ scope: () => longest }).keep());
    assert.equal(await graceBench({ scope: () => `${longest}s` }).keep(), false);
  });
});

describe("the cookie of grace()", () => {
  test("is refused after every change of a character, of its length and of where its parts end", async () => {
    const { script, visit } = graceBench();
    script.room = "hall";
    const { cookie = "" } = await visit();
    script.failure = "timeout";
    assert.equal((await visit(cookie)).status, 200);
    const value = cookie.slice(name.length + 1);
    const forged = new Set<string>();
    for (let at = 0; at < value.length; at++) {
      for (const character of "0129afgzAFZ.~%") {
        forged.add(value.slice(0, at) + character + value.slice(at + 1));
      }
      forged.add(value.slice(0, at) + value.slice(at + 1));
      forged.add(`${value.slice(0, at)}0${value.slice(at)}`);
      forged.add(value.slice(0, at));
      const bare = value.replaceAll(".", "");
      forged.add(`${bare.slice(0, at)}.${bare.slice(at)}`);
    }
    const [version = "", time = "", room = "", mac = ""] = value.split(".");
    for (
      const each of [
        `${version}.${time}..${mac}`,
        `${version}.0${time}.${room}.${mac}`,
        `${version}.${time.toUpperCase()}.${room}.${mac}`,
        `${version}.${time}.${room}.${mac.toUpperCase()}`,
        `2.${time}.${room}.${mac}`,
        `${value}.${value}`,
        `${value}0`,
        `${value}.`,
        `0${value}`,
        `${version}.${room}.${time}.${mac}`,
        "1....",
        "",
        "1.".repeat(5000),
        `1.${"z".repeat(9)}..${"0".repeat(64)}`,
      ]
    ) forged.add(each);
    forged.delete(value);
    for (const each of forged) assert.equal((await visit(`${name}=${each}`)).status, 503, each.slice(0, 120));
    assert.ok(forged.size > 1000);
    // Without a room the value is shorter, so that more would fit in behind it.
    script.failure = script.room = undefined;
    const { cookie: short = "" } = await graceBench().visit();
    script.failure = "timeout";
    assert.equal((await visit(short)).status, 200);
    for (const more of ["0", ".", "00", "%20"]) assert.equal((await visit(short + more)).status, 503, more);
  });

  test("lets nobody in whatever a visitor makes up", async () => {
    const { script, visit } = graceBench();
    script.failure = "timeout";
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: "grapheme-ascii", maxLength: 200 }),
          fc.tuple(
            fc.stringMatching(/^[0-9a-z]{1,9}$/),
            fc.stringMatching(/^(?:[0-9a-f]{16})?$/),
            fc.stringMatching(/^[0-9a-f]{64}$/),
          )
            .map(([time, room, mac]) => `1.${time}.${room}.${mac}`),
        ),
        async (value) => {
          const printable = value.replaceAll(/[^!-~]/g, "");
          assert.equal((await visit(`${name}=${printable}`)).status, 503);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("counts wherever it stands among four of its name, and no further", async () => {
    const { script, visit } = graceBench();
    const { cookie = "" } = await visit();
    script.failure = "timeout";
    const forged = `${name}=1.x..0`;
    assert.equal((await visit(`${forged}; ${cookie}`)).status, 200);
    assert.equal((await visit(`${cookie}; ${forged}; ${forged}; ${forged}`)).status, 200);
    assert.equal((await visit(`${cookie}; ${forged}; ${forged}; ${forged}; ${forged}`)).status, 503);
  });
});

describe("grace() and the services", () => {
  const host = "shop.example.com";

  test(
    "a visitor of CrowdHandler stays in through an outage, and a new one waits",
    steadily(async () => {
      for (const mode of ["full", "hybrid"] as const) {
        const sandbox = createSandbox({
          rooms: [{ slug: "hall", domain: `https://${host}`, capacity: 0, crowd: 2, checkout: "/thanks" }],
        });
        const clock = { now: start };
        const gate = createGate({
          plugins: [
            cookieTokens(),
            grace({ secrets: [secret], forMs: 60_000 }),
            failClosed(),
            crowdhandler({
              mode,
              publicKey: sandbox.publicKey,
              privateKey: sandbox.privateKey,
              publicHosts: [host],
              timeoutMs: 40,
              checkout: true,
              visitor: () => ({ ip: "198.51.100.7", agent: "test", lang: "en" }),
              fetch: (url, init) => sandbox.fetch(new Request(url, init)),
            }),
          ],
          now: () => clock.now,
          onError: () => {},
        });
        const jar = new Map<string, string>();
        const visit = async (path = "/tickets", cookies = jar) => {
          const headers = { cookie: [...cookies].map(([key, value]) => `${key}=${value}`).join("; ") };
          const response = await gate(
            new Request(`https://${host}${path}`, { headers }),
            () => new Response("page"),
          );
          for (const line of response.headers.getSetCookie()) {
            const [key = "", value = ""] = (line.split(";", 1)[0] ?? "").split("=");
            if (value === "") cookies.delete(key);
            else cookies.set(key, value);
          }
          await gate.idle();
          return response.status;
        };
        assert.equal(await visit(), 302);
        assert.equal(jar.has(name), false);
        sandbox.promote();
        assert.equal(await visit(), 200);
        assert.equal(jar.has(name), true, mode);
        sandbox.faults.set("requests", { kind: "500" });
        sandbox.faults.set("rooms", { kind: "reset" });
        assert.equal(await visit(), 200, "kept");
        assert.equal(await visit("/tickets", new Map()), 302, "unknown");
        const stolen = new Map([[name, jar.get(name) ?? ""]]);
        clock.now += 59_999;
        assert.equal(await visit("/tickets", stolen), 200, "whoever has it has the place");
        clock.now += 1;
        assert.equal(await visit("/tickets", new Map(stolen)), 302, "but no longer than that");
        clock.now = start;
        sandbox.faults.clear();
        assert.equal(await visit("/thanks"), 200);
        assert.equal(jar.has(name), false, "the visit is over");
        sandbox.close();
      }
    }),
  );

  test(
    "a visitor of Queue-it stays in while the service that counts queue ids is down",
    steadily(async () => {
      const { queueIt: side } = createSandbox({
        queueIt: { queueDomain: "queue.test", rooms: [{ eventId: "hall", domains: [`https://${host}`] }] },
      });
      let isDown = false;
      const gate = createGate({
        plugins: [
          cookieTokens(),
          grace({ secrets: [secret] }),
          failClosed(),
          queueItEvent({
            customerId: side.customerId,
            secretKeys: [side.secretKey],
            eventId: "hall",
            queueDomain: "queue.test",
            cleanUrl: false,
            verifyQueueId: true,
            serviceTimeoutMs: 20,
            verifyAction: () => isDown ? new Promise<boolean>(() => {}) : true,
          }),
        ],
        onError: () => {},
      });
      const arrived = await gate(
        new Request(`https://${host}/?queueittoken=${side.issueToken("hall")}`),
        () => new Response("page"),
      );
      assert.equal(arrived.status, 200);
      const cookie = arrived.headers.getSetCookie().map((line) => line.split(";", 1)[0]).join("; ");
      assert.match(cookie, /__Host-stanchion-grace=/);
      isDown = true;
      const again = (cookie: string) =>
        gate.explain(new Request(`https://${host}/`, { headers: { cookie } }));
      assert.equal((await again(cookie)).decision.action, "admit");
      const kept = await gate(
        new Request(`https://${host}/`, { headers: { cookie } }),
        (_ctx, { reason }) => new Response(reason),
      );
      assert.equal(await kept.text(), "grace/kept");
    }),
  );
});
