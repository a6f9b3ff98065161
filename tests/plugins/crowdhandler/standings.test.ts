import assert from "node:assert/strict";
import { test } from "node:test";
import { readResult } from "../../../plugins/crowdhandler/api/check-result.ts";
import { createStandings } from "../../../plugins/crowdhandler/modes/standings.ts";
import { sessionOf } from "../../../plugins/crowdhandler/session/session.ts";

const [a, b, c, d] = ["tok_a", "tok_b", "tok_c", "tok_d"].map((token) => sessionOf(token, undefined)) as [
  ReturnType<typeof sessionOf>,
  ReturnType<typeof sessionOf>,
  ReturnType<typeof sessionOf>,
  ReturnType<typeof sessionOf>,
];

function answer(promoted: 0 | 1, token?: string) {
  return readResult(JSON.stringify({ result: { promoted, token } }));
}

test("createStandings() chooses who was promoted before who was not asked about, then who waits, then who is not known", () => {
  const standings = createStandings();
  standings.note(d.token, answer(1, "tok_new"));
  standings.note(c.token, answer(0, c.token));
  standings.note(a.token, answer(1, a.token));
  for (
    const [sessions, chosen] of [
      [[d, c, b, a], a],
      [[a, b, c, d], a],
      [[d, c, b], b],
      [[b, c, d], b],
      [[d, c], c],
      [[c, d], c],
      [[d], d],
      [[], undefined],
    ] as const
  ) {
    assert.equal(standings.choose(sessions)?.token, chosen?.token);
  }
  assert.deepEqual([a, b, c, d].map(({ token }) => standings.isPromoted(token)), [true, false, false, false]);
  assert.ok(
    standings.isPromoted("tok_new"),
    "what was given out in place of the token stands as the answer says",
  );
});

test("createStandings() chooses, of those that stand alike, the one that was not asked about for the longest time", () => {
  const standings = createStandings();
  assert.equal(standings.choose([a, b])?.token, a.token, "the first of those that nobody asked about");
  for (const { token } of [a, b, c]) standings.note(token, answer(0, token));
  assert.equal(standings.choose([c, b, a])?.token, a.token);
  standings.note(a.token, answer(0));
  assert.equal(standings.choose([a, b, c])?.token, b.token);
  standings.note(undefined, answer(0, b.token));
  assert.equal(standings.choose([a, b, c])?.token, c.token);
});

test("createStandings() takes an answer without a token for one about the token that was asked about", () => {
  const standings = createStandings();
  standings.note(a.token, answer(1));
  assert.ok(standings.isPromoted(a.token));
  standings.note(a.token, answer(0));
  assert.ok(!standings.isPromoted(a.token));
  standings.note(undefined, answer(1));
  assert.ok(!standings.isPromoted(a.token));
});

test("createStandings() lets a token take the place of others only when the service knew none of them", () => {
  const standings = createStandings();
  standings.note(a.token, answer(0, "tok_new"));
  standings.note(b.token, answer(1, "tok_newer"));
  standings.note(c.token, answer(0, c.token));
  assert.ok(standings.mayReplace([a]));
  assert.ok(standings.mayReplace([a, b]));
  assert.ok(!standings.mayReplace([a, c]));
  assert.ok(!standings.mayReplace([d]));
});
