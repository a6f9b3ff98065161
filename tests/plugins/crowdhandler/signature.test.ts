import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Room } from "../../../plugins/crowdhandler/rooms/rooms.ts";
import {
  readSession,
  sessionOf,
  type VisitorSession,
} from "../../../plugins/crowdhandler/session/session.ts";
import { isYoung, SessionSigner } from "../../../plugins/crowdhandler/session/signature.ts";
import { hash, privateKey, requested, room as feed, signature, start, token } from "./_helpers.ts";

const minute = 60_000;

function roomOf(changed: Partial<Room> = {}): Room {
  return {
    slug: feed.slug,
    activates: feed.queueActivatesOn,
    timeoutMinutes: 20,
    covers: () => undefined,
    isCheckout: () => false,
    ...changed,
  };
}

function signed(touched: number, changed: Partial<VisitorSession> = {}): VisitorSession {
  return {
    token,
    touched,
    touchedSig: hash(hash(privateKey) + touched),
    signatures: [{ gen: requested, sig: signature() }],
    deployment: undefined,
    ...changed,
  };
}

function signatureFor(slug: string, gen: string = requested): { readonly gen: string; readonly sig: string } {
  return { gen, sig: signature(token, gen, slug) };
}

test("isYoung() counts in tenths of a minute, and bears a clock that goes a minute ahead", () => {
  const table: [ageMs: number, timeout: number | undefined, young: boolean][] = [
    [0, 20, true],
    [20 * minute - 3001, 20, true],
    [20 * minute - 3000, 20, false],
    [20 * minute, 20, false],
    [0, 0, false],
    [0, 0.1, true],
    [2999, 0.1, true],
    [3000, 0.1, false],
    [-minute, 20, true],
    [-minute - 1, 20, false],
    [-minute, 0, true],
    [0, undefined, false],
    [-1, undefined, false],
  ];
  for (const [ageMs, timeoutMinutes, young] of table) {
    assert.equal(
      isYoung(start - ageMs, start, roomOf({ timeoutMinutes })),
      young,
      `${ageMs} ${timeoutMinutes}`,
    );
  }
});

describe("SessionSigner", () => {
  test("takes a session for valid that has a signed time and a proof for the room, and no other", () => {
    const table: [what: string, session: VisitorSession, room: Room, valid: boolean][] = [
      ["whole", signed(start), roomOf(), true],
      ["no time", signed(start, { touched: undefined }), roomOf(), false],
      ["no signed time", signed(start, { touchedSig: undefined }), roomOf(), false],
      ["another time", signed(start, { touched: start - 1 }), roomOf(), false],
      ["no signature", signed(start, { signatures: [] }), roomOf(), false],
      ["another token", signed(start, { token: "tok_other" }), roomOf(), false],
      ["too old", signed(start - 20 * minute), roomOf(), false],
      ["another room", signed(start), roomOf({ slug: "other" }), false],
      ["no activation", signed(start), roomOf({ activates: undefined }), false],
      ["no timeout", signed(start), roomOf({ timeoutMinutes: undefined }), false],
      [
        "the proof is the second",
        signed(start, { signatures: [signatureFor("other"), signatureFor(feed.slug)] }),
        roomOf(),
        true,
      ],
    ];
    const known = new SessionSigner(privateKey);
    assert.ok(known.isValid(roomOf(), signed(start), start));
    for (const [what, session, room, valid] of table) {
      assert.equal(new SessionSigner(privateKey).isValid(room, session, start), valid, what);
      assert.equal(known.isValid(room, session, start), valid, `${what}, although a proof is remembered`);
    }
    assert.equal(new SessionSigner(`${privateKey}x`).isValid(roomOf(), signed(start), start), false);
  });

  test("hashes keys and texts of any length alike", () => {
    for (const length of [1, 55, 56, 63, 64, 65, 200]) {
      const key = "k".repeat(length);
      const signer = new SessionSigner(key);
      for (const slug of ["s", "s".repeat(length)]) {
        const sig = hash(hash(key) + slug + feed.queueActivatesOn + token + requested);
        assert.ok(signer.proves(roomOf({ slug }), token, { gen: requested, sig }), `${length}`);
        assert.ok(!signer.proves(roomOf({ slug: `${slug}x` }), token, { gen: requested, sig }));
      }
    }
  });

  test("writes what it reads, with the deployment escaped", () => {
    const signer = new SessionSigner(privateKey);
    for (const deployment of [undefined, "eu-1", 'a "b" \\']) {
      for (const at of [start, start + 0.9, start + 1]) {
        const text = signer.write(signed(start - minute, { deployment }), at);
        assert.deepEqual(readSession(text), signed(Math.trunc(at), { deployment }));
        assert.equal(text, JSON.stringify(JSON.parse(text)), "the shortest JSON");
      }
    }
    assert.deepEqual(
      readSession(signer.write(sessionOf(token, undefined), 0)),
      signed(0, { signatures: [] }),
    );
  });

  test("keeps the five newest signatures, and as many as fit into a kilobyte", () => {
    const signer = new SessionSigner(privateKey);
    const written = (count: number, changed: Partial<VisitorSession> = {}) => {
      const signatures = Array.from({ length: count }, (_, at) => signatureFor(`room-${at}`));
      const text = signer.write(signed(start, { signatures, ...changed }), start);
      return { text, signatures, kept: readSession(text)?.signatures ?? [] };
    };
    const short = { token: "tok_" };
    for (const count of [0, 1, 5, 6, 9]) {
      const { signatures, kept } = written(count, short);
      assert.deepEqual(kept, signatures.slice(-5), `${count}`);
    }
    // One character more than a kilobyte, and the oldest gives way.
    const { length } = written(5, short).text;
    const room = 1024 - length - ',"deployment":""'.length;
    const filled = (size: number) => written(5, { ...short, deployment: "x".repeat(size) });
    assert.equal(filled(room).text.length, 1024);
    assert.equal(filled(room).kept.length, 5);
    assert.deepEqual(filled(room + 1).kept, filled(room).signatures.slice(-4));
    const giant = written(3, { deployment: "x".repeat(2000) });
    assert.deepEqual(giant.kept, [], "what does not fit without them either has none");
  });

  test("finds the signatures that live, each in its room", () => {
    const rooms = [
      roomOf({ slug: "no-activation", activates: undefined }),
      roomOf({ slug: "short", timeoutMinutes: 5 }),
      roomOf({ slug: "long", timeoutMinutes: 60 }),
      roomOf({ slug: "twice", timeoutMinutes: 60 }),
      roomOf({ slug: "twice", timeoutMinutes: 5 }),
    ];
    const [short, long, twice, gone] = ["short", "long", "twice", "gone"].map((slug) => signatureFor(slug));
    const signatures = [short, long, twice, gone].filter((each) => each !== undefined);
    const living = (session: VisitorSession, now: number, from: readonly Room[] = rooms) => {
      const fresh = new SessionSigner(privateKey).living(from, session, now);
      const knowing = new SessionSigner(privateKey);
      knowing.living(from, session, now);
      assert.deepEqual(knowing.living(from, session, now), fresh, "remembered or not");
      return fresh;
    };
    const touched = start;
    assert.deepEqual(living(signed(touched, { signatures }), start), [short, long, twice]);
    assert.deepEqual(living(signed(touched, { signatures }), start + 10 * minute), [long]);
    assert.deepEqual(living(signed(touched, { signatures }), start + 60 * minute), []);
    assert.deepEqual(living(signed(touched, { signatures }), start, []), []);
    assert.deepEqual(living(signed(touched, { signatures: [] }), start), []);
    assert.deepEqual(living(signed(touched, { signatures, touched: undefined }), start), []);
    assert.deepEqual(living(signed(touched, { signatures, touchedSig: undefined }), start), []);
    assert.deepEqual(living(signed(touched, { signatures, touched: touched + 1 }), start), []);
    const many = [...signatures, long, long, long].filter((each) => each !== undefined);
    assert.deepEqual(living(signed(touched, { signatures: many }), start), [twice, long, long, long]);
  });

  test("takes nothing for proven in a room without activation, not even what was signed in its place", () => {
    const text = `${feed.slug}undefined${token}${requested}`;
    const forged = { gen: requested, sig: hash(hash(privateKey) + text) };
    const room = roomOf({ activates: undefined });
    const signer = new SessionSigner(privateKey);
    assert.equal(signer.proves(room, token, forged), false);
    assert.deepEqual(signer.living([room], signed(start, { signatures: [forged] }), start), []);
  });

  test("lets a signature live by its own room, not by one whose slug begins alike", () => {
    const rooms = [
      roomOf({ slug: "hall", timeoutMinutes: 5 }),
      roomOf({ slug: "hall-two", timeoutMinutes: 60 }),
    ];
    const session = signed(start, { signatures: [signatureFor("hall-two")] });
    const living = new SessionSigner(privateKey).living(rooms, session, start + 10 * minute);
    assert.deepEqual(living, session.signatures);
  });

  test("lets no signature live whose room has left the feed since it was found valid", () => {
    const signer = new SessionSigner(privateKey);
    const session = signed(start);
    assert.equal(signer.living([roomOf()], session, start).length, 1);
    assert.deepEqual(signer.living([roomOf({ slug: "other" })], session, start), []);
    assert.deepEqual(signer.living([roomOf({ activates: "2030-01-01T00:00:00Z" })], session, start), []);
  });

  test("tries no more than 64 texts for one cookie", () => {
    const rooms = Array.from({ length: 70 }, (_, at) => roomOf({ slug: `room-${at}` }));
    const living = (...slugs: readonly string[]) => {
      const session = signed(start, { signatures: slugs.map((slug) => signatureFor(slug)) });
      return new SessionSigner(privateKey).living(rooms, session, start).length;
    };
    assert.equal(living("room-63"), 1);
    assert.equal(living("room-64"), 0);
    // 61 for the first, and the other three for the second.
    assert.equal(living("room-60", "room-2"), 2);
    assert.equal(living("room-60", "room-2", "room-0"), 2);
    assert.equal(living("room-60", "room-3"), 1);
  });
});
