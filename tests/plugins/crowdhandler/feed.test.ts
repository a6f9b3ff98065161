import assert from "node:assert/strict";
import { test } from "node:test";
import {
  findRoom,
  isCheckoutPage,
  readFeed,
  readRooms,
  type RoomPage,
} from "../../../plugins/crowdhandler/rooms/rooms.ts";
import { room } from "./_helpers.ts";

const host = "shop.example.com";

function read(...entries: readonly unknown[]) {
  const warnings: string[] = [];
  const rooms = readRooms({ result: entries }, (message) => warnings.push(message));
  return { rooms, warnings };
}

function pageOf(text: string, changed: Partial<RoomPage> = {}): RoomPage {
  return { host, texts: [text], caseSensitive: false, ...changed };
}

test("readRooms() reads what a room says, and takes what has not its form for missing", () => {
  const { queueActivatesOn, timeout } = room;
  const table: [changed: object, activates: string | undefined, minutes: number | undefined][] = [
    [{}, queueActivatesOn, timeout],
    [{ queueActivatesOn: "soon", timeout: 0.5 }, "soon", 0.5],
    [{ queueActivatesOn: "", timeout: "20" }, undefined, undefined],
    [{ queueActivatesOn: null, timeout: null }, undefined, undefined],
    [{ queueActivatesOn: 5, timeout: Infinity }, undefined, undefined],
    [{ queueActivatesOn: undefined, timeout: NaN }, undefined, undefined],
    [{ timeout: -1 }, queueActivatesOn, -1],
  ];
  for (const [changed, activates, timeoutMinutes] of table) {
    const { rooms: [first], warnings } = read({ ...room, ...changed });
    assert.deepEqual([first?.slug, first?.activates, first?.timeoutMinutes], [
      room.slug,
      activates,
      timeoutMinutes,
    ]);
    assert.deepEqual(warnings, []);
  }
});

test("readRooms() says of each room that it skips by its number what is not usable", () => {
  const table: [entry: unknown, said: string][] = [
    [null, "room 1 of the feed is skipped, its  is not usable"],
    ["hall", "room 1 of the feed is skipped, its  is not usable"],
    [{}, "room 1 of the feed is skipped, its domain is not usable"],
    [{ ...room, domain: 5 }, "room 1 of the feed is skipped, its domain is not usable"],
    [{ ...room, slug: ".." }, "room 1 of the feed is skipped, its slug is not usable"],
    [{ ...room, patternType: null }, "room 1 of the feed is skipped, its patternType is not usable"],
    [
      { ...room, patternType: "regex", urlPattern: "(" },
      'room "queen-victoria-hall" of the feed is skipped, its pattern is no regular expression',
    ],
  ];
  for (const [entry, said] of table) {
    const { rooms, warnings } = read(room, entry, { ...room, slug: "last" });
    assert.deepEqual(rooms.map(({ slug }) => slug), [room.slug, "last"]);
    assert.deepEqual(warnings, [`crowdhandler: ${said}`]);
  }
});

test("readRooms() says of each room that can cover no page why it cannot, and of the feed where none can", () => {
  const table: [changed: object, fault: string | undefined][] = [
    ...["", "https://", "*", "https://*.", "https://a b.example", "https:/shop.example", "//shop.example"]
      .map(
        (domain): [object, string] => [{ domain }, `its domain ${JSON.stringify(domain)} is no host`],
      ),
    [{ domain: "https://shop.example.com:8443/x" }, undefined],
    [{ domain: "https://müller.example" }, undefined],
    [{ domain: "https://[::1]" }, undefined],
    [{ urlPattern: "" }, "it has no pattern"],
    [{ urlPattern: null }, "it has no pattern"],
    [{ patternType: "regex", urlPattern: null }, "it has no pattern"],
    [{ patternType: "regex", urlPattern: "" }, undefined],
    [{ patternType: "all", urlPattern: null }, undefined],
    [{ patternType: "Regex" }, 'its patternType "Regex" is none of regex, contains and all'],
  ];
  for (const [changed, fault] of table) {
    const said = `crowdhandler: room "${room.slug}" of the feed covers no page, ${fault}`;
    const last = "crowdhandler: the feed has no room that can be used, so every page is let through";
    assert.deepEqual(read(room, { ...room, ...changed }).warnings, fault === undefined ? [] : [said]);
    assert.deepEqual(read({ ...room, ...changed }).warnings, fault === undefined ? [] : [said, last]);
  }
});

test("readRooms() says so much of rooms, and always that every page is let through", () => {
  const { warnings } = read(...Array(200).fill({ ...room, domain: "" }).concat(Array(200).fill({})));
  assert.equal(warnings.length, 22);
  assert.deepEqual(warnings.slice(20), [
    "crowdhandler: more is wrong with rooms of the feed than is told",
    "crowdhandler: the feed has no room that can be used, so every page is let through",
  ]);
});

test("readFeed() takes an empty list for an account without rooms, and a list in which nothing is a room for no feed", () => {
  assert.deepEqual(readFeed({ result: [] }, () => {}), []);
  assert.equal(readFeed({ result: [{}, room] }, () => {}).length, 1);
  assert.deepEqual(readFeed({ result: [{ ...room, patternType: "regex", urlPattern: "(" }] }, () => {}), []);
  for (const result of [[null], [{}], ["hall", 5], [{ ...room, domain: null }, { ...room, slug: "" }]]) {
    assert.throws(() => readFeed({ result }, () => {}), {
      name: "ServiceError",
      code: "malformed",
      message: "CrowdHandler answered with a rooms feed in which nothing is a room",
    });
  }
});

test("readRooms() fails where there is no list", () => {
  for (const feed of [undefined, null, [], {}, { result: {} }, { result: "x" }, { rooms: [] }]) {
    assert.throws(() => readRooms(feed, () => {}), {
      name: "ServiceError",
      code: "malformed",
      message: "CrowdHandler answered with an unusable rooms feed",
    });
  }
  assert.deepEqual(read().rooms, []);
});

test("a room covers pages of its host, of a subdomain where it says so, and those whose host says nothing", () => {
  const table: [domain: string, host: string | undefined, covered: boolean][] = [
    ["https://shop.example.com", "shop.example.com", true],
    ["HTTP://shop.example.com", "shop.example.com", true],
    ["shop.example.com", "shop.example.com", true],
    ["https://shop.example.com/a/b", "shop.example.com", true],
    ["https://shop.example.com/\n/x", "shop.example.com", true],
    ["https://shop.example.com:8443", "shop.example.com:8443", true],
    ["https://shop.example.com", "www.example.com", false],
    ["https://shop.example.com", "a.shop.example.com", false],
    ["https://shop.example.com", undefined, true],
    ["x-https://shop.example.com", "shop.example.com", false],
    ["https://*.example.com", "shop.example.com", true],
    ["https://*.example.com", "a.shop.example.com", true],
    ["https://*.example.com", "example.com", false],
    ["https://*.example.com", "badexample.com", false],
    ["https://*.example.com", undefined, true],
    [" https://shop.example.com ", "shop.example.com", true],
    ["https://müller.example", "xn--mller-kva.example", true],
    ["https://*.müller.example", "shop.xn--mller-kva.example", true],
    ["", "shop.example.com", false],
    ["*.", "shop.example.com", false],
  ];
  for (const [domain, asked, covered] of table) {
    const { rooms } = read({ ...room, domain, patternType: "all", checkout: "end" });
    const page = pageOf("/end", { host: asked });
    assert.equal(findRoom(rooms, page)?.text, covered ? "/end" : undefined, `${domain} ${asked}`);
    assert.equal(isCheckoutPage(rooms, page), covered, `${domain} ${asked}`);
  }
});

test("a room covers by any reading of a page, in another case where that says nothing, and tells by which text", () => {
  const table: [
    patternType: string,
    urlPattern: string,
    texts: string[],
    caseSensitive: boolean,
    text: string | undefined,
  ][] = [
    ["contains", "/tickets", ["/a", "/tickets/1"], false, "/tickets/1"],
    ["contains", "/tickets", ["/TICKETS/1", "/tickets/1"], false, "/tickets/1"],
    ["contains", "/Tickets", ["/a/tickets/B"], false, "/a/Tickets/B"],
    ["contains", "/Tickets", ["/tickets/B"], true, undefined],
    ["contains", "/x#y", ["/A/X%23Y/b"], false, "/A/x%23y/b"],
    ["contains", "/a b", ["/A+B/c+d"], false, "/a%20b/c%20d"],
    ["contains", "/è", ["/%C3%A8"], true, "/%C3%A8"],
    ["contains", "", ["/"], false, undefined],
    ["regex", "^/t$", ["/a", "/t"], true, "/t"],
    ["regex", "^/t$", ["/T"], true, undefined],
    ["regex", "^/t$", ["/T"], false, "/T"],
    ["regex", "", ["/"], true, "/"],
    ["all", "/x", ["/a", "/b"], true, "/a"],
    ["prefix", "/", ["/"], false, undefined],
    ["", "/", ["/"], false, undefined],
  ];
  for (const [patternType, urlPattern, texts, caseSensitive, text] of table) {
    const { rooms } = read({ ...room, patternType, urlPattern });
    assert.equal(findRoom(rooms, pageOf("", { texts, caseSensitive }))?.text, text, `${urlPattern} ${texts}`);
  }
  for (const patternType of ["contains", "regex"]) {
    assert.equal(
      findRoom(read({ ...room, patternType, urlPattern: null }).rooms, pageOf("/null")),
      undefined,
    );
  }
});

test("findRoom() gives the first room that covers a page", () => {
  const { rooms } = read({ ...room, slug: "none", urlPattern: "/none" }, { ...room, slug: "first" }, room);
  assert.equal(findRoom(rooms, pageOf("/tickets"))?.room.slug, "first");
  assert.equal(findRoom(rooms, pageOf("/other")), undefined);
  assert.equal(findRoom([], pageOf("/tickets")), undefined);
});

test("a session ends on pages that a checkout pattern finds in the canonical text, in its case", () => {
  const { rooms, warnings } = read(room, { ...room, checkout: "/end$" });
  assert.deepEqual(warnings, []);
  assert.equal(isCheckoutPage(rooms, pageOf("/tickets/end")), true);
  for (const texts of [["/tickets", "/tickets/end"], ["/tickets/END"], ["/end/x"], []]) {
    assert.equal(isCheckoutPage(rooms, pageOf("", { texts })), false, texts.join(" "));
  }
  for (const checkout of [undefined, null, "", 5]) {
    assert.equal(isCheckoutPage(read({ ...room, checkout }).rooms, pageOf("/5 undefined null")), false);
  }
  const broken = read({ ...room, checkout: "(" });
  assert.equal(isCheckoutPage(broken.rooms, pageOf("/(")), false);
  assert.deepEqual(broken.warnings, [
    'crowdhandler: room "queen-victoria-hall" of the feed has a checkout pattern that is no regular expression',
  ]);
});

test("a pattern whose work cannot be foreseen is tried on short texts, and on none where it may explode", () => {
  const table: [pattern: string, max: number][] = [
    ["(?!x)tickets", 256],
    ["(?!x)(a|b)tickets", 256],
    ["(?!x)a+b+tickets", 256],
    ["(?!x)(ab)+tickets", 256],
    ["(?!x)(a+)tickets", 256],
    ["(?!x)(a+){2}tickets", 256],
    ["(?!x)(a+)+tickets", 0],
    ["(?!x)(a*)*tickets", 0],
    ["(?!x)(a?)*tickets", 0],
    ["(?!x)(a|b)*tickets", 0],
    ["(?!x)(a{2})*tickets", 0],
    ["(?!x)(a+){2,}tickets", 0],
    ["(?!x)(a+){10,}tickets", 0],
    ["(?!x)((a+))+tickets", 0],
  ];
  for (const [pattern, max] of table) {
    const { rooms, warnings } = read({
      ...room,
      patternType: "regex",
      urlPattern: pattern,
      checkout: pattern,
    });
    const what =
      `crowdhandler: room "queen-victoria-hall" of the feed has a pattern with look-around or back references; ` +
      `addresses of more than ${max} characters count as`;
    assert.deepEqual(warnings, [`${what} protected`, `${what} no checkout`], pattern);
    for (const length of [max, max + 1]) {
      const text = "-".repeat(length);
      assert.equal(
        findRoom(rooms, pageOf(text))?.text,
        length > max ? text : undefined,
        `${pattern} ${length}`,
      );
      assert.equal(isCheckoutPage(rooms, pageOf(text)), false);
    }
  }
});
