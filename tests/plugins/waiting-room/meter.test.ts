/** W38: what a node hears of its application, and what visitors can bring about by what they ask. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMeter, type Ending, type Meter } from "../../../plugins/waiting-room/meter.ts";
import { settle } from "./_node.ts";
import { type RoomBench, roomBench, site } from "./_room.ts";

const targetMs = 100;

/** A meter on a clock of the test's own, with a report that is due. */
function meterBench() {
  const clock = { now: 0 };
  const meter = createMeter(targetMs, { now: () => clock.now });
  clock.now = 10_000;
  return { clock, meter };
}

/** Somebody asks, and it takes so long. */
function ask(
  { clock, meter }: { readonly clock: { now: number }; readonly meter: Meter },
  visitor: string,
  tookMs: number,
  ending: Partial<Ending> = {},
  { method = "GET", isAborted = false } = {},
): void {
  const controller = new AbortController();
  const end = meter.begin(visitor, { method, signal: controller.signal });
  clock.now += tookMs;
  if (isAborted) controller.abort();
  end({ status: 200, threw: false, ...ending });
}

describe("createMeter()", () => {
  test("tells how many visitors were answered, how long that took, and which share failed", () => {
    const bench = meterBench();
    ask(bench, "a", 50);
    ask(bench, "b", 70);
    ask(bench, "c", 10, { status: 500 });
    ask(bench, "d", 10, { status: undefined, threw: true });
    assert.deepEqual(bench.meter.take(), { visitors: 4, timed: 2, sumMs: 120, errors: 2 });
  });

  test("tells nothing twice, nothing of nobody, and nothing within five seconds", () => {
    const bench = meterBench();
    assert.equal(bench.meter.take(), undefined);
    ask(bench, "a", 50);
    assert.equal(bench.meter.take()?.visitors, 1);
    ask(bench, "a", 50);
    bench.clock.now += 4900;
    assert.equal(bench.meter.take(), undefined);
    bench.clock.now += 100;
    assert.equal(bench.meter.take()?.visitors, 1);
    bench.clock.now += 10_000;
    assert.equal(bench.meter.take(), undefined);
  });

  test("counts nobody for more than one, whatever they ask: neither storms of errors nor of quick pages weigh", () => {
    const bench = meterBench();
    for (let at = 0; at < 1000; at++) ask(bench, "storm", 1, at % 2 === 0 ? { status: 500 } : {});
    ask(bench, "b", 99);
    assert.deepEqual(bench.meter.take(), { visitors: 2, timed: 2, sumMs: 100, errors: 0.5 });
  });

  const unmeasured:
    readonly (readonly [about: string, ending: Partial<Ending>, method: string, errors: number])[] = [
      ["what is not there", { status: 404 }, "GET", 0],
      ["what is refused", { status: 403 }, "GET", 0],
      ["what fails at once", { status: 503 }, "GET", 1],
      ["what is sent slowly", {}, "POST", 0],
      ["what is sent and fails", { status: 500 }, "POST", 1],
      ["what has no page", {}, "HEAD", 0],
    ];
  for (const [about, ending, method, errors] of unmeasured) {
    test(`does not measure ${about}`, () => {
      const bench = meterBench();
      ask(bench, "a", 30_000, ending, { method });
      assert.deepEqual(bench.meter.take(), { visitors: 1, timed: 0, sumMs: 0, errors });
    });
  }

  test("hears nothing of an upgrade, nor of somebody who goes away while there was time", () => {
    const bench = meterBench();
    ask(bench, "a", 10, { status: undefined });
    ask(bench, "b", 100, { status: undefined, threw: true }, { isAborted: true });
    ask(bench, "c", 5000, { status: undefined, threw: true }, { isAborted: true, method: "POST" });
    assert.equal(bench.meter.take(), undefined);
  });

  test("counts whoever went away after too long as somebody who waited, and not as an error", () => {
    const bench = meterBench();
    ask(bench, "a", 101, { status: undefined, threw: true }, { isAborted: true });
    assert.deepEqual(bench.meter.take(), { visitors: 1, timed: 1, sumMs: 101, errors: 0 });
  });

  test("counts an answer for four times as long as it should take at most", () => {
    const bench = meterBench();
    ask(bench, "a", 60_000);
    assert.equal(bench.meter.take()?.sumMs, 400);
  });

  test("counts what is not answered at all, once, and not again when it is", () => {
    const { clock, meter } = meterBench();
    const { signal } = new AbortController();
    const ends = ["a", "b"].map((visitor) => meter.begin(visitor, { method: "GET", signal }));
    clock.now += 399;
    assert.equal(meter.take(), undefined);
    clock.now += 1;
    meter.begin("c", { method: "GET", signal });
    assert.deepEqual(meter.take(), { visitors: 2, timed: 2, sumMs: 800, errors: 0 });
    clock.now += 10_000;
    for (const end of ends) end({ status: 200, threw: false });
    assert.deepEqual(meter.take(), { visitors: 1, timed: 1, sumMs: 400, errors: 0 });
  });

  test("hears of ten thousand visitors at most", () => {
    const bench = meterBench();
    for (let at = 0; at < 10_100; at++) ask(bench, String(at), 0);
    assert.equal(bench.meter.take()?.visitors, 10_000);
  });
});

describe("waitingRoom({ autotune })", () => {
  const options = { admitPerMinute: 600, capacity: 100, autotune: { targetMs, min: 6, max: 6000 } };

  /** The reports that the store got. */
  function reports({ store }: RoomBench) {
    return store.batches.flatMap(({ report }) => report === undefined ? [] : [report]);
  }

  test("tells the room how its application does, along with what is asked anyway", async () => {
    const bench: RoomBench = roomBench(options, [], undefined, async () => {
      await bench.pass(250);
      return new Response("the shop");
    });
    const visitor = bench.browser();
    await visitor.open("/");
    await bench.pass(10_000);
    assert.deepEqual(reports(bench), []);
    await bench.browser().open("/");
    const [report] = reports(bench);
    assert.deepEqual([report?.visitors, report?.timed, report?.errors], [1, 1, 0]);
    assert.ok(report !== undefined && report.sumMs >= 250, String(report?.sumMs));
    assert.equal(bench.store.batches.at(-1)?.room.autotune?.targetMs, targetMs);
    const { admitPerMinute, rateReason, answerMs, errorRate } = bench.provider.health?.() ?? {};
    assert.deepEqual([admitPerMinute, rateReason, answerMs, errorRate], [600, "new", 0, 0]);
  });

  test("does not take what is only explained for what is never answered", async () => {
    const bench = roomBench(options);
    const visitor = bench.browser();
    await visitor.open("/");
    await bench.pass(10_000);
    await bench.browser().open("/");
    const cookie = [...visitor.jar].map((pair) => pair.join("=")).join("; ");
    const { decision } = await bench.gate.explain(new Request(site, { headers: { cookie } }));
    assert.equal(decision.reason, "waiting-room/pass");
    await bench.pass(10_000);
    await bench.browser().open("/");
    assert.deepEqual(reports(bench).map(({ visitors }) => visitors), [1, 1]);
  });

  test("takes an application that throws for one that fails, at once or later", async () => {
    for (const handler of [() => thrown(), () => settle().then(thrown)]) {
      const bench = roomBench(options, [], undefined, handler);
      await assert.rejects(async () => await bench.browser().open("/"), /the shop is broken/);
      await bench.pass(10_000);
      await assert.rejects(async () => await bench.browser().open("/"));
      assert.deepEqual(reports(bench).map(({ visitors, errors }) => [visitors, errors]), [[1, 1]]);
    }
  });

  test("hears nothing of those who wait, and does nothing without the option", async () => {
    const waiting = roomBench({ ...options, capacity: 0 });
    await waiting.browser().open("/");
    await waiting.pass(10_000);
    await waiting.browser().open("/");
    assert.deepEqual(reports(waiting), []);
    const plain = roomBench();
    assert.equal(plain.provider.settled, undefined);
    await plain.browser().open("/");
    await plain.pass(10_000);
    await plain.browser().open("/");
    assert.deepEqual(reports(plain), []);
  });

  test("hears nothing of those who are let in at the room's own address, and ask the application for nothing", async () => {
    const bench = roomBench(options);
    const visitor = bench.browser();
    for (let count = 0; count < 2; count++) {
      assert.equal((await visitor.open("/.stanchion/main/wait?page=%2F")).status, 303);
      // Longer than an answer may take that counts as endless.
      await bench.pass(10_000 + 4 * targetMs);
    }
    await bench.browser().open("/.stanchion/main/wait");
    assert.deepEqual(reports(bench), []);
  });

  function thrown(): never {
    throw new Error("the shop is broken");
  }
});
