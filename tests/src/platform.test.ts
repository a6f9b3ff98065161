import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import type { Platform, Plugin } from "../../mod.ts";
import { answered, gateOf, page, request, untyped } from "./_gates.ts";

/** What plugins see of the platform when it hands over these arguments. */
function platformOf(args: readonly unknown[], incoming: Request = request()): Platform {
  const seen: Platform[] = [];
  const look: Plugin = {
    name: "look",
    prepare(ctx) {
      seen.push(ctx.platform);
      assert.equal(ctx.platform, ctx.platform);
    },
  };
  const { gate, faults } = gateOf([look]);
  assert.equal(answered(gate(incoming, page, ...args)).status, 200);
  assert.deepEqual(faults, []);
  const [platform] = seen;
  assert.ok(platform);
  return platform;
}

const ours = "192.0.2.7";
const fromCloudflare = request("/", { headers: { "cf-connecting-ip": ours } });

describe("ctx.platform.peerAddress", () => {
  const table: readonly [who: string, args: readonly unknown[], expected: string | undefined][] = [
    [
      "Deno",
      [{ remoteAddr: { transport: "tcp", hostname: ours, port: 5 }, completed: Promise.resolve() }],
      ours,
    ],
    ["Deno on a Unix socket", [{ remoteAddr: { transport: "unix", path: "/run/x" } }], undefined],
    ["Bun", [{ requestIP: () => ({ address: ours, port: 5, family: "IPv4" }) }], ours],
    ["Bun on a Unix socket or a closed one", [{ requestIP: () => null }], undefined],
    ["Node", [{ incoming: { socket: { remoteAddress: ours } }, outgoing: {} }], ours],
    ["Node on a closed socket", [{ incoming: { socket: { remoteAddress: undefined } } }], undefined],
    ["Node without a socket", [{ incoming: { socket: null } }], undefined],
    ["nobody", [], undefined],
  ];
  for (const [who, args, expected] of table) {
    test(`it is what ${who} tells`, () => {
      assert.equal(platformOf(args).peerAddress, expected);
    });
  }

  test("it is the address that Workers write into the request", () => {
    const context = { waitUntil() {}, passThroughOnException() {} };
    assert.equal(platformOf([{}, context], fromCloudflare).peerAddress, ours);
    assert.equal(platformOf([{}, context]).peerAddress, undefined);
  });

  test("it is never what a visitor writes where there are no Workers", () => {
    assert.equal(platformOf([], fromCloudflare).peerAddress, undefined);
    assert.equal(platformOf([{ waitUntil() {} }], fromCloudflare).peerAddress, undefined);
    assert.equal(platformOf([{}, { waitUntil() {} }], fromCloudflare).peerAddress, undefined);
    assert.equal(platformOf([{}, { passThroughOnException() {} }], fromCloudflare).peerAddress, undefined);
    const info = { remoteAddr: { hostname: "192.0.2.8" } };
    assert.equal(platformOf([info], fromCloudflare).peerAddress, "192.0.2.8");
  });

  test("Bun's requestIP is asked with the request and as a method", () => {
    const incoming = request();
    const server = {
      requestIP(asked: Request) {
        assert.equal(this, server);
        assert.equal(asked, incoming);
        return { address: ours };
      },
    };
    assert.equal(platformOf([server], incoming).peerAddress, ours);
  });

  test("it is not looked up before somebody asks", () => {
    const server = { requestIP: () => assert.fail("nobody asked") };
    assert.equal(answered(gateOf([]).gate(request(), page, server)).status, 200);
  });
});

describe("ctx.platform.waitUntil", () => {
  test("it is the one of Workers, of a second argument, or of the first", async () => {
    for (const place of [0, 1]) {
      const handed: unknown[] = [];
      const context = { waitUntil: (promise: unknown) => handed.push(promise) };
      const promise = Promise.resolve();
      platformOf(place === 0 ? [context] : [{}, context]).waitUntil?.(promise);
      assert.deepEqual(handed, [promise]);
      await promise;
    }
  });

  test("it is absent where the platform has none", () => {
    assert.equal(platformOf([{ remoteAddr: { hostname: ours } }]).waitUntil, undefined);
    assert.equal(platformOf([]).waitUntil, undefined);
  });
});

test("ctx.platform tells nothing of arguments that are of no known shape, and never throws", () => {
  const hostile = new Proxy({}, {
    get() {
      throw new Error("do not touch");
    },
    has() {
      throw new Error("do not touch");
    },
  });
  const odd: readonly unknown[] = [
    null,
    undefined,
    0,
    "text",
    Symbol("x"),
    () => {},
    [],
    new Map(),
    Object.create(null),
    { remoteAddr: null },
    { remoteAddr: "192.0.2.7" },
    { remoteAddr: { hostname: 5 } },
    { requestIP: "192.0.2.7" },
    { requestIP: () => "192.0.2.7" },
    { requestIP: () => ({ address: 5 }) },
    {
      requestIP() {
        throw new Error("closed");
      },
    },
    { incoming: null },
    { waitUntil: true, passThroughOnException: true },
    hostile,
  ];
  for (const first of odd) {
    for (const second of odd) {
      const { peerAddress, waitUntil } = platformOf(untyped([first, second]));
      assert.deepEqual([peerAddress, waitUntil], [undefined, undefined]);
    }
  }
});
