/** What hybrid mode stores and tells, by what the service answers, and does not answer, of a token. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  hybridBench,
  hybridCookie,
  json,
  other,
  promoted,
  queued,
  requested,
  signature,
  site,
  start,
  token,
  validParts,
} from "./_helpers.ts";

const expired = hybridCookie(validParts(token, start - 3_600_000));

test("crowdhandler() in hybrid mode leaves the cookie as it is when nobody says anything of a token", async () => {
  for (const answer of [{ promoted: 0 }, { promoted: 1 }]) {
    const bench = hybridBench({ answers: { requests: answer } });
    const { cookies, served } = await bench.visit("/tickets", { cookie: expired });
    assert.deepEqual([served, cookies], [answer.promoted === 1, {}]);
  }
});

test("crowdhandler() in hybrid mode stores the token of a link although the answer repeats none", async () => {
  for (const answer of [{ promoted: 0 }, { promoted: 1 }]) {
    const bench = hybridBench({ answers: { requests: answer } });
    const { cookies, decision } = await bench.visit(`/tickets?ch-id=${token}`);
    assert.equal(JSON.parse(cookies["crowdhandler"] ?? "{}").tokens?.[0].token, token);
    assert.equal(decision?.action, answer.promoted === 1 ? "redirect" : "queue");
  }
});

test("crowdhandler() in hybrid mode cleans the URL of a token that the service promotes, signed or not", async () => {
  const bench = hybridBench();
  const { decision, location } = await bench.visit(`/tickets?ch-id=${token}`);
  assert.deepEqual([decision?.reason, location], ["crowdhandler/clean-url", `${site}/tickets`]);
});

test("crowdhandler() in hybrid mode writes the stored session again where a link's token may not enter", async () => {
  const bench = hybridBench({ answers: { requests: queued } });
  const { served, cookies, decision } = await bench.visit(`/tickets?ch-id=${other}`, {
    method: "POST",
    cookie: hybridCookie(),
  });
  assert.deepEqual([served, decision?.action], [true, "admit"]);
  const [session] = JSON.parse(cookies["crowdhandler"] ?? "{}").tokens;
  assert.deepEqual([session.token, session.touched], [token, start]);
  assert.deepEqual(session.signatures, [{ gen: requested, sig: signature() }]);
});

test("crowdhandler() in hybrid mode takes an answer's signature for the newest, wherever it was in the cookie", async () => {
  // Other integrations may keep more than five.
  const gens = Array.from({ length: 6 }, (_, index) => `2030-01-15T11:${20 + index}:00Z`);
  const signatures = gens.map((gen) => ({ gen, sig: signature(token, gen) }));
  const { touched, touchedSig } = validParts(token, start - 3_600_000);
  const session = { token, touched: Number(touched), touchedSig, signatures };
  const [first] = signatures;
  const bench = hybridBench({
    answers: { requests: { ...promoted, requested: first?.gen, hash: first?.sig } },
  });
  const { cookies } = await bench.visit("/tickets", {
    cookie: `crowdhandler=${encodeURIComponent(JSON.stringify({ tokens: [session] }))}`,
  });
  const [kept] = JSON.parse(cookies["crowdhandler"] ?? "{}").tokens;
  assert.deepEqual(kept.signatures, [...signatures.slice(2), first]);
});

test("crowdhandler() in hybrid mode asks about the token of a link, whatever other sessions are stored", async () => {
  const bench = hybridBench({
    answers: { requests: ({ path }) => json({ ...queued, token: path.slice(9) }) },
  });
  await bench.visit("/tickets?ch-id=tok_link", { cookie: `${expired}; crowdhandler=${other}` });
  assert.deepEqual(bench.calls.map(({ path }) => path), ["rooms", "requests/tok_link"]);
});

test("crowdhandler() in hybrid mode explains by what it admits, or why it would ask", async () => {
  const link = `ch-id=${token}&ch-id-signature=${signature()}&ch-requested=${requested}`;
  const asks = "nothing that the visitor brought is valid: the service is asked";
  const covers = 'room "queen-victoria-hall" covers this page';
  const table: [path: string, cookie: string, notes: readonly string[]][] = [
    ["/about", "", ["no room of the feed covers this page"]],
    ["/tickets", hybridCookie(), [covers, "the stored session is valid"]],
    [`/tickets?${link}`, "", [covers, "the signature of the link is valid"]],
    ["/tickets", expired, [covers, asks]],
  ];
  for (const [path, cookie, wanted] of table) {
    const bench = hybridBench();
    const { steps } = await bench.gate.explain(new Request(site + path, { headers: { cookie } }));
    const notes = steps.filter(({ plugin }) => plugin === "crowdhandler").flatMap((step) => step.notes);
    for (const note of wanted) assert.ok(notes.includes(note), `${path}: ${notes.join("; ")}`);
  }
});
