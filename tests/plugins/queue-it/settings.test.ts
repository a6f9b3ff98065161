/** What an integration says beside its triggers: what is read of it, and what its action needs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isLabel,
  isQueueDomain,
  isRoomId,
  isValidity,
  settingsFault,
} from "../../../plugins/queue-it/configuration/check-settings.ts";
import { compileConfiguration, triggerFacts } from "../../../plugins/queue-it/configuration/configuration.ts";
import {
  integrationFaults,
  readIntegration,
} from "../../../plugins/queue-it/configuration/read-integration.ts";
import type { ActionSettings, Profile } from "../../../plugins/queue-it/configuration/settings.ts";
import { factsOf } from "../../../src/triggers/facts.ts";
import { configOf, integration, trigger } from "./_helpers.ts";

const good: ActionSettings = { roomId: "event1", queueDomain: "q.test", validityMinutes: 20 };

test("settingsFault() names the first setting that an action cannot do without, and what it must be", () => {
  const room = "the id of a waiting room: one word";
  const listed = "the id of a waiting room: one word without _ and ~";
  const domain = "the waiting room's host without scheme, such as example.queue-it.net";
  const table: [
    changed: Partial<ActionSettings>,
    kind: "queue" | "cancel",
    profile: Profile,
    fault: [field: string, must: string] | undefined,
  ][] = [
    [{}, "queue", "v5", undefined],
    [{}, "cancel", "v5", undefined],
    [{ roomId: "a b" }, "queue", "v5", ["roomId", room]],
    [{ roomId: "a&b" }, "queue", "v5", ["roomId", room]],
    [{ roomId: "" }, "queue", "v5", ["roomId", room]],
    [{ roomId: "", otherRoomIds: ["b"] }, "queue", "v5", ["roomId", room]],
    [{ roomId: "a_b" }, "queue", "v5", undefined],
    // A cancel action lists all rooms in one parameter.
    [{ roomId: "a_b" }, "cancel", "v5", ["roomId", listed]],
    [{ roomId: "a~b" }, "cancel", "v5", ["roomId", listed]],
    [{ roomId: "a_b" }, "cancel", "v3", undefined],
    [{ roomId: "a b" }, "cancel", "v3", ["roomId", room]],
    [{ roomId: "", otherRoomIds: ["b"] }, "cancel", "v5", undefined],
    [{ roomId: "", otherRoomIds: ["b"] }, "cancel", "v3", ["roomId", room]],
    [{ roomId: "", otherRoomIds: [] }, "cancel", "v5", ["roomId", listed]],
    [{ roomId: undefined }, "cancel", "v5", ["roomId", listed]],
    [{ otherRoomIds: ["b", "", "c"] }, "queue", "v5", undefined],
    [{ otherRoomIds: ["b", "c d"] }, "queue", "v5", ["otherRoomIds", room]],
    [{ otherRoomIds: ["b", "c_d"] }, "cancel", "v5", ["otherRoomIds", listed]],
    [{ otherRoomIds: ["c d"] }, "queue", "v3", undefined],
    [{ queueDomain: "" }, "queue", "v5", ["queueDomain", domain]],
    [{ queueDomain: "https://q.test" }, "cancel", "v5", ["queueDomain", domain]],
    [{ pathPrefix: "" }, "queue", "v5", undefined],
    [{ pathPrefix: "shop/eu" }, "queue", "v5", undefined],
    [{ pathPrefix: "shop eu" }, "queue", "v5", ["pathPrefix", "a path without query"]],
    [{ pathPrefix: "é" }, "queue", "v5", ["pathPrefix", "a path without query"]],
    [{ pathPrefix: "shop?a" }, "queue", "v5", ["pathPrefix", "a path without query"]],
    [{ pathPrefix: "a\\b" }, "queue", "v5", ["pathPrefix", "a path without query"]],
    [{ cookieDomain: "" }, "queue", "v5", undefined],
    [{ cookieDomain: ".shop.test" }, "queue", "v5", undefined],
    [{ cookieDomain: "a; b" }, "queue", "v5", ["cookieDomain", "a host name"]],
    [{ validityMinutes: 0 }, "queue", "v5", ["validityMinutes", "a number greater than 0"]],
    [{ validityMinutes: 0 }, "cancel", "v5", undefined],
  ];
  for (const [changed, kind, profile, wanted] of table) {
    const fault = settingsFault({ ...good, ...changed }, kind, profile);
    assert.deepEqual(
      fault && [fault.field, fault.must],
      wanted,
      `${JSON.stringify(changed)} ${kind} ${profile}`,
    );
  }
});

test("isQueueDomain(), isLabel(), isRoomId() and isValidity() tell what can be one", () => {
  const table: [is: (text: string) => boolean, right: readonly string[], wrong: readonly string[]][] = [
    [
      isQueueDomain,
      ["q", "q.test", "q-1.test:8443", "q:1", "q.test/", "q.test/a/b;c=~", "Q.TEST"],
      [
        "",
        "-q",
        "q-",
        ".q",
        "q.",
        "q:",
        "q:123456",
        "q test",
        "q/a b",
        "q/é",
        "q/a?b",
        "q/a#b",
        "q/a\\b",
        "u@q",
      ],
    ],
    [isLabel, ["a", "ab", "a-b", "A1", "a".repeat(63)], [
      "",
      "-a",
      "a-",
      "a.b",
      "a_b",
      "a".repeat(64),
      "a\n",
    ]],
    [isRoomId, ["a", "a_b", "A-1"], ["", "a b", "a&b", "a=b", "a;b"]],
  ];
  for (const [is, right, wrong] of table) {
    for (const text of right) assert.equal(is(text), true, JSON.stringify(text));
    for (const text of wrong) assert.equal(is(text), false, JSON.stringify(text));
  }
  for (const value of [1, 0.5, "20", "1e2"]) assert.equal(isValidity(value), true, String(value));
  for (const value of [0, -1, "", "soon", Infinity, Number.NaN, true, null, undefined, [5], new Date()]) {
    assert.equal(isValidity(value), false, String(value));
  }
});

test("readIntegration() takes what is absent or null for left out, and says which member has not its type", () => {
  const bare = readIntegration({}, 3);
  assert.ok("settings" in bare);
  assert.deepEqual([bare.actionType, bare.name, bare.settings.version], ["", "", 3]);
  assert.deepEqual(readIntegration({ Name: null, ActionType: null, InvolvedWaitingRoomIds: null }, 3), {
    ...bare,
    settings: { ...bare.settings, name: null, otherRoomIds: null },
  });
  const table: [entry: unknown, path: string, message: string][] = [
    [5, "", "Invalid type: Expected Object but received 5"],
    [{ Name: 5 }, "Name", "Invalid type: Expected string but received 5"],
    [
      { InvolvedWaitingRoomIds: ["a", 5] },
      "InvolvedWaitingRoomIds.1",
      "Invalid type: Expected string but received 5",
    ],
    [{ QueueIdUsageLimit: "many" }, "QueueIdUsageLimit", 'Invalid type: Expected number but received "many"'],
    [
      { QueueIdUsageLimit: Number.NaN },
      "QueueIdUsageLimit",
      "Invalid type: Expected number but received NaN",
    ],
  ];
  for (const [entry, path, message] of table) {
    assert.deepEqual(readIntegration(entry, 3), { path, message });
    assert.deepEqual(integrationFaults(entry), [{ path, message }]);
  }
  assert.deepEqual(integrationFaults({ Name: 5, EventId: 6 }).map(({ path }) => path), ["Name", "EventId"]);
  assert.deepEqual(integrationFaults({ QueueIdUsageLimit: 5 }), []);
});

test("readIntegration() knows where visitors come back to, also by a misspelling of deployed connectors", () => {
  const table: [logic: unknown, forced: unknown, target: string | undefined][] = [
    ["ForcedTargetUrl", "https://shop.test/a", "https://shop.test/a"],
    ["ForecedTargetUrl", "https://shop.test/a", "https://shop.test/a"],
    ["ForcedTargetUrl", undefined, ""],
    ["ForecedTargetUrl", null, ""],
    ["EventTargetUrl", "https://shop.test/a", ""],
    ["AllowTParameter", "https://shop.test/a", undefined],
    [undefined, "https://shop.test/a", undefined],
  ];
  for (const [RedirectLogic, ForcedTargetUrl, target] of table) {
    const read = readIntegration({ RedirectLogic, ForcedTargetUrl }, 3);
    assert.ok("settings" in read);
    assert.equal(read.settings.target, target, String(RedirectLogic));
  }
});

test("compileConfiguration() tells of each integration what is wrong, where, and in words", () => {
  const identity = { customerId: "Ticketania", profile: "v5", sdk: "x" } as const;
  const options = { hostNameWithoutPort: false, missingActionType: "ignore" } as const;
  const compiled = compileConfiguration(
    {
      ...configOf(
        integration({ Name: "room", EventId: 5 }),
        integration({ Name: "domain", QueueDomain: "" }),
        integration({ Name: "cancel", ActionType: "Cancel", EventId: "a_b", Triggers: [trigger("/cancel")] }),
        integration({ Name: "part", Triggers: [trigger("*", { IsNegative: true })] }),
        integration({ Name: "whole", Triggers: [] }),
        5,
      ),
      CustomerId: "somebody",
    },
    identity,
    options,
  );
  assert.ok("reports" in compiled);
  const skipped = "; it is skipped";
  const failing = "; the requests that it matches are failures";
  assert.deepEqual(
    compiled.reports.map((
      { code, integration, name, path, message },
    ) => [code, integration, name, path, message]),
    [
      [
        "other-customer",
        undefined,
        "",
        "CustomerId",
        "The configuration is not that of the customer in the options",
      ],
      [
        "malformed",
        0,
        "room",
        "Integrations.0.EventId",
        `Invalid type: Expected string but received 5${skipped}`,
      ],
      [
        "unusable",
        1,
        "domain",
        "Integrations.1.QueueDomain",
        `QueueDomain must be the waiting room's host without scheme, such as example.queue-it.net${failing}`,
      ],
      [
        "unusable",
        2,
        "cancel",
        "Integrations.2.EventId",
        `EventId must be the id of a waiting room: one word without _ and ~${failing}`,
      ],
      ["malformed", 5, "", "Integrations.5", `Invalid type: Expected Object but received 5${skipped}`],
      [
        "negated-wildcard",
        3,
        "part",
        "Integrations.3.Triggers.0.TriggerParts.0",
        "The part always holds: negation does not apply to *",
      ],
      ["always", 3, "part", "Integrations.3", "Every request matches"],
      ["never", 4, "whole", "Integrations.4", "There is no trigger"],
    ],
  );
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(compiled.protects), [false, true, false, true, true, false]);
  for (const CustomerId of ["ticketania", "TICKETANIA", 5, undefined]) {
    const own = compileConfiguration({ ...configOf(integration()), CustomerId }, identity, options);
    assert.deepEqual("reports" in own && own.reports, [], String(CustomerId));
  }
  const empty = compileConfiguration({ Version: "3" }, identity, options);
  assert.deepEqual("actions" in empty && [empty.actions, empty.reports.map(({ code }) => code)], [[], [
    "empty",
  ]]);
  const wrong: [given: unknown, path: string, message: string][] = [
    ["{", "", "The text is not JSON: it ends too early"],
    [{ Version: "three" }, "Version", 'Invalid type: Expected number but received "three"'],
    [{ Version: 0 }, "Version", "Invalid version"],
    [{ Version: 3, Integrations: {} }, "Integrations", "Invalid type: Expected Array but received Object"],
  ];
  for (const [given, path, message] of wrong) {
    const told = compileConfiguration(given, identity, options);
    assert.ok("path" in told && told.path === path && told.message.startsWith(message), JSON.stringify(told));
  }
});

test("compileConfiguration() normalises URLs for version 5 alone", () => {
  for (const profile of ["v5", "v3"] as const) {
    const compiled = compileConfiguration(
      configOf(integration({
        Triggers: [trigger("/a/b", { UrlPart: "PagePath", Operator: "Equals" })],
        IsNormalizationEnabled: true,
      })),
      { customerId: "ticketania", profile, sdk: "x" },
      { hostNameWithoutPort: false, missingActionType: "ignore" },
    );
    assert.ok("matcher" in compiled);
    const facts = triggerFacts(new Request("https://shop.test/a/b?queueittoken=e_x&c=1"));
    assert.equal(facts.url, "https://shop.test/a/b?c=1", "without its token");
    assert.equal(typeof compiled.matcher.match(facts), "object", profile);
    const exact = factsOf({ url: "https://shop.test/a//b", header: () => "", cookie: () => "" });
    assert.equal(typeof compiled.matcher.match(exact), profile === "v5" ? "object" : "undefined", profile);
  }
  const nowhere = { url: "/a?queueittoken=e_x", headers: new Headers() } as Request;
  assert.equal(triggerFacts(nowhere).url, "/a");
});
