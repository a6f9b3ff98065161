import { strict as assert } from "node:assert";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  createGate,
  crowdCodes,
  failClosed,
  failureCodes,
  GateError,
  HookError,
  isAdmission,
  type Plugin,
  ServiceError,
  withFallback,
} from "../../mod.ts";
import { admitted, bypassed, queued, rejected } from "./_gates.ts";

test("GateError carries code, message and cause, and is an Error", () => {
  const cause = new Error("why");
  const error = new GateError("timeout", "what", { cause });
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.code, error.message, error.cause], [
    "GateError",
    "timeout",
    "what",
    cause,
  ]);
  assert.equal("cause" in new GateError("timeout", "what"), false);
});

test("ServiceError is a GateError with the status of the answer", () => {
  const error = new ServiceError("rejected", "what", { status: 401 });
  assert.ok(error instanceof GateError);
  assert.deepEqual([error.name, error.status], ["ServiceError", 401]);
  assert.equal(new ServiceError("timeout", "what").status, undefined);
});

test("HookError takes code and message of a GateError and hides those of others", () => {
  const known = new HookError("a", "decide", new ServiceError("throttled", "Asked too often"));
  assert.ok(known instanceof GateError);
  assert.deepEqual([known.name, known.code], ["HookError", "throttled"]);
  assert.equal(known.message, "Plugin a, hook decide: Asked too often");
  for (
    const [cause, word] of [[new RangeError("secret"), "RangeError"], ["secret", "string"], [
      null,
      "object",
    ]] as const
  ) {
    const error = new HookError("a", "prepare", cause);
    assert.deepEqual([error.code, error.message], ["internal", `Plugin a, hook prepare: threw ${word}`]);
    assert.equal(error.cause, cause);
  }
});

const facts = { room: "hall", visitor: "tok_secret" };
const fallback = {
  location: "https://wait.example/hall?id=tok_secret",
  headers: [["x-place", "hall"]],
} as const;

test("GateError, ServiceError and HookError carry what is known of the visit", () => {
  const gateError = new GateError("timeout", "what", { facts, fallback });
  const serviceError = new ServiceError("timeout", "what", { facts, fallback, status: 504 });
  const hookErrors = [gateError, serviceError].map((cause) => new HookError("a", "decide", cause));
  const twice = new HookError("b", "decide", hookErrors[0]);
  for (const error of [gateError, serviceError, ...hookErrors, twice]) {
    assert.equal(error.facts, facts);
    assert.equal(error.fallback, fallback);
  }
  const nothing = [new GateError("timeout", "what"), new HookError("a", "decide", new Error("why"))];
  for (const error of [...nothing, new HookError("a", "decide", { facts, fallback })]) {
    assert.deepEqual(
      [error.facts, error.fallback],
      [undefined, undefined],
      "others than the gate's tell nothing",
    );
  }
});

test("GateError shows nothing of the visit to whoever writes down a whole error", () => {
  const error = new HookError(
    "a",
    "decide",
    withFallback(new ServiceError("timeout", "what"), { facts, fallback }),
  );
  const texts = [
    JSON.stringify(error),
    JSON.stringify({ ...error }),
    inspect(error, { depth: 9 }),
    String(error),
  ];
  for (const text of [...texts, String(error.stack), inspect({ ...error }, { showHidden: true })]) {
    assert.doesNotMatch(text, /tok_secret|wait\.example/);
  }
});

test("withFallback() makes a failure of one visit of whatever was thrown", () => {
  const bug = new RangeError("secret");
  const table: readonly (readonly [cause: unknown, name: string, code: string, message: string])[] = [
    [new GateError("overloaded", "Too many"), "GateError", "overloaded", "Too many"],
    [new ServiceError("rejected", "A wrong key", { status: 401 }), "ServiceError", "rejected", "A wrong key"],
    [
      new HookError("a", "decide", new GateError("timeout", "Late")),
      "GateError",
      "timeout",
      "Plugin a, hook decide: Late",
    ],
    [bug, "GateError", "internal", "threw RangeError"],
    ["secret", "GateError", "internal", "threw string"],
    [undefined, "GateError", "internal", "threw undefined"],
  ];
  for (const [cause, name, code, message] of table) {
    const failure = withFallback(cause, { facts, fallback });
    assert.ok(failure instanceof GateError);
    assert.deepEqual([failure.name, failure.code, failure.message], [name, code, message]);
    assert.equal(failure.cause, cause);
    assert.deepEqual([failure.facts, failure.fallback], [facts, fallback]);
    if (cause instanceof ServiceError) assert.ok(failure instanceof ServiceError && failure.status === 401);
  }
});

test("withFallback() neither changes an error that several share, nor takes from it what it tells of another visit", () => {
  const shared = new ServiceError("timeout", "what", { facts, fallback });
  const [one, two] = ["one", "two"].map((visitor) => withFallback(shared, { facts: { visitor } }));
  const three = withFallback(Object.freeze(shared), {});
  assert.deepEqual([one, two, three].map((each) => each?.facts), [
    { visitor: "one" },
    { visitor: "two" },
    undefined,
  ]);
  assert.deepEqual([one, two, three].map((each) => each?.fallback), [undefined, undefined, undefined]);
  assert.deepEqual([shared.facts, shared.fallback], [facts, fallback]);
});

test("createGate() gives everybody a failure of their own, though all wait for one call that fails", async () => {
  let fail = (_: unknown) => {};
  // As for a list of rooms that everybody needs and one request fetches.
  const flight = new Promise<never>((_, reject) => fail = reject);
  const shared = Object.freeze(new ServiceError("unreachable", "The rooms cannot be fetched"));
  const told: unknown[] = [];
  const provider: Plugin = {
    name: "provider",
    final: "decide",
    async decide(ctx) {
      const visitor = ctx.url.searchParams.get("visitor") ?? "";
      try {
        return await flight;
      } catch (cause) {
        throw withFallback(cause, { facts: { visitor }, fallback: { location: `/wait/${visitor}` } });
      }
    },
  };
  const watch: Plugin = {
    name: "watch",
    settled(ctx, { decision, failure }) {
      told.push([
        ctx.url.search,
        failure?.facts?.visitor,
        failure?.fallback?.location,
        decision.facts?.visitor,
      ]);
    },
  };
  const gate = createGate({ plugins: [failClosed(), provider, watch], onError: () => {} });
  const visitors = Array.from({ length: 20 }, (_, at) => `v${at}`);
  const answers = visitors.map((visitor) =>
    gate(new Request(`https://shop.example/?visitor=${visitor}`), () => new Response("page"))
  );
  fail(shared);
  const locations = (await Promise.all(answers)).map(({ headers }) => headers.get("location"));
  await gate.idle();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(locations, visitors.map((visitor) => `/wait/${visitor}`));
  assert.deepEqual(
    told,
    visitors.map((visitor) => [`?visitor=${visitor}`, visitor, `/wait/${visitor}`, visitor]),
  );
});

test("failureCodes lists each code once", () => {
  assert.equal(new Set(failureCodes).size, failureCodes.length);
  assert.equal(failureCodes.length, 8);
  assert.deepEqual(failureCodes.filter((code) => crowdCodes.includes(code)), crowdCodes);
});

test("isAdmission() tells who is served", () => {
  assert.deepEqual([admitted, bypassed, queued, rejected].map(isAdmission), [true, true, false, false]);
});
