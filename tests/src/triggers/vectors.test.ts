import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { splitUrl } from "../../../src/triggers/split-url.ts";
import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { normalizeUrl } from "../../../src/triggers/normalize-url.ts";
import { simpleFacts, type SimpleRequest } from "./_requests.ts";

interface Case {
  readonly id: string;
  readonly area: string;
  // The shape depends on the area; each check knows its own.
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
}

/** Recorded answers that a requirement of the specification replaces. */
const replaced: Readonly<Record<string, { readonly requirement: string; readonly expected: unknown }>> = {
  "trigger.compare/0210": { requirement: "5.4", expected: { result: true } },
  "trigger.compare/0213": { requirement: "5.4", expected: { result: false } },
  "trigger.match/0070": { requirement: "SE-25", expected: { matched: null, index: -1 } },
  "trigger.match/0073": { requirement: "SE-25", expected: { matched: null, index: -1 } },
  "trigger.match/0075": { requirement: "SE-25", expected: { matched: null, index: -1 } },
};

const bare: SimpleRequest = { url: "https://shop.test/", headers: {}, cookies: {}, body: "" };

const checks: Readonly<Record<string, (input: Case["input"]) => unknown>> = {
  "trigger.compare": ({ operator, isNegative, isIgnoreCase, value, valueToCompare, valuesToCompare }) => {
    const part = {
      ValidatorType: "UserAgentValidator",
      Operator: operator,
      IsNegative: isNegative,
      IsIgnoreCase: isIgnoreCase,
      ValueToCompare: valueToCompare,
      ValuesToCompare: valuesToCompare,
    };
    return {
      result: holds(part, { ...bare, headers: typeof value === "string" ? { "user-agent": value } : {} }),
    };
  },
  "trigger.urlParts": ({ url }) => {
    const { host, path } = splitUrl(String(url));
    return { hostName: host, pagePath: path };
  },
  "trigger.url": ({ triggerPart, url }) => ({
    result: holds(triggerPart, { ...bare, url: typeof url === "string" ? url : "" }),
  }),
  "trigger.match": ({ integrationConfig, request, url, providers }) => {
    const normalization = Boolean((providers as { normalization?: boolean } | undefined)?.normalization);
    let matcher;
    try {
      matcher = compileIntegrations(integrationConfig, { normalization });
    } catch {
      return { outcome: "throws" };
    }
    // The recorded requests have this shape; their URL is that of the second field.
    const given = request as SimpleRequest;
    const seen = { ...given, url: String(url), body: given.body ?? "" };
    const match = matcher.match(simpleFacts(seen), seen.body);
    assert.notEqual(match, "needs-body");
    if (typeof match !== "object") return { matched: null, index: -1 };
    return { matched: match.name, index: match.integration };
  },
  normalize: ({ url }) => ({ normalized: normalizeUrl(url as string) ?? null }),
};

function holds(part: unknown, request: SimpleRequest): boolean {
  const triggers = [{ LogicalOperator: "And", TriggerParts: [part] }];
  const matcher = compileIntegrations({ Integrations: [{ Name: "a", Triggers: triggers }] });
  return matcher.match(simpleFacts(request), request.body) !== undefined;
}

const { cases } = JSON.parse(
  readFileSync(new URL("../../vectors/queue-it.json", import.meta.url), "utf8"),
) as {
  cases: readonly Case[];
};

for (const [area, check] of Object.entries(checks)) {
  test(`compileIntegrations() gives the recorded answers of the area ${area}`, () => {
    const relevant = cases.filter((each) => each.area === area);
    let exceptions = 0;
    for (const { id, input, expected } of relevant) {
      const exception = replaced[id];
      if (exception !== undefined) exceptions++;
      const { errorKind: _kind, message: _message, ...wanted } = expected;
      assert.deepEqual(check(input), exception?.expected ?? wanted, id);
    }
    assert.ok(relevant.length > 0);
    console.log(`${area}: ${relevant.length} cases, ${exceptions} of them by a requirement of ours`);
  });
}

test("the list of replaced answers names recorded cases that differ", () => {
  for (const [id, { expected, requirement }] of Object.entries(replaced)) {
    const recorded = cases.find((each) => each.id === id);
    assert.ok(recorded, id);
    assert.notDeepEqual(recorded.expected, expected, `${id}, ${requirement}`);
  }
});
