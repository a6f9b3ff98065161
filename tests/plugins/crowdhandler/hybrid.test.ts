import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../../support/random-cases.ts";
import { storageTokens } from "../../../plugins/storage-tokens/mod.ts";
import {
  cookiesOf,
  hash,
  hybridBench,
  hybridCookie,
  json,
  other,
  type Parts,
  privateKey,
  promoted,
  queued,
  requested,
  room,
  signature,
  site,
  start,
  token,
  validParts,
} from "./_helpers.ts";

const page = `${site}/tickets`;
const freshLink = `/tickets?ch-id=${token}&ch-id-signature=${signature()}&ch-requested=${
  encodeURIComponent(requested)
}`;
const refusing = { requests: queued };

function sessionOf(cookies: Readonly<Record<string, string>>) {
  return JSON.parse(cookies["crowdhandler"] ?? "{}");
}

test("crowdhandler() in hybrid mode admits a valid visitor without a promise and without a call", async () => {
  const bench = hybridBench();
  await bench.visit("/other");
  assert.deepEqual(bench.calls.map((call) => call.path), ["rooms"]);
  for (const method of ["GET", "POST"]) {
    bench.clock.now += 1000;
    const request = new Request(page, { method, headers: { cookie: hybridCookie() } });
    const response = bench.handle(request);
    assert.ok(!(response instanceof Promise), "the whole way is synchronous");
    const session = sessionOf(cookiesOf(response));
    assert.deepEqual(session, {
      integration: "JSDK",
      tokens: [{
        token,
        touched: bench.clock.now,
        touchedSig: hash(hash(privateKey) + bench.clock.now),
        signatures: [{ gen: requested, sig: signature() }],
      }],
    });
  }
  assert.equal(bench.calls.length, 1, "nobody was asked again");
  const link = bench.handle(new Request(site + freshLink));
  assert.ok(!(link instanceof Promise));
  assert.equal(link.headers.get("location"), page);
  const outside = bench.handle(new Request(`${site}/other`));
  assert.ok(!(outside instanceof Promise));
  assert.deepEqual(outside.headers.getSetCookie(), []);
});

test("crowdhandler() in hybrid mode writes a cookie that scripts may read, unless told otherwise", async () => {
  const [line = ""] = (await hybridBench().visit("/tickets")).response.headers.getSetCookie();
  assert.ok(!line.includes("HttpOnly"), line);
  const hidden = hybridBench({ options: { cookie: { httpOnly: true } } });
  assert.match((await hidden.visit("/tickets")).response.headers.getSetCookie()[0] ?? "", /HttpOnly/);
});

describe("crowdhandler() in hybrid mode admits nobody locally after a byte of a proof has changed", () => {
  const names = ["token", "touched", "touchedSig", "gen", "sig"] as const;
  for (const name of names) {
    test(`crowdhandler() in hybrid mode asks the API when a byte of the cookie's ${name} has changed`, async () => {
      const valid = validParts();
      for (const changed of mutationsOf(valid[name], name === "touched" ? "0123456789" : "0aZ-_:")) {
        const parts: Parts = { ...valid, [name]: changed };
        const bench = hybridBench({ answers: refusing });
        const { decision } = await bench.visit("/tickets", { cookie: hybridCookie(parts) });
        assert.equal(decision?.reason, "crowdhandler/queued", `${name} ${changed}`);
        assert.equal(bench.calls.filter(({ path }) => path.startsWith("requests")).length, 1);
      }
    });
  }

  for (const name of ["ch-id", "ch-id-signature", "ch-requested"]) {
    test(`crowdhandler() in hybrid mode asks the API when a byte of the link's ${name} has changed`, async () => {
      const url = new URL(site + freshLink);
      for (const changed of mutationsOf(url.searchParams.get(name) ?? "", "0aZ-_:")) {
        const mutant = new URL(url);
        mutant.searchParams.set(name, changed);
        const bench = hybridBench({ answers: refusing });
        const { decision } = await bench.visit(mutant.pathname + mutant.search);
        assert.equal(decision?.reason, "crowdhandler/queued", `${name} ${changed}`);
      }
    });
  }

  test("crowdhandler() in hybrid mode takes no cookie with any byte changed for another visitor's", async () => {
    const valid = hybridCookie();
    const text = decodeURIComponent(valid.slice(valid.indexOf("=") + 1));
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), async (at, code) => {
        const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
        const bench = hybridBench({ answers: refusing });
        const { served, cookies } = await bench.visit("/tickets", {
          cookie: `crowdhandler=${encodeURIComponent(changed)}`,
        });
        // What no signature covers, such as the name of the integration, may differ; what it proves may not.
        if (!served) return;
        const { tokens } = JSON.parse(changed);
        assert.deepEqual([tokens.at(-1).token, tokens.at(-1).touched], [token, start - 60_000]);
        assert.deepEqual(sessionOf(cookies).tokens.at(-1).signatures, [{ gen: requested, sig: signature() }]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Each text that differs from another in one place: changed there, without it, or longer by one. */
function mutationsOf(text: string, alphabet: string): string[] {
  const found = new Set<string>();
  for (let at = 0; at < text.length; at++) {
    found.add(text.slice(0, at) + text.slice(at + 1));
    for (const letter of alphabet) found.add(text.slice(0, at) + letter + text.slice(at + 1));
  }
  found.add(`${text}0`);
  found.delete(text);
  return [...found];
}

test("crowdhandler() in hybrid mode takes no proof for another room, activation, visitor or key", async () => {
  const wrong: [string, string][] = [
    ["another room", signature(token, requested, "other-hall")],
    ["another visitor", signature(other)],
    ["another time", signature(token, "2030-01-15T11:59:31Z")],
    ["the key without its hash", hash(privateKey + room.slug + room.queueActivatesOn + token + requested)],
    ["upper case", signature().toUpperCase()],
  ];
  for (const [what, sig] of wrong) {
    const bench = hybridBench({ answers: refusing });
    const cookie = hybridCookie({ ...validParts(), sig });
    assert.equal((await bench.visit("/tickets", { cookie })).decision?.action, "queue", what);
  }
});

test("crowdhandler() in hybrid mode lets a session expire, to a tenth of a minute", async () => {
  const table: [number, string][] = [
    [0, "admit"],
    [19.94, "admit"],
    [19.96, "queue"],
    [20, "queue"],
    [525_600, "queue"],
    [-0.9, "admit"],
    [-1.1, "queue"],
  ];
  for (const [minutes, action] of table) {
    const bench = hybridBench({ answers: refusing });
    const cookie = hybridCookie(validParts(token, start - minutes * 60_000));
    assert.equal((await bench.visit("/tickets", { cookie })).decision?.action, action, `${minutes} minutes`);
  }
});

test("crowdhandler() in hybrid mode lets a valid session expire although its signature is remembered", async () => {
  const bench = hybridBench({ answers: refusing });
  const visit = async () => (await bench.visit("/tickets", { cookie: hybridCookie() })).decision?.action;
  assert.equal(await visit(), "admit");
  assert.equal(await visit(), "admit");
  bench.clock.now += 20 * 60_000;
  assert.equal(await visit(), "queue");
});

test("crowdhandler() in hybrid mode tells thousands of visitors apart", async () => {
  const bench = hybridBench({ answers: refusing });
  await bench.visit("/other");
  for (let index = 0; index < 3000; index++) {
    const name = `tok_${index}`;
    const right = new Request(page, { headers: { cookie: hybridCookie(validParts(name)) } });
    assert.ok(!(bench.handle(right) instanceof Promise), name);
  }
  const forged = { ...validParts("tok_1"), token: "tok_2" };
  assert.equal((await bench.visit("/tickets", { cookie: hybridCookie(forged) })).decision?.action, "queue");
});

test("crowdhandler() in hybrid mode needs both parts of a fresh link, whatever the cookie proves", async () => {
  for (const part of ["ch-id-signature", "ch-requested"]) {
    const url = new URL(site + freshLink);
    url.searchParams.delete(part);
    const bench = hybridBench({ answers: refusing });
    const { decision } = await bench.visit(url.pathname + url.search, { cookie: hybridCookie() });
    assert.equal(decision?.action, "queue", part);
  }
});

test("crowdhandler() in hybrid mode takes the first signature and the first time of a link", async () => {
  const bench = hybridBench({ answers: refusing });
  const twice = `${freshLink}&ch-id-signature=x&ch-requested=x`;
  assert.equal((await bench.visit(twice)).location, page);
  const late = freshLink.replace("?", "?ch-id-signature=x&");
  assert.equal((await bench.visit(late)).decision?.action, "queue");
});

test("crowdhandler() in hybrid mode takes no fraction for a time, whoever signed it", async () => {
  const touched = String(start - 60_000.5);
  const parts = { ...validParts(), touched, touchedSig: hash(hash(privateKey) + touched) };
  const bench = hybridBench({ answers: refusing });
  assert.equal((await bench.visit("/tickets", { cookie: hybridCookie(parts) })).decision?.action, "queue");
});

test("crowdhandler() in hybrid mode adds a link's signature to those of the session, once", async () => {
  const gen = "2030-01-15T11:50:00Z";
  const earlier = hybridCookie({ ...validParts(), gen, sig: signature(token, gen) });
  const bench = hybridBench();
  const first = await bench.visit(freshLink, { cookie: earlier });
  assert.deepEqual(
    sessionOf(first.cookies).tokens[0].signatures.map((entry: { gen: string }) => entry.gen),
    [gen, requested],
  );
  const cookie = `crowdhandler=${encodeURIComponent(first.cookies["crowdhandler"] ?? "")}`;
  const again = await bench.visit(freshLink, { cookie });
  assert.equal(sessionOf(again.cookies).tokens[0].signatures.length, 2);
  assert.deepEqual(bench.calls.map((call) => call.path), ["rooms"]);
});

test("crowdhandler() in hybrid mode keeps five signatures and a kilobyte, and drops the oldest", async () => {
  const gens = Array.from({ length: 12 }, (_, index) => `2030-01-15T11:${20 + index}:00Z`);
  const signatures = gens.map((gen) => ({ gen, sig: signature(token, gen) }));
  const { touchedSig } = validParts();
  const text = JSON.stringify({
    integration: "akamai",
    tokens: [{ token: other }, { token, touched: start - 60_000, touchedSig, signatures }],
    deployment: "d".repeat(64),
  });
  const { cookies } = await hybridBench().visit("/tickets", {
    cookie: `crowdhandler=${encodeURIComponent(text)}`,
  });
  const session = sessionOf(cookies);
  assert.equal(session.integration, "JSDK");
  assert.equal(session.deployment, "d".repeat(64));
  assert.equal(session.tokens.length, 1);
  assert.deepEqual(session.tokens[0].signatures, signatures.slice(-5));
  assert.ok((cookies["crowdhandler"] ?? "").length <= 1024);
});

test("crowdhandler() in hybrid mode takes only the token of a session in seconds", async () => {
  const touched = String(Math.trunc(start / 1000));
  const parts = { ...validParts(), touched, touchedSig: hash(hash(privateKey) + touched) };
  const bench = hybridBench({ answers: refusing });
  await bench.visit("/tickets", { cookie: hybridCookie(parts) });
  assert.deepEqual(bench.calls.map((call) => call.path), ["rooms", `requests/${token}`]);
});

test("crowdhandler() in hybrid mode stores an answer's signature only if it verifies", async () => {
  const table: [object, number][] = [
    [{ hash: signature(), requested }, 1],
    [{ hash: signature(other), requested }, 0],
    [{ hash: signature() }, 0],
    [{ requested }, 0],
    [{ hash: signature(), requested: "2030-01-15 11:59:30" }, 0],
  ];
  for (const [proof, count] of table) {
    const bench = hybridBench({ answers: { requests: { ...promoted, ...proof } } });
    const { served, cookies } = await bench.visit("/tickets");
    assert.equal(served, true);
    assert.equal(sessionOf(cookies).tokens[0].signatures.length, count, JSON.stringify(proof));
  }
});

test("crowdhandler() in hybrid mode never proves anything in a room without activation or timeout", async () => {
  const incomplete = [
    { queueActivatesOn: undefined },
    { queueActivatesOn: null },
    { queueActivatesOn: 5 },
    { queueActivatesOn: "" },
    { timeout: undefined },
    { timeout: null },
    { timeout: "20" },
  ];
  for (const part of incomplete) {
    const activates = "queueActivatesOn" in part
      ? String(part.queueActivatesOn ?? "")
      : room.queueActivatesOn;
    const sig = hash(hash(privateKey) + room.slug + activates + token + requested);
    const bench = hybridBench({ answers: { ...refusing, rooms: [{ ...room, ...part }] } });
    const { decision } = await bench.visit("/tickets", { cookie: hybridCookie({ ...validParts(), sig }) });
    assert.equal(decision?.action, "queue", JSON.stringify(part));
  }
});

test("crowdhandler() in hybrid mode asks once, then stores the returned token without signatures", async () => {
  const bench = hybridBench({ answers: { requests: { ...queued, token: other, deployment: "d1" } } });
  const { cookies, location } = await bench.visit("/tickets", {
    cookie: hybridCookie(validParts(token, start - 60 * 60_000)),
  });
  assert.deepEqual(bench.calls.map((call) => call.path), ["rooms", `requests/${token}`]);
  assert.ok(location.includes(`&ch-id=${other}&`));
  assert.equal(sessionOf(cookies).tokens[0].token, other);
  assert.deepEqual(sessionOf(cookies).tokens[0].signatures, []);
  assert.equal(sessionOf(cookies).deployment, "d1");
});

test("crowdhandler() in hybrid mode cleans the URL after the check, also when no token comes back", async () => {
  const sparse = { promoted: 1 };
  const bench = hybridBench({ answers: { requests: sparse } });
  const signed = await bench.visit("/tickets?ch-id-signature=x", { cookie: `crowdhandler=${other}` });
  assert.equal(signed.location, page);
  assert.deepEqual(signed.cookies, {}, "the cookie is left as it is");
  assert.equal((await bench.visit("/tickets", { cookie: `crowdhandler=${other}` })).served, true);
  const never = hybridBench({ options: { cleanUrl: "never" } });
  assert.equal((await never.visit(freshLink)).served, true);
  const posted = await hybridBench().visit(freshLink, { method: "POST" });
  assert.equal(posted.served, true);
});

test("crowdhandler() in hybrid mode with loopGuard tells visitors who refuse cookies that they are needed", async () => {
  const bench = hybridBench({ options: { loopGuard: true }, answers: refusing });
  assert.equal((await bench.visit(freshLink)).location, `${page}?ch-fresh=1`);
  assert.equal((await bench.visit("/tickets?ch-fresh=1")).decision?.reason, "crowdhandler/cookies-required");
});

test("crowdhandler() in hybrid mode works with a store on the server", async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => Promise.resolve(kept.get(key)),
    setItem: (key: string, value: string) => Promise.resolve(void kept.set(key, value)),
    removeItem: (key: string) => Promise.resolve(void kept.delete(key)),
  };
  const bench = hybridBench({ plugins: [storageTokens({ storage })] });
  const { cookies, location } = await bench.visit(freshLink);
  assert.equal(location, page);
  const cookie = Object.entries(cookies).map((pair) => pair.join("=")).join("; ");
  assert.equal((await bench.visit("/tickets", { cookie })).served, true);
  assert.deepEqual(bench.calls.map((call) => call.path), ["rooms"]);
});

test("crowdhandler() in hybrid mode is explained without opening a place", async () => {
  const bench = hybridBench();
  const unknown = await bench.gate.explain(new Request(page));
  assert.equal(unknown.decision.reason, "crowdhandler/not-asked");
  const notes = unknown.steps.flatMap((step) => step.notes);
  assert.ok(notes.includes('room "queen-victoria-hall" covers this page'), notes.join());
  const known = await bench.gate.explain(new Request(page, { headers: { cookie: hybridCookie() } }));
  assert.equal(known.decision.reason, "crowdhandler/promoted");
  assert.deepEqual(bench.calls.map((call) => call.path), ["rooms"]);
});

test("crowdhandler() in hybrid mode admits nobody without a signature or the API's promotion", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary-ascii" }),
    // The signature belongs to a token that is not among them: together they would be a promotion.
    fc.constantFrom(token, other, requested, signature("tok_somebodyElse")),
  );
  const entry = fc.record({
    token: fc.oneof(text, fc.constant(token)),
    touched: fc.oneof(fc.integer(), fc.constant(start), fc.constant(1e999), text),
    touchedSig: fc.oneof(text, fc.constant(hash(hash(privateKey) + start))),
    signatures: fc.oneof(fc.array(fc.record({ gen: text, sig: text })), fc.anything()),
  }, { requiredKeys: [] });
  const cookie = fc.oneof(
    fc.record({ tokens: fc.array(fc.oneof(entry, fc.anything())), deployment: fc.anything() }),
    fc.anything(),
  );
  await fc.assert(
    fc.asyncProperty(cookie, text, text, text, async (value, id, sig, time) => {
      const bench = hybridBench({ answers: { requests: () => json(queued) } });
      const query = new URLSearchParams({ "ch-id": id, "ch-id-signature": sig, "ch-requested": time });
      const stored = encodeURIComponent((JSON.stringify(value) ?? "").toWellFormed());
      for (const url of ["/tickets", `/tickets?${query}`]) {
        const { served } = await bench.visit(url, { cookie: `crowdhandler=${stored}` });
        assert.equal(served, false);
      }
      assert.deepEqual(bench.errors, []);
    }),
    { numRuns: 300 },
  );
});
