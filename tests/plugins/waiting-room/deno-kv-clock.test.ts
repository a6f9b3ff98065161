import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodesClock, type KeptTime } from "../../../plugins/waiting-room/stores/deno-kv/clock.ts";

const noon = 1_800_000_000_000;
const hour = 3_600_000;

/** The time of a room, and nodes that put it forward. */
function roomOf() {
  const room = { kept: undefined as KeptTime | undefined, version: 0, steady: 0 };
  /** A node whose wall clock is so far from the right time. */
  const node = (wrong = 0) => {
    const state = { wrong };
    const clock = createNodesClock(() => noon + room.steady + state.wrong, () => room.steady);
    return Object.assign(state, {
      /** Runs a batch, and tells how far the time of the room is from the right one. */
      run(): number {
        const time = clock.tell(room.kept, room.kept === undefined ? null : String(room.version));
        room.kept = time;
        clock.kept(String(++room.version));
        return time.at - noon - room.steady;
      },
    });
  };
  return { node, pass: (ms: number) => void (room.steady += ms) };
}

test("the time of a room without a clock is that of its nodes", () => {
  const { node, pass } = roomOf();
  const [first, second] = [node(), node(300)];
  assert.equal(first.run(), 0);
  pass(1000);
  assert.equal(second.run(), 300);
  pass(100);
  assert.equal(first.run(), 200, "it stands still where a clock is a little slow");
  pass(1000);
  assert.equal(first.run(), 0);
});

test("a node whose clock jumps puts the time forward by two seconds a batch at most", () => {
  const { node, pass } = roomOf();
  const own = node();
  own.run();
  pass(500);
  own.run();
  own.wrong = hour;
  for (let batch = 1; batch <= 5; batch++) {
    pass(500);
    assert.equal(own.run(), 2000 * batch);
  }
});

test("a node whose clock is far behind does not stop the time", () => {
  const { node, pass } = roomOf();
  const own = node();
  own.run();
  own.wrong = -hour;
  for (let batch = 0; batch < 5; batch++) {
    pass(700);
    assert.equal(own.run(), 0);
  }
});

test("after a night without visitors a node alone is believed within two seconds", () => {
  const { node, pass } = roomOf();
  node().run();
  pass(8 * hour);
  const next = node();
  assert.equal(next.run(), 2000 - 8 * hour);
  pass(1000);
  assert.ok(next.run() < -7 * hour);
  pass(1000);
  assert.equal(next.run(), 0);
});

test("after a night without visitors two nodes that agree are believed at once", () => {
  const { node, pass } = roomOf();
  node().run();
  pass(8 * hour);
  const [first, second] = [node(), node()];
  first.run();
  pass(20);
  second.run();
  pass(20);
  assert.equal(first.run(), 0);
  pass(20);
  assert.equal(second.run(), 0);
});

test("a new node whose clock is wrong is not believed while others are at work", () => {
  const { node, pass } = roomOf();
  const [right, other] = [node(), node()];
  right.run();
  const wrong = node(hour);
  let most = 0;
  for (let batch = 0; batch < 100; batch++) {
    for (const each of [right, other]) {
      pass(100);
      most = Math.max(most, each.run());
    }
    pass(100);
    if (batch % 20 === 0) most = Math.max(most, wrong.run());
  }
  assert.ok(most <= 10_000 && most >= 1500, `${most}`);
});
