import assert from "node:assert/strict";
import { test } from "node:test";

import { factsOf } from "../../../src/triggers/facts.ts";
import { compileIntegrations, type IntegrationOptions } from "../../../src/triggers/integrations.ts";
import { describeMatch, type TriggerMatch } from "../../../src/triggers/matcher.ts";
import { simpleFacts, type SimpleRequest } from "./_requests.ts";

const bare: SimpleRequest = { url: "https://shop.test/a/b?x=1", headers: {}, cookies: {}, body: "" };

const path = { ValidatorType: "UrlValidator", UrlPart: "PagePath", Operator: "Contains" };
const host = { ValidatorType: "UrlValidator", UrlPart: "HostName", Operator: "Equals" };
const body = { ValidatorType: "RequestBodyValidator", Operator: "Contains", ValueToCompare: "sku=1" };
const cookie = {
  ValidatorType: "CookieValidator",
  CookieName: "c1",
  Operator: "Equals",
  ValueToCompare: "v",
};
const header = {
  ValidatorType: "HttpHeaderValidator",
  HttpHeaderName: "X-One",
  Operator: "Equals",
  ValueToCompare: "v",
};

function integration(LogicalOperator: string, ...TriggerParts: unknown[]): unknown {
  return { Name: "i", Triggers: [{ LogicalOperator, TriggerParts }] };
}

function compiled(integrations: readonly unknown[], options?: IntegrationOptions) {
  return compileIntegrations({ Integrations: integrations }, options);
}

function found(match: TriggerMatch | "needs-body" | undefined): number | string | undefined {
  return typeof match === "object" ? match.integration : match;
}

test("match() names the integration, the trigger and the parts", () => {
  const matcher = compiled([
    integration("And", { ...path, ValueToCompare: "/nope" }),
    {
      Name: "shop",
      Triggers: [
        { LogicalOperator: "And", TriggerParts: [{ ...path, ValueToCompare: "/zzz" }] },
        {
          LogicalOperator: "Or",
          TriggerParts: [{ ...path, ValueToCompare: "/zz" }, { ...path, ValueToCompare: "/b" }],
        },
      ],
    },
  ]);
  const match = matcher.match(simpleFacts(bare));
  assert.deepEqual(match, { integration: 1, name: "shop", trigger: 1, parts: [1] });
  assert.equal(describeMatch(match as TriggerMatch), 'integration 1 ("shop"), trigger 1, part 1');
});

test("match() names all parts where all must hold", () => {
  const matcher = compiled([
    integration("And", { ...path, ValueToCompare: "/a" }, { ...path, ValueToCompare: "/b" }),
  ]);
  const match = matcher.match(simpleFacts(bare));
  assert.deepEqual(match, { integration: 0, name: "i", trigger: 0, parts: [0, 1] });
  assert.equal(describeMatch(match as TriggerMatch, "rule"), 'rule 0 ("i"), trigger 0, parts 0, 1');
  const assumed: TriggerMatch = { integration: 0, name: "i", trigger: 1, parts: [] };
  assert.equal(describeMatch(assumed), 'integration 0 ("i"), trigger 1');
});

test("match() asks for nothing that no trigger looks at", () => {
  const asked: string[] = [];
  compiled([integration("And", { ...path, ValueToCompare: "/nope" })]).match(simpleFacts(bare, true, asked));
  assert.deepEqual(asked, []);
});

test("match() asks for nothing that only later integrations look at", () => {
  const asked: string[] = [];
  const matcher = compiled([
    integration("And", { ...path, ValueToCompare: "/a" }),
    integration("And", cookie),
    integration("And", header),
    integration("And", { ...header, IsNegative: true }),
  ]);
  assert.equal(found(matcher.match(simpleFacts(bare, true, asked))), 0);
  assert.deepEqual(asked, []);
});

test("match() asks for each cookie and header once, however many triggers look at it", () => {
  const asked: string[] = [];
  const list = ["a", "b", "c"].flatMap((ValueToCompare) =>
    [false, true].map((IsIgnoreCase) =>
      integration("Or", { ...cookie, ValueToCompare, IsIgnoreCase }, {
        ...header,
        ValueToCompare,
        IsIgnoreCase,
      })
    )
  );
  const facts = simpleFacts({ ...bare, cookies: { c1: "x" } }, true, asked);
  assert.equal(compiled(list).match(facts), undefined);
  assert.equal(compiled(list).match(facts), undefined);
  assert.deepEqual(asked.sort(), ["cookie c1", "header x-one"]);
});

test("match() goes through the cookies that there are when the rules name very many", () => {
  const asked: string[] = [];
  const list = Array.from(
    { length: 1000 },
    (_, at) => integration("And", { ...cookie, CookieName: `c${at}` }),
  );
  const seen = { ...bare, cookies: { c777: "v", other: "v" } };
  assert.equal(found(compiled(list).match(simpleFacts(seen, true, asked))), 777);
  assert.deepEqual(asked, ["cookie c777"]);
  assert.equal(found(compiled(list).match(simpleFacts(seen, false))), 777);
});

test("match() normalises the URL once, and only for integrations that ask for it", () => {
  let normalised = 0;
  const source = {
    url: "https://shop.test//a",
    header: () => "",
    cookie: () => "",
    normalize(url: string): string {
      normalised++;
      return url.replace("//a", "/a");
    },
  };
  const plain = integration("And", { ...path, Operator: "Equals", ValueToCompare: "/a" }) as object;
  assert.equal(compiled([plain]).match(factsOf(source)), undefined);
  assert.equal(normalised, 0);
  const asking = { ...plain, IsNormalizationEnabled: true };
  assert.equal(found(compiled([plain, asking, asking]).match(factsOf(source))), 1);
  assert.equal(normalised, 1);
  assert.equal(compiled([asking], { normalization: false }).match(factsOf(source)), undefined);
  assert.equal(normalised, 1);
});

test("match() matches the URL as it is when its normalised form is empty", () => {
  const facts = factsOf({
    url: "https://shop.test/a",
    header: () => "",
    cookie: () => "",
    normalize: () => "",
  });
  const asking = {
    ...integration("And", { ...path, ValueToCompare: "/a" }) as object,
    IsNormalizationEnabled: true,
  };
  assert.equal(found(compiled([asking]).match(facts)), 0);
});

const needing: readonly [string, readonly unknown[], number | string | undefined][] = [
  ["needs it when nothing else is asked", [integration("And", body)], "needs-body"],
  [
    "needs it for And whose other parts hold",
    [integration("And", { ...path, ValueToCompare: "/a" }, body)],
    "needs-body",
  ],
  ["does without for And with a false part before", [
    integration("And", { ...path, ValueToCompare: "/z" }, body),
  ], undefined],
  ["does without for And with a false part behind", [
    integration("And", body, { ...path, ValueToCompare: "/z" }),
  ], undefined],
  ["needs it for Or whose other parts are false", [
    integration("Or", body, { ...path, ValueToCompare: "/z" }),
  ], "needs-body"],
  ["does without for Or with a true part behind", [
    integration("Or", body, { ...path, ValueToCompare: "/a" }),
  ], 0],
  ["does without behind a match", [
    integration("And", { ...path, ValueToCompare: "/a" }),
    integration("And", body),
  ], 0],
  ["needs it before a match", [
    integration("And", body),
    integration("And", { ...path, ValueToCompare: "/a" }),
  ], "needs-body"],
  [
    "does without for a body that makes no difference",
    [integration("And", { ...body, ValueToCompare: "" })],
    0,
  ],
];

for (const [what, integrations, wanted] of needing) {
  test(`match() ${what}, while the body is not known`, () => {
    const matcher = compiled(integrations);
    const facts = simpleFacts(bare);
    assert.equal(found(matcher.match(facts)), wanted);
    if (wanted !== "needs-body") return;
    assert.equal(found(matcher.match(facts, "a=1&sku=1")), 0);
    assert.notEqual(matcher.match(facts, ""), "needs-body");
  });
}

test("usesBody tells whether any trigger looks at the body", () => {
  assert.equal(compiled([integration("And", cookie)]).usesBody, false);
  assert.equal(compiled([integration("And", cookie), integration("Or", cookie, body)]).usesBody, true);
});

const hosts: readonly [string, string, string][] = [
  ["https://shop.test:8443/", "shop.test:8443", "shop.test"],
  ["https://user:p%40w@shop.test/", "user:p%40w@shop.test", "shop.test"],
  ["https://a@b@Shop.test:1", "a@b@Shop.test:1", "Shop.test"],
  ["https://[::1]:8080/", "[::1]:8080", "[::1]"],
  ["https://shop.test:", "shop.test:", "shop.test"],
];

for (const [url, authority, name] of hosts) {
  test(`compileIntegrations() takes HostName of ${url} with or without port (SE-12)`, () => {
    for (const [hostNameWithoutPort, ValueToCompare] of [[false, authority], [true, name]] as const) {
      const matcher = compiled([integration("And", { ...host, ValueToCompare })], { hostNameWithoutPort });
      assert.equal(found(matcher.match(simpleFacts({ ...bare, url }))), 0);
    }
  });
}

test("match() may be asked while it is asking", () => {
  const matcher = compiled([
    integration("And", cookie),
    integration("And", { ...path, ValueToCompare: "/a" }),
    integration("And", { ...path, ValueToCompare: "/inner" }),
  ]);
  let inner: unknown;
  const facts = factsOf({
    url: "https://shop.test/a",
    header: () => "",
    cookie() {
      inner = found(matcher.match(simpleFacts({ ...bare, url: "https://shop.test/inner" })));
      return "";
    },
  });
  assert.equal(found(matcher.match(facts)), 1);
  assert.equal(inner, 2);
});

test("match() works after a fact that threw", () => {
  const matcher = compiled([
    integration("And", cookie),
    integration("And", { ...path, ValueToCompare: "/a" }),
  ]);
  const broken = factsOf({
    url: "",
    header: () => "",
    cookie() {
      throw new Error("no cookies today");
    },
  });
  assert.throws(() => matcher.match(broken), /no cookies today/);
  assert.equal(found(matcher.match(simpleFacts(bare))), 1);
});
