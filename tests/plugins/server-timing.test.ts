import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import type { Decision, Plugin } from "../../mod.ts";
import { serverTiming, type ServerTimingOptions } from "../../plugins/server-timing.ts";
import { admitted, bypassed, gateOf, page, provider, queued, request, untyped } from "../src/_gates.ts";

/** A timer by which every decision takes this long. */
function taking(durationMs: number): () => number {
  const times = [0, durationMs];
  return () => times.shift() ?? 0;
}

async function timingOf(
  options: ServerTimingOptions,
  { decision = admitted, durationMs = 1.25, served = page, before = [] }: {
    readonly decision?: Decision;
    readonly durationMs?: number;
    readonly served?: () => Response;
    readonly before?: readonly Plugin[];
  } = {},
): Promise<string | null> {
  const { gate } = gateOf([...before, provider(decision), serverTiming(options)], {
    timer: taking(durationMs),
  });
  return (await gate(request(), served)).headers.get("server-timing");
}

describe("serverTiming()", () => {
  test("tells how long the gate took, of whoever is served and of whoever is not", async () => {
    assert.equal(await timingOf({}), "gate;dur=1.25");
    assert.equal(await timingOf({ details: "duration" }, { decision: queued }), "gate;dur=1.25");
  });

  test("tells why where it is asked to", async () => {
    assert.equal(await timingOf({ details: "reason" }), 'gate;dur=1.25;desc="test/admitted"');
    assert.equal(
      await timingOf({ details: "reason" }, { decision: queued }),
      'gate;dur=1.25;desc="test/queued"',
    );
  });

  test("writes the duration as a decimal number, whatever was measured", async () => {
    const table: readonly (readonly [durationMs: number, dur: string])[] = [
      [0, "0.00"],
      [0.004, "0.00"],
      [12_345.678, "12345.68"],
      [-3, "0.00"],
      [Number.NaN, "0.00"],
      [Infinity, "0.00"],
      [1e21, "0.00"],
    ];
    for (const [durationMs, dur] of table) {
      assert.equal(await timingOf({}, { durationMs }), `gate;dur=${dur}`);
    }
  });

  test("goes behind what the application measured, and leaves its response alone", async () => {
    const own = new Response("page", {
      headers: [["server-timing", "db;dur=53"], ["server-timing", "app;dur=47.2"]],
    });
    assert.equal(await timingOf({}, { served: () => own }), "db;dur=53, app;dur=47.2, gate;dur=1.25");
    assert.equal(own.headers.get("server-timing"), "db;dur=53, app;dur=47.2");
  });

  test("sets nothing when the request bypasses the gate", async () => {
    const unmatched: Plugin = { name: "unmatched", match: () => false };
    assert.equal(await timingOf({}, { before: [unmatched] }), null);
    assert.equal(await timingOf({}, { decision: bypassed }), null);
    const { gate } = gateOf([serverTiming()], { mode: "off" });
    assert.equal((await gate(request(), page)).headers.get("server-timing"), null);
  });

  test("sets nothing for whom it is not meant", async () => {
    const staff = serverTiming({ only: ({ request }) => request.headers.get("x-staff") === "yes" });
    const { gate } = gateOf([staff]);
    const ask = async (headers: Record<string, string>) =>
      (await gate(request("/", { headers }), page)).headers.has("server-timing");
    assert.deepEqual([await ask({}), await ask({ "x-staff": "yes" })], [false, true]);
    // A promise is no yes.
    assert.equal(await timingOf({ only: untyped(() => Promise.resolve(true)) }), null);
  });

  test("harms no response when its test throws", async () => {
    const { gate, faults } = gateOf([serverTiming({
      only() {
        throw new Error("broken");
      },
    })]);
    const response = await gate(request(), page);
    assert.deepEqual([response.status, response.headers.get("server-timing")], [200, null]);
    assert.deepEqual(faults.map(({ message }) => message), [
      "Plugin server-timing, hook headers: threw Error",
    ]);
  });

  test("leaves what is no response alone", async () => {
    const upgraded = { upgraded: true };
    assert.equal(await gateOf([serverTiming()]).gate(request(), () => upgraded), upgraded);
  });

  test("tells the duration of a fault's recovery too, while the gate reports as well", async () => {
    const broken: Plugin = {
      name: "broken",
      decide() {
        throw new Error("broken");
      },
    };
    const { gate } = gateOf([broken, serverTiming({ details: "reason" })], {
      mode: "report",
      timer: taking(2),
    });
    const response = await gate(request(), page);
    assert.deepEqual([response.status, response.headers.get("server-timing")], [
      200,
      'gate;dur=2.00;desc="closing/closed"',
    ]);
  });

  test("writes any reason as one quoted string", async () => {
    const unit = fc.oneof(fc.constantFrom('"', "\\", ",", ";", "\r\n", "\u2028", "ü"), fc.string());
    await fc.assert(fc.asyncProperty(fc.array(unit), async (parts) => {
      const decision: Decision = { action: "admit", reason: untyped(parts.join("")) };
      const header = await timingOf({ details: "reason" }, { decision });
      assert.match(header ?? "", /^gate;dur=1\.25;desc="(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"$/);
      assert.ok((header ?? "").length < 250);
    }));
  });

  test("refuses wrong options", () => {
    const table: readonly (readonly [options: unknown, name: string, message: RegExp])[] = [
      [1, "TypeError", /^Cannot create server-timing plugin: options must be an object, received 1$/],
      [{ detail: "reason" }, "TypeError", /unknown option "detail", the options are details, only$/],
      [{ details: "all" }, "RangeError", /"details" must be one of "duration", "reason", received "all"$/],
      [{ only: true }, "TypeError", /"only" must be a function, received true$/],
    ];
    for (const [options, name, message] of table) {
      assert.throws(() => serverTiming(untyped<ServerTimingOptions>(options)), { name, message });
    }
  });
});
