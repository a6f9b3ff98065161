import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { growth } from "../support/growth.ts";
import { queueItEvent } from "../../plugins/queue-it/mod.ts";
import {
  cookieTokens,
  type Decision,
  failClosed,
  type Plugin,
  prefetch,
  problemAnswers,
  type ProblemAnswersOptions,
  waitingRoomProblem,
} from "../../mod.ts";
import {
  admitted,
  answered,
  gateOf,
  page,
  provider,
  queued,
  rejected,
  request,
  untyped,
} from "../src/_gates.ts";

type Answer = "problem" | "redirect";

const chromeAccept =
  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";

/** Who gets what. */
const clients: readonly [client: string, headers: Record<string, string>, answer: Answer][] = [
  [
    "a page in a tab",
    { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", accept: chromeAccept },
    "redirect",
  ],
  [
    "a page in a frame",
    { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe", accept: chromeAccept },
    "redirect",
  ],
  [
    "a page that accepts JSON only, in a tab",
    { "sec-fetch-mode": "navigate", accept: "application/json" },
    "redirect",
  ],
  ["a document of an old browser", { "sec-fetch-dest": "document", accept: "application/json" }, "redirect"],
  ["fetch()", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", accept: "*/*" }, "problem"],
  ["fetch() of the same origin", { "sec-fetch-mode": "same-origin", "sec-fetch-dest": "empty" }, "problem"],
  ["fetch() without CORS", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty" }, "problem"],
  [
    "fetch() that accepts HTML",
    { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", accept: "text/html" },
    "problem",
  ],
  [
    "an image",
    { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image", accept: "image/*,*/*;q=0.8" },
    "problem",
  ],
  ["a script", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script", accept: "*/*" }, "problem"],
  ["a WebSocket", { "sec-fetch-mode": "websocket", "sec-fetch-dest": "empty" }, "problem"],
  ["a WebSocket of an old browser", { upgrade: "websocket", connection: "Upgrade" }, "problem"],
  ["jQuery", { "x-requested-with": "XMLHttpRequest", accept: "*/*" }, "problem"],
  ["an Android app's page", { "x-requested-with": "com.example.app", accept: chromeAccept }, "redirect"],
  ["a router of server components", { rsc: "1", accept: "*/*" }, "problem"],
  ["axios without a browser", { accept: "application/json, text/plain, */*" }, "problem"],
  ["curl", { accept: "*/*" }, "redirect"],
  ["a client that says nothing", {}, "redirect"],
  ["a client that says nothing, in a word", { accept: "" }, "redirect"],
  ["an old browser's page", { accept: chromeAccept }, "redirect"],
  ["an old browser's event stream", { accept: "text/event-stream" }, "problem"],
  ["JSON", { accept: "application/json" }, "problem"],
  ["JSON in capitals", { accept: "Application/JSON" }, "problem"],
  ["problem documents", { accept: "application/problem+json" }, "problem"],
  ["a format that is JSON", { accept: "application/vnd.api+json, */*;q=0.1" }, "problem"],
  ["JSON before HTML", { accept: "application/json, text/html;q=0.9" }, "problem"],
  ["JSON before HTML, in the other order", { accept: "text/html;q=0.9, application/json" }, "problem"],
  ["HTML before JSON", { accept: "application/json;q=0.9, text/html" }, "redirect"],
  ["HTML and JSON alike", { accept: "application/json, text/html" }, "redirect"],
  ["JSON that is not accepted", { accept: "application/json;q=0, */*" }, "redirect"],
  ["HTML that is not accepted", { accept: "text/html;q=0, */*" }, "problem"],
  ["whatever application", { accept: "application/*" }, "problem"],
  ["whatever text", { accept: "text/*" }, "redirect"],
  ["XHTML", { accept: "application/xhtml+xml" }, "redirect"],
  ["XHTML before JSON", { accept: "application/xhtml+xml, application/json;q=0.5" }, "redirect"],
  ["anything rather than HTML", { accept: "text/html;q=0.5, */*" }, "redirect"],
  ["an image of an old browser", { accept: "image/png" }, "problem"],
  ["no type at all", { accept: ",;q=1,,html, /, a/, /b" }, "redirect"],
  ["qualities beyond what there is", { accept: "application/json;q=7, text/html;q=-1" }, "problem"],
  [
    "a quality in capitals, with blanks",
    { accept: "text/html ; Q = 0.1, application/json;q=0.2" },
    "problem",
  ],
  ["a comma that is quoted", { accept: 'text/html;a=", application/json, \\"";q=1' }, "redirect"],
  ["a quotation without an end", { accept: 'application/json;a="b, text/html;q=1' }, "problem"],
  ["a type twice", { accept: "application/json;q=0.1, text/html;q=0.5, application/json" }, "problem"],
  ["a quality that is none", { accept: "application/json;q=x, text/html;q=0.5" }, "problem"],
];

const room = "https://wait.example/room";

describe("problemAnswers()", () => {
  for (const [client, headers, answer] of clients) {
    test(`gives ${client} a ${answer}`, async () => {
      const { gate } = gateOf([provider(queued), problemAnswers({ random: () => 0 })]);
      const response = answered(gate(request("/api/cart", { headers }), page));
      assert.equal(response.headers.get("cache-control"), "no-store");
      const vary = response.headers.get("vary")?.split(", ");
      assert.ok(["Accept", "Sec-Fetch-Dest", "Sec-Fetch-Mode"].every((name) => vary?.includes(name)));
      assert.equal(response.headers.get("access-control-allow-origin"), null);
      if (answer === "redirect") {
        assert.equal(response.status, 302);
        assert.equal(response.headers.get("location"), room);
        return;
      }
      assert.equal(response.status, 503);
      assert.equal(response.headers.get("location"), null);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      assert.equal(response.headers.get("retry-after"), "60");
      assert.deepEqual(await response.json(), {
        type: waitingRoomProblem,
        title: "A waiting room is in front of this address",
        status: 503,
        waitingRoom: room,
      });
    });
  }

  const json = { accept: "application/json" };

  test("says in which parameter of the room's address the way back is, if the provider does", async () => {
    const { gate } = gateOf([provider({ ...queued, facts: { returnBy: "url" } }), problemAnswers()]);
    const problem = await answered(gate(request("/", { headers: json }), page)).json();
    assert.equal(problem.returnParameter, "url");
  });

  test("answers with the status and the time that the owner chose", async () => {
    const { gate } = gateOf([
      provider(queued),
      problemAnswers({ status: 429, retryAfterSeconds: 5, random: () => 0 }),
    ]);
    const response = answered(gate(request("/", { headers: json }), page));
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), "5");
    assert.equal((await response.json()).status, 429);
  });

  test("sends no body to HEAD", () => {
    const { gate } = gateOf([provider(queued), problemAnswers()]);
    const response = answered(gate(request("/", { method: "HEAD", headers: json }), page));
    assert.equal(response.status, 503);
    assert.equal(response.body, null);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
  });

  const methods: readonly [method: string, seeOther: boolean, status: number][] = [
    ["GET", false, 302],
    ["POST", false, 302],
    ["GET", true, 302],
    ["HEAD", true, 302],
    ["POST", true, 303],
    ["PUT", true, 303],
  ];
  for (const [method, seeOther, status] of methods) {
    test(`redirects a page's ${method} with ${status}, seeOther being ${seeOther}`, () => {
      const { gate } = gateOf([provider(queued), problemAnswers({ seeOther })]);
      const headers = { "sec-fetch-mode": "navigate" };
      const response = answered(gate(request("/", { method, headers }), page));
      assert.equal(response.status, status);
      assert.equal(response.headers.get("location"), room);
    });
  }

  test("gives a rejected program a problem of no type of its own, with the refusal's headers", async () => {
    const closed: Decision = {
      action: "reject",
      reason: "test/closed",
      status: 503,
      headers: [["retry-after", "7"], ["cache-control", "no-store, max-age=0"]],
    };
    const titles: readonly [decision: Decision, status: number, title: string, retryAfter: string | null][] =
      [
        [closed, 503, "Service Unavailable", "7"],
        [rejected, 403, "Forbidden", null],
        [{ action: "reject", reason: "test/odd", status: 418 }, 418, "Refused", null],
        [{ action: "reject", reason: "test/odd", status: 599 }, 599, "Unavailable", null],
      ];
    for (const [decision, status, title, retryAfter] of titles) {
      const { gate } = gateOf([provider(decision), problemAnswers()]);
      const response = answered(gate(request("/", { headers: json }), page));
      assert.equal(response.status, status);
      assert.equal(response.headers.get("retry-after"), retryAfter);
      assert.equal(
        response.headers.get("cache-control"),
        decision === closed ? "no-store, max-age=0" : "no-store",
      );
      assert.deepEqual(await response.json(), { type: "about:blank", title, status });
      const shown = answered(gate(request(), page));
      assert.match(shown.headers.get("content-type") ?? "", /^text\/plain/);
    }
  });

  test("answers a program after a failure that closes the gate", async () => {
    const broken: Plugin = {
      name: "broken",
      decide() {
        throw new Error("provider down");
      },
    };
    const { gate } = gateOf([failClosed(), broken, problemAnswers()]);
    const response = answered(gate(request("/", { headers: json }), page));
    assert.equal(response.status, 503);
    assert.equal((await response.json()).type, "about:blank");
  });

  const left: readonly Decision[] = [
    { action: "redirect", reason: "test/clean", location: "https://shop.example/clean" },
    { action: "respond", reason: "test/own", response: new Response("own", { status: 200 }) },
  ];
  for (const decision of left) {
    test(`leaves ${decision.action} as it is`, () => {
      const { gate } = gateOf([provider(decision), problemAnswers()]);
      const response = answered(gate(request("/", { headers: json }), page));
      assert.equal(response.status, decision.action === "redirect" ? 302 : 200);
    });
  }

  test("leaves the answer to a provider before it that has its own way to tell scripts", () => {
    const ajax: Plugin = {
      name: "ajax",
      respond: () => new Response(null, { headers: { "x-queueit-redirect": "room" } }),
    };
    const { gate } = gateOf([ajax, provider(queued), problemAnswers()]);
    const response = answered(gate(request("/", { headers: json }), page));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-queueit-redirect"), "room");
    assert.equal(response.headers.get("vary"), null);
  });

  const spoken: readonly [
    what: string,
    headers: Record<string, string>,
    status: number,
    type: string | null,
  ][] = [
    ["Queue-it's client its header", { "x-queueit-ajaxpageurl": "https%3A%2F%2Fshop.example%2F" }, 200, null],
    ["other programs a document", {}, 503, "application/problem+json"],
    ["a prefetch nothing", { "sec-purpose": "prefetch", "x-queueit-ajaxpageurl": "x" }, 503, null],
  ];
  for (const [what, headers, status, type] of spoken) {
    test(`behind queueItEvent() gives ${what}`, async () => {
      const provider = queueItEvent({
        customerId: "example",
        secretKeys: ["a-secret-key-of-a-test"],
        eventId: "hall",
        queueDomain: "example.queue-it.net",
      });
      const { gate, faults } = gateOf([prefetch(), cookieTokens(), provider, problemAnswers()]);
      const response = answered(gate(request("/", { headers: { ...json, ...headers } }), page));
      assert.equal(response.status, status);
      assert.equal(response.headers.get("content-type"), type);
      assert.equal(response.headers.has("x-queueit-redirect"), status === 200);
      assert.match(response.headers.get("cache-control") ?? "", /no-store/);
      if (type !== null) {
        assert.match((await response.json()).waitingRoom, /^https:\/\/example\.queue-it\.net\//);
      }
      assert.deepEqual(faults, []);
    });
  }

  test("lets scripts of the given origins read what Queue-it's connectors answer them, too", () => {
    const provider = queueItEvent({
      customerId: "example",
      secretKeys: ["a-secret-key-of-a-test"],
      eventId: "hall",
      queueDomain: "example.queue-it.net",
    });
    const { gate } = gateOf([
      cookieTokens(),
      provider,
      problemAnswers({ allowOrigins: ["https://app.example"] }),
    ]);
    for (
      const [origin, allowed] of [["https://app.example", "https://app.example"], [
        "https://evil.example",
        null,
      ]] as const
    ) {
      const headers = { origin, "x-queueit-ajaxpageurl": "https%3A%2F%2Fapp.example%2F" };
      const response = answered(gate(request("/", { headers }), page));
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("access-control-allow-origin"), allowed);
      assert.equal(response.headers.get("access-control-allow-credentials"), allowed && "true");
      assert.equal(
        response.headers.get("access-control-expose-headers"),
        allowed === null ? "x-queueit-redirect" : "x-queueit-redirect, retry-after",
      );
      assert.equal(response.headers.get("vary"), "Origin");
    }
  });

  test("sends no prefetch to a waiting room, wherever it stands in the list", async () => {
    const headers = { ...json, "next-router-prefetch": "1" };
    for (const plugins of [[prefetch(), problemAnswers()], [problemAnswers(), prefetch()]]) {
      const { gate } = gateOf([...plugins, provider(queued)]);
      const response = answered(gate(request("/", { headers }), page));
      assert.equal(response.status, 503);
      assert.equal(await response.text(), "");
    }
  });

  test("says nothing on the pages of the application", () => {
    const { gate } = gateOf([provider(admitted), problemAnswers({ allowOrigins: ["https://app.example"] })]);
    const headers = { ...json, origin: "https://app.example" };
    assert.deepEqual([...answered(gate(request("/", { headers }), () => new Response(null))).headers], []);
  });

  test("lets scripts of the given origins read the answer, and of no other", () => {
    const { gate } = gateOf([provider(queued), problemAnswers({ allowOrigins: ["https://app.example"] })]);
    const asked: readonly [origin: string | undefined, allowed: string | null][] = [
      ["https://app.example", "https://app.example"],
      ["https://app.example.evil.example", null],
      ["https://APP.example", null],
      ["http://app.example", null],
      ["https://app.example, https://evil.example", null],
      ["null", null],
      ["*", null],
      [undefined, null],
    ];
    for (const [origin, allowed] of asked) {
      const headers = origin === undefined ? json : { ...json, origin };
      const response = answered(gate(request("/", { headers }), page));
      assert.equal(response.headers.get("access-control-allow-origin"), allowed);
      assert.equal(response.headers.get("access-control-allow-credentials"), allowed && "true");
      assert.equal(response.headers.get("access-control-expose-headers"), allowed && "retry-after");
      assert.match(response.headers.get("vary") ?? "", /, Origin$/);
    }
  });

  test("takes the owner's word for who is a program, and the headers' where there is none", () => {
    const test = ({ path }: { readonly path: string }) =>
      path.startsWith("/api/") ? true : path === "/feed" ? false : undefined;
    const { gate } = gateOf([provider(queued), problemAnswers({ test })]);
    const status = (path: string, headers: Record<string, string>) =>
      answered(gate(request(path, { headers }), page)).status;
    assert.equal(status("/api/cart", { "sec-fetch-mode": "navigate" }), 503);
    assert.equal(status("/feed", json), 302);
    assert.equal(status("/cart", json), 503);
    assert.equal(status("/cart", {}), 302);
  });

  test("keeps a visitor out when the room's address cannot be sent", () => {
    const { gate, faults } = gateOf([
      provider({ ...queued, location: "" }),
      problemAnswers({ seeOther: true }),
    ]);
    for (const headers of [json, { accept: "text/html" }]) {
      assert.equal(answered(gate(request("/", { headers }), page)).status, 503);
    }
    assert.equal(faults.length, 2);
  });

  test("never opens the gate and never fails, whatever a visitor sends", () => {
    const char = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
    const part = fc.oneof(
      fc.string({ unit: char }),
      fc.constantFrom(
        "text/html",
        "*/*",
        "application/json",
        ";q=",
        '"',
        ",",
        ";",
        "=",
        "0.5",
        "\\",
        "-1",
        "NaN",
        "1e99",
      ),
    );
    const value = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(""));
    const names = [
      "accept",
      "sec-fetch-mode",
      "sec-fetch-dest",
      "x-requested-with",
      "rsc",
      "upgrade",
      "origin",
    ];
    const { gate, faults } = gateOf([
      provider(queued),
      problemAnswers({ allowOrigins: ["https://app.example"] }),
    ]);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (headers) => {
        const { status } = answered(gate(request("/", { headers }), page));
        assert.ok(status === 302 || status === 503);
      }),
      { numRuns: 500 },
    );
    assert.deepEqual(faults, []);
  });

  test("reads an Accept in time in proportion to its length", () => {
    const { gate } = gateOf([provider(queued), problemAnswers()]);
    for (const unit of ["a/b,", "a/b;q=0.1;", '"', ";", ",", 'a/b;x="\\', " "]) {
      // As much as servers let through. Arrays of another kind of memory, which larger ones are made of, cost more for each element.
      const times = growth(
        (size) => {
          const accept = `x/y,${unit.repeat(size / unit.length)}`;
          answered(gate(request("/", { headers: { accept } }), page));
        },
        20,
        2000,
      );
      assert.ok(times < 24, `${unit}: ${times.toFixed(1)} times for 8 times the size`);
    }
  });

  const wrong: readonly [options: unknown, error: typeof TypeError | typeof RangeError, message: string][] = [
    [null, TypeError, "options must be an object, received null"],
    [{ status: 401 }, RangeError, '"status" must be one of 503, 429, received 401'],
    [
      { retryAfterSeconds: -1 },
      RangeError,
      '"retryAfterSeconds" must be an integer from 1 to 86400, received -1',
    ],
    [
      { allowOrigins: "*" },
      TypeError,
      '"allowOrigins" must be a list of origins, such as https://app.example.com, received "*"',
    ],
    [
      { allowOrigins: ["*"] },
      RangeError,
      '"allowOrigins" must be a list of origins, such as https://app.example.com, received "*"',
    ],
    [
      { allowOrigins: ["https://a.example/"] },
      RangeError,
      '"allowOrigins" must be a list of origins, such as https://app.example.com, received "https://a.example/"',
    ],
    [
      { allowOrigins: ["null"] },
      RangeError,
      '"allowOrigins" must be a list of origins, such as https://app.example.com, received "null"',
    ],
    [{ seeOther: 303 }, TypeError, '"seeOther" must be true or false, received 303'],
    [{ test: "x" }, TypeError, '"test" must be a function, received "x"'],
    [
      { statuss: 503 },
      TypeError,
      'unknown option "statuss", the options are status, retryAfterSeconds, allowOrigins, seeOther, hashRoutes, test, random',
    ],
  ];
  for (const [options, type, message] of wrong) {
    test(`refuses: ${message}`, () => {
      assert.throws(() => problemAnswers(untyped<ProblemAnswersOptions>(options)), (error) => {
        assert.ok(error instanceof type);
        assert.equal(error.message, `Cannot create problem-answers plugin: ${message}`);
        return true;
      });
    });
  }
});
