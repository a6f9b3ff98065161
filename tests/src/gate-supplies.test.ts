/** What plugins supply to the context of a request, and what holds where they supply nothing, or garbage. */

import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import type { Context, Decision, GateError, Plugin, Supplies } from "../../mod.ts";
import { contextOf } from "../support/context-of.ts";
import { admitted, gateOf, page, provider, queued, rejected, request, untyped } from "./_gates.ts";

const url = "http://10.0.0.5:3000/tickets";

/** The context of a request where a plugin supplies this, and what was reported. */
function supplied(supplies: unknown, notes?: string[], init: RequestInit = {}) {
  const faults: GateError[] = [];
  const plugins: Plugin[] = [{ name: "own", supplies: untyped<Supplies>(supplies) }];
  const ctx: Context = contextOf(new Request(url, init), [], Date.now, notes, plugins, (fault) => {
    faults.push(fault);
  });
  return { ctx, faults };
}

function assertReported(faults: readonly GateError[], message: string): void {
  assert.equal(faults.length, 1);
  const [fault] = faults;
  assert.deepEqual([fault?.code, fault?.message], ["internal", message]);
  assert.ok(fault?.cause instanceof Error);
}

describe("the address of a connection", () => {
  test("is IPv4 where a socket for both kinds says it as IPv6", () => {
    const table: [peer: string, address: string | undefined][] = [
      ["203.0.113.7", "203.0.113.7"],
      ["::ffff:203.0.113.7", "203.0.113.7"],
      ["::FFFF:203.0.113.7", "203.0.113.7"],
      ["::1", "::1"],
      ["::ffff:1", "::ffff:1"],
      ["::ffff:1:2", "::ffff:1:2"],
      ["64:ff9b::ffff:1.2.3.4", "64:ff9b::ffff:1.2.3.4"],
      ["::ffff:1.2.3.4x", "::ffff:1.2.3.4x"],
      ["", undefined],
    ];
    for (const [hostname, address] of table) {
      const ctx = contextOf(new Request(url), [{ remoteAddr: { hostname } }]);
      assert.equal(ctx.address, address, hostname);
    }
    assert.equal(contextOf(new Request(url)).address, undefined);
  });
});

describe("an origin that a plugin supplies", () => {
  test("is where the page is, in place of what the server goes by", () => {
    const { ctx, faults } = supplied({
      origin: (_ctx: unknown, own: string) =>
        own === "http://10.0.0.5:3000" ? "https://shop.example" : undefined,
    });
    assert.equal(ctx.returnUrl, "https://shop.example/tickets");
    assert.equal(supplied({ origin: () => undefined }).ctx.returnUrl, url);
    assert.deepEqual(faults, []);
  });

  test("counts for nothing if it is none, or not known at once, and the owner is told", () => {
    for (
      const said of [
        "shop.example",
        "https://shop.example/",
        "https://shop.example/a",
        "https://",
        null,
        5,
        Promise.resolve("https://shop.example"),
        Promise.reject(new Error("late")),
      ]
    ) {
      const { ctx, faults } = supplied({ origin: () => said });
      assert.equal(ctx.returnUrl, url, String(said));
      assertReported(faults, "Plugin own, origin: threw TypeError");
      assert.match(String(faults[0]?.cause), /It must be an origin, and known at once$/);
    }
    const { ctx, faults } = supplied({
      origin() {
        throw new RangeError("too far");
      },
    });
    assert.equal(ctx.returnUrl, url);
    assertReported(faults, "Plugin own, origin: threw RangeError");
  });
});

describe("whether a page is only looked at in advance", () => {
  test("is so only if a plugin says so, at once", () => {
    assert.equal(contextOf(new Request(url)).passive, false);
    for (const [said, passive] of [[true, true], [false, false], ["yes", false], [undefined, false]]) {
      const { ctx, faults } = supplied({ passive: () => said });
      assert.equal(ctx.passive, passive, String(said));
      assert.deepEqual(faults, []);
    }
    const late = supplied({ passive: () => Promise.resolve(true) });
    assert.equal(late.ctx.passive, false);
    assertReported(late.faults, "Plugin own, passive: threw TypeError");
    assert.match(String(late.faults[0]?.cause), /It must be known at once$/);
  });

  test("is asked of those alone who would be sent away to wait", async () => {
    const response = { status: 200, headers: {}, body: null };
    const responded: Decision = { action: "respond", reason: "test/responded", response };
    for (const decision of [admitted, queued, rejected, responded]) {
      let asked = 0;
      const asking: Plugin = { name: "asking", supplies: { passive: () => ++asked > 0 } };
      const { status } = await gateOf([asking, provider(decision)]).gate(request(), page);
      assert.deepEqual(
        [asked, status === 503],
        decision === queued ? [1, true] : [0, false],
        decision.reason,
      );
    }
  });

  test("is no fault to report while the gate explains", () => {
    const throwing = {
      passive() {
        throw new Error("broken");
      },
    };
    const explained = supplied(throwing, []);
    assert.equal(explained.ctx.passive, false);
    assert.deepEqual(explained.faults, []);
    const real = supplied(throwing);
    assert.equal(real.ctx.passive, false);
    assertReported(real.faults, "Plugin own, passive: threw Error");
  });
});

test("limits of a body that a plugin supplies hold in place of the usual ones", async () => {
  const init = { method: "POST", body: "12345" };
  assert.equal(
    (await supplied({ body: { maxBytes: 4, timeoutMs: 1000 } }, undefined, init).ctx.body()).complete,
    false,
  );
  const usual = await contextOf(new Request(url, init)).body();
  assert.deepEqual([usual.text, usual.complete], ["12345", true]);
});
