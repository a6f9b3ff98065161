import { buildIndex, type Index } from "./_index.ts";
import { lint } from "./_lint.ts";
import { damaged, decisive, evaluate, needsBody, no, type Rule } from "./_part.ts";
import { createScratch, pop, probe, reset, type Scratch } from "./_probe.ts";
import type { Facts } from "./facts.ts";
import type { TriggerMatch, TriggerMatcher, TriggerReport } from "./matcher.ts";

/** Compiles rules that were read; `reports` are what reading them found. */
export function compileTriggers(
  rules: readonly Rule[],
  reports: readonly TriggerReport[] = [],
): TriggerMatcher {
  const index = buildIndex(rules);
  const names = rules.map((rule) => rule.name);
  // One request borrows it and gives it back; one that comes in between makes another.
  let spare: Scratch | undefined;

  function match(
    facts: Facts,
    body?: string,
    assume?: (integration: number) => boolean,
  ): TriggerMatch | "needs-body" | undefined {
    const scratch = spare ?? createScratch(index.literals, index.candidates.length);
    spare = undefined;
    const found = search(index, facts, body, assume, scratch);
    spare = scratch;
    if (typeof found === "number") return found === needsBody ? "needs-body" : undefined;
    const { rule, trigger } = found;
    return {
      integration: rule,
      name: names[rule] ?? "",
      trigger: trigger.index,
      parts: decisive(trigger, facts, body),
    };
  }

  return {
    reports: [...reports, ...lint(rules)].sort((a, b) => a.integration - b.integration),
    usesBody: index.candidates.some(({ trigger }) =>
      trigger.parts.some((part) => part.kind === "text" && part.subject === "body")
    ),
    match,
  };
}

/** Evaluates what is always evaluated and what is found, in order; looks up no earlier than it could matter. */
function search(
  index: Index,
  facts: Facts,
  body: string | undefined,
  assume: ((integration: number) => boolean) | undefined,
  scratch: Scratch,
) {
  const { candidates, always, probes, postings } = index;
  reset(scratch);
  let skipped = -1;
  let nextAlways = 0;
  let nextProbe = 0;
  for (;;) {
    const certain = nextAlways < always.length ? always[nextAlways] as number : Infinity;
    const found = scratch.size > 0 ? scratch.heap[0] as number : Infinity;
    const next = Math.min(certain, found);
    const lookUp = probes[nextProbe];
    if (lookUp !== undefined && lookUp.first <= next) {
      probe(lookUp, facts, postings, scratch);
      nextProbe++;
      continue;
    }
    if (next === Infinity) return no;
    if (next === certain) nextAlways++;
    else pop(scratch);
    // Every ordinal in the index is that of a candidate.
    const candidate = candidates[next] as Index["candidates"][number];
    if (candidate.rule === skipped) continue;
    const verdict = evaluate(candidate.trigger, facts, body);
    if (verdict === needsBody) {
      if (assume === undefined) return needsBody;
      if (assume(candidate.rule)) return candidate;
      continue;
    }
    if (verdict === damaged) skipped = candidate.rule;
    else if (verdict !== no) return candidate;
  }
}
