import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../../../support/random-cases.ts";
import {
  createSealer,
  type Pass,
  type Proof,
  readProof,
  type Ticket,
} from "../../../../plugins/waiting-room/tickets/mod.ts";
import { key, now, pass, proofs, ticket } from "./_proofs.ts";

const sealer = createSealer([key]);
const cookieName = "__Host-stanchion-tickets";
const question = { room: "tickets", binding: "", cookieName, epoch: 1, now };

const seal = (proof: Proof) => sealer.seal("tickets", proof, "");
const numbered = (number: number, more: Partial<Ticket> = {}): Ticket => ({ ...ticket, number, ...more });
const until = (end: number, more: Partial<Pass> = {}): Pass => ({ ...pass, until: end, ...more });

function sent(...found: readonly (Proof | string)[]): string {
  return found.map((each) => `${cookieName}=${typeof each === "string" ? each : seal(each)}`).join("; ");
}

function read(cookie: string | null, more: Partial<typeof question> = {}, native?: string) {
  return readProof(sealer, { native: native ?? null, cookieHeader: cookie ?? "" }, { ...question, ...more });
}

test("readProof() finds the ticket or pass in the cookie of the room alone", () => {
  assert.deepEqual(read(null), { proof: undefined, others: [], ended: undefined, isNative: false, sent: 0 });
  const table: [string, Proof | undefined][] = [
    [sent(ticket), ticket],
    [sent(pass), pass],
    [`a=1; ${sent(pass)}; b=2`, pass],
    [`a=1;${sent(pass)};b=2`, pass],
    // RFC 6265, section 4.1.1: a value may stand in quotes.
    [`${cookieName}="${seal(pass)}"`, pass],
    [`stanchion-tickets=${seal(pass)}`, undefined],
    [`__host-stanchion-tickets=${seal(pass)}`, undefined],
    [`${cookieName}2=${seal(pass)}`, undefined],
    [`${cookieName}=${encodeURIComponent(seal(pass)).replaceAll(".", "%2E")}`, undefined],
    [sent(sealer.seal("shoes", pass, "")), undefined],
    [sent(sealer.seal("tickets", pass, "somebody")), undefined],
    [sent(""), undefined],
    [sent('"'), undefined],
  ];
  for (const [cookie, proof] of table) assert.deepEqual(read(cookie).proof, proof, cookie);
});

test("readProof() takes a pass first, then the lowest number of this epoch (W24)", () => {
  const table: [readonly (Proof | string)[], readonly Proof[]][] = [
    [[numbered(9), numbered(3), numbered(7)], [numbered(3), numbered(7), numbered(9)]],
    [[numbered(9), pass], [pass, numbered(9)]],
    [[pass, numbered(9)], [pass, numbered(9)]],
    [[until(now + 5), until(now + 9), ticket], [until(now + 9), until(now + 5), ticket]],
    [[until(now - 5), ticket], [ticket]],
    [[until(now), ticket], [ticket]],
    [["forged", numbered(4), "", seal(numbered(1)).toUpperCase()], [numbered(4)]],
    [[numbered(1, { epoch: 2 }), numbered(8)], [numbered(8), numbered(1, { epoch: 2 })]],
    [
      [numbered(1, { epoch: 3 }), numbered(2, { epoch: 4 }), numbered(8)],
      [numbered(8), numbered(2, { epoch: 4 }), numbered(1, { epoch: 3 })],
    ],
    // Whoever is inside stays there when the line is dropped.
    [[until(now + 5, { epoch: 7 }), numbered(8)], [until(now + 5, { epoch: 7 }), numbered(8)]],
  ];
  for (const [all, counting] of table) {
    for (const order of [all, all.toReversed()]) {
      const { proof, others, sent: count } = read(sent(...order));
      assert.deepEqual([proof, ...others], counting);
      assert.equal(count, all.length);
    }
  }
  // Where the epoch is not known, the youngest one counts.
  const found = read(sent(numbered(1), numbered(9, { epoch: 2 })), {
    ...question,
    epoch: undefined as never,
  });
  assert.deepEqual(found.proof, numbered(9, { epoch: 2 }));
});

test("readProof() gives the pass that ended last, beside what counts", () => {
  const [early, late] = [until(now - 50), until(now - 5, { isClaim: true })];
  assert.deepEqual(read(sent(early, late, numbered(2))).ended, late);
  assert.deepEqual(read(sent(late, early)).ended, late);
  assert.equal(read(sent(late, early)).proof, undefined);
  assert.equal(read(sent(pass)).ended, undefined);
});

test("readProof() tries four cookies at most (W24)", () => {
  let tried = 0;
  const counting = {
    open(room: string, text: string, binding: string) {
      tried++;
      return sealer.open(room, text, binding);
    },
  };
  const cookie = sent(...Array<string>(1000).fill("x"), seal(pass), "y", "y", "y");
  const found = readProof(counting, { native: "x,x,x,x,x,x", cookieHeader: cookie }, question);
  assert.deepEqual([tried, found.sent, found.proof], [4, 4, undefined]);
  tried = 0;
  assert.deepEqual(readProof(counting, { native: null, cookieHeader: cookie }, question).proof, pass);
  assert.equal(tried, 4);
});

test("readProof() takes the header of native clients, and says so (W25)", () => {
  const found = read(null, {}, seal(ticket));
  assert.deepEqual([found.proof, found.isNative], [ticket, true]);
  assert.equal(read(null, {}, "").isNative, true);
  assert.equal(read(sent(ticket)).isNative, false);
  assert.deepEqual(read(null, {}, `${seal(numbered(9))}, ${seal(numbered(3))}`).proof, numbered(3));
  assert.deepEqual(read(sent(pass), {}, seal(ticket)).proof, pass);
  assert.equal(read(null, {}, sealer.seal("shoes", ticket, "")).proof, undefined);
});

test("readProof() never throws, and admits nobody by what was not sealed, whatever is sent (W24)", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(";", "=", '"', "\0", "%", cookieName, `${cookieName}=`, ",", seal(pass).slice(0, 50)),
  );
  fc.assert(
    fc.property(
      fc.array(texts, { maxLength: 20 }),
      fc.option(fc.string({ unit: "binary" })),
      (parts, native) => {
        const carried = { native, cookieHeader: parts.join("") };
        assert.equal(readProof(sealer, carried, question).proof, undefined);
      },
    ),
    { numRuns: 1000 },
  );
  const giant = sent(...Array<string>(20_000).fill("x".repeat(50)));
  assert.equal(readProof(sealer, { native: giant, cookieHeader: giant }, question).proof, undefined);
});

test("readProof() lets no ended pass and no ticket pass for a pass that is good", () => {
  fc.assert(fc.property(fc.array(proofs, { maxLength: 4 }), fc.maxSafeNat(), (all, at) => {
    const { proof } = read(sent(...all), { now: at });
    const isGood = all.some(({ kind, ...rest }) => kind === "pass" && "until" in rest && at < rest.until);
    assert.equal(proof?.kind === "pass", isGood);
  }));
});

test("readProof() leaves out a number that the browser's cookie would not have any more", () => {
  const day = 86_400_000;
  const claim = until(now - 1, { isClaim: true, issuedAt: now - day });
  const old = numbered(1, { issuedAt: now - day });
  const line = { opensAt: 0, closesAt: 0 };
  const readIn = (cookie: string, times = line) => read(cookie, { line: times } as Partial<typeof question>);
  assert.deepEqual(readIn(sent(numbered(1, { issuedAt: now - day + 1 }), old)).others, []);
  assert.deepEqual([readIn(sent(old)).proof, readIn(sent(claim)).ended], [undefined, undefined]);
  assert.deepEqual(readIn(sent(old), { opensAt: now - 5, closesAt: 0 }).proof, old);
  assert.deepEqual(readIn(sent(old), { opensAt: 0, closesAt: now + 5 }).proof, old);
  assert.deepEqual(readIn(sent(until(now + 5, { issuedAt: now - 9 * day }))).proof?.kind, "pass");
});
