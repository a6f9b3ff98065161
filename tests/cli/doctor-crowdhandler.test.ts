import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { address, apiUrl, page, surgery } from "./_doctor.ts";
import { stanchion } from "./_run.ts";
import { steadily } from "../support/steadily.ts";

const { sandbox: { publicKey, privateKey } } = surgery();
const keys = { STANCHION_PUBLIC_KEY: publicKey };
const basic = ["crowdhandler", "--api-url", apiUrl, "--url", page, ...address];

describe("stanchion doctor crowdhandler", () => {
  test("finds nothing wrong where all is well, and opens no place in line", async () => {
    const { sandbox, examine } = surgery();
    const { code, err, found, told, asked } = await examine(basic, { env: keys });
    assert.deepEqual([code, err], [0, ""]);
    assert.deepEqual(found, [
      "way ok name",
      "way ok connection",
      "way ok answered",
      "key ok accepted",
      "clock ok right",
      "rooms ok covered",
      "page ok told",
      "address ok known",
      "visit note not-asked",
    ]);
    assert.deepEqual([told.ok, told["room"], told["told"]], [true, "hall", page]);
    assert.deepEqual(new Set(asked), new Set([`GET ${apiUrl}/v1/rooms`]));
    assert.equal(sandbox.state.rooms[0]?.waiting ?? 0, 0);
  });

  test("tells it in sentences, with the rooms and by what they cover the page", async () => {
    const { examine } = surgery();
    const { told } = await examine(basic, { env: keys });
    const texts = told.checks.map(({ message }) => message).join("\n");
    assert.match(
      texts,
      /sandbox\.test has the address 203\.0\.113\.5, 2001:db8::5, which took \d+ ms \(DNS\)\./,
    );
    assert.match(
      texts,
      /A connection to sandbox\.test took 3 ms, and encryption \(TLSv1\.3\) 4 ms; its certificate is valid until 2031/,
    );
    assert.match(texts, /GET \/v1\/rooms was answered with HTTP 200, in \d+, \d+ and \d+ ms\./);
    assert.match(
      texts,
      /"hall" covers the page: https:\/\/shop\.example\.com, path and query contain "\/tickets"\./,
    );
  });

  test("says what a new visitor gets, and one who comes back, where it may ask", async () => {
    const { examine } = surgery({
      rooms: [{ slug: "hall", domain: "https://shop.example.com", capacity: 0, crowd: 3 }],
    });
    const { code, found, told, asked, out } = await examine([...basic, "--visit"], { env: keys });
    assert.equal(code, 0);
    assert.deepEqual(found.filter((each) => each.startsWith("visit")), ["visit ok queue", "visit ok queue"]);
    const visits = told["visits"] as readonly { visitor: string; position: number; location: string }[];
    assert.deepEqual(visits.map(({ visitor, position }) => [visitor, position]), [["new", 4], ["back", 4]]);
    assert.match(
      visits[0]?.location ?? "",
      /^https:\/\/wait\.crowdhandler\.com\/hall\?url=.*&ch-id=\[redacted\]/,
    );
    assert.deepEqual(asked.slice(3).map((each) => each.replace(/tok\w+/, "tok")), [
      `POST ${apiUrl}/v1/requests`,
      `GET ${apiUrl}/v1/requests/tok`,
    ]);
    assert.ok(!/tok_\w{12}/.test(out), "no token is printed");
  });

  test("compares the private key with the signature of a promotion", async () => {
    for (
      const [key, level, code] of [[privateKey, "ok", "private-right"], [
        "another-key",
        "problem",
        "private-wrong",
      ]]
    ) {
      const { examine } = surgery();
      const env = { ...keys, STANCHION_PRIVATE_KEY: key ?? "" };
      const { found, code: exit } = await examine([...basic, "--visit"], { env });
      assert.ok(found.includes(`key ${level} ${code}`), found.join("\n"));
      assert.equal(exit, level === "ok" ? 0 : 1);
    }
    const waiting = surgery({ rooms: [{ slug: "hall", domain: "https://shop.example.com", capacity: 0 }] });
    const env = { ...keys, STANCHION_PRIVATE_KEY: privateKey };
    const { found } = await waiting.examine([...basic, "--visit"], { env });
    assert.ok(found.includes("key note private-unknown"));
  });

  test("asks about a given token with --visit only, and says when the service does not know it", async () => {
    const { sandbox, examine } = surgery();
    const files = { token: "tok_aaaaaaaaaaaa\n" };
    const quiet = await examine([...basic, "--token-file", "token"], { env: keys, files });
    assert.ok(quiet.asked.every((each) => each.endsWith("/v1/rooms")));
    const unknown = await examine([...basic, "--token-file", "token", "--visit"], { env: keys, files });
    assert.ok(unknown.found.includes("token note expired"), unknown.found.join("\n"));
    assert.ok(!unknown.out.includes("tok_aaaaaaaaaaaa"));
    const answer = await sandbox.fetch(
      new Request(`${apiUrl}/v1/requests`, {
        method: "POST",
        headers: { "x-api-key": publicKey, "content-type": "application/json" },
        body: JSON.stringify({ url: page, ip: "198.51.100.7", agent: "a" }),
      }),
    );
    const { result: { token } } = await answer.json();
    const known = await examine([...basic, "--token", token, "--visit"], { env: keys });
    assert.ok(known.found.includes("token ok known"), known.found.join("\n"));
    assert.ok(!known.out.includes(token) && !known.err.includes(token));
    const broken = await examine([...basic, "--token", "no token", "--visit"], { env: keys });
    assert.deepEqual([broken.code, broken.found.includes("token problem malformed")], [1, true]);
  });

  const pages: readonly (readonly [url: string, found: string, room: string | null])[] = [
    ["https://shop.example.com/about", "rooms note not-covered", null],
    ["https://www.example.com/tickets", "rooms problem other-host", null],
    ["https://SHOP.example.com.:443/tickets", "rooms ok covered", "hall"],
    ["https://shop.example.com/TICKETS", "rooms note spelling", "hall"],
    ["https://shop.example.com/%74ickets", "rooms ok covered", "hall"],
    ["http://shop.example.com/tickets", "page note http", "hall"],
  ];
  for (const [url, expected, room] of pages) {
    test(`says of ${url}: ${expected}`, async () => {
      const { found, told } = await surgery().examine([...basic, "--url", url].toSpliced(3, 2), {
        env: keys,
      });
      assert.ok(found.includes(expected), found.join("\n"));
      assert.equal(told["room"], room);
    });
  }

  test("names a room that the gate skips, and one whose pattern is of no known kind", async () => {
    const feed = {
      result: [
        { slug: "odd", domain: "https://shop.example.com", patternType: "regex", urlPattern: "(" },
        { slug: "new", domain: "https://shop.example.com", patternType: "glob", urlPattern: "/tickets*" },
      ],
    };
    const network = { fetch: () => Promise.resolve(Response.json(feed)) };
    const { found, told, code } = await surgery().examine(basic, { env: keys, network });
    assert.deepEqual([code, found.filter((each) => each.startsWith("rooms"))], [1, [
      "rooms problem feed",
      "rooms problem feed",
      "rooms problem feed",
      "rooms note not-covered",
    ]]);
    const rooms = told["rooms"] as readonly { slug: string; fault: string | null; covers: boolean }[];
    assert.deepEqual(rooms.map(({ slug, covers }) => [slug, covers]), [["odd", false], ["new", false]]);
    assert.match(rooms[0]?.fault ?? "", /no regular expression/);
  });

  const addresses: readonly (readonly [args: readonly string[], found: string])[] = [
    [[], "address note unknown"],
    [["--address", "10.1.2.3"], "address problem private"],
    [["--address", "127.0.0.1"], "address problem private"],
    [["--address", "::1"], "address problem private"],
    [
      ["--address", "10.1.2.3", "-H", "x-forwarded-for: 8.8.4.4", "--trusted-proxies", "1"],
      "address ok known",
    ],
    [[
      "--address",
      "10.1.2.3",
      "-H",
      "cf-connecting-ip: 8.8.4.4",
      "--trusted-proxies",
      "10.0.0.0/8",
      "--address-header",
      "cf-connecting-ip",
    ], "address ok known"],
    [["--address", "8.8.8.8", "-H", "x-forwarded-for: 8.8.4.4"], "address note not-trusted"],
    [["--address", "2a00:1450::1"], "address ok known"],
  ];
  for (const [args, expected] of addresses) {
    test(`says of the visitor's address by ${args.join(" ") || "nothing"}: ${expected}`, async () => {
      const { found } = await surgery().examine([...basic.slice(0, 5), ...args], { env: keys });
      assert.ok(found.includes(expected), found.join("\n"));
    });
  }

  test("says that the key is refused, and asks nothing more with it", async () => {
    const wrong = "f".repeat(64);
    const { code, found, asked, out } = await surgery().examine([...basic, "--visit"], {
      env: { STANCHION_PUBLIC_KEY: wrong },
    });
    assert.equal(code, 1);
    assert.ok(found.includes("key problem refused"), found.join("\n"));
    assert.ok(asked.every((each) => each.startsWith("GET ")));
    assert.ok(!out.includes(wrong));
  });

  const faults = [
    ["500", "way problem failed"],
    ["429", "way problem throttled"],
    ["html", "way problem malformed"],
    ["empty", "way problem malformed"],
    ["truncated", "way problem malformed"],
    ["redirect", "way problem redirected"],
    ["401", "key problem refused"],
    ["reset", "way problem reset"],
    ["timeout", "way problem timeout"],
    ["half-open", "way problem timeout"],
    ["oversized", "way problem malformed"],
  ] as const;
  for (const [kind, expected] of faults) {
    test(
      `tells the fault ${kind} of the service: ${expected}`,
      steadily(async () => {
        const { sandbox, examine } = surgery();
        sandbox.faults.set("rooms", { kind });
        const since = performance.now();
        const { code, found, told } = await examine([...basic, "--timeout-ms", "200"], { env: keys });
        assert.equal(code, 1);
        assert.ok(found.includes(expected), found.join("\n"));
        const check = told.checks.find(({ level }) => level === "problem");
        assert.ok(check !== undefined && (check.advice ?? "").length > 10, "it says what to do");
        assert.ok(performance.now() - since < 5000);
        sandbox.close();
      }),
    );
  }

  test("says that the service refuses a visitor whom it should take", async () => {
    const { sandbox, examine } = surgery();
    const network = {
      fetch: (url: string, init: RequestInit) =>
        init.method === "POST"
          ? Promise.resolve(Response.json({ error: "no" }, { status: 400 }))
          : sandbox.fetch(new Request(url, init)),
    };
    const args = [...basic.toSpliced(4, 1, `${page}?q=%C3%A9`), "--visit"];
    const { code, found, told } = await examine(args, { env: keys, network });
    assert.deepEqual([code, found.includes("visit problem refused")], [1, true], found.join("\n"));
    assert.match(
      told.checks.map(({ message }) => message).join("\n"),
      /refused the check of a visitor with HTTP 400/,
    );
  });

  test("says that a fault comes and goes", async () => {
    const { sandbox, examine } = surgery();
    sandbox.faults.set("rooms", { kind: "reset", times: 1 });
    const { code, found, told } = await examine(basic, { env: keys });
    assert.deepEqual([code, told["room"]], [1, "hall"]);
    assert.ok(found.includes("way problem reset") && found.includes("way ok answered"), found.join("\n"));
  });

  const clocks: readonly (readonly [aheadSeconds: number, found: string, exit: number])[] = [
    [0, "clock ok right", 0],
    [4, "clock ok near", 0],
    [-30, "clock note off", 0],
    [30, "clock note off", 0],
    [3600, "clock problem wrong", 1],
    [-3600, "clock problem wrong", 1],
  ];
  for (const [ahead, expected, exit] of clocks) {
    test(`measures a clock that is ${ahead} s ahead: ${expected}`, async () => {
      const now = () => Date.now() + ahead * 1000;
      const { code, found, told } = await surgery().examine(basic, { env: keys, now });
      assert.ok(found.includes(expected), found.join("\n"));
      assert.equal(code, exit);
      assert.ok(Math.abs((told.clock?.aheadSeconds ?? NaN) - ahead) <= 1, JSON.stringify(told.clock));
    });
  }

  test("counts the age of an answer that a cache kept, and says when nobody tells the time", async () => {
    const served = (headers: Record<string, string>) => ({
      fetch: () => Promise.resolve(Response.json({ result: [] }, { headers })),
    });
    const date = new Date(Date.now() - 600_000).toUTCString();
    const aged = await surgery().examine(basic, { env: keys, network: served({ date, age: "600" }) });
    assert.ok(aged.found.includes("clock ok right"), aged.found.join("\n"));
    const silent = await surgery().examine(basic, { env: keys, network: served({}) });
    assert.ok(silent.found.includes("clock note unknown"), silent.found.join("\n"));
  });

  test(
    "says what to do without a network, and does not hang where nothing ever answers",
    steadily(async () => {
      const alone = await stanchion(["doctor", ...basic], {}, {
        ...keys,
        HTTPS_PROXY: "http://user:secretpass@proxy",
      });
      assert.equal(alone.code, 1);
      assert.match(
        alone.out,
        /sandbox\.test cannot be reached: its name is not known here \(DNS\)\.\n +Look whether this machine has a network/,
      );
      assert.match(alone.out, /HTTPS_PROXY names a proxy/);
      assert.ok(!alone.out.includes("secretpass"));
      const never = () => new Promise<never>(() => {});
      const since = performance.now();
      const { code, found } = await surgery().examine([...basic, "--timeout-ms", "100", "--visit"], {
        env: keys,
        network: { fetch: never, lookup: never, connect: never },
      });
      assert.equal(code, 1);
      assert.ok(found.includes("way problem timeout"), found.join("\n"));
      assert.ok(performance.now() - since < 5000);
    }),
  );

  test("takes calls that are answered for the truth, where a proxy stands between", async () => {
    const lookup = () => Promise.reject(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }));
    const { code, found } = await surgery().examine(basic, { env: keys, network: { lookup } });
    assert.deepEqual([code, found[0]], [0, "way note name"]);
  });

  test("says that keys can be read on an unencrypted way, but for one within the machine", async () => {
    const at = (url: string) =>
      surgery().examine(["crowdhandler", "--api-url", url, "--url", page], { env: keys });
    assert.ok((await at("http://sandbox.test")).found.includes("way note not-encrypted"));
    assert.ok(!(await at("http://127.0.0.1:4000")).found.includes("way note not-encrypted"));
  });
});
