/**
 * What does it cost to find the integration of a request, and how does that grow with their number?
 *
 * Ours, `@queue-it/connector-javascript` 5.0.1 by its entry point, which takes the configuration as text, and its
 * evaluator alone on the parsed configuration. The floor is the making of the facts, with nothing matched. Ours is asked
 * for pages that it does not remember, unless the variant says so.
 *
 * @module
 */

import { compileIntegrations, requestFacts } from "../plugins/triggers.ts";
import { asyncTimeOf, budgetOf, cycle, type Question, timeOf, type Values } from "./_question.ts";
import { configuration, connectorHost, customerId, pageOf, requestOf, secret } from "./_queue-it.ts";

const sizes = [1, 10, 100, 1000, 10_000];
const entryPoint = "5.0.1, entry point";
const remembered = "ours, page remembered";
const evaluatorAlone = "5.0.1, evaluator";

/** The question, its variants and its targets. */
export const question: Question = {
  title: "Trigger matching",
  unit: "ns",
  variants: ["floor", "ours", remembered, evaluatorAlone, entryPoint],
  rounds: { full: 1, quick: 1 },
  targets: [
    {
      claim: "no match among 1,000 integrations: entry point of 5.0.1 ÷ ours",
      value: (median) => median(entryPoint, "none of 1000") / median("ours", "none of 1000"),
      atLeast: 500,
    },
    {
      claim: "no match among 1,000 integrations: evaluator of 5.0.1 ÷ ours",
      value: (median) => median(evaluatorAlone, "none of 1000") / median("ours", "none of 1000"),
      atLeast: 50,
    },
    {
      claim: "no match: 10,000 integrations ÷ 100 integrations, ours",
      value: (median) => median("ours", "none of 10000") / median("ours", "none of 100"),
      atMost: 2,
    },
  ],
  async measure(variant, isQuick): Promise<Values> {
    const values: Record<string, number> = {};
    for (const size of sizes) {
      const pages = { none: pageOf(size), first: pageOf(0), last: pageOf(size - 1) };
      for (const [where, url] of Object.entries(pages)) {
        // Of one integration the first is the last, and the floor looks at none.
        if ((size === 1 && where === "last") || (variant === "floor" && where !== "none")) continue;
        values[`${where} of ${size}`] = await measureOne(variant, size, url, where, budgetOf(isQuick));
      }
    }
    return values;
  },
};

async function measureOne(
  variant: string,
  size: number,
  url: string,
  where: string,
  budgetMs: number,
): Promise<number> {
  const request = requestOf(url, "", "");
  const parsed = configuration(size);
  if (variant === "floor") return await timeOf(() => requestFacts(request), budgetMs);
  if (variant === "ours" || variant === remembered) {
    const matcher = compileIntegrations(parsed);
    // Many more than are remembered.
    const count = variant === "ours" ? 4099 : 1;
    const next = cycle(Array.from({ length: count }, (_, at) => ({ url: `${url}&visit=${at}` })));
    const work = () => matcher.match(requestFacts(request, next()));
    check(work() !== undefined, where);
    return await timeOf(work, budgetMs);
  }
  const name = "@queue-it/connector-javascript";
  const host = connectorHost(url, {});
  if (variant === evaluatorAlone) {
    const { IntegrationEvaluator } = await import(
      `${name}/dist/IntegrationConfig/integrationConfigHelpers.js`
    );
    const evaluator = new IntegrationEvaluator();
    const work = () => evaluator.getMatchedIntegrationConfig(parsed, url, host);
    check(work() !== null, where);
    return await timeOf(work, budgetMs);
  }
  const { KnownUser } = await import(name);
  const text = JSON.stringify(parsed);
  return await asyncTimeOf(
    () => KnownUser.validateRequestByIntegrationConfig(url, "", text, customerId, secret, host, ""),
    budgetMs,
  );
}

function check(isMatched: boolean, where: string): void {
  if (isMatched === (where === "none")) throw new Error(`${where}: the wrong integrations match`);
}
