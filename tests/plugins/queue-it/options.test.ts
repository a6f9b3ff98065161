import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fileSource,
  integrationSource,
  pulledSource,
  pushEndpoint,
  queueIt,
  queueItEvent,
  queueTokens,
} from "../../../plugins/queue-it/mod.ts";
import { configOf, customerId, integration, secret } from "./_helpers.ts";

const config = {
  customerId,
  secretKeys: [secret],
  integrationConfig: configOf(integration()),
  onConfiguration() {},
};
const event = { customerId, secretKeys: [secret], eventId: "event1", queueDomain: "ticketania.queue-it.net" };

// Options of the wrong type are what this table is about.
// deno-lint-ignore no-explicit-any
type Wrong = any;

for (
  const [name, options, kind] of [
    ["customerId", { customerId: "" }, RangeError],
    ["customerId", { customerId: "a b" }, RangeError],
    ["customerId", { customerId: 5 }, TypeError],
    ["secretKeys", { secretKeys: [] }, TypeError],
    ["secretKeys", { secretKeys: [""] }, TypeError],
    ["secretKeys", { secretKeys: "key" }, TypeError],
    ["profile", { profile: "v4" }, RangeError],
    ["seal", { seal: true }, RangeError],
    ["sdkName", { sdkName: "a&b" }, RangeError],
    ["maxFixedValidityMinutes", { maxFixedValidityMinutes: 0 }, RangeError],
    ["clockSkewSeconds", { clockSkewSeconds: -1 }, RangeError],
    ["queueIdPattern", { queueIdPattern: "x" }, TypeError],
    ["apiKey", { apiKey: "" }, TypeError],
    ["verifyAction", { verifyAction: 1 }, TypeError],
    ["directPass", { directPass: {} }, TypeError],
    ["directPass.onFailure", { directPass: { attempt() {}, onFailure: "x" } }, RangeError],
    ["enqueueToken", { enqueueToken: "x" }, TypeError],
    ["url", { url: "x" }, TypeError],
    ["cleanUrl", { cleanUrl: 1 }, TypeError],
    ["ajaxHosts", { ajaxHosts: ["https://shop.test"] }, RangeError],
    ["platform.name", { platform: { name: "a b", version: "1" } }, RangeError],
    ["memoSize", { memoSize: -1 }, RangeError],
  ] as const
) {
  test(`queueIt() and queueItEvent() refuse ${JSON.stringify(options)}`, () => {
    for (
      const make of [
        () => queueIt({ ...config, ...options } as Wrong),
        () => queueItEvent({ ...event, ...options } as Wrong),
      ]
    ) {
      assert.throws(make, (error) => {
        assert.ok(error instanceof kind);
        assert.match(
          error.message,
          new RegExp(`^Cannot create queue-it(?:-event)? plugin: "${name}" must be `),
        );
        return true;
      });
    }
  });
}

for (
  const [name, options, kind] of [
    ["eventId", { eventId: "" }, RangeError],
    ["eventId", { eventId: undefined }, TypeError],
    ["eventId", { eventId: "a b" }, RangeError],
    ["allowedEventIds", { allowedEventIds: ["a;b"] }, TypeError],
    ["queueDomain", { queueDomain: "https://q.test" }, RangeError],
    ["queueDomain", { queueDomain: "" }, RangeError],
    ["queueDomain", { queueDomain: undefined }, TypeError],
    ["queuePathPrefix", { queuePathPrefix: "a?b" }, RangeError],
    ["cookieDomain", { cookieDomain: "a;b" }, RangeError],
    ["validityMinutes", { validityMinutes: 0 }, RangeError],
    ["validityMinutes", { validityMinutes: Number.POSITIVE_INFINITY }, RangeError],
    ["validityMinutes", { validityMinutes: Number.NaN }, RangeError],
    ["validityMinutes", { validityMinutes: "20" }, TypeError],
    ["version", { version: 1.5 }, RangeError],
    ["queueIdUsageLimit", { queueIdUsageLimit: "x" }, TypeError],
    ["verifyAction", { verifyQueueId: true }, TypeError],
    ["culture", { culture: 5 }, TypeError],
    ["extendValidity", { extendValidity: "true" }, TypeError],
  ] as const
) {
  test(`queueItEvent() refuses ${JSON.stringify(options)} of ${name}`, () => {
    assert.throws(() => queueItEvent({ ...event, ...options } as Wrong), (error) => {
      assert.ok(error instanceof kind, String(error));
      assert.match(error.message, new RegExp(`^Cannot create queue-it-event plugin: "${name}" must be `));
      return true;
    });
  });
}

for (
  const [what, integrationConfig, message] of [
    ["text that is not JSON", "nonsense", /The text is not JSON/],
    ["text of nothing", "", /The text is not JSON/],
    ["no version", { Integrations: [] }, /at Version: /],
    ["the version 0", { Version: 0 }, /at Version: /],
    ["integrations that are no list", { Version: 1, Integrations: {} }, /at Integrations: /],
    ["null", null, /"integrationConfig" must be /],
    ["a number", 5, /"integrationConfig" must be /],
    ["the text null", "null", /cannot be used/],
  ] as const
) {
  test(`queueIt() refuses a configuration of ${what}`, () => {
    assert.throws(() => queueIt({ ...config, integrationConfig } as Wrong), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /^Cannot create queue-it plugin: "integrationConfig" /);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("queueIt() and its helpers refuse unknown options", () => {
  for (
    const make of [
      () => queueIt({ ...config, secretKey: "x" } as Wrong),
      () => queueItEvent({ ...event, integrationConfig: "" } as Wrong),
      () => integrationSource({ initial: 1 } as Wrong),
      () => fileSource(() => "", { path: "x" } as Wrong),
      () => pulledSource({ customerId, apiKey: "x", secret } as Wrong),
      () => pushEndpoint({ secretKeys: [secret], source: integrationSource(), path: "x" } as Wrong),
      () => queueTokens({ customerId, secretKey: "x", roomId: "x" } as Wrong),
      () => queueIt(undefined as Wrong),
      () => queueItEvent(null as Wrong),
    ]
  ) assert.throws(make, TypeError);
});

for (
  const [what, make, message] of [
    ["pulledSource() without a key", () => pulledSource({ customerId, apiKey: "" }), /"apiKey"/],
    [
      "pulledSource() with a key of several lines",
      () => pulledSource({ customerId, apiKey: "a\nb" }),
      /"apiKey"/,
    ],
    [
      "pulledSource() for what is no label of a host",
      () => pulledSource({ customerId: "a.b/c", apiKey: "x" }),
      /"customerId"/,
    ],
    [
      "pulledSource() with a relative URL",
      () => pulledSource({ customerId, apiKey: "x", url: "/x" }),
      /"url"/,
    ],
    [
      "pulledSource() without time",
      () => pulledSource({ customerId, apiKey: "x", timeoutMs: 0 }),
      /"timeoutMs"/,
    ],
    [
      "pulledSource() with too much chance",
      () => pulledSource({ customerId, apiKey: "x", jitter: 2 }),
      /"jitter"/,
    ],
    ["fileSource() without a function", () => fileSource("x" as Wrong), /"read"/],
    ["fileSource() with a negative interval", () => fileSource(() => "", { watchMs: -1 }), /"watchMs"/],
    [
      "pushEndpoint() without secrets",
      () => pushEndpoint({ secretKeys: [], source: integrationSource() }),
      /"secretKeys"/,
    ],
    [
      "pushEndpoint() without a source",
      () => pushEndpoint({ secretKeys: [secret], source: {} as Wrong }),
      /"source"/,
    ],
    ["queueTokens() with an empty secret", () => queueTokens({ customerId, secretKey: "" }), /"secretKey"/],
    [
      "queueTokens() with a validity of nothing",
      () => queueTokens({ customerId, secretKey: "x", validityMs: 0 }),
      /"validityMs"/,
    ],
  ] as const
) {
  test(`${what} is refused`, () => {
    assert.throws(make, (error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("queueIt() shows no secret in a message", () => {
  const words = ["hidden-secret", "hidden-key"];
  for (
    const make of [
      () => queueIt({ ...config, secretKeys: ["hidden-secret", ""] }),
      () => queueIt({ ...config, secretKeys: { key: "hidden-secret" } } as Wrong),
      () => queueIt({ ...config, apiKey: ["hidden-key"] } as Wrong),
      () => pulledSource({ customerId, apiKey: "hidden-key\n" }),
      () => queueTokens({ customerId, secretKey: ["hidden-secret"] } as Wrong),
    ]
  ) {
    assert.throws(
      make,
      (error) => error instanceof Error && !words.some((word) => error.message.includes(word)),
    );
  }
});
