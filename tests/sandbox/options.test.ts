import assert from "node:assert/strict";
import { test } from "node:test";
import { createSandbox, DEMO_PUBLIC_KEY } from "../../sandbox/mod.ts";

const room = { slug: "hall", domain: "https://shop.example.com" };

test("createSandbox() works without options and has a public key of 64 characters", () => {
  const sandbox = createSandbox();
  assert.equal(sandbox.publicKey, DEMO_PUBLIC_KEY);
  assert.equal(DEMO_PUBLIC_KEY.length, 64);
  assert.deepEqual(sandbox.state.rooms.map(({ slug }) => slug), ["demo"]);
});

test("createSandbox() never shows the private key in its state", () => {
  const sandbox = createSandbox();
  assert.ok(!JSON.stringify(sandbox.state).includes(sandbox.privateKey));
});

const wrong: readonly [unknown, ErrorConstructor, string][] = [
  [{ rooms: "x" }, TypeError, '"rooms" must be a list of rooms, received "x"'],
  [{ rooms: [] }, RangeError, '"rooms" must name at least one room'],
  [{ rooms: [{ domain: room.domain }] }, TypeError, '"rooms.0.slug" is required'],
  [
    { rooms: [{ ...room, slug: "v1" }] },
    RangeError,
    '"rooms.0.slug" must not be a reserved path, received "v1"',
  ],
  [{ rooms: [{ ...room, slug: "a/b" }] }, RangeError, '"rooms.0.slug" must be 1 to 64 letters'],
  [{ rooms: [room, room] }, RangeError, '"rooms" must have distinct slugs, received "hall" twice'],
  [
    { rooms: [{ ...room, domain: "shop.example.com" }] },
    RangeError,
    '"rooms.0.domain" must be https:// and a host',
  ],
  [{ rooms: [{ ...room, domain: "https://shop.example.com/x" }] }, RangeError, '"rooms.0.domain"'],
  [{ rooms: [{ ...room, patternType: "regex" }] }, RangeError, '"rooms.0.urlPattern" must be the source'],
  [
    { rooms: [{ ...room, patternType: "regex", urlPattern: "(" }] },
    RangeError,
    '"rooms.0.urlPattern" must be',
  ],
  [
    { rooms: [{ ...room, queueActivatesOn: "tomorrow" }] },
    RangeError,
    '"rooms.0.queueActivatesOn" must be an ISO',
  ],
  [
    { rooms: [{ ...room, capacity: -1 }] },
    RangeError,
    '"rooms.0.capacity" must be a non-negative integer, received -1',
  ],
  [{ rooms: [{ ...room, capcity: 1 }] }, TypeError, '"rooms.0.capcity" is not an option'],
  [{ returnOrigins: ["http://localhost:8080/x"] }, RangeError, '"returnOrigins.0" must be an origin'],
  [{ returnOrigins: ["javascript:alert(1)"] }, RangeError, '"returnOrigins.0" must be an origin'],
  [{ blockedIps: ["1.2.3"] }, RangeError, '"blockedIps.0" must be an IP address'],
  [{ now: 5 }, TypeError, '"now" must be a function, received 5'],
  [{ publickey: "x" }, TypeError, '"publickey" is not an option'],
  ["x", TypeError, '"options" must be an object, received "x"'],
];

for (const [options, kind, message] of wrong) {
  test(`createSandbox() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(
      // The casts let through what types would refuse.
      () => createSandbox(options as Parameters<typeof createSandbox>[0]),
      (error: unknown) =>
        error instanceof kind && error.message.startsWith(`Cannot create sandbox: ${message}`) ||
        assert.fail(String(error)),
    );
  });
}
