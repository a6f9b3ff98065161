import assert from "node:assert/strict";
import { test } from "node:test";
import { inspectRooms, isPromotionSigned } from "../../../plugins/crowdhandler/inspect/mod.ts";
import { readResult } from "../../../plugins/crowdhandler/api/check-result.ts";
import { readingsOf } from "../../../src/url/readings.ts";

const domain = "https://shop.example.com";
const feed = {
  result: [
    {
      slug: "sale",
      domain,
      patternType: "regex",
      urlPattern: "^/sale/\\d+",
      queueActivatesOn: "2029-12-01T09:00:00Z",
    },
    { slug: "odd", domain, patternType: "regex", urlPattern: "(" },
    { slug: 5, domain, patternType: "all" },
    { slug: "tickets", domain, patternType: "contains", urlPattern: "/tickets" },
    { slug: "other", domain: "https://*.example.org", patternType: "all" },
  ],
};

function look(url: string, caseSensitive = false) {
  return inspectRooms(feed, { url, readings: readingsOf(url), caseSensitive });
}

test("inspectRooms() names the room that covers a page, and the text by which it does", () => {
  const table: readonly (readonly [url: string, covering: number | undefined, text: string | undefined])[] = [
    [`${domain}/sale/12?ch-id=tok_7pDi5dRB2nUi&a=1`, 0, "/sale/12?a=1"],
    [`${domain}/tickets`, 3, "/tickets"],
    [`${domain}/Tickets/x`, 3, "/tickets/x"],
    [`${domain}/about`, undefined, undefined],
    ["https://www.example.org/", 4, "/"],
    ["https://example.org/", undefined, undefined],
  ];
  for (const [url, covering, text] of table) {
    const found = look(url);
    assert.deepEqual([found.covering, found.rooms[covering ?? -1]?.text], [covering, text], url);
  }
  assert.equal(look(`${domain}/Tickets`, true).covering, undefined);
});

test("inspectRooms() says which rooms are for the host, which are skipped and why, and by what URL the service is asked", () => {
  const { rooms, told, text, warnings } = look("http://shop.example.com/a/../tickets?ch-code=x");
  assert.deepEqual(rooms.map(({ slug, isOnHost }) => [slug, isOnHost]), [
    ["sale", true],
    ["odd", true],
    ["", true],
    ["tickets", true],
    ["other", false],
  ]);
  assert.deepEqual(rooms.map(({ fault }) => fault !== undefined), [false, true, true, false, false]);
  assert.equal(told, `${domain}/tickets`);
  assert.equal(text, "/a/../tickets");
  assert.equal(warnings.length, 2);
});

test("inspectRooms() throws for what is no list of rooms, and takes whatever the rooms are", () => {
  const page = { url: `${domain}/`, readings: [`${domain}/`], caseSensitive: false };
  for (const value of [undefined, null, 5, "x", [], {}, { result: {} }]) {
    assert.throws(() => inspectRooms(value, page), { code: "malformed" });
  }
  const { rooms, covering, warnings } = inspectRooms(
    { result: [null, 5, "x", {}, { slug: "a".repeat(5000), domain }] },
    page,
  );
  assert.deepEqual([rooms.length, covering, rooms[4]?.slug.length], [5, undefined, 512]);
  assert.equal(warnings.at(-1), "nothing in the feed is a room, so it counts as none");
});

test("isPromotionSigned() tells whether the service signs with a private key, where that can be told", () => {
  // The worked example of the protocol.
  const room = {
    slug: "queen-victoria-hall",
    domain,
    patternType: "all",
    queueActivatesOn: "2029-12-01T09:00:00Z",
  };
  const answer = {
    promoted: 1,
    token: "tok_7pDi5dRB2nUi",
    slug: room.slug,
    requested: "2030-01-15T11:59:30Z",
    hash: "1a5654b781a893cce8516ba4015f26d5e8a9bf4b53a29948aa1b8c6e7f8602c7",
  };
  const told = (key: string, more: object = {}, rooms: readonly object[] = [room]) =>
    isPromotionSigned({ result: rooms }, key, readResult(JSON.stringify({ result: { ...answer, ...more } })));
  const key = "priv_3b1f0c9a7d5e42668f10aa55cc77ee99";
  assert.equal(told(key), true);
  assert.equal(told("another"), false);
  assert.equal(told(key, { token: "tok_other" }), false);
  assert.equal(told(key, { hash: null }), undefined);
  assert.equal(told(key, {}, []), undefined);
  assert.equal(told(key, {}, [{ ...room, queueActivatesOn: null }]), undefined);
});
