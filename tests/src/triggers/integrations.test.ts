import assert from "node:assert/strict";
import { test } from "node:test";

import { requestFacts } from "../../../src/triggers/facts.ts";
import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import type { TriggerMatch } from "../../../src/triggers/matcher.ts";
import { simpleFacts, type SimpleRequest } from "./_requests.ts";

const bare: SimpleRequest = { url: "https://shop.test/a/b?x=1", headers: {}, cookies: {}, body: "" };

const path = { ValidatorType: "UrlValidator", UrlPart: "PagePath", Operator: "Contains" };
const header = { ValidatorType: "HttpHeaderValidator", Operator: "Equals" };

function integration(LogicalOperator: string, ...TriggerParts: unknown[]): unknown {
  return { Name: "i", Triggers: [{ LogicalOperator, TriggerParts }] };
}

function compiled(integrations: readonly unknown[]) {
  return compileIntegrations({ Integrations: integrations });
}

function found(match: TriggerMatch | "needs-body" | undefined): number | string | undefined {
  return typeof match === "object" ? match.integration : match;
}

test("compileIntegrations() copes with operands that cannot be converted to text", () => {
  const impossible = { toString: 1, valueOf: 1 };
  const matcher = compiled([
    integration("And", { ...path, ValueToCompare: impossible }),
    integration("And", {
      ...path,
      Operator: "ContainsAny",
      ValuesToCompare: [impossible, Symbol.iterator, "/b"],
    }),
  ]);
  assert.equal(found(matcher.match(simpleFacts(bare))), 1);
});

test("compileIntegrations() copes with names that no cookie and no header can have", () => {
  for (const name of ["", "a b", "a=b", "a;b", "é\n", 5, null, {}]) {
    const matcher = compiled([
      integration("And", { ...header, HttpHeaderName: name, Operator: "Contains", ValueToCompare: "*" }),
      integration("And", {
        ...header,
        HttpHeaderName: name,
        Operator: "Equals",
        ValueToCompare: "",
        IsNegative: true,
      }),
      integration("And", { ...header, HttpHeaderName: name, Operator: "Equals", ValueToCompare: "" }),
    ]);
    assert.equal(found(matcher.match(requestFacts(new Request(bare.url)))), 2);
  }
});

test("compileIntegrations() skips a damaged integration only where evaluation reaches the damage (SE-25)", () => {
  const a = { ...path, ValueToCompare: "/a" };
  const z = { ...path, ValueToCompare: "/z" };
  const match = (...triggers: unknown[]) =>
    found(compiled([{ Name: "x", Triggers: triggers }, integration("And", a)]).match(simpleFacts(bare)));
  const and = (...TriggerParts: unknown[]) => ({ LogicalOperator: "And", TriggerParts });
  const or = (...TriggerParts: unknown[]) => ({ LogicalOperator: "Or", TriggerParts });
  assert.equal(match(and(a), null), 0);
  assert.equal(match(null, and(a)), 1);
  assert.equal(match(and(z, null), and(a)), 0);
  assert.equal(match(and(a, null), and(a)), 1);
  assert.equal(match(or(a, null)), 0);
  assert.equal(match(or(z, null), and(a)), 1);
  assert.equal(match({ LogicalOperator: "Or" }, and(a)), 1);
  assert.equal(match(and({ ...path, Operator: "EqualsAny", ValuesToCompare: 5 }), and(a)), 1);
});

test("compileIntegrations() refuses what is no configuration", () => {
  for (const configuration of [null, undefined, "{}", 5]) {
    assert.throws(() => compileIntegrations(configuration), {
      name: "TypeError",
      message: /^Cannot create integration matcher: "configuration" must be an object, received /,
    });
  }
  assert.throws(() => compileIntegrations({ Integrations: {} }), {
    name: "TypeError",
    message: 'Cannot create integration matcher: "Integrations" must be a list, received {}',
  });
  for (const option of ["normalization", "hostNameWithoutPort"]) {
    assert.throws(() => compileIntegrations({}, { [option]: "yes" }), {
      name: "TypeError",
      message: `Cannot create integration matcher: "${option}" must be true or false, received "yes"`,
    });
  }
  assert.deepEqual(compileIntegrations({}).reports, []);
  assert.equal(compileIntegrations({}).match(simpleFacts(bare)), undefined);
  assert.equal(compileIntegrations({ Integrations: null }).match(simpleFacts(bare)), undefined);
});
