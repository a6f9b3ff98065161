/** What is told of rooms to another service: what, once, signed, and whatever the service does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createGate, failClosed } from "../../../mod.ts";
import { memoryStore, type OperatedRoom, waitingRoom } from "../../../plugins/waiting-room/mod.ts";
import type { Command, RoomStatus } from "../../../plugins/waiting-room/machine/mod.ts";
import {
  type RoomMessage,
  type RoomWebhooks,
  roomWebhooks,
  type RoomWebhooksOptions,
} from "../../../plugins/waiting-room/webhooks/mod.ts";
import { compare, type Seen } from "../../../plugins/waiting-room/webhooks/events.ts";
import type { GateError } from "../../../src/errors.ts";
import type { Batch, RoomStore } from "../../../plugins/waiting-room/stores/store.ts";
import { start } from "./_node.ts";

const secret = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
const url = "https://ops.example.com/hooks/in-the-path?token=in-the-query";

interface Sent {
  readonly message: RoomMessage;
  readonly headers: Headers;
  readonly body: string;
  readonly redirect: unknown;
}

interface Bench {
  readonly store: RoomStore;
  readonly clock: { now: number };
  readonly sent: Sent[];
  readonly errors: GateError[];
  /** What the receiver does, one call after the other; then it takes everything. */
  readonly answers: (() => Response | Promise<Response>)[];
  /** One more process, and its plugin. */
  process(options?: Partial<RoomWebhooksOptions>): { room: OperatedRoom; hooks: RoomWebhooks };
  /** Time passes, and these look. */
  pass(ms: number, ...all: readonly RoomWebhooks[]): Promise<void>;
  /** So many people come. */
  come(room: OperatedRoom, count: number): Promise<void>;
  told(): readonly string[];
}

function bench(): Bench {
  const clock = { now: start };
  const now = () => clock.now;
  const store: RoomStore = memoryStore({ now });
  const sent: Sent[] = [];
  const errors: GateError[] = [];
  const answers: (() => Response | Promise<Response>)[] = [];
  return {
    store,
    clock,
    sent,
    errors,
    answers,
    process(options = {}) {
      // Statuses are not kept for later: the test's clock is that of the store alone.
      const { rooms: [room] } = waitingRoom({
        admitPerMinute: 60,
        capacity: 1,
        store,
        now,
        random: () => 0,
        warn() {},
      });
      const hooks = roomWebhooks({
        rooms: [fresh(room, store)],
        url,
        secrets: [secret],
        now,
        onError: (error) => void errors.push(error),
        async fetch(to, init) {
          assert.equal(to, url);
          const body = String(init.body);
          const headers = new Headers(init.headers);
          sent.push({ message: JSON.parse(body), headers, body, redirect: init.redirect });
          return await (answers.shift()?.() ?? new Response(null, { status: 204 }));
        },
        ...options,
      });
      return { room, hooks };
    },
    async pass(ms, ...all) {
      clock.now += ms;
      await Promise.all(all.map((hooks) => hooks.look()));
    },
    async come(room, count) {
      const { limits } = await room.status();
      const commands = Array.from(
        { length: count },
        (_, at): Command => ({ do: "enter", tag: `${clock.now}x${at}` }),
      );
      await store.run(`stanchion:${room.name}`, asked(limits, commands));
    },
    told: () => sent.map(({ message: { event } }) => event),
  };
}

/** What is asked of a room, whose configuration is older than that of the process, and leaves it as it is. */
function asked(limits: RoomStatus["limits"], commands: readonly Command[]): Batch {
  return { room: { limits, opensAt: 0, closesAt: 0, note: "", since: 0 }, seen: undefined, commands };
}

/** A room whose status is that of the store, at once: how long a process keeps one is another test's. */
function fresh(room: OperatedRoom, store: RoomStore): OperatedRoom {
  return {
    ...room,
    figures: room.figures,
    get last() {
      return room.last;
    },
    async status(): Promise<RoomStatus> {
      const { limits } = await room.status();
      return (await store.run(room.key, asked(limits, []))).status;
    },
  };
}

const by = (revision: number) => ({ by: "a test", revision });

test("a room tells what somebody orders, each once, in its order", async () => {
  const { process, pass, told, sent } = bench();
  const { room, hooks } = process();
  await hooks.look();
  assert.deepEqual(told(), [], "the first look tells nothing");
  const modes = ["paused", "open", "draining", "bypass", "sold-out", "closed", "open"] as const;
  for (const [revision, mode] of modes.entries()) {
    await room.change({ mode, note: `now ${mode}` }, by(revision));
    await pass(5000, hooks);
    await pass(5000, hooks);
  }
  assert.deepEqual(told(), ["paused", "resumed", "draining", "bypass", "sold-out", "closed", "opened"]);
  const first = sent[0];
  assert.deepEqual({ ...first?.message, at: "" }, {
    id: `stanchion:main-1-1-paused-${start.toString(36)}`,
    event: "paused",
    at: "",
    room: "main",
    mode: "paused",
    revision: 1,
    note: "now paused",
    present: 0,
    far: 0,
    inside: 0,
    capacity: 1,
    admitPerMinute: 60,
  });
  assert.equal(new Set(sent.map(({ message: { id } }) => id)).size, modes.length);
});

test("a line that begins and ends is told once each, and one that comes and goes is not", async () => {
  const { process, pass, come, told, clock } = bench();
  const { room, hooks } = process();
  await hooks.look();
  await come(room, 4);
  await pass(5000, hooks);
  assert.deepEqual(told(), [], "seen once");
  await pass(5000, hooks);
  assert.deepEqual(told(), ["full"]);
  // Nobody calls again, so their places are forgotten, and the line is over.
  for (let look = 0; look < 300 && told().length < 2; look++) await pass(5000, hooks);
  assert.deepEqual(told(), ["full", "empty"]);
  assert.ok(clock.now > start);
});

/** A status, of which only this matters. */
const statusOf = (more: object) =>
  ({
    mode: "open",
    epoch: 1,
    revision: 0,
    recoveries: 0,
    openedAt: 1,
    now: start,
    present: 0,
    asleep: 0,
    issued: 0,
    frontier: 0,
    limits: { admitPerMinute: 60 },
    ...more,
  }) as unknown as RoomStatus;

test("what a room does by itself is told as well: an opening, a loss of the state, a rate", () => {
  const seen: Seen = { mode: "scheduled", recoveries: 0, tunedAt: 5, isFull: false, others: 0 };
  const events = (more: object, before: Seen = seen) =>
    compare(before, statusOf(more), 5000).happened.map(({ event, id }) => `${event} ${id}`);
  assert.deepEqual(events({}), ["opened 1-0-open-1"]);
  const open: Seen = { ...seen, mode: "open" };
  assert.deepEqual(events({ recoveries: 2 }, open), ["state-lost 1-lost-2-1"]);
  assert.deepEqual(events({ tuned: { at: 9, from: 100 } }, open), ["rate 1-rate-9"]);
  assert.deepEqual(events({ tuned: { at: 9, from: 60 } }, open), [], "it stayed");
  assert.deepEqual(events({ tuned: { at: 5, from: 100 } }, open), [], "it was told");
  assert.deepEqual(events({ mode: "scheduled", revision: 3 }, open), ["scheduled 1-3-scheduled-1"]);
  assert.deepEqual(events({ mode: "paused", revision: 3, present: 9 }, { ...open, others: 99 }), [
    "paused 1-3-paused-1",
  ], "nothing is told of the line of a room that is paused");
});

test("people with priority are a line as well", () => {
  const before: Seen = { mode: "open", recoveries: 0, tunedAt: 0, isFull: false, others: 1 };
  const lane = { present: 0, asleep: 0, issued: 2 ** 40 + 5, frontier: 2 ** 40 + 2 };
  const { happened } = compare(before, statusOf({ priority: lane }), 5000);
  assert.deepEqual(happened.map(({ event }) => event), ["full"]);
});

test("of eight processes one tells each event", async () => {
  const { process, pass, come, told, store } = bench();
  const all = Array.from({ length: 8 }, () => process());
  const hooks = all.map((each) => each.hooks);
  const [{ room } = assert.fail()] = all;
  await pass(0, ...hooks);
  await room.change({ mode: "paused" }, by(0));
  await pass(5000, ...hooks);
  await room.change({ mode: "open" }, by(1));
  await pass(5000, ...hooks);
  await come(room, 4);
  await pass(5000, ...hooks);
  // Some see it a little later than others.
  for (const each of [...hooks, ...hooks]) await pass(600, each);
  await pass(5000, ...hooks);
  assert.deepEqual(told(), ["paused", "resumed", "full"]);
  const lines = await store.records?.("stanchion:main:lines");
  assert.ok((lines?.length ?? 0) < 40, `${lines?.length} lines`);
});

test("what a process wanted to tell that went away is told by another one, once", async () => {
  const { process, pass, told, sent } = bench();
  const gone = process({ fetch: () => new Promise(() => {}) });
  const others = [process(), process()];
  const hooks = others.map((each) => each.hooks);
  await pass(0, gone.hooks, ...hooks);
  await gone.room.change({ mode: "sold-out" }, by(0));
  // It has the event, and its call never ends.
  void gone.hooks.look();
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  gone.hooks.close();
  await pass(5000, ...hooks);
  assert.deepEqual(told(), [], "it is another's");
  for (let minute = 0; minute < 13; minute++) await pass(60_000, ...hooks);
  assert.deepEqual(told(), ["sold-out"]);
  assert.equal(sent[0]?.message.id, `stanchion:main-1-1-sold-out-${start.toString(36)}`);
});

test("a message is signed by each secret, with the time at which it is sent", async () => {
  const { process, pass, sent, clock, answers } = bench();
  const second = `whsec_${btoa("another secret of thirty-two bytes")}`;
  const { room, hooks } = process({ secrets: [secret, second] });
  await hooks.look();
  await room.change({ mode: "paused" }, by(0));
  answers.push(() => new Response(null, { status: 500 }));
  await pass(5000, hooks);
  await pass(5000, hooks);
  assert.equal(sent.length, 2);
  for (const { headers, body, redirect } of sent) {
    const [id, time] = [headers.get("webhook-id"), headers.get("webhook-timestamp")];
    const signatures = headers.get("webhook-signature")?.split(" ") ?? [];
    for (const [at, each] of [secret, second].entries()) {
      assert.equal(signatures[at], `v1,${await signatureOf(each, `${id}.${time}.${body}`)}`);
    }
    assert.equal(redirect, "manual");
    assert.equal(headers.get("content-type"), "application/json");
  }
  const times = sent.map(({ headers }) => Number(headers.get("webhook-timestamp")));
  assert.deepEqual(times, [clock.now - 5000, clock.now].map((ms) => Math.floor(ms / 1000)));
  assert.equal(sent[0]?.body, sent[1]?.body, "the same message");
});

async function signatureOf(secret: string, text: string): Promise<string> {
  const bytes = Uint8Array.from(atob(secret.slice("whsec_".length)), (character) => character.charCodeAt(0));
  const how = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes, how, false, ["sign"]);
  const hash = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(hash)));
}

const never = () => new Promise<Response>(() => {});
const failing: readonly [what: string, answer: () => Response | Promise<Response>][] = [
  ["answers 500", () => new Response("oops", { status: 500 })],
  ["answers 429", () => new Response(null, { status: 429 })],
  ["cannot be reached", () => Promise.reject(new TypeError(`fetch failed for ${url}`))],
  ["throws", () => {
    throw new Error("no");
  }],
  ["never answers, and does not heed its signal", never],
];

for (const [what, answer] of failing) {
  test(`a receiver that ${what} is told again later, in order, and given up after ten minutes`, async () => {
    const { process, pass, told, answers, errors } = bench();
    const { room, hooks } = process({ timeoutMs: 100 });
    await hooks.look();
    answers.push(answer, answer);
    await room.change({ mode: "paused" }, by(0));
    await pass(5000, hooks);
    await room.change({ mode: "open" }, by(1));
    await pass(1000, hooks);
    assert.deepEqual(told(), ["paused"], "not before five seconds are over");
    await pass(5000, hooks);
    await pass(5000, hooks);
    assert.deepEqual(told(), ["paused", "paused"], "and then ten");
    await pass(6000, hooks);
    assert.deepEqual(told(), ["paused", "paused", "paused", "resumed"]);
    assert.equal(errors.length, 0);
    answers.push(...Array.from({ length: 100 }, () => answer));
    await room.change({ mode: "sold-out" }, by(2));
    for (let look = 0; look < 30; look++) await pass(30_000, hooks);
    assert.equal(errors.length, 1);
    assert.match(
      errors[0]?.message ?? "",
      /^Event "sold-out" was not told, id stanchion:main-1-3-sold-out-[0-9a-z]+: the receiver of webhooks at ops\.example\.com .*, for 10 minutes$/,
    );
    assert.doesNotMatch(errors[0]?.message ?? "", /in-the-/);
    const { sent = 0, failed, waiting } = hooks.health?.() ?? {};
    assert.deepEqual([sent, failed, waiting], [2, 1, 0]);
    assert.ok(told().length < 20, `${told().length} tries`);
  });
}

for (
  const [form, later] of [["seconds", "60"], ["a date", new Date(start + 65_000).toUTCString()]] as const
) {
  test(`a receiver that says when by ${form} is not asked before`, async () => {
    const { process, pass, told, answers } = bench();
    const { room, hooks } = process();
    await hooks.look();
    answers.push(() => new Response(null, { status: 503, headers: { "retry-after": later } }));
    await room.change({ mode: "paused" }, by(0));
    await pass(5000, hooks);
    for (let look = 0; look < 11; look++) await pass(5000, hooks);
    assert.equal(told().length, 1);
    await pass(5000, hooks);
    assert.equal(told().length, 2);
  });
}

for (const later of ["3600", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"]) {
  test(`what would be told too late is given up, and the owner hears why: Retry-After ${later}`, async () => {
    const { process, pass, answers, errors } = bench();
    const { room, hooks } = process();
    await hooks.look();
    answers.push(() => new Response(null, { status: 429, headers: { "retry-after": later } }));
    await room.change({ mode: "paused" }, by(0));
    await pass(5000, hooks);
    assert.equal(errors.length, 1);
    assert.match(
      errors[0]?.message ?? "",
      /answers with status 429 and wants to be asked again after \d+ seconds; an event is kept for 10 minutes$/,
    );
  });
}

test("a receiver that cannot be reached is told of by the word of the platform, and no more", async () => {
  const { process, pass, errors } = bench();
  const { room, hooks } = process({
    keepMinutes: 1,
    fetch: () =>
      Promise.reject(
        new TypeError("failed", { cause: Object.assign(new Error(url), { code: "ECONNREFUSED" }) }),
      ),
  });
  await hooks.look();
  await room.change({ mode: "paused" }, by(0));
  for (let look = 0; look < 20; look++) await pass(5000, hooks);
  assert.match(
    errors[0]?.message ?? "",
    /ops\.example\.com cannot be reached \(ECONNREFUSED\), for 1 minutes$/,
  );
});

test("one that is closed while it sends sends nothing more: it is left to the others", async () => {
  const { process, pass, told, answers } = bench();
  const { room, hooks } = process();
  const other = process();
  await pass(0, hooks, other.hooks);
  answers.push(() => new Response(null, { status: 500 }));
  for (const [revision, mode] of (["paused", "open"] as const).entries()) {
    await room.change({ mode }, by(revision));
    await pass(4000, hooks);
  }
  answers.push(() => {
    hooks.close();
    return new Response(null, { status: 204 });
  });
  await pass(4000, hooks);
  assert.deepEqual(told(), ["paused", "paused"]);
  for (let minute = 0; minute < 13; minute++) await pass(60_000, other.hooks);
  assert.deepEqual(told(), ["paused", "paused"], "what it did not see, it does not tell");
});

test("a call, and a look, that the platform ended are given up: what was to be told is told again", async () => {
  const { process, pass, told, answers, clock } = bench();
  let ended = 0;
  const { room, hooks } = process({ timeoutMs: 1000 });
  const { hooks: others } = process({
    rooms: [{
      ...fresh(room, memoryStore()),
      status: () => ended++ === 0 ? new Promise(() => {}) : room.status(),
    }],
  });
  void others.look();
  await hooks.look();
  await room.change({ mode: "paused" }, by(0));
  answers.push(never);
  void hooks.look();
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  clock.now += 30_000;
  await hooks.look();
  assert.deepEqual(told(), ["paused"]);
  assert.deepEqual(hooks.health?.(), { sent: 0, failed: 0, retries: 1, waiting: 1 });
  await pass(5000, hooks, others);
  assert.deepEqual(told(), ["paused", "paused"]);
  assert.deepEqual(hooks.health?.(), { sent: 1, failed: 0, retries: 1, waiting: 0 });
  assert.equal(ended, 2);
});

test("what the store does not say whose it is holds up what came after it", async () => {
  const { process, pass, told, store } = bench();
  const { room } = process();
  let failing = 2;
  const own: OperatedRoom = {
    ...fresh(room, store),
    exchange: (line) => failing-- > 0 ? Promise.reject(new Error("down")) : room.exchange(line),
  };
  const { hooks } = process({ rooms: [own] });
  await hooks.look();
  await room.change({ mode: "paused" }, by(0));
  await pass(5000, hooks);
  await room.change({ mode: "open" }, by(1));
  await pass(5000, hooks);
  assert.deepEqual(told(), []);
  await pass(5000, hooks);
  assert.deepEqual(told(), ["paused", "resumed"]);
});

test("the platform is asked to wait for what is sent, longer than the gate does", async () => {
  const { process } = bench();
  const { hooks } = process();
  const kept: Promise<unknown>[] = [];
  const gate = createGate({ plugins: [failClosed(), waitingRoom({ capacity: 1, warn() {} }), hooks] });
  const waitUntil = (work: Promise<unknown>) => void kept.push(work);
  await gate.wrap((..._: unknown[]) => new Response())(new Request("https://shop.example.com/"), {}, {
    waitUntil,
  });
  await gate.idle();
  assert.equal(kept.length, 2, "what is sent, and what the gate waits for");
  await Promise.all(kept);
});

test("an owner who is told of what was given up may fail later", async () => {
  const { process, pass, answers } = bench();
  const told: GateError[] = [];
  const { room, hooks } = process({
    async onError(error) {
      told.push(error);
      await Promise.reject(new Error("of the owner"));
    },
  });
  await hooks.look();
  answers.push(() => new Response(null, { status: 400 }));
  await room.change({ mode: "paused" }, by(0));
  // The runner fails a test on an unhandled rejection.
  await pass(5000, hooks);
  assert.deepEqual(told.map(({ code }) => code), ["rejected"]);
});

for (
  const [status, says] of [
    [301, /answers with status 301, which leads elsewhere: give its own address$/],
    [307, /which leads elsewhere/],
    [400, /answers with status 400$/],
    [401, /answers with status 401$/],
    [410, /answers with status 410$/],
  ] as const
) {
  test(`a receiver that answers ${status} is not told the same again, and what comes after goes on`, async () => {
    const { process, pass, told, answers, errors } = bench();
    const { room, hooks } = process();
    await hooks.look();
    answers.push(() => new Response(null, { status, headers: { location: "https://evil.example/" } }));
    await room.change({ mode: "paused" }, by(0));
    await pass(5000, hooks);
    await room.change({ mode: "open" }, by(1));
    await pass(5000, hooks);
    assert.deepEqual(told(), ["paused", "resumed"]);
    assert.deepEqual(errors.map(({ code }) => code), ["rejected"]);
    assert.match(errors[0]?.message ?? "", says);
  });
}

test("a store that is lost and comes back is told, by each process and by one", async () => {
  const { process, pass, told, store, sent } = bench();
  const lost = { is: false };
  const broken: RoomStore = new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function" || name === "close") return member;
      return (...given: unknown[]) =>
        lost.is ? Promise.reject(new Error("down")) : Reflect.apply(member, target, given);
    },
  });
  const all = Array.from({ length: 2 }, () => process({ rooms: [roomIn(broken)] }).hooks);
  await pass(0, ...all);
  lost.is = true;
  await pass(5000, ...all);
  assert.deepEqual(told(), []);
  await pass(5000, ...all);
  await pass(5000, ...all);
  assert.deepEqual(told(), ["store-lost", "store-lost"]);
  assert.equal(new Set(sent.map(({ message: { id } }) => id)).size, 1, "a receiver knows the same by its id");
  lost.is = false;
  await pass(5000, ...all);
  await pass(5000, ...all);
  assert.deepEqual(told(), ["store-lost", "store-lost", "store-back"]);
  assert.equal(sent[0]?.message.room, undefined);
});

test("a store is lost where one room fails in two looks in a row, and back where all answer", async () => {
  const { process, pass, told, store } = bench();
  const failing = [false, false];
  const rooms = failing.map((_, at): OperatedRoom => {
    const room = roomIn(store);
    const status = () => failing[at] ? Promise.reject(new Error("down")) : room.status();
    return { ...room, figures: room.figures, last: undefined, status };
  });
  const { hooks } = process({ rooms });
  const looks: readonly (readonly [first: boolean, second: boolean, told: readonly string[]])[] = [
    [true, false, []],
    [false, true, []],
    [true, false, []],
    [true, false, ["store-lost"]],
    [false, true, ["store-lost"]],
    [false, false, ["store-lost", "store-back"]],
  ];
  await hooks.look();
  for (const [first, second, after] of looks) {
    failing.splice(0, 2, first, second);
    await pass(5000, hooks);
    assert.deepEqual(told(), after);
  }
});

test("installations that tell one receiver have other ids, by their prefix", async () => {
  const { process, pass, clock, sent } = bench();
  const all = ["staging", "stanchion"].map((prefix) => {
    const lost = { is: false };
    const now = () => clock.now;
    const opensAt = new Date(start + 5000).toISOString();
    const store: RoomStore = memoryStore({ now });
    const { rooms: [room] } = waitingRoom({ admitPerMinute: 60, opensAt, prefix, store, now, warn() {} });
    const own = fresh(room, store);
    const status = () => lost.is ? Promise.reject(new Error("down")) : own.status();
    const watched: OperatedRoom = { ...own, figures: own.figures, last: undefined, status };
    return { lost, hooks: process({ rooms: [watched] }).hooks };
  });
  const hooks = all.map((each) => each.hooks);
  await pass(0, ...hooks);
  await pass(7000, ...hooks);
  for (const { lost } of all) lost.is = true;
  await pass(5000, ...hooks);
  await pass(5000, ...hooks);
  const events = sent.map(({ message: { event } }) => event);
  assert.deepEqual(events, ["opened", "opened", "store-lost", "store-lost"]);
  const ids = sent.map(({ message: { id } }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.match(
    ids.join(" "),
    /^staging:main-\S+ stanchion:main-\S+ staging:store-lost-\S+ stanchion:store-lost-/,
  );
});

/** A room of which a store knows, without what a process keeps of it. */
function roomIn(store: RoomStore): OperatedRoom {
  const { rooms: [room] } = waitingRoom({ admitPerMinute: 60, store: memoryStore(), warn() {} });
  return {
    ...room,
    figures: room.figures,
    last: undefined,
    status: async () => {
      const { limits } = await room.status();
      return (await store.run("stanchion:main", asked(limits, []))).status;
    },
    exchange: async (line) => {
      if (line !== undefined) await store.record?.("stanchion:main:lines", line);
      return await store.records?.("stanchion:main:lines") ?? [];
    },
  };
}

test("only so many messages wait for a receiver that is gone", async () => {
  const { process, pass, answers, errors } = bench();
  const { room, hooks } = process({ keepMinutes: 60 });
  await hooks.look();
  answers.push(...Array.from({ length: 1000 }, () => () => new Response(null, { status: 503 })));
  for (let revision = 0; revision < 220; revision++) {
    await room.change({ mode: revision % 2 === 0 ? "paused" : "open" }, by(revision));
    await pass(5000, hooks);
  }
  assert.equal(hooks.health?.()["waiting"], 200);
  assert.equal(errors.filter(({ code }) => code === "overloaded").length, 20);
});

test("events that nobody wants are not told", async () => {
  const { process, pass, told } = bench();
  const { room, hooks } = process({ events: ["sold-out"] });
  await hooks.look();
  await room.change({ mode: "paused" }, by(0));
  await pass(5000, hooks);
  await room.change({ mode: "sold-out" }, by(1));
  await pass(5000, hooks);
  assert.deepEqual(told(), ["sold-out"]);
});

test("no visitor waits for it, and nothing that goes wrong reaches the gate", async () => {
  const { process, clock } = bench();
  const faults: unknown[] = [];
  const { hooks, room } = process({
    fetch: never,
    timeoutMs: 100,
    onError() {
      throw new Error("of the owner");
    },
  });
  const { rooms: _, ...line } = waitingRoom({ admitPerMinute: 6000, warn() {} });
  const gate = createGate({
    publicHosts: ["shop.example.com"],
    plugins: [failClosed(), line, hooks],
    onError: (error) => void faults.push(error),
  });
  const open = () => gate(new Request("https://shop.example.com/"), () => new Response("the shop"));
  assert.equal(await (await open()).text(), "the shop");
  await gate.idle();
  await room.change({ mode: "paused" }, by(0));
  clock.now += 5000;
  assert.equal(await (await open()).text(), "the shop");
  await gate.idle();
  assert.deepEqual(faults, []);
  assert.equal(gate.health().plugins["room-webhooks"]?.["waiting"], 1);
  hooks.close();
  await hooks.look();
});

const { rooms } = waitingRoom({ admitPerMinute: 60, warn() {} });
const right = { rooms, url, secrets: [secret] };
const wrong: readonly [options: object, name: string, says: RegExp][] = [
  [
    { ...right, rooms: undefined },
    "TypeError",
    /"rooms" must be a list of rooms, such as waitingRoom\(\.\.\.\)\.rooms/,
  ],
  [{ ...right, rooms: [] }, "TypeError", /"rooms"/],
  [
    { ...right, url: undefined },
    "TypeError",
    /"url" must be an http or https address .*is the variable set\?/,
  ],
  [
    { ...right, url: "ftp://x.test/in-the-path" },
    "TypeError",
    /address .*, received a text of 24 characters/,
  ],
  [{ ...right, url: "https://a:b@x.test" }, "TypeError", /without name and password/],
  [{ ...right, url: ` ${url}` }, "TypeError", /with a blank at an end \(not shown\)$/],
  [
    { ...right, secrets: undefined },
    "TypeError",
    /"secrets" must be a list of 1 to 4 secrets, each "whsec_"/,
  ],
  [
    { ...right, secrets: ["a secret without its beginning, 32 bytes"] },
    "TypeError",
    /openssl rand -base64 32/,
  ],
  [{ ...right, secrets: ["whsec_dG9vIHNob3J0"] }, "TypeError", /24 to 64 bytes/],
  [{ ...right, events: ["open"] }, "RangeError", /"events.*" must be a list of opened, resumed/],
  [{ ...right, timeoutMs: 0 }, "RangeError", /"timeoutMs"/],
  [{ ...right, keepMinutes: 61 }, "RangeError", /"keepMinutes"/],
  [{ ...right, secret }, "TypeError", /unknown option "secret"/],
];
for (const [options, name, message] of wrong) {
  test(`roomWebhooks() refuses ${message.source.slice(0, 60)}`, () => {
    assert.throws(() => roomWebhooks(options as RoomWebhooksOptions), { name, message });
  });
}

test("a room that begins anew has other ids for the same", async () => {
  const ids = [];
  for (const later of [0, 60_000]) {
    const { process, pass, sent, clock } = bench();
    clock.now += later;
    const { room, hooks } = process();
    await hooks.look();
    await room.change({ mode: "paused" }, by(0));
    await pass(5000, hooks);
    ids.push(...sent.map(({ message: { id } }) => id));
  }
  assert.equal(new Set(ids).size, 2);
});
