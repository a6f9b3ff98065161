/** The board: who may look, who may change rooms, and what it tells. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BoardEvent,
  type BoardOptions,
  type RoomBoard,
  roomBoard,
} from "../../../plugins/waiting-room/board/mod.ts";
import { type Verdict, verdictsOf } from "../../../plugins/waiting-room/board/verdicts.ts";
import {
  memoryStore,
  type OperatedRoom,
  type Tuned,
  waitingRoom,
} from "../../../plugins/waiting-room/mod.ts";
import { start } from "./_node.ts";

const secret = "a-long-secret-from-a-vault";
const viewSecret = "another-secret-to-look-only";
const site = "https://shop.example.com";
const path = "/.stanchion-board";

interface Bench {
  readonly board: RoomBoard;
  readonly room: OperatedRoom;
  readonly events: BoardEvent[];
  readonly clock: { now: number };
  ask(rest: string, init?: RequestInit, platform?: readonly unknown[]): Promise<Response>;
  /** Asks as a program does. */
  json(rest: string, body?: unknown, secret?: string): Promise<Response>;
  /** Signs in, and gives the cookie. */
  signIn(name: string, secret: string, headers?: Record<string, string>): Promise<Response>;
  /** A change that the page asks for, with a cookie. */
  post(cookie: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

function bench(options: Partial<BoardOptions> = {}): Bench {
  const clock = { now: start };
  const now = () => clock.now;
  const store = memoryStore({ now });
  const { rooms } = waitingRoom({ admitPerMinute: 60, capacity: 10, store, now, warn() {} });
  const events: BoardEvent[] = [];
  const auth = { secrets: [secret], viewSecrets: [viewSecret] };
  const board = roomBoard({ rooms, auth, now, onEvent: (event) => void events.push(event), ...options });
  const own = { "sec-fetch-site": "same-origin", "origin": site };
  const self: Bench = {
    board,
    room: rooms[0],
    events,
    clock,
    ask: (rest, init = {}, platform = []) => board(new Request(site + path + rest, init), ...platform),
    json: (rest, body, given = secret) =>
      self.ask(rest, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${given}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    signIn: (name, given, headers = own) =>
      self.ask("/sign-in", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams({ name, secret: given }).toString(),
      }),
    post: (cookie, body, headers = own) =>
      self.ask("/rooms/main", {
        method: "POST",
        headers: { cookie, "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
  };
  return self;
}

function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

const pause = { order: { mode: "paused" }, revision: 0 };

test("roomBoard() is never open: without auth it is refused", () => {
  const { rooms } = waitingRoom({ admitPerMinute: 60, warn() {} });
  assert.throws(() => roomBoard({ rooms } as unknown as BoardOptions), {
    name: "TypeError",
    message:
      'Cannot create room board: "auth" must be { secrets: [...] }, or a function that tells who asks: a board is never open, received undefined',
  });
});

const wrongOptions: readonly (readonly [options: object, message: RegExp])[] = [
  [
    { rooms: [] },
    /"rooms" must be a list of 1 to 1000 rooms, such as waitingRoom\(\.\.\.\)\.rooms, received 0/,
  ],
  [{ rooms: [{}] }, /"rooms" must be a list/],
  [{ rooms: undefined }, /"rooms" must be a list/],
  [{ auth: {} }, /"auth\.secrets" must be a list of 1 to 16 secrets/],
  [{ auth: { secrets: [] } }, /"auth\.secrets" must be/],
  [{ auth: { secrets: ["short"] } }, /"auth\.secrets" must be .*, received/],
  [{ auth: { secrets: [secret], viewSecrets: [""] } }, /"auth\.viewSecrets" must be/],
  [{ auth: true }, /"auth" must be \{ secrets: \[...\] \}, or a function/],
  [
    { auth: secret },
    /"auth" must be \{ secrets: \[...\] \}, or a function .*, received a text \(not shown\)/,
  ],
  [{ auth: [secret] }, /"auth" must be .*, received a list \(not shown\)/],
  [{ auth: { secret } }, /unknown option "auth\.secret"/],
  [{ path: "board" }, /"path" must be a path/],
  [{ path: "/board/" }, /"path" must be a path/],
  [{ title: "" }, /"title" must be a text of 1 to 80 characters/],
  [{ historyHours: 0 }, /"historyHours" must be a number from 0\.1 to 48/],
  [{ sessionHours: 1000 }, /"sessionHours" must be a number from 0\.1 to 720/],
  [{ onEvent: 1 }, /"onEvent" must be a function/],
  [{ color: "red" }, /unknown option "color"/],
];

for (const [options, message] of wrongOptions) {
  test(`roomBoard() refuses ${JSON.stringify(options)} without showing a secret`, () => {
    assert.throws(() => bench(options), (error: Error) => {
      assert.match(error.message, message);
      assert.ok(!error.message.includes("short") && !error.message.includes(secret));
      return true;
    });
  });
}

test("nothing of a room is told to whoever has not said who they are", async () => {
  const { ask, room, events } = bench();
  for (const rest of ["/rooms", "/rooms/main", "/rooms/other", "/nowhere", "/rooms/main/x"]) {
    const answer = await ask(rest);
    assert.equal(answer.status, 401, rest);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal(answer.headers.get("www-authenticate"), 'Bearer realm="stanchion"');
    assert.ok(!(await answer.text()).includes("main"));
  }
  assert.ok(events.every(({ is, why }) => is === "refused" && why === "no-rights"));
  const post = await ask("/rooms/main", { method: "POST", body: JSON.stringify(pause) });
  assert.equal(post.status, 401);
  assert.equal((await room.status()).mode, "open");
});

test("the page asks who it is that comes, and says nothing else", async () => {
  const answer = await bench().ask("");
  assert.equal(answer.status, 401);
  const text = await answer.text();
  assert.match(text, /<input name="secret" type="password"/);
  assert.ok(!text.includes('main"'));
  assert.equal(answer.headers.get("www-authenticate"), null);
  assert.match(answer.headers.get("content-security-policy") ?? "", /^default-src 'none'; script-src 'self'/);
});

test("whoever signs in gets a cookie for this host alone, and the page", async () => {
  const { signIn, ask, events } = bench();
  const answer = await signIn(" Zoë ", secret);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), path);
  const [line = ""] = answer.headers.getSetCookie();
  assert.match(
    line,
    /^__Host-stanchion-board=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200$/,
  );
  assert.ok(!line.includes(secret));
  assert.deepEqual(events, [{ is: "signed-in", atMs: start, by: "Zoë" }]);
  const page = await ask("", { headers: { cookie: cookieOf(answer) } });
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<span>Zoë<\/span>/);
});

test("a cookie is not secure where the page is not encrypted, and is where a proxy made it so", async () => {
  const { board } = bench();
  const form = new URLSearchParams({ name: "Zoë", secret }).toString();
  const type = "application/x-www-form-urlencoded";
  const enter = (origin: string) =>
    board(
      new Request(`http://localhost:8080${path}/sign-in`, {
        method: "POST",
        headers: { origin, "content-type": type, "sec-fetch-site": "same-origin" },
        body: form,
      }),
    );
  assert.match(
    (await enter("http://localhost:8080")).headers.getSetCookie()[0] ?? "",
    /^stanchion-board=(?!.*Secure)/,
  );
  assert.match((await enter("https://localhost:8080")).headers.getSetCookie()[0] ?? "", /^__Host-.*; Secure/);
});

test("a session ends by itself, and with the secret by which it began", async () => {
  const first = bench();
  const cookie = cookieOf(await first.signIn("Zoë", secret));
  const other = bench();
  assert.equal((await other.ask("/rooms", { headers: { cookie } })).status, 200, "another process");
  const changed = bench({ auth: { secrets: ["a-secret-that-came-later"] } });
  assert.equal((await changed.ask("/rooms", { headers: { cookie } })).status, 401);
  const both = bench({ auth: { secrets: ["a-secret-that-came-later", secret] } });
  assert.equal((await both.ask("/rooms", { headers: { cookie } })).status, 200);
  first.clock.now += 12 * 3_600_000 + 1;
  assert.equal((await first.ask("/rooms", { headers: { cookie } })).status, 401);
});

test("a cookie that was changed anywhere is none", async () => {
  const { signIn, ask } = bench();
  const cookie = cookieOf(await signIn("Zoë", viewSecret));
  assert.equal((await ask("/rooms", { headers: { cookie } })).status, 200);
  const forged = [
    cookie.replace(".view.", ".change."),
    cookie.replace(/\.(\d+)\./, (_, until) => `.${Number(until) + 1}.`),
    cookie.replace("Zo", "Bo"),
    cookie.replace("=", "=0"),
    "__Host-stanchion-board=",
    `__Host-stanchion-board=${"0".repeat(64)}.change.${start * 2}.Zoe`,
  ];
  for (const each of forged) {
    assert.equal((await ask("/rooms", { headers: { cookie: each } })).status, 401, each);
  }
});

test("a wrong secret is told and logged, and after ten tries of an address none is looked at", async () => {
  const { ask, events } = bench();
  const enter = (given: string, address: string) =>
    ask("/sign-in", {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
      },
      body: new URLSearchParams({ name: "Eve", secret: given }).toString(),
    }, [{ remoteAddr: { hostname: address } }]);
  for (let attempt = 0; attempt < 10; attempt++) {
    const answer = await enter(`a-wrong-secret-of-Eve-${attempt}`, "192.0.2.1");
    assert.equal(answer.status, 401);
    assert.match(await answer.text(), /That is not the secret\./);
  }
  assert.equal((await enter(secret, "192.0.2.1")).status, 429);
  const bearer = await ask("/rooms", { headers: { authorization: `Bearer ${secret}` } }, [{
    remoteAddr: { hostname: "192.0.2.1" },
  }]);
  assert.equal(bearer.status, 429);
  assert.equal(bearer.headers.get("retry-after"), "60");
  assert.equal((await enter(secret, "192.0.2.2")).status, 303, "others are not kept out");
  assert.deepEqual(events[0], { is: "refused", why: "wrong-secret", atMs: start, address: "192.0.2.1" });
  assert.equal(events[10]?.why, "too-many-tries");
  assert.ok(!JSON.stringify(events).includes("a-wrong-secret"));
});

test("tries over many addresses are held up together, and nobody is shut out whose network was let in before", async () => {
  const { ask, clock } = bench();
  const asking = async (address: string, given: string) => {
    const headers = { authorization: `Bearer ${given}` };
    return (await ask("/rooms", { headers }, [{ remoteAddr: { hostname: address } }])).status;
  };
  assert.equal(await asking("192.0.2.7", secret), 200);
  let tried = 0;
  for (; tried < 20_000; tried++) {
    // Each from a network of its own, of IPv4 and of IPv6.
    const own = tried % 2 === 0 ? `10.${tried >> 8}.${tried % 256}.1` : `2001:db8:${tried.toString(16)}::1`;
    if ((await asking(own, "a-wrong-secret-here")) === 429) break;
  }
  assert.equal(tried, 300);
  assert.equal(await asking("198.51.100.1", secret), 429, "nobody new is heard of, with any secret");
  assert.equal(await asking("192.0.2.8", secret), 200, "a neighbour of who had the right one");
  for (let at = 0; at < 10; at++) assert.equal(await asking("192.0.2.9", "a-wrong-secret-here"), 401);
  assert.equal(await asking("192.0.2.9", "a-wrong-secret-here"), 429, "but not more than ten times");
  clock.now += 1000;
  assert.equal(await asking("198.51.100.1", secret), 200, "two a second are heard of again");
});

test("a program with a wrong secret is refused, and may not try for ever", async () => {
  const { json, events } = bench();
  // Whose address is not known shares a larger bucket.
  let refused = 0;
  for (; refused < 1000; refused++) {
    if ((await json("/rooms", undefined, "a-wrong-secret-here")).status === 429) break;
  }
  assert.equal(refused, 160);
  assert.equal(events[0]?.why, "wrong-secret");
});

test("signing in wants a name, and shows what was written as text", async () => {
  const { signIn } = bench();
  assert.equal((await signIn("", secret)).status, 400);
  const answer = await signIn(`"><script>alert(1)</script>\u0000`, secret);
  assert.equal(answer.status, 400);
  const text = await answer.text();
  assert.ok(!text.includes("<script>alert"), text);
  assert.match(text, /&lt;script&gt;/);
});

test("nothing is taken from another site, neither a sign-in nor a change", async () => {
  const { signIn, post, room, events } = bench();
  const cookie = cookieOf(await signIn("Zoë", secret));
  const foreign: readonly Record<string, string>[] = [
    { "sec-fetch-site": "cross-site", "origin": "https://evil.example" },
    { "sec-fetch-site": "same-site", "origin": "https://other.example.com" },
    { "sec-fetch-site": "none" },
    { origin: "https://evil.example" },
    { origin: "null" },
    {},
  ];
  for (const headers of foreign) {
    assert.equal((await post(cookie, pause, headers)).status, 403, JSON.stringify(headers));
    assert.equal((await signIn("Zoë", secret, headers)).status, 403, JSON.stringify(headers));
  }
  assert.equal((await room.status()).mode, "open");
  assert.equal(events.filter(({ why }) => why === "other-site").length, 2 * foreign.length);
  assert.equal(
    (await post(cookie, pause, { origin: site })).status,
    200,
    "a browser that sends Origin alone",
  );
});

test("whoever may only look is refused a change with 403, which is logged", async () => {
  const { signIn, post, ask, json, room, events } = bench();
  const cookie = cookieOf(await signIn("Vera", viewSecret));
  assert.equal((await post(cookie, pause)).status, 403);
  assert.equal((await json("/rooms/main", { ...pause, by: "a program" }, viewSecret)).status, 403);
  assert.equal((await room.status()).mode, "open");
  assert.deepEqual(events.filter(({ is }) => is === "refused"), [
    { is: "refused", why: "no-rights", by: "Vera", room: "main", atMs: start },
    { is: "refused", why: "no-rights", room: "main", atMs: start },
  ]);
  const page = await (await ask("", { headers: { cookie } })).text();
  assert.match(page, /You may look, and change nothing\./);
  assert.ok(!page.includes("data-mode"));
});

test("a change is made in the name of who signed in, whatever the page says", async () => {
  const { signIn, post, room, events } = bench();
  const cookie = cookieOf(await signIn("Zoë", secret));
  const answer = await post(cookie, { ...pause, by: "Somebody else" });
  assert.deepEqual(await answer.json(), { is: "changed", revision: 1, isRecorded: true });
  assert.deepEqual((await room.records()).map(({ by }) => by), ["Zoë"]);
  assert.deepEqual(events.at(-1), { is: "changed", by: "Zoë", room: "main", atMs: start });
});

test("a program says in whose name it changes a room", async () => {
  const { json, room } = bench();
  const nameless = await json("/rooms/main", pause);
  assert.equal(nameless.status, 400);
  assert.deepEqual((await nameless.json()).errors, [{ path: "by", message: "must be given: who wants it" }]);
  assert.equal((await json("/rooms/main", { ...pause, by: "the night shift" })).status, 200);
  assert.deepEqual((await room.records()).map(({ by }) => by), ["the night shift"]);
});

test("of two changes of one revision the second is a conflict that says who was faster", async () => {
  const { json } = bench();
  await json("/rooms/main", { ...pause, by: "Anna" });
  const second = await json("/rooms/main", { order: { mode: "closed" }, revision: 0, by: "Ben" });
  assert.equal(second.status, 409);
  const { is, revision, last } = await second.json();
  assert.deepEqual([is, revision, last.by, last.order], ["conflict", 1, "Anna", { mode: "paused" }]);
  const early = await json("/rooms/main", { order: { mode: "closed" }, revision: 9, by: "Ben" });
  const { detail, is: what } = await early.json();
  assert.deepEqual([early.status, what, detail], [
    409,
    "conflict",
    "Nothing was changed: the room is at revision 1, which is before 9: look at it, and decide anew",
  ]);
});

test("a conflict names whom somebody has not seen, also behind a change of their own", async () => {
  const { json } = bench();
  await json("/rooms/main", { ...pause, by: "Anna" });
  await json("/rooms/main", { order: { note: "Back at three." }, revision: 1, by: "Ben" });
  const old = await json("/rooms/main", { order: { mode: "closed" }, revision: 0, by: "Ben" });
  assert.deepEqual([old.status, (await old.json()).last.by], [409, "Anna"]);
  const own = await json("/rooms/main", { order: { mode: "closed" }, revision: 1, by: "Ben" });
  assert.deepEqual([own.status, (await own.json()).last.by], [409, "Ben"]);
});

const wrongBodies: readonly (readonly [body: string, status: number, message: RegExp])[] = [
  ["", 400, /not JSON/],
  ["null", 400, /not what this endpoint takes/],
  ['{"order":{"mode":"paused"}}', 400, /revision/],
  ['{"order":{"mode":"paused"},"revision":-1,"by":"a"}', 400, /at least 0/],
  ['{"order":{"mode":"paused"},"revision":0,"by":"a\\u0000"}', 400, /printable/],
  ['{"order":{"mode":"gone"},"revision":0,"by":"a"}', 400, /one of \\"open\\"/],
  ['{"order":{"dropTheLine":true},"revision":0,"by":"a"}', 400, /drop the line/],
  ['{"order":{"__proto__":{"mode":"paused"}},"revision":0,"by":"a"}', 400, /name that no member may have/],
  ['{"order":[],"revision":0,"by":"a"}', 400, /order/],
  [`{"order":{"note":"${"n".repeat(501)}"},"revision":0,"by":"a"}`, 400, /500 characters/],
  [`{"order":{"note":"${"n".repeat(9000)}"},"revision":0,"by":"a"}`, 413, /8192 bytes/],
];

for (const [body, status, message] of wrongBodies) {
  test(`a room stays as it is for a body such as ${body.slice(0, 60) || "nothing"}`, async () => {
    const { ask, room } = bench();
    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    const answer = await ask("/rooms/main", { method: "POST", headers, body });
    assert.equal(answer.status, status);
    assert.match(await answer.text(), message);
    assert.equal((await room.status()).revision, 0);
  });
}

test("a function of the owner tells who asks, and decides what they may do", async () => {
  const who: { told: unknown } = { told: undefined };
  const { ask, post, room, events } = bench({ auth: () => who.told as string });
  assert.equal((await ask("")).status, 401);
  assert.equal((await ask("/sign-in", { method: "POST", headers: { origin: site } })).status, 404);
  who.told = { name: "Vera", mayChange: false };
  assert.equal((await ask("/rooms")).status, 200);
  assert.equal((await post("", pause)).status, 403);
  who.told = "Zoë";
  assert.equal((await post("", pause, {})).status, 403, "a form of another site");
  assert.equal((await post("", pause)).status, 200);
  assert.deepEqual((await room.records()).map(({ by }) => by), ["Zoë"]);
  for (const told of ["", "a\nb", {}, { name: 1, mayChange: true }, 7]) {
    who.told = told;
    assert.equal((await ask("/rooms")).status, 403, JSON.stringify(told));
  }
  assert.equal(events.at(-1)?.why, "auth-failed");
});

test("a function of the owner that throws lets nobody in", async () => {
  const failing = [() => {
    throw new Error("a secret of the owner");
  }, () => Promise.reject(new Error("a secret of the owner"))];
  for (const auth of failing) {
    const answer = await bench({ auth }).ask("/rooms");
    assert.equal(answer.status, 403);
    assert.ok(!(await answer.text()).includes("secret of the owner"));
  }
});

test("the rooms are told as JSON: what can be changed, figures, and whether it goes well", async () => {
  const { json } = bench();
  const told = await (await json("/rooms")).json();
  assert.deepEqual(told.operator, { name: "", mayChange: true });
  assert.equal(told.now, start);
  const [room] = told.rooms;
  assert.equal(room.name, "main");
  assert.equal(room.room.mode, "open");
  assert.equal(room.room.limits.capacity, 10);
  assert.equal(room.figures.present, 0);
  assert.deepEqual(room.verdicts, [{ level: "good", text: "Nobody waits. Visitors are let in at once." }]);
});

const tunings:
  readonly (readonly [tuned: Partial<Tuned>, level: Verdict["level"] | undefined, text: RegExp])[] = [
    [
      { why: "slow", from: 600, meanMs: 512.4 },
      "note",
      /takes 512 ms to answer: the rate was lowered from 600 to 420 a minute/,
    ],
    [
      { why: "slow", from: 420, meanMs: 512 },
      "note",
      /the rate stays at 420 a minute, the least that is allowed/,
    ],
    [
      { why: "errors", from: 600, errorRate: 0.084 },
      "bad",
      /^8.4 % of the visitors meet errors of the application: the rate was/,
    ],
    [
      { why: "held", from: 420 },
      "note",
      /set by hand, and does not follow the application until it is handed back/,
    ],
    [{ why: "used", from: 400 }, undefined, /Nobody waits/],
  ];
for (const [tuned, level, says] of tunings) {
  test(`the board says of a rate that is tuned: ${says.source}`, async () => {
    const { status, ...others } = await tunedRoom();
    const last: Tuned = {
      at: 1,
      visitors: 9,
      meanMs: 90,
      errorRate: 0,
      used: 1,
      heldSince: 0,
      why: "new",
      from: 1,
      ...tuned,
    };
    const room = { ...status, limits: { ...status.limits, admitPerMinute: 420 }, tuned: last };
    const verdicts = verdictsOf(others.store, room, others.figures(room), undefined);
    const found = level === undefined ? verdicts.at(-1) : verdicts.find(({ text }) => says.test(text));
    assert.match(found?.text ?? "", says);
    assert.equal(found?.level, level ?? "good");
    assert.equal(others.figures(room).rateReason, tuned.why);
  });
}

/** A room whose rate is tuned, as nobody has asked for it. */
async function tunedRoom() {
  const autotune = { targetMs: 300, min: 6, max: 600 };
  const { rooms: [room] } = waitingRoom({ capacity: 60, autotune, now: () => start, warn() {} });
  return { status: await room.status(), store: room.store(), figures: room.figures };
}

test("the last hours are kept in steps of ten seconds, and no more of them than were asked for", async () => {
  const { json, clock } = bench({ historyHours: 0.1 });
  for (let step = 0; step < 50; step++) {
    clock.now += 10_000;
    await json("/rooms");
  }
  const { names, points, stepMs } = await (await json("/rooms/main")).json();
  assert.equal(stepMs, 10_000);
  assert.equal(points.length, 36);
  assert.equal(names.length, points[0].length);
  const since = points.at(-2)[0];
  const later = await (await json(`/rooms/main?since=${since}`)).json();
  assert.equal(later.points.length, 1);
});

test("a store that fails leaves the figures that were known last, and says so", async () => {
  const clock = { now: start };
  const inner = memoryStore({ now: () => clock.now });
  let fails = false;
  const guarded = <T>(work: () => Promise<T>) => fails ? Promise.reject(new Error("down")) : work();
  const store = {
    ...inner,
    run: (...args: Parameters<typeof inner.run>) => guarded(() => inner.run(...args)),
    status: (room: string) => guarded(() => inner.status(room)),
    records: () => guarded(() => Promise.resolve([])),
  };
  const { rooms } = waitingRoom({ admitPerMinute: 60, store, now: () => clock.now, warn() {} });
  await rooms[0].status();
  const failing: OperatedRoom = {
    ...rooms[0],
    get last() {
      return rooms[0].last;
    },
    async status() {
      fails = true;
      await store.status("x");
      throw new Error("never");
    },
    store: () => ({ storeFailing: true, storeFailures: 1, queued: 0 }),
  };
  const board = bench({ rooms: [failing] });
  const told = await (await board.json("/rooms")).json();
  assert.equal(told.rooms[0].room.mode, "open");
  assert.deepEqual(told.rooms[0].verdicts[0].level, "bad");
  const past = await (await board.json("/rooms/main")).json();
  assert.equal(past.records, undefined);
});

test("route() hands on what is not the board's, with the platform's arguments", async () => {
  const { board } = bench();
  const handler = board.route((request: Request, more: string) =>
    new Response(`${new URL(request.url).pathname} ${more}`)
  );
  const text = async (url: string) => await (await handler(new Request(url), "more")).text();
  assert.equal(await text(`${site}/`), "/ more");
  assert.equal(await text(`${site}${path}er`), `${path}er more`);
  assert.equal(await text(`${site}/?${path}`), "/ more");
  assert.equal(await text(`${site}/.stanchion/main/status`), "/.stanchion/main/status more");
  assert.equal((await handler(new Request(`${site}${path}/rooms`), "more")).status, 401);
  assert.throws(() => board.route(undefined as never), /"handler" must be a function/);
});

test("the platform is asked to wait for the figures that are taken behind a request, every ten seconds", async () => {
  const { board, clock } = bench({});
  const kept: Promise<unknown>[] = [];
  const handler = board.route((..._: unknown[]) => new Response("the shop"));
  const waitUntil = (work: Promise<unknown>) => void kept.push(work);
  for (const passedMs of [0, 3000, 7000]) {
    clock.now += passedMs;
    await handler(new Request("https://shop.example.com/"), {}, { waitUntil });
  }
  assert.equal(kept.length, 2);
  await Promise.all(kept);
});

test("other methods are refused, and HEAD is answered without a body", async () => {
  const { ask } = bench();
  const deletion = await ask("", { method: "DELETE" });
  assert.deepEqual([deletion.status, deletion.headers.get("allow")], [405, "GET, HEAD"]);
  assert.equal((await ask("/sign-in")).status, 405);
  const head = await ask("/board.js", { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

test("signing out takes the cookie from the browser, and only the board asks for it", async () => {
  const { ask } = bench();
  const away = await ask("/sign-out", {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin", origin: site },
  });
  assert.equal(away.status, 303);
  assert.match(away.headers.getSetCookie()[0] ?? "", /^__Host-stanchion-board=; .*Max-Age=0$/);
  assert.equal(
    (await ask("/sign-out", { method: "POST", headers: { "sec-fetch-site": "cross-site" } })).status,
    403,
  );
});

test("what the page loads is its own, and no secret", async () => {
  const { ask } = bench();
  for (
    const [file, type] of [["board.css", "text/css"], ["board.js", "text/javascript"], [
      "chart.js",
      "text/javascript",
    ]]
  ) {
    const answer = await ask(`/${file}`);
    assert.equal(answer.status, 200);
    assert.ok(answer.headers.get("content-type")?.startsWith(type ?? ""));
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.ok(!(await answer.text()).includes(secret));
  }
});
