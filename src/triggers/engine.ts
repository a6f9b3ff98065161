import { buildIndex, type Index } from "./build-index.ts";
import {
  type Body,
  damaged,
  decisive,
  evaluate,
  needsBody,
  no,
  type Rule,
  type Trigger,
  yes,
} from "./condition.ts";
import type { RequestFacts } from "./facts.ts";
import type { TriggerMatch } from "./matcher.ts";
import { createPages, type Page } from "./page-memo.ts";
import { createScratch, pop, probe, reset, type Scratch } from "./probe.ts";

/** What counts as matched if a body cannot be known; as {@linkcode TriggerMatcher} is asked. */
export type Assume = ((integration: number) => boolean) | undefined;

/** What is found: a match, or that the body is needed to tell, or nothing. */
export type Found = TriggerMatch | "needs-body" | undefined;

/** Finds the first rule that holds for one form of a URL. */
export interface Engine {
  /** What is remembered of the page. */
  page(facts: RequestFacts): Page | undefined;
  /** Finds the first rule that holds; what is remembered of the page is not looked up again. */
  find(facts: RequestFacts, page: Page | undefined, body: Body, assume: Assume): Found;
}

/** Compiles rules. */
export function createEngine(rules: readonly Rule[]): Engine {
  const index = buildIndex(rules);
  const otherProbes = index.probes.filter((one) => !one.isOfUrl);
  const pages = createPages(index);
  const names = rules.map((rule) => rule.name);
  const matches = new Map<Trigger, TriggerMatch>();
  // One request borrows it and gives it back; one that comes in between makes another.
  let spare: Scratch | undefined;

  function borrow(): Scratch {
    const scratch = spare ?? createScratch(index.literals, index.candidates.length);
    spare = undefined;
    return scratch;
  }

  function page(facts: RequestFacts): Page | undefined {
    const scratch = borrow();
    const page = pages(facts, scratch);
    spare = scratch;
    return page;
  }

  function find(facts: RequestFacts, page: Page | undefined, body: Body, assume: Assume): Found {
    const scratch = borrow();
    const probes = page === undefined ? index.probes : otherProbes;
    const found = search(index, probes, page?.open ?? unknown, facts, body, assume, scratch);
    spare = scratch;
    if (typeof found === "number") return found === needsBody ? "needs-body" : undefined;
    const { rule, trigger } = found;
    // Of a trigger whose parts must all hold there is one match only, which is made once.
    const made = trigger.any ? undefined : matches.get(trigger);
    if (made !== undefined) return made;
    const match: TriggerMatch = Object.freeze({
      integration: rule,
      name: names[rule] ?? "",
      trigger: trigger.index,
      parts: Object.freeze(decisive(trigger, facts, body)),
    });
    if (!trigger.any) matches.set(trigger, match);
    return match;
  }

  return { page, find };
}

/** Of a page that is not remembered, what is found by its URL is looked up. */
const unknown: Page["open"] = [];

/** Evaluates what is always evaluated and what is found, in order; looks up no earlier than it could matter. */
function search(
  index: Index,
  probes: Index["probes"],
  page: Page["open"],
  facts: RequestFacts,
  body: Body,
  assume: Assume,
  scratch: Scratch,
) {
  const { candidates, always, postings } = index;
  reset(scratch);
  let skipped = -1;
  let nextAlways = 0;
  let nextProbe = 0;
  let nextOpen = 0;
  for (;;) {
    const certain = nextAlways < always.length ? always[nextAlways] as number : Infinity;
    const found = scratch.size > 0 ? scratch.heap[0] as number : Infinity;
    const open = page[nextOpen];
    const next = Math.min(certain, found, open === undefined ? Infinity : open.ordinal);
    const lookUp = probes[nextProbe];
    if (lookUp !== undefined && lookUp.first <= next) {
      probe(lookUp, facts, postings, scratch);
      nextProbe++;
      continue;
    }
    if (next === Infinity) return no;
    if (next === certain) nextAlways++;
    // What is found by the URL may be found by something else as well.
    else if (next === found) pop(scratch);
    const isOpen = next === open?.ordinal;
    if (isOpen) nextOpen++;
    // Every ordinal in the index is that of a candidate.
    const candidate = candidates[next] as Index["candidates"][number];
    if (candidate.rule === skipped) continue;
    const trigger = isOpen ? open.rest : candidate.trigger;
    const verdict = trigger === undefined ? yes : evaluate(trigger, facts, body);
    if (verdict === needsBody) {
      if (assume === undefined) return needsBody;
      if (assume(candidate.rule)) return candidate;
      continue;
    }
    if (verdict === damaged) skipped = candidate.rule;
    else if (verdict !== no) return candidate;
  }
}
