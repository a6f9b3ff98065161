import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../../support/random-cases.ts";

import { factsOf } from "../../../src/triggers/facts.ts";
import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { integration, request } from "./_arbitrary.ts";
import { runs, seed, simpleFacts } from "./_requests.ts";

test("compileIntegrations() finds for a page that is asked for again what it finds the first time", () => {
  const start = seed();
  let matched = 0;
  fc.assert(
    fc.property(
      fc.array(integration(true), { maxLength: 6 }),
      request,
      fc.array(request, { minLength: 1, maxLength: 3 }),
      (list, page, others) => {
        const matcher = compileIntegrations({ Integrations: list });
        // More than often enough to be remembered.
        for (let time = 0; time < 9; time++) matcher.match(simpleFacts(page));
        for (const other of [page, ...others]) {
          const seen = { ...other, url: page.url };
          for (const body of [seen.body, undefined]) {
            const wanted = compileIntegrations({ Integrations: list }).match(simpleFacts(seen), body);
            assert.deepEqual(matcher.match(simpleFacts(seen), body), wanted);
            if (typeof wanted === "object") matched++;
          }
          const assumed = compileIntegrations({ Integrations: list });
          assert.deepEqual(
            matcher.match(simpleFacts(seen), undefined, (at) => at % 2 === 0),
            assumed.match(simpleFacts(seen), undefined, (at) => at % 2 === 0),
          );
        }
      },
    ),
    { numRuns: runs(5000), seed: start },
  );
  assert.ok(matched > 500, String(matched));
});

test("compileIntegrations() does not take one way to normalise a page for another", () => {
  const part = {
    ValidatorType: "UrlValidator",
    UrlPart: "PagePath",
    Operator: "Contains",
    ValueToCompare: "/shop",
  };
  const matcher = compileIntegrations({
    Integrations: [{
      Name: "shop",
      IsNormalizationEnabled: true,
      Triggers: [{ LogicalOperator: "And", TriggerParts: [part] }],
    }],
  });
  const ask = (normalize: (url: string) => string) =>
    matcher.match(factsOf({ url: "https://a.example/", header: () => "", cookie: () => "", normalize }));
  for (let time = 0; time < 20; time++) {
    assert.equal(ask((url) => url), undefined);
    assert.notEqual(ask(() => "https://a.example/shop"), undefined);
  }
});

test("compileIntegrations() looks at cookies and the user agent of each request, however often the page was asked for", () => {
  const url = {
    ValidatorType: "UrlValidator",
    UrlPart: "PageUrl",
    Operator: "Contains",
    ValueToCompare: "/sale",
  };
  const staff = {
    ValidatorType: "CookieValidator",
    CookieName: "staff",
    Operator: "Equals",
    ValueToCompare: "",
  };
  const robot = {
    ValidatorType: "UserAgentValidator",
    Operator: "Contains",
    ValueToCompare: "robot",
    IsNegative: true,
  };
  const matcher = compileIntegrations({
    Integrations: [{
      Name: "sale",
      Triggers: [{ LogicalOperator: "And", TriggerParts: [url, staff, robot] }],
    }],
  });
  const ask = (cookie: string, agent: string) =>
    matcher.match(factsOf({
      url: "https://shop.example/sale",
      header: () => agent,
      cookie: () => cookie,
    }));
  const match = { integration: 0, name: "sale", trigger: 0, parts: [0, 1, 2] };
  for (let time = 0; time < 20; time++) {
    assert.deepEqual(ask("", "browser"), match);
    assert.equal(ask("me", "browser"), undefined);
    assert.equal(ask("", "a robot"), undefined);
  }
});
