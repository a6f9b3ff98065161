import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseArgs } from "node:util";
import { parseCommand } from "../../sandbox/command.ts";

const nothing = () => assert.fail("there is no file");
const roomsOf = (...args: readonly string[]) => {
  const command = parseCommand(args, nothing, parseArgs);
  assert.ok(command !== "help");
  return command.options.rooms;
};

describe("the options of a room on the command line of the sandbox", () => {
  test("are pairs, of which a name may have commas", () => {
    const [room] =
      roomsOf("--room", "slug=hall,capacity=5,title=Hall, the big one,domain=https://shop.test") ?? [];
    assert.deepEqual(room, {
      slug: "hall",
      capacity: 5,
      title: "Hall, the big one",
      domain: "https://shop.test",
    });
  });

  const wrong: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [
      ["--room", "slug=a,domain=https://x,crowd"],
      /--room: "crowd" needs a value, such as crowd=…, received "slug=a/,
    ],
    [["--room", "slug=a,domain=https://x,crowd,capacity=5"], /"crowd" needs a value/],
    [
      ["--queue-it-event", "eventId=a,bindAddress=yes"],
      /--queue-it-event: "bindAddress" must be true or false, received "yes"/,
    ],
    [["--room", "slug"], /must be written as key=value,key=value, received "slug"/],
  ];
  for (const [args, message] of wrong) {
    test(`are refused where something is amiss: ${args[1]}`, () => {
      assert.throws(() => roomsOf(...args), message);
    });
  }
});
