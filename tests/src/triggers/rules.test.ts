import assert from "node:assert/strict";
import { test } from "node:test";

import { factsOf, requestFacts } from "../../../src/triggers/facts.ts";
import { compileRules, type TextTest, type TriggerRule } from "../../../src/triggers/rules.ts";

function match(
  rules: readonly TriggerRule[],
  url: string,
  headers: Record<string, string> = {},
  body?: string,
) {
  return compileRules(rules).match(requestFacts(new Request(url, { headers })), body);
}

const url = "https://shop.test:8443/Tickets/7?buy=1";

const tests: readonly [string, TextTest, boolean][] = [
  ["equals", { equals: "/Tickets/7" }, true],
  ["equals another", { equals: "/tickets/8" }, false],
  ["equals in another case", { equals: "/tickets/7" }, true],
  ["equals without a slash at the end", { equals: "/Tickets/7/" }, true],
  ["equals not, in another case", { equals: "/tickets/7", not: true }, true],
  ["equals without case", { equals: "/tickets/7", ignoreCase: true }, true],
  ["equals one of several", { equals: ["/x", "/Tickets/7"] }, true],
  ["equals not", { equals: "/x", not: true }, true],
  ["contains", { contains: "Tick" }, true],
  ["contains none of several", { contains: ["x", "y"] }, false],
  ["contains not, without case", { contains: "tick", not: true, ignoreCase: true }, false],
  ["a literal star", { contains: "*" }, false],
  ["a negated literal star", { contains: "*", not: true }, true],
  ["present", { present: true }, true],
  ["not present", { present: true, not: true }, false],
  ["absent", { present: false }, false],
  ["not absent", { present: false, not: true }, true],
  ["one of very many", { equals: [...Array(50).keys()].map((n) => `/Tickets/${n}`) }, true],
  ["contains one of very many", { contains: [...Array(50).keys()].map((n) => `ts/${n}`), not: true }, false],
];

for (const [what, path, wanted] of tests) {
  test(`compileRules() tests a text: ${what}`, () => {
    assert.equal(typeof match([{ name: "r", any: [{ path }] }], url) === "object", wanted);
  });
}

test("compileRules() wants one of the conditions with any, and all tests of it", () => {
  const rules: TriggerRule[] = [{
    name: "r",
    any: [
      { path: { contains: "/Tickets" }, cookie: { name: "staff", present: false } },
      {
        host: { equals: "shop.test:8443" },
        hostname: { equals: "shop.test" },
        header: { name: "X-Staff", equals: "1" },
      },
    ],
  }];
  assert.deepEqual(match(rules, url), { integration: 0, name: "r", trigger: 0, parts: [0, 1] });
  assert.equal(match(rules, url, { cookie: "staff=1" }), undefined);
  assert.deepEqual(match(rules, url, { cookie: "staff=1", "x-staff": "1" }), {
    integration: 0,
    name: "r",
    trigger: 1,
    parts: [0, 1, 2],
  });
});

test("compileRules() wants every condition with all", () => {
  const rules: TriggerRule[] = [{
    name: "r",
    all: [{ path: { contains: "/Tickets" } }, { path: { contains: "/8", not: true } }, {
      url: { contains: "?buy" },
    }],
  }];
  assert.deepEqual(match(rules, url), { integration: 0, name: "r", trigger: 0, parts: [0, 1, 2] });
  assert.equal(match(rules, "https://shop.test/Tickets/8?buy"), undefined);
});

test("compileRules() gives the first rule that is met", () => {
  const rules = ["/nope", "/Tickets", "/T"].map((contains) => ({
    name: contains,
    any: [{ path: { contains } }],
  }));
  const found = match(rules, url);
  assert.ok(typeof found === "object" && found.name === "/Tickets");
});

test("compileRules() normalises the URL for the rules that ask for it", () => {
  const any = [{ path: { equals: "/a/b" } }];
  const exact = factsOf({ url: "https://shop.test//a/%62", header: () => "", cookie: () => "" });
  assert.equal(compileRules([{ name: "r", any }]).match(exact), undefined);
  assert.equal(typeof compileRules([{ name: "r", any, normalize: true }]).match(exact), "object");
});

test("compileRules() leaves the body for later", () => {
  const rules: TriggerRule[] = [{
    name: "r",
    any: [{ path: { contains: "T" }, body: { contains: "sku=1" } }],
  }];
  assert.equal(match(rules, url), "needs-body");
  assert.equal(match(rules, "https://shop.test/a"), undefined);
  assert.equal(typeof match(rules, url, {}, "sku=1"), "object");
  assert.equal(match(rules, url, {}, ""), undefined);
});

test("compileRules() compares a text that is to be equal with one that is absent", () => {
  const rules: TriggerRule[] = [{ name: "r", any: [{ cookie: { name: "a", equals: "" } }] }];
  assert.equal(typeof match(rules, url), "object");
  assert.equal(match(rules, url, { cookie: "a=1" }), undefined);
  // A cookie may have a name that no header can have.
  const odd: TriggerRule[] = [{ name: "r", any: [{ cookie: { name: "a b", equals: "1" } }] }];
  assert.equal(typeof match(odd, url, { cookie: "a b=1" }), "object");
});

test("compileRules() asks for cookies in the case of the rule, and for headers in lower case", () => {
  const asked: string[] = [];
  const tell = (name: string) => (asked.push(name), "yes");
  const facts = factsOf({ url, header: tell, cookie: tell });
  const test = (name: string) => ({ name, equals: "yes" });
  const rules = [{ name: "r", any: [{ cookie: test("Staff"), header: test("X-Staff") }] }];
  assert.equal(typeof compileRules(rules).match(facts), "object");
  assert.deepEqual(asked.sort(), ["Staff", "x-staff"]);
});

const wrong: readonly [unknown, string, string][] = [
  [5, "TypeError", '"rules" must be a list of rules, received 5'],
  [[], "RangeError", '"rules" must be a list with at least one rule, received []'],
  [[5], "TypeError", '"rules[0]" must be a rule, received 5'],
  [[{ any: [{ path: { equals: "/" } }] }], "TypeError", '"rules[0].name" must be a name, received undefined'],
  [[{ name: "", any: [] }], "RangeError", '"rules[0].name" must be a name, received ""'],
  [[{ name: "r", any: [], all: [] }], "TypeError", '"rules[0]" must be a rule with either "any" or "all"'],
  [[{ name: "r" }], "TypeError", '"rules[0]" must be a rule with either "any" or "all"'],
  [
    [{ name: "r", any: [] }],
    "RangeError",
    '"rules[0].any" must be a list with at least one condition, received []',
  ],
  [[{ name: "r", all: {} }], "TypeError", '"rules[0].all" must be a list of conditions, received {}'],
  [
    [{ name: "r", any: [{}] }],
    "RangeError",
    '"rules[0].any[0]" must be a condition with at least one test, received {}',
  ],
  [
    [{ name: "r", any: [{ method: {} }] }],
    "TypeError",
    '"rules[0].any[0]" must be a condition of url, path, host, ',
  ],
  [
    [{ name: "r", any: [{ path: "/a" }] }],
    "TypeError",
    '"rules[0].any[0].path" must be a test, received "/a"',
  ],
  [[null], "TypeError", '"rules[0]" must be a rule, received null'],
  [[{ name: "r", any: [null] }], "TypeError", '"rules[0].any[0]" must be a condition, received null'],
  [
    [{ name: "r", any: [{ path: { equals: "/a", typo: 1 } }] }],
    "TypeError",
    '"rules[0].any[0].path" must be a test of equals, contains, present, not, ignoreCase, received {"typo":"…"}',
  ],
  [
    [{ name: "r", any: [{ cookie: [null] }] }],
    "TypeError",
    '"rules[0].any[0].cookie[0]" must be a test, received null',
  ],
  [
    [{ name: "r", normalize: 1, any: [{ path: { equals: "a" } }] }],
    "TypeError",
    '"rules[0].normalize" must be true or false, received 1',
  ],
  [
    [{ name: "r", any: [{ path: { equals: "a", ignoreCase: 1 } }] }],
    "TypeError",
    '"rules[0].any[0].path.ignoreCase" must be true or false, received 1',
  ],
  [
    [{ name: "r", any: [{ cookie: { name: "a=b", equals: "" } }] }],
    "RangeError",
    '"rules[0].any[0].cookie.name" must be the name of a cookie, received "a=b"',
  ],
  [[{ name: "r", any: [{ path: {} }] }], "TypeError", '"rules[0].any[0].path" must be a test with one of '],
  [
    [{ name: "r", any: [{ path: { equals: "a", contains: "b" } }] }],
    "TypeError",
    '"rules[0].any[0].path" must be a test with one of ',
  ],
  [
    [{ name: "r", any: [{ path: { contains: "" } }] }],
    "RangeError",
    '"rules[0].any[0].path.contains" must be a text that is not empty, received ""',
  ],
  [
    [{ name: "r", any: [{ path: { equals: [] } }] }],
    "RangeError",
    '"rules[0].any[0].path.equals" must be a text or a list of texts, received []',
  ],
  [
    [{ name: "r", any: [{ path: { equals: [5] } }] }],
    "TypeError",
    '"rules[0].any[0].path.equals" must be a text or a list of texts, received 5',
  ],
  [
    [{ name: "r", any: [{ path: { present: 1 } }] }],
    "TypeError",
    '"rules[0].any[0].path.present" must be true or false',
  ],
  [
    [{ name: "r", any: [{ path: { equals: "a", not: 1 } }] }],
    "TypeError",
    '"rules[0].any[0].path.not" must be true or false',
  ],
  [
    [{ name: "r", all: [{ cookie: { equals: "a" } }] }],
    "TypeError",
    '"rules[0].all[0].cookie.name" must be the name of a cookie, received undefined',
  ],
  [
    [{ name: "r", all: [{ header: [{ name: "a b", equals: "a" }] }] }],
    "RangeError",
    '"rules[0].all[0].header[0].name" must be the name of a header, received "a b"',
  ],
  [
    [{ name: "r", all: [{ header: [] }] }],
    "RangeError",
    '"rules[0].all[0].header" must be a test or a list of tests',
  ],
];

for (const [rules, name, message] of wrong) {
  test(`compileRules() refuses ${JSON.stringify(rules)}`, () => {
    assert.throws(() => compileRules(rules as TriggerRule[]), (error: Error) => {
      assert.equal(error.name, name);
      assert.ok(error.message.startsWith(`Cannot create rule matcher: ${message}`), error.message);
      return true;
    });
  });
}
