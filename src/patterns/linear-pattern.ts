/**
 * Regular expressions that come from outside, matched in time that grows with the text and no faster.
 *
 * The engines' own matchers go back and try again: for an innocent `.*a.*b` there are addresses of some kilobytes that
 * keep them busy for minutes. Here a pattern becomes an automaton (Thompson's construction), whose sets of states are
 * made when they are first met, so that each character is looked at once.
 */

import { lineEnds, parsePattern, type Pattern, type Range, word } from "./syntax.ts";

/** What tells whether a pattern occurs in a text. */
export interface LinearPattern {
  /** Whether the pattern occurs in the text: what `RegExp.prototype.test` says. */
  test(text: string): boolean;
}

/** One state of the automaton: it consumes a character of a set, goes on for free, or has found the pattern. */
type Node =
  | { readonly kind: "set"; readonly holds: Uint8Array; readonly next: number }
  | { readonly kind: "fork"; next: number; other: number }
  | { readonly kind: "at"; readonly place: "start" | "end" | "edge" | "inside"; readonly next: number }
  | { readonly kind: "found" };

/** A set of states before a character, and what stands before it. */
interface Stop {
  readonly nodes: readonly number[];
  readonly before: Before;
  /** What follows each class of characters: another stop, or that the pattern was found. */
  readonly next: (Stop | true | undefined)[];
}

type Before = "nothing" | "line end" | "word" | "other";

const maxNodes = 2000;
/** How many states the sets that are kept may have together. */
const maxKept = 50_000;

/**
 * Compiles a pattern.
 *
 * @param source The source of a regular expression; it must be one that `RegExp` takes.
 * @param flags Its flags: `i`, `m` and `s` are known, and those that make no difference here.
 * @returns The compiled pattern, or `undefined` for one that is no regular language (look-around, back references), is
 * written in a way that only old engines know, has the flag `u` or `v`, or is too large.
 */
export function linearPattern(source: string, flags: string = ""): LinearPattern | undefined {
  if (!/^[dgimsy]*$/.test(flags)) return undefined;
  const pattern = parsePattern(source, flags.includes("s"));
  if (pattern === undefined) return undefined;
  const byLine = flags.includes("m");
  const classes = classesOf(pattern, flags.includes("i"));
  const machine = machineOf(pattern, classes);
  if (machine === undefined) return undefined;
  const { nodes, start } = machine;
  const stops = new Map<string, Stop>();
  let kept = 0;
  const first = stopAt([start], "nothing");
  const end = classes.count;

  function stopAt(list: readonly number[], before: Before): Stop {
    const key = `${before}${list}`;
    let stop = stops.get(key);
    if (stop === undefined) {
      stop = { nodes: list, before, next: [] };
      stops.set(key, stop);
      kept += list.length + 1;
    }
    return stop;
  }

  /** Goes on by one character of a class, or to the end of the text. */
  function step(stop: Stop, kind: number): Stop | true {
    const isWord = kind !== end && classes.isWord(kind);
    const isEdge = (stop.before === "word") !== isWord;
    const reached = new Set<number>();
    const after = new Set<number>();
    const waiting = [...stop.nodes];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const node = nodes[at];
      if (node === undefined || reached.has(at)) continue;
      reached.add(at);
      if (node.kind === "found") return true;
      if (node.kind === "fork") waiting.push(node.next, node.other);
      else if (node.kind === "set") {
        if (kind !== end && node.holds[kind] === 1) after.add(node.next);
      } else if (holdsAt(node.place)) waiting.push(node.next);
    }

    function holdsAt(place: "start" | "end" | "edge" | "inside"): boolean {
      switch (place) {
        case "start":
          return stop.before === "nothing" || (byLine && stop.before === "line end");
        case "end":
          return kind === end || (byLine && classes.isLineEnd(kind));
        case "edge":
          return isEdge;
        case "inside":
          return !isEdge;
      }
    }

    // The pattern may begin behind every character.
    after.add(start);
    const before = isWord ? "word" : byLine && kind !== end && classes.isLineEnd(kind) ? "line end" : "other";
    return stopAt([...after].sort((a, b) => a - b), before);
  }

  return {
    test(text) {
      let stop = first;
      for (let at = 0; at <= text.length; at++) {
        const kind = at === text.length ? end : classes.at(text.charCodeAt(at));
        let next = stop.next[kind];
        if (next === undefined) {
          // Texts can be made to meet ever new sets of states; they are forgotten in time.
          if (kept > maxKept) {
            stops.clear();
            kept = 0;
            first.next.length = 0;
          }
          next = stop.next[kind] = step(stop, kind);
        }
        if (next === true) return true;
        stop = next;
      }
      return false;
    },
  };
}

/** The states of a pattern, and where it begins; `undefined` for too many of them. */
function machineOf(
  pattern: Pattern,
  classes: Classes,
): { readonly nodes: readonly Node[]; readonly start: number } | undefined {
  const nodes: Node[] = [];
  const start = compile(pattern, add({ kind: "found" }));
  return nodes.length > maxNodes ? undefined : { nodes, start };

  function add(node: Node): number {
    return nodes.push(node) - 1;
  }

  /** Puts a pattern in front of what follows it. What grows beyond all measure is not completed. */
  function compile(part: Pattern, next: number): number {
    if (nodes.length > maxNodes) return next;
    switch (part.kind) {
      case "set":
        return add({ kind: "set", holds: classes.of(part), next });
      case "at":
        return add({ kind: "at", place: part.place, next });
      case "sequence":
        return part.parts.reduceRight((after, each) => compile(each, after), next);
      case "choice":
        return part.parts.map((each) => compile(each, next)).reduceRight((other, each) =>
          add({ kind: "fork", next: each, other })
        );
      case "repeat": {
        let after = next;
        if (part.max === Infinity) {
          const fork: Node = { kind: "fork", next, other: next };
          after = add(fork);
          fork.other = compile(part.part, after);
        } else {
          for (let at = part.min; at < part.max && nodes.length <= maxNodes; at++) {
            after = add({ kind: "fork", next, other: compile(part.part, after) });
          }
        }
        for (let at = 0; at < part.min && nodes.length <= maxNodes; at++) after = compile(part.part, after);
        return after;
      }
    }
  }
}

/** Characters that no part of a pattern tells apart are one class. */
interface Classes {
  readonly count: number;
  /** The class of a code unit. */
  at(code: number): number;
  /** Which classes a set holds. */
  of(set: Extract<Pattern, { kind: "set" }>): Uint8Array;
  isWord(kind: number): boolean;
  isLineEnd(kind: number): boolean;
}

function classesOf(pattern: Pattern, ignoresCase: boolean): Classes {
  const spread = ignoresCase ? otherCases() : (ranges: readonly Range[]) => ranges;
  const cuts = new Set([0]);
  for (const [from, to] of [...word, ...lineEnds, ...setsIn(pattern).flatMap(spread)]) {
    cuts.add(from).add(to + 1);
  }
  const starts = [...cuts].filter((cut) => cut <= 0xffff).sort((a, b) => a - b);
  const ascii = Uint16Array.from({ length: 128 }, (_, code) => search(code));

  function search(code: number): number {
    let low = 0;
    for (let high = starts.length - 1; low < high;) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= code) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  const holds = (ranges: readonly Range[], isNegative: boolean = false) =>
    Uint8Array.from(
      starts,
      (cut) => ranges.some(([from, to]) => from <= cut && cut <= to) ? +!isNegative : +isNegative,
    );
  const isWord = holds(word);
  const isLineEnd = holds(lineEnds);
  return {
    count: starts.length,
    at: (code) => code < 128 ? ascii[code] ?? 0 : search(code),
    of: ({ ranges, isNegative }) => holds(spread(ranges), isNegative),
    isWord: (kind) => isWord[kind] === 1,
    isLineEnd: (kind) => isLineEnd[kind] === 1,
  };
}

function setsIn(pattern: Pattern): readonly (readonly Range[])[] {
  switch (pattern.kind) {
    case "set":
      return [pattern.ranges];
    case "at":
      return [];
    case "repeat":
      return setsIn(pattern.part);
    case "sequence":
    case "choice":
      return pattern.parts.flatMap(setsIn);
  }
}

/** Adds to ranges what differs by case only: ECMA-262, section 22.2.2.7.3, Canonicalize, without the flag `u`. */
function otherCases(): (ranges: readonly Range[]) => readonly Range[] {
  const forms = new Map<number, number[]>();
  for (let code = 0; code <= 0xffff; code++) {
    const upper = String.fromCharCode(code).toUpperCase();
    const form = upper.length !== 1 || (code >= 128 && upper.charCodeAt(0) < 128)
      ? code
      : upper.charCodeAt(0);
    const same = forms.get(form);
    if (same === undefined) forms.set(form, [code]);
    else same.push(code);
  }
  const withOthers = [...forms.values()].filter((codes) => codes.length > 1);
  return (ranges) => {
    const holds = (code: number) => ranges.some(([from, to]) => from <= code && code <= to);
    const more = withOthers.filter((codes) => codes.some(holds))
      .flatMap((codes) => codes.filter((code) => !holds(code)));
    return [...ranges, ...more.map((code): Range => [code, code])];
  };
}
