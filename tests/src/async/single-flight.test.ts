import assert from "node:assert/strict";
import { test } from "node:test";
import { createSingleFlight } from "../../../src/async/single-flight.ts";

/** Work that ends when the test says so. */
function works() {
  const ends: ((value: number) => void)[] = [];
  return { ends, work: () => new Promise<number>((resolve) => void ends.push(resolve)) };
}

test("single flight: who comes while work is under way for a key joins it, and later ones begin anew", async () => {
  const { ends, work } = works();
  const flights = createSingleFlight<number>({ most: 2, lostMs: 100, isEnding: false });
  const both = [flights.join("a", 0, work), flights.join("a", 100, work)];
  const other = flights.join("b", 0, work);
  assert.equal(ends.length, 2);
  assert.equal(flights.join("c", 0, work), undefined, "too much is under way");
  ends[0]?.(7);
  assert.deepEqual(await Promise.all(both), [7, 7]);
  const next = flights.join("a", 100, work);
  assert.equal(ends.length, 3);
  ends[1]?.(8);
  ends[2]?.(9);
  assert.deepEqual([await other, await next], [8, 9]);
});

test("single flight: a failure is that of all who joined, and of no later one", async () => {
  const flights = createSingleFlight<number>({ most: 1, lostMs: 100, isEnding: false });
  const fail = () => Promise.reject(new Error("failed"));
  const both = [flights.join("a", 0, fail), flights.join("a", 0, fail)];
  for (const each of both) await assert.rejects(async () => await each, /failed/);
  assert.equal(await flights.join("a", 0, () => Promise.resolve(1)), 1);
});

test("single flight: where work ends with its request nobody joins it, and what never ends counts no more", () => {
  const { ends, work } = works();
  const flights = createSingleFlight<number>({ most: 2, lostMs: 100, isEnding: true });
  for (let n = 0; n < 2; n++) assert.ok(flights.join("a", 0, work));
  assert.equal(ends.length, 2);
  assert.equal(flights.join("a", 100, work), undefined);
  assert.ok(flights.join("a", 101, work));
  assert.equal(ends.length, 3);
});
