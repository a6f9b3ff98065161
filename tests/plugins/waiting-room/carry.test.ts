/** W31: a place goes along to another browser, by a link whose fragment carries it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import jsqr from "jsqr";
import { linkOf, readLink } from "../../../plugins/waiting-room/carry/link.ts";
import { qrCode } from "../../../plugins/waiting-room/page/carry/qr-code.ts";
import { type Answer, type Browser, type RoomBench, roomBench, site } from "./_room.ts";

const cookie = "__Host-stanchion-main";
const full = { admitPerMinute: 60, capacity: 0 };
const carry = "/.stanchion/main/carry";
const take = "/.stanchion/main/take";

function told(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.text) as Record<string, unknown>;
}

/** The link of whoever has a place. */
async function linkFrom(browser: Browser, page: string = `${site}/tickets?day=1#seats`): Promise<string> {
  const answer = await browser.post(carry, { page });
  assert.equal(answer.status, 200, answer.text);
  const { is, link } = told(answer);
  assert.equal(is, "carried");
  return String(link);
}

/** The form that a browser without scripts sends, and one with scripts, too. */
function sendForm(browser: Browser, path: string, fields: Record<string, string>): Promise<Answer> {
  return browser.open(path, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "sec-fetch-site": "same-origin", "origin": site, "referer": `${site}${carry}` },
  });
}

/** Which number the room knows somebody by. */
function numberOf(browser: Browser): string {
  const [, , epoch, number, tag] = (browser.jar.get(cookie) ?? "").split(".");
  return [epoch, number, tag].join(".");
}

async function waiting(bench: RoomBench): Promise<Browser> {
  const browser = bench.browser();
  await browser.open("/tickets");
  return browser;
}

describe("a link that takes a place along", () => {
  test("carries the place in its fragment alone, and names the page with its own fragment", async () => {
    const bench = roomBench(full);
    const phone = await waiting(bench);
    const link = new URL(await linkFrom(phone));
    assert.equal(link.origin + link.pathname + link.search, site + carry);
    assert.equal(link.hash, `#${phone.jar.get(cookie)}/tickets?day=1%23seats`);
  });

  test("gives another browser the same number, and the room one place", async () => {
    const bench = roomBench(full);
    const phone = await waiting(bench);
    const laptop = bench.browser();
    const answer = await sendForm(laptop, take, { ticket: await linkFrom(phone) });
    assert.deepEqual(
      [answer.status, answer.response.headers.get("location"), answer.reason],
      [303, `${site}/tickets?day=1#seats`, "waiting-room/take"],
    );
    assert.equal(numberOf(laptop), numberOf(phone));
    await laptop.open("/tickets");
    const status = await bench.store.status("stanchion:main");
    assert.deepEqual([status?.issued, status?.present], [1, 1]);
  });

  test("lets both in as one session", async () => {
    const bench = roomBench({ admitPerMinute: 60, capacity: 1 });
    const phone = await waiting(bench);
    assert.equal((await phone.open("/tickets")).reason, "waiting-room/pass");
    const laptop = bench.browser();
    await sendForm(laptop, take, { ticket: await linkFrom(phone) });
    assert.equal((await laptop.open("/tickets")).reason, "waiting-room/pass");
    assert.equal(numberOf(laptop), numberOf(phone));
    const status = await bench.store.status("stanchion:main");
    assert.deepEqual([status?.sessions, status?.admitted], [1, 1]);
  });

  test("takes no number when it is opened, and tells the server nothing", async () => {
    const bench = roomBench(full);
    const { status, text, response, reason } = await bench.browser().open(carry);
    assert.deepEqual([status, reason], [200, "waiting-room/carry"]);
    assert.match(text, /<form method="post" action="\/\.stanchion\/main\/take">/);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.match(
      response.headers.get("content-security-policy") ?? "",
      /^default-src 'none'; .*frame-ancestors/,
    );
    assert.deepEqual(response.headers.getSetCookie(), []);
    assert.equal(bench.store.batches.length, 0);
  });

  test("is a page with a code for a browser without scripts", async () => {
    const bench = roomBench(full);
    const phone = await waiting(bench);
    const { text, status } = await phone.open(carry, {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin", "referer": `${site}/tickets` },
    });
    assert.equal(status, 200);
    assert.match(text, /<svg [^>]*role="img" aria-label="QR code of the link"/);
    assert.ok(text.includes(`value="${site}${carry}#${phone.jar.get(cookie)}/tickets"`));
    assert.match(text, /href="https:\/\/shop\.example\.com\/tickets">Back/);
    assert.ok(!/style="|\son\w+=/.test(text), "it has nothing that the policy forbids");
  });

  test("is not given to whoever has no place", async () => {
    const bench = roomBench(full);
    assert.deepEqual(told(await bench.browser().post(carry)), { is: "unknown" });
    const page = await sendForm(bench.browser(), carry, {});
    assert.ok(page.text.includes("You have no place that could be taken along"));
  });
});

describe("a place that is taken over", () => {
  test("replaces a better one only where the visitor is sure", async () => {
    const bench = roomBench(full);
    const [laptop, phone] = [await waiting(bench), await waiting(bench)];
    const [better, worse] = [numberOf(laptop), numberOf(phone)];
    const ticket = await linkFrom(phone);
    assert.equal(told(await laptop.post(take, { ticket })).is, "asks");
    const question = await sendForm(laptop, take, { ticket });
    assert.equal(question.status, 200);
    assert.ok(question.text.includes("You have a better place here"), question.text);
    assert.match(question.text, /name="sure" value="1"/);
    assert.equal(numberOf(laptop), better);
    assert.equal((await sendForm(laptop, take, { ticket, sure: "1" })).status, 303);
    assert.equal(numberOf(laptop), worse);
  });

  test("is not there before the visitor is sure, however old the tickets are that are compared", async () => {
    const bench = roomBench({ admitPerMinute: 0 });
    const all = [];
    for (let at = 0; at < 40; at++) all.push(await waiting(bench));
    const [laptop, phone] = all.slice(-2);
    assert.ok(laptop && phone);
    const [better, ticket] = [laptop.jar.get(cookie), await linkFrom(phone)];
    // Whoever comes again by then has the ticket kept for longer.
    bench.clock.now += 7_200_000;
    const question = await laptop.post(take, { ticket });
    assert.equal(told(question).is, "asks");
    assert.deepEqual(question.response.headers.getSetCookie(), []);
    assert.equal(laptop.jar.get(cookie), better);
  });

  test("replaces a worse one", async () => {
    const bench = roomBench(full);
    const [phone, laptop] = [await waiting(bench), await waiting(bench)];
    assert.deepEqual(told(await laptop.post(take, { ticket: await linkFrom(phone) })), {
      is: "taken",
      page: `${site}/tickets?day=1#seats`,
    });
    assert.equal(numberOf(laptop), numberOf(phone));
  });

  test("asks somebody who is inside", async () => {
    const bench = roomBench({ admitPerMinute: 60, burstSeconds: 0 });
    const inside = bench.browser();
    await inside.open("/");
    assert.equal((await inside.open("/")).reason, "waiting-room/pass");
    const all = Array.from({ length: 6 }, () => bench.browser());
    const found = await Promise.all(all.map((each) => each.open("/")));
    const outside = all[found.findIndex(({ status }) => status === 503)];
    assert.ok(outside);
    const answer = told(await inside.post(take, { ticket: await linkFrom(outside) }));
    assert.deepEqual([answer.is, answer.own], ["asks", "inside"]);
    assert.equal((await inside.open("/")).reason, "waiting-room/pass");
  });

  test("goes on at once where it is the visitor's own", async () => {
    const bench = roomBench(full);
    const phone = await waiting(bench);
    const before = phone.jar.get(cookie);
    assert.equal(told(await phone.post(take, { ticket: await linkFrom(phone) })).is, "taken");
    assert.equal(phone.jar.get(cookie), before);
  });

  test("keeps the pass of whoever was let in since, and brings the other one in", async () => {
    const bench = roomBench({ admitPerMinute: 60, burstSeconds: 0 });
    const all = await Promise.all(Array.from({ length: 5 }, () => waiting(bench)));
    const phone = all.find(({ jar }) => jar.get(cookie)?.split(".")[1] === "t");
    assert.ok(phone);
    const old = await linkFrom(phone);
    await bench.pass(20_000);
    assert.equal((await phone.open("/tickets")).reason, "waiting-room/admitted");
    await phone.open("/tickets");
    const pass = phone.jar.get(cookie);
    const admitted = (await bench.store.status("stanchion:main"))?.admitted;
    assert.equal(told(await phone.post(take, { ticket: old })).is, "taken");
    assert.equal(phone.jar.get(cookie), pass);
    const laptop = bench.browser();
    assert.equal(told(await laptop.post(take, { ticket: old })).is, "taken");
    assert.equal((await laptop.open("/tickets")).reason, "waiting-room/pass");
    assert.equal((await bench.store.status("stanchion:main"))?.admitted, admitted);
  });

  test("is refused where it was used, and changes nothing", async () => {
    const bench = roomBench({ admitPerMinute: 60, sessionMinutes: 1 });
    const phone = await waiting(bench);
    await phone.open("/tickets");
    const link = await linkFrom(phone);
    await phone.post("/.stanchion/main/leave");
    await bench.pass(200_000);
    const laptop = bench.browser();
    const answer = await sendForm(laptop, take, { ticket: link });
    assert.deepEqual([answer.status, laptop.jar.size], [200, 0]);
    assert.ok(answer.text.includes("This link is not good here"));
  });

  test("belongs to one account where places are bound, or known by accounts", async () => {
    const user = (ctx: { readonly request: Request }) => ctx.request.headers.get("x-user") ?? "";
    for (const [options, others] of [[{ bind: user }, ["bob", ""]], [{ identify: user }, ["bob"]]] as const) {
      const bench = roomBench({ ...full, ...options });
      const phone = bench.browser({ "x-user": "ann" });
      await phone.open("/tickets");
      const ticket = await linkFrom(phone);
      for (const other of others) {
        const stranger = bench.browser({ "x-user": other });
        assert.deepEqual(told(await stranger.post(take, { ticket })), { is: "unknown" });
        assert.equal(stranger.jar.size, 0);
      }
      const laptop = bench.browser({ "x-user": "ann" });
      assert.equal(told(await laptop.post(take, { ticket })).is, "taken");
      assert.equal(numberOf(laptop), numberOf(phone));
    }
  });

  test("waits while the room cannot be reached", async () => {
    const bench = roomBench(full);
    const phone = await waiting(bench);
    const ticket = await linkFrom(phone);
    await bench.pass(30_000);
    bench.store.fault = () => Promise.reject(new Error("gone"));
    const laptop = bench.browser();
    const answer = await laptop.post(take, { ticket });
    assert.deepEqual([answer.status, laptop.jar.size], [503, 0]);
  });
});

describe("attacks on a place that goes along", () => {
  const foreign: readonly Record<string, string>[] = [
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { "sec-fetch-site": "same-site", origin: "https://blog.example.com" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "", origin: "https://evil.example" },
    { "sec-fetch-site": "", origin: "null" },
  ];
  for (const headers of foreign) {
    test(`another site can neither read nor set a place: ${JSON.stringify(headers)}`, async () => {
      const bench = roomBench(full);
      const [victim, attacker] = [await waiting(bench), await waiting(bench)];
      const ticket = await linkFrom(attacker);
      const before = victim.jar.get(cookie);
      for (const [path, body] of [[take, { ticket, sure: true }], [carry, {}]] as const) {
        const { status, response } = await victim.post(path, body, headers);
        assert.equal(status, 403);
        assert.deepEqual(response.headers.getSetCookie(), []);
      }
      assert.equal(victim.jar.get(cookie), before);
    });
  }

  const forged: readonly [what: string, of: (ticket: string) => string][] = [
    ["nothing", () => ""],
    ["no ticket", () => "x"],
    ["a ticket without its end", (ticket) => ticket.slice(0, -1)],
    ["another number", (ticket) => ticket.replace(/\.t\.(\w+)\.(\w+)\./, ".t.$1.1v.")],
    ["a pass made of a ticket", (ticket) => ticket.replace(".t.", ".p.")],
    ["two tickets", (ticket) => `${ticket},${ticket}`],
    ["a line break", (ticket) => `${ticket}\r\nset-cookie: a=b`],
    ["a thousand tickets", (ticket) => ticket.repeat(1000)],
    ["more than is read", (ticket) => ticket + "/".repeat(70_000)],
    ["markup", () => '"><script>alert(1)</script>'],
  ];
  for (const [what, of] of forged) {
    test(`${what} is unknown, and changes nothing`, async () => {
      const bench = roomBench(full);
      const ticket = (await waiting(bench)).jar.get(cookie) ?? "";
      const visitor = bench.browser();
      assert.deepEqual(told(await visitor.post(take, { ticket: of(ticket) })), { is: "unknown" });
      const page = await sendForm(visitor, take, { ticket: of(ticket) });
      assert.ok(page.text.includes("This link is not good here"));
      assert.ok(!page.text.includes("<script>alert"));
      assert.equal(visitor.jar.size, 0);
      assert.deepEqual(bench.errors, []);
    });
  }

  test("what is no message at all is unknown", async () => {
    const bench = roomBench(full);
    for (const body of ["", "{", "null", "[]", '{"ticket":{}}', '{"ticket":["a"]}', '"x"']) {
      const headers = { "sec-fetch-site": "same-origin", "content-type": "application/json" };
      const answer = await bench.browser().fetch(take, { method: "POST", body, headers });
      assert.deepEqual([answer.status, told(answer)], [200, { is: "unknown" }], body);
    }
  });

  test("a place of one room is none of another, nor that of a stage", async () => {
    const rooms = [
      { name: "main", match: { path: "/tickets" }, ...full },
      { name: "checkout", match: { path: "/checkout" }, ...full },
    ];
    const bench = roomBench({ rooms });
    const ticket = await linkFrom(await waiting(bench));
    const visitor = bench.browser();
    assert.deepEqual(told(await visitor.post("/.stanchion/checkout/take", { ticket })), { is: "unknown" });
    const stage = roomBench({ rooms, prefix: "stage" });
    assert.deepEqual(told(await stage.browser().post(take, { ticket })), { is: "unknown" });
  });

  test("a link that is taken a hundred times is one place", async () => {
    const bench = roomBench({ admitPerMinute: 60, capacity: 1 });
    const phone = await waiting(bench);
    await phone.open("/tickets");
    const ticket = await linkFrom(phone);
    const all = Array.from({ length: 100 }, () => bench.browser());
    await Promise.all(all.map((each) => each.post(take, { ticket })));
    for (const each of all) assert.equal((await each.open("/tickets")).reason, "waiting-room/pass");
    const status = await bench.store.status("stanchion:main");
    assert.deepEqual([status?.sessions, status?.admitted, status?.issued], [1, 1, 1]);
  });

  const pages: readonly [told: string, page: string][] = [
    ["//evil.example/x", `${site}/`],
    ["/\\evil.example/x", `${site}/`],
    ["https://evil.example/x", `${site}/`],
    ["javascript:alert(1)", `${site}/`],
    ["/.//evil.example", `${site}/`],
    ["/tickets?a=%23b&c=%2523#d", `${site}/tickets?a=%23b&c=%2523#d`],
    ["/%E2%82%AC#/route/2", `${site}/%E2%82%AC#/route/2`],
    [`/${"a".repeat(400)}`, `${site}/`],
    [`/tickets?${"a".repeat(400)}`, `${site}/tickets`],
    ["/.stanchion/main/wait?page=%2Fbasket%3Fa%3D1", `${site}/.stanchion/main/wait?page=%2Fbasket%3Fa%3D1`],
    [
      `/.stanchion/main/wait?page=%2Fbasket%3F${"a".repeat(400)}`,
      `${site}/.stanchion/main/wait?page=%2Fbasket`,
    ],
    [`/.stanchion/main/wait?page=%2F${"a".repeat(400)}`, `${site}/.stanchion/main/wait`],
    [
      `/.stanchion/main/wait?page=https%3A%2F%2Fevil.example%2F${"a".repeat(400)}`,
      `${site}/.stanchion/main/wait`,
    ],
  ];
  for (const [page, expected] of pages) {
    test(`a link leads to pages of the site alone: ${page.slice(0, 40)}`, () => {
      const link = linkOf(site + carry, "abcd.t.1.1", page);
      assert.equal(readLink(link, site + take)?.text, "abcd.t.1.1");
      assert.equal(readLink(link, site + take)?.page, expected);
      const forged = readLink(`abcd.t.1.1${page}`, site + take);
      assert.ok(forged === undefined || forged.page.startsWith(`${site}/`));
    });
  }
});

// Its types look for the function in a member of the package; each runtime hands out the function itself.
const readCode = jsqr as unknown as typeof jsqr.default;

/** The picture as a camera sees it: each module four dots wide. */
function dotsOf(svg: string): { readonly data: Uint8ClampedArray; readonly side: number } {
  const side = 4 * Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
    for (let row = 4 * Number(y); row < 4 * Number(y) + 4; row++) {
      for (let dot = 4 * Number(x); dot < 4 * (Number(x) + Number(width)); dot++) {
        data.fill(0, 4 * (row * side + dot), 4 * (row * side + dot) + 3);
      }
    }
  }
  return { data, side };
}

for (
  const text of [
    `${site}${carry}#x`,
    `${site}${carry}#${"aB.3_-".repeat(33)}/tickets?x=%25C3%23${"b".repeat(280)}`,
  ]
) {
  test(`qrCode() draws ${text.length} characters as a camera reads them, and nothing else than a picture`, () => {
    const svg = qrCode(text, "a code");
    assert.match(svg, /^<svg [^<]*><path fill="#fff" [^<]*\/><path fill="#000" d="[Mhvz\d -]+"\/><\/svg>$/);
    assert.ok(svg.length < 60_000, String(svg.length));
    const { data, side } = dotsOf(svg);
    assert.equal(readCode(data, side, side)?.data, text);
  });
}
