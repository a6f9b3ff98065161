import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GateError } from "../../../../src/errors.ts";
import { readRecord, recordOf, scalarsOf, stateForm } from "../../../../plugins/waiting-room/machine/mod.ts";
import { fill, roomOf } from "./_room.ts";

function record(): ReturnType<typeof recordOf> {
  const room = roomOf();
  fill(room, 3);
  room.joins("next");
  room.change({ note: "soon", limits: { capacity: 5 } });
  room.pass(1000);
  return recordOf(room.state);
}

describe("states as data (W22)", () => {
  test("are read again as they were, through JSON", () => {
    const written = record();
    // What JSON brings back is compared with what it was.
    const read = readRecord(JSON.parse(JSON.stringify(written)));
    assert.deepEqual(recordOf(read), written);
  });

  test("keep the fields that are not known, whatever is in them", () => {
    const written = record();
    const later = { ...written.scalars, lanes: [{ weight: 3 }], colour: "blue" };
    const scalars = scalarsOf(readRecord({ ...written, scalars: later }));
    assert.deepEqual([scalars["lanes"], scalars["colour"]], [[{ weight: 3 }], "blue"]);
  });

  test("get the fields that they do not have yet", () => {
    const written = record();
    const { recoveries: _recoveries, ...older } = written.scalars;
    const { identities: _identities, ...sets } = written.sets;
    const read = readRecord({ scalars: older, sets });
    assert.deepEqual([read.recoveries, read.identities.size], [0, 0]);
  });

  const good = record();
  const bad: readonly (readonly [name: string, value: unknown, message: RegExp])[] = [
    [
      "a form that is newer",
      { ...good, scalars: { ...good.scalars, form: stateForm + 1 } },
      /has form 2, which is newer than 1: update this process/,
    ],
    ["nothing", undefined, /no state/],
    ["a text", "state", /no state/],
    ["no form", { ...good, scalars: {} }, /no state/],
    ["a number that is none", { ...good, scalars: { ...good.scalars, issued: "many" } }, /"issued" that is none/],
    ["a list that is none", { ...good, scalars: { ...good.scalars, line: 4 } }, /"line" that is none/],
    ["members that are none", { ...good, sets: { ...good.sets, front: [["a"]] } }, /"front" that is none/],
    ["a set that is none", { ...good, sets: { ...good.sets, spent: {} } }, /"spent" that is none/],
  ];
  for (const [name, value, message] of bad) {
    test(`are refused with ${name}`, () => {
      assert.throws(() => readRecord(value), (error) => {
        assert.ok(error instanceof GateError);
        assert.equal(error.code, "malformed");
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
