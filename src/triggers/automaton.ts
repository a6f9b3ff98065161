/**
 * A set of literals, compiled to find all of them in one pass over a text (Aho and Corasick, 1975).
 *
 * States are numbered breadth first, so that the children of a state are neighbours: the trie needs no more than the
 * number of each state's first child and the label of the edge that leads to each state. Eighteen bytes per state.
 */
export interface Automaton {
  /** The first child of each state; its last is the one before the first child of the next state. */
  readonly first: Int32Array;
  /** The code unit by which each state is reached from its parent. */
  readonly label: Uint16Array;
  /** The state to go on from when no child fits: that of the longest proper suffix. 0 is the root. */
  readonly fail: Int32Array;
  /** The state itself if a literal ends there, otherwise the nearest such one among its suffixes; 0 for none. */
  readonly hit: Int32Array;
  /** The number of the literal that ends at each state, or -1. */
  readonly literal: Int32Array;
  /** The root's children by ASCII character: most characters of a text begin nothing, and are told apart at once. */
  readonly root: Int32Array;
  /**
   * How far to go on from a place where no literal begins, by the last two of the characters that the shortest literal
   * would have there (Wu and Manber, 1994); 0 where one may begin.
   */
  readonly shift: Uint8Array;
  /** The length of the shortest literal, as far as it counts: up to 64. */
  readonly least: number;
}

/** Compiles literals, which are sorted by code units, distinct and not empty. Their places are their numbers. */
export function buildAutomaton(literals: readonly string[]): Automaton {
  let size = 1;
  for (const text of literals) size += text.length;
  const first = new Int32Array(size + 1);
  const label = new Uint16Array(size);
  const literal = new Int32Array(size).fill(-1);
  // The literals below each state: they are sorted, hence a range.
  const from = new Int32Array(size);
  const to = new Int32Array(size);
  to[0] = literals.length;
  let count = 1;
  for (let state = 0, depth = 0; state < count; depth++) {
    for (const end = count; state < end; state++) {
      first[state] = count;
      let at = from[state] as number;
      const last = to[state] as number;
      if (at < last && (literals[at] as string).length === depth) literal[state] = at++;
      while (at < last) {
        const code = (literals[at] as string).charCodeAt(depth);
        const child = count++;
        label[child] = code;
        from[child] = at++;
        while (at < last && (literals[at] as string).charCodeAt(depth) === code) at++;
        to[child] = at;
      }
    }
  }
  first[count] = count;
  const root = new Int32Array(128);
  for (let child = 1; child < (first[1] ?? 1); child++) root[label[child] as number] = child;
  return link({
    first: first.slice(0, count + 1),
    label: label.slice(0, count),
    fail: new Int32Array(count),
    hit: new Int32Array(count),
    literal: literal.slice(0, count),
    root,
    ...shifts(literals),
  });
}

/**
 * The next place from `at` on where a literal may begin, or the text's length. Most of a text is passed over in steps
 * of almost the shortest literal's length, and none of its characters is looked at more than twice.
 */
export function skip({ shift, least }: Automaton, text: string, at: number): number {
  for (let end = at + least - 1; end < text.length;) {
    const step = shift[pairOf(text.charCodeAt(end - 1), text.charCodeAt(end))] as number;
    if (step === 0) return end - least + 1;
    end += step;
  }
  return text.length;
}

/** The child that a code unit leads to, or 0. */
export function childOf(automaton: Automaton, state: number, code: number): number {
  const { first, label } = automaton;
  // Reads stay inside the arrays: a state is below their length, and `first` has one more.
  let low = first[state] as number;
  let high = first[state + 1] as number;
  while (high - low > 4) {
    const middle = (low + high) >> 1;
    if (label[middle] as number <= code) low = middle;
    else high = middle;
  }
  for (; low < high; low++) {
    if (label[low] === code) return low;
  }
  return 0;
}

/** The state after one more code unit of the text. */
export function step(automaton: Automaton, from: number, code: number): number {
  const { fail, root } = automaton;
  for (let state = from; state !== 0; state = fail[state] as number) {
    const child = childOf(automaton, state, code);
    if (child !== 0) return child;
  }
  return code < 128 ? root[code] as number : childOf(automaton, 0, code);
}

/** Tells whether any of the literals is in the text. */
export function findsAny(automaton: Automaton, text: string): boolean {
  let state = 0;
  for (let at = 0; at < text.length; at++) {
    if (state === 0 && (at = skip(automaton, text, at)) === text.length) return false;
    state = step(automaton, state, text.charCodeAt(at));
    if (automaton.hit[state] !== 0) return true;
  }
  return false;
}

/** How many pairs of characters are told apart; those of ASCII almost all. */
const pairs = 4096;

function pairOf(one: number, other: number): number {
  return ((one << 5) ^ other) & (pairs - 1);
}

function shifts(literals: readonly string[]): Pick<Automaton, "shift" | "least"> {
  const least = literals.reduce((length, text) => Math.min(length, text.length), 64);
  const shift = new Uint8Array(pairs);
  // A single character is no pair: every place may be the beginning.
  if (least === 1) return { shift, least };
  shift.fill(least - 1);
  for (const text of literals) {
    for (let at = 1; at < least; at++) {
      const pair = pairOf(text.charCodeAt(at - 1), text.charCodeAt(at));
      shift[pair] = Math.min(shift[pair] as number, least - 1 - at);
    }
  }
  return { shift, least };
}

/** Fills in where to go on and what ends where. A state's suffixes are shorter, so they were filled in before. */
function link(automaton: Automaton): Automaton {
  const { first, label, fail, hit, literal } = automaton;
  for (let state = 0; state < fail.length; state++) {
    const end = first[state + 1] as number;
    for (let child = first[state] as number; child < end; child++) {
      const suffix = state === 0 ? 0 : step(automaton, fail[state] as number, label[child] as number);
      fail[child] = suffix;
      hit[child] = literal[child] === -1 ? hit[suffix] as number : child;
    }
  }
  return automaton;
}
