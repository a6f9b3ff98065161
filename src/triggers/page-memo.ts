/**
 * What the URL alone says of the triggers, remembered for the pages that are asked for again and again.
 *
 * It says only which triggers may hold, and which of their parts are settled: cookies, headers, the user agent and the
 * body are looked at for each request.
 */

import { createUrlMemo } from "../url/url-memo.ts";
import type { Index } from "./build-index.ts";
import { compare, isOfUrl, type Part, type Trigger } from "./condition.ts";
import { pop, probe, reset, type Scratch } from "./probe.ts";
import type { RequestFacts } from "./facts.ts";
import { normalizeUrl } from "./normalize-url.ts";

/** A trigger that the URL does not exclude. */
export interface Open {
  /** Its place among the candidates. */
  readonly ordinal: number;
  /** What remains to be asked; `undefined` if the URL alone makes it hold. */
  readonly rest: Trigger | undefined;
}

/** What is known of a page. */
export interface Page {
  /** The triggers that are found by the URL and may hold, in ascending order. */
  readonly open: readonly Open[];
}

/** Tells what is known of the page of a request. What it needs to find that out it borrows. */
export type Pages = (facts: RequestFacts, scratch: Scratch) => Page | undefined;

/** Pages of which many triggers may hold are looked up each time. */
const maxOpen = 16;

/** Makes the memo of an index. Visitors who ask for URLs that nobody else asks for make it forget, and nothing worse. */
export function createPages(index: Index): Pages {
  const urlIndex: Index = { ...index, probes: index.probes.filter((one) => one.isOfUrl) };
  const isNormalized = index.candidates.some(({ trigger }) =>
    trigger.parts.some((part) => part.kind === "text" && part.normalized)
  );
  const memo = createUrlMemo<Page>();

  return (facts, scratch) => {
    const { url, source: { normalize } } = facts;
    // How others normalise is not known to be the same each time.
    if (isNormalized && normalize !== undefined && normalize !== normalizeUrl) return undefined;
    const page = memo.get(url);
    if (page !== undefined || !memo.takes(url)) return page;
    const open = openOf(urlIndex, facts, scratch);
    if (open.length > maxOpen) return undefined;
    const made = { open };
    memo.keep(url, made);
    return made;
  };
}

function openOf(
  { candidates, probes, postings }: Index,
  facts: RequestFacts,
  scratch: Scratch,
): readonly Open[] {
  reset(scratch);
  for (const one of probes) probe(one, facts, postings, scratch);
  const page: Open[] = [];
  while (scratch.size > 0) {
    const ordinal = pop(scratch);
    // Every ordinal in the index is that of a candidate.
    const { trigger } = candidates[ordinal] as Index["candidates"][number];
    const rest = restOf(trigger, facts);
    if (rest !== "excluded") page.push({ ordinal, rest });
  }
  return page;
}

/** What remains of a trigger. One that is damaged, whose parts must be reached in their order, is found by no URL. */
function restOf(trigger: Trigger, facts: RequestFacts): Trigger | "excluded" | undefined {
  const { any, parts } = trigger;
  const rest: Part[] = [];
  for (const part of parts) {
    if (!isOfUrl(part)) rest.push(part);
    else if (compare(part, facts.text(part, part.ignoreCase)) === any) return any ? undefined : "excluded";
  }
  if (rest.length > 0) return { ...trigger, parts: rest };
  return any ? "excluded" : undefined;
}
