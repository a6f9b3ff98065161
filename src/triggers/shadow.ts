/** Finding rules that never get their turn, because earlier ones match whatever they match. */

import { type Automaton, buildAutomaton, step } from "./automaton.ts";
import type { Part, Rule, TextPart, Trigger } from "./condition.ts";
import type { Subject, Target } from "./target.ts";

/** For each rule the earlier ones that leave nothing to it, in ascending order; empty if it gets its turn. */
export function shadows(rules: readonly Rule[]): readonly (readonly number[])[] {
  const known = gather(rules);
  return rules.map(({ triggers }, rule) => {
    const by = new Set<number>();
    for (const trigger of triggers) {
      const covering = coverOf(trigger, rule, known);
      if (covering === undefined) return [];
      for (const earlier of covering) by.add(earlier);
    }
    return [...by].sort((a, b) => a - b);
  });
}

/** What two parts have in common if they are the same. */
export function partKey(part: TextPart): string {
  const { mode, operands, wildcard, negative, ignoreCase } = part;
  return JSON.stringify([
    targetKey(part, ignoreCase),
    mode,
    wildcard,
    negative,
    operands,
  ]);
}

/** What two parts have in common if they compare the same text. */
export function targetKey({ subject, name, normalized }: Target, upper: boolean): string {
  return `${subject}:${name}:${normalized}:${upper}`;
}

/** The first rule by each of what makes a rule match all by itself. */
interface Known {
  readonly triggers: Map<string, number>;
  readonly parts: Map<string, number>;
  /** By target, then by text. */
  readonly equals: Map<string, Map<string, number>>;
  readonly contains: Map<string, Finder>;
}

/** Finds the first rule of which a literal is in a text. */
interface Finder {
  readonly automaton: Automaton;
  /** For each state, the first rule among the literals that end there. */
  readonly rules: Int32Array;
}

function gather(rules: readonly Rule[]): Known {
  const contains = new Map<string, Map<string, number>>();
  const known: Known = { triggers: new Map(), parts: new Map(), equals: new Map(), contains: new Map() };
  for (const [rule, { triggers }] of rules.entries()) {
    for (const trigger of triggers) {
      // Whoever comes upon damage gives the rule up, so that the rest matches nothing for sure.
      if (trigger.parts.at(-1)?.kind === "damaged") break;
      keep(known.triggers, triggerKey(trigger), rule);
      for (const part of sufficient(trigger)) {
        keep(known.parts, partKey(part), rule);
        if (part.negative) continue;
        const lists = part.mode === "equals" ? known.equals : contains;
        const key = targetKey(part, part.ignoreCase);
        const list = lists.get(key) ?? new Map<string, number>();
        lists.set(key, list);
        for (const operand of part.operands) keep(list, operand, rule);
      }
    }
  }
  for (const [key, list] of contains) known.contains.set(key, finderOf(list));
  return known;
}

/** The parts each of which makes a trigger hold. */
function sufficient({ any, parts }: Trigger): TextPart[] {
  const open = parts.filter((part) => part.kind === "text");
  return any || (open.length === 1 && parts.every(isOpen)) ? open : [];
}

function isOpen(part: Part): boolean {
  return part.kind === "text" || (part.kind === "constant" && part.holds);
}

function triggerKey({ any, parts }: Trigger): string {
  const keys = parts.map((part) => part.kind === "text" ? partKey(part) : JSON.stringify(part));
  return JSON.stringify([any, [...new Set(keys)].sort()]);
}

/** The earlier rules that match whenever a trigger holds, or `undefined`. */
function coverOf(trigger: Trigger, rule: number, known: Known): readonly number[] | undefined {
  const same = known.triggers.get(triggerKey(trigger));
  if (same !== undefined && same < rule) return [same];
  const by: number[] = [];
  for (const part of trigger.parts) {
    const cover = part.kind === "text" ? coverOfPart(part, rule, known) : undefined;
    if (!trigger.any && cover !== undefined) return cover;
    if (trigger.any && cover === undefined && !(part.kind === "constant" && !part.holds)) return undefined;
    if (cover !== undefined) by.push(...cover);
  }
  return trigger.any ? by : undefined;
}

function coverOfPart(part: TextPart, rule: number, known: Known): readonly number[] | undefined {
  const same = known.parts.get(partKey(part));
  if (same !== undefined && same < rule) return [same];
  if (part.negative || part.wildcard) return undefined;
  const by: number[] = [];
  for (const operand of part.operands) {
    const earlier = firstToMatch(part, operand, known);
    if (!(earlier < rule)) return undefined;
    by.push(earlier);
  }
  return by;
}

/** The first rule that matches whenever the operand is there. */
function firstToMatch(part: TextPart, operand: string, known: Known): number {
  let first = Infinity;
  for (const upper of part.ignoreCase ? [true] : [false, true]) {
    const text = upper ? operand.toUpperCase() : operand;
    if (part.mode === "equals") {
      first = Math.min(first, known.equals.get(targetKey(part, upper))?.get(text) ?? Infinity);
    }
    for (const subject of within[part.subject] ?? [part.subject]) {
      const finder = known.contains.get(targetKey({ ...part, subject }, upper));
      if (finder !== undefined) first = Math.min(first, firstIn(finder, text));
    }
  }
  return first;
}

/** What is in the one is in the others as well. */
const within: Partial<Record<Subject, readonly Subject[]>> = {
  path: ["path", "url"],
  host: ["host", "url"],
  hostname: ["hostname", "host", "url"],
};

function finderOf(literals: ReadonlyMap<string, number>): Finder {
  const sorted = [...literals.keys()].sort();
  const automaton = buildAutomaton(sorted);
  const rules = new Int32Array(automaton.fail.length).fill(0x7fff_ffff);
  // A state's suffixes have lower numbers.
  for (let state = 1; state < rules.length; state++) {
    const literal = sorted[automaton.literal[state] ?? -1];
    const own = literal === undefined ? 0x7fff_ffff : literals.get(literal) ?? 0x7fff_ffff;
    rules[state] = Math.min(own, rules[automaton.fail[state] ?? 0] ?? 0x7fff_ffff);
  }
  return { automaton, rules };
}

function firstIn({ automaton, rules }: Finder, text: string): number {
  let state = 0;
  let first = 0x7fff_ffff;
  for (let at = 0; at < text.length; at++) {
    state = step(automaton, state, text.charCodeAt(at));
    first = Math.min(first, rules[state] ?? 0x7fff_ffff);
  }
  return first;
}

function keep(map: Map<string, number>, key: string, rule: number): void {
  if (!map.has(key)) map.set(key, rule);
}
