import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../../support/random-cases.ts";

import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { compileRules, type TriggerCondition } from "../../../src/triggers/rules.ts";
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
const host = { ...url, UrlPart: "HostName" };
const cookie = { ValidatorType: "CookieValidator", CookieName: "c", Operator: "Contains" };
const agent = { ValidatorType: "UserAgentValidator", Operator: "Contains" };
const some = { ...path, ValueToCompare: "some" };
const more = { ...path, ValueToCompare: "more" };
const pathIs = (...ValuesToCompare: readonly string[]) => ({
  ...path,
  Operator: "EqualsAny",
  ValuesToCompare,
});
const pathHas = (...ValuesToCompare: readonly string[]) => ({
  ...path,
  Operator: "ContainsAny",
  ValuesToCompare,
});
const not = (part: object) => ({ ...part, IsNegative: true });
const anyCase = (part: object) => ({ ...part, IsIgnoreCase: true });

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
  ["* on the path", [[and({ ...path, ValueToCompare: "*" })]], ["always 0"]],
  ["* on the host", [[and({ ...host, ValueToCompare: "*" })]], ["always 0"]],
  ["* on the URL, not", [[and(not({ ...url, Operator: "ContainsAny", ValuesToCompare: ["*"] }))]], [
    "never 0",
  ]],
  ["one text of several that is everywhere", [[and(pathHas("zzz", "/"))]], ["always 0"]],
  ["one text of several that is everywhere, not", [[and(not(pathHas("zzz", "/")))]], ["never 0"]],
  ["one of several parts that always holds", [[or(some, { ...url, ValueToCompare: "*" })]], ["always 0"]],
  ["several parts that always hold", [[
    and({ ...path, ValueToCompare: "/" }, { ...url, ValueToCompare: "*" }),
  ]], [
    "always 0",
  ]],
  ["one of several triggers that always holds", [[and(some), and({ ...url, ValueToCompare: "*" })]], [
    "always 0",
  ]],
  ["what always holds, before damage", [[and({ ...url, ValueToCompare: "*" }), or(some, null)]], [
    "damaged 0.1.1",
    "always 0",
  ]],
  ["damage before what always holds", [[or(some, null), and({ ...url, ValueToCompare: "*" })]], [
    "damaged 0.0.1",
  ]],
  ["a part and its opposite, both wanted", [[and(some, not(some))]], ["never 0"]],
  ["one path that is to be of three lists", [[
    and(pathIs("/a", "/b"), pathIs("/b", "/c"), pathIs("/a", "/c")),
  ]], [
    "never 0",
  ]],
  ["several parts of which none holds", [[or({ ...some, Operator: "x" }, { ...some, Operator: "y" })]], [
    "unknown-operator 0.0.0",
    "unknown-operator 0.0.1",
    "never 0",
  ]],
  ["one of two triggers that never holds", [[and({ ...some, Operator: "x" }), event]], [
    "unknown-operator 0.0.0",
    "never 0.0",
  ]],
  ["one path of several", [[and(pathIs("/a", "/b"))], [and(pathIs("/a"))]], ["shadowed 1 by 0"]],
  ["one path of several in another case", [[and(anyCase(pathIs("/A", "/b")))], [and(pathIs("/a"))]], [
    "shadowed 1 by 0",
  ]],
  ["one path of several, each in any case", [[and(anyCase(pathIs("/A", "/b")))], [
    and(anyCase(pathIs("/a"))),
  ]], [
    "shadowed 1 by 0",
  ]],
  ["a path with a text in it", [[and(some)], [and(pathIs("/some", "/somewhere"))]], ["shadowed 1 by 0"]],
  ["a host in a URL", [[and({ ...url, ValueToCompare: "shop" })], [
    and({ ...host, ValueToCompare: "shop.test" }),
  ]], [
    "shadowed 1 by 0",
  ]],
  ["a narrower host", [[and({ ...host, ValueToCompare: "shop" })], [
    and({ ...host, ValueToCompare: "shop.test" }),
  ]], [
    "shadowed 1 by 0",
  ]],
  ["a cookie and more", [[and({ ...cookie, ValueToCompare: "*" })], [
    and({ ...cookie, ValueToCompare: "*" }, some),
  ]], [
    "shadowed 1 by 0",
  ]],
  ["the same parts in another order", [[and(some, more)], [and(more, some, more)]], ["shadowed 1 by 0"]],
  ["the same negative part and more", [[and(not(some))], [and(not(some), more)]], ["shadowed 1 by 0"]],
  ["what one of an earlier one's parts covers", [[or(some, more)], [
    and(more, { ...url, ValueToCompare: "a" }),
  ]], ["shadowed 1 by 0"]],
  ["what is covered but for a part that never holds", [[event], [or({ ...some, Operator: "x" }, {
    ...url,
    ValueToCompare: "event1",
  })]], ["unknown-operator 1.0.0", "shadowed 1 by 0"]],
  ["what is covered by one that always holds beside", [[and({ ...url, ValueToCompare: "event" }, {
    ...not(url),
    ValueToCompare: "*",
  })], [event]], ["negated-wildcard 0.0.1", "shadowed 1 by 0"]],
  [
    "two that are shadowed by later and earlier ones",
    [[and({ ...url, ValueToCompare: "shop" })], [event], [or(
      { ...url, Operator: "ContainsAny", ValuesToCompare: ["events", "shops"] },
    )]],
    ["shadowed 2 by 0,1"],
  ],
  ["what two cover, by the first", [[and(pathIs("/some", "/else"))], [and(some)], [and(pathIs("/some"))]], [
    "shadowed 2 by 0",
  ]],
  ["what two cover, by the first", [[and(some)], [and(pathIs("/some", "/else"))], [and(pathIs("/some"))]], [
    "shadowed 2 by 0",
  ]],
  ["what two contain, by the first", [[and(pathHas("ome"))], [and(pathHas("some", "zzz"))], [
    and(pathHas("some1")),
  ]], [
    "shadowed 2 by 0",
  ]],
  ["a broken integration", [[null]], ["damaged 0.0", "never 0"]],
  ["a broken part", [[and(null)]], ["damaged 0.0.0", "never 0"]],
];

const harmless: readonly [string, readonly unknown[][]][] = [
  ["a wider text", [[and({ ...url, ValueToCompare: "/event1" })], [event]]],
  ["a text of another case", [[event], [and({ ...url, ValueToCompare: "event", IsIgnoreCase: true })]]],
  ["an earlier one with conditions", [[
    and({ ...url, ValueToCompare: "event" }, { ...path, ValueToCompare: "x" }),
  ], [event]]],
  ["* on a cookie", [[and({ ...cookie, ValueToCompare: "*" })]]],
  ["* on the user agent", [[and({ ...agent, ValueToCompare: "*" })]]],
  ["what is everywhere in a URL, elsewhere", [[and({ ...agent, ValueToCompare: "/" })], [
    and({ ...cookie, ValueToCompare: "http" }),
  ], [and({ ...path, ValueToCompare: "://" })]]],
  ["one of several parts that always holds, with others", [[and(some, { ...url, ValueToCompare: "*" })]]],
  ["a path of two lists that have one", [[and(pathIs("/a", "/b"), pathIs("/b", "/c"))]]],
  ["a path that is one and not another", [[and(pathIs("/a"), not(pathIs("/b")))]]],
  ["a path that is one and contains another", [[and(pathIs("/a"), pathHas("b"))]]],
  ["a path and a cookie that are to be two", [[
    and(pathIs("/a"), { ...cookie, Operator: "Equals", ValueToCompare: "b" }),
  ]]],
  ["the same trigger twice in one integration", [[event, event]]],
  ["a text of the URL that was looked for in the path", [[and(some)], [
    and({ ...url, ValueToCompare: "some" }),
  ]]],
  ["the same text in another cookie", [[and({ ...cookie, ValueToCompare: "a" })], [
    and({ ...cookie, CookieName: "d", ValueToCompare: "a" }),
  ]]],
  ["the same text in a header", [[and({ ...cookie, ValueToCompare: "a" })], [
    and({
      ValidatorType: "HttpHeaderValidator",
      HttpHeaderName: "c",
      Operator: "Contains",
      ValueToCompare: "a",
    }),
  ]]],
  ["the same text that is to be equal", [[and(pathIs("/some"))], [
    and({ ...path, ValueToCompare: "/some" }),
  ]]],
  ["a path in any case", [[and(pathIs("/a"))], [and(anyCase(pathIs("/a")))]]],
  ["any of the parts that were all wanted", [[and(some, more)], [or(some, more)]]],
  ["one of two parts that is covered", [[and(some)], [or(some, more)]]],
  ["one of two paths that is covered", [[and(pathIs("/a"))], [and(pathIs("/a", "/b"))]]],
  ["a negative part of a narrower text", [[and(not({ ...path, ValueToCompare: "so" }))], [and(not(some))]]],
  ["a negative part of what an earlier one contains", [[and({ ...path, ValueToCompare: "so" })], [
    and(not(some)),
  ]]],
  ["a cookie that is there", [[and({ ...cookie, ValueToCompare: "a" })], [
    and({ ...cookie, ValueToCompare: "*" }),
  ]]],
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

test("compileIntegrations() takes nothing for covered by an integration that damage may end before", () => {
  assert.deepEqual(reported([or(some, null), event], [event]), ["damaged 0.0.1"]);
  assert.deepEqual(reported([event, or(some, null)], [event]), ["damaged 0.1.1", "shadowed 1 by 0"]);
});

test("compileRules() takes a host without port for covered by what is in the host or the URL", () => {
  const covered = (earlier: TriggerCondition, later: TriggerCondition) =>
    compileRules([{ name: "a", any: [earlier] }, { name: "b", any: [later] }]).reports.length > 0;
  const texts = { contains: "shop" };
  const narrower = { contains: "shop.test" };
  for (const earlier of [{ hostname: texts }, { host: texts }, { url: texts }]) {
    assert.equal(covered(earlier, { hostname: narrower }), true, JSON.stringify(earlier));
  }
  assert.equal(covered({ path: texts }, { hostname: narrower }), false);
  assert.equal(covered({ hostname: texts }, { host: narrower }), false);
  assert.equal(covered({ host: texts }, { url: narrower }), false);
  assert.equal(
    compileRules([{ name: "a", any: [{ hostname: { present: true } }] }]).reports[0]?.code,
    "always",
  );
});

test("compileIntegrations() tells a text of the URL from the same one that is normalised", () => {
  const [plain, normalized] = [false, true].map((IsNormalizationEnabled) => ({
    IsNormalizationEnabled,
    Triggers: [event],
  }));
  assert.deepEqual(compileIntegrations({ Integrations: [plain, normalized] }).reports, []);
  assert.equal(compileIntegrations({ Integrations: [normalized, normalized] }).reports.length, 1);
});

test("compileIntegrations() says in words what never and always matches, and which come before", () => {
  const never = and({ ...some, Operator: "x" });
  const always = and({ ...url, ValueToCompare: "*" });
  const messages = (...integrations: readonly unknown[][]) =>
    compileIntegrations({ Integrations: integrations.map((Triggers) => ({ Triggers })) }).reports
      .filter(({ code }) => code === "never" || code === "always" || code === "shadowed")
      .map(({ message }) => message);
  assert.deepEqual(messages([]), ["There is no trigger"]);
  assert.deepEqual(messages([never]), ["No trigger ever holds"]);
  assert.deepEqual(messages([never, event]), ["The trigger never holds"]);
  assert.deepEqual(messages([always]), ["Every request matches"]);
  assert.deepEqual(
    messages([and(some)], [event], [or({ ...some, ValueToCompare: "somewhere" }, {
      ...url,
      ValueToCompare: "events",
    })]),
    ["Whatever matches was matched before, by integration 0, 1"],
  );
});

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
