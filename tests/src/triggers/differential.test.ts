import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../../support/random-cases.ts";

import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { normalizeUrl } from "../../../src/triggers/normalize-url.ts";
import { integration, request } from "./_arbitrary.ts";
import { runs, seed, simpleFacts, type SimpleRequest } from "./_requests.ts";

/** The parts of the reference that are asked here. */
interface Reference {
  readonly evaluate: (
    integrations: readonly unknown[],
    request: SimpleRequest,
    normalization: boolean,
  ) => unknown;
  readonly normalize: (url: string) => string;
}

const reference = await load();
if (!reference) console.log("skipped: @queue-it/connector-javascript is not installed");
const count = runs(20_000);

test(
  "compileIntegrations() finds the integration that the reference connector finds",
  { skip: !reference },
  () => {
    const start = seed();
    let matched = 0;
    fc.assert(
      fc.property(
        fc.array(integration(false), { maxLength: 6 }),
        request,
        fc.boolean(),
        (list, seen, normalization) => {
          const wanted = reference?.evaluate(list, seen, normalization);
          const found = compileIntegrations({ Integrations: list }, { normalization }).match(
            simpleFacts(seen),
            seen.body,
          );
          assert.notEqual(found, "needs-body");
          if (typeof found === "object") matched++;
          assert.equal(typeof found === "object" ? list[found.integration] : null, wanted);
        },
      ),
      { numRuns: count, seed: start },
    );
    console.log(`well-formed configurations: ${count} with seed ${start}, ${matched} matches`);
    assert.ok(matched > count / 10);
  },
);

// The reference throws where the structure is damaged (SE-25) or an operand is no text (5.4). We do not.
test("compileIntegrations() agrees with the reference on odd configurations, or copes where it throws", {
  skip: !reference,
}, () => {
  const start = seed();
  let coped = 0;
  let matched = 0;
  fc.assert(
    fc.property(fc.array(integration(true), { maxLength: 6 }), request, (list, seen) => {
      const found = compileIntegrations({ Integrations: list }).match(simpleFacts(seen), seen.body);
      let wanted: unknown;
      try {
        wanted = reference?.evaluate(list, seen, true);
      } catch {
        coped++;
        return;
      }
      if (typeof found === "object") matched++;
      assert.equal(typeof found === "object" ? list[found.integration] : null, wanted);
    }),
    { numRuns: count, seed: start },
  );
  console.log(
    `odd configurations: ${count} with seed ${start}, ${matched} matches, coped with ${coped} faults`,
  );
  assert.ok(coped > 0 && matched > 0);
});

test("normalizeUrl() gives what the reference gives", { skip: !reference }, () => {
  const start = seed();
  const unit = fc.constantFrom(
    ..."aZ.-~/\\?#:%&= \n\u2028é😀\ud800".split(""),
    ...[
      "//",
      "/./",
      "/../",
      "..",
      "%2e",
      "%2F",
      "%aB",
      "%ab",
      "%20",
      "%41",
      "http://",
      "https://h",
      "HTTP://",
      "a.b",
      "?",
    ],
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 14 }), (url) => {
      assert.equal(normalizeUrl(url), reference?.normalize(url));
    }),
    { numRuns: count, seed: start },
  );
  console.log(`URLs: ${count} with seed ${start}`);
});

async function load(): Promise<Reference | undefined> {
  // Names in variables, so that type checks do not look for them.
  const name = "@queue-it/connector-javascript";
  try {
    const main = await import(name);
    const { IntegrationEvaluator } = await import(
      `${name}/dist/IntegrationConfig/integrationConfigHelpers.js`
    );
    const evaluator = new IntegrationEvaluator();
    const normalizer = new main.DefaultNormalizationProvider();
    return {
      normalize: (url) => normalizer.normalizeUrl(url),
      evaluate: (integrations, { url, headers, cookies, body }, normalization) =>
        evaluator.getMatchedIntegrationConfig({ Integrations: integrations, Version: 1 }, url, {
          getNormalizationProvider: () => normalization ? normalizer : null,
          getHttpRequest: () => ({
            getUserAgent: () => headers["user-agent"] ?? "",
            getHeader: (header: string) => headers[header.toLowerCase()] ?? "",
            getCookieValue: (cookie: string) => cookies[cookie],
            getRequestBodyAsString: () => body,
          }),
        }),
    };
  } catch {
    return undefined;
  }
}
