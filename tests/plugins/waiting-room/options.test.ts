/** W1, W2, W52: what options are refused, and by which words; and the keys that nobody gave. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkWaitingRoom } from "../../../plugins/waiting-room/check-options.ts";
import {
  memoryStore,
  type RoomStore,
  waitingRoom,
  type WaitingRoomOptions,
} from "../../../plugins/waiting-room/mod.ts";
import { roomBench, secret } from "./_room.ts";

const limits = { admitPerMinute: 60 };

const autotune = { targetMs: 300, min: 6, max: 600 };
const tuned = { capacity: 100, autotune };

const wrong: readonly [options: unknown, error: "TypeError" | "RangeError", says: RegExp][] = [
  [undefined, "TypeError", /options must be an object, received undefined/],
  [[], "TypeError", /options must be an object/],
  [{}, "TypeError", /"admitPerMinute" must be given, or "capacity", or both/],
  [{ admitPerMinut: 60 }, "TypeError", /unknown option "admitPerMinut", the options are .*admitPerMinute/],
  [{ ...limits, maxIdentites: 1 }, "TypeError", /unknown option "maxIdentites"/],
  [{ admitPerMinute: -1 }, "RangeError", /"admitPerMinute" must be a number from 0 to 600000, received -1/],
  [{ admitPerMinute: 600_001 }, "RangeError", /"admitPerMinute"/],
  [{ admitPerMinute: Number.NaN }, "RangeError", /"admitPerMinute".*received NaN/],
  [{ admitPerMinute: "60" }, "TypeError", /"admitPerMinute".*received "60"/],
  [{ capacity: 0.5 }, "RangeError", /"capacity" must be an integer from 0 to 1000000, received 0.5/],
  [{ capacity: 1_000_001 }, "RangeError", /"capacity"/],
  [{ capacity: -1 }, "RangeError", /"capacity"/],
  [{ ...limits, burstSeconds: 61 }, "RangeError", /"burstSeconds" must be a number from 0 to 60/],
  [{ ...limits, sessionMinutes: 1441 }, "RangeError", /"sessionMinutes"/],
  [{ ...limits, sessionMinutes: 0 }, "RangeError", /"sessionMinutes"/],
  [{ ...limits, returnMinutes: 0 }, "RangeError", /"returnMinutes"/],
  [
    { ...limits, sessionMinutes: 20, maxSessionMinutes: 10 },
    "RangeError",
    /at least sessionMinutes, which is 20/,
  ],
  [{ ...limits, name: "Tickets" }, "RangeError", /"name" must be a name of 1 to 32 lower-case letters/],
  [{ ...limits, name: "-a" }, "RangeError", /"name"/],
  [{ ...limits, name: "a".repeat(33) }, "RangeError", /"name"/],
  [{ ...limits, prefix: "a:b" }, "RangeError", /"prefix"/],
  [
    { ...limits, opensAt: "2027-03-01T09:00" },
    "RangeError",
    /"opensAt" must be .*with its time zone.*received "2027-03/,
  ],
  [{ ...limits, opensAt: "2027-02-31T99:00:00Z" }, "RangeError", /"opensAt"/],
  [{ ...limits, opensAt: "2027-02-31T09:00:00Z" }, "RangeError", /"opensAt"/],
  [{ ...limits, opensAt: 1_800_000_000_000 }, "TypeError", /"opensAt"/],
  [{ ...limits, opensAt: new Date(Number.NaN) }, "RangeError", /"opensAt"/],
  [
    { ...limits, opensAt: "2027-03-01T09:00:00Z", closesAt: "2027-03-01T10:00:00+01:00" },
    "RangeError",
    /"closesAt" must be later than opensAt/,
  ],
  [{ ...limits, order: "luck" }, "RangeError", /"order" must be/],
  [{ ...limits, order: "lottery" }, "TypeError", /"opensAt" must be given for a room with order "lottery"/],
  [{ ...limits, lottery: {} }, "TypeError", /"lottery" must be left out, or "order" must be "lottery"/],
  [
    { ...limits, lottery: { secret: "short" } },
    "TypeError",
    /"lottery.secret" must be a secret of 32 bytes.*received (?!.*short)/,
  ],
  [{ ...limits, lottery: { beacon: "6c3f" } }, "TypeError", /"lottery.beacon"/],
  [{ ...limits, lottery: { onBeaconFailure: "open" } }, "RangeError", /"lottery.onBeaconFailure" must be/],
  [{ ...limits, lottery: { becon: 1 } }, "TypeError", /unknown option "lottery.becon"/],
  [{ ...limits, note: "x".repeat(501) }, "RangeError", /"note" must be a text of at most 500 characters/],
  [{ ...limits, page: { titel: "x" } }, "TypeError", /unknown option "page.titel", the options are title/],
  [{ ...limits, page: { title: "" } }, "RangeError", /"page.title"/],
  [{ ...limits, page: "x" }, "TypeError", /"page" must be an object/],
  [
    { ...limits, page: { title: 1 } },
    "TypeError",
    /"page.title" must be a text of 1 to 200 characters.* received 1/,
  ],
  [{ ...limits, page: { title: null } }, "TypeError", /"page.title"/],
  [{ ...limits, page: { title: {} } }, "TypeError", /"page.title" must be .* for one language at least/],
  [{ ...limits, page: { title: { en: "" } } }, "RangeError", /"page.title.en"/],
  [{ ...limits, page: { title: { xx: "a" } } }, "TypeError", /unknown option "page.title.xx"/],
  [{ ...limits, page: { note: "a".repeat(501) } }, "RangeError", /"page.note"/],
  [
    { ...limits, page: { logo: "https://other.example/logo.svg" } },
    "RangeError",
    /"page.logo" must be a path of the site/,
  ],
  [{ ...limits, page: { logo: "//other.example/logo.svg" } }, "RangeError", /"page.logo"/],
  [{ ...limits, page: { logo: '/a"onload=' } }, "RangeError", /"page.logo"/],
  [{ ...limits, page: { logo: "data:text/html,hello" } }, "RangeError", /"page.logo"/],
  [{ ...limits, page: { logo: `data:image/png;base64,${"A".repeat(4000)}` } }, "RangeError", /"page.logo"/],
  [{ ...limits, page: { languages: [] } }, "RangeError", /"page.languages" must be a list of some of en, de/],
  [{ ...limits, page: { languages: ["en", "xx"] } }, "RangeError", /"page.languages".*received "xx"/],
  [{ ...limits, page: { languages: "en" } }, "TypeError", /"page.languages"/],
  [{ ...limits, page: { theme: "dark" } }, "TypeError", /"page.theme" must be an object/],
  [
    { ...limits, page: { theme: { dusk: {} } } },
    "TypeError",
    /unknown option "page.theme.dusk", the options are light, dark/,
  ],
  [
    { ...limits, page: { theme: { light: { accent: "red" } } } },
    "RangeError",
    /"page.theme.light.accent" must be a colour such as "#8f1d34"/,
  ],
  [
    { ...limits, page: { theme: { light: { accent: "#ffcc00" } } } },
    "RangeError",
    /"page.theme.light.accent" must be a colour with a contrast of at least 4.5 to the background #f5f0e8, and has 1\.3, received "#ffcc00"/,
  ],
  [
    { ...limits, page: { theme: { dark: { background: "#ffffff" } } } },
    "RangeError",
    /"page.theme.dark.background" must be a colour with a contrast of at least 4.5 to the text #f4ece3, and has 1\.2/,
  ],
  [
    { ...limits, rooms: undefined, page: { theme: { light: { text: "#888888" } } } },
    "RangeError",
    /"page.theme.light.text"/,
  ],
  [
    { ...limits, match: "/tickets" },
    "TypeError",
    /"match" must be a condition, such as \{ path: "\/tickets" \}/,
  ],
  [{ ...limits, match: {} }, "RangeError", /"match" must be a condition with at least one test/],
  [{ ...limits, match: [] }, "RangeError", /"match" must be a condition or a list of conditions/],
  [
    { ...limits, match: { path: "tickets" } },
    "RangeError",
    /"match.path" must be a path that begins with a slash/,
  ],
  [{ ...limits, match: { path: "/tickets?x" } }, "RangeError", /"match.path"/],
  [{ ...limits, match: { path: "/tickets/*" } }, "RangeError", /"match.path" .* everything below it/],
  [{ ...limits, match: [{ path: "/a" }, { path: { contain: "x" } }] }, "TypeError", /"match\[1\].path"/],
  [{ ...limits, match: { pathh: "/a" } }, "TypeError", /"match" must be a condition of url, path/],
  [
    { ...limits, secretKeys: ["short"] },
    "TypeError",
    /"secretKeys" must be a list of 1 to 16 secret keys of 32 bytes at least.*not shown/,
  ],
  [{ ...limits, secretKeys: [] }, "TypeError", /"secretKeys".*an empty list/],
  [{ ...limits, secretKeys: secret }, "TypeError", /"secretKeys".*a text of 32 characters \(not shown\)/],
  [{ ...limits, secretKeys: ["undefined"] }, "TypeError", /"secretKeys".*is the variable set\?/],
  [{ ...limits, store: {} }, "TypeError", /"store" must be a store, such as memoryStore\(\)/],
  [{ ...limits, store: "redis://localhost" }, "TypeError", /"store" must be a store/],
  [
    { ...limits, cache: "default" },
    "TypeError",
    /"cache" must be a cache with match and put.*received "default"/,
  ],
  [{ ...limits, cache: { match() {} } }, "TypeError", /"cache" must be a cache with match and put/],
  [{ ...limits, path: "/a/" }, "RangeError", /"path" must be a path such as "\/.stanchion"/],
  [{ ...limits, graceMinutes: 61 }, "RangeError", /"graceMinutes"/],
  [{ ...limits, storeTimeoutMs: 5 }, "RangeError", /"storeTimeoutMs" must be an integer from 10 to 10000/],
  [{ ...limits, recovery: "none" }, "RangeError", /"recovery" must be one of "strict", "linear"/],
  [{ ...limits, status: 302 }, "RangeError", /"status" must be one of 503, 200, 202, 429/],
  [{ ...limits, domain: "com" }, "RangeError", /"domain"/],
  [{ ...limits, bind: "address" }, "TypeError", /"bind" must be a function/],
  [{ ...limits, identify: 1 }, "TypeError", /"identify" must be a function/],
  [{ ...limits, challenge: {} }, "TypeError", /"challenge" must be a function/],
  [{ rooms: {} }, "TypeError", /"rooms" must be a list of 1 to 1000 rooms/],
  [{ rooms: [] }, "RangeError", /"rooms" must be a list of 1 to 1000 rooms/],
  [
    { rooms: [{ ...limits, name: "a" }], capacity: 5 },
    "TypeError",
    /"capacity" is a field of one room, and there are "rooms"/,
  ],
  [{ rooms: [limits] }, "TypeError", /"rooms\[0\].name" must be a name/],
  [
    { rooms: [{ name: "a", ...limits }, { name: "b" }] },
    "TypeError",
    /"rooms\[1\].admitPerMinute" must be given/,
  ],
  [
    { rooms: [{ name: "a", ...limits }, { name: "a", ...limits }] },
    "RangeError",
    /"rooms\[1\].name" must be another one than that of rooms\[0\]/,
  ],
  [
    { rooms: [{ name: "a", ...limits }, { name: "b", ...limits, match: { path: "/b" } }] },
    "RangeError",
    /"rooms\[1\]" must be before rooms\[0\], which protects everything, .* received "b"/,
  ],
  [
    {
      rooms: [{ name: "a", ...limits, match: [{ path: "/" }] }, {
        name: "b",
        ...limits,
        match: { path: "/b" },
      }],
    },
    "RangeError",
    /"rooms\[1\]" must be before rooms\[0\]/,
  ],
  [
    { rooms: [{ name: "a", ...limits, secretKeys: [secret] }] },
    "TypeError",
    /unknown option "rooms\[0\].secretKeys"/,
  ],
  [{ rooms: [{ name: "a", ...limits, match: { path: "a" } }] }, "RangeError", /"rooms\[0\].match.path"/],
  [{ rooms: [null] }, "TypeError", /"rooms\[0\]" must be a room, such as \{ name: .* received null/],
  [{ rooms: [{ name: "a", ...limits }, []] }, "TypeError", /"rooms\[1\]" must be a room/],
  [{ ...limits, name: "grace" }, "RangeError", /"name" must be another name: .*grace\(\).* received "grace"/],
  [{ rooms: [{ name: "grace", ...limits }] }, "RangeError", /"rooms\[0\].name" must be another name/],
  [{ ...tuned, autotune: 100 }, "TypeError", /"autotune" must be an object/],
  [{ ...tuned, autotune: { ...autotune, aim: 1 } }, "TypeError", /unknown option "autotune.aim"/],
  [
    { ...tuned, autotune: { min: 6, max: 60 } },
    "TypeError",
    /"autotune.targetMs" must be a number, received undefined/,
  ],
  [
    { ...tuned, autotune: { ...autotune, targetMs: 0 } },
    "RangeError",
    /"autotune.targetMs" must be a number from 1 to/,
  ],
  [
    { ...tuned, autotune: { ...autotune, maxErrorRate: 2 } },
    "RangeError",
    /"autotune.maxErrorRate".*from 0 to 1/,
  ],
  [
    { ...tuned, autotune: { ...autotune, min: 0 } },
    "RangeError",
    /"autotune.min" must be a number from 0.1 to 600000/,
  ],
  [
    { ...tuned, autotune: { ...autotune, max: 5 } },
    "RangeError",
    /"autotune.max" must be at least min, which is 6/,
  ],
  [
    { ...tuned, admitPerMinute: 601 },
    "RangeError",
    /"admitPerMinute" must be within the bounds of autotune, which begins with it: from 6 to 600, received 601/,
  ],
  [{ admitPerMinute: 60, autotune }, "TypeError", /"capacity" must be given beside "autotune"/],
];

describe("the options of waitingRoom()", () => {
  for (const [options, error, says] of wrong) {
    test(`refuse ${JSON.stringify(options)?.slice(0, 90)}`, () => {
      assert.throws(() => waitingRoom(options as WaitingRoomOptions), (thrown: Error) => {
        assert.equal(thrown.name, error, thrown.message);
        assert.match(thrown.message, /^Cannot create waiting-room plugin: /);
        assert.match(thrown.message, says);
        assert.ok(!thrown.message.includes(secret));
        return true;
      });
    });
  }

  test("have limits for what is left out", () => {
    const [room] = checkWaitingRoom({ capacity: 200 });
    assert.deepEqual(room?.configured.limits, {
      admitPerMinute: 200,
      burstSeconds: 3,
      capacity: 200,
      sessionMs: 900_000,
      returnMs: 300_000,
      recovery: "strict",
    });
    assert.deepEqual([room?.name, room?.maxSessionMs, room?.configured.opensAt], ["main", 3_600_000, 0]);
    assert.equal(checkWaitingRoom({ capacity: 5 })[0]?.configured.limits.admitPerMinute, 60);
    assert.equal(checkWaitingRoom({ admitPerMinute: 0.5 })[0]?.configured.limits.capacity, -1);
    assert.equal(
      checkWaitingRoom({ admitPerMinute: 1, sessionMinutes: 1440 })[0]?.maxSessionMs,
      4 * 86_400_000,
    );
  });

  test("begin with a rate that is within the bounds of autotune", () => {
    for (const [capacity, rate] of [[5, 60], [100, 100], [1000, 600]] as const) {
      const [room] = checkWaitingRoom({ capacity, autotune });
      assert.equal(room?.configured.limits.admitPerMinute, rate);
      assert.deepEqual(room?.configured.autotune, { ...autotune, maxErrorRate: 0.05 });
    }
    assert.equal("autotune" in (checkWaitingRoom({ capacity: 5 })[0]?.configured ?? {}), false);
  });

  test("read times with their zones", () => {
    const times: readonly [given: string | Date, time: string][] = [
      ["2027-03-01T09:00:00Z", "2027-03-01T09:00:00.000Z"],
      ["2027-03-01T09:00+01:00", "2027-03-01T08:00:00.000Z"],
      ["2027-03-01T09:00:00.5-05:30", "2027-03-01T14:30:00.500Z"],
      [new Date("2027-03-01T09:00:00Z"), "2027-03-01T09:00:00.000Z"],
    ];
    for (const [opensAt, time] of times) {
      const [room] = checkWaitingRoom({ ...limits, opensAt });
      assert.equal(new Date(room?.configured.opensAt ?? 0).toISOString(), time);
    }
  });

  test("tell of a condition that protects less than it seems to", () => {
    const { warnings } = roomBench({ admitPerMinute: 60, match: { path: { equals: "/tickets/*" } } });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^waiting-room: match: /);
  });
});

describe("waitingRoom() without keys", () => {
  test("makes one up for this process, and says so once", async () => {
    const bench = roomBench({ secretKeys: undefined, store: memoryStore() });
    const visitor = bench.browser();
    await visitor.open("/");
    assert.equal((await visitor.open("/")).reason, "waiting-room/pass");
    assert.equal(bench.warnings.length, 1);
    assert.match(bench.warnings[0] ?? "", /there are no secretKeys, so one was made up for this process/);
  });

  function shared(more: Partial<RoomStore> = {}): RoomStore {
    return { ...memoryStore(), name: "shared", isShared: true, ...more };
  }

  test("has the one that the store keeps for all processes", async () => {
    let kept: string | undefined;
    const store = shared({ secret: (offered) => Promise.resolve(kept ??= offered) });
    const benches = [
      roomBench({ secretKeys: undefined, store }),
      roomBench({ secretKeys: undefined, store }),
    ];
    const visitor = benches[0]?.browser();
    await visitor?.open("/");
    const other = benches[1]?.browser();
    for (const [name, value] of visitor?.jar ?? []) other?.jar.set(name, value);
    assert.equal((await other?.open("/"))?.reason, "waiting-room/pass");
    assert.deepEqual(benches.flatMap(({ warnings }) => warnings), []);
  });

  test("asks again after the store has failed, and fails with a cause meanwhile", async () => {
    let isDown = true;
    const store = shared({
      secret: (offered) => isDown ? Promise.reject(new TypeError("no connection")) : Promise.resolve(offered),
    });
    const bench = roomBench({ secretKeys: undefined, store });
    const first = await bench.browser().open("/");
    assert.deepEqual([first.served, first.outcome.failure?.code], [false, "unreachable"]);
    // Nobody knows what they bring, and nobody is left in front of a page that does nothing any more.
    assert.deepEqual([first.reason, first.status], ["failure-policy/queued-unreachable", 503]);
    assert.match(first.text, /http-equiv="refresh"/);
    assert.equal(first.outcome.failure?.facts?.room, "main");
    const told = () => bench.gate.health().plugins["waiting-room"];
    assert.deepEqual([told()?.["storeFailing"], told()?.["storeFailures"]], [true, 1]);
    isDown = false;
    assert.equal((await bench.browser().open("/")).served, true);
    assert.equal(told()?.["storeFailing"], false);
  });

  test("offers it again to a store that was wiped, and takes over the one that it has then", async () => {
    let kept: string | undefined;
    const store = shared({ secret: (offered) => Promise.resolve(kept ??= offered) });
    const options = { secretKeys: undefined, store };
    const old = roomBench(options);
    const visitor = old.browser();
    await visitor.open("/");
    const first = kept;
    kept = undefined;
    await old.pass(11_000);
    await visitor.open("/");
    assert.equal(kept, first, "who is running puts it back");
    kept = "another process came first, and this is its key";
    await old.pass(11_000);
    const again = await visitor.open("/");
    assert.equal(again.reason, "waiting-room/pass", "what the old key signed is good");
    const guest = old.browser();
    await guest.open("/");
    const other = roomBench(options).browser();
    for (const [name, value] of guest.jar) other.jar.set(name, value);
    assert.equal((await other.open("/")).reason, "waiting-room/pass");
  });

  test("lives with a store that does not answer when it is asked again", async () => {
    let isDown = false;
    let asked = 0;
    const store = shared({
      secret: (offered) => {
        asked++;
        return isDown ? Promise.reject(new TypeError("no connection")) : Promise.resolve(offered);
      },
    });
    const bench = roomBench({ secretKeys: undefined, store });
    const visitor = bench.browser();
    await visitor.open("/");
    isDown = true;
    for (let at = 0; at < 3; at++) {
      await bench.pass(11_000);
      for (let time = 0; time < 3; time++) {
        assert.equal((await visitor.open("/")).reason, "waiting-room/pass");
      }
    }
    assert.equal(asked, 4, "each ten seconds, and not with each request");
  });

  test("is refused where a shared store keeps none", () => {
    assert.throws(
      () => waitingRoom({ ...limits, store: shared() }),
      /"secretKeys" must be given, because the store "shared"/,
    );
  });

  test("takes no key that is too short to be one", async () => {
    const bench = roomBench({
      secretKeys: undefined,
      store: shared({ secret: () => Promise.resolve("short") }),
    });
    assert.equal((await bench.browser().open("/")).outcome.failure?.code, "malformed");
  });
});
