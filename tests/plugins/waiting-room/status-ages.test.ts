/** How a room finds that something in front of it keeps its status for too long (W28). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { verdictsOf } from "../../../plugins/waiting-room/board/verdicts.ts";
import type { waitingRoom } from "../../../plugins/waiting-room/mod.ts";
import { createStatusAges } from "../../../plugins/waiting-room/status-ages.ts";
import { start } from "./_node.ts";
import { roomBench } from "./_room.ts";

/** Visitors who had a status of this age each. */
function agesOf(...ages: readonly number[]) {
  const known = createStatusAges();
  ages.forEach((age, at) => known.note(`${at}`, start - age, start));
  return known;
}

const many = (count: number, age: number) => Array.from({ length: count }, () => age);

test("the age of the status is what a quarter of the visitors exceed", () => {
  assert.equal(agesOf(...many(30, 1000), ...many(70, 9000)).upperQuartile(start), 9000);
  assert.equal(agesOf(...Array.from({ length: 101 }, (_, at) => at * 100)).upperQuartile(start), 7500);
});

test("of a few visitors nothing is told, and a few who make something up change nothing", () => {
  assert.equal(agesOf().upperQuartile(start), undefined);
  assert.equal(agesOf(...many(19, 9000)).upperQuartile(start), undefined);
  assert.equal(agesOf(...many(80, 1000), ...many(20, 1e12)).upperQuartile(start), 1000);
});

test("a visitor counts for one, however often and whatever it says", () => {
  const ages = agesOf(...many(30, 1000));
  for (let call = 0; call < 1000; call++) ages.note("somebody", 0, start);
  assert.equal(ages.upperQuartile(start), 1000);
});

test("a time that is yet to come is no age below none", () => {
  assert.equal(agesOf(...many(30, -9000)).upperQuartile(start), 0);
});

test("what is two minutes old tells nothing any more", () => {
  const ages = agesOf(...many(30, 9000));
  assert.equal(ages.upperQuartile(start + 61_000), 9000);
  assert.equal(ages.upperQuartile(start + 122_000), undefined);
  ages.note("a", start, start + 200_000);
  assert.equal(ages.upperQuartile(start + 200_000), undefined, "after a time without visitors");
});

test("only so many visitors are remembered", () => {
  const ages = agesOf(...many(1000, 1000));
  for (let at = 0; at < 5000; at++) ages.note(`late ${at}`, 0, start);
  assert.equal(ages.upperQuartile(start), 1000);
});

/** A line of so many, who were called by a status of some age. */
async function called(count: number, seen: (at: number) => unknown) {
  const bench = roomBench({ admitPerMinute: 60, capacity: 1 });
  const [room] = (bench.provider as ReturnType<typeof waitingRoom>).rooms;
  assert.ok(room);
  const visitors = Array.from({ length: count }, () => bench.browser({ "user-agent": "a browser" }));
  for (const visitor of visitors) await visitor.open("/");
  await bench.pass(10_000);
  for (const [at, visitor] of visitors.entries()) {
    const { status } = await visitor.post("/.stanchion/main/check-in", { hidden: false, seen: seen(at) });
    assert.equal(status, 200);
  }
  const status = await room.status();
  return { bench, room, visitors, figures: room.figures(status), status };
}

test("visitors who are called by an old status are a figure of the room, in its health too, and a warning on the board", async () => {
  const { figures, room, status, bench } = await called(30, () => String(start + 2000));
  // The room's clock goes on while the test runs.
  const { visitorStatusAgeMs = 0 } = figures;
  assert.ok(visitorStatusAgeMs >= 8000);
  assert.equal(bench.gate.health().plugins["waiting-room"]?.["visitorStatusAgeMs"], visitorStatusAgeMs);
  const [first] = verdictsOf(room.store(), status, figures, undefined);
  assert.equal(first?.level, "bad");
  assert.match(
    first.text,
    /^Visitors see the line [\d.]+ s late, and miss their turn: something in front keeps/,
  );
});

test("one of a usual age is no warning", async () => {
  const { figures, room, status } = await called(30, () => String(start + 3_600_000));
  assert.equal(figures.visitorStatusAgeMs, 0);
  assert.ok(!verdictsOf(room.store(), status, figures, undefined).some(({ text }) => text.includes("late")));
});

test("what a page says of it may be anything", async () => {
  const odd = ["-1", "1.5", "x", "", 1, null, [], {}, "9".repeat(400), true, "1e9", Number.MAX_VALUE];
  const { figures } = await called(30, (at) => odd[at % odd.length]);
  assert.equal(figures.visitorStatusAgeMs, undefined);
});

test("who has no number of the room says nothing of it", async () => {
  const { bench, room } = await called(1, () => undefined);
  for (let at = 0; at < 50; at++) {
    await bench.browser().post("/.stanchion/main/check-in", { seen: "1" });
  }
  assert.equal(room.figures(await room.status()).visitorStatusAgeMs, undefined);
});

test("while the store fails nobody has a young status, and no cache is to blame", async () => {
  const { bench, room, visitors } = await called(30, () => undefined);
  bench.store.fault = () => Promise.reject(new Error("down"));
  await bench.pass(60_000);
  for (const visitor of visitors) await visitor.post("/.stanchion/main/check-in", { seen: String(start) });
  assert.equal(room.store().storeFailing, true);
  const last = room.last ?? assert.fail();
  const figures = room.figures(last);
  assert.ok(!verdictsOf(room.store(), last, figures, undefined).some(({ text }) => text.includes("late")));
});
