import assert from "node:assert/strict";
import { test } from "node:test";
import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { requestFacts } from "../../../src/triggers/facts.ts";
import { compileRules, type TriggerRule } from "../../../src/triggers/rules.ts";
import { readingsOf } from "../../../src/url/readings.ts";

const url = { ValidatorType: "UrlValidator", UrlPart: "PageUrl", Operator: "Contains" };
const path = { ...url, UrlPart: "PagePath" };
const host = { ...url, UrlPart: "HostName" };
const agent = { ValidatorType: "UserAgentValidator", Operator: "Equals" };
const header = { ValidatorType: "HttpHeaderValidator", HttpHeaderName: "x-a", Operator: "Contains" };
const cookie = { ValidatorType: "CookieValidator", CookieName: "a", Operator: "Equals" };

type Part = Readonly<Record<string, unknown>>;

function reports(part: Part, ActionType = "Queue", more: object = {}) {
  const Triggers = [{ LogicalOperator: "And", TriggerParts: [part] }];
  return compileIntegrations({ Integrations: [{ Name: "a", ActionType, Triggers, ...more }] }).reports;
}

/** What nothing on the web has, in no spelling: the trigger never holds. */
const never: readonly (readonly [part: Part, text: string])[] = [
  [path, "?id=5"],
  [path, "/tickets?id=5"],
  [path, "/tickets#seats"],
  [{ ...path, Operator: "Equals" }, "tickets"],
  [{ ...path, Operator: "Equals" }, "https://shop.example.com/tickets"],
  [{ ...url, Operator: "Equals" }, "/tickets"],
  [{ ...url, Operator: "Equals" }, "shop.example.com/tickets"],
  [{ ...host, Operator: "Equals" }, "https://shop.example.com"],
  [host, "//shop.example.com"],
  [host, "shop.example.com/tickets"],
  [host, "shop.example.com?"],
  [host, "shop example"],
  [host, "shop.example.com "],
  [host, "bücher.example"],
  [{ ...agent, Operator: "Contains" }, "bot\n"],
  [agent, " curl"],
  [header, "€"],
];

for (const [part, text] of never) {
  test(`compileIntegrations() tells that ${JSON.stringify(text)} never matches, and why: ${part["UrlPart"] ?? part["ValidatorType"]} ${part["Operator"]}`, () => {
    for (const IsIgnoreCase of [false, true]) {
      const found = reports({ ...part, ValueToCompare: text, IsIgnoreCase });
      assert.deepEqual(found.map(({ code }) => code), ["impossible", "never"]);
      const [first] = found;
      assert.deepEqual([first?.trigger, first?.part], [0, 0]);
      assert.match(first?.message ?? "", /^It never matches: ".+" (?:has|is|does) /);
    }
    const negated = reports({ ...part, ValueToCompare: text, IsNegative: true });
    assert.deepEqual(negated.map(({ code }) => code), ["impossible", "always"]);
    const both = reports({
      ...part,
      Operator: `${part["Operator"]}Any`,
      ValuesToCompare: [text, "/a.example"],
    });
    assert.ok(both.some(({ code }) => code === "impossible"));
  });
}

/** What the vendor's connectors never find, and this gate where the rule protects. */
const written: readonly (readonly [part: Part, text: string])[] = [
  [host, "Shop.example.com"],
  [url, "https://Shop.example.com/tickets"],
  [url, "//SHOP.example.com"],
  [{ ...host, Operator: "Equals" }, "shop.example.com."],
  [host, "user@shop.example.com"],
  [url, "https://shop.example.com:443/tickets"],
  [url, "http://shop.example.com:80/"],
  [{ ...url, Operator: "Equals" }, "https://shop.example.com"],
  [path, "/my tickets"],
  [path, "/tickets "],
  [url, " /tickets"],
  [url, "/tickets#seats"],
  [path, "\\tickets"],
  [path, "/a/../tickets"],
  [cookie, "1 "],
];

for (const [part, text] of written) {
  test(`compileIntegrations() tells that ${JSON.stringify(text)} never matches as it is written: ${part["UrlPart"] ?? part["ValidatorType"]}`, () => {
    const found = reports({ ...part, ValueToCompare: text });
    assert.deepEqual(found.map(({ code }) => code), ["impossible"]);
    assert.match(found[0]?.message ?? "", /^It never matches as it is written: ".+" /);
  });
}

const literal: readonly (readonly [part: Part, text: string])[] = [
  [path, "/tickets/*"],
  [url, "*tickets*"],
  [host, "*.example.com"],
  [{ ...path, Operator: "Equals" }, "*"],
  [cookie, "*"],
  [path, "^/tickets"],
  [path, "/tickets/.+"],
  [path, "/event[0-9]"],
  [path, "/(tickets|seats)"],
  [path, "/tickets/:id"],
  [path, "/tickets/{id}"],
  [path, "https://shop.example.com/tickets"],
  [path, "shop.example.com/tickets"],
];

for (const [part, text] of literal) {
  test(`compileIntegrations() tells that ${JSON.stringify(text)} hardly means what it seems to: ${part["UrlPart"] ?? part["ValidatorType"]} ${part["Operator"]}`, () => {
    const found = reports({ ...part, ValueToCompare: text }).filter(({ code }) => code !== "never");
    assert.ok(found.some(({ code }) => code === "literal" || code === "impossible"), JSON.stringify(found));
  });
}

const fine: readonly (readonly [part: Part, text: string])[] = [
  [path, "/tickets"],
  [path, "tickets"],
  [path, "/café"],
  [path, "/caf%C3%A9"],
  [path, "/.well-known/"],
  [path, "/a:b;c=1,2/(x)@y"],
  [path, "/index.html/x"],
  [path, "/jsp/page.do"],
  [url, "?id=5"],
  [url, "https://shop.example.com/tickets?a=b&c=d"],
  [url, "shop.example.com/tickets"],
  [{ ...url, Operator: "Equals" }, "https://shop.example.com/"],
  [url, "https://shop.example.com:8443/"],
  [host, "shop.example.com"],
  [host, "shop.example.com:8443"],
  [host, "[::1]"],
  [host, "xn--bcher-kva.example"],
  [{ ...agent, Operator: "Contains" }, "Googlebot/2.1 (+http"],
  [{ ...agent, Operator: "Contains" }, "bot "],
  [header, "*/*"],
  [header, "café"],
  [cookie, "a b?#/*"],
  [path, "*"],
];

for (const [part, text] of fine) {
  test(`compileIntegrations() says nothing of ${JSON.stringify(text)}: ${part["UrlPart"] ?? part["ValidatorType"]} ${part["Operator"]}`, () => {
    assert.deepEqual(reports({ ...part, ValueToCompare: text }).filter(({ code }) => code !== "always"), []);
  });
}

test("what is told never to match matches no form of a page that has the text in it", () => {
  for (const [part, text] of never) {
    const Triggers = [{ TriggerParts: [{ ...part, ValueToCompare: text }] }];
    const matcher = compileIntegrations({ Integrations: [{ Name: "a", ActionType: "Queue", Triggers }] });
    for (
      const page of [
        `https://shop.example.com/${encodeURIComponent(text)}`,
        `https://shop.example.com/${text}`,
        `https://shop.example.com/tickets?id=5&${encodeURIComponent(text)}`,
        "https://shop.example.com/tickets",
      ]
    ) {
      const request = new Request(page);
      const found = matcher.match(requestFacts(request, { readings: readingsOf(request.url) }), "");
      assert.equal(found, undefined, `${text} in ${page}`);
    }
  }
});

test("compileRules() tells only what the gate does not find in another spelling", () => {
  const codes = (any: TriggerRule["any"]) =>
    compileRules([{ name: "a", any: any ?? [] }]).reports.map(({ code }) => code);
  assert.deepEqual(codes([{ path: { contains: "?id=5" } }]), ["impossible", "never"]);
  assert.deepEqual(codes([{ host: { equals: "https://shop.example.com" } }]), ["impossible", "never"]);
  assert.deepEqual(codes([{ host: { equals: "Shop.example.com" } }]), []);
  assert.deepEqual(codes([{ path: { contains: "/my tickets" } }]), []);
  assert.deepEqual(codes([{ path: { contains: "/tickets " } }]), ["impossible"]);
  assert.deepEqual(codes([{ path: { contains: "/tickets/*" } }]), ["literal"]);
  // What lets pass is compared as it is written.
  assert.deepEqual(codes([{ host: { equals: "Shop.example.com", not: true } }]), ["impossible"]);
});

test("compileIntegrations() tells of parts that look at nothing, of operators and of flags that are texts", () => {
  const codesOf = (part: Part) => reports({ ValueToCompare: "/tickets", ...part }).map(({ code }) => code);
  assert.deepEqual(codesOf({ ...url, UrlPart: "pageurl" }), ["unknown-part", "never"]);
  assert.deepEqual(codesOf({ ...url, UrlPart: undefined }), ["unknown-part", "never"]);
  assert.deepEqual(codesOf({ ...cookie, CookieName: "a b;" }), ["unknown-part", "never"]);
  assert.deepEqual(codesOf({ ...header, HttpHeaderName: "" }), ["unknown-part", "never"]);
  assert.deepEqual(codesOf({ ...url, IsNegative: "false" }), ["flag-type"]);
  assert.deepEqual(
    reports({ ...url, ValueToCompare: "/a" }, "Queue", { IsNormalizationEnabled: "0" }).map(({ code }) =>
      code
    ),
    [
      "flag-type",
    ],
  );
});

test("compileIntegrations() tells of what exempts from a later rule and is met by what visitors send", () => {
  const wanted = (parts: readonly Part[], LogicalOperator: string, ActionType: string, later = "Queue") =>
    compileIntegrations({
      Integrations: [
        { Name: "a", ActionType, Triggers: [{ LogicalOperator, TriggerParts: parts }] },
        {
          Name: "b",
          ActionType: later,
          Triggers: [{ LogicalOperator: "And", TriggerParts: [{ ...path, ValueToCompare: "/t" }] }],
        },
      ],
    }).reports.filter(({ code }) => code === "evadable").map(({ message }) => message.replace(/.*: /, ""));
  const onPage = { ...path, ValueToCompare: "/about" };
  assert.deepEqual(wanted([{ ...agent, ValueToCompare: "bot" }], "And", "Ignore"), ["the header User-Agent"]);
  assert.deepEqual(wanted([onPage, { ...header, ValueToCompare: "1" }], "Or", "Ignore"), [
    'the header "x-a"',
  ]);
  assert.deepEqual(wanted([onPage, { ...cookie, ValueToCompare: "1" }], "And", "Cancel"), ['the cookie "a"']);
  assert.deepEqual(wanted([{ ...cookie, ValueToCompare: "1" }], "And", "Queue"), []);
  assert.deepEqual(wanted([{ ...cookie, ValueToCompare: "1" }], "And", "Ignore", "Ignore"), []);
  assert.deepEqual(wanted([onPage], "And", "Ignore"), []);
});
