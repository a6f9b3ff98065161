import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { type BodyText, createGate, type Decision, type Plugin } from "../../mod.ts";
import { bodyTrigger, type BodyTriggerOptions } from "../../plugins/body-trigger/mod.ts";
import { requestBody } from "../../plugins/request-body.ts";
import { callsBehind } from "../../src/pipeline/calls.ts";
import { contextOf } from "../support/context-of.ts";

const url = "https://shop.example/";
const direct = callsBehind();
const unmatched: Decision = { action: "bypass", reason: "body-trigger/unmatched" };

function post(
  body: BodyInit,
  headers: Readonly<Record<string, string>> = {},
  method: string = "POST",
): Request {
  return new Request(url, { method, body, headers });
}

/** What the trigger says of a request; `undefined` leaves it to the provider. */
async function decide(options: BodyTriggerOptions, request: Request): Promise<Decision | undefined> {
  return await bodyTrigger(options).decide?.(contextOf(request), direct);
}

/** The same where the body is known to be this. */
async function decideOn(options: BodyTriggerOptions, body: BodyText): Promise<Decision | undefined> {
  const ctx = contextOf(post("other"));
  Object.defineProperty(ctx, "body", { value: () => body });
  return await bodyTrigger(options).decide?.(ctx, direct);
}

describe("bodyTrigger() matches", () => {
  const cases: readonly [what: string, options: BodyTriggerOptions, body: string, matches: boolean][] = [
    ["a text", { contains: "checkout" }, "action=checkout&x=1", true],
    ["no other text", { contains: "checkout" }, "action=browse", false],
    ["no part of a text", { contains: "checkout" }, "action=check&out", false],
    ["a text in any case", { contains: "checkOut" }, "action=CHECKOUT", true],
    ["a letter whose lower case depends on its place", { contains: "ΟΔΟΣ" }, "x=ΟΔΟΣΑ", true],
    ["one of several texts", { contains: ["buy", "checkout"] }, "checkout", true],
    ["none of several texts", { contains: ["buy", "checkout"] }, "browse", false],
    ["an expression", { matches: /"qty":[1-9]\d/ }, '{"qty":12}', true],
    ["no expression", { matches: /"qty":[1-9]\d/ }, '{"qty":2}', false],
    ["an expression in its case", { matches: /Checkout/ }, "checkout", false],
    ["an expression in any case, if it says so", { matches: /Checkout/i }, "checkout", true],
    ["a test", { test: ({ text }) => text.length > 3 }, "abcd", true],
    ["no test", { test: ({ text }) => text.length > 3 }, "abc", false],
    [
      "a test though the text is not there",
      { contains: "x", test: ({ text }) => text === "abc" },
      "abc",
      true,
    ],
    ["a text though the test fails", { contains: "b", test: () => false }, "abc", true],
    ["letters beyond ASCII", { contains: "größe" }, "GRÖSSE größe", true],
  ];
  for (const [what, options, body, matches] of cases) {
    test(`bodyTrigger() matches ${what}`, async () => {
      assert.deepEqual(await decide(options, post(body)), matches ? undefined : unmatched);
    });
  }

  test("bodyTrigger() gives the test the body as it was sent, and the context", async () => {
    const request = post('{"a":"\\u0062"}');
    const seen: unknown[] = [];
    await decide({ test: (body, ctx) => seen.push(body, ctx.request) > 9 }, request);
    assert.deepEqual(seen, [{ text: '{"a":"\\u0062"}', complete: true }, request]);
  });

  test("bodyTrigger() takes nothing but false from the test as no match", async () => {
    for (const value of [true, undefined, null, 0, "", Promise.resolve(false)]) {
      assert.equal(await decide({ test: () => value as boolean }, post("x")), undefined);
    }
    assert.deepEqual(await decide({ test: () => false }, post("x")), unmatched);
  });

  test("bodyTrigger() takes no more time for a hostile body than for another of its length", async () => {
    const body = "a".repeat(8000);
    for (const matches of [/(a+)+$b/, /.*a.*a.*a.*a.*b/, /(A|AA)+!$/i]) {
      assert.deepEqual(await decide({ matches }, post(body)), unmatched);
    }
  });

  test("bodyTrigger() decides the same each time with a global or sticky expression", async () => {
    const trigger = bodyTrigger({ matches: /buy/gy });
    for (let round = 0; round < 3; round++) {
      assert.equal(await trigger.decide?.(contextOf(post("buy, x=buy")), direct), undefined);
      assert.equal(await trigger.decide?.(contextOf(post("x=buy")), direct), undefined);
    }
  });
});

describe("bodyTrigger() is not evaded by", () => {
  const form: BodyTriggerOptions = { contains: "action=buy now" };
  const json: BodyTriggerOptions = { contains: '"action":"buy/now"' };
  const cases: readonly [what: string, options: BodyTriggerOptions, body: string][] = [
    ["percent-encoding", form, "%61ction=b%75y%20now"],
    ["a plus sign", form, "action=buy+now"],
    ["percent-encoding of everything", form, "%61%63%74%69%6f%6e%3d%62%75%79%20%6e%6f%77"],
    ["a broken encoding before it", form, "x=%zz%&action=b%75y+now"],
    ["an encoding that is no UTF-8 before it", form, "x=%ff&action=b%75y+now"],
    ["a value that is empty", { contains: "token=" }, "t%6Fken="],
    ["UTF-8 in percent-encoding", { contains: "größe" }, "x=gr%C3%B6%c3%9fe"],
    ["escapes of JSON", json, '{"\\u0061ction":"b\\u0075y\\/now"}'],
    ["blanks in JSON", json, '{ "action" :\t"buy/now"\n}'],
    ["a second key of the same name", json, '{"\\u0061ction":"b\\u0075y/now","action":"browse"}'],
    ["what is nearly JSON", json, '{"\\u0061ction":"b\\u0075y/now",}'],
    ["lines of JSON", json, '{"a":1}\n{"\\u0061ction":"buy/now"}'],
    ["escapes in upper case", { contains: "größe" }, '{"x":"GR\\u00D6\\u00DFE"}'],
    ["JSON in JSON", { contains: '"action":"buy"' }, JSON.stringify({ payload: '{"action":"buy"}' })],
    [
      "JSON in a form",
      json,
      `payload=${encodeURIComponent('{"\\u0061ction": "b\\u0075y\\/now"}')}`.replace("%20", ""),
    ],
    ["JSON that is percent-encoded", json, encodeURIComponent('{"action" : "buy/now"}')],
    ["JSON with a plus sign", { contains: '"a":"1+1"' }, '{"a": "1+1"}'],
    ["an expression and percent-encoding", { matches: /^action=buy now$/ }, "action=b%75y+now"],
    ["an expression and escapes", { matches: /"action":"buy"/ }, '{"action": "b\\u0075y"}'],
    [
      "a transfer encoding of a part",
      form,
      "--x\r\nContent-Transfer-Encoding: base64\r\n\r\nYWN0aW9uPWJ1eSBub3c=\r\n--x--",
    ],
  ];
  for (const [what, options, body] of cases) {
    for (
      const type of [
        "application/x-www-form-urlencoded",
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
      ]
    ) {
      test(`bodyTrigger() is not evaded by ${what} as ${type}`, async () => {
        assert.equal(await decide(options, post(body, { "content-type": type })), undefined);
      });
    }
  }

  test("bodyTrigger() is not evaded by UTF-16", async () => {
    for (const [options, text] of [[form, "action=buy now"], [json, '{"action": "buy/now"}']] as const) {
      const bytes = Uint8Array.from([0xff, 0xfe, ...[...text].flatMap((char) => [char.charCodeAt(0), 0])]);
      assert.equal(await decide(options, post(bytes)), undefined);
      assert.equal(await decide(options, post(bytes.slice(2))), undefined);
      assert.equal(
        await decide(options, post("x", { "content-type": "text/plain; charset=utf-16" })),
        undefined,
      );
    }
  });

  test("bodyTrigger() is not evaded by compression", async () => {
    assert.equal(await decide(form, post("\x1f\x8b", { "content-encoding": "gzip" })), undefined);
  });

  test("bodyTrigger() is not evaded by JSON that is nested too deep to be written again", async () => {
    const depth = 30_000;
    const deep = `{"action" : "buy/now", "x": ${"[".repeat(depth)}${"]".repeat(depth)}}`;
    const canonical = (() => {
      try {
        return JSON.stringify(JSON.parse(deep));
      } catch {
        return undefined;
      }
    })();
    assert.ok(canonical === undefined || canonical.includes('"action":"buy/now"'));
    assert.equal(await decide(json, post(deep)), undefined);
  });

  test("bodyTrigger() does not take harmless bodies for matching ones", async () => {
    const harmless = [
      "",
      "x=1&y=2",
      "100%",
      "%",
      "a+b",
      "{}",
      "[1,",
      '"\\',
      "--x\r\nContent-Transfer-Encoding: 8bit\r\n\r\nabc\r\n--x--",
      "\0\0",
    ];
    for (const body of harmless) assert.deepEqual(await decide(form, post(body)), unmatched, body);
  });
});

describe("bodyTrigger() protects what it cannot read to the end", () => {
  for (const complete of [true, false]) {
    test(`bodyTrigger() ${complete ? "lets bypass" : "protects"} a body without a match that is ${complete ? "" : "not "}complete`, async () => {
      const body: BodyText = { text: "x=1", complete };
      for (const options of [{ contains: "buy" }, { matches: /buy/ }, { test: () => false }]) {
        assert.deepEqual(await decideOn(options, body), complete ? unmatched : undefined);
      }
      assert.equal(await decideOn({ contains: "x=" }, body), undefined);
    });
  }

  test("bodyTrigger() protects a body that is padded beyond the limit", async () => {
    const padded = `${"x".repeat(70_000)}&buy`;
    assert.equal(await decide({ contains: "buy" }, post(padded)), undefined);
    assert.deepEqual(await decide({ contains: "buy" }, post("x".repeat(65_536))), unmatched);
  });

  test("bodyTrigger() protects a body that was read before", async () => {
    const request = post("x");
    await request.text();
    assert.equal(await decide({ contains: "buy" }, request), undefined);
  });
});

describe("bodyTrigger() by method", () => {
  const contains = "buy";
  const other: Decision = { action: "bypass", reason: "body-trigger/other-method" };
  const cases: readonly [options: BodyTriggerOptions, request: Request, decision: Decision | undefined][] = [
    [{ contains }, new Request(url), unmatched],
    [{ contains }, post("buy", {}, "DELETE"), undefined],
    [{ contains }, post("x", {}, "DELETE"), unmatched],
    [{ contains, methods: ["POST", "PUT"] }, post("buy", {}, "PUT"), undefined],
    [{ contains, methods: ["POST", "PUT"] }, post("x", {}, "PUT"), unmatched],
    [{ contains, methods: ["POST", "PUT"] }, new Request(url), other],
    [{ contains, methods: ["POST", "PUT"], otherwise: "bypass" }, post("buy", {}, "DELETE"), other],
    [{ contains, methods: ["POST", "PUT"], otherwise: "protect" }, new Request(url), undefined],
    [{ contains, methods: ["POST", "PUT"], otherwise: "protect" }, post("x"), unmatched],
  ];
  for (const [options, request, decision] of cases) {
    const { method } = request;
    test(`bodyTrigger(${JSON.stringify(options)}) says ${decision?.reason} of ${method}`, async () => {
      assert.deepEqual(await decide(options, request), decision);
    });
  }
});

describe("bodyTrigger() in a gate", () => {
  const provider: Plugin = {
    name: "provider",
    decide: () => ({ action: "queue", reason: "provider/queued", location: "https://wait.example/" }),
    recover: () => ({ action: "reject", reason: "provider/failed", status: 503 }),
  };
  const application = (request: Request) => request.text().then((text) => new Response(text));

  test("createGate() asks the provider about requests whose body matches, and about no others", async () => {
    for (const plugins of [[requestBody()], []]) {
      const gate = createGate({ plugins: [...plugins, bodyTrigger({ contains: "buy" }), provider] });
      const handler = gate.wrap(application);
      assert.equal((await handler(post("action=buy"))).status, 302);
      const served = await handler(post("action=browse"));
      assert.equal(await served.text(), "action=browse");
    }
  });

  test("createGate() stays synchronous where there is no body", () => {
    const gate = createGate({ plugins: [bodyTrigger({ contains: "buy" }), provider] });
    const page = new Response("page");
    assert.equal(gate(new Request(url), () => page), page);
  });

  test("bodyTrigger() reads the body once for all triggers, also without requestBody()", async () => {
    const triggers = [
      bodyTrigger({ contains: "a", methods: ["POST"], otherwise: "protect" }),
      bodyTrigger({ matches: /b/ }),
      bodyTrigger({ test: () => true }),
    ];
    for (const plugins of [[requestBody()], []]) {
      const request = post("ab");
      let clones = 0;
      const clone = request.clone.bind(request);
      request.clone = () => {
        clones++;
        return clone();
      };
      const response = await createGate({ plugins: [...plugins, ...triggers, provider] })(
        request,
        () => "unreached",
      );
      assert.ok(response instanceof Response && response.status === 302);
      assert.equal(clones, 1);
    }
  });

  test("createGate() treats a test that throws as a fault", async () => {
    const throwing = bodyTrigger({
      test: () => {
        throw new Error("a bug");
      },
    });
    const gate = createGate({ plugins: [throwing, provider], onError: () => {} });
    assert.equal((await gate.wrap(application)(post("x"))).status, 503);
    assert.equal(gate.errors, 1);
  });

  test("gate.explain() tells whether the body matches, and leaves it unread", async () => {
    const gate = createGate({ plugins: [bodyTrigger({ contains: "buy" }), provider] });
    const request = post("buy");
    const notes = (await gate.explain(request)).steps[0]?.notes;
    assert.deepEqual(notes, ["the body matches"]);
    assert.equal((await gate.explain(post("x"))).decision.reason, "body-trigger/unmatched");
    assert.equal(await request.text(), "buy");
  });
});

describe("bodyTrigger() with hostile input", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "%",
      "%u",
      "\\u",
      "\\",
      '"',
      "{",
      "[",
      "\0",
      "&",
      "=",
      "+",
      "%ff",
      "\\ud800",
      "%ed%a0%80",
    ),
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.json(),
  );
  const noise = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));

  test("bodyTrigger() never fails, whatever the body is", async () => {
    await fc.assert(fc.asyncProperty(noise, async (text) => {
      const decision = await decideOn({ contains: "\u{10FFFF}needle", matches: /needle\u{10FFFF}/u }, {
        text,
        complete: true,
      });
      assert.ok(decision === undefined || decision.reason === "body-trigger/unmatched");
    }));
  });

  test("bodyTrigger() finds a value of a form however it is encoded, between anything", async () => {
    const spelled = fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }).map((encode) =>
      [..."action=buy"].map((char, at) => encode[at] ? `%${char.charCodeAt(0).toString(16)}` : char).join("")
    );
    await fc.assert(fc.asyncProperty(noise, spelled, noise, async (before, action, after) => {
      const text = `${before}&${action}&${after}`;
      assert.equal(await decideOn({ contains: "action=buy" }, { text, complete: true }), undefined);
    }));
  });

  test("bodyTrigger() finds a value of JSON however it is escaped, anywhere in it", async () => {
    const spelled = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }).map((escape) =>
      [..."buy"].map((char, at) => escape[at] ? `\\u00${char.charCodeAt(0).toString(16)}` : char).join("")
    );
    await fc.assert(fc.asyncProperty(fc.json(), spelled, fc.json(), async (before, buy, after) => {
      const text = `{"x": ${before}, "action" : "${buy}" , "y": ${after}}`;
      assert.equal(await decideOn({ contains: '"action":"buy"' }, { text, complete: true }), undefined);
    }));
  });
});

describe("bodyTrigger() with wrong options", () => {
  const cases: readonly [options: unknown, error: typeof TypeError | typeof RangeError, message: string][] = [
    [undefined, TypeError, "options must be an object, received undefined"],
    [{}, TypeError, 'one of "contains", "matches", "test" must be given'],
    [{ contain: "x" }, TypeError, 'unknown option "contain"'],
    [
      { contains: "" },
      RangeError,
      '"contains" must be a text or a list of texts, none of them empty, received ""',
    ],
    [{ contains: [] }, RangeError, "received []"],
    [{ contains: ["a", ""] }, RangeError, 'received ""'],
    [
      { contains: /x/ },
      TypeError,
      '"contains" must be a text or a list of texts, none of them empty, received {}',
    ],
    [{ matches: "x" }, TypeError, '"matches" must be a regular expression, received "x"'],
    [{ test: "x" }, TypeError, '"test" must be a function, received "x"'],
    [
      { contains: "x", methods: ["post"] },
      RangeError,
      '"methods" must be a list of methods in upper case, received "post"',
    ],
    [{ contains: "x", methods: [] }, RangeError, "received []"],
    [{ contains: "x", methods: "POST" }, TypeError, 'received "POST"'],
    [
      { contains: "x", methods: ["POST"], otherwise: "admit" },
      RangeError,
      '"otherwise" must be one of "bypass", "protect", received "admit"',
    ],
    [{ contains: "x", otherwise: "bypass" }, TypeError, '"otherwise" must be given together with "methods"'],
  ];
  for (const [options, error, message] of cases) {
    test(`bodyTrigger() refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => bodyTrigger(options as BodyTriggerOptions), (thrown: unknown) => {
        assert.ok(thrown instanceof error);
        assert.ok(thrown.message.startsWith("Cannot create body-trigger plugin: "));
        assert.ok(thrown.message.includes(message), thrown.message);
        return true;
      });
    });
  }
});
