import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isStale } from "../../../plugins/crowdhandler/session/session.ts";
import {
  benchOf,
  hybridBench,
  hybridCookie,
  publicKey,
  queued,
  room,
  site,
  start,
  token,
} from "./_helpers.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijklmnpqrstuvwxyz";
const answers = { rooms: [room], requests: queued };

/** A token that was made at a moment. */
function madeAt(time: number): string {
  const date = new Date(time);
  const parts = [
    date.getUTCFullYear() - 2000,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  return `tok0${parts.map((part) => alphabet[part]).join("")}xyz`;
}

describe("isStale() reads the date of a token", () => {
  const hours = 3_600_000;
  const table: [string, string, boolean][] = [
    ["a token of now", madeAt(start), false],
    ["a token of exactly twelve hours", madeAt(start - 12 * hours), false],
    ["a token of twelve hours and a second", madeAt(start - 12 * hours - 1000), true],
    ["a token of years ago", "tok0M7SBFAxyz", true],
    ["a token without date", token, false],
    ["a date with a letter that is no digit", "tok0MOSBFAxyz", true],
    ["a date with a month that is none", "tok00DSBFAxyz", true],
    ["a date with an hour that is none", "tok0U1FPFAxyz", true],
    ["a date that is too short", "tok0U1F", true],
  ];
  for (const [what, text, expected] of table) {
    test(`isStale() is ${expected} for ${what}`, () => assert.equal(isStale(text, start), expected));
  }
  test("isStale() agrees with the service's own example", () => {
    const made = Date.UTC(2022, 6, 27, 11, 15, 10);
    assert.equal(isStale("tok0M7SBFA0", made + 12 * hours), false);
    assert.equal(isStale("tok0M7SBFA0", made + 12 * hours + 1), true);
  });
});

test("crowdhandler() with lite sends a visitor without a token to the validator, before any call", async () => {
  for (
    const bench of [
      benchOf({ options: { lite: true }, answers }),
      hybridBench({ options: { lite: true }, answers }),
    ]
  ) {
    const { decision, location, response } = await bench.visit("/tickets?a=%20&ch-code=c%261");
    assert.equal(decision?.reason, "crowdhandler/lite");
    assert.equal(
      location,
      `https://api.crowdhandler.com/v1/redirect/requests?ch-public-key=${publicKey}&url=${
        encodeURIComponent(`${site}/tickets?a=%20`)
      }&ch-code=c%261`,
    );
    assert.match(response.headers.get("cache-control") ?? "", /no-store/);
    assert.deepEqual(bench.calls.map((call) => call.path), ["rooms"]);
  }
});

test("crowdhandler() with lite sends a stale token along, and asks the API about a recent one", async () => {
  const bench = benchOf({ options: { lite: true, apiUrl: "https://api.test/" }, answers });
  const stale = madeAt(start - 13 * 3_600_000);
  const { location } = await bench.visit("/tickets", { cookie: `crowdhandler=${stale}` });
  assert.ok(location.startsWith(`https://api.test/v1/redirect/requests/${stale}?`), location);
  const recent = madeAt(start - 11 * 3_600_000);
  assert.equal(
    (await bench.visit("/tickets", { cookie: `crowdhandler=${recent}` })).decision?.reason,
    "crowdhandler/queued",
  );
  assert.equal(bench.calls.at(-1)?.path, `requests/${recent}`);
});

test("crowdhandler() with lite asks the API about pages outside every room", async () => {
  const bench = benchOf({ options: { lite: true }, answers: { rooms: [room] } });
  assert.equal((await bench.visit("/other")).served, true);
  assert.deepEqual(bench.calls.map((call) => call.path), ["rooms", "requests"]);
});

test("crowdhandler() with lite never sends a visitor to the validator twice", async () => {
  const stale = madeAt(start - 13 * 3_600_000);
  for (const cookie of ["", `crowdhandler=${stale}`]) {
    const bench = benchOf({ options: { lite: true }, answers });
    assert.equal((await bench.visit("/tickets", { cookie })).decision?.reason, "crowdhandler/lite");
    const back = await bench.visit(`/tickets?ch-id=${stale}`, { cookie });
    assert.equal(back.decision?.reason, "crowdhandler/clean-url");
    const url = new URL(back.location);
    // Whether the cookie was kept or not.
    const { decision } = await bench.visit(url.pathname + url.search, { cookie });
    assert.equal(decision?.reason, "crowdhandler/queued");
  }
});

test("crowdhandler() with lite in full mode asks the API when there is no feed", async () => {
  const bench = benchOf({
    options: { lite: true },
    answers: { rooms: () => new Response(null, { status: 500 }) },
  });
  assert.equal((await bench.visit("/tickets")).decision?.reason, "crowdhandler/promoted");
  assert.deepEqual(bench.errors, []);
});

test("crowdhandler() with lite in hybrid mode admits a valid visitor at once", async () => {
  const bench = hybridBench({ options: { lite: true }, answers });
  assert.equal((await bench.visit("/tickets", { cookie: hybridCookie() })).served, true);
});
