import assert from "node:assert/strict";
import { returnsNext, spy } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { createGate, failOpen, type FailOptions, type Gate, type Plugin, ServiceError } from "../../mod.ts";

const MINUTE_MS = 60_000;

/** A provider that does what its turns say: fails, or admits. */
function provider(turns: readonly ("fails" | "admits")[]): Plugin {
  const next = returnsNext(
    turns.map((turn) => turn === "fails" ? new ServiceError("timeout", "late") : turn),
  );
  return {
    name: "provider",
    decide() {
      next();
      return { action: "admit", reason: "provider/promoted", facts: { proven: "service" } };
    },
  };
}

function gateOf(turns: readonly ("fails" | "admits")[], options: FailOptions): Gate {
  return createGate({ plugins: [failOpen(options), provider(turns)], onError: spy() });
}

async function visit(gate: Gate): Promise<number> {
  const response = await gate(new Request("https://shop.example/tickets"), () => new Response("page"));
  await gate.idle();
  return response.status;
}

Deno.test("failOpen() admits for admitForMs from the first failure on, by the clock of the platform", async () => {
  using time = new FakeTime("2030-01-15T12:00:00Z");
  const gate = gateOf(["fails", "fails", "fails", "fails", "fails"], {
    admitForMs: 10 * MINUTE_MS,
    afterwards: "reject",
  });
  assert.equal(await visit(gate), 200);
  time.tick(9 * MINUTE_MS);
  assert.equal(await visit(gate), 200);
  time.tick(MINUTE_MS);
  assert.equal(await visit(gate), 200, "the last millisecond counts");
  time.tick(1);
  assert.equal(await visit(gate), 503);
  time.tick(24 * 60 * MINUTE_MS);
  assert.equal(await visit(gate), 503);
  assert.equal(gate.errors, 5);
});

Deno.test("failOpen() counts admitForMs anew once the provider has decided again", async () => {
  using time = new FakeTime("2030-01-15T12:00:00Z");
  const gate = gateOf(["fails", "fails", "admits", "fails", "fails"], {
    admitForMs: MINUTE_MS,
    afterwards: "reject",
  });
  assert.equal(await visit(gate), 200);
  time.tick(2 * MINUTE_MS);
  assert.equal(await visit(gate), 503);
  assert.equal(await visit(gate), 200, "the provider decides");
  time.tick(5 * MINUTE_MS);
  assert.equal(await visit(gate), 200, "a new outage");
  time.tick(MINUTE_MS + 1);
  assert.equal(await visit(gate), 503);
});
