import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO_CUSTOMER_ID } from "../../sandbox/mod.ts";
import { ADDRESS, fieldsOf, queueBench, queuePath, TARGET } from "./_queue-it.ts";

const refusals: readonly [string, number, string][] = [
  ["hash", 200, "Your pass could not be read"],
  ["eventid", 200, "Your pass is for another event"],
  ["timestamp", 200, "Your pass has run out"],
  ["ip", 200, "Your network has changed"],
  ["qidlimit", 200, "Your pass has been used up"],
  ["connector/sessionstate", 200, "Your network has changed"],
  ["nonsense", 404, "Something went wrong"],
];
for (const [code, status, heading] of refusals) {
  test(`error/${code}/ says what is wrong and offers to queue again`, async () => {
    const b = queueBench();
    const token = b.sandbox.queueIt.issueToken("gala", { expiresInSeconds: -5 });
    const query = new URLSearchParams({
      c: DEMO_CUSTOMER_ID,
      e: "gala",
      ver: "javascript-5.0.1",
      cver: "3",
      man: "Gala & co",
      icr: "ip,cip:31,hip:32",
      queueittoken: token,
      ts: "1894708800",
      t: TARGET,
    });
    const browser = b.browser();
    const page = await browser.open(`/error/${code}/?${query}`);
    assert.equal(page.status, status);
    assert.ok(page.text.includes(`<h1>${heading}</h1>`));
    assert.match(page.text, /valid with the sandbox’s secret key/);
    assert.match(page.text, /ran out 5 s ago/);
    const [, href = ""] = /<a class="button" href="([^"]+)">Queue again<\/a>/.exec(page.text) ?? [];
    const again = await browser.open(href.replaceAll("&amp;", "&"));
    assert.equal(again.status, 302);
    assert.ok(again.location.startsWith("https://shop.example.com/tickets?a=1&b=%20&queueittoken=e_gala"));
  });
}

test("the error page is in the visitor's language", async () => {
  const path = `/error/hash/?c=${DEMO_CUSTOMER_ID}&e=gala`;
  const browser = queueBench().browser();
  assert.match((await browser.open(`${path}&cid=fr-FR`)).text, /Votre laissez-passer est illisible/);
  const { text } = await browser.open(path, { "accept-language": "it" });
  assert.match(text, /<html lang="it">[\s\S]*non è leggibile[\s\S]*Rimettiti in coda/);
});

for (const shape of ["single", "multiple"] as const) {
  test(`cancel gives up the place in line, ${shape}`, async () => {
    const b = queueBench({ capacity: 0 });
    const [leaver, stayer] = [b.browser(), b.browser()];
    await leaver.queue();
    await stayer.queue();
    const [id = ""] = leaver.cookies.values();
    const r = new URLSearchParams({ r: "https://shop.example.com/bye?x=%20" });
    const path = shape === "single"
      ? `/cancel/${DEMO_CUSTOMER_ID}/gala/${id}?c=${DEMO_CUSTOMER_ID}&e=gala&${r}`
      : `/cancel/multiple/${DEMO_CUSTOMER_ID}?wrl=none_gala~${id}&${r}`;
    const { status, location } = await leaver.open(path);
    assert.deepEqual([status, location], [302, "https://shop.example.com/bye?x=%20"]);
    assert.equal(leaver.cookies.size, 0);
    assert.match((await stayer.queue()).text, /data-text="position">1<\/p>/);
    assert.equal(b.sandbox.state.queueIt.visitors, 1);
  });
}

test("cancel without r shows a page, uses the cookie, and frees a place on the site", async () => {
  const b = queueBench({ capacity: 1 });
  const [first, second] = [b.browser(), b.browser()];
  const token = fieldsOf((await first.queue()).token);
  assert.equal((await second.queue()).status, 200);
  const { text, status } = await first.open(`/cancel/${DEMO_CUSTOMER_ID}/gala`);
  assert.equal(status, 200);
  assert.match(text, /<h1>Your place has been given up<\/h1>/);
  assert.match(text, /href="https:\/\/shop\.example\.com\/">Go to shop\.example\.com</);
  b.pass(1);
  assert.equal((await second.queue()).status, 302);
  const back = await first.queue();
  assert.equal(back.status, 200, "the first has to queue again");
  assert.notEqual([...first.cookies.values()][0], token["q"]);
});

test("cancel with a hostile list does no harm", async () => {
  const b = queueBench();
  const lists = [
    "~~~",
    "gala~~~_gala",
    "_".repeat(5000),
    "gala~" + "x".repeat(5000),
    "constructor",
    "__proto__",
  ];
  for (const wrl of lists) {
    const path = `/cancel/multiple/${DEMO_CUSTOMER_ID}?${new URLSearchParams({ wrl })}`;
    const { status } = await b.browser().open(path);
    assert.equal(status, wrl.startsWith("gala") ? 200 : 404, wrl.slice(0, 20));
  }
});

test("the diagnostics error page names the reason", async () => {
  const browser = queueBench().browser();
  const table: readonly [string, number][] = [["setup", 200], ["hash", 200], ["timestamp", 200], [
    "__proto__",
    404,
  ]];
  for (const [code, status] of table) {
    for (const base of ["", `/${DEMO_CUSTOMER_ID}`]) {
      const page = await browser.open(`${base}/diagnostics/connector/error/?code=${code}`);
      assert.equal(page.status, status, code);
      assert.match(page.text, /<h1>Diagnostics could not start<\/h1>/);
    }
  }
});

test("issueToken() makes tokens of any kind", async () => {
  const b = queueBench();
  const options = { redirectType: "debug", queueId: "abc", expiresInSeconds: -1, address: ADDRESS };
  const { json } = await b.send("POST", "/sandbox/queue-it/tokens", { eventId: "gala", ...options });
  assert.equal(json.queueittoken, b.sandbox.queueIt.issueToken("gala", options));
  const fields = fieldsOf(json.queueittoken);
  assert.deepEqual([fields["q"], fields["rt"], Number(fields["ts"])], ["abc", "debug", b.now() / 1000 - 1]);
  assert.match(fields["hip"] ?? "", /^[0-9a-f]{64}$/);
  assert.throws(() => b.sandbox.queueIt.issueToken("none"), {
    name: "RangeError",
    message: /no event "none"/,
  });
  for (
    const wrong of [{ eventId: "gala", queueId: "a~b" }, { eventId: "gala", redirectType: "a_b" }, {}, "x"]
  ) {
    assert.equal(
      (await b.send("POST", "/sandbox/queue-it/tokens", wrong)).status,
      400,
      JSON.stringify(wrong),
    );
  }
  assert.equal((await b.send("POST", "/sandbox/queue-it/tokens", { eventId: "none" })).status, 404);
});

test("POST /sandbox/queue-it/rooms/:eventId changes a room", async () => {
  const b = queueBench();
  const change = { capacity: 0, ratePerMinute: 0.5, crowd: 2, phase: "safetynet", message: "Soon" };
  const { json } = await b.send("POST", "/sandbox/queue-it/rooms/gala", change);
  assert.deepEqual(
    [json.capacity, json.ratePerMinute, json.crowd, json.phase],
    [0, 0.5, 2, "safetynet"],
  );
  assert.match((await b.browser().queue()).text, /data-text="message">Soon</);
  for (const wrong of [{ capacity: -1 }, { phase: "open" }, { eventId: "x" }, 5, undefined]) {
    assert.equal(
      (await b.send("POST", "/sandbox/queue-it/rooms/gala", wrong)).status,
      400,
      JSON.stringify(wrong),
    );
  }
  assert.equal((await b.send("POST", "/sandbox/queue-it/rooms/none", {})).status, 404);
});

test("queue ids, uses and lines are bounded", async () => {
  const b = queueBench({ capacity: 0 }, {}, { maxVisitors: 5 });
  for (let i = 0; i < 20; i++) await b.browser().queue();
  for (let i = 0; i < 20; i++) {
    await b.send("POST", `/api/verifyaction/${DEMO_CUSTOMER_ID}`, {
      waitingRoomId: "gala",
      queueId: `id${i}`,
    });
  }
  const { visitors, rooms, uses } = b.sandbox.state.queueIt;
  assert.deepEqual([visitors, rooms[0]?.waiting, Object.keys(uses).length], [5, 5, 5]);
});

test("arrivals at the queue are among the calls, polls are not", async () => {
  const b = queueBench({ capacity: 0 });
  const browser = b.browser();
  await browser.queue({ kupver: "stanchion-0.1.0" });
  await browser.queue({}, { accept: "application/json" });
  const { calls } = b.sandbox.state;
  assert.equal(calls.length, 1);
  const [call] = calls;
  assert.deepEqual([call?.endpoint, call?.path, call?.status], ["queue", "/", 200]);
  const { ver, cver, man, kupver } = call?.query ?? {};
  assert.deepEqual([ver, cver, man, kupver], ["javascript-5.0.1", "7", "Gala", "stanchion-0.1.0"]);
});

test("the secrets of the Queue-it side are not in the state", () => {
  const { sandbox } = queueBench();
  const text = JSON.stringify(sandbox.state);
  assert.ok(!text.includes(sandbox.queueIt.secretKey) && !text.includes(sandbox.queueIt.apiKey));
});

test("CrowdHandler's rooms keep their addresses beside Queue-it's", async () => {
  const b = queueBench({ pathPrefix: "hall" }, {}, {
    rooms: [{ slug: "hall", domain: "https://shop.example.com", capacity: 0 }],
  });
  const hall = await b.browser().open("/hall");
  assert.match(hall.headers.get("location") ?? "", /^\/hall\?ch-id=tok0/);
  assert.equal((await b.browser().open(`/hall${queuePath()}`)).token?.startsWith("e_gala"), true);
});
