import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens } from "../../../mod.ts";
import {
  ConfigurationError,
  type ConfigurationEvent,
  type IntegrationSource,
  integrationSource,
  queueIt,
} from "../../../plugins/queue-it/mod.ts";
import {
  benchOf,
  configOf,
  configured,
  customerId,
  integration,
  nowMs,
  secret,
  trigger,
} from "./_helpers.ts";

function eventsOf(config: unknown): readonly ConfigurationEvent[] {
  const events: ConfigurationEvent[] = [];
  const source = integrationSource();
  source.deliver(config);
  configured(source, { onConfiguration: (event) => events.push(event) });
  return events;
}

function reportsOf(config: unknown): readonly string[] {
  const [event] = eventsOf(config);
  assert.ok(event?.accepted);
  return event.reports.map(({ code, path }) => `${code} ${path}`);
}

test("queueIt() takes a configuration as text and as what the text says", async () => {
  const config = configOf(integration());
  for (const given of [config, JSON.stringify(config)]) {
    assert.equal((await configured(given).visit("/event1")).decision?.reason, "queue-it/queued");
  }
});

test("queueIt() does not look at a configuration again that was given as an object", async () => {
  const config = { Version: 3, Integrations: [integration()] };
  const bench = configured(config);
  config.Integrations.length = 0;
  assert.equal((await bench.visit("/event1")).decision?.reason, "queue-it/queued");
});

test("queueIt() takes the first integration that matches", async () => {
  const config = configOf(
    integration({ Name: "a", Triggers: [trigger("/nowhere"), trigger("/event")] }),
    integration({ Name: "b" }),
  );
  const { response } = await configured(config).visit("/event1");
  assert.match(response.headers.get("location") ?? "", /&man=a&/);
});

for (
  const [what, broken, report] of [
    ["no object", 5, "malformed Integrations.0"],
    ["null", null, "malformed Integrations.0"],
    ["a room that is no text", integration({ EventId: 5 }), "malformed Integrations.0.EventId"],
    [
      "rooms that are no list",
      integration({ InvolvedWaitingRoomIds: "a" }),
      "malformed Integrations.0.InvolvedWaitingRoomIds",
    ],
    ["damaged triggers", integration({ Triggers: null }), "damaged Integrations.0"],
    [
      "damaged parts",
      integration({ Triggers: [{ LogicalOperator: "And" }] }),
      "damaged Integrations.0.Triggers.0",
    ],
  ] as const
) {
  test(`queueIt() skips and reports an integration with ${what}, and the others work`, async () => {
    const config = configOf(broken, integration({ Name: "good" }));
    const { response } = await configured(config).visit("/event1");
    assert.match(response.headers.get("location") ?? "", /&man=good&/);
    assert.ok(reportsOf(config).includes(report), reportsOf(config).join());
  });
}

for (
  const [what, changes, field] of [
    ["no room", { EventId: "" }, "EventId"],
    ["a room that no cookie can be named after", { EventId: "a b" }, "EventId"],
    ["no domain", { QueueDomain: null }, "QueueDomain"],
    ["a domain with a scheme", { QueueDomain: "https://q.test" }, "QueueDomain"],
    ["a domain with a line break", { QueueDomain: "q.test\r\nx: y" }, "QueueDomain"],
    ["a prefix with a query", { QueuePathPrefix: "a?b" }, "QueuePathPrefix"],
    ["a cookie domain with attributes", { CookieDomain: "a; Secure" }, "CookieDomain"],
    ["a validity of nothing", { CookieValidityMinute: 0 }, "CookieValidityMinute"],
    ["a validity that is no number", { CookieValidityMinute: "soon" }, "CookieValidityMinute"],
    ["a validity that is an object", { CookieValidityMinute: {} }, "CookieValidityMinute"],
  ] as const
) {
  test(`queueIt() reports an integration with ${what}, and fails where it matches`, async () => {
    const config = configOf(
      integration({ Name: "bad", ...changes }),
      integration({ Name: "good", Triggers: [trigger("/good")] }),
    );
    assert.ok(reportsOf(config).includes(`unusable Integrations.0.${field}`), reportsOf(config).join());
    const bench = configured(config);
    const { faults, served } = await bench.visit("/event1");
    assert.equal(served, true);
    assert.equal(faults[0]?.code, "malformed");
    assert.equal((await bench.visit("/good")).decision?.reason, "queue-it/queued");
  });
}

test("queueIt() refuses to cancel a room with an id that a list cannot hold, in version 5 alone", async () => {
  const config = configOf(integration({ ActionType: "Cancel", EventId: "a_b" }));
  assert.deepEqual(reportsOf(config), ["unusable Integrations.0.EventId"]);
  const { decision } = await configured(config, { profile: "v3" }).visit("/event1");
  assert.equal(decision?.reason, "queue-it/nothing-to-cancel");
});

test("queueIt() reports suspicious rules and a configuration of another customer", () => {
  const config = {
    ...configOf(
      integration({ Triggers: [trigger("*", { IsNegative: true })] }),
      integration({ Triggers: [{ LogicalOperator: "Or", TriggerParts: [] }] }),
    ),
    CustomerId: "somebody",
  };
  const codes = reportsOf(config).map((report) => report.split(" ")[0]);
  for (const code of ["other-customer", "negated-wildcard", "always", "never"]) {
    assert.ok(codes.includes(code), `${code} is not in ${codes}`);
  }
});

test("queueIt() accepts what deployed connectors accept in a configuration", async () => {
  const lenient = integration({
    CookieValidityMinute: "20",
    IsCookieHttpOnly: null,
    IsCookieSecure: undefined,
    LayoutName: null,
    InvolvedWaitingRoomIds: null,
    Unknown: { a: 1 },
  });
  assert.equal(
    (await configured({ ...configOf(lenient), Version: -1 }).visit("/event1")).decision?.reason,
    "queue-it/queued",
  );
  for (const Integrations of [undefined, null, []]) {
    assert.equal(
      (await configured({ Version: 1, Integrations }).visit("/")).decision?.reason,
      "queue-it/no-match",
    );
  }
});

test("queueIt() does with an integration without an action what the owner says", async () => {
  const config = configOf(integration({ ActionType: "" }));
  assert.equal((await configured(config).visit("/event1")).decision?.reason, "queue-it/ignored");
  const { decision } = await configured(config, { missingActionType: "queue" }).visit("/event1");
  assert.equal(decision?.reason, "queue-it/queued");
});

test("queueIt() compares the host without port if that is wanted", async () => {
  const Triggers = [trigger("shop.test", { UrlPart: "HostName", Operator: "Equals" })];
  const path = "https://shop.test:8443/event1";
  // A port hides no page that is protected, and yet it is another host for what is exempt.
  const protecting = configOf(integration({ Triggers }));
  assert.equal((await configured(protecting).visit(path)).decision?.reason, "queue-it/queued");
  const exempting = configOf(integration({ ActionType: "Ignore", Triggers }), integration());
  assert.equal((await configured(exempting).visit(path)).decision?.reason, "queue-it/queued");
  const { decision } = await configured(exempting, { hostNameWithoutPort: true }).visit(path);
  assert.equal(decision?.reason, "queue-it/ignored");
});

test("queueIt() fails until there is a configuration, with a word that policies know", async () => {
  const source = integrationSource();
  const bench = configured(source);
  const before = await bench.visit("/event1");
  assert.equal(before.faults[0]?.code, "unreachable");
  assert.equal(before.response.headers.get("x-queueit-failed"), "true");
  source.deliver(configOf(integration()));
  assert.equal((await bench.visit("/event1")).decision?.reason, "queue-it/queued");
});

test("queueIt() keeps the previous configuration when a new one cannot be used, and says where the fault is", async () => {
  const events: ConfigurationEvent[] = [];
  const source = integrationSource();
  const bench = configured(source, { onConfiguration: (event) => events.push(event) });
  source.deliver(configOf(integration({ Name: "first" })));
  assert.throws(() => source.deliver({ Version: 4, Integrations: 5 }), (error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.equal(error.path, "Integrations");
    return true;
  });
  const { response } = await bench.visit("/event1");
  assert.match(response.headers.get("location") ?? "", /&man=first&/);
  assert.deepEqual(events.map(({ accepted }) => accepted), [true, false]);
  source.deliver(configOf(integration({ Name: "second" })));
  const later = await bench.visit("/event1");
  assert.match(later.response.headers.get("location") ?? "", /&man=second&/);
});

test("integrationSource() delivers to all providers or to none", async () => {
  const source = integrationSource();
  const first = configured(source);
  source.deliver(configOf(integration({ Name: "one" })));
  const demanding: IntegrationSource = { ...source };
  demanding.subscribe((configuration) => {
    if (JSON.stringify(configuration).includes("two")) throw new ConfigurationError("", "not for me");
    return () => {};
  });
  assert.throws(() => source.deliver(configOf(integration({ Name: "two" }))), ConfigurationError);
  const { response } = await first.visit("/event1");
  assert.match(response.headers.get("location") ?? "", /&man=one&/);
});

test("integrationSource() hands the configuration to a provider that comes later, and tells its age", async () => {
  let clock = 0;
  const source = integrationSource({ now: () => clock });
  assert.deepEqual(source.status(), { isLoaded: false, ageMs: undefined, lastError: undefined });
  source.deliver(configOf(integration()));
  clock = 5;
  const provider = queueIt({
    customerId,
    secretKeys: [secret],
    integrationConfig: source,
    onConfiguration() {},
  });
  const { decision } = await benchOf(provider, [cookieTokens()], () => nowMs).visit("/event1");
  assert.equal(decision?.reason, "queue-it/queued");
  assert.deepEqual(source.status(), { isLoaded: true, ageMs: 5, lastError: undefined });
});

test("queueIt() tells on the console what is wrong in a configuration, unless somebody else is told", () => {
  const warn = console.warn;
  const warnings: unknown[] = [];
  console.warn = (text: unknown) => warnings.push(text);
  try {
    queueIt({
      customerId,
      secretKeys: [secret],
      integrationConfig: configOf(integration({ QueueDomain: "" })),
    });
  } finally {
    console.warn = warn;
  }
  assert.equal(warnings.length, 1);
  assert.match(
    String(warnings[0]),
    /^queue-it: Integrations\.0\.QueueDomain \("event1action"\): QueueDomain must be /,
  );
});

test("queueIt() protects a page however it is spelled, and exempts none by a spelling", async () => {
  const page = (path: string) => trigger(path, { UrlPart: "PagePath", IsIgnoreCase: false });
  const config = configOf(
    integration({ ActionType: "Ignore", Triggers: [page("/event1/info")] }),
    integration({ Triggers: [page("/event1")] }),
  );
  const table = [
    ["/event1/info", "ignored"],
    ["/event1/info/?a=%20", "ignored"],
    ["/event1", "queued"],
    ["/EVENT1/5", "queued"],
    ["/even%741", "queued"],
    ["/event1/Info", "queued"],
    ["/event1/info/%2e%2E/5", "queued"],
    ["/%2565vent1", "queued"],
    ["/other", "no-match"],
  ] as const;
  for (const [path, word] of table) {
    const { decision } = await configured(config).visit(path);
    assert.equal(decision?.reason, `queue-it/${word}`, path);
  }
  for (const path of ["/event1/info/..%2F5", "/event1/info%2f..%2f5;/x"]) {
    assert.equal((await configured(config).visit(path)).decision?.reason, "gate/unreadable-url", path);
  }
});

test("queueIt() takes the token out of every form of the URL before it is matched", async () => {
  const Triggers = [trigger("https://shop.test/event1?a=1", { Operator: "Equals" })];
  const bench = configured(configOf(integration({ Triggers })));
  for (const query of ["?a=1", "?a=1&queueittoken=x%20y", "?%71ueueittoken=x&a=%31"]) {
    const { decision } = await bench.visit(`/event1${query}`);
    assert.notEqual(decision?.reason, "queue-it/no-match", query);
  }
});

test("queueIt() counts a body that cannot be read for an integration that would protect, though it cannot be used", async () => {
  const body = { ValidatorType: "RequestBodyValidator", Operator: "Contains", ValueToCompare: "sku=1" };
  const Triggers = [{ LogicalOperator: "And", TriggerParts: [body] }];
  const bench = configured(configOf(integration({ Triggers, QueueDomain: "" })), { onConfiguration() {} });
  const { faults } = await bench.visit("/event1", { method: "POST", body: "x".repeat(100_000) });
  assert.equal(faults[0]?.code, "malformed");
});

test("queueIt() reads a configuration with a byte-order mark, and numbers that are texts", async () => {
  const config = { ...configOf(integration({ QueueIdUsageLimit: "3" })), Version: "5" };
  for (const given of [config, JSON.stringify(config), `\ufeff${JSON.stringify(config)}`]) {
    const { response } = await configured(given).visit("/event1");
    assert.match(response.headers.get("location") ?? "", /&cver=5&/);
    assert.deepEqual(reportsOf(given), []);
  }
  for (const Version of ["", "0", "five", "5.", "0x5", "NaN", true, [5]]) {
    assert.throws(() => configured({ ...config, Version }), /at Version: /);
  }
});

test("queueIt() says of another document what it is", () => {
  const table: readonly (readonly [given: string | object, said: RegExp])[] = [
    [
      { integrationInfo: "7b7d", hash: "0" },
      /at Version: .*It is the document that Queue-it pushes: pushEndpoint\(\)/,
    ],
    [integration(), /It is a single integration; the one that is published/],
    [[integration()], /It is the list of the integrations alone/],
    ["undefined", /of a variable that is not set/],
    ["<html>", /a page of HTML/],
    ["config/integrations.json", /the name of a file/],
  ];
  for (const [given, said] of table) assert.throws(() => configured(given), said);
});

test("queueIt() reports a configuration that lets everybody pass, and why", () => {
  const ignore = integration({ ActionType: "Ignore" });
  assert.deepEqual(reportsOf({ Version: 1 }), ["empty Integrations"]);
  assert.deepEqual(reportsOf(configOf()), ["empty Integrations"]);
  assert.deepEqual(reportsOf(configOf(ignore)), ["empty Integrations"]);
  assert.deepEqual(reportsOf(configOf(integration({ ActionType: "queue" }))), [
    "unknown-action Integrations.0.ActionType",
  ]);
  assert.deepEqual(reportsOf(configOf(integration({ ActionType: null }))), [
    "no-action Integrations.0.ActionType",
  ]);
  assert.deepEqual(reportsOf(configOf(integration({ IsCookieSecure: "false" }))), [
    "flag-type Integrations.0.IsCookieSecure",
  ]);
});

test("queueIt() tells the console of what it reports, unless somebody else is told", () => {
  const lines: string[] = [];
  const { warn } = console;
  console.warn = (line: string) => lines.push(line);
  try {
    configured(configOf(), { onConfiguration: undefined });
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(lines, [
    "queue-it: Integrations: There are no integrations: every request is let through",
  ]);
});
