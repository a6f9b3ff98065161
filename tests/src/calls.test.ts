import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { type GateError, ServiceError } from "../../mod.ts";
import { callsBehind } from "../../src/pipeline/calls.ts";
import { manualLoop } from "./async/_loop.ts";

const never = () => new Promise<never>(() => {});

/** An error as a platform throws it. */
function errorOf(fields: Readonly<Record<string, unknown>>, cause?: unknown): Error {
  return Object.assign(new TypeError("fetch failed", { cause }), fields);
}

/** Calls whose time passes when a test says so. */
function manualCalls() {
  const loop = manualLoop();
  return {
    calls: callsBehind([], loop),
    after: <T>(ms: number, value: T) => new Promise<T>((resolve) => void loop.wait(() => resolve(value), ms)),
    /** Lets time pass, and what is waited for happen. */
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 10) {
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
        loop.pass(10);
        loop.look(5);
      }
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    },
  };
}

describe("callsBehind()", () => {
  test("a call is overloaded that a healthy service does not answer in time because of a crowd, and a timeout alone", async () => {
    const { calls, pass, after } = manualCalls();
    const call = (make: () => Promise<string>) => calls.run({ what: "GET /door", timeoutMs: 500, make });
    const alone = assert.rejects(call(never), {
      code: "timeout",
      message: "GET /door did not answer within 500 ms",
    });
    await pass(600);
    await alone;
    const answers = Promise.allSettled(
      Array.from({ length: 40 }, (_, at) => call(at % 2 === 0 ? never : () => after(20, "answer"))),
    );
    await pass(600);
    const many = await answers;
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
    const { calls, pass } = manualCalls();
    const answers = Promise.allSettled(
      Array.from({ length: 40 }, () => calls.run({ what: "GET /door", timeoutMs: 500, make: never })),
    );
    await pass(600);
    const codes = new Set(
      (await answers).map((ended) =>
        ended.status === "rejected" ? (ended.reason as GateError).code : "answered"
      ),
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
    const { calls, pass, after } = manualCalls();
    let made = 0;
    const call = (make: () => Promise<unknown>) =>
      calls.run({ what: "GET /door", timeoutMs: 120, make: () => (made++, make()) }).catch((
        cause: GateError,
      ) => cause);
    const answer = () => after(80, "in");
    const first = Promise.all([call(answer), call(never)]);
    await pass(200);
    assert.equal(
      (await first)[1] instanceof ServiceError && ((await first)[1] as GateError).code,
      "overloaded",
    );
    const open = Array.from({ length: 4 }, () => call(never));
    const refused = await call(answer) as GateError;
    assert.equal(refused.code, "overloaded");
    assert.equal(
      refused.message,
      "GET /door was not asked: its service is behind with what it was asked before",
    );
    await pass(200);
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
