import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../../support/random-cases.ts";

import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { integration, request } from "./_arbitrary.ts";
import { naive, type NaiveAnswer } from "./_naive.ts";
import { runs, seed, simpleFacts, type SimpleRequest } from "./_requests.ts";

function indexed(
  list: readonly unknown[],
  seen: SimpleRequest,
  body: string | undefined,
  names: boolean,
): NaiveAnswer {
  const found = compileIntegrations({ Integrations: list }).match(simpleFacts(seen, names), body);
  if (found === undefined) return -1;
  return found === "needs-body" ? found : { integration: found.integration, trigger: found.trigger };
}

test("match() finds the trigger that an evaluation in order finds, with the body known or not", () => {
  const count = runs(20_000);
  const start = seed();
  const answers = { matched: 0, unmatched: 0, needing: 0 };
  fc.assert(
    fc.property(
      fc.array(integration(true), { maxLength: 12 }),
      request,
      fc.boolean(),
      fc.boolean(),
      (list, seen, known, names) => {
        const body = known ? seen.body : undefined;
        const wanted = naive(list, seen, body);
        assert.deepEqual(indexed(list, seen, body, names), wanted);
        if (wanted === "needs-body") answers.needing++;
        else if (wanted === -1) answers.unmatched++;
        else answers.matched++;
      },
    ),
    { numRuns: count, seed: start },
  );
  console.log(`${count} configurations with seed ${start}: ${JSON.stringify(answers)}`);
  assert.ok(Object.values(answers).every((each) => each > count / 50));
});

test("match() finds the trigger that an evaluation in order finds, among thousands of integrations", () => {
  const start = seed();
  let matched = 0;
  let tried = 0;
  const lists = fc.sample(fc.array(integration(true), { minLength: 40, maxLength: 60 }), {
    numRuns: 60,
    seed: start,
  });
  // Integrations that match nearly everything are put last, so that the others get their turn.
  const samples = fc.sample(request, { numRuns: 100, seed: start + 1 });
  const picky = lists.flat().filter((each) =>
    samples.slice(0, 20).every((seen) => typeof naive([each], seen, seen.body) !== "object")
  );
  assert.ok(picky.length > 1000);
  const matcher = compileIntegrations({ Integrations: picky });
  for (const seen of samples) {
    for (const body of [seen.body, undefined]) {
      const wanted = naive(picky, seen, body);
      const found = matcher.match(simpleFacts(seen), body);
      tried++;
      if (typeof wanted === "object") matched++;
      assert.deepEqual(
        typeof found === "object" ? { integration: found.integration, trigger: found.trigger } : found ?? -1,
        wanted,
      );
    }
  }
  console.log(`${picky.length} integrations with seed ${start}: ${tried} requests, ${matched} matches`);
  assert.ok(matched > 0);
});
