import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { commitmentOf, createDraw, seedOf } from "../../../../plugins/waiting-room/lottery/mod.ts";

const secret = "a secret of thirty-two bytes or so, ü";
const source = { secret, beacon: "6c3f", count: 20 };

test("commitmentOf() and seedOf() are what anybody computes with the usual tools (W40)", () => {
  const hashed = createHash("sha256").update(`stanchion lottery commitment 1 ${secret}`).digest("hex");
  assert.equal(commitmentOf(secret), hashed);
  const keyed = createHmac("sha256", secret).update("stanchion lottery seed 1 20 6c3f").digest("hex");
  assert.equal(seedOf(source), keyed);
});

test("seedOf() depends on the secret, on the beacon, and on how many registered (W40)", () => {
  const others = [
    { ...source, secret: `${secret}.` },
    { ...source, beacon: "6c3e" },
    { ...source, beacon: "" },
    { ...source, count: 21 },
    // Neither passes for a part of the other.
    { ...source, count: 2, beacon: "0 6c3f" },
  ];
  assert.equal(new Set([source, ...others].map(seedOf)).size, 6);
});

test("createDraw() has one id and one order for what decides it", () => {
  const draw = createDraw(source);
  assert.ok(Number.isSafeInteger(draw.id) && draw.id >= 0 && draw.id < 2 ** 32);
  assert.equal(createDraw(source).id, draw.id);
  assert.notEqual(createDraw({ ...source, beacon: "6c3e" }).id, draw.id);
  assert.ok(!seedOf(source).includes(draw.id.toString(16)));
  const places = Array.from({ length: 20 }, (_, at) => draw.placeOf(at + 1));
  // A change of these would be another lottery: whoever checks an old one would find it false.
  assert.deepEqual(places, [6, 13, 7, 2, 1, 20, 16, 17, 10, 9, 18, 3, 12, 11, 19, 4, 15, 14, 8, 5]);
});
