import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { compileRules } from "../../../src/triggers/rules.ts";
import { integration, request } from "./_arbitrary.ts";
import { naive } from "./_naive.ts";
import { runs, seed } from "./_requests.ts";

const url = { ValidatorType: "UrlValidator", UrlPart: "PageUrl", Operator: "Contains" };
const path = { ...url, UrlPart: "PagePath" };

function and(...TriggerParts: unknown[]): unknown {
  return { LogicalOperator: "And", TriggerParts };
}

function or(...TriggerParts: unknown[]): unknown {
  return { LogicalOperator: "Or", TriggerParts };
}

/** The reports on integrations of the given triggers: code, integration, trigger, part, shadowed by. */
function reported(...integrations: readonly unknown[][]): readonly string[] {
  const Integrations = integrations.map((Triggers, index) => ({ Name: `i${index}`, Triggers }));
  return compileIntegrations({ Integrations }).reports.map(({ code, integration, trigger, part, by }) =>
    `${code} ${[integration, trigger, part].filter((place) => place !== undefined).join(".")}` +
    (by.length > 0 ? ` by ${by.join(",")}` : "")
  );
}

const event = and({ ...url, ValueToCompare: "event" });

const suspicious: readonly [string, readonly unknown[][], readonly string[]][] = [
  ["an integration without triggers", [[]], ["never 0"]],
  ["And without parts (SE-11)", [[and()]], ["empty-and 0.0", "always 0"]],
  ["Or without parts", [[or()]], ["never 0"]],
  ["Contains of the empty text (SE-11)", [[and({ ...url, ValueToCompare: "" })]], [
    "empty-contains 0.0.0",
    "always 0",
  ]],
  [
    "a negated * (SE-10)",
    [[and({ ...url, ValueToCompare: "*", IsNegative: true })]],
    ["negated-wildcard 0.0.0", "always 0"],
  ],
  ["* on the URL", [[and({ ...url, ValueToCompare: "*" })]], ["always 0"]],
  ["what every URL contains", [[and({ ...url, ValueToCompare: "://" })]], ["always 0"]],
  ["what no URL is without", [[and({ ...path, ValueToCompare: "/", IsNegative: true })]], ["never 0"]],
  ["an unknown validator", [[and({ ...url, ValidatorType: "Url" })]], ["unknown-validator 0.0.0", "never 0"]],
  ["an unknown operator", [[and({ ...url, Operator: "Regex" })]], ["unknown-operator 0.0.0", "never 0"]],
  ["an operand that is no text", [[and({ ...url, ValueToCompare: 57 })]], ["operand-type 0.0.0"]],
  [
    "one path that is to be two",
    [[
      and({ ...path, Operator: "Equals", ValueToCompare: "/a" }, {
        ...path,
        Operator: "Equals",
        ValueToCompare: "/b",
      }),
      event,
    ]],
    ["never 0.0"],
  ],
  ["a part and its opposite", [[or(
    { ...url, ValueToCompare: "a" },
    { ...url, ValueToCompare: "a", IsNegative: true },
  )]], ["always 0"]],
  ["the same again", [[event], [event]], ["shadowed 1 by 0"]],
  ["a narrower text", [[event], [and({ ...url, ValueToCompare: "/event1" })]], ["shadowed 1 by 0"]],
  ["a narrower text of the path", [[event], [and({ ...path, ValueToCompare: "/event1" })]], [
    "shadowed 1 by 0",
  ]],
  [
    "a text in another case",
    [[and({ ...url, ValueToCompare: "EVENT", IsIgnoreCase: true })], [event]],
    ["shadowed 1 by 0"],
  ],
  [
    "a text with conditions",
    [[event], [and({ ...url, ValueToCompare: "events" }, { ...url, ValueToCompare: "x", IsNegative: true })]],
    ["shadowed 1 by 0"],
  ],
  [
    "two that are shadowed together",
    [[event], [and({ ...url, ValueToCompare: "shop" })], [or(
      { ...url, Operator: "ContainsAny", ValuesToCompare: ["events", "shops"] },
    )]],
    ["shadowed 2 by 0,1"],
  ],
  ["everything before", [[and({ ...url, ValueToCompare: "*" })], [event]], ["always 0", "shadowed 1 by 0"]],
  ["a broken integration", [[null]], ["damaged 0.0", "never 0"]],
  ["a broken part", [[and(null)]], ["damaged 0.0.0", "never 0"]],
];

const harmless: readonly [string, readonly unknown[][]][] = [
  ["a wider text", [[and({ ...url, ValueToCompare: "/event1" })], [event]]],
  ["a text of another case", [[event], [and({ ...url, ValueToCompare: "event", IsIgnoreCase: true })]]],
  ["an earlier one with conditions", [[
    and({ ...url, ValueToCompare: "event" }, { ...path, ValueToCompare: "x" }),
  ], [event]]],
  ["an earlier negative one", [[and({ ...url, ValueToCompare: "event", IsNegative: true })], [event]]],
];

for (const [what, integrations, wanted] of suspicious) {
  test(`compileIntegrations() reports ${what}`, () => {
    assert.deepEqual(reported(...integrations), wanted);
  });
}

for (const [what, integrations] of harmless) {
  test(`compileIntegrations() does not report ${what}`, () => {
    assert.deepEqual(reported(...integrations), []);
  });
}

test("compileIntegrations() reports with the name of the integration and in words", () => {
  const { reports } = compileIntegrations({ Integrations: [{ Name: "tickets", Triggers: [and()] }, null] });
  assert.deepEqual(reports[0], {
    code: "empty-and",
    integration: 0,
    name: "tickets",
    trigger: 0,
    part: undefined,
    by: [],
    message: "The trigger has no parts, so it always holds",
  });
  assert.equal(reports.find(({ code }) => code === "damaged")?.name, "");
});

test("compileRules() reports rules that never get their turn", () => {
  const { reports } = compileRules([
    { name: "all", any: [{ path: { contains: "/" } }] },
    { name: "tickets", any: [{ path: { contains: "/tickets" } }] },
  ]);
  assert.deepEqual(reports.map(({ code, name }) => `${code} ${name}`), ["always all", "shadowed tickets"]);
});

test("what is reported as never matching, or as shadowed, never matches", () => {
  const count = runs(5000);
  const start = seed();
  let silent = 0;
  fc.assert(
    fc.property(
      fc.array(integration(true), { maxLength: 8 }),
      fc.array(request, { minLength: 3, maxLength: 3 }),
      (list, seen) => {
        const { reports } = compileIntegrations({ Integrations: list });
        for (const each of seen) {
          // The reports are about requests of the web, whose URLs are absolute and begin in lower case.
          if (!/^https?:\/\/[^/?#]+\//.test(each.url)) continue;
          const found = naive(list, each, each.body);
          if (typeof found !== "object") {
            assert.ok(!reports.some(({ code }) => code === "always"));
            continue;
          }
          for (const { code, integration, trigger } of reports) {
            if (code !== "never" && code !== "shadowed") continue;
            silent++;
            const same = integration === found.integration &&
              (trigger === undefined || trigger === found.trigger);
            assert.ok(!same, code);
          }
        }
      },
    ),
    { numRuns: count, seed: start },
  );
  console.log(`${count} configurations with seed ${start}: ${silent} reports checked`);
  assert.ok(silent > 0);
});
