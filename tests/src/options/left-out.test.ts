import assert from "node:assert/strict";
import { test } from "node:test";
import { circuitBreaker } from "../../../plugins/circuit-breaker/mod.ts";
import { crowdhandler } from "../../../plugins/crowdhandler/mod.ts";
import { failover } from "../../../plugins/failover.ts";
import { grace } from "../../../plugins/grace/mod.ts";
import { queueItEvent } from "../../../plugins/queue-it/mod.ts";
import { triggers } from "../../../plugins/triggers.ts";
import { waitingRoom } from "../../../plugins/waiting-room/mod.ts";

const secret = "a-secret-of-thirty-two-characters";
const provider = () => crowdhandler({ publicKey: "your-public-key-or-so" });
const event = { customerId: "example", eventId: "hall", queueDomain: "queue.test" };
const room = (name: string) => ({ name, match: { path: `/${name}` }, admitPerMinute: 60 });

/** What two commas in a row leave in a list. */
function between<T>(first: T, last: T): T[] {
  const list: T[] = [first];
  list[2] = last;
  return list;
}

test("a place that was left out of a list is told at construction, wherever a list is taken", () => {
  const table: readonly [what: string, make: () => unknown, said: RegExp][] = [
    [
      "secrets",
      () => grace({ secrets: between(secret, secret) }),
      /a list of 3, of which number 1 is undefined/,
    ],
    ["keys", () => queueItEvent({ ...event, secretKeys: between(secret, secret) }), /number 1 is undefined/],
    ["room keys", () => waitingRoom({ admitPerMinute: 1, secretKeys: between(secret, secret) }), /number 1/],
    [
      "codes",
      () => circuitBreaker(provider(), { codes: between("timeout", "malformed") }),
      /"codes" must be/,
    ],
    ["providers", () => failover(between(provider(), provider())), /providers\[1\] must be a provider/],
    ["rules", () =>
      triggers(between({ name: "a", any: [{ path: { equals: "/a" } }] }, {
        name: "b",
        any: [{ path: { equals: "/b" } }],
      })), /"rules\[1\]" must be a rule/],
    [
      "conditions",
      () => triggers([{ name: "a", any: between({ path: { equals: "/a" } }, { path: { equals: "/b" } }) }]),
      /any\[1\]/,
    ],
    ["rooms", () => waitingRoom({ rooms: between(room("a"), room("b")) }), /"rooms\[1\]" must be a room/],
    [
      "match",
      () => waitingRoom({ admitPerMinute: 1, match: between({ path: "/a" }, { path: "/b" }) }),
      /"match\[1\]" must be/,
    ],
  ];
  for (const [what, make, said] of table) {
    assert.throws(make, (error: unknown) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError, what);
      assert.match(error.message, said, what);
      assert.ok(!error.message.includes(secret), what);
      return true;
    }, what);
  }
});
