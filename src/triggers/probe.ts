/**
 * Looking up which triggers may hold for a request. Nothing is allocated while looking: the places for what is found
 * are made once for each matcher.
 */

import { type Automaton, skip, step } from "./automaton.ts";
import type { Target } from "./target.ts";
import type { RequestFacts } from "./facts.ts";

/** What is known about the texts of one target. Literals are numbered throughout the whole index. */
export interface TextIndex {
  readonly target: Target;
  readonly upper: boolean;
  /** The texts that are to be equal. */
  readonly equals: ReadonlyMap<string, number> | undefined;
  /** A bit for each of their lengths, modulo 32: most texts have another, and need not be hashed. */
  readonly lengths: number;
  /** The texts that are to be contained; their numbers start at `base`. */
  readonly contains: Automaton | undefined;
  readonly base: number;
  /** The number under which those stand that want any text but the empty one; -1 for nobody. */
  readonly present: number;
}

/** One step of looking up. `first` is the first trigger that it can find. */
export interface Probe {
  readonly first: number;
  /** Cookies and headers are looked up by their names, of which there may be many. */
  readonly by: "text" | "cookie" | "header";
  readonly names: ReadonlyMap<string, readonly TextIndex[]>;
  readonly texts: readonly TextIndex[];
  /** Whether it looks at nothing but the URL. */
  readonly isOfUrl: boolean;
}

/** Which triggers stand under each literal, in ascending order: those from `start[literal]` to the next start. */
export interface Postings {
  readonly start: Int32Array;
  readonly triggers: Int32Array;
}

/** The triggers found for one request, lowest first, each once. */
export interface Scratch {
  /** Tells marks of this request from those of earlier ones. */
  generation: number;
  readonly seenLiterals: Uint32Array;
  readonly seenTriggers: Uint32Array;
  /** A heap: each place is at most its children at `2 * place + 1` and `2 * place + 2`. */
  readonly heap: Int32Array;
  size: number;
}

/** Up to this many names are looked up one by one; beyond, the request's own names are gone through. */
const fewNames = 4;

export function createScratch(literals: number, triggers: number): Scratch {
  return {
    generation: 0,
    seenLiterals: new Uint32Array(literals),
    seenTriggers: new Uint32Array(triggers),
    heap: new Int32Array(triggers),
    size: 0,
  };
}

/** Forgets the previous request. */
export function reset(scratch: Scratch): void {
  scratch.size = 0;
  if (++scratch.generation < 0xffff_ffff) return;
  scratch.seenLiterals.fill(0);
  scratch.seenTriggers.fill(0);
  scratch.generation = 1;
}

/** Adds the triggers that a probe finds. */
export function probe(
  { by, texts, names }: Probe,
  facts: RequestFacts,
  postings: Postings,
  scratch: Scratch,
): void {
  const present = by === "text" || names.size <= fewNames
    ? undefined
    : by === "cookie"
    ? facts.source.cookieNames?.()
    : facts.source.headerNames?.();
  if (present === undefined) {
    for (const index of texts) lookUp(index, facts, postings, scratch);
    return;
  }
  for (const name of present) {
    for (const index of names.get(name) ?? none) lookUp(index, facts, postings, scratch);
  }
}

/** Takes the lowest trigger out; there must be one. */
export function pop(scratch: Scratch): number {
  const { heap } = scratch;
  const top = heap[0] as number;
  const size = --scratch.size;
  const last = heap[size] as number;
  let place = 0;
  for (let child = 1; child < size; child = 2 * place + 1) {
    if (child + 1 < size && heap[child + 1] as number < (heap[child] as number)) child++;
    if (last <= (heap[child] as number)) break;
    heap[place] = heap[child] as number;
    place = child;
  }
  heap[place] = last;
  return top;
}

const none: readonly TextIndex[] = [];

function lookUp(index: TextIndex, facts: RequestFacts, postings: Postings, scratch: Scratch): void {
  const text = facts.text(index.target, index.upper);
  if (index.present !== -1 && text !== "") add(index.present, postings, scratch);
  const equal = (index.lengths >> (text.length & 31) & 1) === 0 ? undefined : index.equals?.get(text);
  if (equal !== undefined) add(equal, postings, scratch);
  if (index.contains !== undefined) scan(index.contains, index.base, text, postings, scratch);
}

function scan(automaton: Automaton, base: number, text: string, postings: Postings, scratch: Scratch): void {
  const { hit, fail, literal } = automaton;
  let state = 0;
  for (let at = 0; at < text.length; at++) {
    if (state === 0 && (at = skip(automaton, text, at)) === text.length) return;
    state = step(automaton, state, text.charCodeAt(at));
    // Behind a literal that was seen before, its suffixes were seen too: the time stays linear.
    for (let end = hit[state] as number; end !== 0; end = hit[fail[end] as number] as number) {
      if (!add(base + (literal[end] as number), postings, scratch)) break;
    }
  }
}

/** Adds the triggers that stand under a literal; `false` if that was done before. */
function add(literal: number, postings: Postings, scratch: Scratch): boolean {
  const { generation, seenLiterals, seenTriggers } = scratch;
  if (seenLiterals[literal] === generation) return false;
  seenLiterals[literal] = generation;
  const end = postings.start[literal + 1] as number;
  for (let at = postings.start[literal] as number; at < end; at++) {
    const trigger = postings.triggers[at] as number;
    if (seenTriggers[trigger] === generation) continue;
    seenTriggers[trigger] = generation;
    push(scratch, trigger);
  }
  return true;
}

function push(scratch: Scratch, trigger: number): void {
  const { heap } = scratch;
  let place = scratch.size++;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (heap[parent] as number <= trigger) break;
    heap[place] = heap[parent] as number;
    place = parent;
  }
  heap[place] = trigger;
}
