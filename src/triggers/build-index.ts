/**
 * An index over triggers by what must be in a request for them to hold.
 *
 * Of a trigger whose parts must all hold, one part is indexed, the one that singles it out best; of a trigger of which
 * any part may hold, all of them. A trigger for which that is impossible (only negative parts, or the body) is always
 * evaluated.
 */

import { buildAutomaton } from "./automaton.ts";
import type { Part, Rule, TextPart, Trigger } from "./condition.ts";
import type { Target } from "./target.ts";
import type { Postings, Probe, TextIndex } from "./probe.ts";

/** A trigger in the order of evaluation. */
export interface Candidate {
  /** The place of its rule in the list. */
  readonly rule: number;
  readonly trigger: Trigger;
}

/** Everything that a matcher needs to find the first trigger that holds. */
export interface Index {
  readonly candidates: readonly Candidate[];
  /** The candidates that are always evaluated, in ascending order. */
  readonly always: Int32Array;
  /** The steps of looking up, by the first candidate that each can find. */
  readonly probes: readonly Probe[];
  readonly postings: Postings;
  readonly literals: number;
}

/** Builds the index. Triggers that never hold are left out. */
export function buildIndex(rules: readonly Rule[]): Index {
  const candidates: Candidate[] = [];
  for (const [rule, { triggers }] of rules.entries()) {
    for (const trigger of triggers) {
      if (mayMatter(trigger)) candidates.push({ rule, trigger });
    }
  }
  const wanted = countWanted(candidates);
  const always: number[] = [];
  const drafts = new Map<string, Draft>();
  for (const [ordinal, { trigger }] of candidates.entries()) {
    const parts = indexedParts(trigger, wanted);
    if (parts === undefined) always.push(ordinal);
    else for (const part of parts) file(draftOf(drafts, part, ordinal), part, ordinal);
  }
  const lists: (readonly number[])[] = [];
  const texts = [...drafts.values()].map((draft) => ({ first: draft.first, index: finish(draft, lists) }));
  return {
    candidates,
    always: Int32Array.from(always),
    probes: probesOf(texts),
    postings: postingsOf(lists),
    literals: lists.length,
  };
}

/** Tells whether a text, in upper case where case is ignored, is in every absolute URL. */
export function isEverywhere(text: string, upper: boolean): boolean {
  return upper
    ? "HTTP://".includes(text) && "HTTPS://".includes(text)
    : "http://".includes(text) && "https://".includes(text);
}

/** Ordinals by what they want of one target, in one case. */
interface Draft {
  readonly target: Target;
  readonly upper: boolean;
  readonly first: number;
  readonly equals: Map<string, number[]>;
  readonly contains: Map<string, number[]>;
  readonly present: number[];
}

/** A trigger that never holds can be left out, unless it reaches damage. */
function mayMatter({ any, parts }: Trigger): boolean {
  if (any) return parts.some((part) => part.kind !== "constant" || part.holds);
  return parts.every((part) => part.kind !== "constant" || part.holds);
}

/** How many triggers could be indexed by each literal. */
function countWanted(candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const wanted = new Map<string, number>();
  for (const { trigger } of candidates) {
    for (const part of trigger.parts) {
      if (!isIndexable(part)) continue;
      for (const key of keysOf(part)) wanted.set(key, (wanted.get(key) ?? 0) + 1);
    }
  }
  return wanted;
}

/** The parts by which a trigger is found; `undefined` if it must always be evaluated. */
function indexedParts({ any, parts }: Trigger, wanted: ReadonlyMap<string, number>): TextPart[] | undefined {
  if (parts.at(-1)?.kind === "damaged") return undefined;
  if (any) {
    const open = parts.filter((part) => part.kind !== "constant" || part.holds);
    const found = open.filter(isIndexable);
    return found.length === open.length ? found : undefined;
  }
  let best: TextPart | undefined;
  let lowest = Infinity;
  for (const part of parts) {
    if (!isIndexable(part)) continue;
    const cost = costOf(part, wanted);
    if (cost >= lowest) continue;
    lowest = cost;
    best = part;
  }
  return best && [best];
}

/** Only a text that is there can be looked up; that any text at all is there says something of cookies and headers. */
function isIndexable(part: Part): part is TextPart {
  if (part.kind !== "text" || part.negative || part.subject === "body") return false;
  return isNamed(part) ? !part.operands.includes("") : !part.wildcard;
}

/** How many evaluations in vain a part is expected to cause, in a measure of its own. */
function costOf(part: TextPart, wanted: ReadonlyMap<string, number>): number {
  let cost = 0;
  for (const [place, key] of keysOf(part).entries()) {
    // Behind the operands stands that there is any text at all.
    const operand = part.operands[place];
    const weight = operand === undefined
      ? 20
      : part.mode === "equals"
      ? 1
      : weightOf(operand, part.ignoreCase);
    cost += (wanted.get(key) ?? 1) * weight;
  }
  // All else being equal the URL is preferred: it is there anyway.
  return isNamed(part) || part.subject === "userAgent" ? cost + 2 : cost;
}

/** Short literals are found in many places. */
function weightOf(literal: string, upper: boolean): number {
  if (isEverywhere(literal, upper)) return 1000;
  return [50, 50, 10, 4, 3][literal.length] ?? 1.5;
}

/** What tells the literals of a part from those of others. */
function keysOf(part: TextPart): readonly string[] {
  const prefix = `${keyOf(part, part.ignoreCase)}${part.mode}:`;
  const keys = part.operands.map((operand) => prefix + operand);
  return part.wildcard ? [...keys, `${prefix}*`] : keys;
}

function keyOf(target: Target, upper: boolean): string {
  return `${target.subject}:${target.name}:${target.normalized}:${upper}:`;
}

function isNamed({ subject }: Target): boolean {
  return subject === "cookie" || subject === "header";
}

function draftOf(drafts: Map<string, Draft>, part: TextPart, ordinal: number): Draft {
  const key = keyOf(part, part.ignoreCase);
  let draft = drafts.get(key);
  if (draft === undefined) {
    const { subject, name, normalized, ignoreCase: upper } = part;
    const target: Target = { subject, name, normalized };
    draft = { target, upper, first: ordinal, equals: new Map(), contains: new Map(), present: [] };
    drafts.set(key, draft);
  }
  return draft;
}

function file(draft: Draft, part: TextPart, ordinal: number): void {
  if (part.wildcard) draft.present.push(ordinal);
  const lists = part.mode === "equals" ? draft.equals : draft.contains;
  for (const operand of part.operands) {
    const list = lists.get(operand);
    if (list === undefined) lists.set(operand, [ordinal]);
    else list.push(ordinal);
  }
}

/** Numbers the literals of a draft in the order in which their lists are added. */
function finish(
  { target, upper, equals, contains, present }: Draft,
  lists: (readonly number[])[],
): TextIndex {
  const numbers = new Map<string, number>();
  for (const [text, list] of equals) numbers.set(text, lists.push(list) - 1);
  const base = lists.length;
  const literals = [...contains.keys()].sort();
  for (const literal of literals) lists.push(contains.get(literal) ?? []);
  return {
    target,
    upper,
    equals: numbers.size === 0 ? undefined : numbers,
    lengths: [...numbers.keys()].reduce((bits, text) => bits | 1 << (text.length & 31), 0),
    contains: literals.length === 0 ? undefined : buildAutomaton(literals),
    base,
    present: present.length === 0 ? -1 : lists.push(present) - 1,
  };
}

function probesOf(texts: readonly { readonly first: number; readonly index: TextIndex }[]): readonly Probe[] {
  const probes: Probe[] = [];
  for (const { first, index } of texts) {
    if (isNamed(index.target)) continue;
    const isOfUrl = index.target.subject !== "userAgent";
    probes.push({ first, by: "text", names: new Map(), texts: [index], isOfUrl });
  }
  for (const by of ["cookie", "header"] as const) {
    const group = texts.filter(({ index }) => index.target.subject === by);
    if (group.length === 0) continue;
    const names = new Map<string, TextIndex[]>();
    for (const { index } of group) {
      names.set(index.target.name, [...names.get(index.target.name) ?? [], index]);
    }
    const first = group.reduce((lowest, text) => Math.min(lowest, text.first), Infinity);
    probes.push({ first, by, names, texts: group.map(({ index }) => index), isOfUrl: false });
  }
  return probes.sort((a, b) => a.first - b.first);
}

function postingsOf(lists: readonly (readonly number[])[]): Postings {
  const start = new Int32Array(lists.length + 1);
  for (const [place, list] of lists.entries()) start[place + 1] = (start[place] ?? 0) + list.length;
  const triggers = new Int32Array(start[lists.length] ?? 0);
  for (const [place, list] of lists.entries()) triggers.set(list, start[place]);
  return { start, triggers };
}
