import assert from "node:assert/strict";
import { test } from "node:test";

import { requestFacts } from "../../../src/triggers/facts.ts";
import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { normalizeUrl } from "../../../src/triggers/normalize-url.ts";
import { growth } from "../../support/growth.ts";
import { simpleFacts } from "./_requests.ts";

function contains(...ValuesToCompare: string[]): unknown {
  const part = {
    ValidatorType: "UrlValidator",
    UrlPart: "PageUrl",
    Operator: "ContainsAny",
    ValuesToCompare,
  };
  // The second part never holds, so that every candidate is tried.
  const other = { ...part, Operator: "Equals", ValueToCompare: "x", IsIgnoreCase: true };
  return { Name: "i", Triggers: [{ LogicalOperator: "And", TriggerParts: [part, other] }] };
}

const nested = Array.from({ length: 300 }, (_, at) => contains("a".repeat(at + 1)));
const nearly = Array.from({ length: 300 }, (_, at) => contains(`${"a".repeat(at + 1)}b`));

const urls: readonly [string, (size: number) => string][] = [
  ["letters", (size) => "a".repeat(size)],
  ["slashes", (size) => "/".repeat(size)],
  ["dots", (size) => `https://h${"/..".repeat(size / 3)}`],
  ["colons and slashes", (size) => "://".repeat(size / 3)],
  ["percent signs", (size) => `?${"%20".repeat(size / 3)}`],
  ["blanks", (size) => `a${" ".repeat(size)}a`],
  ["at signs", (size) => `//${"@:[".repeat(size / 3)}`],
];

for (const [what, url] of urls) {
  test(`match() takes time in proportion to a URL of ${what}`, () => {
    const Integrations = [...nested.slice(0, 20), ...nearly].map((each) => ({
      ...each as object,
      IsNormalizationEnabled: true,
    }));
    const matcher = compileIntegrations({ Integrations }, { hostNameWithoutPort: true });
    const ratio = growth((size) => {
      assert.equal(
        matcher.match(simpleFacts({ url: url(size), headers: {}, cookies: {}, body: "" })),
        undefined,
      );
    });
    assert.ok(ratio < 40, `8 times the length took ${ratio} times the time`);
  });

  test(`normalizeUrl() takes time in proportion to a URL of ${what}`, () => {
    // A length from which on an engine keeps texts elsewhere may cost a machine five times as much at once; what is quadratic takes 256 times as long.
    const ratio = growth((size) => void normalizeUrl(url(size)), 64, 12_500, 16);
    assert.ok(ratio < 128, `16 times the length took ${ratio} times the time`);
  });
}

test("match() reports each literal once, however often and however deeply nested it is in a URL", () => {
  const matcher = compileIntegrations({ Integrations: nested });
  const ratio = growth((size) => {
    assert.equal(
      matcher.match(simpleFacts({ url: "a".repeat(size), headers: {}, cookies: {}, body: "" })),
      undefined,
    );
  });
  assert.ok(ratio < 40, `8 times the length took ${ratio} times the time`);
});

test("match() takes time in proportion to the number of cookies", () => {
  const Integrations = Array.from({ length: 2000 }, (_, at) => {
    const part = {
      ValidatorType: "CookieValidator",
      CookieName: `c${at}`,
      Operator: "Equals",
      ValueToCompare: "w",
    };
    return {
      Name: "i",
      Triggers: [{ TriggerParts: [part] }, { TriggerParts: [{ ...part, IsNegative: true }, part] }],
    };
  });
  const matcher = compileIntegrations({ Integrations });
  const ratio = growth((size) => {
    const cookie = Array.from({ length: size / 8 }, (_, at) => `c${at}=v`).join("; ");
    assert.equal(
      matcher.match(requestFacts(new Request("https://shop.test/", { headers: { cookie } }))),
      undefined,
    );
  });
  assert.ok(ratio < 40, `8 times the cookies took ${ratio} times the time`);
});
