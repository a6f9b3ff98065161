import assert from "node:assert/strict";
import { test } from "node:test";

import { requestFacts } from "../../../src/triggers/facts.ts";
import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { describeMatch, type TriggerMatch } from "../../../src/triggers/matcher.ts";

type Found = TriggerMatch | "needs-body" | undefined;

/** `"PagePath Equals /a"` as a part; `!` before it negates. */
function part(text: string): unknown {
  const [UrlPart = "", Operator, ...operand] = text.replace("!", "").split(" ");
  const ValueToCompare = operand.join(" ");
  return {
    ValidatorType: "UrlValidator",
    UrlPart,
    Operator,
    ValueToCompare,
    IsNegative: text.startsWith("!"),
  };
}

/** `"Queue: PagePath Equals /a & HostName Equals b"` as an integration. */
function integration(text: string): unknown {
  const [ActionType = "", rest = ""] = text.split(/: (.*)/);
  return {
    Name: text,
    ActionType,
    Triggers: [{ LogicalOperator: "And", TriggerParts: rest.split(" & ").map(part) }],
  };
}

function ask(rules: readonly string[], url: string, caseSensitive = false): Found {
  const matcher = compileIntegrations({ Integrations: rules.map(integration) });
  return matcher.match(requestFacts(new Request(url), { url, caseSensitive }));
}

function said(found: Found, rules: readonly string[]): string {
  return typeof found === "object" ? rules[found.integration] ?? "" : String(found);
}

const site = "https://shop.example.com";

test("match() protects a page in every spelling in which a router may serve it", () => {
  const table: readonly (readonly [rule: string, ...urls: string[]])[] = [
    [
      "PagePath Equals /tickets",
      "/tickets",
      "/%74ickets",
      "/Tickets",
      "/TICKETS/",
      "/tickets/",
      "//tickets",
      "/./tickets",
      "/x/%2E%2E/tickets",
      "/x%2F..%2Ftickets",
      "/tickets;v=1",
      "/%2574ickets",
      "/tickets%00.css",
      "/tickets%2f",
    ],
    ["PagePath Contains /tickets", "/ticket%73/5", "/a/TiCkEts/5", "/%2Ftickets"],
    ["PagePath Equals /tickets/", "/tickets", "/Ticket%73"],
    ["PagePath Equals /café", "/caf%C3%A9", "/caf%c3%a9", "/CAF%C3%A9", "/caf%C3%89"],
    ["PagePath Equals /caf%c3%a9", "/caf%C3%A9"],
    ["PagePath Equals /my tickets", "/my%20tickets"],
    ["PagePath Equals /%74ickets", "/tickets"],
    ["PageUrl Contains /tickets?buy=1", "/tickets/?buy=1", "/tickets?%62uy=1"],
    ["PageUrl Contains q=a+b", "/s?q=a%20b", "/s?q=a+b"],
    ["PageUrl Contains q=a%20b", "/s?q=a+b"],
    [`PageUrl Equals ${site}/tickets`, "/tickets", "/Tickets/"],
    [`PageUrl Equals http://shop.example.com/tickets`, "/tickets"],
    [`PageUrl Equals ${site}`, "/"],
    ["HostName Equals Shop.Example.com", "/"],
    ["HostName Equals shop.example.com:8443", "/"],
    ["!PagePath Contains /public", "/Public", "/public/../tickets"],
  ];
  for (const [rule, ...urls] of table) {
    for (const url of urls) {
      assert.equal(typeof ask([`Queue: ${rule}`], site + url), "object", `${rule}: ${url}`);
    }
  }
  for (
    const url of [
      "http://shop.example.com/tickets",
      `${site}:81/tickets`,
      "http://shop.example.com:8080/tickets",
    ]
  ) {
    for (const rule of ["HostName Equals shop.example.com", `PageUrl Contains ${site}/tickets`]) {
      assert.equal(typeof ask([`Queue: ${rule}`], url), "object", `${rule}: ${url}`);
    }
  }
});

test("match() leaves pages alone that no spelling makes one that is protected", () => {
  const table: readonly (readonly [rule: string, ...urls: string[]])[] = [
    ["PagePath Equals /tickets", "/", "/ticket", "/tickets/5", "/a/tickets", "/tickets5", "/?/tickets"],
    ["PagePath Equals /", "/a", "/tickets/"],
    ["PagePath Contains /tickets", "/?next=/tickets", "/?next=%2Ftickets"],
    ["HostName Equals other.example.com", "/", "/other.example.com"],
    [`PageUrl Equals ${site}/tickets`, "/tickets?a=1", "/tickets/5"],
    ["!PagePath Contains /public", "/public", "/public/a", "/a/public"],
  ];
  for (const [rule, ...urls] of table) {
    for (const url of urls) assert.equal(ask([`Queue: ${rule}`], site + url), undefined, `${rule}: ${url}`);
  }
});

test("match() tells pages apart by case where the application does", () => {
  for (const rule of ["PagePath Equals /Tickets", `PageUrl Contains Shop.example.com/Tickets`]) {
    assert.equal(typeof ask([`Queue: ${rule}`], `${site}/tickets`), "object");
  }
  assert.equal(ask(["Queue: PagePath Equals /Tickets"], `${site}/tickets`, true), undefined);
  assert.equal(typeof ask(["Queue: PagePath Equals /Tickets"], `${site}/%54ickets/`, true), "object");
  assert.equal(typeof ask(["Queue: HostName Equals Shop.Example.Com"], `${site}/`, true), "object");
  assert.equal(
    typeof ask(["Queue: PageUrl Contains https://Shop.example.com/a"], `${site}/a`, true),
    "object",
  );
});

test("match() lets exempt only what is so in every form", () => {
  const rules = ["Ignore: PagePath Contains /tickets/info", "Queue: PagePath Contains /tickets"];
  const table: readonly (readonly [path: string, wanted: string | undefined])[] = [
    ["/tickets/info", rules[0]],
    ["/tickets/info/", rules[0]],
    ["/tickets/info/5?x=%20", rules[0]],
    ["/tickets/info/%C3%BC", rules[0]],
    ["/tickets/INFO", rules[1]],
    ["/tickets/inf%6F", rules[1]],
    ["/tickets/info/..%2f5", rules[1]],
    ["/tickets/info/../5", rules[1]],
    ["/tickets/5;/tickets/info/..;/5", rules[1]],
    ["/tickets/info%2F..%2F5", rules[1]],
  ];
  for (const [path, wanted] of table) assert.equal(said(ask(rules, site + path), rules), wanted, path);
});

test("match() lets the slash at the end of a page exempt nothing that is served without", () => {
  const rules = ["Ignore: PagePath Contains /tickets/", "Queue: PagePath Equals /tickets"];
  assert.equal(said(ask(rules, `${site}/tickets/5`), rules), rules[0]);
  assert.equal(said(ask(rules, `${site}/tickets/`), rules), rules[1]);
});

test("match() exempts a page whose operand has several forms itself, and no other spelling of it", () => {
  const all = "Queue: PagePath Contains /";
  const table: readonly (readonly [rule: string, own: string, ...others: string[]])[] = [
    ["PagePath Equals /caf%C3%A9", "/caf%C3%A9", "/caf%c3%a9", "/CAF%C3%A9"],
    ["PagePath Equals /de/", "/de/", "/de", "/d%65/", "/DE/"],
    [`PageUrl Equals ${site}/de?a=b%20c`, "/de?a=b%20c", "/de?a=b+c"],
    ["PagePath Contains /a%20b", "/x/a%20b/c", "/x/a%20B/c"],
  ];
  for (const [rule, own, ...others] of table) {
    const rules = [`Ignore: ${rule}`, all];
    assert.equal(said(ask(rules, site + own), rules), rules[0], own);
    for (const other of others) assert.equal(said(ask(rules, site + other), rules), all, other);
    // What stands before it in the list protects.
    assert.equal(said(ask([all, ...rules], site + own), [all, ...rules]), all);
  }
});

test("match() reports of what is exempt what the rules say as they are written", () => {
  const rules = ["Ignore: !PagePath Contains /TICKETS", "Cancel: PagePath Contains /tickets"];
  assert.equal(said(ask(rules, `${site}/tickets`), rules), rules[0]);
  assert.equal(said(ask([...rules, "Queue: PagePath Equals /tickets"], `${site}/tickets`), rules), rules[0]);
});

test("match() prefers the room of the page that the application serves", () => {
  const rules = ["Queue: PagePath Contains /lax", "Queue: PagePath Equals /hot"];
  assert.equal(said(ask(rules, `${site}/lax/%2e%2e/hot`), rules), rules[1]);
  assert.equal(said(ask(rules, `${site}/HOT`), rules), rules[1]);
  const hot = ["Queue: PagePath Equals /hot/5", "Queue: PagePath Contains /hot"];
  for (const path of ["/HOT/%35", "/hot/5/", "/hot/5"]) {
    assert.equal(said(ask(hot, site + path), hot), hot[0], path);
  }
});

test("match() tells by which form of the URL it came", () => {
  const rules = ["Queue: PagePath Equals /tickets"];
  const plain = ask(rules, `${site}/tickets`) as TriggerMatch;
  assert.equal("reading" in plain, false);
  const found = ask(rules, `${site}/%74ickets`) as TriggerMatch;
  assert.equal(found.reading, `${site}/tickets`);
  assert.equal(
    describeMatch(found),
    `integration 0 (${JSON.stringify(rules[0])}), trigger 0, part 0, by the reading "${site}/tickets"`,
  );
});

test("match() lets nobody pass the rules of a host by the address of the machine", () => {
  const table: readonly (readonly [rule: string, path: string])[] = [
    ["HostName Equals shop.example.com", "/"],
    ["HostName Contains .example.com & PagePath Contains /tickets", "/Tickets"],
    [`PageUrl Contains ${site}/tickets`, "/%74ickets/5"],
    ["PageUrl Contains shop.example.com/tickets", "/tickets"],
    ["PageUrl Contains //shop.example.com", "/"],
    [`PageUrl Equals ${site}/tickets?a=1`, "/tickets/?a=1"],
  ];
  const hosts = ["10.0.0.5", "10.0.0.5:8080", "[::1]:3000", "localhost", "localhost:8080", "app.localhost"];
  for (const [rule, path] of table) {
    for (const host of hosts) {
      const found = ask([`Queue: ${rule}`], `http://${host}${path}`);
      assert.ok(typeof found === "object" && found.reading?.startsWith("http://*/"), `${rule}: ${host}`);
      const exempt = [`Ignore: HostName Contains ${host}`, `Queue: ${rule}`];
      assert.equal(said(ask(exempt, `http://${host}${path}`), exempt), exempt[0]);
    }
    assert.equal(ask([`Queue: ${rule}`], `http://other.test${path}`), undefined);
  }
  const others = [
    "PageUrl Contains tickets.html",
    "HostName Equals shop.example.com & PagePath Equals /tickets",
  ];
  for (const rule of others) assert.equal(ask([`Queue: ${rule}`], "http://10.0.0.5/health"), undefined, rule);
  const exempt = ["Ignore: HostName Equals 10.0.0.5", "Queue: HostName Equals shop.example.com"];
  assert.equal(said(ask(exempt, "http://10.0.0.5/"), exempt), exempt[0]);
  const negated = ["Ignore: !HostName Equals shop.example.com", "Queue: PagePath Contains /tickets"];
  assert.equal(said(ask(negated, "http://10.0.0.5/tickets"), negated), negated[1]);
  assert.equal(said(ask(negated, "http://10.0.0.5/"), negated), negated[0]);
});

test("usesHost tells whether any rule looks at scheme or host", () => {
  const table: readonly (readonly [rule: string, uses: boolean])[] = [
    ["HostName Equals a.example", true],
    ["!HostName Contains example", true],
    ["PageUrl Contains https://", true],
    ["PageUrl Contains a.example/tickets", true],
    ["PageUrl Contains /tickets", false],
    ["PageUrl Contains tickets.aspx?", false],
    ["PagePath Equals /a.example/", false],
  ];
  for (const [rule, uses] of table) {
    assert.equal(compileIntegrations({ Integrations: [integration(`Queue: ${rule}`)] }).usesHost, uses, rule);
  }
});

test("compileIntegrations() takes for protecting what the owner says, otherwise what queues or does not say", () => {
  const url = `${site}/TICKETS`;
  const Integrations = ["Ignore: PagePath Equals /tickets", "Queue: PagePath Equals /tickets"].map(
    integration,
  );
  const facts = requestFacts(new Request(url));
  const found = (protects?: (at: number) => boolean) => {
    const match = compileIntegrations({ Integrations }, protects && { protects }).match(facts);
    return typeof match === "object" ? match.integration : match;
  };
  assert.equal(found(), 1);
  assert.equal(found(() => true), 0);
  assert.equal(found(() => false), undefined);
  const silent = { Triggers: [{ TriggerParts: [part("PagePath Equals /tickets")] }] };
  for (const ActionType of [undefined, null, "", "Queue"]) {
    assert.notEqual(
      compileIntegrations({ Integrations: [{ ...silent, ActionType }] }).match(facts),
      undefined,
    );
  }
  // @ts-expect-error A function says it.
  assert.throws(() => compileIntegrations({ Integrations }, { protects: [true] }), {
    name: "TypeError",
    message: 'Cannot create integration matcher: "protects" must be a function, received [true]',
  });
});
