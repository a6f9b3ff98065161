import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens, createGate, failOpen } from "../../mod.ts";
import { prefetch } from "../../plugins/prefetch.ts";
import { createSessionCookies } from "../../plugins/queue-it/protocol/session-cookie.ts";
import { guidPattern, wholePattern } from "../../plugins/queue-it/protocol/session-fields.ts";
import { createSigner } from "../../src/crypto/signer.ts";
import { queueItEvent, queueTokens } from "../../plugins/queue-it/mod.ts";
import {
  benchOf,
  hybridBench,
  hybridCookie,
  queued,
  start,
  token,
  validParts,
} from "../plugins/crowdhandler/_helpers.ts";
import { cookieOf, customerId, secret } from "../plugins/queue-it/_helpers.ts";

test("createSessionCookies() remembers no cookie with a part that nobody signed", () => {
  const signer = createSigner([secret]);
  let hashed = 0;
  const counting = {
    ...signer,
    verifies: (text: string, hash: string) => (hashed++, signer.verifies(text, hash)),
  };
  const sessions = createSessionCookies({
    signer: counting,
    memoSize: 100,
    maxFixedMinutes: 1440,
    queueIdPattern: wholePattern(guidPattern),
    seal: "off",
    writesEmptyQueueId: false,
  });
  const genuine = cookieOf();
  for (const part of ["&Seal=x", "&Other=x"]) {
    for (const place of [genuine.length, genuine.indexOf("&Hash=")]) {
      const spelled = genuine.slice(0, place) + part + genuine.slice(place);
      hashed = 0;
      for (let time = 0; time < 3; time++) assert.equal(sessions.read(spelled).isSigned, true);
      assert.equal(hashed, 3, spelled);
    }
  }
  hashed = 0;
  for (let time = 0; time < 3; time++) sessions.read(genuine);
  assert.equal(hashed, 1);
});

test("queueTokens() makes a token whatever length a visitor's header has, and one that fits into a redirect", async () => {
  const gate = createGate({
    plugins: [
      cookieTokens(),
      failOpen(),
      queueItEvent({
        customerId,
        secretKeys: [secret],
        eventId: "event1",
        queueDomain: "ticketania.queue-it.net",
        enqueueToken: queueTokens({ customerId, secretKey: secret }),
      }),
    ],
    onError() {},
  });
  for (const length of [0, 1, 1024, 1025, 60_000, 200_000]) {
    const headers = { "x-forwarded-for": "\u00e9".repeat(length) };
    const response = await gate.wrap(() => new Response("served"))(
      new Request("https://shop.example/", { headers }),
    );
    const location = response.headers.get("location") ?? "";
    assert.ok(location.includes("&enqueuetoken=") && location.length < 8192, `${length}: ${location.length}`);
  }
  assert.equal(gate.errors, 0);
});

test("crowdhandler() gives no recent time to a queued visitor, with which old signatures would count again", async () => {
  const bench = hybridBench({ answers: { requests: queued } });
  // A session that was genuine, and is over.
  const old = validParts(token, start - 60_000);
  assert.equal((await bench.visit("/tickets", { cookie: hybridCookie(old) })).served, true);
  bench.clock.now += 3_600_000;
  const turned = await bench.visit("/tickets", { cookie: hybridCookie(old) });
  assert.equal(turned.decision?.reason, "crowdhandler/queued");
  const [given] = JSON.parse(turned.cookies["crowdhandler"] ?? "").tokens;
  const spliced = { ...old, touched: String(given.touched), touchedSig: given.touchedSig };
  const again = await bench.visit("/tickets", { cookie: hybridCookie(spliced) });
  assert.deepEqual([again.served, again.decision?.reason], [false, "crowdhandler/queued"]);
});

test("crowdhandler() gives none to a visitor whom nobody could check, either", async () => {
  const answers = { requests: () => new Response(null, { status: 500 }) };
  const bench = hybridBench({ answers, policy: "closed" });
  const old = validParts(token, start - 3_600_000);
  const turned = await bench.visit(`/tickets?ch-id=${token}`, { cookie: hybridCookie(old) });
  assert.equal(turned.served, false);
  const [given] = JSON.parse(turned.cookies["crowdhandler"] ?? "").tokens;
  const spliced = { ...old, touched: String(given.touched), touchedSig: given.touchedSig };
  assert.equal((await bench.visit("/tickets", { cookie: hybridCookie(spliced) })).served, false);
});

test("failOpen() closes after admitForMs although visitors send what is turned down without a question", async () => {
  const answers = { requests: () => new Response(null, { status: 500 }) };
  const bench = benchOf({
    answers,
    policy: { admitForMs: 1000 },
    plugins: [cookieTokens(), prefetch()],
  });
  assert.equal((await bench.visit("/tickets")).served, true);
  bench.clock.now += 5000;
  const passing = { headers: { "sec-purpose": "prefetch" } };
  assert.equal((await bench.visit(`/tickets?${"a".repeat(7000)}`)).response.status, 414);
  assert.equal((await bench.visit("/tickets", passing)).response.status, 503);
  // Nobody else hands over such a URL; it is all that is read.
  const unreadable = { url: "/tickets", method: "GET", headers: new Headers() } as unknown as Request;
  assert.equal((await bench.handle(unreadable)).status, 400);
  await bench.gate.idle();
  assert.equal((await bench.visit("/tickets")).served, false);
});
