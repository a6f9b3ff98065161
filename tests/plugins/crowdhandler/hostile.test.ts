import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import process from "node:process";
import fc from "../../support/random-cases.ts";
import { canonicalUrl } from "../../../src/url/readings.ts";
import { readPageUrl } from "../../../plugins/crowdhandler/page-url.ts";
import { benchOf, hybridBench, json, promoted, queued, site, token } from "./_helpers.ts";

const reserved = ["ch-code", "ch-fresh", "ch-id", "ch-id-signature", "ch-public-key", "ch-requested"];
const wellFormed = /^tok[A-Za-z0-9_-]{1,124}$/;
let rejections = 0;
const count = () => void rejections++;

before(() => void process.on("unhandledRejection", count));
after(() => {
  process.off("unhandledRejection", count);
  assert.equal(rejections, 0, "no promise may be rejected without a handler");
});

/** Characters that a request line can carry. */
const urlText = (more: string) =>
  fc.string({ unit: fc.constantFrom(...`abz019-._~!$&'()*+,;=:@/%${more}`), maxLength: 30 });
const name = fc.oneof(
  fc.constantFrom(...reserved),
  fc.constantFrom(...reserved).map((text) => text.toUpperCase()),
  fc.constantFrom("ch", "ch-", "ch-idx", "ch%2Did", "xch-id", "?ch-id", "a", ""),
);
const pair = fc.oneof(
  urlText("?"),
  fc.tuple(name, urlText("?")).map(([key, value]) => `${key}=${value}`),
  fc.constantFrom(
    `ch-id=${token}`,
    `ch-id=${token}&ch-id=${token}`,
    "ch-id",
    "ch-fresh=1",
    "",
    "%",
    "a=b?ch-id=1",
  ),
);
const query = fc.array(pair, { maxLength: 6 }).map((pairs) => pairs.join("&"));
const path = urlText("").map((text) => `/${text.replace(/^\/+/, "")}`);

/** The query without the six keys, by the words of the specification. */
function without(text: string): string {
  const kept = text.split("&").filter((part) => !reserved.includes((part.split("=")[0] ?? "").toLowerCase()));
  return kept.length === 0 || kept.join("&") === "" ? "" : `?${kept.join("&")}`;
}

test("readPageUrl() gives the request's URL minus the six keys, for any path and query", () => {
  fc.assert(
    fc.property(path, query, (somePath, someQuery) => {
      const page = readPageUrl(`${site}${somePath}?${someQuery}`);
      assert.equal(page.url, site + somePath + without(someQuery));
      assert.equal(page.text, page.url.slice(site.length));
      const again = readPageUrl(page.url);
      assert.equal(again.url, page.url, "nothing is left to remove");
      assert.equal(again.token, undefined);
    }),
    { numRuns: 2000 },
  );
});

test("readPageUrl() reads whatever a server hands over, and encodes what is no ASCII", () => {
  const table: [string, string][] = [
    ["https://host.test", "/"],
    ["https://host.test?a=1", "/?a=1"],
    ["https://host.test#x", "/"],
    ["https://host.test?a=/b", "/?a=/b"],
    ["https://host.test/caffè d?x=è&ch-id=1#y", "/caff%C3%A8%20d?x=%C3%A8"],
    ["https://host.test/\ud800", "/%EF%BF%BD"],
    ["https://host.test/a?", "/a"],
    ["https://host.test/a?ch-id=x", "/a"],
    ["https://host.test/a??ch-id=x", "/a??ch-id=x"],
    ["https://host.test/a#?ch-id=tok_1", "/a"],
  ];
  for (const [url, expected] of table) {
    assert.equal(readPageUrl(url.replace("https://host.test", site)).url, site + expected, url);
  }
});

describe("crowdhandler() is not impressed by requests", () => {
  const header = fc.string({
    unit: fc.integer({ min: 32, max: 255 }).filter((code) => code !== 127).map((code) =>
      String.fromCharCode(code)
    ),
    maxLength: 60,
  });
  const cookie = fc.oneof(
    header,
    header.map((text) => `crowdhandler=${text}; ch-id=${text}`),
    fc.anything().map((value) =>
      `crowdhandler=${encodeURIComponent((JSON.stringify(value) ?? "").toWellFormed())}`
    ),
    fc.constantFrom(`crowdhandler=${token}`, `crowdhandler={"tokens":[{"token":"${token}"}]}`),
  );
  const visit = fc.record({
    path,
    query,
    cookie,
    agent: header,
    method: fc.constantFrom("GET", "HEAD", "POST", "DELETE"),
    isPromoted: fc.boolean(),
  });
  for (const mode of ["full", "hybrid"] as const) {
    test(`crowdhandler() in ${mode} mode decides about any request, and no request is a failure`, async () => {
      const make = mode === "full" ? benchOf : hybridBench;
      await fc.assert(
        fc.asyncProperty(visit, async ({ path, query, cookie, agent, method, isPromoted }) => {
          const answer = { ...queued, promoted: isPromoted ? 1 : 0 };
          const bench = make({
            answers: {
              requests: () => json(answer),
              rooms: [{ domain: site, slug: "hall", patternType: "all" }],
            },
          });
          const { response, decision, served } = await bench.visit(`${path}?${query}`, {
            method,
            headers: { cookie, "user-agent": agent, "accept-language": agent },
          });
          assert.deepEqual(bench.errors, []);
          assert.ok(decision !== undefined);
          if (served) assert.ok(isPromoted, "nobody is admitted whom the API does not promote");
          for (const line of response.headers.getSetCookie()) assertCookie(line);
          const asked = bench.calls.filter((call) => call.path.startsWith("requests"));
          assert.ok(asked.length <= 1);
          for (const call of asked) assertSegments(call.url, call.method);
          const url = asked[0]?.query["url"] ?? asked[0]?.body["url"];
          if (url !== undefined) {
            assert.equal(
              url,
              canonicalUrl(
                new URL(site + path).href + without(new URL(`${site}/?${query}`).search.slice(1)),
              ),
            );
          }
        }),
        { numRuns: 500 },
      );
    });
  }
});

/** A cookie holds a token or a session in JSON, and nothing else. */
function assertCookie(line: string): void {
  const value = decodeURIComponent(/^crowdhandler=([^;]*)/.exec(line)?.[1] ?? "");
  if (wellFormed.test(value)) return;
  const { integration, tokens } = JSON.parse(value);
  assert.equal(integration, "JSDK");
  assert.equal(tokens.length, 1);
  assert.match(tokens[0].token, wellFormed);
  assert.match(tokens[0].touchedSig, /^[0-9a-f]{64}$/);
  assert.ok(Number.isSafeInteger(tokens[0].touched));
}

/** POST /v1/requests, GET /v1/requests/{token}, PUT /v1/responses/{id}. */
function assertSegments(url: string, method: string): void {
  const segments = new URL(url).pathname.split("/").slice(1);
  assert.equal(segments.length, method === "POST" ? 2 : 3, url);
  if (method === "GET") assert.match(segments[2] ?? "", wellFormed);
}

describe("crowdhandler() is not impressed by answers", () => {
  const value = fc.oneof(
    fc.anything(),
    fc.string({ unit: "binary" }),
    fc.constantFrom<unknown>(
      "..",
      ".",
      "",
      "/",
      "a/b?c#d",
      "\ud800",
      "\r\nx: y",
      token,
      0,
      1,
      true,
      false,
      "0",
      "1",
    ),
  );
  const result = fc.record({
    promoted: value,
    status: value,
    token: value,
    slug: value,
    responseID: value,
    hash: value,
    requested: value,
    deployment: value,
    position: value,
  }, { requiredKeys: [] });
  for (const mode of ["full", "hybrid"] as const) {
    test(`crowdhandler() in ${mode} mode makes a decision or a failure of any answer`, async () => {
      const make = mode === "full" ? benchOf : hybridBench;
      await fc.assert(
        fc.asyncProperty(result, value, async (answer, whole) => {
          for (const body of [{ result: answer }, whole]) {
            const text = JSON.stringify(body) ?? "";
            const bench = make({
              policy: "closed",
              options: { performance: { sample: 1 } },
              answers: { requests: () => new Response(text) },
            });
            const { served, response, location } = await bench.visit("/tickets");
            const said = text === "" ? undefined : JSON.parse(text)?.result?.promoted;
            if (served) assert.ok([1, "1", true].includes(said), text);
            for (const error of bench.errors) {
              assert.ok(["malformed", "throttled"].includes(error.code), error.message);
            }
            for (const line of response.headers.getSetCookie()) {
              assertCookie(line);
            }
            if (!served) {
              const { origin, pathname } = new URL(location);
              assert.equal(origin, "https://wait.crowdhandler.com");
              assert.equal(pathname.split("/").length, 2, location);
            }
            for (const call of bench.calls) if (call.path !== "rooms") assertSegments(call.url, call.method);
          }
        }),
        { numRuns: 500 },
      );
    });
  }

  test("crowdhandler() reads duplicate keys as JSON does, and no promise of a prototype", async () => {
    const table: [string, string][] = [
      ['{"result":{"promoted":0},"result":{"promoted":1}}', "admit"],
      ['{"result":{"promoted":1,"promoted":0}}', "queue"],
      ['{"result":{"__proto__":{"promoted":1}}}', "reject"],
      ['{"__proto__":{"result":{"promoted":1}}}', "reject"],
      ['{"result":{"promoted":1,"__proto__":{"token":"tok_1"},"constructor":{"token":"tok_1"}}}', "admit"],
      [`{"result":{"promoted":1,"deep":${"[".repeat(30_000)}${"]".repeat(30_000)}}}`, "admit"],
      ["[".repeat(65_000), "reject"],
      [`{"result":${'{"result":'.repeat(6000)}1${"}".repeat(6001)}`, "reject"],
    ];
    for (const [body, action] of table) {
      const bench = benchOf({
        policy: { malformed: "reject" },
        answers: { requests: () => new Response(body) },
      });
      const { decision, cookies } = await bench.visit("/a");
      assert.equal(decision?.action, action, body.slice(0, 80));
      assert.deepEqual(cookies, {});
    }
  });
});

describe("crowdhandler() bears giants", () => {
  test("crowdhandler() refuses a URL that API and waiting room cannot be expected to take", async () => {
    for (const make of [benchOf, hybridBench]) {
      const bench = make({ answers: { requests: queued } });
      for (
        const path of [
          `/tickets?${"a".repeat(6200)}`,
          `/tickets?${"%".repeat(2100)}`,
          `/tickets/${"a".repeat(100_000)}`,
        ]
      ) {
        const { response, decision } = await bench.visit(path);
        assert.equal(decision?.reason, "crowdhandler/url-too-long");
        assert.equal(response.status, 414);
      }
      assert.deepEqual([bench.errors, bench.calls], [[], []]);
    }
  });

  test("crowdhandler() fits every GET of a check into a request line of 8 KB", async () => {
    const bench = benchOf({ answers: { requests: queued } });
    const giants = ["x", "\u00ff", "%", '"'].map((letter) => letter.repeat(20_000));
    for (const text of giants) {
      const { decision } = await bench.visit(`/tickets?${"a".repeat(6000)}&ch-code=${"%C3%BF".repeat(42)}`, {
        cookie: `crowdhandler=tok${"x".repeat(124)}`,
        headers: { "user-agent": text, "accept-language": text },
      });
      assert.equal(decision?.action, "queue");
      const url = bench.calls.at(-1)?.url ?? "";
      assert.ok(url.length > 6000 && url.length < 8192 - "GET  HTTP/1.1".length, String(url.length));
    }
    assert.deepEqual(bench.errors, []);
  });

  test("crowdhandler() takes cookies of any size for absent or reads them, and never fails", async () => {
    const entry = { token, touched: 1, touchedSig: "x", signatures: [] };
    const giants = [
      "x".repeat(100_000),
      `{"tokens":[${Array.from({ length: 2000 }, () => JSON.stringify(entry)).join()}]}`,
      `{"tokens":${"[".repeat(3000)}`,
      "%".repeat(4000),
      `"${"\\".repeat(4000)}`,
    ];
    for (const make of [benchOf, hybridBench]) {
      const bench = make({ answers: { requests: queued } });
      for (const value of giants) {
        const { decision } = await bench.visit("/tickets", {
          headers: { cookie: `crowdhandler=${value}; ch-id=${value}` },
        });
        assert.equal(decision?.action, "queue");
      }
      assert.deepEqual(bench.errors, []);
    }
  });
});

test("crowdhandler() never admits by what a visitor sends beside a promotion or a signature", async () => {
  const tries = [
    "?ch-fresh=1",
    "?ch-public-key=x",
    "?ch-id-signature=x&ch-requested=2030-01-15T11:59:30Z",
    "?ch-id=tok_&ch-id-signature=&ch-requested=",
    "?promoted=1",
    "?ch-code=%00",
    "?ch-id=..",
    "?ch-id=tok_1/../../rooms",
    ".css?x=/tickets",
  ];
  for (const make of [benchOf, hybridBench]) {
    const bench = make({ answers: { requests: queued } });
    for (const text of tries) {
      assert.equal((await bench.visit(`/tickets${text}`)).served, false, text);
      assert.equal(
        (await bench.visit(`/tickets${text}`, { method: "POST", body: "promoted=1" })).served,
        false,
        text,
      );
    }
    assert.deepEqual(bench.errors, []);
    for (const { path } of bench.calls) assert.match(path, /^(?:rooms|requests(?:\/tok[\w-]+)?)$/);
  }
  assert.equal((await benchOf({ answers: { requests: promoted } }).visit("/tickets")).served, true);
});
