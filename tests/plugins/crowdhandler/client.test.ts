import assert from "node:assert/strict";
import { test } from "node:test";
import { type CheckFacts, createApiClient } from "../../../plugins/crowdhandler/api/client.ts";
import { ServiceError } from "../../../src/errors.ts";
import type { CrowdhandlerOptions } from "../../../plugins/crowdhandler/mod.ts";
import { type Call, fakeFetch, promoted, publicKey, site, token } from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

const signal = new AbortController().signal;
const bare: CheckFacts = { url: `${site}/a`, code: undefined };

function clientOf(options: Partial<CrowdhandlerOptions> = {}) {
  const calls: Call[] = [];
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const client = createApiClient({ publicKey, fetch: fakeFetch({}, calls), ...options }, warn);
  return { client, calls, warnings };
}

/** What a check with these facts and custom parameters asks of the service. */
async function asked(
  facts: Partial<CheckFacts>,
  parameters: Readonly<Record<string, unknown>> = {},
  known: string | undefined = undefined,
): Promise<Call> {
  const { client, calls } = clientOf();
  await client.check(known, { ...bare, ...facts }, parameters).make(signal);
  const [call] = calls;
  assert.ok(call !== undefined);
  return call;
}

test("createApiClient() names each call by its method and path, without what is the visitor's", () => {
  const { client } = clientOf({ apiUrl: "https://api.test//", timeoutMs: 700 });
  const named = [client.check(undefined, bare, {}), client.check(token, bare, {}), client.rooms];
  assert.deepEqual(named.map(({ what, service, timeoutMs }) => ({ what, service, timeoutMs })), [
    { what: "POST /v1/requests", service: "https://api.test/v1", timeoutMs: 700 },
    { what: "GET /v1/requests/{token}", service: "https://api.test/v1", timeoutMs: 700 },
    { what: "GET /v1/rooms", service: "https://api.test/v1", timeoutMs: 700 },
  ]);
  assert.equal(clientOf().client.timeoutMs, 2000);
  assert.equal(clientOf().client.rooms.service, "https://api.crowdhandler.com/v1");
});

test("createApiClient() fails with the cause where further fields have no JSON form", async () => {
  const round: Record<string, unknown> = {};
  round["self"] = round;
  const { client } = clientOf();
  await assert.rejects(async () => await client.check(undefined, bare, { round }).make(signal), (error) => {
    assert.ok(error instanceof ServiceError && error.code === "internal");
    assert.ok(error.cause instanceof TypeError);
    return true;
  });
});

test("createApiClient() sends the key and the types of what it sends and wants", async () => {
  for (
    const [auth, name, value] of [["x-api-key", "x-api-key", publicKey], [
      "basic",
      "authorization",
      `Basic ${btoa(`${publicKey}:`)}`,
    ]] as const
  ) {
    const { client, calls } = clientOf({ auth });
    await client.check(undefined, bare, {}).make(signal);
    await client.check(token, bare, {}).make(signal);
    await client.rooms.make(signal);
    await client.record({ responseId: "id", status: 200, timeMs: 5 });
    for (const { method, headers } of calls) {
      const type = method === "POST" || method === "PUT" ? { "content-type": "application/json" } : {};
      assert.deepEqual(Object.fromEntries(headers), { accept: "application/json", ...type, [name]: value });
    }
    assert.deepEqual(calls.map(({ method, path }) => `${method} ${path}`), [
      "POST requests",
      `GET requests/${token}`,
      "GET rooms",
      "PUT responses/id",
    ]);
  }
});

test("createApiClient() leaves out of a check what is not known", async () => {
  const parameters = {
    none: undefined,
    nothing: null,
    empty: "",
    odd: NaN,
    endless: Infinity,
    no: false,
    zero: 0,
    list: [1],
  };
  const facts = { ip: "", agent: "", lang: "" };
  assert.deepEqual((await asked(facts, parameters)).body, { url: bare.url, no: false, zero: 0, list: [1] });
  assert.deepEqual((await asked(facts, parameters, token)).query, { url: bare.url, no: "false", zero: "0" });
});

test("createApiClient() sends the code of the URL before that of the parameters, and replaces nothing else", async () => {
  const parameters = { url: "u", ip: "i", agent: "a", lang: "l", code: "of the parameters", more: "m" };
  assert.deepEqual((await asked({}, parameters)).body, {
    url: bare.url,
    code: "of the parameters",
    more: "m",
  });
  const facts = { ip: "1.2.3.4", agent: "A", lang: "L", code: "of the URL" };
  assert.deepEqual((await asked(facts, parameters)).body, { url: bare.url, ...facts, more: "m" });
  assert.deepEqual((await asked({}, { code: "" })).body, { url: bare.url });
});

test("createApiClient() replaces no parameter of the service's, however a custom one is spelled, and says so", async () => {
  for (const name of ["url", "ip", "agent", "lang"]) {
    for (
      const spelled of [name, name.toUpperCase(), ` ${name}`, `${name}[]`, `${name}[0]`, `\t${name}\0`]
    ) {
      for (const known of [undefined, token]) {
        const { client, calls, warnings } = clientOf();
        await client.check(known, bare, { [spelled]: "theirs" }).make(signal);
        assert.deepEqual(known === undefined ? calls[0]?.body : calls[0]?.query, { url: bare.url }, spelled);
        assert.equal(warnings.length, 1);
        assert.match(
          warnings[0] ?? "",
          new RegExp(`"parameters" returned "${name}", which it cannot replace`),
        );
      }
    }
  }
  for (const spelled of ["CODE", "code[]"]) {
    assert.deepEqual((await asked({ code: "mine" }, { [spelled]: "x" })).body, {
      url: bare.url,
      code: "mine",
    });
  }
  const others = { language: "l", "ip-country": "i", urls: "u", user_agent: "a", "x-url": "x" };
  const { client, calls, warnings } = clientOf();
  await client.check(undefined, bare, { ...others, code: "c" }).make(signal);
  assert.deepEqual(calls[0]?.body, { url: bare.url, ...others, code: "c" });
  assert.deepEqual(warnings, []);
});

test("createApiClient() says that a list is not sent for everybody", async () => {
  const { client, warnings } = clientOf();
  await client.check(undefined, bare, { list: [1], none: null }).make(signal);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? "",
    /a list or an object, which is left out for visitors with a token: return texts/,
  );
});

test("createApiClient() cuts what a visitor sends to its length in encoded form", async () => {
  const lengths = { ip: 64, agent: 768, lang: 256 } as const;
  for (const [name, max] of Object.entries(lengths)) {
    const sent = async (text: string) => String((await asked({ [name]: text })).body[name]);
    for (const text of ["x".repeat(max), "%".repeat(Math.floor(max / 3)), "é".repeat(Math.floor(max / 6))]) {
      assert.equal(await sent(text), text);
    }
    for (const text of ["x".repeat(max + 1), "x".repeat(9 * max)]) {
      assert.equal(await sent(text), "x".repeat(max));
    }
    for (const letter of ["%", "é", "€", "\u{1f600}", "\ud800"]) {
      const length = encodeURIComponent(await sent(letter.repeat(max))).length;
      assert.ok(length <= max && length > 0.7 * max, `${name} ${letter} ${length}`);
    }
    // Short enough by its number of characters, but not by that of its bytes.
    const few = await sent("\u20ac".repeat(Math.floor(max / 3)));
    assert.ok(encodeURIComponent(few).length <= max, name);
  }
});

test("createApiClient() sends well-formed texts in a query, whatever the parameters are", async () => {
  const { query, url } = await asked({}, { "a&b": "c=d\ud800", "\udc00": true }, token);
  assert.deepEqual(query, { url: bare.url, "a&b": "c=d\ufffd", "\ufffd": "true" });
  assert.ok(
    url.endsWith(
      `/requests/${token}?a%26b=c%3Dd%EF%BF%BD&%EF%BF%BD=true&url=${encodeURIComponent(bare.url)}`,
    ),
    url,
  );
});

test("createApiClient() says whose fault parameters without a JSON form are", () => {
  const { client } = clientOf();
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  for (const value of [circle, 5n]) {
    assert.throws(() => client.check(undefined, bare, { value }), {
      code: "internal",
      message: '"parameters" returned something that has no JSON form',
    });
  }
});

test("createApiClient() records a page in the dialect and with the share that the options say", async () => {
  const record = { responseId: "a/b", status: 404, timeMs: 12.6 };
  const table: [performance: CrowdhandlerOptions["performance"], timeMs: number | undefined, body: object][] =
    [
      [{}, 12.6, { code: 404, httpCode: 404, time: 13, sampleRate: 5 }],
      [{ dialect: "code" }, 12.4, { code: 404, time: 12, sampleRate: 5 }],
      [{ dialect: "httpCode", sample: 1 }, 0, { httpCode: 404, time: 0 }],
      [{ sample: 0.3 }, -5, { code: 404, httpCode: 404, time: 0, sampleRate: 3 }],
      [{ sample: 0.99 }, undefined, { code: 404, httpCode: 404, sampleRate: 1 }],
      [{ sample: 5 }, NaN, { code: 404, httpCode: 404 }],
      [{ sample: 1 }, Infinity, { code: 404, httpCode: 404 }],
    ];
  for (const [performance = {}, timeMs, body] of table) {
    const { client, calls } = clientOf({ performance });
    await client.record({ ...record, timeMs });
    assert.equal(calls[0]?.path, "responses/a%2Fb");
    assert.deepEqual(calls[0]?.body, body);
  }
});

test(
  "createApiClient() gives a record a time limit of its own",
  steadily(async () => {
    const slow: typeof fetch = (_url, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
    const { client } = clientOf({ fetch: slow, timeoutMs: 60_000, performance: { timeoutMs: 120 } });
    await assert.rejects(client.record({ responseId: "id", status: 200, timeMs: 1 }), {
      code: "timeout",
      message: /^PUT \/v1\/responses\/\{id\}/,
    });
  }),
);

test("createApiClient() gives what the service answers", async () => {
  const { client } = clientOf();
  assert.equal((await client.check(token, bare, {}).make(signal)).responseId, promoted.responseID);
  assert.deepEqual(await client.rooms.make(signal), []);
});
