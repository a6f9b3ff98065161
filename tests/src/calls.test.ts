import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { type GateError, ServiceError } from "../../mod.ts";
import { callsBehind } from "../../src/pipeline/calls.ts";
import { watchTraffic } from "../../src/async/traffic.ts";

const never = () => new Promise<never>(() => {});

/** An error as a platform throws it. */
function errorOf(fields: Readonly<Record<string, unknown>>, cause?: unknown): Error {
  return Object.assign(new TypeError("fetch failed", { cause }), fields);
}

describe("watchTraffic()", () => {
  /** A clock and the calls of a service. */
  function watched() {
    const clock = { now: 1000 };
    return { clock, enter: watchTraffic(() => clock.now) };
  }

  test("it blames a crowd for silence only where others were answered meanwhile", () => {
    const table: readonly [
      what: string,
      others: number,
      answeredAt: number | undefined,
      isCrowded: boolean,
    ][] = [
      ["nobody else, and no answer", 0, undefined, false],
      ["few others, who were answered", 31, 1500, false],
      ["many others, who were answered", 32, 1500, true],
      ["many others, and no answer", 400, undefined, false],
      ["many others, who were answered before", 400, 999, false],
    ];
    for (const [what, others, answeredAt, isCrowded] of table) {
      const { clock, enter } = watched();
      clock.now = 900;
      const earlier = enter("service");
      if (answeredAt === 999) (clock.now = 999, earlier.answered());
      clock.now = 1000;
      // The one that was there before is one of the others.
      if (others === 0) earlier.end();
      const call = enter("service");
      const more = Array.from({ length: Math.max(0, others - 1) }, () => enter("service"));
      if (answeredAt === 1500) (clock.now = 1500, earlier.answered());
      clock.now = 3000;
      assert.equal(call.isCrowded(), isCrowded, what);
      // Also when all others are over by then.
      [earlier, ...more].slice(others === 0 ? 1 : 0).forEach((other) => other.end());
      assert.equal(call.isCrowded(), isCrowded, `${what}, and over`);
    }
  });

  test("it tells services apart, and forgets one of which no call is under way", () => {
    const { clock, enter } = watched();
    const call = enter("first");
    const others = Array.from({ length: 100 }, () => enter("second"));
    clock.now = 1500;
    others[0]?.answered();
    assert.equal(call.isCrowded(), false);
    assert.equal(others[1]?.isCrowded(), true);
    others.forEach((other) => other.end());
    const later = enter("second");
    assert.equal(later.isCrowded(), false);
  });
});

describe("callsBehind()", () => {
  test("a call is overloaded that a healthy service does not answer in time because of a crowd, and a timeout alone", async () => {
    const calls = callsBehind();
    const call = (make: () => Promise<string>) => calls.run({ what: "GET /door", timeoutMs: 500, make });
    const answer = () => new Promise<string>((resolve) => setTimeout(() => resolve("answer"), 20));
    await assert.rejects(call(never), { code: "timeout", message: "GET /door did not answer within 500 ms" });
    const many = await Promise.allSettled(
      Array.from({ length: 40 }, (_, at) => call(at % 2 === 0 ? never : answer)),
    );
    for (const [at, ended] of many.entries()) {
      if (at % 2 === 1) assert.equal(ended.status, "fulfilled");
      else {assert.ok(
          ended.status === "rejected" && ended.reason instanceof ServiceError &&
            ended.reason.code === "overloaded",
        );}
    }
    const reason = many[0]?.status === "rejected" ? many[0].reason as ServiceError : undefined;
    assert.equal(
      reason?.message,
      "GET /door did not answer within 500 ms, while many calls were under way and others were answered",
    );
  });

  test("a service that answers nobody is silent, however many ask", async () => {
    const calls = callsBehind();
    const make = never;
    const many = await Promise.allSettled(
      Array.from({ length: 40 }, () => calls.run({ what: "GET /door", timeoutMs: 500, make })),
    );
    const codes = new Set(
      many.map((ended) => ended.status === "rejected" ? (ended.reason as GateError).code : "answered"),
    );
    assert.deepEqual([...codes], ["timeout"]);
  });

  const shortages: readonly [what: string, error: Error, code: string][] = [
    ["Node has no file left", errorOf({}, errorOf({ code: "EMFILE" })), "overloaded"],
    ["the system has no file left", errorOf({ code: "ENFILE" }), "overloaded"],
    ["there is no port left", errorOf({}, errorOf({ code: "EADDRNOTAVAIL" })), "overloaded"],
    [
      "Deno has no file left",
      new TypeError("error sending request: Too many open files (os error 24)"),
      "overloaded",
    ],
    [
      "Deno has no port left",
      errorOf({}, new Error("Cannot assign requested address (os error 99)")),
      "overloaded",
    ],
    ["the service refuses connections", errorOf({}, errorOf({ code: "ECONNREFUSED" })), "unreachable"],
    ["Deno is refused", new TypeError("Connection refused (os error 111)"), "unreachable"],
    [
      "the fault is hidden too deep",
      errorOf({}, errorOf({}, errorOf({}, errorOf({}, errorOf({ code: "EMFILE" }))))),
      "unreachable",
    ],
    ["nothing is known", new Error("down"), "unreachable"],
  ];
  for (const [what, error, code] of shortages) {
    test(`a call is ${code} when ${what}`, async () => {
      const make = () => Promise.reject(error);
      await assert.rejects(
        callsBehind().run({ what: "GET /door", timeoutMs: 1000, make }),
        (failure: ServiceError) => {
          assert.equal(failure.code, code);
          assert.match(failure.message, /^GET \/door failed: \w+/);
          return true;
        },
      );
    });
  }

  test("what is thrown that is no error is a fault of the service as well", async () => {
    for (const thrown of [undefined, null, "down", 5, { cause: "EMFILE" }]) {
      const make = () => Promise.reject(thrown);
      await assert.rejects(callsBehind().run({ what: "GET /door", timeoutMs: 1000, make }), {
        code: "unreachable",
      });
    }
    const cyclic: { cause?: unknown } = {};
    cyclic.cause = cyclic;
    await assert.rejects(
      callsBehind().run({ what: "GET /door", timeoutMs: 1000, make: () => Promise.reject(cyclic) }),
      { code: "unreachable" },
    );
  });
});
