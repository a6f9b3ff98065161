/** How a page is left for a waiting room: once, not in a circle, and again where the visitor called it off. */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { leaver } from "../../browser/leave.ts";

const room = "https://shop.example/tickets?day=2";

/** A tab, in which what leaves the page is made anew at each load; puts back what the platform has afterwards. */
function inTab(
  story: (tab: { load(): ReturnType<typeof leaver>; visited: string[]; clock: { now: number } }) => void,
) {
  const kept = new Map<string, string>();
  const fakes: Readonly<Record<string, unknown>> = {
    location: { href: room, pathname: "/tickets", hash: "" },
    sessionStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    },
  };
  const { warn } = console;
  const former = Object.keys(fakes).map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
  );
  const visited: string[] = [];
  const clock = { now: 1_800_000_000_000 };
  try {
    console.warn = () => {};
    for (const [name, value] of Object.entries(fakes)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    story({ load: () => leaver(() => room, (url) => visited.push(url), () => clock.now), visited, clock });
  } finally {
    console.warn = warn;
    for (const [name, descriptor] of former) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

test("a tab that is led to the same room again and again stays after three times, and may leave again a minute later", () =>
  inTab(({ load, visited, clock }) => {
    for (let times = 0; times < 3; times++) {
      assert.ok(load()(`${room}#${times}`, undefined) instanceof Promise);
      clock.now += 5000;
    }
    assert.equal(load()(room, undefined), undefined);
    assert.equal(visited.length, 3);
    assert.ok(load()("https://wait.example/hall", undefined) instanceof Promise, "it is another room");
    for (let times = 0; times < 3; times++) load()(room, undefined);
    assert.equal(load()(room, undefined), undefined);
    clock.now += 61_000;
    assert.ok(load()(room, undefined) instanceof Promise);
  }));

for (const junk of ["null", "", "7", " ", "9", "x y z", `x 1800000000000 ${room.slice(0, -6)}`]) {
  test(`what somebody else keeps in the tab, such as ${junk}, opens no circle`, () =>
    inTab(({ load, visited }) => {
      globalThis.sessionStorage.setItem("stanchion-left", junk);
      for (let times = 0; times < 10; times++) load()(room, undefined);
      assert.equal(visited.length, 3);
    }));
}

test("a page that is being left is left once, and again where nobody has left it within half a minute", () =>
  inTab(({ load, visited, clock }) => {
    const leave = load();
    for (const each of [room, "https://wait.example/hall", room]) void leave(each, undefined);
    assert.deepEqual(visited, [room]);
    clock.now += 31_000;
    void leave(room, undefined);
    assert.deepEqual(visited, [room, room]);
  }));

test("a page that may keep nothing in its tab is left all the same", () =>
  inTab(({ load, visited }) => {
    Object.defineProperty(globalThis, "sessionStorage", {
      configurable: true,
      get() {
        throw new DOMException("Access is denied for this document", "SecurityError");
      },
    });
    for (let times = 0; times < 5; times++) void load()(room, undefined);
    assert.equal(visited.length, 5);
  }));
