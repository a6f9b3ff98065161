import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { DEMO_CUSTOMER_ID, DEMO_SECRET_KEY, type QueueItRoomOptions } from "../../sandbox/mod.ts";
import { createSigner } from "../../sandbox/queue-it/token.ts";
import { ADDRESS, fieldsOf, queueBench, queuePath, TARGET } from "./_queue-it.ts";

const json = { accept: "application/json" };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function hmac(text: string): string {
  return createHmac("sha256", DEMO_SECRET_KEY).update(text).digest("hex");
}

test("createSigner() gives the specification's check values", () => {
  const { hmac } = createSigner("528f01d4-30f9-4753-95b3-2c8c33966abc");
  const message =
    "ts_1480593661~cv_10~ce_false~q_944c1f44-60dd-4e37-aabc-f3e4bb1c8895~c_customerid~e_eventid~rt_disabled";
  assert.equal(hmac(message), "286a17fb82009d8556465b2f0880a8e5e9565b42490669f4b8f1b93b7d6ddd51");
  assert.equal(hmac(""), "eea56ce827b37369656f502c5a418cce5959d078ef2993589274ed7b26828d8b");
});

test("the queue page returns a visitor to the target with a signed token", async () => {
  const b = queueBench();
  const { status, location, token } = await b.browser().queue();
  assert.equal(status, 302);
  assert.equal(location, TARGET.replace("#top", `&queueittoken=${token}#top`));
  const [, unsigned = "", hash] = /^(.*)~h_([0-9a-f]{64})$/.exec(token ?? "") ?? [];
  assert.equal(hash, hmac(unsigned));
  const fields = fieldsOf(token);
  assert.match(fields["q"] ?? "", UUID);
  const { e, ts, ce, rt } = fields;
  assert.deepEqual([e, ce, rt], ["gala", "true", "queue"]);
  assert.equal(Number(ts), b.now() / 1000 + 240);
  assert.deepEqual(Object.keys(fields), ["e", "q", "ts", "ce", "rt", "h"]);
});

test("the token says when it is fixed, when it runs out, and whom it is bound to", async () => {
  const b = queueBench({ fixedCookieMinutes: 3, tokenSeconds: 9, bindAddress: true });
  const { token } = await b.browser(`::ffff:${ADDRESS}`).queue();
  const fields = fieldsOf(token);
  assert.deepEqual([fields["ce"], fields["cv"], fields["hip"]], ["false", "3", hmac(ADDRESS)]);
  assert.equal(Number(fields["ts"]), b.now() / 1000 + 9);
  assert.equal(fieldsOf((await b.browser().queue()).token)["hip"], undefined, "nobody knows the address");
});

test("a token that the target carries is replaced", async () => {
  const t = "https://shop.example.com/?QueueItToken=old&x=1&queueittoken=older";
  const { location, token } = await queueBench().browser().queue({ t });
  assert.equal(location, `https://shop.example.com/?x=1&queueittoken=${token}`);
});

test("the queue page holds visitors in line and keeps their place by a cookie", async () => {
  const b = queueBench({ capacity: 1 });
  const [first, second, third] = [b.browser(), b.browser(), b.browser()];
  assert.equal((await first.queue()).status, 302);
  const page = await second.queue();
  assert.equal(page.status, 200);
  assert.match(page.text, /<title>1 · The gala<\/title>/);
  assert.match(page.headers.get("set-cookie") ?? "", /; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  assert.match((await third.queue()).text, /data-text="position">2<\/p>/);
  assert.match((await second.queue()).text, /data-text="position">1<\/p>/);
  assert.equal(b.sandbox.state.queueIt.rooms[0]?.waiting, 2);
  b.sandbox.queueIt.updateRoom("gala", { capacity: 2 });
  b.pass(1);
  assert.equal((await third.queue()).status, 200);
  const [id] = second.cookies.values();
  const passed = await second.queue();
  assert.equal(fieldsOf(passed.token)["q"], id);
  assert.equal(fieldsOf((await second.queue()).token)["q"], id, "the same queue id again");
});

test("the page's script gets the view, and the address to leave by", async () => {
  const b = queueBench({ capacity: 0, crowd: 4 });
  const browser = b.browser();
  const { text } = await browser.queue();
  const [, refresh = ""] = /<meta http-equiv="refresh" content="5; url=([^"]+)">/.exec(text) ?? [];
  const view = JSON.parse((await browser.queue({}, json)).text);
  assert.deepEqual([view.situation, view.position], ["full", "5"]);
  assert.match((await browser.open(refresh.replaceAll("&amp;", "&"))).text, /data-text="position">5<\/p>/);
  assert.equal(b.sandbox.promote(browser.cookies.values().next().value), 1);
  const ready = JSON.parse((await browser.queue({}, json)).text);
  assert.match(ready.location, /^https:\/\/shop\.example\.com\/tickets\?a=1&b=%20&queueittoken=e_gala~/);
});

test("a browser that keeps no cookies is told so, and does not fill the line", async () => {
  const b = queueBench({ capacity: 0 });
  const browser = b.browser(undefined, false);
  await browser.queue();
  const moved = JSON.parse((await browser.queue({}, json)).text);
  const { status, text } = await browser.open(moved.location);
  assert.equal(status, 400);
  assert.match(text, /<h1>Your place cannot be kept<\/h1>/);
  assert.ok(!/href="[^"]*kept=/.test(text));
  assert.equal(b.sandbox.state.queueIt.rooms[0]?.waiting, 1);
});

test("POST /sandbox/promote lets everybody in", async () => {
  const b = queueBench({ capacity: 0 });
  const browsers = [b.browser(), b.browser()];
  for (const each of browsers) await each.queue();
  assert.deepEqual((await b.send("POST", "/sandbox/promote")).json, { promoted: 2 });
  for (const each of browsers) assert.equal((await each.queue()).status, 302);
});

const phases: readonly [Partial<QueueItRoomOptions>, string | number, string][] = [
  [{ phase: "idle" }, 302, "idle"],
  [{ phase: "disabled" }, 302, "disabled"],
  [{ phase: "afterevent" }, 302, "afterevent"],
  [{ phase: "safetynet" }, 302, "safetynet"],
  [{ phase: "safetynet", capacity: 0 }, 200, "You are in line"],
  [{ phase: "before" }, 200, "Not open yet"],
  [{ phase: "after" }, 200, "This is over"],
  [{ activeFrom: "2030-01-15T12:00:01Z" }, 200, "Not open yet"],
  [{ activeFrom: "2030-01-15T12:00:00Z" }, 302, "queue"],
  [{ opensAt: "2030-01-15T12:10:00Z" }, 200, "The doors open soon"],
  [{ activeUntil: "2030-01-15T12:00:00Z" }, 200, "This is over"],
  [{ ratePerMinute: 0, crowd: 1 }, 200, "The line is paused"],
];
for (const [room, status, words] of phases) {
  test(`a room with ${JSON.stringify(room)} answers ${status} "${words}"`, async () => {
    const b = queueBench(room);
    const page = await b.browser().queue();
    assert.equal(page.status, status);
    if (status === 302) assert.equal(fieldsOf(page.token)["rt"], words);
    else assert.match(page.text, new RegExp(`<h1[^>]*>${words}</h1>`));
  });
}

test("whoever waited for a safety net has a token of the type queue", async () => {
  const b = queueBench({ phase: "safetynet", capacity: 0 });
  const browser = b.browser();
  await browser.queue();
  b.sandbox.promote();
  assert.equal(fieldsOf((await browser.queue()).token)["rt"], "queue");
});

test("a room that is not open yet says when it opens, unless that is days away", async () => {
  const soon = await queueBench({ activeFrom: "2030-01-15T12:10:00Z" }).browser().queue({ cid: "fr" });
  assert.match(soon.text, /Ouverture dans environ 10 minutes\./);
  const far = await queueBench({ activeFrom: "2031-01-15T12:10:00Z" }).browser().queue();
  assert.ok(!far.text.includes("Opens in"));
});

test("a closed room gives nobody a place", async () => {
  const b = queueBench({ phase: "before" });
  const browser = b.browser();
  const { text } = await browser.queue();
  assert.equal(browser.cookies.size, 0);
  assert.match(text, /<a class="button" href="\/\?c=stanchiondemo&amp;e=gala&amp;/);
  assert.equal((await browser.queue({}, json)).status, 200);
  b.sandbox.queueIt.updateRoom("gala", { phase: "queue" });
  assert.equal((await browser.queue()).status, 302);
});

test("a waiting page reloads when its room closes", async () => {
  const b = queueBench({ capacity: 0 });
  const browser = b.browser();
  await browser.queue();
  b.sandbox.queueIt.updateRoom("gala", { phase: "after" });
  assert.equal((await browser.queue({}, json)).status, 404);
});

const foreign = [
  "https://evil.example/",
  "//evil.example/",
  "/\\evil.example",
  "javascript:alert(1)",
  "data:text/html,x",
  "http://shop.example.com/",
  "https://shop.example.com@evil.example/",
  "https://user:pw@shop.example.com/",
  "https://shop.example.com.evil.example/",
  "https://shop.example.com:444/",
  "https:evil.example",
  "not a url",
  "x".repeat(9000),
];
test("the queue page never leads to a foreign site", async () => {
  const b = queueBench({ phase: "disabled" });
  for (const t of foreign) {
    const { status, location, text } = await b.browser().queue({ t });
    assert.deepEqual([status, location], [400, ""], t.slice(0, 60));
    assert.match(text, /<h1>We cannot tell where you were going<\/h1>/);
  }
});

test("a backslash in the target does not leave its host", async () => {
  const t = "https://shop.example.com\\@evil.example/";
  const { location } = await queueBench().browser().queue({ t });
  assert.equal(new URL(location).host, "shop.example.com");
});

test("cancel never leads to a foreign site", async () => {
  const b = queueBench();
  for (const r of foreign) {
    for (
      const path of [`/cancel/${DEMO_CUSTOMER_ID}/gala?`, `/cancel/multiple/${DEMO_CUSTOMER_ID}?wrl=gala&`]
    ) {
      const { status, location, text } = await b.browser().open(path + new URLSearchParams({ r }));
      assert.deepEqual([status, location], [200, ""], r.slice(0, 60));
      assert.ok(!text.includes("evil.example"), r);
    }
  }
});

test("return origins are accepted, and win over the scheme of the target", async () => {
  const b = queueBench({ domains: ["https://localhost:8080"], ratePerMinute: 6000 }, {}, {
    returnOrigins: ["http://localhost:8080"],
  });
  for (const t of ["https://localhost:8080/a?b", "http://localhost:8080/a?b", undefined, ""]) {
    const { location } = await b.browser().queue({ t });
    assert.match(
      location,
      t ? /^http:\/\/localhost:8080\/a\?b&queueittoken=/ : /^http:\/\/localhost:8080\/\?queue/,
    );
  }
});

test("several rooms and path prefixes have lines of their own", async () => {
  const rooms = [
    { eventId: "gala", domains: ["https://shop.example.com"], capacity: 0 },
    { eventId: "film", domains: ["https://*.example.com"], pathPrefix: "tickets/queue" },
  ];
  const b = queueBench({}, { rooms });
  const browser = b.browser();
  assert.equal((await browser.queue()).status, 200);
  assert.equal((await browser.queue({ e: "film" })).status, 404, "not without its prefix");
  const film = queuePath({ e: "film" });
  const { token } = await browser.open(`/tickets/queue${film}`);
  assert.equal(fieldsOf(token)["e"], "film");
  assert.equal(
    (await browser.open(`/tickets/queue${queuePath()}`)).status,
    404,
    "not under another's prefix",
  );
  b.sandbox.queueIt.updateRoom("film", { capacity: 0 });
  const { text } = await b.browser().open(`/tickets/queue${film}`);
  assert.match(text, /url=\/tickets\/queue\/\?c=/);
  const { text: refused } = await browser.open(`/tickets/queue/error/hash/?c=${DEMO_CUSTOMER_ID}&e=film`);
  assert.match(refused, /href="\/tickets\/queue\/\?c=stanchiondemo&amp;e=film"/);
});

test("the parameter cid chooses the language, and the browser's is used for others", async () => {
  const b = queueBench({ capacity: 0 });
  const table: readonly [string | undefined, string, string][] = [
    ["fr-FR", "en", "fr"],
    ["IT", "en", "it"],
    ["da-DK", "it", "it"],
    [undefined, "fr-CH", "fr"],
  ];
  for (const [cid, accepted, language] of table) {
    const { text } = await b.browser().queue({ cid }, { "accept-language": accepted });
    assert.ok(text.includes(`<html lang="${language}">`), `${cid} ${accepted}`);
  }
});

test("what the address says is escaped on every page", async () => {
  const b = queueBench({ capacity: 0, title: "<b>Gala</b>", message: "<i>hello</i>" });
  const evil = `"><script>alert(1)</script>`;
  const query = new URLSearchParams({
    c: DEMO_CUSTOMER_ID,
    e: "gala",
    man: evil,
    ver: evil,
    icr: evil,
    cver: evil,
    t: `https://shop.example.com/?${evil}`,
    queueittoken: `e_${evil}~h_1`,
  });
  for (
    const path of [
      queuePath({ man: evil, l: evil, t: `https://shop.example.com/?${evil}` }),
      `/error/hash/?${query}`,
      `/error/${encodeURIComponent(evil)}/?${query}`,
      `/cancel/${DEMO_CUSTOMER_ID}/gala/${encodeURIComponent(evil)}?${query}`,
      `/diagnostics/connector/error/?code=${encodeURIComponent(evil)}`,
    ]
  ) {
    const { text, headers } = await b.browser().open(path);
    assert.ok(!text.includes("<script>alert") && !text.includes("<b>Gala") && !text.includes("<i>"), path);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
  }
});

test("addresses of unknown customers, rooms and pages get a page that says so", async () => {
  const table: readonly [string, string][] = [
    [queuePath({ c: "other" }), "This waiting room is not known here"],
    [queuePath({ c: undefined }), "This waiting room is not known here"],
    [queuePath({ e: "GALA" }), "There is no such waiting room"],
    [queuePath({ e: undefined }), "There is no such waiting room"],
    ["/cancel/other/gala", "This waiting room is not known here"],
    [`/cancel/${DEMO_CUSTOMER_ID}/none`, "There is no such waiting room"],
    [`/cancel/multiple/${DEMO_CUSTOMER_ID}`, "There is no such waiting room"],
    [`/error/hash/?c=${DEMO_CUSTOMER_ID}`, "There is no such waiting room"],
    ["/error/hash/?e=gala", "This waiting room is not known here"],
    ["/other/diagnostics/connector/error/?code=hash", "This waiting room is not known here"],
  ];
  const browser = queueBench().browser();
  for (const [path, heading] of table) {
    const { status, text } = await browser.open(path);
    assert.equal(status, 404, path);
    assert.ok(text.includes(`<h1>${heading}</h1>`), path);
  }
});
