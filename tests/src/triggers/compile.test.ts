/** Which rule counts for a URL that can be read in several ways, and what is told of it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { factsOf, type FactSource, requestFacts } from "../../../src/triggers/facts.ts";
import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import type { TriggerMatcher } from "../../../src/triggers/matcher.ts";
import { readingsOf } from "../../../src/url/readings.ts";

const site = "https://shop.example";

interface Given {
  readonly url?: string;
  readonly path?: string;
  readonly host?: string;
  readonly body?: string;
  readonly cookie?: string;
  readonly contains?: boolean;
  readonly not?: boolean;
}

/** One part that is to be equal, unless it `contains`. */
function part({ url, path, host, body, cookie, contains = false, not = false }: Given): object {
  const [ValidatorType, UrlPart] = url !== undefined
    ? ["UrlValidator", "PageUrl"]
    : path !== undefined
    ? ["UrlValidator", "PagePath"]
    : host !== undefined
    ? ["UrlValidator", "HostName"]
    : body !== undefined
    ? ["RequestBodyValidator"]
    : ["CookieValidator"];
  return {
    ValidatorType,
    UrlPart,
    CookieName: "vip",
    Operator: contains ? "Contains" : "Equals",
    ValueToCompare: url ?? path ?? host ?? body ?? cookie,
    IsNegative: not,
  };
}

/** Integrations, each of one trigger whose parts must all hold; one that exempts begins with `"exempt"`. */
function matcherOf(...list: readonly (readonly ("exempt" | "any" | Given)[])[]): TriggerMatcher {
  return compileIntegrations({
    Integrations: list.map((parts) => ({
      Name: "",
      ActionType: parts.includes("exempt") ? "Ignore" : "Queue",
      Triggers: [{
        LogicalOperator: parts.includes("any") ? "Or" : "And",
        TriggerParts: parts.filter((each) => typeof each === "object").map(part),
      }],
    })),
  });
}

function facts(path: string, changed: Partial<FactSource> = {}) {
  const url = path.startsWith("/") ? site + path : path;
  return factsOf({ url, readings: readingsOf(url), header: () => "", cookie: () => "", ...changed });
}

/** The place of the integration that counts, and the reading by which it does. */
function found(matcher: TriggerMatcher, path: string, changed: Partial<FactSource> = {}): unknown {
  const match = matcher.match(facts(path, changed));
  if (typeof match !== "object") return match;
  return match.reading === undefined ? match.integration : [match.integration, match.reading];
}

describe("match() by the readings of a URL", () => {
  test("finds what protects another reading although the URL is in its canonical form", () => {
    const matcher = matcherOf([{ path: "/tickets" }]);
    assert.deepEqual(found(matcher, "/tickets"), 0);
    assert.deepEqual(found(matcher, "/tickets;v=1"), [0, `${site}/tickets`]);
    assert.equal(found(matcher, "/other;v=1"), undefined);
  });

  test("tells no reading where the URL as it is written is what counts", () => {
    const matcher = matcherOf([{ path: "/tickets" }, { path: "%2e", contains: true, not: true }]);
    assert.equal(found(matcher, "/tickets"), 0);
    // A negated part compares the letters as they are, which are others in every other form.
    assert.equal(found(matcherOf([{ path: "/x", contains: true, not: true }]), "/%78"), 0);
  });

  test("comes upon damage in an integration no more often than what is written does", () => {
    const damaged = {
      LogicalOperator: "And",
      TriggerParts: [part({ path: "/tickets" }), part({ path: "/", contains: true }), null],
    };
    const whole = { LogicalOperator: "And", TriggerParts: [part({ path: "tick", contains: true })] };
    const matcher = compileIntegrations({ Integrations: [{ Triggers: [damaged, whole] }] });
    assert.equal(found(matcher, "/tickets/"), 0);
    assert.equal(found(matcher, "/tickets"), undefined, "given up, as the connectors do");
  });

  test("needs the body where a reading may be protected by it, whatever exempts the URL as it is written", () => {
    const matcher = matcherOf([{ path: "/tickets" }, { body: "x" }], ["exempt", { path: "/%74ickets" }]);
    assert.equal(matcher.match(facts("/%74ickets")), "needs-body");
    assert.equal(matcher.match(facts("/other")), undefined);
  });

  test("protects every form of a URL by an integration of whatever action but one that does not queue", () => {
    const Triggers = [{ LogicalOperator: "And", TriggerParts: [part({ path: "/tickets" })] }];
    const table: [integration: object, protects: boolean][] = [
      [{ Triggers }, true],
      [{ Triggers, ActionType: null }, true],
      [{ Triggers, ActionType: "" }, true],
      [{ Triggers, ActionType: "Queue" }, true],
      [{ Triggers, ActionType: "Ignore" }, false],
      [{ Triggers, ActionType: "Cancel" }, false],
    ];
    for (const [integration, protects] of table) {
      const matcher = compileIntegrations({ Integrations: [integration] });
      const wanted = protects ? [0, `${site}/tickets`] : undefined;
      assert.deepEqual(found(matcher, "/tickets;v=1"), wanted, JSON.stringify(integration));
    }
  });

  test("exempts a form of the URL only by a trigger that knows that form", () => {
    const matcher = matcherOf(["exempt", { path: "/%74ickets;v=1" }], [{ path: "/tickets" }]);
    assert.deepEqual(found(matcher, "/%74ickets;v=1"), [1, `${site}/tickets`]);
    const known = matcherOf(["exempt", { path: "/%74ickets" }], [{ path: "/tickets" }]);
    assert.equal(found(known, "/%74ickets"), 0);
    assert.equal(found(known, "/%74ickets"), 0, "the second time, too");
  });

  test("takes an application for one that ignores case, unless told otherwise, whichever is asked for first", () => {
    for (const order of [[false, true, false], [true, false, true], [undefined, true, undefined]]) {
      const matcher = matcherOf([{ path: "/tickets" }]);
      for (const caseSensitive of order) {
        const wanted = caseSensitive === true ? undefined : 0;
        assert.equal(found(matcher, "/TICKETS", { caseSensitive }), wanted, `${order}`);
      }
    }
    assert.equal(found(matcherOf([{ path: "/tickets" }]), "/TICKETS"), 0, "where nothing is said");
  });
});

describe("match() for a request to an address", () => {
  test("goes by what protects without a host, before it takes any host for meant", () => {
    const matcher = matcherOf([{ host: "shop.example" }], [{ path: "/tickets" }]);
    assert.equal(found(matcher, "https://127.0.0.1/tickets"), 1);
    assert.deepEqual(found(matcher, "https://127.0.0.1/other"), [0, "https://*/other"]);
    assert.equal(found(matcher, "https://other.example/other"), undefined);
  });

  test("knows addresses, and the names of the machine itself", () => {
    const matcher = matcherOf([{ url: "https://shop.example/tickets", contains: true }]);
    const addresses = [
      "https://127.0.0.1/tickets",
      "http://10.1.2.3:8080/tickets",
      "https://[::1]/tickets",
      "https://[fe80::a]:8443/tickets",
      "https://localhost/tickets",
      "https://localhost:8000/tickets",
      "https://app.localhost/tickets",
    ];
    for (const url of addresses) {
      assert.deepEqual(
        found(matcher, url),
        [0, `${url.startsWith("https:") ? "https" : "http"}://*/tickets`],
        url,
      );
    }
    const names = [
      "https://localhost.example/tickets",
      "https://mylocalhost/tickets",
      "https://a1/tickets",
      "https://a1/?back=https://127.0.0.1/tickets",
      "https://front/tickets",
      "https://zzz/tickets",
      "https://other.example:8080/tickets",
    ];
    for (const url of names) assert.equal(found(matcher, url), undefined, url);
  });

  test("leaves alone what is exempt by the name of its host", () => {
    const matcher = matcherOf(
      ["exempt", { host: "127.0.0.1" }, { path: "/health" }],
      [{ host: "shop.example" }],
    );
    assert.equal(found(matcher, "https://127.0.0.1/health"), 0);
    assert.deepEqual(found(matcher, "https://127.0.0.1/other"), [1, "https://*/other"]);
    const byPath = matcherOf(["exempt", { path: "/health" }], [{ host: "shop.example" }]);
    assert.deepEqual(found(byPath, "https://127.0.0.1/health"), 0);
    const several = matcherOf(
      ["exempt", { path: "/other" }, { host: "10.0.0.1" }],
      ["exempt", "any", { cookie: "yes" }, { host: "127.0.0.1" }],
      [{ host: "shop.example" }],
    );
    assert.equal(found(several, "https://127.0.0.1/tickets"), 1);
    assert.deepEqual(found(several, "https://10.0.0.1/tickets"), [2, "https://*/tickets"]);
  });

  test("looks at hosts where one of several triggers or texts does", () => {
    const looks = (...TriggerParts: readonly object[]) =>
      compileIntegrations({
        Integrations: [{
          Triggers: TriggerParts.map((each) => ({ LogicalOperator: "And", TriggerParts: [each] })),
        }],
      }).usesHost;
    const several = (...ValuesToCompare: readonly string[]) => ({
      ...part({ url: "", contains: true }),
      Operator: "ContainsAny",
      ValuesToCompare,
    });
    assert.equal(looks(part({ path: "/a" }), part({ host: "shop.example" })), true);
    assert.equal(looks(several("/a", "https:")), true);
    assert.equal(looks(several("http:", "/a")), true);
    assert.equal(looks(several("/a", "//shop.example/")), true);
    assert.equal(looks(several("/a", "/b")), false);
  });

  test("looks at hosts only where a rule does", () => {
    for (
      const [given, looks] of [
        [{ host: "shop.example" }, true],
        [{ url: "HTTP://shop.example/", contains: true }, true],
        [{ url: "//shop.example/", contains: true }, true],
        [{ url: "shop.example/", contains: true }, true],
        [{ url: "/?back=https://shop.example", contains: true }, false],
        [{ path: "/tickets" }, false],
        [{ cookie: "https://shop.example" }, false],
      ] as const
    ) {
      assert.equal(
        matcherOf([{ path: "/a" }], [{ path: "/b" }, given]).usesHost,
        looks,
        JSON.stringify(given),
      );
    }
  });
});

describe("what a matcher tells", () => {
  test("whether any trigger looks at the body", () => {
    const Triggers = [{ path: "/a" }, { body: "x" }].map((each) => ({
      LogicalOperator: "And",
      TriggerParts: [part(each)],
    }));
    assert.equal(compileIntegrations({ Integrations: [{ Triggers }] }).usesBody, true);
    assert.equal(matcherOf([{ path: "/a" }], [{ path: "/b" }, { body: "x" }]).usesBody, true);
    assert.equal(matcherOf([{ path: "/a" }], [{ cookie: "x" }]).usesBody, false);
  });

  test("reports in the order of the integrations, whoever found them", () => {
    const damaged = { Triggers: [{ LogicalOperator: "And", TriggerParts: [null] }] };
    const shadowed = { Triggers: [{ LogicalOperator: "And", TriggerParts: [part({ path: "/a" })] }] };
    const { reports } = compileIntegrations({ Integrations: [shadowed, shadowed, damaged, shadowed] });
    const places = reports.map(({ integration }) => integration);
    assert.ok(places.length >= 3 && new Set(places).size >= 3, places.join());
    assert.deepEqual(places, places.toSorted((a, b) => a - b));
  });

  test("a match that is the same for each request is the same object, one of any part is not", () => {
    const matcher = matcherOf([{ path: "/a" }], ["any", { path: "/b" }, { cookie: "yes" }]);
    assert.equal(matcher.match(facts("/a")), matcher.match(facts("/a?b")));
    const byPath = matcher.match(facts("/b"));
    const byCookie = matcher.match(facts("/c", { cookie: () => "yes" }));
    assert.deepEqual(byPath, { integration: 1, name: "", trigger: 0, parts: [0] });
    assert.deepEqual(byCookie, { integration: 1, name: "", trigger: 0, parts: [1] });
  });

  test("which integration is assumed to match, with no part by which it does", () => {
    const matcher = matcherOf(["any", { body: "x" }, { cookie: "yes" }], [{ body: "y" }]);
    const ask = (assume: (integration: number) => boolean) => {
      const match = matcher.match(facts("/a"), undefined, assume);
      return typeof match === "object" ? [match.integration, match.parts] : match;
    };
    assert.deepEqual(ask(() => true), [0, []]);
    assert.deepEqual(ask((at) => at === 1), [1, [0]]);
    assert.equal(ask(() => false), undefined);
  });
});

test("requestFacts() compares the parsed URL of a request that a server left as it was written", () => {
  const { headers } = new Request(site);
  const written = { url: `${site}/x/../tickets`, headers } as Request;
  assert.equal(requestFacts(written).url, `${site}/tickets`);
  assert.equal(requestFacts(written, { url: `${site}/a` }).url, `${site}/a`);
  const none = { url: "/tickets", headers } as Request;
  assert.equal(requestFacts(none).url, "/tickets", "a URL that is none stays as it is");
});
