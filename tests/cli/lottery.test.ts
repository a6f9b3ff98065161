import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commitmentOf, createDraw, type LotteryFacts } from "../../plugins/waiting-room/lottery/mod.ts";
import { stanchion } from "./_run.ts";

const secret = "a secret of at least thirty-two bytes";
const commitment = commitmentOf(secret);
const { placeOf } = createDraw({ secret, beacon: "6c3f", count: 20 });

const facts: LotteryFacts = {
  form: 1,
  room: "tickets",
  epoch: 1,
  opensAt: "2027-03-01T09:00:00.000Z",
  closesAt: "2027-03-01T08:59:00.000Z",
  commitment,
  registered: 20,
  drawnBy: "beacon",
  beacon: "6c3f",
  secret,
};

function verify(more: readonly string[], told: object | string = facts, env: Record<string, string> = {}) {
  const text = typeof told === "string" ? told : JSON.stringify(told);
  return stanchion(["lottery", "verify", ...more], { "room.json": text, "secret.txt": `${secret}\n` }, env);
}

const room = ["--from", "room.json"];
const byHand = ["--commitment", commitment, "--beacon", "6c3f", "--people", "20"];

describe("stanchion lottery verify", () => {
  test("computes the places of numbers by what a room published", async () => {
    const { code, out, err } = await verify([...room, "--number", "7", "--number", "20"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(
      out,
      /^The lottery of room "tickets", line 1\nright {2}The secret is the one that was committed to\.\n/,
    );
    assert.match(out, /follows from the secret and the beacon 6c3f\. Compare that .* not even the owner\./);
    assert.match(
      out,
      new RegExp(`Number 7 has place ${placeOf(7)}\\.\\n.*Number 20 has place ${placeOf(20)}\\.\n$`),
    );
  });

  test("computes them by what somebody wrote down, with the secret from anywhere", async () => {
    for (const more of [["--secret-file", "secret.txt"], ["--secret", secret]]) {
      const { code, out } = await verify([...byHand, ...more, "--number", "7"]);
      assert.equal(code, 0, out);
      assert.match(out, new RegExp(`Number 7 has place ${placeOf(7)}\\.`));
    }
    const { code } = await verify([...byHand, "--number", "7"], facts, { STANCHION_LOTTERY_SECRET: secret });
    assert.equal(code, 0);
  });

  const wrongs: readonly [what: string, args: readonly string[], told: object, says: RegExp][] = [
    [
      "another secret",
      room,
      { ...facts, secret: `${secret}!` },
      /^wrong {2}The secret is not the one .* proves nothing\.$/m,
    ],
    [
      "another commitment than before",
      [...room, "--commitment", "0".repeat(64)],
      facts,
      /^wrong {2}The room tells another commitment/m,
    ],
    [
      "another beacon than where it comes from",
      [...room, "--beacon", "6c40"],
      facts,
      /^wrong {2}The room tells another beacon .*: 6c3f\.$/m,
    ],
    [
      "another number of people",
      [...room, "--people", "21"],
      facts,
      /^wrong {2}The room tells another number of people/m,
    ],
    [
      "another place",
      [...room, "--number", "7", "--place", String(placeOf(7) + 1)],
      facts,
      /^wrong {2}Number 7 has place \d+, and not \d+\.$/m,
    ],
    [
      "another place of who came late",
      [...room, "--number", "21", "--place", "3"],
      facts,
      /^wrong {2}Number 21 came after .* place 21\.$/m,
    ],
    [
      "a secret that is not told yet",
      room,
      { ...facts, secret: null },
      /^open {3}The secret is not told yet: it is from 2027-03-01T09:00:00\.000Z on\./m,
    ],
    ["a registration that is open", room, {
      ...facts,
      registered: null,
      drawnBy: null,
      beacon: null,
      secret: null,
    }, /^open {3}Registration is not closed yet\.$/m],
    [
      "an order that is not drawn",
      room,
      { ...facts, drawnBy: null, beacon: null },
      /^open {3}The order is not drawn yet\.$/m,
    ],
  ];
  for (const [what, args, told, says] of wrongs) {
    test(`tells of ${what}, and ends with 1`, async () => {
      const { code, out } = await verify(args, told);
      assert.match(out, says);
      assert.equal(code, 1);
    });
  }

  test("says what an order proves that was drawn without a beacon, or not at all", async () => {
    const alone = await verify([...room, "--number", "2"], { ...facts, drawnBy: "committed", beacon: "" });
    assert.match(alone.out, /follows from the secret alone\. Nobody could choose but the owner/);
    const arrived = await verify([...room, "--number", "2"], { ...facts, drawnBy: "arrival", beacon: "" });
    assert.match(arrived.out, /kept the order of the registrations/);
    assert.match(arrived.out, /Number 2 has place 2\./);
    assert.deepEqual([alone.code, arrived.code], [0, 0]);
  });

  test("prints JSON", async () => {
    const { code, out } = await verify([...room, "--number", "7", "--json"]);
    const { ok, places, facts: told } = JSON.parse(out);
    assert.deepEqual([code, ok, places, told], [0, true, [{ number: 7, place: placeOf(7) }], facts]);
  });

  test("reads what a room publishes at its address", async () => {
    const asked: unknown[] = [];
    const network = {
      fetch(url: string, { headers }: RequestInit) {
        asked.push(url, headers);
        return Promise.resolve(Response.json(facts));
      },
      lookup: () => Promise.reject(new Error("no")),
      connect: () => Promise.reject(new Error("no")),
    };
    const from = "https://shop.example.com/.stanchion/tickets/lottery";
    const { code } = await stanchion(["lottery", "verify", "--from", from], {}, {}, { network });
    assert.deepEqual([code, asked], [0, [from, { accept: "application/json" }]]);
  });

  const answers: readonly [what: string, answer: () => Promise<Response>, says: RegExp][] = [
    [
      "there is none",
      () => Promise.resolve(new Response("", { status: 404 })),
      /no such room, or it has no lottery/,
    ],
    ["it fails", () => Promise.resolve(new Response("", { status: 500 })), /answers with status 500/],
    ["it is a page", () => Promise.resolve(new Response("<!doctype html>")), /it is no JSON/],
    ["it is endless", () => Promise.resolve(new Response("x".repeat(70_000))), /cannot be read to its end/],
    ["nobody is there", () => Promise.reject(new TypeError("fetch failed")), /cannot be read: fetch failed/],
  ];
  for (const [what, answer, says] of answers) {
    test(`says so where ${what}, and ends with 2`, async () => {
      const no = () => Promise.reject(new Error("no"));
      const network = { fetch: answer, lookup: no, connect: no };
      const { code, err } = await stanchion(
        ["lottery", "verify", "--from", "https://shop.example.com/x"],
        {},
        {},
        { network },
      );
      assert.match(err, says);
      assert.equal(code, 2);
    });
  }

  const misuses: readonly [args: readonly string[], says: RegExp][] = [
    [["lottery"], /What about the lottery\?/],
    [["lottery", "verfy"], /lottery has no command "verfy"; did you mean verify\?/],
    [["lottery", "verify"], /--commitment, --beacon \(empty where there was none\), --people are missing/],
    [["lottery", "verify", "https://shop.example.com/x"], /did you mean --from https/],
    [["lottery", "verify", "--form", "x"], /no option --form; did you mean --from\?/],
    [["lottery", "verify", ...byHand], /Which secret\?/],
    [["lottery", "verify", "--commitment", "abc"], /--commitment must be 64 hexadecimal digits/],
    [["lottery", "verify", "--beacon", "ü"], /--beacon must be a text of 1 to 200 printable characters/],
    [["lottery", "verify", ...byHand, "--place", "3"], /--place is that of one number/],
    [["lottery", "verify", ...byHand, "--number", "0"], /--number must be a whole number from 1/],
    [["lottery", "verify", "--from", "none.json"], /There is no file none\.json/],
  ];
  for (const [args, says] of misuses) {
    test(`refuses ${args.slice(0, 4).join(" ")}`, async () => {
      const { code, err } = await stanchion(args);
      assert.match(err, says);
      assert.equal(code, 2);
    });
  }

  test("refuses what is not what a room publishes, and says which field", async () => {
    const faulty: readonly [told: object | string, says: RegExp][] = [
      ["[]", /it is no object of JSON/],
      ["{", /it is no JSON/],
      [{ ...facts, form: 2 }, /its "form" must be 1/],
      [{ ...facts, registered: -1 }, /its "registered" must be a whole number, or null/],
      [{ ...facts, commitment: "x" }, /its "commitment" must be 64 hexadecimal digits/],
      [{ ...facts, drawnBy: "luck" }, /its "drawnBy" must be null, "beacon"/],
      [{ ...facts, opensAt: "soon" }, /its "opensAt" must be a time, or null/],
      [{ ...facts, beacon: "a\nb" }, /its "beacon" must be/],
    ];
    for (const [told, says] of faulty) {
      const { code, err } = await verify(room, told);
      assert.match(err, says);
      assert.equal(code, 2);
    }
  });
});
