import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../../support/random-cases.ts";
import { cookieTokens } from "../../../mod.ts";
import { integrationSource, pushEndpoint, queueIt } from "../../../plugins/queue-it/mod.ts";
import { readPush } from "../../../plugins/queue-it/sources/read-push.ts";
import { fastest, growth } from "../../support/growth.ts";
import { benchOf, configOf, customerId, integration, secret, sign } from "./_helpers.ts";

function hexOf(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pushOf(config: unknown, key: string = secret): string {
  const integrationInfo = hexOf(typeof config === "string" ? config : JSON.stringify(config));
  return JSON.stringify({ integrationInfo, hash: sign(integrationInfo, key) });
}

function setup(options: { readonly maxBytes?: number } = {}) {
  const source = integrationSource();
  source.deliver(configOf(integration({ Name: "first" })));
  const secretKeys = [secret, "older"];
  const provider = queueIt({ customerId, secretKeys, integrationConfig: source, onConfiguration() {} });
  const bench = benchOf(provider, [cookieTokens(), pushEndpoint({ secretKeys, source, ...options })]);
  return {
    bench,
    push: (body: string, path = "/__push_queueit_config") => bench.visit(path, { method: "PUT", body }),
    async name() {
      const { response } = await bench.visit("/event1");
      return decodeURIComponent(/&man=([^&]*)/.exec(response.headers.get("location") ?? "")?.[1] ?? "");
    },
  };
}

for (const key of [secret, "older"]) {
  test(`pushEndpoint() puts a configuration to use that was signed with ${key === secret ? "the first" : "another"} secret`, async () => {
    const { push, name } = setup();
    const { response, served, decision } = await push(
      pushOf(configOf(integration({ Name: "zweite Küche" })), key),
    );
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "Success!");
    assert.equal(decision?.reason, "queue-it/pushed");
    assert.equal(served, false);
    assert.equal(await name(), "zweite Küche");
  });
}

const good = pushOf(configOf(integration({ Name: "second" })));
for (
  const [what, body] of [
    ["a wrong secret", pushOf(configOf(), "wrong")],
    ["a changed configuration", good.replace("7b", "7c")],
    ["no hash", JSON.stringify({ integrationInfo: "7b7d" })],
    ["digits that are none", JSON.stringify({ integrationInfo: "xx", hash: sign("xx") })],
    ["an odd number of digits", JSON.stringify({ integrationInfo: "7b7", hash: sign("7b7") })],
    ["bytes that are no text", JSON.stringify({ integrationInfo: "ff", hash: sign("ff") })],
    ["a configuration that cannot be used", pushOf({ Version: 0 })],
    ["a configuration that is not JSON", pushOf("{")],
    ["a body that is not JSON", "nonsense"],
    ["a body of null", "null"],
    ["a further member", good.replace("}", `,"more":1}`)],
    ["a hash in capital letters", good.replace(/[0-9a-f]{64}(?="})/, (hash) => hash.toUpperCase())],
    ["no body", ""],
  ] as const
) {
  test(`pushEndpoint() refuses ${what}, and the previous configuration stays`, async () => {
    const { push, name } = setup();
    const { response, faults } = await push(body);
    assert.equal(response.status, 400);
    assert.equal(await response.text(), "Fail!");
    assert.deepEqual(faults, []);
    assert.equal(await name(), "first");
  });
}

test("pushEndpoint() reads its members in either order, and the blanks of JSON between them", async () => {
  const { integrationInfo, hash } = JSON.parse(good);
  for (
    const body of [
      JSON.stringify({ hash, integrationInfo }),
      JSON.stringify({ integrationInfo, hash }, null, "\t"),
      ` \r\n${JSON.stringify({ hash, integrationInfo }, null, 2)}\n`,
      JSON.stringify({ integrationInfo: integrationInfo.toLowerCase(), hash }),
    ]
  ) {
    const { push, name } = setup();
    assert.equal((await push(body)).decision?.reason, "queue-it/pushed", body);
    assert.equal(await name(), "second");
  }
});

test("readPush() takes what JSON.parse() takes of its shape, and nothing else", () => {
  const blank = fc.oneof(
    { weight: 30, arbitrary: fc.string({ unit: fc.constantFrom(..." \t\n\r"), maxLength: 2 }) },
    { weight: 1, arbitrary: fc.constantFrom("\v", "\u00a0", "x") },
  );
  const piece = fc.constantFrom(
    ..."{}[]:,".split(""),
    ...[
      '"hash"',
      '"integrationInfo"',
      '"7b7d"',
      '"7b7"',
      '"xx"',
      '""',
      `"${"a1".repeat(32)}"`,
      '"\\u0068ash"',
      "null",
      '"',
    ],
  );
  const whole = ["{", '"hash"', ":", `"${"a1".repeat(32)}"`, ",", '"integrationInfo"', ":", '"7b7d"', "}"];
  const pieces = fc.oneof(
    fc.array(piece, { maxLength: 10 }),
    fc.tuple(fc.nat({ max: 8 }), piece).map(([at, piece]) => whole.with(at, piece)),
    fc.tuple(fc.nat({ max: 9 }), piece).map(([at, piece]) => whole.toSpliced(at, 0, piece)),
    fc.constant(whole),
  );
  let read = 0;
  fc.assert(
    fc.property(pieces, fc.array(blank, { minLength: 12, maxLength: 12 }), (pieces, blanks) => {
      const text = pieces.map((piece, at) => `${blanks[at]}${piece}`).join("") + (blanks[11] ?? "");
      const ours = readPush(text);
      if (ours !== undefined) read++;
      assert.deepEqual(ours, expectedPush(text));
    }),
    { numRuns: 5000 },
  );
  assert.ok(read > 100);
});

function expectedPush(text: string): unknown {
  // One of two members of a name is hidden by JSON, and an escape as well.
  if (text.includes("\\") || text.split('"hash"').length > 2 || text.split('"integrationInfo"').length > 2) {
    return undefined;
  }
  try {
    const { integrationInfo, hash, ...others } = JSON.parse(text);
    const isPush = Object.keys(others).length === 0 && /^(?:[0-9a-f]{2})*$/i.test(integrationInfo) &&
      /^[0-9a-f]{64}$/i.test(hash);
    return isPush && !Array.isArray(integrationInfo) ? { integrationInfo, hash } : undefined;
  } catch {
    return undefined;
  }
}

const costly: readonly (readonly [what: string, body: (size: number) => string])[] = [
  ["brackets", (size) => "[".repeat(size)],
  ["blanks", (size) => " ".repeat(size)],
  ["quotes", (size) => '"'.repeat(size)],
  ["members", (size) => `{${'"hash":"",'.repeat(size / 10)}`],
  ["brackets in a member", (size) => `{"hash":${"[".repeat(size)}`],
  ["digits", (size) => `{"hash":"${"0".repeat(64)}","integrationInfo":"${"7b".repeat(size / 2)}"}`],
  ["digits and one that is none", (size) => `{"integrationInfo":"${"7b".repeat(size / 2)}x`],
];
for (const [what, body] of costly) {
  test(`readPush() takes its time in proportion to a body of ${what}`, () => {
    const times = growth((size) => void readPush(body(size)));
    assert.ok(times < 24, `${times.toFixed(1)} times for 8 times the size`);
  });
}

test("readPush() refuses nested brackets in much less time than JSON takes for them", () => {
  const text = "[".repeat(500_000);
  const parse = () => {
    try {
      JSON.parse(text);
    } catch {
      // They are not closed.
    }
  };
  assert.ok(fastest(() => void readPush(text)) * 5 < fastest(parse, 3));
});

test("pushEndpoint() reads nothing that says it is too long", async () => {
  const { push, bench } = setup({ maxBytes: 100 });
  const request = new Request("https://shop.test/__push_queueit_config", {
    method: "PUT",
    body: "short",
    headers: { "content-length": "101" },
  });
  const { reason } = (await bench.gate.explain(request)).decision;
  assert.equal(reason, "queue-it/push-refused");
  assert.equal((await push("x".repeat(101))).response.status, 400);
});

test("pushEndpoint() takes 256 KiB unless it is told otherwise", async () => {
  const bodyOf = (length: number) => {
    const spare = length - pushOf(configOf(integration())).length;
    return pushOf(JSON.stringify(configOf(integration())) + " ".repeat(spare / 2));
  };
  const { push } = setup();
  for (const [length, status] of [[262_144, 200], [262_146, 400]] as const) {
    const body = bodyOf(length);
    assert.equal(body.length - length <= 1, true);
    assert.equal((await push(body)).response.status, status, `${body.length}`);
  }
});

test("pushEndpoint() refuses what is longer than its limit", async () => {
  const { push, name } = setup({ maxBytes: good.length - 1 });
  assert.equal((await push(good)).response.status, 400);
  assert.equal(await name(), "first");
});

test("pushEndpoint() leaves all other requests alone", async () => {
  const { bench, push } = setup();
  assert.equal((await bench.visit("/__push_queueit_config")).decision?.reason, "queue-it/no-match");
  assert.equal((await push(good, "/event1")).decision?.reason, "queue-it/queued");
  assert.equal((await push(good, "/api/__push_queueit_config/")).decision?.reason, "queue-it/pushed");
});

test("pushEndpoint() takes nothing while the gate explains", async () => {
  const { bench, name } = setup();
  const request = new Request("https://shop.test/__push_queueit_config", { method: "PUT", body: good });
  const { decision } = await bench.gate.explain(request);
  assert.equal(decision?.reason, "queue-it/push-not-taken");
  assert.equal(await name(), "first");
});

test("pushEndpoint() says in plain text what became of a push, and by its reason why", async () => {
  const { push, bench } = setup({ maxBytes: 1000 });
  const table: [body: string, status: number, text: string, reason: string][] = [
    [pushOf(configOf()), 200, "Success!", "queue-it/pushed"],
    [pushOf({ Version: 0 }), 400, "Fail!", "queue-it/push-invalid"],
    [pushOf(configOf(), "wrong"), 400, "Fail!", "queue-it/push-refused"],
    [JSON.stringify({ integrationInfo: "ff", hash: sign("ff") }), 400, "Fail!", "queue-it/push-refused"],
    ["nonsense", 400, "Fail!", "queue-it/push-refused"],
    ["", 400, "Fail!", "queue-it/push-refused"],
    ["x".repeat(1001), 400, "Fail!", "queue-it/push-refused"],
  ];
  for (const [body, status, text, reason] of table) {
    const { response, decision } = await push(body);
    assert.deepEqual(
      [response.status, await response.text(), decision?.reason],
      [status, text, reason],
      body,
    );
    assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  }
  const request = new Request("https://shop.test/__push_queueit_config", {
    method: "PUT",
    body: pushOf(configOf()),
  });
  const { decision } = await bench.gate.explain(request);
  assert.equal(decision.reason, "queue-it/push-not-taken");
  const response = "response" in decision && decision.response;
  assert.ok(response instanceof Response);
  assert.equal(await response.text(), "Success!");
});

test("pushEndpoint() hands on what a source fails with that is no fault of the configuration", async () => {
  const source = integrationSource();
  source.subscribe(() => {
    throw new RangeError("out of memory");
  });
  const provider = queueIt({
    customerId,
    secretKeys: [secret],
    integrationConfig: configOf(),
    onConfiguration() {},
  });
  const bench = benchOf(provider, [cookieTokens(), pushEndpoint({ secretKeys: [secret], source })]);
  const { faults } = await bench.visit("/__push_queueit_config", { method: "PUT", body: pushOf(configOf()) });
  assert.equal(faults.length, 1);
});
