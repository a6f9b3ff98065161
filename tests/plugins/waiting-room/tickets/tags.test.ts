import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createSealer,
  identityTag,
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

test("newSecretKey() is long enough for a sealer", () => {
  const made = newSecretKey();
  assert.match(made, /^[\w-]{43}$/);
  assert.notEqual(made, newSecretKey());
  assert.ok(createSealer([made]).open("a", createSealer([made]).seal("a", ticket, ""), "") !== undefined);
});

test("identityTag() gives an identity one tag for each room and key (W26)", () => {
  const tagOf = identityTag([key, otherKey]);
  const tag = tagOf("tickets", "ada@example.com");
  assert.match(tag, /^[\w-]{16}$/);
  assert.equal(identityTag([key])("tickets", "ada@example.com"), tag);
  const others = [
    tagOf("shoes", "ada@example.com"),
    tagOf("tickets", "Ada@example.com"),
    tagOf("tickets", "ada@example.com "),
    tagOf("ticketsa", "da@example.com"),
    tagOf("tickets", ""),
    tagOf("tickets", "\ud800"),
    tagOf("tickets", "\ud801"),
    tagOf("tickets", "\ufffd"),
    identityTag([otherKey])("tickets", "ada@example.com"),
  ];
  assert.equal(new Set([tag, ...others]).size, 10);
  assert.match(tagOf("tickets", "x".repeat(1e5)), /^[\w-]{16}$/);
  // A ticket can carry it.
  const sealer = createSealer([key]);
  assert.equal(sealer.open("a", sealer.seal("a", { ...ticket, tag }, ""), "")?.tag, tag);
  assert.throws(() => identityTag(["short"]), TypeError);
});
