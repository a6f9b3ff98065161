import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createIdentities,
  createSealer,
  createTags,
  newSecretKey,
  newTag,
} from "../../../../plugins/waiting-room/tickets/mod.ts";
import { key, otherKey, ticket } from "./_proofs.ts";

test("newTag() draws eight characters of base64url", () => {
  assert.equal(newTag((bytes) => new Uint8Array(bytes)), "AAAAAAAA");
  assert.equal(newTag((bytes) => new Uint8Array(bytes).fill(255)), "________");
  const drawn = new Set(Array.from({ length: 1000 }, () => newTag()));
  assert.equal(drawn.size, 1000);
  for (const tag of drawn) assert.match(tag, /^[\w-]{8}$/);
  assert.throws(() => newTag(() => new Uint8Array(5)), { code: "internal", message: /5 bytes instead of 6/ });
});

test("createTags() gives each newcomer a tag of their own, over several draws", () => {
  const [newTag, another] = [createTags(), createTags()];
  const drawn = Array.from({ length: 1000 }, (_, at) => at % 2 === 0 ? newTag() : another());
  assert.equal(new Set(drawn).size, 1000);
  for (const tag of drawn) assert.match(tag, /^[\w-]{8}$/);
});

test("newSecretKey() is long enough for a sealer", () => {
  const made = newSecretKey();
  assert.match(made, /^[\w-]{43}$/);
  assert.notEqual(made, newSecretKey());
  assert.ok(createSealer([made]).open("a", createSealer([made]).seal("a", ticket, ""), "") !== undefined);
});

test("createIdentities() gives an identity one tag for each room and key (W26)", () => {
  const { tagOf } = createIdentities([key, otherKey]);
  const tag = tagOf("tickets", "ada@example.com");
  assert.match(tag, /^[\w-]{16}$/);
  assert.equal(createIdentities([key]).tagOf("tickets", "ada@example.com"), tag);
  const others = [
    tagOf("shoes", "ada@example.com"),
    tagOf("tickets", "Ada@example.com"),
    tagOf("tickets", "ada@example.com "),
    tagOf("ticketsa", "da@example.com"),
    tagOf("tickets", ""),
    tagOf("tickets", "\ud800"),
    tagOf("tickets", "\ud801"),
    tagOf("tickets", "\ufffd"),
    createIdentities([otherKey]).tagOf("tickets", "ada@example.com"),
  ];
  assert.equal(new Set([tag, ...others]).size, 10);
  assert.match(tagOf("tickets", "x".repeat(1e5)), /^[\w-]{16}$/);
  // A ticket can carry it.
  const sealer = createSealer([key]);
  assert.equal(sealer.open("a", sealer.seal("a", { ...ticket, tag }, ""), "")?.tag, tag);
  assert.throws(() => createIdentities(["short"]), TypeError);
});

test("createIdentities() has a tag count for its own identity by any key, and for no other (W26)", () => {
  const { counts, tagOf } = createIdentities([otherKey, key]);
  const old = createIdentities([key]).tagOf("tickets", "ada");
  const asked: string[] = [];
  const is = (who: string) => () => {
    asked.push(who);
    return who;
  };
  for (const tag of [old, tagOf("tickets", "ada")]) {
    assert.ok(counts("tickets", tag, is("ada")));
    assert.ok(!counts("tickets", tag, is("eve")));
    assert.ok(!counts("shoes", tag, is("ada")));
    assert.ok(counts("tickets", tag, is("")), "who is nobody in particular may be the same");
  }
  asked.length = 0;
  assert.ok(counts("tickets", newTag(), is("ada")));
  assert.deepEqual(asked, [], "nobody is asked about what was given for no identity");
});
