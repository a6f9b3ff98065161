/** W42, W56: who has a lane of their own, and who need not wait. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failOpen } from "../../../plugins/failure-policy/mod.ts";
import { priorityBase } from "../../../plugins/waiting-room/machine/mod.ts";
import type { RoomOptions, WaitingRoom, WaitingRoomOptions } from "../../../plugins/waiting-room/mod.ts";
import { createSealer, type Pass } from "../../../plugins/waiting-room/tickets/mod.ts";
import { grace } from "../../../plugins/grace/mod.ts";
import type { Context } from "../../../src/context.ts";
import { steadily } from "../../support/steadily.ts";
import { settle, start } from "./_node.ts";
import { type Browser, type RoomBench, roomBench, secret } from "./_room.ts";

const cookie = "__Host-stanchion-main";
/** Nobody is let in, and everybody is called. */
const full = { admitPerMinute: 60, capacity: 0 };
const isMember = ({ request }: Context) => request.headers.get("x-member") === "1";
const isStaff = ({ request }: Context) => request.headers.get("x-staff") === "1";
const priority = { when: isMember, weight: 3 };
const member = { headers: { "x-member": "1" } };
const staff = { headers: { "x-staff": "1" } };

function held({ jar }: Browser) {
  return createSealer([secret]).open("stanchion:main", jar.get(cookie) ?? "", "");
}

/** What was made is a waiting room. */
function roomsOf({ provider }: RoomBench): WaitingRoom["rooms"] {
  return (provider as WaitingRoom).rooms;
}

function passOf(browser: Browser): Pass {
  const proof = held(browser);
  assert.equal(proof?.kind, "pass");
  return proof as Pass;
}

describe("a lane for some (W42)", () => {
  test("replaces a place of the other lane by a link without asking only where it has its turn sooner", async () => {
    const bench = roomBench({ ...full, priority: { when: isMember, weight: 1 } });
    const first = bench.browser();
    await first.open("/");
    const some = Array.from({ length: 20 }, () => bench.browser());
    for (const each of some) await each.open("/", member);
    const last = bench.browser();
    for (let count = 0; count < 40; count++) await bench.browser().open("/");
    await last.open("/");
    const far = some.at(-1) as Browser;
    const link = async (of: Browser) =>
      JSON.parse((await of.post("/.stanchion/main/carry", { page: "/" })).text).link as string;
    const take = async (by: Browser, ticket: string) =>
      JSON.parse((await by.post("/.stanchion/main/take", { ticket })).text).is;
    const ticket = await link(far);
    assert.equal(await take(first, ticket), "asks", "the first of all others is before the twentieth");
    assert.equal(held(first)?.number, 1);
    assert.equal(await take(far, await link(last)), "asks");
    assert.equal(await take(last, ticket), "taken");
    assert.equal(held(last)?.number, priorityBase + 20);
  });

  test("is that of whom the owner says so, and is signed into their tickets", async () => {
    const bench = roomBench({ ...full, priority });
    const [some, others] = [bench.browser(), bench.browser()];
    const first = await some.open("/", member);
    const second = await others.open("/");
    assert.deepEqual([first.reason, second.reason], ["waiting-room/waiting", "waiting-room/waiting"]);
    assert.deepEqual([held(some)?.number, held(others)?.number], [priorityBase + 1, 1]);
    assert.match(some.jar.get(cookie) ?? "", /^.{5}v\.1\.1\./);
    assert.deepEqual([first, second].map(({ outcome }) => outcome.decision.facts?.place?.position), [1, 1]);
  });

  test("cannot be entered by another ticket, whatever is made of one", async () => {
    const bench = roomBench({ ...full, priority });
    const others = bench.browser();
    await others.open("/");
    const text = others.jar.get(cookie) ?? "";
    for (const letter of ["v", "q", "b", "d", "p"]) {
      others.jar.set(cookie, text.slice(0, 5) + letter + text.slice(6));
      await others.open("/");
      assert.ok((held(others)?.number ?? 0) <= priorityBase, letter);
    }
  });

  test("stays that of a ticket, whoever its holder is by then", async () => {
    const bench = roomBench({ ...full, priority });
    const some = bench.browser();
    await some.open("/", member);
    await bench.pass(60_000);
    const again = await some.open("/");
    assert.equal(again.reason, "waiting-room/waiting");
    assert.equal(held(some)?.number, priorityBase + 1);
  });

  test("tells its people of their own line, and all others of theirs", async () => {
    const bench = roomBench({ admitPerMinute: 60, capacity: 1, priority });
    await bench.browser().open("/");
    const all = Array.from({ length: 40 }, () => bench.browser());
    for (const each of all) await each.open("/");
    const some = Array.from({ length: 60 }, () => bench.browser());
    for (const each of some) await each.open("/", member);
    const last = some.at(-1) as Browser;
    const told = await last.fetch("/", { headers: { accept: "application/json" } });
    assert.deepEqual(JSON.parse(told.text).place.position, Math.round(60 * 0.7));
    const checked = JSON.parse((await last.post("/.stanchion/main/check-in")).text);
    assert.deepEqual([checked.is, checked.number], ["far", 60]);
    const page = await last.open("/", member);
    assert.match(page.text, /"number":60\b/);
    assert.match(page.text, /Object\.assign\((\w+),\1\.priority\)/);
    assert.doesNotMatch((await (all.at(-1) as Browser).open("/")).text, /priority/i);
    const status = JSON.parse((await last.fetch("/.stanchion/main/status")).text);
    assert.deepEqual([status.issued, status.priority.issued, status.rate, status.priority.rate], [
      41,
      60,
      15,
      45,
    ]);
    assert.ok(JSON.stringify(status).length <= 420);
  });

  test("says nothing and asks nothing where there is none", async () => {
    const bench = roomBench(full);
    const visitor = bench.browser();
    const page = await visitor.open("/", member);
    assert.doesNotMatch(page.text, /priority/i);
    assert.ok(!("priority" in JSON.parse((await visitor.fetch("/.stanchion/main/status")).text)));
    const batch = bench.store.batches.find(({ commands }) => commands.length > 0);
    assert.ok(!("priority" in (batch?.room ?? {})));
    assert.deepEqual(batch?.commands, [{ do: "enter", tag: held(visitor)?.tag, servesPage: true }]);
  });

  test("takes in who comes to have priority while they wait, where that is sooner, and nobody for whom it is not", async () => {
    const bench = roomBench({ ...full, priority });
    const all = Array.from({ length: 20 }, () => bench.browser());
    for (const each of all) await each.open("/");
    // Whose turn comes first as it is.
    for (let at = 0; at < 9; at++) await bench.browser().open("/", member);
    const [first, last] = [all[0], all.at(-1)] as [Browser, Browser];
    await bench.pass(20_000);
    await last.open("/", member);
    assert.equal(held(last)?.number, priorityBase + 10);
    await first.open("/", member);
    assert.equal(held(first)?.number, 1);
    // Without the sign of it, nobody changes.
    await (all[18] as Browser).open("/");
    assert.equal(held(all[18] as Browser)?.number, 19);
  });

  test("gives no numbers to who waits already where the room gives none", async () => {
    const bench = roomBench({ ...full, priority });
    const all = Array.from({ length: 5 }, () => bench.browser());
    for (const each of all) await each.open("/");
    await roomsOf(bench)[0].change({ mode: "draining" }, { by: "the owner", revision: 0 });
    await bench.pass(20_000);
    const last = all.at(-1) as Browser;
    assert.equal((await last.open("/", member)).reason, "waiting-room/waiting");
    assert.equal(held(last)?.number, 5);
  });

  test("asks once about who changes lanes: whoever waits does not lose the place by another answer", async () => {
    const said: boolean[] = [];
    const when = () => said.push(true) === 1;
    const bench = roomBench({ ...full, priority: { when: (ctx) => isMember(ctx) && when(), weight: 3 } });
    const all = Array.from({ length: 20 }, () => bench.browser());
    for (const each of all) await each.open("/");
    await bench.pass(20_000);
    const last = all.at(-1) as Browser;
    await last.open("/", member);
    assert.deepEqual([held(last)?.number, said.length], [priorityBase + 1, 1]);
  });

  test("keeps who would change lanes waiting where the room cannot be reached, as all who wait", async () => {
    const bench = roomBench({ ...full, priority }, [], failOpen());
    const all = Array.from({ length: 20 }, () => bench.browser());
    for (const each of all) await each.open("/");
    await bench.pass(20_000);
    bench.store.fault = () => Promise.reject(new TypeError("connect ECONNREFUSED"));
    const last = all.at(-1) as Browser;
    const { served, reason } = await last.open("/", member);
    assert.deepEqual([served, reason], [false, "waiting-room/reconnecting"]);
    assert.equal(held(last)?.number, 20);
  });

  test("asks the owner at once or later, and only about who takes a number", async () => {
    let asked = 0;
    const when = (ctx: Context) => Promise.resolve(isMember(ctx)).finally(() => asked++);
    const bench = roomBench({ ...full, priority: { when, weight: 1 } });
    const visitor = bench.browser();
    await visitor.open("/", member);
    assert.equal(held(visitor)?.number, priorityBase + 1);
    for (const path of ["/.stanchion/main/status", "/image.png"]) await bench.browser().fetch(path);
    await visitor.post("/.stanchion/main/check-in");
    assert.equal(asked, 1);
    const program = bench.browser({ accept: "application/json" });
    const joined = await program.post("/.stanchion/main/join", {}, { "x-member": "1" });
    assert.equal(JSON.parse(joined.text).number, 2);
  });

  test("is in the figures of the room, and told apart", async () => {
    const bench = roomBench({ ...full, priority });
    await bench.browser().open("/");
    for (let at = 0; at < 3; at++) await bench.browser().open("/", member);
    const [room] = roomsOf(bench);
    const figures = room.figures(await room.status());
    assert.deepEqual([figures.present, figures.priorityPresent, figures.numbers], [4, 3, 4]);
    assert.equal(bench.provider.health?.()["priorityPresent"], 3);
  });

  test("carries a place along as it is", async () => {
    const bench = roomBench({ ...full, priority });
    const [one, other] = [bench.browser(), bench.browser()];
    await one.open("/", member);
    const ticket = one.jar.get(cookie) ?? "";
    const taken = await other.post("/.stanchion/main/take", { ticket }, { accept: "application/json" });
    assert.equal(JSON.parse(taken.text).is, "taken");
    assert.equal(held(other)?.number, priorityBase + 1);
  });

  test("gives passes that are good as all others are", async () => {
    const bench = roomBench({ priority });
    const visitor = bench.browser();
    assert.equal((await visitor.open("/", member)).reason, "waiting-room/admitted");
    assert.match(visitor.jar.get(cookie) ?? "", /^.{5}q\.1\.1\./);
    const next = await visitor.open("/");
    assert.deepEqual([next.reason, passOf(visitor).number], ["waiting-room/pass", priorityBase + 1]);
  });
});

describe("who need not wait (W42)", () => {
  test("is let in whatever the room does, without a cookie, and without asking the store", async () => {
    const bench = roomBench({ ...full, bypass: isStaff });
    bench.store.fault = () => Promise.reject(new TypeError("connect ECONNREFUSED"));
    const visitor = bench.browser();
    const { reason, served, response, outcome, isSync } = await visitor.open("/", staff);
    assert.deepEqual([reason, served, isSync], ["waiting-room/bypass", true, true]);
    assert.deepEqual([response.headers.getSetCookie(), visitor.jar.size], [[], 0]);
    assert.equal(response.headers.get("cache-control"), "private");
    assert.equal(outcome.decision.facts?.proven, undefined);
    assert.equal(bench.store.batches.length, 0);
    bench.store.fault = undefined;
    assert.equal((await visitor.open("/")).reason, "waiting-room/waiting");
  });

  test("keeps the ticket that they have, and waits on with it", async () => {
    const bench = roomBench({ ...full, bypass: isStaff });
    const visitor = bench.browser();
    await visitor.open("/");
    const ticket = visitor.jar.get(cookie);
    assert.equal((await visitor.open("/", staff)).served, true);
    assert.equal(visitor.jar.get(cookie), ticket);
    assert.equal((await visitor.open("/")).reason, "waiting-room/waiting");
  });

  test("counts among those inside where the owner says so, by a pass that is nobody else's", async () => {
    const bench = roomBench({ capacity: 1, bypass: { when: isStaff, counted: true } });
    const visitor = bench.browser();
    const first = await visitor.open("/", staff);
    assert.deepEqual([first.reason, first.served], ["waiting-room/bypass", true]);
    assert.equal(first.outcome.decision.facts?.proven, undefined);
    assert.deepEqual([passOf(visitor).isBypass, passOf(visitor).number], [true, 0]);
    const again = await visitor.open("/", staff);
    assert.deepEqual([again.reason, again.outcome.decision.facts?.proven], ["waiting-room/pass", undefined]);
    const [room] = roomsOf(bench);
    assert.equal((await room.status()).sessions, 1);
    assert.equal((await bench.browser().open("/")).served, false);
    // In other hands, and when its holder is not what it was given for any more, it opens nothing.
    const other = bench.browser();
    other.jar.set(cookie, visitor.jar.get(cookie) ?? "");
    const handed = await other.open("/");
    assert.deepEqual([handed.served, handed.reason], [false, "waiting-room/waiting"]);
    assert.equal(held(other)?.kind, "ticket");
  });

  test("is counted once, however many pages are asked for, and is let in beyond the capacity", async () => {
    const bench = roomBench({ capacity: 1, bypass: { when: isStaff, counted: true } });
    await bench.browser().open("/");
    const visitor = bench.browser();
    for (let at = 0; at < 4; at++) assert.equal((await visitor.open("/", staff)).served, true);
    await visitor.fetch("/api", staff);
    const [room] = roomsOf(bench);
    assert.equal((await room.status()).sessions, 2);
    const ping = await visitor.post("/.stanchion/main/ping");
    assert.equal(JSON.parse(ping.text).is, "inside");
  });

  test("is let in also where no page is asked for, and then gets nothing", async () => {
    const bench = roomBench({ ...full, bypass: { when: isStaff, counted: true } });
    const visitor = bench.browser();
    const { reason, served } = await visitor.fetch("/api", staff);
    assert.deepEqual([reason, served, visitor.jar.size], ["waiting-room/bypass", true, 0]);
  });

  test("gets no place by grace(), which would last longer than what lets them in", async () => {
    for (const bypass of [isStaff, { when: isStaff, counted: true }]) {
      const bench = roomBench({ ...full, bypass }, [grace({ secrets: [secret] })]);
      const visitor = bench.browser();
      await visitor.open("/", staff);
      await visitor.open("/", staff);
      assert.deepEqual([...visitor.jar.keys()].filter((name) => name.includes("grace")), []);
    }
  });

  test("is explained, and nothing changes", async () => {
    const bench = roomBench({ ...full, bypass: { when: isStaff, counted: true } });
    const request = new Request("https://shop.example.com/", staff);
    const { decision, outcome } = await bench.gate.explain(request) as never as Record<string, unknown>;
    assert.match(JSON.stringify([decision, outcome]), /waiting-room\/bypass/);
    await settle();
    assert.equal(bench.store.batches.length, 0);
  });
});

describe("an owner's function that fails (W56)", () => {
  const fails: readonly [string, () => never | boolean | Promise<boolean>][] = [
    ["throws", () => {
      throw new TypeError("no session store");
    }],
    ["is rejected", () => Promise.reject(new TypeError("no session store"))],
    ["gives something else", () => "yes" as unknown as boolean],
  ];
  const options: readonly (readonly [
    string,
    (when: () => boolean | Promise<boolean>) => Pick<RoomOptions, "priority" | "bypass">,
  ])[] = [
    ["priority", (when) => ({ priority: { when, weight: 3 } })],
    ["bypass", (bypass) => ({ bypass })],
    ["bypass, counted", (when) => ({ bypass: { when, counted: true } })],
  ];
  for (const [option, optionsOf] of options) {
    for (const [what, when] of fails) {
      test(`leaves a newcomer to the failure policy where "${option}" ${what}`, async () => {
        const closed = roomBench({ ...full, ...optionsOf(when) });
        const { served, outcome } = await closed.browser().open("/");
        assert.equal(served, false);
        assert.equal(outcome.failure?.code, "internal");
        const open = roomBench({ ...full, ...optionsOf(when) }, [], failOpen());
        assert.equal((await open.browser().open("/")).served, true);
      });
    }
    test(
      `leaves a newcomer to the failure policy where "${option}" never answers`,
      steadily(async () => {
        const never = optionsOf(() => new Promise(() => {}));
        const bench = roomBench({ ...full, ...never, storeTimeoutMs: 10 }, [], undefined, undefined, {
          hookTimeoutMs: 100,
        });
        const { served, outcome } = await bench.browser().open("/");
        assert.deepEqual([served, outcome.failure?.code], [false, "timeout"]);
      }),
    );
  }
});

describe("waitingRoom() refuses lanes that are none", () => {
  const table: readonly (readonly [options: unknown, error: typeof TypeError, message: RegExp])[] = [
    [{ priority: 3 }, TypeError, /"priority" must be an object, such as .*, received 3/],
    [{ priority: {} }, TypeError, /"priority.when" must be a function, received undefined/],
    [
      { priority: { when: isMember } },
      TypeError,
      /"priority.weight" must be a number, such as 3, received undefined/,
    ],
    [{ priority: { when: true, weight: 3 } }, TypeError, /"priority.when" must be a function, received true/],
    [
      { priority: { when: isMember, weight: 0 } },
      RangeError,
      /"priority.weight" must be a number from 0.01 to 100, received 0/,
    ],
    [
      { priority: { when: isMember, weight: "3" } },
      TypeError,
      /"priority.weight" must be a number from 0.01 to 100, received "3"/,
    ],
    [{ priority: { ...priority, lane: 1 } }, TypeError, /"priority.lane"/],
    [
      { priority, order: "lottery", opensAt: new Date(start + 3_600_000) },
      TypeError,
      /"priority" must be left out where "order" is "lottery": everybody who registered is drawn into one order/,
    ],
    [{ bypass: true }, TypeError, /"bypass" must be a function .*, received true/],
    [{ bypass: {} }, TypeError, /"bypass.when" must be a function, received undefined/],
    [
      { bypass: { when: isStaff, counted: 1 } },
      RangeError,
      /"bypass.counted" must be one of true, false, received 1/,
    ],
  ];
  for (const [options, error, message] of table) {
    test(String(message), () => {
      assert.throws(() => roomBench(options as Partial<WaitingRoomOptions>), (thrown) => {
        assert.ok(thrown instanceof error, String(thrown));
        assert.match((thrown as Error).message, message);
        return true;
      });
    });
  }
});
