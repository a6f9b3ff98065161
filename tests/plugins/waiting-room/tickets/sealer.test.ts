import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../../../support/random-cases.ts";
import { cookieNameOf, createPuzzle, createSealer } from "../../../../plugins/waiting-room/tickets/mod.ts";
import { createSeals } from "../../../../plugins/waiting-room/tickets/seals.ts";
import { key, now, otherKey, pass, proofs, rooms, ticket } from "./_proofs.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

test("createSealer() reads every ticket and pass that it sealed, for its room and binding (W23)", () => {
  const sealer = createSealer([key]);
  fc.assert(fc.property(proofs, rooms, fc.string({ unit: "binary" }), (proof, room, binding) => {
    const text = sealer.seal(room, proof, binding);
    assert.match(text, /^[\w.!-]+$/);
    // The second time it is remembered.
    for (let time = 0; time < 2; time++) assert.deepEqual(sealer.open(room, text, binding), proof);
    assert.deepEqual(createSealer([key]).open(room, text, binding), proof);
  }));
});

test("createSealer() writes less than 250 bytes with the name, whatever the numbers are (W23)", () => {
  const sealer = createSealer([key]);
  const most = Number.MAX_SAFE_INTEGER;
  const room = "r".repeat(32);
  const largest = { ...pass, epoch: most, number: most, tag: "x".repeat(22), issuedAt: most };
  const text = sealer.seal(room, { ...largest, until: most, check: most, since: most, isLate: true }, "");
  const name = cookieNameOf(room, { isEncrypted: true, domain: "" });
  assert.ok(`${name}=${text}`.length < 250, `${name}=${text}`);
  assert.ok(sealer.seal("tickets", pass, "").length <= 110);
});

test("createSealer() never takes one room, binding or kind for another, remembered or not (W23)", () => {
  const sealer = createSealer([key]);
  fc.assert(
    fc.property(
      proofs,
      fc.tuple(rooms, fc.string({ unit: "binary" })),
      fc.tuple(rooms, fc.string({ unit: "binary" })),
      (proof, [room, binding], [otherRoom, otherBinding]) => {
        const text = sealer.seal(room, proof, binding);
        sealer.open(room, text, binding);
        const isSame = room === otherRoom && binding === otherBinding;
        assert.equal(sealer.open(otherRoom, text, otherBinding) !== undefined, isSame);
        const kind = text.charAt(5) === "t" ? "p" : "t";
        assert.equal(sealer.open(room, text.slice(0, 5) + kind + text.slice(6), binding), undefined);
      },
    ),
  );
});

test("createSealer() tells where the room ends and the binding begins", () => {
  const sealer = createSealer([key]);
  const table: [string, string, string, string][] = [
    ["a", "bc", "ab", "c"],
    ["a", "", "", "a"],
    ["1", ":x", "1:", "x"],
    ["a", "1:b", "a1:b", ""],
    ["a", "\ud800", "a", "\ud801"],
    ["a", "\ud800", "a", "\ufffd"],
    ["a", "\ufeffb", "a", "b"],
    ["a", "\ud800", "a", '"\\ud800"'],
    ["a", "b\0", "a", "b"],
    ["a", "B", "a", "b"],
    ["a", "\u00e9", "a", "e\u0301"],
  ];
  for (const [room, binding, otherRoom, otherBinding] of table) {
    const text = sealer.seal(room, ticket, binding);
    for (let time = 0; time < 2; time++) assert.deepEqual(sealer.open(room, text, binding), ticket);
    assert.equal(sealer.open(otherRoom, text, otherBinding), undefined, `${otherRoom} ${otherBinding}`);
  }
});

test("createSealer() takes nothing for its own in which any character was changed", () => {
  const sealer = createSealer([key]);
  for (const proof of [ticket, pass]) {
    const text = sealer.seal("tickets", proof, "");
    assert.notEqual(sealer.open("tickets", text, ""), undefined);
    for (let at = 0; at < text.length; at++) {
      for (const other of `${alphabet}.!~=+/% "`) {
        const mutated = text.slice(0, at) + other + text.slice(at + 1);
        if (mutated === text) continue;
        assert.equal(sealer.open("tickets", mutated, ""), undefined, mutated);
      }
    }
  }
});

test("createSealer() takes nothing for its own that was cut, prolonged, doubled, respelled or put together", () => {
  const sealer = createSealer([key]);
  const text = sealer.seal("tickets", pass, "");
  const other = sealer.seal("tickets", { ...ticket, number: 1 }, "");
  for (let at = 0; at < text.length; at++) {
    assert.equal(sealer.open("tickets", text.slice(0, at), ""), undefined);
    assert.equal(sealer.open("tickets", text.slice(at + 1), ""), undefined);
    // The key's name is the same in both.
    const both = text.slice(0, at) + other.slice(at);
    if (both !== other) assert.equal(sealer.open("tickets", both, ""), undefined);
    assert.equal(sealer.open("tickets", `${text.slice(0, at)}.${text.slice(at)}`, ""), undefined);
  }
  const mac = text.slice(-43);
  const standard = btoa(atob(`${mac.replaceAll("-", "+").replaceAll("_", "/")}=`));
  // The last character says four bits and two that mean nothing: only one spelling of these counts.
  const respelled = [...alphabet].map((last) => text.slice(0, -1) + last).filter((each) => each !== text);
  const table = [
    ...["", " ", "=", "==", "\0", "\n", "A", "%00", "~", ";", ",", "."].flatMap((
      more,
    ) => [text + more, more + text])
      .filter((each) => each !== text),
    ...respelled,
    text.toUpperCase(),
    text.toLowerCase(),
    `"${text}"`,
    text.replaceAll(".", "%2E"),
    text.replace(".p.", ".p.0"),
    text.slice(0, -43) + standard,
    text.slice(0, -44),
    text + text,
    `${text}.${text}`,
    text.normalize("NFKD").replace("p", "\uff50"),
    encodeURIComponent(`${text}=`),
  ];
  for (const each of table) assert.equal(sealer.open("tickets", each, ""), undefined, each);
});

test("createSealer() never throws, and takes no other text for its own, whatever a visitor sends (W24)", () => {
  const sealer = createSealer([key]);
  const text = sealer.seal("tickets", pass, "");
  const piece = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\0", "\ud800", "\udfff", ".", "..", "!", "%", '"', "7".repeat(40), "\u202e", "p.", "t."),
    fc.nat(text.length).chain((from) => fc.nat(text.length).map((to) => text.slice(from, to))),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const sent = pieces.join("");
      assert.equal(
        sealer.open("tickets", sent, ""),
        sent === text ? sealer.open("tickets", text, "") : undefined,
      );
    }),
    { numRuns: 2000 },
  );
  for (
    const giant of [
      text.repeat(10_000),
      ".".repeat(1e6),
      "a".repeat(1e6),
      "\0".repeat(1e6),
      "\ud800".repeat(1e6),
    ]
  ) {
    assert.equal(sealer.open("tickets", giant, ""), undefined);
    assert.equal(sealer.open(giant, text, giant), undefined);
  }
});

test("createSealer() signs with the first key and verifies with all, so that keys can be rotated (W23)", () => {
  const [old, both, next] = [createSealer([key]), createSealer([otherKey, key]), createSealer([otherKey])];
  const before = old.seal("tickets", ticket, "me");
  assert.deepEqual(both.open("tickets", before, "me"), ticket);
  assert.equal(next.open("tickets", before, "me"), undefined);
  const after = both.seal("tickets", ticket, "me");
  assert.deepEqual(next.open("tickets", after, "me"), ticket);
  assert.equal(old.open("tickets", after, "me"), undefined);
  assert.equal(createSealer([key, key]).seal("tickets", ticket, "me"), before);
  // The name of a key alone proves nothing.
  assert.equal(old.open("tickets", before.slice(0, 4) + after.slice(4), "me"), undefined);
  assert.equal(old.open("tickets", after.slice(0, 4) + before.slice(4), "me"), undefined);
});

test("createSealer() ignores what a younger version adds to a ticket, if that signed it", () => {
  const seals = createSeals([key]);
  const meant = { use: "proof", room: "tickets", binding: "" };
  const sealer = createSealer([key]);
  const body = sealer.seal("tickets", ticket, "").slice(5, -44);
  assert.deepEqual(sealer.open("tickets", seals.close(meant, `${body}.!lane.3`), ""), ticket);
  const kept = { ...ticket, keptAt: 33 };
  assert.deepEqual(sealer.open("tickets", seals.close(meant, `${body}.!k.11.lane.3`), ""), kept);
  for (
    const odd of [
      `x${body.slice(1)}`,
      `${body}.1`,
      `${body}.01`,
      body.slice(0, -2),
      `${body}.`,
      "t.....",
      ".",
    ]
  ) {
    assert.equal(sealer.open("tickets", seals.close(meant, odd), ""), undefined, odd);
  }
  // A number beyond 2^53 is none that can be told from its neighbours.
  const huge = body.replace(".1.", ".8000000000v.");
  assert.equal(sealer.open("tickets", seals.close(meant, huge), ""), undefined);
});

test("createSealer() keeps where the way of a ticket began, and reads tickets that do not say it", () => {
  const seals = createSeals([key]);
  const meant = { use: "proof", room: "tickets", binding: "" };
  const sealer = createSealer([key]);
  for (const from of [0, 1, 77, 10_000_000, Number.MAX_SAFE_INTEGER]) {
    const text = sealer.seal("tickets", { ...ticket, from }, "");
    assert.deepEqual(createSealer([key]).open("tickets", text, ""), { ...ticket, from });
    assert.ok(text.length < 200);
  }
  const body = sealer.seal("tickets", ticket, "").slice(5, -44);
  assert.deepEqual(sealer.open("tickets", seals.close(meant, `${body}.!lane.f-1.3`), ""), {
    ...ticket,
    from: 1,
  });
  for (const odd of ["f-", "f-01", "f-x", "from1", "lanef-1", "f-vvvvvvvvvvvv"]) {
    assert.deepEqual(sealer.open("tickets", seals.close(meant, `${body}.!${odd}`), ""), ticket, odd);
  }
});

test("createSealer() takes no puzzle for a ticket", () => {
  const { challenge } = createPuzzle([key]).show("tickets", "", now);
  assert.equal(createSealer([key]).open("tickets", challenge, ""), undefined);
  const text = createSealer([key]).seal("tickets", ticket, "");
  assert.equal(createPuzzle([key]).check("tickets", text, "", now + 20_000), undefined);
});

test("createSealer() refuses keys that are missing or shorter than 32 bytes, and does not show them", () => {
  for (
    const keys of [[], ["short"], [key, "x".repeat(31)], [""], undefined, "a text instead of a list of texts"]
  ) {
    // What JavaScript allows.
    assert.throws(() => createSealer(keys as readonly string[]), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /^Cannot create waiting-room plugin: "secretKeys" must be .*32 bytes/);
      assert.doesNotMatch(error.message, /short|x{31}/);
      return true;
    });
  }
  // Sixteen characters of two bytes each.
  createSealer(["\u00e9".repeat(16)]);
});

test("createSealer() seals nothing that it could not read again", () => {
  const sealer = createSealer([key]);
  for (const wrong of [{ number: 1.5 }, { number: -1 }, { epoch: Number.NaN }, { issuedAt: 2 ** 53 }]) {
    assert.throws(() => sealer.seal("tickets", { ...ticket, ...wrong }, ""), { code: "internal" });
  }
  for (const tag of ["", "a.b", "x".repeat(23), "\u00e9"]) {
    assert.throws(() => sealer.seal("tickets", { ...ticket, tag }, ""), { code: "internal" });
  }
});
