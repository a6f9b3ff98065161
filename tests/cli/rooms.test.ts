import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { roomBoard } from "../../plugins/waiting-room/board/mod.ts";
import { memoryStore, waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { stanchion } from "./_run.ts";

const secret = "a-long-secret-from-a-vault";
const viewSecret = "another-secret-to-look-only";
const address = "https://shop.example.com/.stanchion-board";
const start = 1_800_000_000_000;

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A network with one service. */
const networkOf = (fetch: Fetch) => ({
  fetch,
  lookup: () => Promise.reject(new Error("no")),
  connect: () => Promise.reject(new Error("no")),
});

/** Rooms with a board, and the command that asks it. */
function desk(names: readonly string[] = ["main"]) {
  const now = () => start;
  const { rooms } = waitingRoom({
    store: memoryStore({ now }),
    now,
    warn() {},
    rooms: names.map((name) => ({ name, match: { path: `/${name}` }, admitPerMinute: 60, capacity: 10 })),
  });
  const board = roomBoard({
    rooms,
    auth: { secrets: [secret], viewSecrets: [viewSecret] },
    now,
    onEvent() {},
  });
  const asked: string[] = [];
  const fetch: Fetch = (url, init) => {
    asked.push(`${init.method ?? "GET"} ${url}`);
    return board(new Request(url, init));
  };
  const run = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    ask?: (question: string) => Promise<string | undefined>,
  ) =>
    stanchion(["rooms", ...args], { "secret.txt": `${secret}\n` }, {
      STANCHION_BOARD: address,
      STANCHION_BOARD_SECRET: secret,
      USER: "zoe",
      ...env,
    }, { network: networkOf(fetch), ...(ask !== undefined && { ask }) });
  return { rooms, asked, run };
}

describe("stanchion rooms", () => {
  test("tells what the rooms are like, in a table and as JSON", async () => {
    const { run, asked } = desk(["tickets", "checkout"]);
    for (const args of [[], ["status"]]) {
      const { code, out, err } = await run(args);
      assert.deepEqual([code, err], [0, ""]);
      assert.equal(
        out,
        `ROOM      STATE  PRESENT  FAR  INSIDE   LET IN/MIN  WAIT  REVISION
tickets   open   0        0    0 of 10  0 of 60     0 s   0
  good  Nobody waits. Visitors are let in at once.
checkout  open   0        0    0 of 10  0 of 60     0 s   0
  good  Nobody waits. Visitors are let in at once.
`,
      );
    }
    assert.deepEqual(asked, [`GET ${address}/rooms`, `GET ${address}/rooms`]);
    const one = await run(["status", "checkout"]);
    assert.ok(!one.out.includes("tickets"));
    const [view, ...others] = JSON.parse((await run(["status", "tickets", "--json"])).out);
    assert.deepEqual([view.name, view.room.mode, view.figures.capacity, others], ["tickets", "open", 10, []]);
  });

  test("ends with 1 where a room is not well", async () => {
    const { run, rooms: [room] } = desk();
    await room.change({ mode: "bypass" }, { by: "a test", revision: 0 });
    const { code, out } = await run([]);
    assert.equal(code, 1);
    assert.match(out, /^ {2}bad {3}Everybody is let in without waiting\./m);
  });

  const changes: readonly [args: readonly string[], says: RegExp, order: object][] = [
    [["pause", "--yes"], /^main, open → paused\. In force .* as ordered by zoe, revision 1\n$/, {
      mode: "paused",
    }],
    [["drain", "-y"], /open → draining/, { mode: "draining" }],
    [["sold-out", "main", "--yes"], /open → sold-out/, { mode: "sold-out" }],
    [["close", "--yes"], /open → closed/, { mode: "closed" }],
    [["rate", "90.5"], /^main, rate: 60 → 90\.5\./, { admitPerMinute: 90.5 }],
    [["rate", "main", "0", "--yes"], /rate: 60 → 0\./, { admitPerMinute: 0 }],
    [["capacity", "20"], /capacity: 10 → 20\./, { capacity: 20 }],
    [["capacity", "unlimited", "--yes"], /capacity: 10 → unlimited\./, { capacity: "unlimited" }],
    [["note", "We are back at noon"], /note: "" → "We are back at noon"\./, { note: "We are back at noon" }],
    [["open", "2027-03-01T09:00:00Z", "--yes"], /opens 2027-03-01T09:00:00Z\./, {
      opensAt: "2027-03-01T09:00:00Z",
    }],
  ];
  for (const [args, says, order] of changes) {
    test(`changes a room by "${args.join(" ")}"`, async () => {
      const { run, rooms: [room] } = desk();
      const { code, out, err } = await run(args);
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, says);
      const [record] = await room.records();
      assert.deepEqual([record?.by, record?.order], ["zoe", order]);
    });
  }

  test("resumes what is paused, and opens what is closed", async () => {
    const { run, rooms: [room] } = desk();
    await run(["pause", "--yes"]);
    assert.equal((await run(["resume"])).code, 0);
    assert.equal((await room.status()).mode, "open");
    const again = await run(["resume"]);
    assert.equal(again.code, 2);
    assert.match(again.err, /^Room "main" is not paused, it is open\. .*: stanchion rooms open main\n/);
    await run(["close", "--yes"]);
    assert.equal((await run(["open", "--yes"])).code, 0);
    assert.equal((await room.status()).mode, "open");
  });

  test("prints what became of a change as JSON", async () => {
    const { run } = desk();
    const { code, out } = await run(["capacity", "12", "--json"]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), { room: "main", is: "changed", revision: 1, isRecorded: true });
  });

  test("says in whose name, by option, variable or user", async () => {
    const { run, rooms: [room] } = desk();
    await run(["note", "a", "--by", "night shift"]);
    await run(["note", "b"], { STANCHION_BY: "a pipeline" });
    await run(["note", "c"], { STANCHION_BY: "", USER: "" });
    const authors = (await room.records()).map(({ by }) => by);
    assert.deepEqual(authors, ["night shift", "a pipeline", "the command line"]);
    const wrong = await run(["note", "c", "--by", "x".repeat(81)]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /^The board takes no such change: by: must be 1 to 80 printable characters/);
  });

  test("asks once more before what hurts, and changes nothing without a yes", async () => {
    const { run, rooms: [room] } = desk();
    const asked: string[] = [];
    const answering = (answer: string) => (question: string) => {
      asked.push(question);
      return Promise.resolve(answer);
    };
    for (const answer of ["no", "", "n", "yes please"]) {
      const { code, out, err } = await run(["pause"], {}, answering(answer));
      assert.deepEqual([code, out, err], [1, "", "Nothing was changed\n"], answer);
    }
    assert.match(
      asked[0] ?? "",
      /^main, open → paused\. Nobody is let in until .*\nIs that meant\? \(yes\/no\) $/,
    );
    assert.equal((await room.status()).mode, "open");
    assert.equal((await run(["pause"], {}, answering("yes"))).code, 0);
    assert.equal((await room.status()).mode, "paused");
  });

  for (
    const args of [["pause"], ["open"], ["rate", "0"], ["rate", "121"], ["capacity", "21"], [
      "capacity",
      "unlimited",
    ]]
  ) {
    test(`wants --yes for "${args.join(" ")}" where nobody can be asked`, async () => {
      const { run, rooms: [room] } = desk();
      const { code, err } = await run(args);
      assert.equal(code, 2);
      assert.match(err, /Nobody can be asked here whether that is meant: add --yes\n/);
      assert.equal((await room.status()).revision, 0);
    });
  }

  test("tells who was faster, and changes nothing", async () => {
    const { run, rooms: [room] } = desk();
    await room.change({ note: "from Anna" }, { by: "Anna", revision: 0 });
    const { code, out, err } = await run(["rate", "70", "--revision", "0"]);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(
      err,
      /^Nothing was changed: Anna was faster with \{"note":"from Anna"\}\. The room is at revision 1 now;/,
    );
    assert.equal((await room.status()).limits.admitPerMinute, 60);
    const json = JSON.parse((await run(["rate", "70", "--revision", "0", "--json"])).out);
    assert.deepEqual([json.is, json.revision], ["conflict", 1]);
    const early = await run(["rate", "70", "--revision", "9"]);
    assert.deepEqual([early.code, early.err], [
      1,
      "Nothing was changed: the room is at revision 1, which is before 9: look at it, and decide anew\n",
    ]);
  });

  test("takes the secret of a file, and warns of one on the command line, which it never prints", async () => {
    const { run } = desk();
    const none = { STANCHION_BOARD_SECRET: "a-wrong-secret-here" };
    assert.equal((await run(["--secret-file", "secret.txt"], none)).code, 0);
    const given = await run(["--secret", secret], none);
    assert.equal(given.code, 0);
    assert.match(given.err, /^The secret stands in the list of processes .*; use --secret-file\n$/);
    assert.ok(!(given.out + given.err).includes(secret));
    const wrong = await run([], none);
    assert.equal(wrong.code, 2);
    assert.match(
      wrong.err,
      /^That is not the secret of the board\. Look at auth\.secrets .* STANCHION_BOARD_SECRET/,
    );
    for (
      const odd of ["short", "a secret with spaces in it", "x".repeat(600), "a-secret-with\nlines-in-it"]
    ) {
      const { code, err } = await run([], { STANCHION_BOARD_SECRET: odd });
      assert.equal(code, 2);
      assert.match(err, /^The secret of a board has 16 to 512 printable characters without spaces/);
      assert.ok(!err.includes(odd));
    }
  });

  test("says where a secret may look only", async () => {
    const { run } = desk();
    const env = { STANCHION_BOARD_SECRET: viewSecret };
    assert.equal((await run([], env)).code, 0);
    const { code, err } = await run(["note", "x"], env);
    assert.equal(code, 2);
    assert.match(err, /^This secret may look, and change nothing: it is one of auth\.viewSecrets\./);
  });

  const wrong: readonly [args: readonly string[], says: RegExp][] = [
    [["paus"], /^rooms has no command "paus"; did you mean pause\?/],
    [["pause", "maim"], /^The board has no room "maim"; did you mean main\?/],
    [["pause", "main", "other"], /^What is "other"\? One room at a time/],
    [["rate"], /^How many a minute\?/],
    [["rate", "main", "many"], /^rate must be a number, or tuned or held, received "many"/],
    [["rate", "-1"], /^rate must be a number, or tuned or held, received "-1"/],
    [["capacity", "main", "-15.5"], /^capacity must be a whole number, or unlimited, received "-15\.5"/],
    [["rate", "-.5"], /^rate must be a number, or tuned or held, received "-\.5"/],
    [["capacity", "main", "-1e3"], /^capacity must be a whole number, or unlimited, received "-1e3"/],
    [["--timeout-ms", "-.5"], /^--timeout-ms must be a whole number from \d+ to \d+, received -\.5/],
    [["rate", "-5x"], /^rooms has no option -…; there are --board/],
    [["rate", "tuned"], /^The board takes no such change: order: .*autotune/],
    [["rate", "600001", "--yes"], /^The board takes no such change: order: .*admitPerMinute/],
    [["capacity", "1.5"], /^capacity must be a whole number, or unlimited, received "1\.5"/],
    [["open", "2027-03-01T09:00"], /is no time with its zone, such as 2027-03-01T09:00:00Z/],
    [["open", "main", "tomorrow"], /^"tomorrow" is no time with its zone, such as 2027/],
    [["open", "09:00"], /^"09:00" is no time with its zone/],
    [["note"], /^Which note\?/],
    [["note", "main"], /^Which note for room "main"\?/],
    [["note", "x".repeat(501)], /^The board takes no such change: order: .*500/],
    [["note", "two", "words", "more"], /^What is "more"\? Put a text in quotes/],
    [["--board", "shop.example.com"], /^--board must be the address of the board, such as https:/],
    [["--board", "https://a:b@shop.example.com/x"], /^--board must be without name, password, query/],
    [["--revision", "x", "pause"], /^--revision must be a whole number/],
    [["--bord", "x"], /^rooms has no option --bord; did you mean --board\?/],
  ];
  for (const [args, says] of wrong) {
    test(`refuses "rooms ${args.join(" ").slice(0, 50)}" with what would be right`, async () => {
      const { code, out, err } = await desk().run(args);
      assert.deepEqual([code, out], [2, ""], err);
      assert.match(err, says);
      assert.match(err, /\nSee stanchion rooms --help\.\n$/);
    });
  }

  test("wants an address, a secret, and a room where there are several", async () => {
    const { run } = desk(["tickets", "checkout"]);
    assert.match((await run(["pause", "--yes"])).err, /^Which room\? The board has tickets, checkout\n/);
    const board = await stanchion(["rooms"], {}, { STANCHION_BOARD_SECRET: secret });
    assert.match(board.err, /^Which board\? --board <address>, or STANCHION_BOARD in the environment\n/);
    const none = await stanchion(["rooms", "--board", address]);
    assert.match(
      none.err,
      /^Which secret\? STANCHION_BOARD_SECRET in the environment, or --secret-file <file>\n/,
    );
    assert.deepEqual([board.code, none.code], [2, 2]);
  });

  test("takes the usual path of a board where an address has none", async () => {
    const { run, asked } = desk();
    await run(["--board", "https://shop.example.com"]);
    await run(["--board", "https://shop.example.com/.stanchion-board/"]);
    assert.deepEqual(asked, [`GET ${address}/rooms`, `GET ${address}/rooms`]);
  });
});

describe("stanchion rooms, where the board is not as it should be,", () => {
  async function answered(answer: () => Response | Promise<Response>, args: readonly string[] = []) {
    const ran = await stanchion(["rooms", "--board", address, ...args], {}, {
      STANCHION_BOARD_SECRET: secret,
    }, {
      network: networkOf(async () => await answer()),
    });
    assert.ok(!(ran.out + ran.err).includes(secret));
    return ran;
  }

  const answers: readonly [
    what: string,
    answer: () => Response | Promise<Response>,
    code: number,
    says: RegExp,
  ][] = [
    [
      "a page",
      () => new Response("<!doctype html>"),
      2,
      /\.stanchion-board is no board\. Is that its address\?.* that of stanchion serve is \/board at its second port/,
    ],
    ["other JSON", () => Response.json({ rooms: [{ name: 1 }] }), 2, /is no board\./],
    ["a shop without a board", () => new Response("none", { status: 404 }), 2, /is no board\./],
    [
      "a redirect",
      () => new Response(null, { status: 302, headers: { location: "https://evil.example/?a" } }),
      2,
      /leads to https:\/\/evil\.example, and the secret is sent to nobody but whom you named/,
    ],
    [
      "too many tries",
      () => new Response("{}", { status: 429 }),
      1,
      /tried with too many wrong secrets\. Wait a minute/,
    ],
    ["an error", () => new Response("x", { status: 502 }), 1, /answers with status 502/],
    [
      "nobody",
      () => Promise.reject(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") })),
      1,
      /^It did not work: the board at https:.* cannot be reached: fetch failed \(connect ECONNREFUSED\)\n$/,
    ],
    [
      "an endless answer",
      () => new Response(new ReadableStream({ pull: (it) => it.enqueue(new Uint8Array(1_000_000)) })),
      1,
      /the board at https:\S+ answers more than 8000000 bytes/,
    ],
    [
      "an answer that breaks off",
      () => new Response(new ReadableStream({ pull: (it) => it.error(new TypeError("terminated")) })),
      1,
      /the board at https:\S+ broke its answer off/,
    ],
    [
      "an answer that never ends",
      () => new Response(new ReadableStream()),
      1,
      /the board at https:\S+ did not end its answer within 100 ms/,
    ],
    [
      "one that answers with what it was sent",
      () => Response.json({ detail: `no, Bearer ${secret}` }, { status: 503 }),
      1,
      /^It did not work: no, Bearer /,
    ],
  ];
  for (const [what, answer, code, says] of answers) {
    test(`says so of ${what}`, async () => {
      const ran = await answered(answer, ["--timeout-ms", "100"]);
      assert.match(ran.err, says);
      assert.equal(ran.code, code);
    });
  }

  test("prints nothing that a terminal would obey", async () => {
    const figures = { present: 1 };
    const verdicts = [{ level: "good", text: "\u0007\u202e\nforged  open" }];
    const room = { mode: "open\n", note: "a\n\u001bb" };
    const rooms = [{ name: "\u001b[2J\nx", figures, verdicts, room }];
    const { out } = await answered(() => Response.json({ rooms }));
    assert.ok(!/[^\P{C}\n]/u.test(out), out);
    assert.equal(
      out.trimEnd().split("\n").length,
      4,
      "a line of its own has the head, the room, its verdict, its note",
    );
  });

  test("says that a change may have been made, where nobody knows", async () => {
    const view = { name: "main", figures: {}, verdicts: [], room: { mode: "open", revision: 0, limits: {} } };
    for (
      const last of [
        () => Promise.reject(new TypeError("fetch failed")),
        () => new Response(null, { status: 502 }),
        () => new Response('{"revi'),
        () => Response.json({}),
        () => new Response("<!doctype html>"),
        () => new Response(new ReadableStream({ pull: (it) => it.error(new TypeError("terminated")) })),
      ]
    ) {
      const left = [() => Response.json({ rooms: [view] }), last];
      const { code, err } = await answered(() => left.shift()?.() ?? assert.fail(), ["note", "x"]);
      assert.equal(code, 1);
      assert.match(err, /The change may be in force all the same: look at the room, stanchion rooms\n$/);
    }
  });

  test("warns where the secret can be read on the way, and not on this machine", async () => {
    for (const [board, warns] of [["http://10.0.0.1", true], ["http://localhost:8080", false]] as const) {
      const { err } = await stanchion(["rooms", "--board", board], {}, { STANCHION_BOARD_SECRET: secret });
      assert.equal(err.startsWith(`The secret goes to ${board}/.stanchion-board unencrypted`), warns, err);
    }
  });
});
