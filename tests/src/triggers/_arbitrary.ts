import fc from "../../support/random-cases.ts";

import type { SimpleRequest } from "./_requests.ts";

/** What the random configurations and requests are made of: few and alike, so that matches are frequent. */
const words = [
  "a",
  "b",
  "A",
  "ab",
  "Ba",
  "/a",
  "/b",
  "/A",
  "a/b",
  "x=1",
  "shop",
  "SHOP.test",
  "straße",
  "STRASSE",
  "é",
];
const names = ["c1", "c2", "C1", "x-one", "X-One", "X-Two", "Referer"];

const operand = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...words) },
  { weight: 2, arbitrary: fc.constantFrom("*", "", "**", "a*b") },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom("a", "b", "/", "A"), maxLength: 4 }) },
);

/** What else may stand where a text should. */
const odd = fc.constantFrom<unknown>(5, 0, true, false, ["a"], [], { a: 1 }, null, undefined);

const flag = fc.oneof(
  { weight: 10, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.constantFrom<unknown>("false", "", 0, 1, null, undefined) },
);

function part(oddities: boolean): fc.Arbitrary<unknown> {
  return fc.record({
    ValidatorType: fc.oneof(
      { weight: 8, arbitrary: fc.constant("UrlValidator") },
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          "CookieValidator",
          "UserAgentValidator",
          "HttpHeaderValidator",
          "RequestBodyValidator",
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom<unknown>("urlvalidator", "HttpMethodValidator", null, undefined),
      },
    ),
    Operator: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom("Equals", "Contains", "EqualsAny", "ContainsAny") },
      { weight: 1, arbitrary: fc.constantFrom<unknown>("StartsWith", "contains", null, undefined) },
    ),
    ValueToCompare: oddities
      ? fc.oneof({ weight: 6, arbitrary: operand }, { weight: 1, arbitrary: odd })
      : operand,
    ValuesToCompare: fc.oneof(
      {
        weight: 10,
        arbitrary: fc.array(oddities ? fc.oneof(operand, operand, operand, odd) : operand, { maxLength: 12 }),
      },
      { weight: 1, arbitrary: oddities ? odd : fc.constantFrom<unknown>(null, undefined, "", "ab") },
    ),
    IsNegative: fc.oneof({ weight: 3, arbitrary: fc.constant<unknown>(false) }, {
      weight: 2,
      arbitrary: flag,
    }),
    IsIgnoreCase: flag,
    UrlPart: fc.constantFrom("PageUrl", "PagePath", "HostName", "PagePath", "PageUrl", "Query"),
    CookieName: fc.constantFrom(...names),
    HttpHeaderName: fc.constantFrom(...names),
  });
}

function broken(arbitrary: fc.Arbitrary<unknown>, oddities: boolean): fc.Arbitrary<unknown> {
  if (!oddities) return arbitrary;
  return fc.oneof({ weight: 40, arbitrary }, {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(null, undefined),
  });
}

/** An integration of Queue-it's configuration; with `oddities`, its structure and its operands may be damaged. */
export function integration(oddities: boolean): fc.Arbitrary<unknown> {
  const trigger = fc.record({
    LogicalOperator: fc.constantFrom<unknown>("And", "And", "Or", "Or", "or", undefined),
    TriggerParts: broken(fc.array(broken(part(oddities), oddities), { maxLength: 4 }), oddities),
  });
  return broken(
    fc.record({
      Name: fc.constantFrom("a", "b", "c"),
      IsNormalizationEnabled: fc.constantFrom<unknown>(false, false, true, null, 1),
      Triggers: broken(fc.array(broken(trigger, oddities), { maxLength: 3 }), oddities),
    }),
    oddities,
  );
}

const value = fc.oneof(
  fc.constantFrom(...words),
  fc.constantFrom(...words),
  fc.constantFrom("", "*", "a b", "Mozilla/5.0 (ab)"),
);

/** A request of the same few words. */
export const request: fc.Arbitrary<SimpleRequest> = fc.record({
  url: fc.tuple(
    fc.constantFrom("https://", "https://", "HTTP://", "//", "", "mailto:"),
    fc.constantFrom("shop.test", "SHOP.test", "a", "user:pw@shop.test:444", ""),
    fc.array(fc.constantFrom("/a", "/b", "/A", "//a", "/%61", "/../", "/./", "/straße", "ab", "\\b"), {
      maxLength: 4,
    }),
    fc.constantFrom("", "?x=1", "?a%20b", "#a?b", "?x=1&X=2#ab"),
  ).map((pieces) => pieces.flat().join("")),
  headers: fc.dictionary(fc.constantFrom("user-agent", "x-one", "x-two", "referer"), value, { maxKeys: 4 }),
  cookies: fc.dictionary(fc.constantFrom("c1", "c2", "C1"), value, { maxKeys: 3 }),
  body: value,
});
