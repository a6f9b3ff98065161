import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { Part, Rule } from "../../../src/triggers/condition.ts";
import type { TriggerReport } from "../../../src/triggers/matcher.ts";
import { isCookieName, isHeaderName, readIntegration } from "../../../src/triggers/read-integration.ts";

interface Read {
  readonly rule: Rule;
  readonly reports: readonly TriggerReport[];
}

function read(integration: unknown, normalization = true, hostNameWithoutPort = false): Read {
  const reports: TriggerReport[] = [];
  return { rule: readIntegration(integration, 7, { normalization, hostNameWithoutPort, reports }), reports };
}

/** What became of a part that stands behind another one, and what was told of it. */
function readPart(
  part: unknown,
  more: object = {},
): { readonly part: Part; readonly told: readonly string[] } {
  const { rule, reports } = read({
    ...more,
    Triggers: [{ LogicalOperator: "Or", TriggerParts: [urlPart, part] }],
  });
  const made = rule.triggers[0]?.parts[1];
  assert.ok(made !== undefined);
  return { part: made, told: reports.map(({ code, message }) => `${code}: ${message}`) };
}

const urlPart = {
  ValidatorType: "UrlValidator",
  UrlPart: "PagePath",
  Operator: "Contains",
  ValueToCompare: "/a",
};

const text = {
  kind: "text",
  subject: "path",
  name: "",
  normalized: false,
  mode: "contains",
  operands: ["/a"],
  wildcard: false,
  ignoreCase: false,
  negative: false,
  finder: undefined,
};

describe("readIntegration()", () => {
  test("readIntegration() says in words what is damaged, and where", () => {
    const noList = { ...urlPart, Operator: "EqualsAny", ValuesToCompare: 5 };
    const table:
      readonly (readonly [integration: unknown, message: string, trigger?: number, part?: number])[] = [
        [null, "The integration is not an object"],
        ["x", "The integration is not an object"],
        [{}, '"Triggers" is not a list'],
        [{ Triggers: {} }, '"Triggers" is not a list'],
        [{ Triggers: [null] }, "The trigger is not an object", 0],
        [{ Triggers: [{}] }, '"TriggerParts" is not a list', 0],
        [{ Triggers: [{ TriggerParts: [null] }] }, "The part is missing", 0, 0],
        [{ Triggers: [{ TriggerParts: [undefined] }] }, "The part is missing", 0, 0],
        [{ Triggers: [{ TriggerParts: [noList] }] }, '"ValuesToCompare" is not a list', 0, 0],
      ];
    for (const [integration, message, trigger, part] of table) {
      const { rule, reports } = read(integration);
      assert.deepEqual(reports, [{
        code: "damaged",
        integration: 7,
        name: "",
        trigger,
        part,
        by: [],
        message,
      }]);
      assert.deepEqual(rule, { name: "", triggers: [] });
    }
  });

  test("readIntegration() reads as far as evaluations come", () => {
    const good = { LogicalOperator: "And", TriggerParts: [urlPart] };
    const { rule, reports } = read({
      Name: "shop",
      Triggers: [good, { LogicalOperator: "Or", TriggerParts: [urlPart, null, urlPart] }, null, good],
    });
    assert.deepEqual(rule, {
      name: "shop",
      triggers: [
        { index: 0, any: false, parts: [text] },
        { index: 1, any: true, parts: [text, { kind: "damaged" }] },
      ],
    });
    assert.deepEqual(reports.map(({ name, trigger, part }) => [name, trigger, part]), [
      ["shop", 1, 1],
      ["shop", 2, undefined],
    ]);
  });

  test("readIntegration() keeps damage only where a part before it may end the evaluation", () => {
    const never = { ...urlPart, Operator: "Regex" };
    const always = { ...urlPart, ValueToCompare: "*", IsNegative: true };
    const kept = (LogicalOperator: string, ...TriggerParts: unknown[]) =>
      read({ Triggers: [{ LogicalOperator, TriggerParts }] }).rule.triggers.length === 1;
    assert.equal(kept("Or", never, null), false);
    assert.equal(kept("Or", always, null), true);
    assert.equal(kept("And", always, null), false);
    assert.equal(kept("And", never, null), true);
    assert.equal(kept("And", always, never, null), true);
    assert.equal(kept("And", urlPart, null), true);
    assert.equal(kept("Or", never, urlPart, null), true);
  });

  test("readIntegration() takes every operator but Or for And", () => {
    for (
      const [operator, any] of [["Or", true], ["And", false], ["or", false], [undefined, false]] as const
    ) {
      const { rule } = read({ Triggers: [{ LogicalOperator: operator, TriggerParts: [urlPart] }] });
      assert.equal(rule.triggers[0]?.any, any);
    }
    const empty = (LogicalOperator: string) =>
      read({ Triggers: [{ LogicalOperator, TriggerParts: [] }] }).reports;
    assert.deepEqual(empty("Or"), []);
    assert.deepEqual(empty("And").map(({ code, message, trigger, part }) => [code, message, trigger, part]), [
      ["empty-and", "The trigger has no parts, so it always holds", 0, undefined],
    ]);
  });

  test("readIntegration() normalises where both the integration and the reader ask for it", () => {
    const table = [[true, true, true], [true, false, false], [false, true, false]] as const;
    for (const [asked, given, normalized] of table) {
      const { rule } = read(
        { IsNormalizationEnabled: asked, Triggers: [{ TriggerParts: [urlPart] }] },
        given,
      );
      assert.deepEqual(rule.triggers[0]?.parts[0], { ...text, normalized });
    }
  });

  test("readIntegration() knows what a part looks at", () => {
    const table: readonly (readonly [part: object, target: object])[] = [
      [{ UrlPart: "PagePath" }, { subject: "path" }],
      [{ UrlPart: "PageUrl" }, { subject: "url" }],
      [{ UrlPart: "HostName" }, { subject: "host" }],
      [{ ValidatorType: "CookieValidator", CookieName: "Aa" }, { subject: "cookie", name: "Aa" }],
      [{ ValidatorType: "HttpHeaderValidator", HttpHeaderName: "X-Aa" }, { subject: "header", name: "x-aa" }],
      [{ ValidatorType: "UserAgentValidator" }, { subject: "userAgent" }],
      [{ ValidatorType: "RequestBodyValidator" }, { subject: "body" }],
    ];
    for (const [part, target] of table) {
      // Only what is of the URL is normalised.
      const normalized = "UrlPart" in part;
      const seen = readPart({ ...urlPart, ...part }, { IsNormalizationEnabled: true });
      assert.deepEqual(seen, { part: { ...text, normalized, ...target }, told: [] });
    }
    const { rule } = read(
      { Triggers: [{ TriggerParts: [{ ...urlPart, UrlPart: "HostName" }] }] },
      true,
      true,
    );
    assert.deepEqual(rule.triggers[0]?.parts, [{ ...text, subject: "hostname" }]);
  });

  test("readIntegration() compares the empty text where there is nothing to look at", () => {
    const nothing = [
      { UrlPart: "Query" },
      { ValidatorType: "CookieValidator", CookieName: "" },
      { ValidatorType: "HttpHeaderValidator", HttpHeaderName: "a b" },
    ];
    const table: readonly (readonly [part: object, holds: boolean])[] = [
      [{ Operator: "Equals", ValueToCompare: "" }, true],
      [{ Operator: "Equals", ValueToCompare: "", IsNegative: true }, false],
      [{ Operator: "Equals", ValueToCompare: "a" }, false],
      [{ Operator: "Equals", ValueToCompare: "a", IsNegative: true }, true],
      [{ Operator: "EqualsAny", ValuesToCompare: ["a", ""] }, true],
      [{ Operator: "Contains", ValueToCompare: "a" }, false],
      [{ Operator: "Contains", ValueToCompare: "a", IsNegative: true }, true],
      [{ Operator: "Contains", ValueToCompare: "*" }, false],
      [{ Operator: "ContainsAny", ValuesToCompare: [] }, false],
    ];
    for (const target of nothing) {
      for (const [part, holds] of table) {
        const seen = readPart({ ...urlPart, ...target, ...part });
        assert.deepEqual(seen.part, { kind: "constant", holds }, JSON.stringify({ ...target, ...part }));
      }
    }
  });

  test("readIntegration() reads operators and operands of whatever kind, and says what is odd", () => {
    const never = { kind: "constant", holds: false };
    const always = { kind: "constant", holds: true };
    const impossible = { toString: 1, valueOf: 1 };
    const equals = { ...text, mode: "equals" };
    const any = { ...text, operands: [], wildcard: true };
    const table: readonly (readonly [part: object, made: object, ...told: readonly string[]])[] = [
      [{ Operator: "Equals" }, equals],
      [{ Operator: "Equals", IsIgnoreCase: 1 }, { ...equals, ignoreCase: true, operands: ["/A"] }],
      [
        { IsNegative: "yes" },
        { ...text, negative: true },
        'flag-type: IsNegative is a text, and each counts as true: "yes"; write true or false without quotation marks',
      ],
      [{ Operator: "EqualsAny", ValuesToCompare: ["b", "a", "b"] }, { ...equals, operands: ["a", "b"] }],
      [{ Operator: "ContainsAny", ValuesToCompare: ["a"] }, { ...text, operands: ["a"] }],
      // A text is a list of its characters.
      [{ Operator: "ContainsAny", ValuesToCompare: "ab" }, { ...text, operands: ["a", "b"] }],
      [{ Operator: "ContainsAny", ValuesToCompare: null }, never],
      [{ Operator: "EqualsAny", ValuesToCompare: [], IsNegative: true }, always],
      [{ ValueToCompare: "*" }, any],
      [{ Operator: "ContainsAny", ValuesToCompare: ["a", "*"] }, { ...any, operands: ["a"] }],
      [{ Operator: "ContainsAny", ValuesToCompare: ["*"], IsNegative: true }, { ...any, negative: true }],
      [{ Operator: "Equals", ValueToCompare: "*" }, { ...equals, operands: ["*"] }],
      [{ Operator: "Equals", ValueToCompare: "" }, { ...equals, operands: [""] }],
      [
        { ValueToCompare: "*", IsNegative: true },
        always,
        "negated-wildcard: The part always holds: negation does not apply to *",
      ],
      [{ ValueToCompare: "" }, always, "empty-contains: Every text contains the empty one"],
      [{ ValueToCompare: null }, always, "empty-contains: Every text contains the empty one"],
      [
        { ValueToCompare: 57 },
        { ...text, operands: ["57"] },
        "operand-type: An operand is not a text: number",
      ],
      // To be the same, it would have to be of the same kind, unless case is ignored.
      [{ Operator: "Equals", ValueToCompare: 57 }, never, "operand-type: An operand is not a text: number"],
      [
        { Operator: "Equals", ValueToCompare: 57, IsIgnoreCase: true },
        { ...equals, ignoreCase: true, operands: ["57"] },
        "operand-type: An operand is not a text: number",
      ],
      [
        { Operator: "ContainsAny", ValuesToCompare: [null, "a", impossible, undefined] },
        { ...text, operands: ["a"] },
        "operand-type: An operand is not a text: null",
        "operand-type: An operand is not a text: object",
        "operand-type: An operand is not a text: undefined",
      ],
      [
        { Operator: "a".repeat(41) },
        never,
        `unknown-operator: The part never holds, its operator is unknown: "${"a".repeat(40)}"`,
      ],
      [{ Operator: null }, never, "unknown-operator: The part never holds, its operator is unknown: null"],
      [
        { ValidatorType: undefined },
        never,
        "unknown-validator: The part never holds, its validator is unknown: undefined",
      ],
    ];
    for (const [part, made, ...told] of table) {
      assert.deepEqual(readPart({ ...urlPart, ...part }), { part: made, told }, JSON.stringify(part));
    }
    assert.deepEqual(readPart("x"), {
      part: never,
      told: ["unknown-validator: The part never holds, its validator is unknown: undefined"],
    });
  });
});

test("isCookieName() and isHeaderName() tell names that there can be", () => {
  const table: readonly (readonly [name: unknown, cookie: boolean, header: boolean])[] = [
    ["a", true, true],
    ["ab", true, true],
    ["a-b_c.1", true, true],
    ["a!#$%&'*+.^`|~-Z", true, true],
    ["a b", true, false],
    ["a:b", true, false],
    ["é", true, false],
    ["", false, false],
    [" a", false, false],
    ["a ", false, false],
    ["a=b", false, false],
    ["a;b", false, false],
    ["=a", false, false],
    ["a;", false, false],
    ["a\n", false, false],
    [5, false, false],
    [["a"], false, false],
    [undefined, false, false],
  ];
  for (const [name, cookie, header] of table) {
    assert.deepEqual([isCookieName(name), isHeaderName(name)], [cookie, header], JSON.stringify(name));
  }
});
