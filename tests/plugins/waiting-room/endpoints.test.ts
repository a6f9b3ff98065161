/** W28, W53, W54: what the endpoints of a room answer. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failClosed } from "../../../plugins/failure-policy/mod.ts";
import { type RoomStatus, waitingRoom } from "../../../plugins/waiting-room/mod.ts";
import { documentOf, textOf } from "../../../plugins/waiting-room/status-document.ts";
import { createGate } from "../../../src/gate.ts";
import { estimate } from "../../../src/line/estimate.ts";
import { roomBench, site } from "./_room.ts";

const cookie = "__Host-stanchion-main";
const full = { admitPerMinute: 60, capacity: 0 };
const status = "/.stanchion/main/status";

describe("the status of a room", () => {
  test("is the same for everybody, and caches may keep it for a second", async () => {
    const bench = roomBench({ ...full, note: "Doors at nine" });
    const visitor = bench.browser();
    await visitor.open("/");
    const mine = await visitor.fetch(status);
    const other = await bench.browser().fetch(`${status}?me=1`);
    assert.equal(mine.status, 200);
    assert.equal(mine.text, other.text);
    assert.deepEqual(Object.keys(JSON.parse(mine.text) as object), [
      ..."epoch revision now mode opensAt F issued passed pace flow y rate poll note".split(" "),
    ]);
    const { headers } = mine.response;
    assert.equal(headers.get("cache-control"), "public, max-age=1");
    assert.equal(headers.get("content-type"), "application/json");
    assert.deepEqual(headers.getSetCookie(), []);
    assert.equal(mine.served, false);
  });

  test("is not sent again to whoever has it, and HEAD gets its headers", async () => {
    const { browser } = roomBench();
    const first = await browser().fetch(status);
    const etag = first.response.headers.get("etag") ?? "";
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await browser().fetch(status, { headers: { "if-none-match": tags } });
      assert.deepEqual([again.status, again.text], [304, ""], tags);
      assert.equal(again.response.headers.get("cache-control"), "public, max-age=1");
    }
    const other = await browser().fetch(status, { headers: { "if-none-match": '"other"' } });
    assert.equal(other.status, 200);
    const head = await browser().fetch(status, { method: "HEAD" });
    assert.deepEqual([head.status, head.text, head.response.headers.get("etag")], [200, "", etag]);
  });

  test("asks the store once a second, however many ask", async () => {
    const bench = roomBench();
    await bench.browser().fetch(status);
    const { count } = bench.store.reads;
    await Promise.all(Array.from({ length: 50 }, () => bench.browser().fetch(status)));
    assert.equal(bench.store.reads.count, count);
  });

  const largest: RoomStatus = {
    epoch: 999_999,
    revision: 999_999,
    now: 4_102_444_800_000,
    mode: "scheduled",
    limits: {
      admitPerMinute: 599_999.123456,
      burstSeconds: 60,
      capacity: 1_000_000,
      sessionMs: 86_400_000,
      returnMs: 86_400_000,
      recovery: "strict",
    },
    note: "",
    opensAt: 4_102_444_800_000,
    closesAt: 4_102_444_800_000,
    order: "arrival",
    commitment: "",
    committedFor: 0,
    registered: 0,
    drawnBy: "",
    beacon: "",
    openedAt: 4_102_444_800_000,
    issued: 99_999_999,
    frontier: 99_999_999,
    passed: 99_999_999,
    lapseLine: 99_999_999,
    present: 99_999,
    asleep: 99_999,
    sessions: 999_999,
    ghosts: 0,
    free: 0,
    pace: 9999.123456,
    flow: 9999.123456,
    share: 0.123456,
    endRate: 0.123456,
    poll: 1800,
    joined: 0,
    admitted: 0,
    renewed: 0,
    lapsed: 0,
    left: 0,
    recoveries: 0,
  };
  test("has nobody behind more people than there are numbers before theirs", () => {
    // Sixty came at once, and those with the higher numbers called first: the head of the line has hardly moved.
    const document = documentOf({ ...largest, passed: 60, pace: 0.25, flow: 0.5 });
    assert.deepEqual([document.pace, document.flow], [0.5, 0.5]);
    const { place, waitMs } = estimate(180, { ...document, opensAt: 0 });
    assert.deepEqual([place, waitMs], [120, 240_000]);
  });

  const notes: readonly [what: string, note: string][] = [
    ["none", ""],
    ["a short one", "Doors at nine"],
    ["a long one", "a".repeat(500)],
    ["one of other scripts", "開場は九時です。".repeat(50)],
    ["one of pairs", "🎟️".repeat(200)],
    ["one of what JSON escapes", '"\\\n'.repeat(100)],
    ["one of lone surrogates", "\ud800".repeat(100)],
  ];
  for (const [what, note] of notes) {
    test(`has at most 300 bytes with the largest numbers and a note: ${what}`, () => {
      const text = textOf(documentOf({ ...largest, note }));
      assert.ok(new TextEncoder().encode(text).length <= 300, text);
      const told = (JSON.parse(text) as { note: string }).note;
      assert.ok(told === note || (told.endsWith("…") && note.startsWith(told.slice(0, -1))), told);
      if (note.length > 20) assert.ok(told.length > 3);
    });
  }
});

describe("the endpoints of a room", () => {
  const wrong: readonly [
    what: string,
    path: string,
    method: string,
    status: number,
    allow?: string,
    headers?: Record<string, string>,
  ][] = [
    ["no such room", "/.stanchion/other/status", "GET", 404],
    ["no such room to wait in by a form", "/.stanchion/other/wait", "POST", 404],
    ["a check-in of no such room from elsewhere", "/.stanchion/other/check-in", "POST", 404],
    ["no such endpoint", "/.stanchion/main/else", "GET", 404],
    ["no such endpoint of every object", "/.stanchion/main/toString", "GET", 404],
    ["a status that is posted", status, "POST", 405, "GET, HEAD"],
    ["a check-in that is read", "/.stanchion/main/check-in", "GET", 405, "POST"],
    ["a check-in without a body", "/.stanchion/main/check-in", "HEAD", 405, "POST"],
    ["a place that is deleted", "/.stanchion/main/leave", "DELETE", 405, "POST"],
    ["a ping that is read", "/.stanchion/main/ping", "GET", 405, "POST"],
    ["another site", "/.stanchion/main/check-in", "POST", 403, undefined, { "sec-fetch-site": "cross-site" }],
    ["a subdomain", "/.stanchion/main/leave", "POST", 403, undefined, { "sec-fetch-site": "same-site" }],
    ["another origin", "/.stanchion/main/ping", "POST", 403, undefined, { origin: "https://evil.example" }],
    ["no origin", "/.stanchion/main/leave", "POST", 403],
  ];
  for (const [what, path, method, code, allow, headers = {}] of wrong) {
    test(`refuse ${what} with ${code}`, async () => {
      const bench = roomBench();
      const found = await bench.ask(new Request(site + path, { method, headers }));
      assert.equal(found.status, code);
      assert.equal(found.response.headers.get("allow"), allow ?? null);
      assert.equal(found.served, false);
      assert.equal(bench.store.batches.length, 0);
    });
  }

  test("lead to the page from the address of a room that there is no more, and to none of another site", async () => {
    const bench = roomBench();
    const kept: readonly [query: string, page: string][] = [
      ["", "/"],
      ["?page=%2Ftickets%3Fseat%3D7", "/tickets?seat=7"],
      ["?page=https%3A%2F%2Fevil.example%2F", "/"],
    ];
    for (const [query, page] of kept) {
      const { status, response } = await bench.ask(new Request(`${site}/.stanchion/former/wait${query}`));
      assert.deepEqual([status, response.headers.get("location")], [303, page]);
    }
  });

  test("say to a page of a room that there is no more that nobody knows its number", async () => {
    const bench = roomBench();
    const { status, text } = await bench.browser().post("/.stanchion/former/check-in");
    assert.deepEqual([status, JSON.parse(text)], [200, { is: "unknown" }]);
    assert.equal(bench.store.batches.length, 0);
  });

  test("leave paths alone that are none of theirs", async () => {
    const { browser } = roomBench({
      rooms: [{ name: "main", admitPerMinute: 60, match: { path: "/tickets" } }],
    });
    for (
      const path of [
        "/.stanchion",
        "/.stanchion/health",
        "/.stanchion/main/status/x",
        "/?/.stanchion/main/status",
      ]
    ) {
      assert.equal((await browser().open(path)).reason, "waiting-room/unmatched", path);
    }
  });

  test("stand where the owner says", async () => {
    const { browser } = roomBench({ admitPerMinute: 60, path: "/queue" });
    assert.equal((await browser().fetch("/queue/main/status")).reason, "waiting-room/status");
    assert.equal((await browser().open(status)).reason, "waiting-room/admitted");
  });
});

describe("the check-in of a room", () => {
  const foreign = [undefined, "", "x", "%00", "a.b.c", "=".repeat(5000)];
  for (const value of foreign) {
    test(`answers unknown to what is no ticket: ${JSON.stringify(value)?.slice(0, 20)}`, async () => {
      const bench = roomBench();
      const visitor = bench.browser();
      if (value !== undefined) visitor.jar.set(cookie, value);
      const { status, text, response } = await visitor.post("/.stanchion/main/check-in");
      assert.deepEqual([status, text], [200, '{"is":"unknown"}']);
      assert.deepEqual(response.headers.getSetCookie(), []);
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.deepEqual(bench.errors, []);
    });
  }

  test("tells where somebody stands, and lets them in at their turn", async () => {
    const bench = roomBench({ admitPerMinute: 60, burstSeconds: 0 });
    await Promise.all(Array.from({ length: 3 }, () => bench.browser().open("/")));
    const visitor = bench.browser();
    await visitor.open("/");
    await bench.pass(600);
    const told = JSON.parse(
      (await visitor.post("/.stanchion/main/check-in", { hidden: false })).text,
    ) as object;
    assert.deepEqual(Object.keys(told), [
      "is",
      "epoch",
      "now",
      "mode",
      "opensAt",
      "note",
      "number",
      "position",
      "ahead",
      "progress",
      "nextMs",
    ]);
    await bench.pass(5000);
    const turn = await visitor.post("/.stanchion/main/check-in");
    assert.equal(turn.text, '{"is":"admitted"}');
    assert.equal((await visitor.open("/")).reason, "waiting-room/pass");
    assert.equal((await visitor.post("/.stanchion/main/check-in")).text, '{"is":"admitted"}');
  });

  test("takes note of a page that is hidden, and of nothing else in what it is sent", async () => {
    const bodies: readonly [body: string, isHidden: boolean][] = [
      ['{"hidden":true,"age":1}', true],
      ['{"hidden":false}', false],
      ['{"hidden":"true"}', false],
      ['{"hidden":1}', false],
      ["", false],
      ["[true]", false],
      ["null", false],
      ["{", false],
      [`{"hidden":true,"x":"${"x".repeat(2000)}"}`, false],
    ];
    for (const [body, isHidden] of bodies) {
      const bench = roomBench(full);
      const visitor = bench.browser();
      await visitor.open("/");
      await bench.pass(30_000);
      const headers = { "sec-fetch-site": "same-origin", "content-type": "application/json" };
      await visitor.fetch("/.stanchion/main/check-in", { method: "POST", body, headers });
      const found = await bench.store.status("stanchion:main");
      assert.deepEqual([found?.asleep, found?.present], isHidden ? [1, 0] : [0, 1], body.slice(0, 40));
    }
  });

  test("asks nobody about who is far, or calls again too early", async () => {
    const bench = roomBench({ admitPerMinute: 0 });
    const all = Array.from({ length: 30 }, () => bench.browser());
    const found = await Promise.all(all.map((visitor) => visitor.open("/")));
    const asked = bench.store.batches.length;
    for (const [at, visitor] of all.entries()) {
      const told = JSON.parse((await visitor.post("/.stanchion/main/check-in")).text) as { is: string };
      assert.equal(`waiting-room/${told.is}`, found[at]?.reason);
    }
    assert.equal(bench.store.batches.length, asked);
  });

  test("tells what time it is, also who calls again too early", async () => {
    const bench = roomBench({ admitPerMinute: 0 });
    const visitor = bench.browser();
    const nowOf = (text: string) => Number(/"now":(\d+)/.exec(text)?.[1]);
    const first = nowOf((await visitor.open("/")).text);
    // Beside what the test says, the machine's own time passes.
    for (let passedMs = 2000; passedMs <= 6000; passedMs += 2000) {
      await bench.pass(2000);
      assert.ok(nowOf((await visitor.post("/.stanchion/main/check-in")).text) - first >= passedMs);
      assert.ok(nowOf((await visitor.open("/")).text) - first >= passedMs);
    }
  });
});

describe("the ping and the leaving of a room", () => {
  test("a ping confirms a place, and makes it good for no longer than that", async () => {
    const bench = roomBench({ admitPerMinute: 60, sessionMinutes: 5 });
    const visitor = bench.browser();
    await visitor.open("/");
    const { text } = await visitor.post("/.stanchion/main/ping");
    assert.equal(text, '{"is":"inside"}');
    for (let at = 0; at < 4; at++) {
      await bench.pass(70_000);
      assert.equal((await visitor.post("/.stanchion/main/ping")).text, '{"is":"inside"}');
    }
    await bench.pass(70_000);
    assert.equal((await visitor.post("/.stanchion/main/ping")).text, '{"is":"ended"}');
  });

  test("a browser without scripts leaves by a form, and is told so", async () => {
    const bench = roomBench(full);
    const visitor = bench.browser();
    await visitor.open("/tickets");
    const { text, status: code } = await visitor.open("/.stanchion/main/leave", {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin", "origin": site, "referer": `${site}/tickets` },
    });
    assert.equal(code, 200);
    assert.ok(text.includes("You have left the line") && text.includes(`href="${site}/tickets"`));
    assert.equal(visitor.jar.size, 0);
    assert.equal((await bench.store.status("stanchion:main"))?.present, 0);
  });

  test("who has nothing leaves as well", async () => {
    const bench = roomBench();
    assert.equal((await bench.browser().post("/.stanchion/main/leave")).text, '{"is":"left"}');
    assert.equal(bench.store.batches.filter(({ commands }) => commands.length > 0).length, 0);
  });
});

describe("the room at an address of its own", () => {
  const match = [{ path: "/checkout" }];
  const basket = { referer: `${site}/basket?a=1` };

  /** Where somebody is sent who asks by a script on a page that is free. */
  async function toldBy(answer: Promise<{ readonly text: string }>): Promise<string> {
    const { waitingRoom } = JSON.parse((await answer).text) as { readonly waitingRoom: string };
    assert.ok(waitingRoom.startsWith(site), waitingRoom);
    return waitingRoom.slice(site.length);
  }

  test("takes whom a free page asks for something protected, and leads back to that page", async () => {
    const bench = roomBench({ admitPerMinute: 2, match });
    const visitor = bench.browser();
    for (let count = 0; count < 3; count++) await bench.browser().open("/checkout");
    assert.equal((await visitor.open("/basket?a=1")).served, true);
    const place = await toldBy(visitor.post("/checkout", {}, basket));
    assert.equal(place, "/.stanchion/main/wait?page=%2Fbasket%3Fa%3D1");
    const waiting = await visitor.open(place);
    assert.equal(waiting.status, 503);
    assert.match(waiting.text, /data-part="?heading/);
    assert.ok(visitor.jar.has(cookie));
    for (let told = ""; !told.includes("admitted");) {
      await bench.pass(10_000);
      told = (await visitor.post("/.stanchion/main/check-in")).text;
    }
    const back = await visitor.open(place);
    assert.deepEqual([back.status, back.reason], [303, "waiting-room/wait"]);
    assert.equal(back.response.headers.get("location"), "/basket?a=1");
    assert.match(back.response.headers.get("cache-control") ?? "", /no-store/);
    assert.equal((await visitor.post("/checkout", {}, basket)).served, true);
  });

  test("lets in who can enter at once, and counts them", async () => {
    const bench = roomBench({ match });
    const visitor = bench.browser();
    assert.equal((await visitor.open("/.stanchion/main/wait?page=%2Fbasket")).status, 303);
    assert.equal((await visitor.post("/checkout")).served, true);
    assert.equal((await bench.store.status("stanchion:main"))?.sessions, 1);
  });

  test("leads to pages of the site alone", async () => {
    const bench = roomBench({ match });
    const visitor = bench.browser();
    const pages: readonly (readonly [page: string, location: string])[] = [
      ["//evil.example/a", "/"],
      ["/\\evil.example/a", "/"],
      ["/.//evil.example/a", "/evil.example/a"],
      ["https://evil.example/", "/"],
      ["javascript:alert(1)", "/"],
      [`${site}/a?b=c#d`, "/a?b=c"],
      ["/a\r\nset-cookie: a=b", "/"],
      ["", "/"],
      [`/${"a".repeat(5000)}`, "/"],
    ];
    for (const [page, location] of pages) {
      const { response } = await visitor.open(`/.stanchion/main/wait?${new URLSearchParams({ page })}`);
      assert.equal(response.headers.get("location"), location, page);
    }
    assert.equal((await visitor.open("/.stanchion/main/wait")).response.headers.get("location"), "/");
  });

  test("takes no number for prefetches, and shows a page where the room cannot be reached", async () => {
    const bench = roomBench({ ...full, match });
    await bench.browser({ "sec-purpose": "prefetch" }).open("/.stanchion/main/wait?page=%2Fbasket");
    assert.equal(bench.store.batches.filter(({ commands }) => commands.length > 0).length, 0);
    bench.store.fault = () => Promise.reject(new Error("away"));
    const lost = await bench.browser().open("/.stanchion/main/wait?page=%2Fbasket");
    assert.equal(lost.status, 503);
    assert.match(lost.response.headers.get("content-type") ?? "", /text\/html/);
    assert.equal((await bench.browser().post("/.stanchion/main/wait")).status, 405);
  });

  test("stays the page itself where its own data are asked for, and where it is the page of the script", async () => {
    const visitor = roomBench({ ...full, match }).browser();
    const script = { "sec-fetch-mode": "cors", "sec-fetch-site": "cross-site" };
    assert.equal(
      await toldBy(visitor.fetch("/checkout/__data.json?x-sveltekit-invalidated=1", { headers: basket })),
      "/checkout",
    );
    assert.equal(await toldBy(visitor.post("/checkout", {}, script)), "/checkout");
    assert.equal(await toldBy(visitor.post("/checkout", {}, { referer: `${site}/checkout` })), "/checkout");
  });

  test("is told to scripts of a site whose browsers tell no page, so that they can name it", async () => {
    const visitor = roomBench({ ...full, match }).browser();
    for (const method of ["GET", "POST"]) {
      const { text } = await visitor.fetch("/checkout?a=1", { method });
      const { waitingRoom, returnParameter } = JSON.parse(text) as Record<string, string>;
      assert.equal(waitingRoom, `${site}/.stanchion/main/wait?page=%2Fcheckout%3Fa%3D1`, method);
      assert.equal(returnParameter, "page");
    }
  });

  test("lets an app, which comes from no page, name the address at which it comes back", async () => {
    const bench = roomBench({ admitPerMinute: 2, match });
    for (let count = 0; count < 3; count++) await bench.browser().open("/checkout");
    const call = new Request(`${site}/checkout`, { headers: { accept: "application/json" } });
    const { text } = await bench.ask(call);
    const { waitingRoom = "", returnParameter = "" } = JSON.parse(text) as Record<string, string>;
    const room = new URL(waitingRoom);
    room.searchParams.set(returnParameter, `${site}/app/back`);
    const view = bench.browser();
    const open = () => view.open(room.pathname + room.search);
    assert.equal((await open()).status, 503);
    for (let told = ""; !told.includes("admitted");) {
      await bench.pass(10_000);
      told = (await view.post("/.stanchion/main/check-in")).text;
    }
    const back = await open();
    assert.deepEqual([back.status, back.response.headers.get("location")], [303, "/app/back"]);
  });

  test("tells its page to which one it leads, below a mounted path too", async () => {
    const visitor = roomBench({ ...full, match }).browser();
    for (const base of ["", "/shop"]) {
      const { text } = await visitor.open(`${base}/.stanchion/main/wait?page=%2Fbasket%3Fa%3D1`);
      assert.match(text, /"behind":"\/basket\?a=1"/, base);
    }
    assert.doesNotMatch((await visitor.open("/checkout")).text, /"behind"/);
  });

  test("names a page that begins with slashes as one of the site", async () => {
    const visitor = roomBench({ ...full, match }).browser();
    const referer = `${site}//evil.example/a`;
    const place = await toldBy(visitor.post("/checkout", {}, { referer }));
    assert.equal(place, "/.stanchion/main/wait?page=%2Fevil.example%2Fa");
  });

  test("lets in who need not wait, as in front of a page", async () => {
    const isStaff = ({ request }: { readonly request: Request }) => request.headers.has("x-staff");
    for (const [bypass, sessions] of [[isStaff, 0], [{ when: isStaff, counted: true }, 1]] as const) {
      const bench = roomBench({ ...full, match, bypass });
      const staff = await bench.browser({ "x-staff": "1" }).open("/.stanchion/main/wait?page=%2Fbasket");
      assert.deepEqual([staff.status, staff.reason], [303, "waiting-room/wait"]);
      assert.equal(staff.response.headers.get("location"), "/basket");
      assert.equal((await bench.store.status("stanchion:main"))?.sessions ?? 0, sessions);
      assert.equal((await bench.browser().open("/.stanchion/main/wait?page=%2Fbasket")).status, 503);
    }
  });

  test("leads on to itself where the room cannot be reached", async () => {
    const bench = roomBench({ ...full, match });
    bench.store.fault = () => Promise.reject(new Error("away"));
    const lost = await bench.browser().open("/.stanchion/main/wait?page=%2Fbasket", { headers: basket });
    assert.match(lost.text, /<a class="button" href="\/\.stanchion\/main\/wait\?page=%2Fbasket">/);
  });

  test("is named by the scheme of the page, which a server behind a proxy may not see", async () => {
    const room = waitingRoom({ ...full, match, warn() {} });
    const gate = createGate({ plugins: [failClosed(), room], onError: () => {} });
    const headers = { "sec-fetch-mode": "cors", referer: `${site}/basket` };
    const call = new Request(`${site.replace("https", "http")}/checkout`, { method: "POST", headers });
    const answer = await gate(call, () => new Response("the shop"));
    const { waitingRoom: told } = await answer.json() as { readonly waitingRoom: string };
    assert.equal(told, `${site}/.stanchion/main/wait?page=%2Fbasket`);
  });
});
