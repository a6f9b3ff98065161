import { strict as assert } from "node:assert";
import { test } from "node:test";
import { failureCodes, GateError, HookError, isAdmission, ServiceError } from "../../mod.ts";
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

test("failureCodes lists each code once", () => {
  assert.equal(new Set(failureCodes).size, failureCodes.length);
  assert.equal(failureCodes.length, 7);
});

test("isAdmission() tells who is served", () => {
  assert.deepEqual([admitted, bypassed, queued, rejected].map(isAdmission), [true, true, false, false]);
});
