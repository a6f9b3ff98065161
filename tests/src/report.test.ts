import { strict as assert } from "node:assert";
import { test } from "node:test";
import { createGate, GateError, type Plugin, ServiceError } from "../../mod.ts";
import { closing, page, request } from "./_gates.ts";

/** Collects what is written to the console while something runs. */
function consoleOf(run: () => void): readonly unknown[][] {
  const lines: unknown[][] = [];
  const { error } = console;
  console.error = (...args: unknown[]) => void lines.push(args);
  try {
    run();
  } finally {
    console.error = error;
  }
  return lines;
}

function failing(name: string, fault: () => unknown): Plugin {
  return {
    name,
    decide() {
      throw fault();
    },
  };
}

test("onError writes one line a second for each plugin and cause, and counts what it left out", () => {
  let now = 1_000_000;
  const gate = createGate({
    plugins: [closing, failing("broken", () => new Error("token 1234"))],
    now: () => now,
  });
  const visit = () => void gate(request(), page);
  const lines = consoleOf(() => {
    for (let i = 0; i < 10; i++) visit();
    now += 999;
    visit();
    now += 1;
    visit();
    now += 5000;
    visit();
  });
  const line = "stanchion: Plugin broken, hook decide: threw Error [internal]";
  assert.deepEqual(lines, [[line], [`${line} (and 10 more like the last one)`], [line]]);
  assert.equal(gate.errors, 13);
});

test("onError tells plugins and causes apart", () => {
  let code: "timeout" | "throttled" = "timeout";
  const gate = createGate({
    plugins: [
      { name: "shaky", match: () => !JSON.parse("{") },
      closing,
      failing("service", () => new ServiceError(code, "No luck")),
    ],
    now: () => 0,
  });
  const lines = consoleOf(() => {
    gate(request(), page);
    code = "throttled";
    gate(request(), page);
  });
  assert.deepEqual(lines.flat(), [
    "stanchion: Plugin shaky, hook match: threw SyntaxError [internal]",
    "stanchion: Plugin service, hook decide: No luck [timeout]",
    "stanchion: Plugin service, hook decide: No luck [throttled]",
  ]);
});

test("onError speaks again when the clock was set back", () => {
  let now = 1_000_000;
  const gate = createGate({ plugins: [closing, failing("broken", () => new Error("x"))], now: () => now });
  const lines = consoleOf(() => {
    gate(request(), page);
    now = 0;
    gate(request(), page);
  });
  assert.equal(lines.length, 2);
});

test("onError tells of faults of the gate itself, which belong to no plugin", () => {
  const gate = createGate({ plugins: [closing, { name: "silent", decide: () => undefined }], now: () => 0 });
  const lines = consoleOf(() => void gate(request(), page));
  assert.deepEqual(lines, [["stanchion: No plugin decided about the request [internal]"]]);
});

test("createGate() goes on when its clock throws", () => {
  const gate = createGate({
    plugins: [closing, failing("broken", () => new GateError("internal", "x"))],
    now() {
      throw new Error("no clock");
    },
  });
  const lines = consoleOf(() => void gate(request(), page));
  assert.deepEqual(lines, []);
  assert.equal(gate.errors, 1);
});
