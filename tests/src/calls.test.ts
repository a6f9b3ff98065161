import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { type GateError, ServiceError } from "../../mod.ts";
import { callsBehind } from "../../src/pipeline/calls.ts";

const never = () => new Promise<never>(() => {});

/** An error as a platform throws it. */
function errorOf(fields: Readonly<Record<string, unknown>>, cause?: unknown): Error {
  return Object.assign(new TypeError("fetch failed", { cause }), fields);
}

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
      "GET /door did not answer within 500 ms, while others were answered or too many were under way",
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
    [
      "one of several addresses of a name could not be tried",
      errorOf({}, errorOf({ errors: [errorOf({ code: "ECONNREFUSED" }), errorOf({ code: "EMFILE" })] })),
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

  test("a service that is behind is not asked, and nobody learns who waits", async () => {
    const calls = callsBehind();
    let made = 0;
    const call = (timeoutMs: number, make: () => Promise<unknown>) =>
      calls.run({ what: "GET /door", timeoutMs, make: () => (made++, make()) }).catch((cause: GateError) =>
        cause
      );
    const answer = () => new Promise<string>((resolve) => setTimeout(() => resolve("in"), 80));
    const [, slow] = await Promise.all([call(120, answer), call(120, never)]);
    assert.equal((slow as GateError).code, "overloaded");
    const open = Array.from({ length: 4 }, () => call(120, never));
    const refused = await call(120, answer) as GateError;
    assert.equal(refused.code, "overloaded");
    assert.equal(
      refused.message,
      "GET /door was not asked: its service is behind with what it was asked before",
    );
    await Promise.all(open);
    assert.ok(made < 7, String(made));
  });

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
