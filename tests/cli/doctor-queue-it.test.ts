import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { address, apiUrl, page, surgery } from "./_doctor.ts";
import { configuration, integration, onPath, stanchion } from "./_run.ts";
import { steadily } from "../support/steadily.ts";

const { sandbox: { queueIt: { customerId, secretKey, apiKey } } } = surgery();
const keys = { STANCHION_SECRET_KEY: secretKey, STANCHION_API_KEY: apiKey };
const basic = ["queue-it", "--api-url", apiUrl, "--url", page, "--customer-id", customerId, ...address];
const fromFile = ["queue-it", "--url", page, "--config", "c.json", ...address];
const good = configuration([integration("tickets", [onPath("/tickets")], { QueueDomain: "queue.test" })]);

describe("stanchion doctor queue-it", () => {
  test("finds nothing wrong where all is well, and opens no place in line", async () => {
    const { examine } = surgery();
    const { code, err, found, told, asked } = await examine(basic, { env: keys });
    assert.deepEqual([code, err], [0, ""]);
    assert.deepEqual(found, [
      "way ok name",
      "way ok connection",
      "way ok answered",
      "key ok accepted",
      "clock ok right",
      "configuration ok sound",
      "page ok matched",
      "visit ok queue",
      "token ok own-accepted",
      "key note secret-unknown",
      "address ok known",
      "way ok name",
      "way ok connection",
      "visit note not-asked",
    ]);
    assert.deepEqual(told["configuration"], { from: apiUrl, version: 1, integrations: 1 });
    assert.deepEqual(
      new Set(asked),
      new Set([`GET ${apiUrl}/status/integrationconfig/secure/${customerId}`]),
    );
    const texts = told.checks.map(({ message }) => message).join("\n");
    assert.match(
      texts,
      /Integration 0 "gala" \(Queue\) matches the page by trigger 0: UrlValidator HostName Equals/,
    );
    assert.match(
      texts,
      /A new visitor gets: queue \(queue-it\/queued\), and is sent to https:\/\/queue\.test\/\?c=/,
    );
  });

  test("opens the page of the waiting room with --visit", async () => {
    const { sandbox, examine } = surgery();
    const { found, told, asked } = await examine([...basic, "--visit"], { env: keys });
    assert.ok(found.includes("visit ok room"), found.join("\n"));
    assert.equal(told["roomStatus"] === 200 || told["roomStatus"] === 302, true);
    assert.equal(asked.at(-1), "GET https://queue.test/");
    sandbox.faults.set("queue", { kind: "500" });
    const { code, found: failed } = await examine([...basic, "--visit"], { env: keys });
    assert.deepEqual([code, failed.includes("visit problem room-failed")], [1, true]);
  });

  test("says of a given token what is wrong with it, in the URL or beside it", async () => {
    const { sandbox, examine } = surgery();
    const token = sandbox.queueIt.issueToken("gala");
    const tokens: readonly (readonly [token: string, found: string, exit: number])[] = [
      [token, "token ok accepted", 0],
      [token.replace(/.$/, (last) => last === "0" ? "1" : "0"), "token problem hash", 1],
      [
        sandbox.queueIt.issueToken("gala", { expiresInSeconds: -1000 }),
        "token problem timestamp",
        1,
      ],
      [
        sandbox.queueIt.issueToken("gala", { address: "203.0.113.77" }),
        "token problem ip",
        1,
      ],
      ["nonsense-without-form", "token problem hash", 1],
    ];
    for (const [text, expected, exit] of tokens) {
      const inUrl = basic.toSpliced(4, 1, `${page}?a=1&queueittoken=${encodeURIComponent(text)}`);
      for (const args of [[...basic, "--token", text], inUrl]) {
        const { found, code, out, err } = await examine(args, { env: keys });
        assert.ok(found.includes(expected), found.join("\n"));
        assert.equal(code, exit);
        assert.ok(!out.includes(text) && !err.includes(text));
      }
    }
  });

  test("takes the configuration from a file, and compares it with that of the service", async () => {
    const { examine } = surgery();
    const alone = await examine([...fromFile.slice(0, 5), ...address], {
      files: { "c.json": good },
      env: { STANCHION_SECRET_KEY: secretKey },
    });
    assert.equal(alone.code, 0);
    assert.ok(alone.found.includes("page ok matched") && alone.found.includes("token ok own-accepted"));
    assert.deepEqual(alone.asked.map((each) => each.split(" ")[0]), ["HEAD", "HEAD"]);
    const own = configuration([integration("tickets", [onPath("/tickets")])], { CustomerId: customerId });
    const greeted = await examine([...basic, "--config", "c.json"], { files: { "c.json": own } });
    assert.ok(greeted.found.includes("way ok answered"), greeted.found.join("\n"));
    assert.equal(greeted.code, 0);
    const compared = await examine([...basic, "--config", "c.json"], {
      files: { "c.json": good },
      env: keys,
    });
    assert.deepEqual([compared.code, compared.found.includes("configuration problem other-version")], [
      1,
      true,
    ]);
    const nobody = configuration([], { CustomerId: undefined });
    const unknown = await examine(fromFile, { files: { "c.json": nobody } });
    assert.deepEqual([unknown.asked, unknown.found[0]], [[], "way note not-asked"]);
  });

  test("takes the configuration from an address", async () => {
    const { examine } = surgery();
    const url = `${apiUrl}/status/integrationconfig/secure/${customerId}`;
    const { code, found } = await examine(["queue-it", "--url", page, "--config", url, ...address], {
      env: keys,
    });
    assert.deepEqual([code, found.includes("page ok matched")], [0, true], found.join("\n"));
  });

  test("tells what check finds of the configuration, and why nothing matches", async () => {
    const { examine } = surgery();
    const odd = configuration([
      integration("a", [{ ...onPath("/x"), Operator: "Sounds" }]),
      integration("a", [onPath("/y")], { EventId: 5 }),
    ]);
    const { code, found, told } = await examine(fromFile, { files: { "c.json": odd } });
    assert.equal(code, 1);
    assert.ok(
      found.includes("configuration problem lint") && found.includes("page note no-match"),
      found.join("\n"),
    );
    assert.ok((told["findings"] as unknown[]).length > 1);
    const broken = await examine(fromFile, { files: { "c.json": "{" } });
    assert.deepEqual([broken.code, broken.found.includes("configuration problem lint")], [1, true]);
  });

  test("looks at tokens where the use of queue ids is limited, and says what the gate needs for that", async () => {
    const room = { eventId: "gala", domains: ["https://shop.example.com"], queueIdUsageLimit: 1 };
    const { sandbox, examine } = surgery({ queueIt: { queueDomain: "queue.test", rooms: [room] } });
    const token = sandbox.queueIt.issueToken("gala");
    const { code, found, asked } = await examine([...basic, "--token", token], { env: keys });
    assert.deepEqual([code, found.includes("token ok accepted"), found.includes("page note verified")], [
      0,
      true,
      true,
    ]);
    assert.ok(asked.every((each) => !each.includes("verify")));
  });

  test("says that no token can be looked at without the secret key", async () => {
    const { found } = await surgery().examine(basic, { env: { STANCHION_API_KEY: apiKey } });
    assert.ok(found.includes("key note no-secret"), found.join("\n"));
  });

  const faults = [
    ["500", "way problem failed"],
    ["429", "way problem throttled"],
    ["html", "way problem malformed"],
    ["redirect", "way problem redirected"],
    ["401", "key problem refused"],
    ["reset", "way problem reset"],
    ["timeout", "way problem timeout"],
    ["drip", "way problem timeout"],
    ["truncated", "way problem malformed"],
  ] as const;
  for (const [kind, expected] of faults) {
    test(
      `tells the fault ${kind} of the service: ${expected}`,
      steadily(async () => {
        const { sandbox, examine } = surgery();
        sandbox.faults.set("integrationconfig", { kind });
        const { code, found } = await examine([...basic, "--timeout-ms", "200"], { env: keys });
        assert.equal(code, 1);
        assert.ok(found.includes(expected), found.join("\n"));
        sandbox.close();
      }),
    );
  }

  test("says that the key is refused", async () => {
    const wrong = "another-key-of-nobody";
    const { found, out } = await surgery().examine(basic, { env: { ...keys, STANCHION_API_KEY: wrong } });
    assert.ok(found.includes("key problem refused"), found.join("\n"));
    assert.ok(!out.includes(wrong));
  });

  test("says what a wrong clock does to tokens", async () => {
    const now = () => Date.now() + 7_200_000;
    const { code, told, found } = await surgery().examine(basic, { env: keys, now });
    assert.ok(
      found.includes("clock problem wrong") && found.includes("token ok own-accepted"),
      found.join("\n"),
    );
    assert.equal(code, 1);
    assert.match(
      told.checks.find(({ topic }) => topic === "clock")?.message ?? "",
      /(?:7199|7200)(?:\.\d)? s ahead .* count as too old/,
    );
  });

  test("says what to do without a network", async () => {
    const { code, out } = await stanchion(["doctor", ...basic], {}, keys);
    assert.equal(code, 1);
    assert.match(out, /The integration configuration was not answered: .*\n +\S/);
  });
});

describe("stanchion doctor", () => {
  const crowd = ["crowdhandler", "--url", page];
  const queue = ["queue-it", "--url", page];
  const secret = "S3cret-of-the-owner";
  const mistakes: readonly (readonly [name: string, args: readonly string[], message: RegExp])[] = [
    ["no service", [], /Which service: crowdhandler or queue-it\?/],
    ["a misspelt service", ["queueit"], /does not know this service; did you mean queue-it\?/],
    ["a key for a service", [secret], /does not know this service; there are crowdhandler, queue-it/],
    ["a key without its option", [...crowd, secret], /takes options only, and there is one word too many/],
    ["a page without its option", ["crowdhandler", page], /is --url missing before it\?/],
    [
      "a misspelt option",
      [...crowd, `--privat-key=${secret}`],
      /no option --privat-key; did you mean --private-key\?/,
    ],
    [
      "a key grown together with its option",
      [...crowd, `--private-key:${secret}`],
      /no option --private-key…/,
    ],
    [
      "a key grown together with its option",
      [...crowd, `--private-key${secret}`],
      /no option --private-key…/,
    ],
    [
      "an option of the other service",
      [...crowd, "--secret-key", secret],
      /doctor crowdhandler has no option --secret-key/,
    ],
    [
      "no public key",
      crowd,
      /Which public key\? STANCHION_PUBLIC_KEY in the environment, --public-key-file or --public-key/,
    ],
    [
      "a public key in two words",
      [...crowd, "--public-key", `${secret} ${secret}`],
      /public key must be one word of printable/,
    ],
    [
      "two places for a key",
      [...crowd, "--private-key", secret, "--private-key-file", "x"],
      /Give either --private-key or --private-key-file/,
    ],
    ["a file that is not there", [...crowd, "--public-key-file", "none"], /There is no file none/],
    ["an empty key", [...crowd, "--public-key", " "], /The public key is empty/],
    ["no page", ["crowdhandler", "--public-key", secret], /Which page\? --url/],
    [
      "a page with a password",
      ["crowdhandler", "--url", `https://a:${secret}@b.test/`],
      /--url must be without name and password/,
    ],
    [
      "a service with a password",
      [...crowd, "--api-url", `https://a:${secret}@b.test/`],
      /--api-url must be without name/,
    ],
    [
      "a service that is none",
      [...crowd, "--api-url", "ftp://a"],
      /--api-url must be an absolute http or https URL without query/,
    ],
    [
      "a version in the address",
      [...crowd, "--api-url", "https://a.test/v1/"],
      /--api-url must be written without \/v1/,
    ],
    [
      "a wrong time",
      [...crowd, "--timeout-ms", "5s"],
      /--timeout-ms must be a number of milliseconds from 10 to 60000/,
    ],
    [
      "wrong proxies",
      [...crowd, "--public-key", "k", "--trusted-proxies", "here"],
      /--trusted-proxies must be/,
    ],
    [
      "a header without proxies",
      [...crowd, "--public-key", "k", "--address-header", "x-real-ip"],
      /--address-header/,
    ],
    ["no configuration", queue, /Where is the configuration\? STANCHION_API_KEY/],
    ["no customer", [...queue, "--api-key", secret], /Whose configuration\? --customer-id/],
    ["an api key in two words", [...queue, "--api-key", `${secret} b`], /api key must be one word/],
  ];
  for (const [name, args, message] of mistakes) {
    test(`ends with 2 and a hint, and repeats no secret, on ${name}`, async () => {
      const { code, out, err } = await stanchion(["doctor", ...args]);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, message);
      assert.match(err, /See stanchion doctor --help\.\n$/);
      assert.ok(!err.includes(secret), err);
    });
  }

  test("warns of secrets among the arguments, and takes the public key there", async () => {
    const { examine, sandbox } = surgery();
    const args = ["crowdhandler", "--api-url", apiUrl, "--url", page, "--public-key", sandbox.publicKey];
    assert.equal((await examine(args)).err, "");
    const { err } = await examine([...args, "--private-key", secret]);
    assert.match(err, /The private key stands in the list of processes .*; use --private-key-file\n$/);
  });

  test("prints no secret that the service gives back", async () => {
    const network = {
      fetch: (_: string, init: RequestInit) => {
        const error = [...new Headers(init.headers).values()].join(" ");
        return Promise.resolve(
          Response.json({ error, message: error, result: [{ slug: error, domain: error }] }),
        );
      },
    };
    for (
      const args of [
        ["crowdhandler", "--api-url", apiUrl, "--url", page, "--visit", "--public-key", secret],
        [
          "crowdhandler",
          "--api-url",
          apiUrl,
          "--url",
          page,
          "--visit",
          "--public-key",
          secret,
          "--auth",
          "basic",
        ],
      ]
    ) {
      const { out, err } = await surgery().examine(args, { network });
      assert.ok(out !== "" && !out.includes(secret) && !out.includes(btoa(`${secret}:`)), out);
      assert.ok(!err.includes(secret));
    }
    const thrown = {
      fetch: (url: string, init: RequestInit) =>
        Promise.reject(new Error(`${url} ${JSON.stringify(init.headers)}`)),
    };
    const { out } = await surgery().examine(["crowdhandler", "--url", page, "--public-key", secret], {
      network: thrown,
    });
    assert.ok(out !== "" && !out.includes(secret));
  });
});
