import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commitmentOf, createDraw, type LotteryFacts } from "../../../../plugins/waiting-room/lottery/mod.ts";
import type { LotteryOptions, WaitingRoom } from "../../../../plugins/waiting-room/mod.ts";
import type { RoomStatus } from "../../../../plugins/waiting-room/machine/mod.ts";
import { drawScript } from "../../../../plugins/waiting-room/page/draw-script.ts";
import { registered as registeredNow } from "../../../../plugins/waiting-room/registered.ts";
import { type Browser, type RoomBench, roomBench, site } from "../_room.ts";

const path = "/.stanchion/main";
const minute = 60_000;

/** A room that opens after ten minutes by a lottery. */
function lotteryBench(lottery: Partial<LotteryOptions> = {}): RoomBench {
  const clock = roomBench({ admitPerMinute: 60 }).clock;
  return roomBench({
    admitPerMinute: 60,
    order: "lottery",
    opensAt: new Date(clock.now + 10 * minute),
    lottery,
  });
}

async function factsOf(bench: RoomBench): Promise<LotteryFacts> {
  const { text } = await bench.browser().fetch(`${path}/lottery`, {
    headers: { accept: "application/json" },
  });
  return JSON.parse(text);
}

/** Lets people register, and closes the registration. */
async function registered(bench: RoomBench, count: number): Promise<Browser[]> {
  const browsers = Array.from({ length: count }, () => bench.browser());
  for (const browser of browsers) assert.equal((await browser.open("/")).reason, "waiting-room/registered");
  await bench.pass(9 * minute);
  return browsers;
}

/** Has the room looked at until its order is drawn. */
async function drawn(bench: RoomBench): Promise<LotteryFacts> {
  for (let looks = 0; looks < 20; looks++) {
    const facts = await factsOf(bench);
    if (facts.drawnBy !== null) return facts;
    await bench.pass(2000);
  }
  assert.fail("The order is not drawn");
}

describe("a room that opens by a lottery", () => {
  test("registers people, draws their places, and lets them in in that order", async () => {
    const bench = lotteryBench({ beacon: () => "6c3f" });
    const browsers = await registered(bench, 8);
    const facts = await drawn(bench);
    assert.deepEqual([facts.registered, facts.drawnBy, facts.beacon, facts.secret], [
      8,
      "beacon",
      "6c3f",
      null,
    ]);
    const places: number[] = [];
    for (const browser of browsers) {
      const { status, text } = await browser.post(`${path}/place`);
      assert.equal(status, 200);
      places.push(JSON.parse(text).number);
    }
    assert.deepEqual([...places].sort((one, other) => one - other), [1, 2, 3, 4, 5, 6, 7, 8]);
    const late = bench.browser();
    assert.equal((await late.open("/")).served, false);
    await bench.pass(minute);
    const opened = await factsOf(bench);
    assert.equal(commitmentOf(opened.secret ?? ""), facts.commitment);
    const draw = createDraw({ secret: opened.secret ?? "", beacon: "6c3f", count: 8 });
    assert.deepEqual(places, browsers.map((_, at) => draw.placeOf(at + 1)));
    // All are called; whoever comes first by the drawn order is let in.
    const order = [...browsers].sort((one, other) =>
      (places[browsers.indexOf(one)] ?? 0) - (places[browsers.indexOf(other)] ?? 0)
    );
    await bench.pass(2000);
    for (const browser of order) {
      let answer = await browser.open("/");
      for (let tries = 0; tries < 20 && !answer.served; tries++) {
        await bench.pass(1000);
        answer = await browser.open("/");
      }
      assert.equal(answer.served, true);
    }
  });

  test("draws whoever comes later without a script at once, and anybody once", async () => {
    const bench = lotteryBench();
    const [browser] = await registered(bench, 1);
    await drawn(bench);
    await bench.pass(2 * minute);
    assert.ok(browser !== undefined);
    const copy = new Map(browser.jar);
    assert.equal((await browser.open("/")).served, true);
    // The registration and the drawn ticket are one place.
    const twin = bench.browser();
    for (const [name, value] of copy) twin.jar.set(name, value);
    assert.equal((await twin.open("/")).served, true);
    assert.equal((await bench.store.status("stanchion:main"))?.admitted, 1);
  });

  test("publishes what it is bound to before anybody registers, and nothing else", async () => {
    const bench = lotteryBench();
    await bench.browser().open("/");
    const facts = await factsOf(bench);
    assert.match(facts.commitment, /^[0-9a-f]{64}$/);
    assert.deepEqual([facts.form, facts.room, facts.epoch], [1, "main", 1]);
    assert.deepEqual([facts.registered, facts.drawnBy, facts.beacon, facts.secret], [null, null, null, null]);
    assert.equal(Date.parse(facts.opensAt ?? "") - Date.parse(facts.closesAt ?? ""), minute);
  });

  test("tells those who are registered so, on the page and to programs", async () => {
    const bench = lotteryBench();
    const browser = bench.browser();
    const { text, status } = await browser.open("/");
    assert.equal(status, 503);
    assert.match(text, /<h1[^>]*>You are registered<\/h1>/);
    assert.match(text, /Registration closes at <time/);
    assert.match(text, /href="\/\.stanchion\/main\/lottery"/);
    const told = JSON.parse((await browser.post(`${path}/check-in`)).text);
    assert.deepEqual([told.is, told.number, told.position], ["registered", 1, undefined]);
    const page = await browser.open(`${path}/lottery`);
    assert.match(page.text, /You are registered, with number 1\./);
    assert.match(page.response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    const { lottery } = JSON.parse((await browser.fetch(`${path}/status`)).text);
    assert.equal(lottery, "open");
  });

  const failures: readonly [choice: LotteryOptions["onBeaconFailure"], drawnBy: string][] = [
    ["committed", "committed"],
    ["arrival", "arrival"],
  ];
  for (const [onBeaconFailure, drawnBy] of failures) {
    test(`without a beacon the order is ${drawnBy} 20 seconds before the opening, and no sooner`, async () => {
      const bench = lotteryBench({ beacon: () => Promise.reject(new Error("no")), onBeaconFailure });
      const browsers = await registered(bench, 5);
      await bench.pass(30_000);
      assert.equal((await factsOf(bench)).drawnBy, null);
      await bench.pass(10_000);
      const facts = await drawn(bench);
      assert.deepEqual([facts.drawnBy, facts.beacon], [drawnBy, ""]);
      if (onBeaconFailure !== "arrival") return;
      for (const [at, browser] of browsers.entries()) {
        assert.equal(JSON.parse((await browser.post(`${path}/place`)).text).number, at + 1);
      }
    });
  }

  test("waits for the beacon where the owner said so, and opens a minute after it", async () => {
    const published: string[] = [];
    const beacon = () => published[0] ?? Promise.reject(new Error("no"));
    const bench = lotteryBench({ beacon, onBeaconFailure: "delay" });
    await registered(bench, 3);
    await bench.pass(5 * minute);
    const waiting = await factsOf(bench);
    assert.deepEqual([waiting.drawnBy, waiting.secret], [null, null]);
    published.push("late");
    const facts = await drawn(bench);
    assert.deepEqual([facts.drawnBy, facts.beacon, facts.secret], ["beacon", "late", null]);
    assert.ok(Date.parse(facts.opensAt ?? "") > bench.clock.now);
  });

  test("lets in who is registered as well where everybody is let in, whether there is a beacon or not", async () => {
    const bench = lotteryBench({ beacon: () => Promise.reject(new Error("no")), onBeaconFailure: "delay" });
    const [first, second] = await registered(bench, 2);
    await bench.pass(5 * minute);
    assert.equal((await first?.open("/"))?.reason, "waiting-room/registered");
    const [room] = (bench.provider as WaitingRoom).rooms;
    const { revision } = await room.status();
    assert.equal((await room.change({ mode: "bypass" }, { by: "Anna", revision })).is, "changed");
    await bench.pass(2000);
    assert.equal((await first?.open("/"))?.reason, "waiting-room/bypass");
    assert.equal(JSON.parse((await second?.post(`${path}/check-in`))?.text ?? "").is, "admitted");
  });

  test("draws for whoever was let in before the draw and did not come, as for all others", async () => {
    const published: string[] = [];
    const beacon = () => published[0] ?? Promise.reject(new Error("no"));
    const bench = lotteryBench({ beacon, onBeaconFailure: "delay" });
    const browsers = await registered(bench, 8);
    await bench.pass(5 * minute);
    const [room] = (bench.provider as WaitingRoom).rooms;
    const order = async (mode: "bypass" | "paused") =>
      await room.change({ mode }, { by: "Anna", revision: (await room.status()).revision });
    await order("bypass");
    await bench.pass(2000);
    for (const browser of browsers) {
      assert.equal(JSON.parse((await browser.post(`${path}/check-in`)).text).is, "admitted");
    }
    await order("paused");
    // Nobody took what was offered.
    await bench.pass(3 * minute);
    assert.equal((await browsers[0]?.open("/"))?.reason, "waiting-room/registered");
    published.push("late");
    const { secret } = await drawn(bench);
    await bench.pass(2000);
    const [status, facts] = [await room.status(), await factsOf(bench)];
    assert.equal(status.registered, 8);
    const draw = createDraw({ secret: facts.secret ?? secret ?? "", beacon: "late", count: 8 });
    const places: number[] = [];
    for (const browser of browsers) {
      places.push(JSON.parse((await browser.post(`${path}/check-in`)).text).number);
    }
    assert.deepEqual(places, browsers.map((_, at) => draw.placeOf(at + 1)));
  });

  test("takes no beacon that nobody could type again, and says so", async () => {
    const bench = lotteryBench({ beacon: () => "a b" });
    await registered(bench, 2);
    assert.equal((await factsOf(bench)).drawnBy, null);
    await bench.pass(45_000);
    assert.equal((await drawn(bench)).drawnBy, "committed");
    assert.ok(bench.warnings.some((each) => /beacon of room "main" must be a text/.test(each)));
  });

  test("who is registered looks again after five minutes at most, however far the opening is, unless too many would", () => {
    const hour = 60 * minute;
    const looksOf = (poll: number, leftMs: number) => {
      // Nothing else of it is looked at.
      const status = {
        poll,
        now: 0,
        opensAt: leftMs,
        issued: 1,
        epoch: 1,
        mode: "scheduled",
        lottery: "open",
      };
      const { nextMs } = registeredNow(
        { number: 1, tag: "", epoch: 1, issuedAt: 0 },
        status as unknown as RoomStatus,
      );
      const looks: number[] = [];
      const text = `${drawScript}; draw(status);`;
      // The text is ours; only here it is more than a text.
      new Function("status", "view", "note", "times", "soon", text)(
        status,
        { epoch: 1 },
        () => {},
        () => {},
        (ms: number) => looks.push(ms),
      );
      return [nextMs, ...looks];
    };
    assert.deepEqual(looksOf(20, 24 * hour), [300_000, 300_000]);
    assert.deepEqual(looksOf(1800, 24 * hour), [1_800_000, 1_800_000]);
    assert.deepEqual(looksOf(20, 11 * minute), [60_000, 66_000]);
    assert.deepEqual(looksOf(20, minute), [20_000, 20_000]);
  });

  test("rooms without one have no such endpoints, and other sites get no place", async () => {
    const plain = roomBench({ admitPerMinute: 60 });
    assert.equal((await plain.browser().fetch(`${path}/lottery`)).status, 404);
    assert.equal((await plain.browser().post(`${path}/place`)).status, 404);
    const bench = lotteryBench();
    const { status } = await bench.browser().post(`${path}/place`, {}, { "sec-fetch-site": "cross-site" });
    assert.equal(status, 403);
    assert.equal(JSON.parse((await bench.browser().post(`${path}/place`)).text).is, "unknown");
    assert.equal((await bench.ask(new Request(`${site}${path}/lottery`, { method: "DELETE" }))).status, 405);
  });
});
