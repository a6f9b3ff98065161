import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../../support/random-cases.ts";

import { factsOf } from "../../../src/triggers/facts.ts";
import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { canonicalUrl, readingsOf } from "../../../src/url/readings.ts";
import { naive, type NaiveAnswer } from "./_naive.ts";
import { runs, seed, type SimpleRequest } from "./_requests.ts";

/** A part of a trigger, well-formed. */
interface Part {
  readonly ValidatorType: string;
  readonly UrlPart: string;
  readonly Operator: string;
  readonly ValueToCompare: string;
  readonly ValuesToCompare: readonly string[];
  readonly IsNegative: boolean;
  readonly IsIgnoreCase: boolean;
  readonly CookieName: string;
}

interface Integration {
  readonly ActionType: string;
  readonly IsNormalizationEnabled: boolean;
  readonly Triggers: readonly { readonly LogicalOperator: string; readonly TriggerParts: readonly Part[] }[];
}

const host = "shop.test";
const words = {
  PagePath: ["/tickets", "/Tickets", "/tickets/", "/tickets/hot", "/hot", "/info", "tick", "/"],
  PageUrl: [
    `https://${host}/tickets`,
    `http://${host}/hot?x=1`,
    "/tickets?x=1",
    `${host}/info`,
    "x=1",
    `https://${host}/`,
  ],
  HostName: [host, `${host}:81`, "other.test", "shop"],
} as const;

const part: fc.Arbitrary<Part> = fc.constantFrom(
  "PagePath",
  "PagePath",
  "PageUrl",
  "HostName",
  "cookie",
  "body",
)
  .chain((subject) => {
    const isUrl = subject === "PagePath" || subject === "PageUrl" || subject === "HostName";
    const value = fc.constantFrom(...(isUrl ? words[subject] : ["a", "b"]));
    return fc.record({
      ValidatorType: fc.constant(
        isUrl ? "UrlValidator" : subject === "body" ? "RequestBodyValidator" : "CookieValidator",
      ),
      UrlPart: fc.constant(subject),
      Operator: fc.constantFrom("Equals", "Contains", "EqualsAny", "ContainsAny"),
      ValueToCompare: value,
      ValuesToCompare: fc.array(value, { minLength: 1, maxLength: 2 }),
      IsNegative: fc.oneof(fc.constant(false), fc.constant(false), fc.boolean()),
      IsIgnoreCase: fc.oneof(fc.constant(false), fc.boolean()),
      CookieName: fc.constant("c"),
    });
  });

const integrations: fc.Arbitrary<readonly Integration[]> = fc.array(
  fc.record({
    ActionType: fc.constantFrom("Queue", "Queue", "Ignore", "Cancel"),
    IsNormalizationEnabled: fc.oneof(fc.constant(false), fc.boolean()),
    Triggers: fc.array(
      fc.record({
        LogicalOperator: fc.constantFrom("And", "Or"),
        TriggerParts: fc.array(part, { minLength: 1, maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  { minLength: 1, maxLength: 5 },
);

const spell: fc.Arbitrary<(path: string) => string> = fc.constantFrom(
  (path: string) => path,
  (path: string) => `${path}/`,
  (path: string) => path.replace("t", "%74"),
  (path: string) => path.replace("h", "%68"),
  (path: string) => path.replace("t", "%2574"),
  (path: string) => `/x/..${path}`,
  (path: string) => `/info/%2E%2e${path}`,
  (path: string) => `/tickets%2F..${path}`,
  (path: string) => `/${path}`,
  (path: string) => `${path};/info`,
  (path: string) => path.toUpperCase(),
);

const request: fc.Arbitrary<SimpleRequest> = fc.record({
  url: fc.record({
    scheme: fc.constantFrom("https", "http"),
    port: fc.constantFrom("", "", ":81"),
    path: fc.constantFrom("/tickets", "/tickets/hot", "/hot", "/info", "/", "/other"),
    spellings: fc.array(spell, { maxLength: 2 }),
    query: fc.constantFrom("", "", "?x=1", "?%78=1", "?x=%2Fhot"),
  }).map(({ scheme, port, path, spellings, query }) =>
    `${scheme}://${host}${port}${spellings.reduce<string>((text, change) => change(text), path)}${query}`
  ),
  headers: fc.constant({}),
  cookies: fc.constantFrom<Record<string, string>>({}, { c: "a" }, { c: "b" }),
  body: fc.constantFrom("", "a", "b"),
});

/** The rule, tried one form after the other with no thought of speed. */
function naiveStrictly(
  list: readonly Integration[],
  request: SimpleRequest,
  body: string | undefined,
  caseSensitive: boolean,
): NaiveAnswer {
  const strict = list.map((each) => protecting(each, caseSensitive));
  const readings = readingsOf(request.url);
  const own = naive(strict, request, body);
  const isCanonical = canonicalUrl(request.url) === request.url;
  if (isCanonical && settles(list, own)) return own;
  for (const url of readings) {
    const answer = naive(strict, { ...request, url }, body);
    if (!settles(list, answer)) continue;
    if (typeof own === "object" && !settles(list, own) && typeof answer === "object") {
      const { ActionType, IsNormalizationEnabled, Triggers } = list[own.integration] as Integration;
      const alone = {
        ActionType,
        IsNormalizationEnabled,
        Triggers: Triggers.slice(own.trigger, own.trigger + 1),
      };
      const exempt = naive([exempting(alone, caseSensitive)], { ...request, url }, body);
      if (answer.integration > own.integration && typeof exempt === "object") continue;
    }
    return answer;
  }
  return naive(list, request, body);
}

function settles(list: readonly Integration[], answer: NaiveAnswer): boolean {
  return answer === "needs-body" || (answer !== -1 && list[answer.integration]?.ActionType === "Queue");
}

function protecting(integration: Integration, caseSensitive: boolean): Integration {
  const protects = integration.ActionType === "Queue";
  return withParts(
    integration,
    (each) => protects === each.IsNegative ? each : withForms(each, true, caseSensitive),
  );
}

function exempting(integration: Integration, caseSensitive: boolean): Integration {
  return withParts(integration, (each) => withForms(each, each.IsNegative, caseSensitive));
}

function withParts(integration: Integration, change: (part: Part) => Part): Integration {
  const Triggers = integration.Triggers.map((trigger) => ({
    ...trigger,
    TriggerParts: trigger.TriggerParts.map((each) =>
      each.ValidatorType === "UrlValidator" ? change(each) : each
    ),
  }));
  return { ...integration, Triggers };
}

/** The operands here are plain ASCII: what is left are slashes, schemes and ports. */
function withForms(part: Part, wide: boolean, caseSensitive: boolean): Part {
  const several = part.Operator.endsWith("Any");
  const values = several ? part.ValuesToCompare : [part.ValueToCompare];
  const equals = part.Operator.startsWith("Equals");
  const ValuesToCompare = values.flatMap((value) => {
    if (part.UrlPart === "HostName") return [value, value.replace(":81", "")];
    const schemes = wide
      ? [value, value.replace(/^https?/, "https"), value.replace(/^https?/, "http")]
      : [value];
    return schemes.flatMap((text) => {
      const [path = "", query] = text.split("?");
      const bare = path.replace(/\/$/, "");
      const hasSlashes = (equals || (wide && query !== undefined)) && bare !== "" &&
        (part.UrlPart === "PageUrl" || path.startsWith("/"));
      const paths = hasSlashes ? [path, bare, `${bare}/`] : [path];
      return paths.map((each) => query === undefined ? each : `${each}?${query}`);
    });
  });
  return {
    ...part,
    Operator: equals ? "EqualsAny" : "ContainsAny",
    ValuesToCompare,
    IsIgnoreCase: part.IsIgnoreCase || (wide && !caseSensitive),
  };
}

function strictly(
  list: readonly Integration[],
  { url, cookies }: SimpleRequest,
  body: string | undefined,
  caseSensitive: boolean,
  readings: readonly string[] = readingsOf(url),
) {
  const facts = factsOf({ url, readings, caseSensitive, header: () => "", cookie: (name) => cookies[name] });
  return compileIntegrations({ Integrations: list }).match(facts, body);
}

test("match() finds with readings what trying them one after the other finds", () => {
  const start = seed();
  const count = runs(20_000);
  const answers = { protected: 0, exempt: 0, unmatched: 0, needing: 0, otherwise: 0 };
  fc.assert(
    fc.property(
      integrations,
      request,
      fc.boolean(),
      fc.boolean(),
      (list, seen, isKnown, caseSensitive) => {
        const body = isKnown ? seen.body : undefined;
        const wanted = naiveStrictly(list, seen, body, caseSensitive);
        const found = strictly(list, seen, body, caseSensitive);
        assert.deepEqual(
          typeof found === "object"
            ? { integration: found.integration, trigger: found.trigger }
            : found ?? -1,
          wanted,
        );
        if (wanted === "needs-body") answers.needing++;
        else if (wanted === -1) answers.unmatched++;
        else if (settles(list, wanted)) answers.protected++;
        else answers.exempt++;
        if (typeof found === "object" && found.reading !== undefined) answers.otherwise++;
      },
    ),
    { numRuns: count, seed: start },
  );
  console.log(`${count} with seed ${start}: ${JSON.stringify(answers)}`);
  assert.ok(Object.values(answers).every((each) => each > count / 100));
});

test("match() protects whatever the rules as they are written protect in any form of the URL", () => {
  const start = seed();
  let spared = 0;
  fc.assert(
    fc.property(integrations, request, (list, seen) => {
      const found = strictly(list, seen, seen.body, true);
      if (typeof found === "object" && settles(list, found)) return;
      for (const url of readingsOf(seen.url)) {
        const exact = naive(list, { ...seen, url }, seen.body);
        if (!settles(list, exact)) continue;
        // The one way out: what exempts the URL to the letter does so in the other forms of its operands.
        const before = typeof exact === "object" ? list.slice(0, exact.integration) : list;
        const isExempt = before.some((rule) =>
          rule.ActionType !== "Queue" && typeof naive([rule], seen, seen.body) === "object" &&
          typeof naive([exempting(rule, true)], { ...seen, url }, seen.body) === "object"
        );
        assert.ok(isExempt, `${url}: ${JSON.stringify(exact)}`);
        spared++;
      }
    }),
    { numRuns: runs(20_000), seed: start },
  );
  assert.ok(spared < runs(20_000) / 20, String(spared));
});

test("match() takes no notice of readings where cookies alone decide, and reads each once", () => {
  const asked: string[] = [];
  const facts = factsOf({
    url: "https://shop.test/%74ickets//",
    readings: readingsOf("https://shop.test/%74ickets//"),
    header: () => "",
    cookie(name) {
      asked.push(name);
      return "";
    },
  });
  const cookie = {
    ValidatorType: "CookieValidator",
    CookieName: "c",
    Operator: "Equals",
    ValueToCompare: "a",
  };
  const path = {
    ValidatorType: "UrlValidator",
    UrlPart: "PagePath",
    Operator: "Equals",
    ValueToCompare: "/tickets",
  };
  const Triggers = [{ LogicalOperator: "And", TriggerParts: [path, cookie] }];
  assert.equal(compileIntegrations({ Integrations: [{ Triggers }] }).match(facts), undefined);
  assert.deepEqual(asked, ["c"]);
});
